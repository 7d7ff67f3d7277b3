"""A repository read through git's plumbing: no checkout, no hooks, no network, no writing.

What a repository holds may be hostile.  Revisions never reach git where an option could stand,
paths come from its own listing with NUL between them, and objects are read by id.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from generator.finding import visible

SECONDS = 300  # before git is given up on

# Everything that could run a program of the repository's choosing, wait for a human, write to the
# repository, or fetch what a partial clone lacks.
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
_OPTIONS = ("-c", "core.fsmonitor=false", "-c", "protocol.allow=never")
# These would point git at another repository than the project's.
_FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE")

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_REVISION = 500  # characters


class GitError(Exception):
    """Git cannot answer.  ``outside`` is True where it, or the repository, fails; False where the
    question is wrong, such as an unknown revision."""

    def __init__(self, message: str, outside: bool = False) -> None:
        super().__init__(visible(message))
        self.outside = outside


class Entry(NamedTuple):
    """A file of a tree; ``path`` is from the top of the repository, in octets."""

    mode: str  # 100644, 100755, 120000 (a link), 160000 (a submodule)
    id: str
    path: bytes


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that holds a folder.

    ``folder`` is its top, or the bare repository itself: git takes paths from there.  ``prefix``
    leads from the top to the folder that was asked for, as ``dns/``; a bare one has none.
    """

    folder: Path
    prefix: bytes
    bare: bool

    def run(self, *arguments: str | bytes, input: IO[bytes] | None = None) -> bytes:
        """What git prints.  Raises GitError with git's own first words."""
        done = _git(self.folder, arguments, input)
        if done.returncode:
            raise GitError(f"git {_text(arguments[0])}: {_said(done.stderr)}", outside=True)
        return done.stdout

    def commit(self, revision: str) -> str:
        """The id of the commit that the revision names.  Raises GitError if there is none."""
        _check(revision)
        done = _git(
            self.folder,
            ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"),
        )
        found = done.stdout.decode("ascii", "replace").strip()
        if done.returncode or not _ID.fullmatch(found):
            raise GitError(f"`{revision}` names no commit of this repository{self._more()}")
        return found

    def merge_base(self, one: str, other: str) -> str:
        """The commit where two revisions parted.  Raises GitError if none is known."""
        ids = (self.commit(one), self.commit(other))
        done = _git(self.folder, ("merge-base", *ids))
        found = done.stdout.decode("ascii", "replace").strip()
        if done.returncode or not _ID.fullmatch(found):
            raise GitError(f"`{one}` and `{other}` have no common past here{self._more()}")
        return found

    def _more(self) -> str:
        if self.shallow:
            return "; its history is cut off (shallow): `git fetch --unshallow` brings the rest"
        return ""

    @property
    def shallow(self) -> bool:
        done = _git(self.folder, ("rev-parse", "--is-shallow-repository"))
        return done.stdout.strip() == b"true"

    def files(self, commit: str, *folders: bytes) -> list[Entry]:
        """All files below folders (from the top of the repository) in a commit."""
        listed = self.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *folders)
        entries = []
        for line in listed.split(b"\0"):
            head, tab, path = line.partition(b"\t")
            if tab:
                mode, _, id = head.decode("ascii").split(" ")
                entries.append(Entry(mode, id, path))
        return entries

    def blobs(self, ids: Iterable[str], most: int) -> Iterator[tuple[str, int, bytes]]:
        """Each object's id, size in octets, and content, of which no more than ``most`` octets.

        Raises GitError for an object that is not there.
        """
        with tempfile.TemporaryFile() as wanted:  # a pipe could block both ends
            wanted.write("".join(f"{id}\n" for id in ids).encode("ascii"))
            wanted.seek(0)
            process = subprocess.Popen(  # noqa: S603  git, with options of ours
                _command(self.folder, ("cat-file", "--batch")),
                stdin=wanted,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
            assert process.stdout is not None  # it is a pipe
            try:
                while head := process.stdout.readline():
                    yield _blob(head, process.stdout, most)
            finally:
                process.stdout.close()
                process.kill()
                process.wait()

    def naming(self, commit: str, words: list[str], folder: bytes) -> set[bytes]:
        """The files below a folder of a commit that hold one of the words, in any case of letters."""
        if not words:
            return set()
        arguments: tuple[str | bytes, ...] = (
            "grep", "-l", "-z", "-i", "-F", "--no-color", "--full-name", "--no-textconv",
            *(f"-e{word}" for word in words), commit, "--", folder,
        )  # fmt: skip
        done = _git(self.folder, arguments)
        if done.returncode > 1:  # 1: no file does
            raise GitError(f"git grep: {_said(done.stderr)}", outside=True)
        start = f"{commit}:".encode()
        return {path.removeprefix(start) for path in done.stdout.split(b"\0") if path}

    def unlike(self, commit: str, *folders: bytes) -> list[bytes]:
        """Paths below folders where the working tree may differ from the commit.

        May name more than differ, never fewer.
        """
        differing = self.run("diff-index", "-z", "--name-only", "--no-renames",
                             "--ignore-submodules=none", commit, "--", *folders)  # fmt: skip
        unknown = self.run("ls-files", "-z", "--others", "--", *folders)
        hidden = self.run("ls-files", "-z", "-v", "--", *folders)
        # Marked "assume unchanged" (lower case) or "skip worktree" (S): git does not look at them.
        marked = [
            line[2:] for line in hidden.split(b"\0") if line[:1].islower() or line[:1] == b"S"
        ]
        paths = [*differing.split(b"\0"), *unknown.split(b"\0"), *marked]
        return [path for path in paths if path]


def _blob(head: bytes, stream: IO[bytes], most: int) -> tuple[str, int, bytes]:
    fields = head.decode("ascii", "replace").split()
    if len(fields) != 3 or not fields[2].isdigit():
        message = f"object {fields[0] if fields else ''} is missing from the repository"
        raise GitError(f"{message}; a partial clone lacks it: `git fetch` it first", outside=True)
    id, _, size = fields[0], fields[1], int(fields[2])
    content = stream.read(min(size, most))
    left = size - len(content)
    while left > 0:
        skipped = stream.read(min(left, 1 << 20))
        if not skipped:
            raise GitError(f"object {id} is cut off", outside=True)
        left -= len(skipped)
    stream.read(1)  # the line break behind it
    return id, size, content


def repository(folder: Path) -> Repository:
    """The repository that the folder lies in.  Raises GitError if it lies in none."""
    done = _git(folder, ("rev-parse", "--is-bare-repository", "--is-inside-work-tree"))
    if done.returncode:
        said = _said(done.stderr)
        if "not a git repository" in said:
            raise GitError(f"{folder} is in no git repository; name two folders instead")
        raise GitError(f"git: {said}", outside=True)
    bare, inside = done.stdout.split()[:2]
    if bare == b"true" or inside != b"true":
        return Repository(folder, b"", True)
    top, prefix = (
        _git(folder, ("rev-parse", option)).stdout.removesuffix(b"\n")
        for option in ("--show-toplevel", "--show-prefix")
    )
    return Repository(Path(os.fsdecode(top)), prefix, False)


def _check(revision: str) -> None:
    """Refuse what is no revision, before git sees it.  Raises GitError."""
    if not revision or len(revision) > _MAX_REVISION:
        raise GitError("a revision is a name like `main`, `HEAD~1` or `v1.2`")
    if revision.startswith("-"):
        raise GitError(f"`{revision[:40]}` is no revision: it begins with a hyphen")
    if not revision.isprintable() or "\\" in revision:
        raise GitError(f"`{revision[:40]}` is no revision: it holds a character that none can")


def _git(
    folder: Path, arguments: tuple[str | bytes, ...], input: IO[bytes] | None = None
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  git, with options of ours
            _command(folder, arguments),
            stdin=subprocess.DEVNULL if input is None else input,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            env=_environment(),
        )
    except OSError:
        raise GitError("git is not installed, or cannot be run", outside=True) from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git took longer than {SECONDS} seconds", outside=True) from None


def _command(folder: Path, arguments: tuple[str | bytes, ...]) -> list[str | bytes]:
    return ["git", "-C", str(folder), *_OPTIONS, *arguments]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return kept | _ENVIRONMENT


def _text(argument: str | bytes) -> str:
    return argument if isinstance(argument, str) else argument.decode("utf-8", "replace")


def _said(stderr: bytes) -> str:
    first = stderr.decode("utf-8", "replace").strip().split("\n")[0]
    return first.removeprefix("fatal: ")[:300] or "no reason given"
