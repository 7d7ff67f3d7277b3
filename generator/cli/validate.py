"""``mailzone validate``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator.cli.common import INVALID, assembled, counted, now, print_findings, project_option
from generator.finding import Severity


@click.command()
@project_option
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
def command(project: Path | None, quiet: bool) -> None:
    """Check every declaration and its records; write nothing.

    Prints all errors, warnings and advice of all files.  Exit code 1 if there is an error.
    """
    found = assembled(project)
    if not found.errors and any(one.domain.zone.mode == "merge" for one in found.compiled):
        from generator.emit.handkept import check

        found.findings += check(found.compiled, found.root, now())
        found.findings.sort(key=lambda one: one.order)
    print_findings(found.findings, Severity.ERROR if quiet else Severity.ADVICE)
    if not quiet:
        by = {s: sum(f.severity is s for f in found.findings) for s in reversed(Severity)}
        counts = ", ".join(counted(number, s.label) for s, number in by.items() if number and s > 1)
        where = f"{counted(len(found.compiled), 'domain')} in {counted(found.files, 'file')}"
        click.echo(f"{where}: {counts or 'no errors, no warnings'}")
    if found.errors:
        sys.exit(INVALID)
