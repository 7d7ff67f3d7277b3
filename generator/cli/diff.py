"""``mailzone diff``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.common import (
    DIFFERENT,
    GATE,
    INVALID,
    OUTSIDE,
    counted,
    leave,
    now,
    print_findings,
    project_option,
    root,
)
from generator.declaration.load import FOLDER, find_project

if TYPE_CHECKING:
    from generator.diff.model import Diff, Risk, State

FORMATS = ("text", "markdown", "json", "sarif", "github")
_COLOURS = {0: None, 1: None, 2: "yellow", 3: "red"}


@click.command()
@click.argument("states", nargs=-1, metavar="[OLD [NEW]]")
@click.option("-v", "--verbose", is_flag=True, help="Every record that differs, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="For people, a pull request's comment, or programs.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["caution", "danger"]),
    help="Exit with 3 if a risk of that weight, or more, is not set aside.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 4 if anything differs.")
@project_option
def command(
    states: tuple[str, ...],
    verbose: bool,
    form: str,
    fail_on: str | None,
    exit_code: bool,
    project: Path | None,
) -> None:
    """Show what a change does to mail: from OLD to NEW.

    Each is a git revision or a folder: a project, or zone files. Without them, HEAD is compared
    with the working tree; with OLD alone, it is. `main...` is what HEAD did since it left main.
    """
    from generator.diff.model import Risk

    if len(states) > 2:
        raise click.UsageError("two states can be compared, not more")
    top = _root(project, states)
    diff = compared(states, top)
    _print(diff, form, verbose, top)
    if fail_on and diff.risk >= Risk[fail_on.upper()]:
        leave(GATE, f"a risk of weight {fail_on} or more is not set aside")
    if exit_code and diff.domains:
        sys.exit(DIFFERENT)


def compared(states: tuple[str, ...], top: Path) -> Diff:
    """The diff of two named states; leaves where one of them cannot be had or is not sound."""
    from dataclasses import replace

    from generator.diff.compare import compare
    from generator.diff.git import repository
    from generator.diff.history import History
    from generator.diff.pair import declared_since
    from generator.diff.states import StateError, matched, read_states, sources

    today = now().date()
    try:
        old, new = sources(states, top)
        before, after, unread = read_states(old, new, top, today)
    except StateError as error:
        leave(OUTSIDE if error.outside else INVALID, str(error))
    notes = _checked(before, after)
    if not before.sides and not after.sides and not unread:
        leave(INVALID, "; ".join(notes) or "neither state declares a domain")
    serving = declared_since
    if old.commit:
        serving = History(repository(top), old.commit, today).since
    diff = compare(*matched(before, after), today, serving, unread)
    return replace(diff, notes=tuple(notes))


def _root(project: Path | None, states: tuple[str, ...]) -> Path:
    """The project's folder; a bare repository will do, and so does any place for two folders."""
    if project is not None and not (project / FOLDER).is_dir() and _is_bare(project):
        return project
    if project is None and find_project(Path.cwd()) is None:
        folders = len(states) == 2 and all(Path(state).is_dir() for state in states)
        if folders or _is_bare(Path.cwd()):
            return Path.cwd()
    return root(project)


def _is_bare(folder: Path) -> bool:
    from generator.diff.git import GitError, repository

    try:
        return folder.is_dir() and repository(folder).bare
    except GitError:
        return False


def _checked(before: State, after: State) -> list[str]:
    """Notes about states that could not be read in full; leaves if the new one is not sound."""
    notes = []
    if after.findings and after.declared:
        print_findings(after.findings, min(found.severity for found in after.findings))
        errors = counted(len(after.findings), "error")
        leave(INVALID, f"{errors} in {after.label}; nothing is compared")
    for state in (before, after):
        if state.findings:
            errors = counted(len(state.findings), "error")
            notes.append(f"{state.label}: {errors}, so its records may not be all there")
            if not state.declared:
                print_findings(state.findings, min(found.severity for found in state.findings))
    return notes


def _print(diff: Diff, form: str, verbose: bool, root: Path) -> None:
    if form in ("sarif", "github"):
        from generator.cli.findings import print_as
        from generator.diff.findings import findings

        print_as(form, findings(diff), root)
        return
    if form == "markdown":
        from generator.diff.markdown import render as markdown

        text = markdown(diff)
    elif form == "json":
        from generator.diff.json import render as json

        text = json(diff)
    else:
        from generator.diff.text import render

        click.echo(render(diff, verbose, paint), nl=False)
        return
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)


def paint(text: str, risk: Risk) -> str:
    return click.style(text, fg=_COLOURS[risk], bold=True)
