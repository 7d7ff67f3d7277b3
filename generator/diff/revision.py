"""A project as it was at a git revision, for as long as it takes to read it.

Its files are written to a private folder below the system's temporary one: ``zones/`` and
``providers.d/`` only, of bounded size, links as links that lead nowhere, so that the one reader of
declarations finds and refuses in a revision what it refuses in the working tree.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.declaration.load import FOLDER
from generator.diff.git import Entry, GitError, Repository

OWN = "providers.d"
MAX_FILES = 200_000
MAX_BLOB = 1 << 24  # octets of one file; a lock may be as large, a declaration not by far
MAX_TOTAL = 1 << 30  # octets of all files

_LINK, _SUBMODULE = "120000", "160000"


def folders(repository: Repository, commit: str) -> tuple[bytes, bytes]:
    """The paths of ``zones`` and ``providers.d`` in a commit.

    In a bare repository the project may lie anywhere, if there is only one.  Raises GitError.
    """
    prefix = repository.prefix
    if repository.bare:
        listed = repository.run("ls-tree", "-r", "-d", "-z", "--name-only", "--full-tree", commit)
        name = FOLDER.encode()
        found = [path for path in listed.split(b"\0") if path.split(b"/")[-1] == name]
        tops = sorted({path.removesuffix(name) for path in found}, key=len)
        if len(tops) > 1 and tops[0] != b"":
            shown = ", ".join(os.fsdecode(top) for top in tops[:3])
            raise GitError(f"several projects in {commit[:12]}: {shown}")
        prefix = tops[0] if tops else b""
    return prefix + FOLDER.encode(), prefix + OWN.encode()


def listing(repository: Repository, commit: str) -> tuple[bytes, list[Entry]]:
    """The way to the project in a commit, and its files.  Raises GitError if it holds none."""
    zones, own = folders(repository, commit)
    entries = repository.files(commit, zones, own)
    top = zones.removesuffix(FOLDER.encode())
    if not any(entry.path.startswith(zones + b"/") for entry in entries):
        if any(entry.path == zones for entry in entries):
            raise GitError(f"{os.fsdecode(zones)} is no folder in {commit[:12]}")
        raise GitError(f"{commit[:12]} holds no folder {os.fsdecode(zones)}/")
    if len(entries) > MAX_FILES:
        raise GitError(
            f"{commit[:12]} holds {len(entries):,} files; at most {MAX_FILES:,} are read"
        )
    for entry in entries:
        _check(entry)
    return top, entries


def _check(entry: Entry) -> None:
    """Refuse what must not be written anywhere.  Raises GitError."""
    shown = os.fsdecode(entry.path)
    if entry.mode == _SUBMODULE:
        raise GitError(f"{shown} is a submodule: declarations are files of the repository itself")
    if any(part in (b"", b".", b"..") for part in entry.path.split(b"/")):
        raise GitError(f"{shown} is no path that git makes; it leads out of the project")


@contextmanager
def written(repository: Repository, top: bytes, entries: Iterable[Entry]) -> Iterator[Path]:
    """A folder with these files, removed at the end.  ``top`` is cut off their paths.

    Raises GitError for objects that are missing or too large together.
    """
    with tempfile.TemporaryDirectory(prefix="mailzone-") as name:
        try:
            _write(repository, Path(name), top, entries)
        except OSError as error:  # a full disk; a tree with one name twice
            raise GitError(
                f"files of a revision: {error.strerror or error}", outside=True
            ) from None
        yield Path(name)


def _write(repository: Repository, folder: Path, top: bytes, entries: Iterable[Entry]) -> None:
    (folder / FOLDER).mkdir()
    paths: dict[str, list[Path]] = {}
    for entry in entries:
        path = folder / os.fsdecode(entry.path.removeprefix(top))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if entry.mode == _LINK:
            path.symlink_to("nowhere")  # found and told of, never followed
        else:
            paths.setdefault(entry.id, []).append(path)
    total = 0
    for id, size, content in repository.blobs(paths, MAX_BLOB + 1):
        for path in paths[id]:
            total += len(content)
            if total > MAX_TOTAL:
                raise GitError(f"more than {MAX_TOTAL >> 20} MiB of declarations")
            with path.open("xb") as stream:
                stream.write(content)
                stream.truncate(size)  # sparse: the reader goes by the size
