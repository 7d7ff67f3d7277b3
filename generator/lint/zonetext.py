"""Zone files by other hands: their text to records, and what only the text shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from generator.finding import Finding, Place, Severity, finding, mask
from generator.lint import zonerecord
from generator.lint.recovery import without
from generator.lint.secret import HELP, holds_private_key
from generator.values import Kind, Reason, Value
from generator.zonefile import Reader, Record, ZoneFileError

MAX_REFUSED = 50  # records of a file that are told of and passed over
MAX_REREAD = 1 << 26  # octets that are read again for the sake of further faults
MAX_LINE = 200  # characters of a line that are shown

_ASSUMED_TTL = b"$TTL 3600\n"
_PEM = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
# What one record's text cannot be for its quotes or backslashes.
_STRAY = ("a string without", "a quote in", "a backslash at")
_NO_TTL = "no TTL"
_UNSURE_TTL = "name servers differ on the TTL"


class Text(NamedTuple):
    """A file's records, as far as they could be read, and what was wrong with the text itself.

    ``partial`` is True if there is more in the zone than `values` shows: what was passed over, or
    stands in another file.  ``whole`` is False for what looks like a part of a zone.  ``relative``
    are the records whose targets were written without a final dot.
    """

    values: list[Value]
    findings: list[Finding]
    partial: bool = False
    whole: bool = True
    relative: Sequence[Value] = ()


class _File:
    """The lines of a file, to show them; none in clear if it holds a private key."""

    def __init__(self, shown: str, text: bytes) -> None:
        self.shown = shown
        self.lines = text.split(b"\n")
        self.secret = _PEM.search(text) is not None

    def where(self, line: int) -> _Line:
        return _Line(self, line)


class _Line:
    """A line of a file; its place is worked out when somebody asks."""

    __slots__ = ("_file", "_line")

    def __init__(self, file: _File, line: int) -> None:
        self._file = file
        self._line = line

    def place(self) -> Place:
        file, line = self._file, self._line
        raw = file.lines[line - 1] if 1 <= line <= len(file.lines) else b""
        text = raw.decode("utf-8", "replace").rstrip()
        start = len(text) - len(text.lstrip())
        before, behind = " " * start, mask(text[start:], file.secret)
        if len(before + behind) > MAX_LINE:
            before, behind = before[:MAX_LINE], behind[: max(1, MAX_LINE - start)] + "..."
        width, span = max(1, len(behind)), max(1, len(text) - start)
        return Place(file.shown, line, start + 1, before + behind, width, len(before) + 1, span)


def read(text: bytes, zone: str, shown: str) -> Text:
    """Read a zone file as far as possible: a record that is malformed is told of and passed over.

    ``zone`` is the origin with its final dot, ``shown`` the file's name for messages.  What
    $INCLUDE names is not read.
    """
    if b"\0" in text[:512]:
        message = f"{shown} is no text: it may be UTF-16, or a zone in a name server's raw format"
        return Text([], [finding("file-encoding", message, Place(shown))], partial=True)
    file = _File(shown, text)
    tried = _Tried(file, zone)
    records = tried.read(text)
    values: dict[tuple[str, str, int, str], Value] = {}
    relative: dict[tuple[str, str, int, str], Value] = {}
    for record, where in records:
        try:
            made = zonerecord.read(record, tried.text)
        except ZoneFileError as error:
            tried.refuse(error, where)
            continue
        if record.type == "TXT" and holds_private_key(made.text):
            tried.told_key(where)
            continue
        tried.findings += [finding(rule, message, where, help) for rule, message, help in made.lost]
        owner = record.owner.decode("ascii")
        ttl = 0 if tried.unsure_ttls else record.ttl
        # A name server has one record of two that are the same (RFC 2181 5).
        key = (owner, record.type, ttl, made.text)
        if key not in values:
            values[key] = Value(*key[:3], made.text, Kind.PLAIN, (Reason("", where),))
        if made.relative:
            relative[key] = values[key]
    listed = list(values.values())
    whole = any(value.type == "SOA" for value in listed)
    outside = list(tried.outside())
    findings = [*tried.findings, *outside, *_soa(listed)]
    findings += _pem(file, {f.place for f in findings if f.rule == "private-key"})
    if tried.without_ttl is not None:
        findings.append(_assumed(tried.without_ttl, whole, file))
    if file.secret:
        findings = [f if f.rule == "private-key" else _masked(f) for f in findings]
    return Text(listed, findings, tried.partial, whole, tuple(relative.values()))


class _Tried:
    """Reading a file again and again, each time without the entry that could not be read.

    ``text`` is what was read in the end; ``partial`` is True if that is not all of the zone.
    """

    def __init__(self, file: _File, zone: str) -> None:
        self.file = file
        self.zone = zone
        self.text = b""
        self.findings: list[Finding] = []
        self.partial = False
        self.without_ttl: ZoneFileError | None = None
        self._reread = 0
        self._shift = 0  # lines that were put before the text
        self._reader = Reader(zone)

    @property
    def unsure_ttls(self) -> bool:
        """True if the TTLs are not those that the file means."""
        return self.without_ttl is not None

    def read(self, text: bytes) -> list[tuple[Record, _Line]]:
        """The records that could be read, with their lines."""
        refused: set[int] = set()
        while True:
            reader = self._reader = Reader(self.zone)
            try:
                reader.read(text)
                break
            except ZoneFileError as error:
                shorter = self._onwards(error, text, refused)
                if shorter is None:
                    break
                text = shorter
        self.text = text
        self._skipped(reader.skipped)
        return [
            (r, self.file.where(r.line - self._shift))
            for r in reader.records
            if r.line not in refused
        ]

    def _onwards(self, error: ZoneFileError, text: bytes, refused: set[int]) -> bytes | None:
        """The text without what stopped the reader; None if that is the end of it."""
        if error.message.startswith((_NO_TTL, _UNSURE_TTL)) and self.without_ttl is None:
            self.without_ttl = ZoneFileError(error.message, error.line)
            self._shift = 1
            refused.clear()
            refused.update(line + 1 for line in list(refused))
            return _ASSUMED_TTL + text
        self.partial = True
        where = self.file.where(error.line - self._shift)
        told = len(self.findings)
        if error.line not in refused:  # else it is what was put there instead
            self.refuse(error, where)
        self._reread += len(text)
        if len(self.findings) >= MAX_REFUSED or self._reread > MAX_REREAD:
            message = "too many records cannot be read; from here on nothing is checked"
            self.findings[-1] = finding("zone-file", message, where)
            return None
        last = (self._reader.records[-1:], self._reader.outside[-1:])
        known = max((r.end for rs in last for r in rs), default=0)
        done = without(text, known, error.line, error.line not in refused)
        if done is None:
            return None
        if holds_private_key(done.gone.decode("latin-1")):
            del self.findings[told:]
            self.told_key(where)
        refused.add(error.line)
        refused.add(done.line)
        return done.text

    def told_key(self, where: _Line) -> None:
        """Tell of a private key; from now on no line of the file is shown in clear."""
        self.file.secret = True
        self.findings.append(finding("private-key", "a private key", where, HELP))

    def refuse(self, error: ZoneFileError, where: _Line) -> None:
        """Tell why a record is passed over."""
        self.partial = True
        rule, help, severity = error.rule, "", None
        message = mask(error.message)
        if message.startswith(_STRAY):
            rule = "zone-escape"
            help = "a string ends in its line; within it, quotes and backslashes follow a backslash"
        elif rule == "zone-string-length":
            help = "cut it: several strings in quotes, one after another, are one text"
        elif rule == "zone-soa":
            help = f"if the zone is not {self.zone[:-1]}, say which with --origin"
        elif message.startswith("$GENERATE"):
            message, help, severity = "$GENERATE is not read", "", Severity.ADVICE
        self.findings.append(finding(rule, message, where, help, severity))

    def _skipped(self, names: Sequence[str]) -> None:
        """Included files are not read: a path in a zone file may lead anywhere."""
        self.partial = self.partial or bool(names)
        for name in dict.fromkeys(names):
            message = f"$INCLUDE {mask(name)[:80]} is not read"
            help = f"check it by itself: mailzone lint --origin {self.zone[:-1]} FILE"
            where = Place(self.file.shown)
            self.findings.append(finding("zone-file", message, where, help, Severity.ADVICE))

    def outside(self) -> Iterator[Finding]:
        """Records that are not in the zone, or all of them: then it is another zone."""
        lost = self._reader.outside
        if not lost:
            return
        for record in lost:
            if record.type == "TXT" and holds_private_key(
                b"".join(record.texts()).decode("latin-1")
            ):
                self.told_key(self.file.where(record.line - self._shift))
        where = self.file.where(min(record.line for record in lost) - self._shift)
        zone = self.zone[:-1]
        if not self._reader.records:
            message = f"no record lies in {zone}"
            help = "say which zone it is with --origin"
            yield finding("name-outside", message, where, help)
        else:
            owner = min(record.owner for record in lost).decode("ascii")[:80]
            message = f"{owner} lies outside {zone}: name servers pass over it"
            if len(lost) > 1:
                number = f"{len(lost):,} records"
                message = (
                    f"{number} lie outside {zone}, such as {owner}: name servers pass over them"
                )
            yield finding("name-outside", message, where, "", Severity.WARNING)


def _soa(values: list[Value]) -> Iterator[Finding]:
    found = [value for value in values if value.type == "SOA"]
    if len(found) > 1:
        yield finding("zone-soa", f"{len(found)} SOA records", found[1].where, "keep one")


def _pem(file: _File, told: Collection[Place | None]) -> Iterator[Finding]:
    """Private keys in their usual armour, in comments too."""
    for number, line in enumerate(file.lines if file.secret else (), 1):
        where = file.where(number)
        if _PEM.search(line) and where.place() not in told:
            yield finding("private-key", "a private key", where, HELP)


def _assumed(error: ZoneFileError, whole: bool, file: _File) -> Finding:
    """A zone without TTLs does not load; a part of one takes what it is included into."""
    severity = Severity.ADVICE
    if whole and error.message.startswith(_NO_TTL):
        severity = Severity.ERROR
    message, help = f"{error.message}; TTLs are not judged", "`$TTL 3600` at the top"
    return finding("zone-file", message, file.where(error.line), help, severity)


def _masked(found: Finding) -> Finding:
    message, help = mask(found.message, secret=True), mask(found.help, secret=True)
    return Finding(found.rule, found.severity, message, found.where, help)
