"""States by the names that people give them: a revision, the working tree, a folder.

Reads files and runs git.  Where two states share most of their files, only what differs is read,
and what depends on it across files (`generator.diff.shared`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from generator.catalogue import load as load_catalogue
from generator.declaration.load import FOLDER
from generator.diff.git import GitError, repository
from generator.diff.model import Side, State
from generator.diff.revision import listing, written
from generator.diff.zonefolder import read_zones, regrouped
from generator.project import LOCK_FILE, Project, assemble

if TYPE_CHECKING:
    from generator.lock.model import Lock

TREE = "the working tree"


class StateError(Exception):
    """A state cannot be had; ``outside`` if something outside mailzone fails."""

    def __init__(self, message: str, outside: bool = False) -> None:
        super().__init__(message)
        self.outside = outside


@dataclass(frozen=True, slots=True)
class Source:
    """Where a state comes from: a commit, or a folder (the working tree is one).

    ``shown`` is the name for people.  ``zones``: the folder holds zone files, no project.
    """

    shown: str
    commit: str = ""
    folder: Path | None = None
    zones: bool = False


def sources(arguments: tuple[str, ...], root: Path) -> tuple[Source, Source]:
    """The two states that the arguments of ``mailzone diff`` name.

    None: HEAD and the working tree.  One: it and the working tree.  ``A...B`` compares B with the
    commit where it left A, ``A..B`` is A and B; without B, HEAD is meant.  Raises StateError.
    """
    try:
        return _sources(arguments, root)
    except GitError as error:
        raise StateError(str(error), error.outside) from None


def _sources(arguments: tuple[str, ...], root: Path) -> tuple[Source, Source]:
    if len(arguments) == 1 and ".." in arguments[0] and not _is_folder(arguments[0]):
        old, dots, new = arguments[0].partition("...")
        if not dots:
            old, _, new = arguments[0].partition("..")
        git = repository(root)
        old, new = old or "HEAD", new or "HEAD"
        first = git.merge_base(old, new) if dots else git.commit(old)
        shown = f"where {new} left {old}" if dots else old
        return _revision(shown, first), _revision(new, git.commit(new))
    old_source = _source(arguments[0], root) if arguments else None
    new_source = _source(arguments[1], root) if len(arguments) > 1 else None
    if old_source is None:
        git = repository(root)
        if git.bare:
            raise StateError("a bare repository has no working tree; name two revisions")
        old_source = _revision("HEAD", git.commit("HEAD"))
    return old_source, new_source or Source(TREE, folder=root)


def _source(text: str, root: Path) -> Source:
    folder = Path(text)
    if not _is_folder(text):
        return _revision(text, repository(root).commit(text))
    if os.sep not in text and text not in (".", ".."):
        try:
            repository(root).commit(text)
        except GitError:
            pass
        else:
            message = f"`{text}` is a folder and a revision; write ./{text} or refs/heads/{text}"
            raise StateError(message)
    if (folder / FOLDER).is_dir():
        return Source(TREE if folder.resolve() == root.resolve() else text, folder=folder)
    return Source(text, folder=folder, zones=True)


def _is_folder(text: str) -> bool:
    try:
        return bool(text) and Path(text).is_dir()
    except (OSError, ValueError):  # too long for a path; NUL
        return False


def _revision(shown: str, commit: str) -> Source:
    return Source(f"{shown} ({commit[:10]})", commit)


def read_states(old: Source, new: Source, root: Path, today: date) -> tuple[State, State, int]:
    """Both states, and how many files that are the same in both were not read.

    Raises StateError.
    """
    try:
        if old.commit and (new.commit or (new.folder == root and not new.zones)):
            from generator.diff.shared import read_pair

            return read_pair(repository(root), old, new, root, today)
        return _read(old, root, today), _read(new, root, today), 0
    except GitError as error:
        raise StateError(str(error), error.outside) from None


def matched(old: State, new: State) -> tuple[State, State]:
    """The states with their records grouped alike, where one of them is of zone files."""
    names = [name for state in (old, new) for name in state.sides]
    if not old.declared:
        old = regrouped(old, names)
    if not new.declared:
        new = regrouped(new, names)
    return old, new


def _read(source: Source, root: Path, today: date) -> State:
    if source.folder is not None:
        if source.zones:
            return read_zones(source.folder, load_catalogue(root).term_costs())
        return state_of(assemble(source.folder, today), source.shown)
    git = repository(root)
    top, entries = listing(git, source.commit)
    with written(git, top, entries) as folder:
        return state_of(assemble(folder, today), source.shown)


def state_of(project: Project, label: str) -> State:
    """The state that an assembled project is; of a domain declared twice the first counts."""
    sides: dict[str, Side] = {}
    for one in project.compiled:
        domain = one.domain
        side = Side(domain.name, domain.display, tuple(one.values), domain, one.mta_sts)
        sides.setdefault(domain.name, side)
    costs = project.catalogue.term_costs()
    lock = _lock(project.root)
    if lock is not None:
        costs = costs | lock.term_costs()
    return State(label, sides, True, tuple(project.errors), costs, lock)


def _lock(root: Path) -> Lock | None:
    """What the project's lock pins; None without one, and for one with a fault, told elsewhere."""
    if not os.path.lexists(root / LOCK_FILE):
        return None
    from generator.lock import load

    return load(root).lock
