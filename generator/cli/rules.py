"""``mailzone rules``."""

from __future__ import annotations

import sys

import click

from generator.cli.common import INVALID
from generator.rules import RULES


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or JSON with the examples.",
)
def command(ids: tuple[str, ...], form: str) -> None:
    """List everything that can be found wrong, or explain the rules named.

    An explanation says why the rule matters and which standard it comes from, shows a bad and a
    good example, and how the rule is waived, where that is possible.
    """
    from generator.report.rules import as_json, as_list, as_page

    unknown = [id for id in ids if id not in RULES]
    for id in unknown:
        click.echo(f"mailzone: no rule `{_shown(id)}`; {_near(id)}", err=True)
    if unknown:
        sys.exit(INVALID)
    if form == "json":
        chosen = [RULES[id] for id in ids] or list(RULES.values())
        click.echo(as_json(chosen).encode("utf-8"), nl=False)
    elif ids:
        click.echo("\n".join(as_page(RULES[id]) for id in ids), nl=False)
    else:
        click.echo(as_list(), nl=False)


def _shown(id: str) -> str:
    from generator.finding import mask

    return mask(id)[:60]


def _near(id: str) -> str:
    from generator.schema import suggest

    return suggest(id, RULES) or "`mailzone rules` lists them"
