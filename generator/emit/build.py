"""A build as a plan: which files would change, before any of them does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from generator.emit.bind import HEADER, ZoneFile, clashes, files, render
from generator.emit.policies import abandoned, domain_of, left_over, policies
from generator.emit.write import Change, WriteError, apply, changes
from generator.finding import Finding, Place, finding
from generator.values import Compiled

if TYPE_CHECKING:
    from generator.emit.handkept import HandKept
    from generator.emit.parent import Parent


@dataclass(frozen=True, slots=True)
class Build:
    """``planned`` are the files that mailzone owns, ``parents`` hand-kept zones to be bumped.

    ``merged`` are hand-kept zones with our values in them; ``names`` of all that the declarations
    make; ``policies`` are MTA-STS policy files.  With ``findings`` nothing may be written;
    ``notes`` are warnings.
    """

    folder: Path
    planned: tuple[Change, ...]
    parents: tuple[Parent, ...] = ()
    merged: tuple[Change, ...] = ()
    names: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    policies: tuple[Change, ...] = ()
    notes: tuple[Finding, ...] = ()

    @property
    def _all(self) -> list[Change]:
        bumped = (parent.change for parent in self.parents)
        return [*self.planned, *self.merged, *self.policies, *bumped]

    @property
    def changed(self) -> list[Change]:
        return [change for change in self._all if change.differs]

    @property
    def unchanged(self) -> int:
        made = (*self.planned, *self.merged, *self.policies)
        return len(made) - sum(change.differs for change in made)

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
        assert not self.findings, "nothing is written while anything is wrong"
        apply(self._all)


class _Rendering:
    """`render` of a file, given what is there now.  There are as many as files: hence the slots."""

    __slots__ = ("_file", "_now")

    def __init__(self, file: ZoneFile, now: datetime) -> None:
        self._file = file
        self._now = now

    def __call__(self, old: str | None) -> str:
        return render(self._file, old, self._now)


def plan(
    compiled: Sequence[Compiled],
    folder: Path,
    parents: Sequence[Path],
    now: datetime,
    root: Path | None = None,
) -> Build:
    """What building into ``folder`` changes; zone files to merge into are read below ``root``.

    Raises WriteError.
    """
    made = files(compiled)
    found = list(clashes(made))
    own = [file for file in made if not file.source]
    planned = changes(((folder / file.name, _Rendering(file, now)) for file in own), HEADER)
    done = _merged([file for file in made if file.source], folder, now, root or Path())
    found += [one for kept in done for one in kept.findings]
    found += abandoned(compiled, folder)
    raised = _bumped(parents, planned, now)
    into = tuple(kept.change for kept in done if kept.change is not None)
    _require_apart(into, raised)
    names = frozenset(file.name for file in made)
    served = tuple(policies(compiled, folder))
    notes = tuple(note for kept in done for note in kept.notes)
    return Build(folder, tuple(planned), tuple(raised), into, names, tuple(found), served, notes)


def _merged(made: Sequence[ZoneFile], folder: Path, now: datetime, root: Path) -> list[HandKept]:
    if not made:
        return []
    from generator.emit.handkept import merged  # as much code as all the rest of a build

    return [merged(file, root, folder, now) for file in made]


def _bumped(paths: Sequence[Path], planned: Sequence[Change], now: datetime) -> list[Parent]:
    if not paths:
        return []
    from generator.emit.parent import bumped

    return [bumped(path, planned, now) for path in paths]


def _require_apart(into: Sequence[Change], parents: Sequence[Parent]) -> None:
    """Raises WriteError if one file is to be changed twice."""
    targets = {change.path.resolve() for change in into}
    for parent in parents:
        if parent.change.path.resolve() in targets:
            message = f"{parent.change.path} is merged into, which raises its serial; drop --bump"
            raise WriteError(message, foreign=True)


def orphans(build: Build) -> list[Finding]:
    """Files in the folder that mailzone wrote and that no declaration makes any more."""
    found = []
    for path in sorted(build.folder.glob("*")) if build.folder.is_dir() else ():
        if path.name in build.names or not path.is_file() or path.is_symlink():
            continue
        if not _written_by_us(path):
            continue
        message = f"{path.name} has no declaration any more; its records are still published"
        help = "declare the domain with `release: true`, publish that, then remove the file"
        found.append(finding("orphan", message, Place(str(path)), help))
    served = {domain_of(change.path) for change in build.policies}
    return [*found, *left_over(served, build.folder)]


def _written_by_us(path: Path) -> bool:
    from generator.emit.block import BEGIN

    try:
        with path.open("rb") as stream:
            if stream.read(len(HEADER)) == HEADER.encode():
                return path.suffix in (".inc", ".zone")
            stream.seek(0)
            return any(line.startswith(BEGIN) for line in stream)
    except OSError:
        return False
