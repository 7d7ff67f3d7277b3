"""Since when a domain has been at its stage, where the declaration itself does not say.

Git knows: the first-parent history of the branch is what was published, one merge after another.  A
commit's date is the day on which it was made, the merge's own where a branch was merged.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import NamedTuple

from generator.declaration.load import DEFAULTS
from generator.declaration.model import Domain
from generator.diff.git import GitError, Repository
from generator.diff.pair import Served, declared_since
from generator.diff.revision import listing, written
from generator.project import assemble

MAX_COMMITS = 200  # of one file; beyond, the stage has lasted long enough
MAX_MOVES = 20  # of a domain from file to file

_HOW = "by the history of git"


class _Commit(NamedTuple):
    id: str
    day: date


class History:
    """The past of the domains of one commit.  ``today`` is only needed to read declarations."""

    def __init__(self, git: Repository, commit: str, today: date) -> None:
        self._git = git
        self._commit = commit
        self._today = today
        self._stages: dict[tuple[str, tuple[bytes, ...] | None], Mapping[str, tuple[str, str]]] = {}
        self._logs: dict[tuple[str, str], list[_Commit]] = {}

    def since(self, domain: Domain) -> Served:
        """Since when the domain has been at its stage: by its declaration, else by git."""
        said = declared_since(domain)
        if said.since is not None:
            return said
        try:
            return self._since(domain.name, domain.stage.name, domain.file)
        except GitError:
            return Served(None)

    def _since(self, name: str, stage: str, file: str) -> Served:
        start, oldest = self._commit, None
        for _ in range(MAX_MOVES):
            log = self._log(start, file)
            for commit in log:
                if self._stage(commit.id, file, name) != stage:
                    return Served(oldest, how=_HOW)  # None: the history does not fit the state
                oldest = commit.day
            if not log:
                return Served(oldest, at_least=oldest is not None, how=_HOW)
            if len(log) >= MAX_COMMITS:
                return Served(oldest, at_least=True, how=_HOW)
            parent = self._parent(log[-1].id)
            if parent is None:  # the first commit, or where a shallow history is cut off
                return Served(oldest, at_least=self._git.shallow, how=_HOW)
            there = self._everywhere(parent).get(name)
            if there is None or there[0] != stage:
                return Served(oldest, how=_HOW)
            start, file = parent, there[1]  # it came from another file
        return Served(oldest, at_least=True, how=_HOW)

    def _log(self, commit: str, file: str) -> list[_Commit]:
        """The commits that changed what the file says, the newest first."""
        known = self._logs.get((commit, file))
        if known is None:
            listed = self._git.run(
                "log", "--first-parent", "--no-patch", "--no-renames",
                f"--max-count={MAX_COMMITS}", "--format=%H %ct", commit, "--", *self._paths(file),
            )  # fmt: skip
            known = self._logs[(commit, file)] = [
                _Commit(id, datetime.fromtimestamp(int(seconds), UTC).date())
                for id, _, seconds in (
                    line.partition(" ") for line in listed.decode("ascii").splitlines()
                )
            ]
        return known

    def _paths(self, file: str) -> tuple[bytes, ...]:
        """The file and the defaults that hold for it, from the top of the repository."""
        folders = file.split("/")[:-1]
        defaults = ["/".join((*folders[: n + 1], DEFAULTS)) for n in range(len(folders))]
        return tuple(self._top + os.fsencode(path) for path in (*defaults, file))

    @cached_property
    def _top(self) -> bytes:
        """The way to the project from the top of the repository."""
        return listing(self._git, self._commit)[0]

    def _stage(self, commit: str, file: str, name: str) -> str | None:
        return self._read(commit, self._paths(file)).get(name, ("", ""))[0] or None

    def _everywhere(self, commit: str) -> Mapping[str, tuple[str, str]]:
        try:
            return self._read(commit, None)
        except GitError:
            return {}  # no project there yet

    def _read(self, commit: str, paths: tuple[bytes, ...] | None) -> Mapping[str, tuple[str, str]]:
        """Each domain's stage and file in a commit, as its declarations or some files say."""
        key = (commit, paths)
        if key not in self._stages:
            if paths is None:
                top, entries = listing(self._git, commit)
            else:
                top = self._top
                entries = self._git.files(commit, *paths)
            with written(self._git, top, entries) as folder:
                compiled = assemble(folder, self._today).compiled
            self._stages[key] = {
                one.domain.name: (one.domain.stage.name, one.domain.file) for one in compiled
            }
        return self._stages[key]

    def _parent(self, commit: str) -> str | None:
        listed = self._git.run("rev-list", "--first-parent", "--max-count=2", commit)
        ids = listed.decode("ascii").split()
        return ids[1] if len(ids) > 1 else None
