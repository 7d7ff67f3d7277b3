"""``mailzone validate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.common import INVALID, assembled, counted, now, print_findings, project_option
from generator.cli.findings import format_option, print_as
from generator.finding import Severity

if TYPE_CHECKING:
    from generator.project import Project


@click.command()
@project_option
@format_option
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
@click.option("--waivers", is_flag=True, help="List all waivers, and whether each still serves.")
def command(project: Path | None, form: str, quiet: bool, waivers: bool) -> None:
    """Check every declaration and its records; write nothing.

    Prints all errors, warnings and advice of all files.  Exit code 1 if there is an error.
    """
    if waivers and form not in ("text", "json"):
        raise click.UsageError(f"--waivers is printed as text or json, not as {form}")
    found = assembled(project)
    if not found.errors and any(one.domain.zone.mode == "merge" for one in found.compiled):
        from generator.emit.handkept import check

        found.found += check(found.compiled, found.root, now())
    least = Severity.ERROR if quiet else Severity.ADVICE
    if waivers:
        _list_waivers(found, form)
        if found.errors:
            number = counted(len(found.errors), "error")
            click.echo(f"mailzone: {number}; the list may be incomplete", err=True)
    elif form != "text":
        print_as(form, found.findings, found.root, least)
    else:
        print_findings(found.findings, least)
        if not quiet:
            by = {s: sum(f.severity is s for f in found.found) for s in reversed(Severity)}
            counts = ", ".join(counted(n, s.label) for s, n in by.items() if n and s > 1)
            where = f"{counted(len(found.compiled), 'domain')} in {counted(found.files, 'file')}"
            click.echo(f"{where}: {counts or 'no errors, no warnings'}")
    if found.errors:
        sys.exit(INVALID)


def _list_waivers(found: Project, form: str) -> None:
    from generator.report.waivers import as_json, as_text, listed

    waivers = listed((one.domain for one in found.compiled), found.findings)
    text = as_json(waivers) if form == "json" else as_text(waivers)
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
