"""What a build or a push does to mail, in the sentences of ``mailzone diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.common import now

if TYPE_CHECKING:
    from generator.diff.published import Delta
    from generator.emit.build import Build
    from generator.octodns.model import Change
    from generator.project import Project


def tell_build(project: Project, build: Build) -> None:
    """What the files that are there would become; nothing of a first build, where all is new."""
    there = any(change.old is not None for change in (*build.planned, *build.merged))
    if not there or not build.changed:
        return
    from generator.diff.published import of_build

    _tell(project, of_build(project, build), "")


def tell_push(project: Project, changes: tuple[Change, ...]) -> None:
    """What the values of a step do, indented below them."""
    from generator.diff.published import of_push

    _tell(project, of_push(changes), "  ")


def _tell(project: Project, delta: Delta, indent: str) -> None:
    from generator.cli.diff import paint
    from generator.diff.published import difference
    from generator.diff.states import state_of
    from generator.diff.text import sentences

    diff = difference(state_of(project, "declared"), delta, now().date())
    for line in sentences(diff, paint):
        click.echo(indent + line)
