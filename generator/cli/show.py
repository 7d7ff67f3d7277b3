"""``mailzone show``."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.common import (
    assembled,
    declared,
    host_or_leave,
    project_option,
    require_sound,
)
from generator.finding import Severity
from generator.values import Compiled, Reason


@click.command()
@click.argument("domain")
@project_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "bind", "json"]),
    default="table",
    show_default=True,
    help="A table for people, zone-file lines, or JSON.",
)
@click.option("--spf-tree", is_flag=True, help="What each SPF term costs in look-ups.")
@click.option("--alignment", is_flag=True, help="Whose mail aligns with which From domain.")
def command(domain: str, project: Path | None, form: str, spf_tree: bool, alignment: bool) -> None:
    """Show the records of DOMAIN, each with the reasons for it.

    With --alignment, tell of every service whether its SPF and DKIM align with the From domain, by
    RFC 9989's walk through the DMARC records and by the public suffix list.
    """
    if (form == "bind" and (spf_tree or alignment)) or (form == "json" and spf_tree):
        raise click.UsageError(f"--format {form} does not apply to this view")
    if spf_tree and alignment:
        raise click.UsageError("--spf-tree and --alignment are two views")
    name = host_or_leave(domain)
    found = assembled(project)
    require_sound(found, Severity.ERROR, "nothing is shown")
    one = declared(found, name, domain)
    if spf_tree:
        from generator.cli.spftree import print_tree

        print_tree(one, found)
    elif alignment:
        from generator.cli.alignment import alignment_data, print_alignment

        if form == "json":
            from generator.emit import json

            click.echo(json.text(alignment_data(one, found)).encode("utf-8"), nl=False)
        else:
            print_alignment(one, found)
    elif form == "json":
        from generator.emit import json

        click.echo(json.text(json.domain(one)).encode("utf-8"), nl=False)
    elif form == "bind":
        from generator.emit.bind import line

        for value in one.values:
            click.echo(line(value))
    else:
        _table(one)


def _table(one: Compiled) -> None:
    domain = one.domain
    shown = domain.name if domain.display == domain.name else f"{domain.display} ({domain.name})"
    click.echo(
        f"{click.style(shown, bold=True)} at stage {domain.stage.name}: {domain.stage.meaning}"
    )
    for value in one.values:
        click.echo(
            f"\n{click.style(value.name, bold=True)} {value.ttl} {value.type}\n  {value.text}"
        )
        for reason in value.because:
            click.echo(click.style(f"    {_because(reason)}", dim=True))


def _because(reason: Reason) -> str:
    if reason.where is None:
        return reason.what
    place = reason.where.place()
    return f"{reason.what} ({place.path}:{place.line})"
