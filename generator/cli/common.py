"""What commands share: finding the project, the clock, printing findings, leaving."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from generator.declaration.load import FOLDER, find_project
from generator.finding import Finding, Ink, Severity, render
from generator.names import NameProblem, host

if TYPE_CHECKING:
    from generator.project import Project
    from generator.values import Compiled

INVALID, GATE, DIFFERENT, OUTSIDE = 1, 3, 4, 5  # exit codes; 2 is click's for wrong usage

F = TypeVar("F", bound=Callable[..., Any])


def project_option(function: F) -> F:
    """Add ``--project DIR``."""
    return click.option(
        "--project",
        type=click.Path(file_okay=False, readable=False, path_type=Path),
        metavar="DIR",
        help=f"The project; else the nearest folder upwards that holds {FOLDER}/.",
    )(function)


def root(project: Path | None) -> Path:
    """The project's folder.  Leaves with exit code 1 if there is none."""
    if project is None:
        found = find_project(Path.cwd())
        if found is None:
            leave(
                INVALID, f"no folder {FOLDER}/ here or above; `mailzone init DIR` makes a project"
            )
        return found
    if not (project / FOLDER).is_dir():
        leave(INVALID, f"{project} holds no folder {FOLDER}/")
    return project


def root_if_any(project: Path | None) -> Path | None:
    """The project's folder for commands that do without; leaves if --project names none."""
    return find_project(Path.cwd()) if project is None else root(project)


def now() -> datetime:
    """The time, or SOURCE_DATE_EPOCH where a reproducible build sets it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isascii() and epoch.isdigit() and len(epoch) < 12:
        return datetime.fromtimestamp(int(epoch), UTC)
    return datetime.now(UTC)


def assembled(project: Path | None) -> Project:
    """The project, read and checked."""
    from generator.project import assemble

    # It stays to the end: the collector must not look through it again and again.
    gc.disable()
    found = assemble(root(project), now().date())
    gc.freeze()
    gc.enable()
    return found


def host_or_leave(domain: str) -> str:
    """The argument as a domain name (`names.host`); leaves if it is none."""
    try:
        return host(domain)
    except NameProblem as problem:
        leave(INVALID, str(problem))


def declared(project: Project, name: str, shown: str) -> Compiled:
    """The declared domain of that name; leaves, with the nearest one, if there is none.

    ``shown`` is the name as the user wrote it.
    """
    one = project.find(name)
    if one is None:
        from generator.schema import suggest

        near = suggest(name, [other.domain.name for other in project.compiled])
        leave(INVALID, f"{shown} is not declared in this project{'; ' + near if near else ''}")
    return one


def require_sound(
    project: Project, least: Severity = Severity.WARNING, undone: str = "nothing was written"
) -> None:
    """Print findings from a severity on; leave with exit code 1 if one is an error."""
    print_findings(project.at_least(least), least)
    errors = len(project.errors)
    if errors:
        leave(INVALID, f"{counted(errors, 'error')}; {undone}")


def print_findings(findings: Iterable[Finding], least: Severity) -> None:
    """Findings on standard error, in their order, an empty line after each."""
    for found in findings:
        if found.severity >= least:
            click.echo(render(found, _paint) + "\n", err=True)


_COLOURS = {Ink.ERROR: "red", Ink.WARNING: "yellow", Ink.ADVICE: "cyan", Ink.FRAME: "blue"}


def _paint(text: str, ink: Ink) -> str:
    # click drops the colours where standard error is no terminal; the group heeds NO_COLOR.
    return click.style(text, fg=_COLOURS[ink], bold=True)


def leave(code: int, message: str) -> NoReturn:
    """Say why on standard error and stop."""
    click.echo(f"mailzone: {message}", err=True)
    sys.exit(code)


def counted(number: int, what: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def table(rows: list[tuple[str, ...]], gap: int = 2) -> list[str]:
    """Rows with their columns aligned."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    joint = " " * gap
    return [
        joint.join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
