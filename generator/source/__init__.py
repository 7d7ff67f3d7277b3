"""YAML text to plain data whose every value knows its line and column.

Simple texts, which most are, are read line by line; libyaml's composer parses the others, with a
builder of ours.  Both give YAML 1.2 meaning to scalars (``no`` and ``0123`` stay text) and refuse
what a reviewed declaration must not hold (duplicate keys, aliases, tags, deep nesting, huge
files).  Positions are computed only when asked for.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.finding import Finding, Place, finding, mask
from generator.source.simple import simple

if TYPE_CHECKING:
    from generator.source.libyaml import Tree
    from generator.source.marks import Marks

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Source", "SourceError", "Spot", "YamlPath", "parse", "read"]

MAX_BYTES = 1 << 20  # of one declaration file
MAX_SHOWN = 4000  # characters of a line in a message; a longer one is only pointed at
MAX_FAULTS = 100  # of one file; more say nothing new
MAX_DEPTH = 40  # levels of nesting; a declaration needs seven
_CHUNK = 1 << 14  # octets; a buffer as large as the limit would cost more than the reading

YamlPath = tuple[str | int, ...]

# Private keys in PEM, or the first characters of their bare base64 (PKCS#1, PKCS#8, SEC 1: a DER
# sequence that begins with the integer 0 or 1).
_SECRET = re.compile(
    "PRIVATE KEY|MII[A-Za-z0-9+/]{3}IBA[A-D]|MI[GH][A-Za-z0-9+/]AgE[AB]|M[A-H][A-Za-z0-9+/]CAQ[AE]"
    "|b3BlbnNzaC1rZXk"  # OpenSSH's own form
)
# libyaml's line breaks, which are those of YAML 1.1.
BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class SourceError(Exception):
    """The text cannot be read as YAML data; ``findings`` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message)
        self.findings = findings


class Source:
    """A YAML text with its documents as plain data.

    ``path`` is the name to show.  ``documents`` holds dicts with text keys, lists, text, ints,
    bools and None.  ``simple`` says that `simple.simple` has read the text.
    """

    __slots__ = ("_lines", "_marks", "_secret", "_simple", "_tree", "documents", "path", "text")

    def __init__(self, path: str, text: str, simple: bool = False) -> None:
        self.path = path
        self.text = text
        self.documents: list[Any] = []
        self._secret: bool | None = None
        self._simple = simple
        self._marks: Marks | None = None
        self._tree: Tree | None = None
        self._lines: list[str] | None = None

    @property
    def secret(self) -> bool:
        """True if the file holds a private key; then none of its lines is shown in clear."""
        if self._secret is None:
            self._secret = _SECRET.search(self.text) is not None
        return self._secret

    def spot(self, *path: str | int, key: bool = False) -> Spot:
        """The place of the value at ``path`` (first a document's index), or of its key."""
        return Spot(self, path, key)

    def locate(self, path: YamlPath, key: bool = False) -> Place:
        """The place of a value; of the nearest one above it if the path does not exist."""
        if self._simple and path:
            if self._marks is None:
                from generator.source.marks import Marks

                self._marks = Marks(self.text)
            mark = self._marks.find(path[1:], key)
            if mark is not None:
                return self.place(*mark)
        if self._tree is None:
            from generator.source.libyaml import tree

            self._tree = tree(self.text)
        start, end = self._tree.marks(path, key)
        return self.place(0, 0) if start is None else self.at(start, end)

    def at(self, start: Any, end: Any = None) -> Place:
        """The place between two marks of libyaml's, with its line made fit to be shown.

        A place that ends on a later line, or that has no end, reaches to the end of its line.
        """
        if start is None:
            return Place(self.path)
        stop = end.column if end is not None and end.line == start.line else None
        return self.place(start.line, start.column, stop)

    def place(self, line: int, column: int, stop: int | None = None) -> Place:
        """The place at a line and column, both counted from 0."""
        raw = self.line(line)
        if line == len(self._lines or ()):
            # libyaml counts a line behind a text that does not end in a line break.
            line -= 1
            raw = self.line(line)
            column = stop = len(raw)
        if len(raw) > MAX_SHOWN:
            return Place(self.path, line + 1, column + 1)
        stop = len(raw.rstrip()) if stop is None else stop
        # Masking changes lengths, so the parts are masked apart.
        before = mask(raw[:column], self.secret)
        marked = mask(raw[column:stop], self.secret)
        after = mask(raw[stop:], self.secret)
        text = (before + marked + after).rstrip()
        width = max(1, len(marked))
        span = max(1, stop - column)
        return Place(self.path, line + 1, column + 1, text, width, len(before) + 1, span)

    def line(self, number: int) -> str:
        """A line of the text, counted from 0 as libyaml counts; empty past the last one."""
        if self._lines is None:
            self._lines = BREAK.split(self.text)
        return self._lines[number] if number < len(self._lines) else ""


class Spot:
    """A value of a source, located only when its place is asked for."""

    __slots__ = ("key", "path", "source")

    def __init__(self, source: Source, path: YamlPath, key: bool = False) -> None:
        self.source = source
        self.path = path
        self.key = key

    def place(self) -> Place:
        return self.source.locate(self.path, self.key)


def read(file: Path | str, shown: str, limit: int = MAX_BYTES, plain: bool = False) -> Source:
    """Read and parse one YAML file of at most ``limit`` octets.  ``shown`` is its name in messages.

    ``plain`` says that the caller has just seen a plain file there.  Raises SourceError with every
    reason; never another exception, whatever the file holds.
    """
    try:
        # Not to be held up by a pipe.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            plain = plain or stat.S_ISREG(os.fstat(handle).st_mode)
            raw = _octets(handle, limit) if plain else b""
        finally:
            os.close(handle)
    except OSError as error:
        raise _unreadable(shown, f"cannot be read: {error.strerror or error}") from None
    if not plain:
        raise _unreadable(shown, "is no plain file")
    return parse(raw, shown, limit)


def _octets(handle: int, limit: int) -> bytes:
    """What the file holds; if that is more than ``limit``, at least an octet more."""
    raw = b""
    while len(raw) <= limit and (more := os.read(handle, _CHUNK)):
        raw = raw + more if raw else more
    return raw


def _unreadable(shown: str, why: str) -> SourceError:
    return SourceError([finding("file-unreadable", f"{shown} {why}", Place(shown))])


def parse(raw: bytes, shown: str, limit: int = MAX_BYTES) -> Source:
    """Parse YAML bytes.  Raises SourceError; see `read`."""
    here = Place(shown)
    if len(raw) > limit:
        message = f"{shown} is larger than {limit >> 20} MiB"
        raise SourceError([finding("file-too-large", message, here, "split it into several files")])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # What stands before the octet is UTF-8.
        before = BREAK.split(raw[: error.start].decode("utf-8").removeprefix("\ufeff"))
        message = f"octet 0x{raw[error.start]:02x} is not UTF-8"
        where = Place(shown, len(before), len(before[-1]) + 1)
        raise SourceError(
            [finding("file-encoding", message, where, "save the file as UTF-8")]
        ) from None
    text = text.removeprefix("\ufeff")
    data = simple(text)
    source = Source(shown, text, data is not None)
    if data is not None:
        source.documents.append(data)
        return source
    from generator.source.libyaml import documents

    source.documents, source._tree = documents(source)
    return source
