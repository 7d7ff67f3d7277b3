"""Two states of one repository, of which only what differs is read.

Files are the same if they have one object id at one path; a domain's records follow from its file,
the defaults above it, ``providers.d`` and the lock.  What crosses files is joined anew: files that
name a changed domain, or a host that its reports go to, are read as well, in both states, so that
what they lack of the rest they lack alike.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from generator.declaration.load import FOLDER
from generator.diff.git import GitError, Repository
from generator.diff.model import State
from generator.diff.revision import OWN, folders, listing, written
from generator.project import assemble
from generator.suffixes import organizational_domain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.diff.states import Source

MAX_SHARE = 0.5  # of the files; beyond, reading everything is as fast
MAX_NAMES = 300  # that other files are searched for

Opener = Callable[[set[bytes] | None], AbstractContextManager[Path]]


class Half(NamedTuple):
    """One of the two states: its files (from the top of the repository, by what they hold), and
    how to have some of them, or all for None, in a folder."""

    label: str
    files: dict[bytes, str]
    open: Opener


def read_pair(
    git: Repository, old: Source, new: Source, root: Path, today: date
) -> tuple[State, State, int]:
    """Both states, and how many declarations were left out since they are the same in both.

    ``new`` is a commit, or the working tree at ``root``.  Raises GitError.
    """
    old_top, before = _commit(git, old)
    if new.commit:
        new_top, after = _commit(git, new)
        differing = {path for path, _ in before.files.items() ^ after.files.items()}
    else:
        new_top, after, differing = _tree(git, old, root, before)
    wanted: set[bytes] | None = None
    if old_top == new_top and _local(differing, new_top):
        wanted = differing
    if wanted is None or len(wanted) > MAX_SHARE * len(after.files):
        return _read(before, None, today), _read(after, None, today), 0
    wanted = wanted | {path for path in before.files if _is_shared(path, old_top)}
    first, second = _read(before, wanted, today), _read(after, wanted, today)
    related = _related(git, old.commit, old_top, (first, second))
    if related is None:
        return _read(before, None, today), _read(after, None, today), 0
    if not related <= wanted:
        wanted |= related
        first, second = _read(before, wanted, today), _read(after, wanted, today)
    unread = sum(_is_declaration(path) for path in after.files.keys() - wanted)
    return first, second, unread


def _commit(git: Repository, source: Source) -> tuple[bytes, Half]:
    top, entries = listing(git, source.commit)

    def open(paths: set[bytes] | None) -> AbstractContextManager[Path]:
        return written(git, top, [e for e in entries if paths is None or e.path in paths])

    return top, Half(source.shown, {e.path: f"{e.mode} {e.id}" for e in entries}, open)


def _tree(git: Repository, old: Source, root: Path, before: Half) -> tuple[bytes, Half, set[bytes]]:
    """The working tree, and the files in which it may differ from the commit."""
    zones, own = folders(git, old.commit)
    top = git.prefix
    differing = set(git.unlike(old.commit, zones, own))
    files = {path: id for path, id in before.files.items() if path not in differing}
    files |= {path: "" for path in differing if os.path.lexists(_at(root, path, top))}

    @contextmanager
    def open(paths: set[bytes] | None) -> Iterator[Path]:
        if paths is None:
            yield root
            return
        with tempfile.TemporaryDirectory(prefix="mailzone-") as name:
            for path in paths:
                _copy(_at(root, path, top), _at(Path(name), path, top))
            (Path(name) / FOLDER).mkdir(exist_ok=True)
            yield Path(name)

    return top, Half("the working tree", files, open), differing


def _at(root: Path, path: bytes, top: bytes) -> Path:
    return root / os.fsdecode(path.removeprefix(top))


def _copy(file: Path, copy: Path) -> None:
    """A file of the tree where a reader may have it; what is no plain file stays what it is."""
    if not os.path.lexists(file) or (file.is_dir() and not file.is_symlink()):
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    if file.is_symlink():
        copy.symlink_to("nowhere")
    elif file.is_file():
        shutil.copyfile(file, copy)
    else:
        os.mkfifo(copy)  # the reader refuses it by its kind


def _read(half: Half, paths: set[bytes] | None, today: date) -> State:
    from generator.diff.states import state_of

    try:
        with half.open(paths) as folder:
            return state_of(assemble(folder, today), half.label)
    except OSError as error:
        raise GitError(f"{half.label}: {error.strerror or error}", outside=True) from None


def _local(differing: set[bytes], top: bytes) -> bool:
    """True if each file bears on its own domains only: no defaults, no catalogue, no lock."""
    return not any(_is_shared(path, top) for path in differing)


def _is_shared(path: bytes, top: bytes) -> bool:
    return path.startswith(top + OWN.encode() + b"/") or path.rpartition(b"/")[2].startswith(b"_")


def _is_declaration(path: bytes) -> bool:
    return path.endswith(b".yaml") and not path.rpartition(b"/")[2].startswith(b"_")


def _related(
    git: Repository, commit: str, top: bytes, states: tuple[State, State]
) -> set[bytes] | None:
    """Files of the commit that name what the changed ones bear on; None if that is too much to ask.

    Names of other scripts can be written in several ways, so for them everything is read.
    """
    names: set[str] = set()
    for state in states:
        for side in state.sides.values():
            hosts = [address.host for address in side.domain.reports] if side.domain else []
            names |= {organizational_domain(name) for name in (side.name, *hosts)}
    if len(names) > MAX_NAMES or any("xn--" in name for name in names):
        return None
    return git.naming(commit, sorted(names), top + FOLDER.encode())
