"""What ``advance``, ``retreat`` and ``stages DOMAIN`` share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli import common
from generator.cli.common import GATE, INVALID, OUTSIDE, host_or_leave, leave
from generator.declaration.model import Domain
from generator.ladder import Stage
from generator.project import Project, assemble

if TYPE_CHECKING:
    from generator.diff.pair import Serving
    from generator.rollout.gates import Missing, Move

# The stage to go to; leaves where there is none.
Chooser = Callable[[Domain], Stage]


def declared(project: Project, names: tuple[str, ...]) -> list[Domain]:
    """The domains of these names, each once; leaves if one is not declared."""
    found: dict[str, Domain] = {}
    for text in names:
        name = host_or_leave(text)
        found[name] = common.declared(project, name, text).domain
    return list(found.values())


def serving(project: Project, today: date) -> Serving:
    """Since when domains have been at their stages: by the declaration, else by git if it is there."""
    from generator.diff.git import GitError, repository
    from generator.diff.history import History
    from generator.diff.pair import declared_since

    try:
        git = repository(project.root)
        return History(git, git.commit("HEAD"), today).since
    except GitError:
        return declared_since


def together(project: Project, domains: list[Domain], all_too: bool) -> list[Domain]:
    """The domains, and with ``--all`` those that have their stage from the same place."""
    from generator.rollout.step import StepError, sharing

    chosen = {domain.name: domain for domain in domains}
    others: dict[str, Domain] = {}
    every = [one.domain for one in project.compiled]
    try:
        for domain in domains:
            others |= {o.name: o for o in sharing(domain, every) if o.name not in chosen}
    except StepError as error:
        leave(INVALID, str(error))
    if others and not all_too:
        listed = "\n".join(f"  {other.display}" for other in others.values())
        place = domains[0].stage_where.place()
        leave(
            GATE,
            f"{place.path}:{place.line} gives these their stage too:\n{listed}\n"
            "move them all with --all, or give the domain a stage of its own",
        )
    return [*chosen.values(), *others.values()]


def take(
    project: Project,
    domains: list[Domain],
    target: dict[str, Stage],
    today: date,
    because: str,
    dry: bool,
) -> None:
    """Write the step into the declarations, and print what it does; leaves if it cannot be written."""
    from generator.cli.diff import paint
    from generator.diff.compare import compare
    from generator.diff.states import state_of
    from generator.diff.text import render
    from generator.rollout.step import StepError, preview, texts

    try:
        files = texts(domains, target, today, because)
    except StepError as error:
        leave(INVALID, str(error))
    with tempfile.TemporaryDirectory(prefix="mailzone-") as name:
        preview(project.root, files, Path(name))
        after = assemble(Path(name), today)
        _verify(project, after, target, today)
        new = state_of(after, "after")
    if not dry:
        _write(project.root, files)
    for path in files:
        click.echo(f"{'would change' if dry else 'changed'} {path}")
    click.echo()
    old = state_of(project, "before")
    diff = compare(old, new, today, serving(project, today))
    click.echo(render(diff, paint=paint), nl=False)


def _verify(project: Project, after: Project, target: dict[str, Stage], today: date) -> None:
    """Leave unless exactly the wanted domains are where they should be."""
    now = {one.domain.name: one.domain for one in after.compiled}
    for one in project.compiled:
        old = one.domain
        new = now.get(old.name)
        wanted = target.get(old.name)
        undone = (
            wanted is not None
            and new is not None
            and (new.stage.name != wanted.name or (new.since != today and not old.parent))
        )
        if new is None or undone:
            leave(INVALID, f"something else decides the stage of {old.display}; change it by hand")
        follows = old.parent and any(old.name.endswith(f".{name}") for name in target)
        if wanted is None and not follows and new.stage.name != old.stage.name:
            leave(INVALID, f"{old.display} would move too; change it by hand")


def _write(root: Path, files: dict[str, str]) -> None:
    from generator.emit.write import Change, WriteError, apply, current

    try:
        changes = []
        for path, text in files.items():
            old = current(root / path)
            mark = "\ufeff" if old is not None and old.startswith("\ufeff") else ""
            changes.append(Change(root / path, old, mark + text))
        apply(changes)
    except WriteError as error:
        leave(OUTSIDE, f"{error}; nothing was written")


def planned(
    project: Project, domains: list[Domain], target: dict[str, Stage], today: date
) -> list[Move]:
    """Each domain's step, with what is known of it."""
    from generator.rollout.gates import move

    since = serving(project, today)
    costs = project.catalogue.term_costs()
    return [move(d, target[d.name], since(d), today, costs) for d in domains]


def lines(lacking: list[Missing]) -> list[str]:
    """What a step lacks, a line each."""
    return [f"  {one.text}{f' [{one.rule}]' if one.rule else ''}" for one in lacking]


def reason(text: str | None) -> str:
    """The reason as it will be written; leaves if it cannot be."""
    given = " ".join((text or "").split(" ")).strip()
    if text is not None and not given:
        leave(INVALID, "--because needs words")
    if not given.isprintable() or len(given) > 1000:
        leave(INVALID, "the reason is one line of at most 1000 printable characters")
    return given
