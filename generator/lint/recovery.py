"""Going on behind an entry of a master file that cannot be read."""

from __future__ import annotations

import re
from typing import NamedTuple

from generator.zonefile import Entry, ZoneFileError, absolute, entry, ttl

# A record that changes nothing: of no type that anybody asks for, put where another one was.
_NOTHING = b"X-REFUSED -"
_OWNER = re.compile(rb"""[^\x00-\x20\x7f-\xff;()"$]+(?=[ \t])""")
_COMMENT = re.compile(rb';[^"]*\Z')


class Left(NamedTuple):
    """The text that is left, with as many lines as before, what went, and the line it began in."""

    text: bytes
    gone: bytes
    line: int


def without(text: bytes, known: int, line: int, stand_in: bool) -> Left | None:
    """The text without the entry that a line is in; None if there is nothing to take away.

    ``known`` is an offset up to which the text can be read.  With ``stand_in`` a record of no
    meaning keeps the owner, which lines below may take theirs from.
    """
    start, at = known, text.count(b"\n", 0, known) + 1
    while start < len(text):
        made: Entry | None = None
        try:
            made, end, after = entry(text, start, at)
        except ZoneFileError:
            end = _resume(text, start, _offset(text, start, max(0, line - at)))
            break
        if after > line or end == len(text):
            break
        start, at = end, after
    else:
        return None
    gone = text[start:end]
    if not gone.strip():
        return None
    instead = _instead(made, gone) if stand_in else b""
    return Left(text[:start] + instead + b"\n" * gone.count(b"\n") + text[end:], gone, at)


def _instead(made: Entry | None, gone: bytes) -> bytes:
    """A record with the owner of the entry, and the TTL that it states."""
    if made is None:
        found = _OWNER.match(gone)
        owner, words = (found[0] if found else b""), []
    elif made.blank or made.directive:
        return b""
    else:
        owner, *words = [token.text for token in made.tokens[:3]]
    try:
        absolute(owner, b"a.")
    except ZoneFileError:
        return b""
    given = next((word + b" " for word in words if ttl(word) is not None), b"")
    return owner + b" " + given + _NOTHING if owner else b""


def _offset(text: bytes, start: int, lines: int) -> int:
    """Where the line begins that is so many lines below an offset."""
    for _ in range(lines):
        start = text.find(b"\n", start) + 1
        if not start:
            return len(text)
    return start


def _resume(text: bytes, start: int, at: int) -> int:
    """The end of an entry that begins at ``start`` and makes no sense in the line at ``at``.

    Outside parentheses it is the line's end.  Inside, whoever forgot the closing one began the
    next record at the left again.
    """
    end = _line_end(text, at)
    if b"(" not in text[start:end] or _closes(text[at:end]):
        return end
    while end < len(text):
        following = _line_end(text, end)
        row = text[end:following]
        if row[:1] not in (b" ", b"\t", b"\r", b"\n", b";", b")", b'"'):
            break
        end = following
        if _closes(row):
            break
    return end


def _line_end(text: bytes, start: int) -> int:
    found = text.find(b"\n", start)
    return len(text) if found < 0 else found + 1


def _closes(row: bytes) -> bool:
    return _COMMENT.sub(b"", row.rstrip()).rstrip().endswith(b")")
