"""A build as a plan: which files would change, before any of them does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from generator.emit.bind import HEADER, files, render
from generator.emit.parent import Parent, bumped
from generator.emit.write import Change, apply, changes
from generator.finding import Finding, Place, finding
from generator.values import Compiled


@dataclass(frozen=True, slots=True)
class Build:
    """``planned`` are the files that mailzone owns, ``parents`` hand-kept zones to be bumped."""

    folder: Path
    planned: tuple[Change, ...]
    parents: tuple[Parent, ...] = ()

    @property
    def _all(self) -> list[Change]:
        return [*self.planned, *(parent.change for parent in self.parents)]

    @property
    def changed(self) -> list[Change]:
        return [change for change in self._all if change.differs]

    @property
    def unchanged(self) -> int:
        return len(self.planned) - sum(change.differs for change in self.planned)

    @property
    def needs_serial(self) -> bool:
        """A fragment changes, and no parent zone's serial rises with it."""
        bumped = {name for parent in self.parents for name in parent.includes}
        return any(
            c.differs and c.path.suffix == ".inc" and c.path.name not in bumped
            for c in self.planned
        )

    def write(self) -> None:
        """Write all changes together.  Raises WriteError."""
        apply(self._all)


def plan(
    compiled: Sequence[Compiled], folder: Path, parents: Sequence[Path], now: datetime
) -> Build:
    """What building into ``folder`` changes.  Raises WriteError, and ZoneFileError for a parent."""
    planned = changes(
        ((folder / file.name, partial(render, file, now=now)) for file in files(compiled)), HEADER
    )
    raised = [bumped(parent, planned, now) for parent in parents]
    return Build(folder, tuple(planned), tuple(raised))


def orphans(build: Build) -> list[Finding]:
    """Files in the folder that mailzone wrote and that no declaration makes any more."""
    expected = {change.path.name for change in build.planned}
    found = []
    for path in sorted(build.folder.glob("*")) if build.folder.is_dir() else ():
        if path.suffix not in (".inc", ".zone") or path.name in expected or not path.is_file():
            continue
        with path.open("rb") as stream:
            if stream.read(len(HEADER)) != HEADER.encode():
                continue
        message = f"{path.name} has no declaration any more; its records are still published"
        help = "declare the domain with `release: true`, publish that, then remove the file"
        found.append(finding("orphan", message, Place(str(path)), help))
    return found
