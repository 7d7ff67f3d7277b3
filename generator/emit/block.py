"""Our block in a zone file that is kept by hand: how it is written, and how it is taken back.

Before the records the block notes what the merge did to the other lines: those that moved into it,
and owners that were written.  A digest tells whether somebody edited these lines since; while
nobody did, the text by hand comes back octet for octet.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BEGIN = b"; >>> mailzone"
END = b"; <<< mailzone"

_MARKER = re.compile(rb"^; (?:(>>>)|<<<) mailzone[^\n]*(?:\n|\Z)", re.MULTILINE)
_TITLE = re.compile(rb": (.*); what is written in this block is overwritten")
_BASE = re.compile(rb"; base ([0-9a-f]{32}) (\d{1,12})( without-newline)?")
_OWNER = re.compile(rb"; owner (\d{1,12}) (\d{1,4})")
_MOVED = re.compile(rb"; moved (\d{1,12})")
_NOTES = re.compile(rb"; notes ([0-9a-f]{16})")
_DIGITS = re.compile(rb"\d{1,10}")


class BlockError(ValueError):
    """There is a block, but it cannot be told what the text was before; ``line`` from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to the text by hand: at ``start``, ``old`` became ``new``.  One of them is empty.

    ``explicit`` is a moved record in a form that can stand anywhere.
    """

    start: int
    old: bytes
    new: bytes
    explicit: bytes = b""


@dataclass(frozen=True, slots=True)
class Restored:
    """The text by hand, taken out of ``present``.

    ``edits`` are those that the merge made, if they could be undone exactly; their ``start`` counts
    in ``present``.  ``begin`` and ``end`` span the block; both are the text's length without one.
    ``title`` is what the block says of itself.
    """

    text: bytes
    present: bytes
    begin: int
    end: int
    edits: tuple[Edit, ...] = ()
    title: str = ""
    touched: bool = False  # by hand, since the merge

    @property
    def merged(self) -> bool:
        """True if there is a block."""
        return self.begin < self.end

    def line(self, line: int) -> int:
        """The line in ``present`` of a line of ``text``; that of the block for what moved."""
        if not self.merged:
            return line
        at = _line_start(self.text, line)
        if self.touched:
            if at >= self.begin:
                at += self.end - self.begin
            return _line_at(self.present, at if at < len(self.present) else self.begin)
        shift = 0
        for edit in self.edits:
            here = edit.start - shift  # in `text`
            if here <= at < here + len(edit.old):
                return _line_at(self.present, self.begin)
            if here < at:
                shift += len(edit.new) - len(edit.old)
        return _line_at(self.present, at + shift)


def _line_start(text: bytes, line: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.find(b"\n", at) + 1
        if not at:
            return len(text)
    return at


def _line_at(text: bytes, at: int) -> int:
    return text.count(b"\n", 0, at) + 1


def line_end(text: bytes) -> bytes:
    r"""What ends our lines beside those of the text: ``\r\n`` only if all of its own do."""
    ends = text.count(b"\n")
    return b"\r\n" if ends and ends == text.count(b"\r\n") else b"\n"


# --- taking a merge back ---------------------------------------------------------------------


def restore(present: bytes) -> Restored:
    """The text as the hand wrote it, but for the serial.  Raises BlockError.

    If the text has been edited since the merge, moved records come back at its end, in explicit
    form: where they stood may no longer be there.
    """
    span = _span(present)
    if span is None:
        return Restored(present, present, len(present), len(present))
    begin, end = span
    notes = _Notes(present[begin:end], _line_at(present, begin))
    rest = present[:begin] + present[end:]
    if end == len(present) and _digest(rest, notes.serial) == notes.digest:
        return _undone(rest, present, begin, notes)
    back = [edit.explicit + notes.eol for edit in notes.edits if edit.explicit]
    if back and not rest.endswith(b"\n"):
        back.insert(0, notes.eol)
    text = b"".join([rest, *back])
    return Restored(text, present, begin, end, title=notes.title, touched=True)


def _undone(rest: bytes, present: bytes, begin: int, notes: _Notes) -> Restored:
    digits = _DIGITS.match(rest, notes.serial)
    extra = len(digits[0]) - 1 if digits else 0
    edits = []
    for edit in notes.edits:
        start = edit.start + (extra if edit.start > notes.serial else 0)
        edits.append(Edit(start, edit.old, rest[start : start + len(edit.new)], edit.explicit))
    parts, position = [], 0
    for edit in edits:
        parts += [rest[position : edit.start], edit.old]
        position = edit.start + len(edit.new)
    text = b"".join([*parts, rest[position:]])
    if notes.without_newline:
        text = text.removesuffix(notes.eol)
    return Restored(text, present, begin, len(present), tuple(edits), notes.title)


def published_serial(text: bytes) -> bytes | None:
    """The digits of the serial in a text that we wrote; None if somebody edited it since."""
    try:
        span = _span(text)
        notes = _Notes(text[span[0] : span[1]], 1) if span and span[1] == len(text) else None
    except BlockError:
        return None
    if span is None or notes is None or _digest(text[: span[0]], notes.serial) != notes.digest:
        return None
    digits = _DIGITS.match(text, notes.serial)
    return digits[0] if digits else None


def _span(present: bytes) -> tuple[int, int] | None:
    """Where the block stands.  Raises BlockError unless there is exactly one, or none."""
    if b" mailzone" not in present:
        return None
    marks = list(_MARKER.finditer(present))
    if not marks:
        return None
    if not marks[0][1]:
        raise _broken(present, marks[0], "a block of mailzone ends here that begins nowhere")
    if len(marks) == 1 or marks[1][1]:
        raise _broken(present, marks[0], "the block of mailzone that begins here has no end")
    if len(marks) > 2:
        raise _broken(present, marks[2], "a second block of mailzone")
    return marks[0].start(), marks[1].end()


def _broken(present: bytes, mark: re.Match[bytes], message: str) -> BlockError:
    return BlockError(message, _line_at(present, mark.start()))


class _Notes:
    """What a block says about the text around it.  Raises BlockError if it was tampered with."""

    def __init__(self, block: bytes, line: int) -> None:
        first, _, body = block.partition(b"\n")
        self.eol = b"\r\n" if first.endswith(b"\r") else b"\n"
        title = _TITLE.search(first)
        self.title = title[1].decode("utf-8", "replace") if title else ""
        lines = body.split(self.eol)
        found = next((i for i, text in enumerate(lines) if _NOTES.fullmatch(text)), None)
        noted = lines[:found]
        base = _BASE.fullmatch(noted[0]) if noted else None
        if found is None or base is None or lines[found] != _seal(noted):
            raise BlockError("the notes in mailzone's block were changed by hand", line)
        self.digest = base[1]
        self.serial = int(base[2])
        self.without_newline = bool(base[3])
        self.edits = list(self._edits(noted[1:]))

    def _edits(self, lines: list[bytes]) -> Iterable[Edit]:
        at = 0
        while at < len(lines):
            owner, moved = _OWNER.fullmatch(lines[at]), _MOVED.fullmatch(lines[at])
            at += 1
            if owner:
                yield Edit(int(owner[1]), b"", b"\0" * int(owner[2]))
            elif moved:
                explicit, old = lines[at][3:], b""
                at += 1
                while at < len(lines) and lines[at].startswith(b";| "):
                    old += lines[at][3:] + self.eol
                    at += 1
                yield Edit(int(moved[1]), old, b"", explicit)


def _digest(text: bytes, serial: int) -> bytes | None:
    """A digest of the text without the serial's digits, which a merge changes."""
    digits = _DIGITS.match(text, serial)
    if digits is None:
        return None
    raw = b"%b0%b" % (text[:serial], text[digits.end() :])
    return hashlib.sha256(raw).hexdigest()[:32].encode("ascii")


def _seal(noted: Sequence[bytes]) -> bytes:
    return b"; notes " + hashlib.sha256(b"\n".join(noted)).hexdigest()[:16].encode("ascii")


# --- writing one -----------------------------------------------------------------------------


def apply(text: bytes, edits: Iterable[Edit]) -> bytes:
    """The text with the edits, which are sorted and do not overlap."""
    parts: list[bytes] = []
    position = 0
    for edit in edits:
        parts += [text[position : edit.start], edit.new]
        position = edit.start + len(edit.old)
    return b"".join([*parts, text[position:]])


def shifted(at: int, edits: Iterable[Edit]) -> int:
    """Where a position of the text by hand is after the edits."""
    return at + sum(len(edit.new) - len(edit.old) for edit in edits if edit.start < at)


def attached(
    base: bytes, edits: Sequence[Edit], serial: int, title: str, records: Iterable[bytes]
) -> bytes:
    """The edited text with the block behind it.  ``serial``: where its digits begin in ``base``.

    Offsets in a block count the serial as one digit, since it may grow: 9 becomes 10.
    """
    eol = line_end(base)
    edited = apply(base, edits) if edits else base
    if not edited.endswith(b"\n"):
        edited += eol
    at = shifted(serial, edits)
    digits = _DIGITS.match(edited, at)
    extra = len(digits[0]) - 1 if digits else 0
    without = b"" if base.endswith(b"\n") else b" without-newline"
    noted = [b"; base %b %d%b" % (_digest(edited, at) or b"", at, without)]
    shift = 0
    for edit in edits:
        start = edit.start + shift
        start -= extra if start > at else 0
        shift += len(edit.new) - len(edit.old)
        if edit.new:
            noted.append(b"; owner %d %d" % (start, len(edit.new)))
        else:
            noted += [b"; moved %d" % start, b";= " + edit.explicit]
            noted += [b";| " + line for line in edit.old.removesuffix(eol).split(eol)]
    first = b"%b: %b; what is written in this block is overwritten" % (BEGIN, title.encode("utf-8"))
    lines = [first, *noted, _seal(noted), *records, END, b""]
    return edited + eol.join(lines)
