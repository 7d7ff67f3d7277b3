"""Files written all together or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


class WriteError(Exception):
    """A file could not be written; ``foreign`` if it is somebody else's and was left alone."""

    def __init__(self, message: str, foreign: bool = False) -> None:
        super().__init__(message)
        self.foreign = foreign


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it should be.  ``old`` is its text now; None if there is none."""

    path: Path
    old: str | None
    new: str

    @property
    def differs(self) -> bool:
        return self.old != self.new


def current(path: Path) -> str | None:
    """The text of a file that may be replaced; None if nothing is there.

    Raises WriteError for links, folders and what cannot be read.
    """
    if path.is_symlink():
        raise WriteError(f"{path} is a symbolic link; mailzone replaces only plain files")
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise WriteError(f"{path} is not text that mailzone wrote", foreign=True) from None
    except OSError as error:
        raise WriteError(f"{path} cannot be read: {error.strerror}") from None


def changes(
    targets: Iterable[tuple[Path, Callable[[str | None], str]]], header: str
) -> list[Change]:
    """What has to change for each target to be what its function makes of the present text.

    Raises WriteError for a file that is there and does not begin with the header.
    """
    found = []
    for path, make in targets:
        old = current(path)
        if old is not None and not old.startswith(header):
            message = f"{path} was not written by mailzone and is left alone; move it away first"
            raise WriteError(message, foreign=True)
        found.append(Change(path, old, make(old)))
    return found


def apply(planned: Iterable[Change]) -> None:
    """Write every change that differs: all are staged beside their targets, then renamed.

    Raises WriteError.  If staging fails nothing has changed; a rename fails only if the folder
    is taken away between the two.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for change in planned:
            if change.differs:
                staged.append((_stage(change), change.path))
        for temporary, target in staged:
            temporary.replace(target)
    except OSError as error:
        name = error.filename2 or error.filename or "a file"
        raise WriteError(f"{name} cannot be written: {error.strerror}") from None
    finally:
        for temporary, _ in staged:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _stage(change: Change) -> Path:
    folder = change.path.parent
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{change.path.name[:200]}.{secrets.token_hex(6)}"
    # Not tempfile: its files are private, and a name server must be able to read ours.
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(change.new.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        if change.old is not None:
            temporary.chmod(change.path.stat().st_mode & 0o7777)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return temporary
