"""A master file as tokens with their places in the text: quotes, comments, parentheses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from generator.zonefile.words import ZoneFileError

TOKEN = re.compile(
    rb"""[ \t]++|(?P<comment>;[^\r\n]*+)|(?P<end>\r?\n)|(?P<open>\()|(?P<close>\))
    |(?P<quoted>"[^"\\\x00-\x08\x0a-\x1f\x7f]*+(?:\\[\t\x20-\x7e\x80-\xff][^"\\\x00-\x08\x0a-\x1f\x7f]*+)*")
    |(?P<word>(?:[^\x00-\x20\x7f;()"\\]|\\[\t\x20-\x7e\x80-\xff])[^\x00-\x20\x7f;()"\\]*+
        (?:\\[\t\x20-\x7e\x80-\xff][^\x00-\x20\x7f;()"\\]*+)*)""",
    re.VERBOSE,
)
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class Token(NamedTuple):
    """A word or a quoted string: its octets (quotes included) and where they begin."""

    text: bytes
    start: int
    line: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def quoted(self) -> bool:
        return self.text[:1] == b'"'


@dataclass(frozen=True, slots=True)
class Entry:
    """One record or directive as tokens.  ``blank``: the owner was left out.

    ``start`` and ``end`` span whole lines, the line end included.
    """

    tokens: tuple[Token, ...]
    blank: bool
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.tokens[0].line

    @property
    def directive(self) -> bytes:
        """The directive's name in upper case, empty for a record."""
        first = self.tokens[0].text
        return first.upper() if first[:1] == b"$" and not self.blank else b""


def entry(text: bytes, position: int, line: int) -> tuple[Entry | None, int, int]:
    """The entry that begins at ``position``, and where the next one does.

    Raises ZoneFileError for unbalanced quotes or parentheses and for control characters.
    """
    start, opened, depth = position, line, 0
    tokens: list[Token] = []
    blank = text[position : position + 1] in (b" ", b"\t")
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            raise ZoneFileError(_stray(text, position), line)
        kind, position = found.lastgroup, found.end()
        if kind == "end":
            line += 1
            if not depth:
                break
        elif kind == "open":
            opened = opened if depth else line
            depth += 1
        elif kind == "close":
            depth -= 1
            if depth < 0:
                raise ZoneFileError("`)` without `(`", line)
        elif kind in ("word", "quoted"):
            glued = bool(tokens) and tokens[-1].end == found.start()
            if glued and not (kind == "quoted" and tokens[-1].quoted):
                raise ZoneFileError("a quote in the middle of a word", line)
            tokens.append(Token(found[0], found.start(), line))
    if depth:
        raise ZoneFileError("`(` without `)`", opened)
    made = Entry(tuple(tokens), blank, start, position) if tokens else None
    return made, position, line


def _stray(text: bytes, position: int) -> str:
    """What is wrong with the octet at which no token begins."""
    first = text[position : position + 1]
    if first in (b'"', b"\\"):
        control = _CONTROL.search(text, position)
        position = control.start() if control else len(text)
    octet = text[position : position + 1]
    if octet in (b"", b"\n") or text[position : position + 2] == b"\r\n":
        return (
            "a string without its closing quote" if first == b'"' else "a backslash at a line's end"
        )
    if octet == b"\r":
        return "a carriage return without a line feed"
    return f"control character 0x{octet.hex()}"


def entries(text: bytes) -> Iterator[Entry]:
    """All entries of a master file.  Raises ZoneFileError."""
    position, line = 0, 1
    while position < len(text):
        made, position, line = entry(text, position, line)
        if made is not None:
            yield made
