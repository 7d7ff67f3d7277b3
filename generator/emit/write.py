"""Files written all together or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

# A zone file kept by hand may hold any octets in its comments; they come back as they were.
_OCTETS = "surrogateescape"

_LONG = 200  # characters of a file's name; the longest that is legal leaves no room for a mark


class WriteError(Exception):
    """A file could not be written; ``foreign`` if it is somebody else's and was left alone."""

    def __init__(self, message: str, foreign: bool = False) -> None:
        super().__init__(message)
        self.foreign = foreign


class Change(NamedTuple):
    """A file as it should be.  ``old`` is its text now; None if there is none.

    The text of a new file may be a function that makes it of nothing, always the same: so a large
    build does not hold all of its texts at once.
    """

    path: Path
    old: str | None
    text: str | Callable[[None], str]

    @property
    def new(self) -> str:
        return self.text if isinstance(self.text, str) else self.text(None)

    @property
    def differs(self) -> bool:
        return self.old is None or self.old != self.new


@contextlib.contextmanager
def alone(folder: Path, patience: float = 60) -> Iterator[None]:
    """Keep other builds into the folder waiting, from reading what is there to writing it anew.

    Raises WriteError if another one goes on for ``patience`` seconds.  The lock lies on the folder
    above, since the folder itself may have to be made; file systems without locks do without.
    """
    import fcntl

    until = time.monotonic() + patience
    while True:
        above = _above(folder)
        try:
            handle = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            yield  # what cannot be read cannot be written either, which is said there
            return
        try:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        message = f"{folder} is being written by another build"
                        raise WriteError(message) from None
                    time.sleep(0.05)
                except OSError:
                    break
            if _above(folder) == above:
                yield
                return
        finally:
            os.close(handle)


def _above(folder: Path) -> Path:
    """The nearest folder above that is there."""
    return next((path for path in folder.absolute().parents if path.is_dir()), Path("/"))


def current(path: Path) -> str | None:
    """The text of a file that may be replaced; None if nothing is there.

    Raises WriteError for links, folders and what cannot be read.
    """
    try:
        kind = path.lstat().st_mode
        if not stat.S_ISREG(kind):
            what = "a symbolic link" if stat.S_ISLNK(kind) else "no plain file"
            raise WriteError(f"{path} is {what}; mailzone replaces only plain files")
        return decoded(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WriteError(f"{path} cannot be read: {error.strerror}") from None


def encoded(text: str) -> bytes:
    """The octets of a text that `decoded` made."""
    return text.encode("utf-8", _OCTETS)


def decoded(raw: bytes) -> str:
    """A file's octets as text, whatever they are."""
    return raw.decode("utf-8", _OCTETS)


def changes(
    targets: Iterable[tuple[Path, Callable[[str | None], str]]], header: str
) -> list[Change]:
    """What has to change for each target to be what its function makes of the present text.

    Raises WriteError for a file that is there and does not begin with the header.
    """
    found = []
    bare: dict[str, bool] = {}
    for path, make in targets:
        folder = os.path.dirname(path)
        if folder not in bare:
            bare[folder] = _is_bare(folder)
        old = None if bare[folder] else current(path)
        if old is None:
            found.append(Change(path, None, make))
            continue
        if not old.startswith(header):
            message = f"{path} was not written by mailzone and is left alone; move it away first"
            raise WriteError(message, foreign=True)
        found.append(Change(path, old, make(old)))
    return found


def _is_bare(folder: str) -> bool:
    """True if there is no such folder, or nothing in it: so no file of it needs to be looked at."""
    try:
        return not os.listdir(folder or ".")
    except FileNotFoundError:
        return True
    except OSError:
        return False


def apply(planned: Iterable[Change]) -> None:
    """Write every change that differs: all are staged beside their targets, then renamed.

    Raises WriteError.  If staging fails nothing has changed; a rename fails only if the folder
    is taken away between the two.
    """
    staged: list[str] = []  # targets; what is staged for each has a name that follows from it
    folders: set[str] = set()
    mark = f".{os.urandom(6).hex()}"
    target = ""
    try:
        for change in planned:
            if change.differs:
                target = os.fspath(change.path)
                folder = os.path.dirname(target)
                if folder not in folders:
                    os.makedirs(folder or ".", exist_ok=True)
                    folders.add(folder)
                _stage(change, _beside(target, mark))
                staged.append(target)
        staged.reverse()
        while staged:
            target = staged[-1]
            os.replace(_beside(target, mark), target)
            staged.pop()
    except OSError as error:
        raise WriteError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        for target in staged:
            with contextlib.suppress(OSError):
                os.unlink(_beside(target, mark))


def _beside(target: str, mark: str) -> str:
    """The name of the file that will be the target, in the same folder; not too long a one."""
    folder, name = os.path.split(target)
    if len(name) > _LONG:
        name = f"{name[:_LONG]}.{zlib.crc32(os.fsencode(name)):08x}"
    return os.path.join(folder, f".{name}{mark}")


def _stage(change: Change, temporary: str) -> None:
    content = encoded(change.new)
    # Not tempfile: its files are private, and a name server must be able to read ours.
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o666)
    try:
        try:
            written = 0
            while written < len(content):
                written += os.write(handle, content[written:])
            os.fsync(handle)
        finally:
            os.close(handle)
        if change.old is not None:
            _inherit(Path(temporary), change.path.stat())
    except BaseException:  # also Ctrl-C: nothing of ours stays behind
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _inherit(file: Path, old: os.stat_result) -> None:
    """Give the file the owner, group and mode of the one that it replaces.

    Raises OSError where the group cannot be kept and nobody else may read: the name server would
    be shut out of its own zone.
    """
    try:
        os.chown(file, old.st_uid, old.st_gid)
    except OSError:
        try:
            os.chown(file, -1, old.st_gid)  # only root gives files away
        except OSError:
            if not old.st_mode & stat.S_IROTH:
                raise
    file.chmod(stat.S_IMODE(old.st_mode))
