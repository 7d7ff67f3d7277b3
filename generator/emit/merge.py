"""Merging our values into a zone file that is kept by hand.

Every line that is not ours stays as it is, byte for byte, and means the same.  Ours stand in one
block at the end.  A line that the block replaces moves into it as a comment, so that a merge can
always be taken back: each one first restores the text that the hand wrote and starts from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from generator.emit.answers import too_large
from generator.emit.bind import line as record_line
from generator.emit.block import (
    BlockError,
    Edit,
    Restored,
    apply,
    attached,
    published_serial,
    restore,
    shifted,
)
from generator.emit.obstacles import Include, Order, Trouble, Zone, obstacles, place, rivals, shown
from generator.finding import Finding, Place, Severity, finding
from generator.serial import following, newer
from generator.zonefile import Reader, Record, ZoneFileError, entry, soa_serial

__all__ = ["Include", "Merged", "Order", "merge"]

_HIGH = re.compile(rb"[\x80-\xff]")
_HELP_BLOCK = "take the file from version control, or take the block out and check what it replaced"


@dataclass(frozen=True, slots=True)
class Merged:
    """The new text, or why there is none (then it is the old one).

    ``adopted`` are the entries of `Order.adopt` that a record was found for; ``notes`` are warnings
    that stop nothing.
    """

    text: bytes
    findings: tuple[Finding, ...] = ()
    adopted: frozenset[str] = frozenset()
    notes: tuple[Finding, ...] = ()


def merge(
    present: bytes,
    order: Order,
    include: Include | None,
    published: bytes | None,
    now: datetime,
) -> Merged:
    """The zone file's text with our values in it.

    ``present`` is the file as it is, with or without a block of ours; ``published`` the text that
    the result will replace, if it is another file.  Pure; whatever is wrong becomes a finding, and
    then nothing may be written.
    """
    try:
        restored = restore(present)
        zone = _read(restored, order, include)
        if order.values or restored.merged:
            obstacles(zone)
        moves, adopted = rivals(zone)
        notes = tuple(too_large(zone, moves))
        if any(note.severity is Severity.ERROR for note in notes):
            raise Trouble(*notes)
        text, at = _text(zone, moves)
    except BlockError as error:
        where = place(order.shown, present, error.line)
        found = finding("zone-merge", f"{order.shown}: {shown(error.message)}", where, _HELP_BLOCK)
        return Merged(present, (found,))
    except Trouble as trouble:
        return Merged(present, tuple(trouble.findings))
    return Merged(_numbered(text, at, present, published, now), (), adopted, notes)


def _read(restored: Restored, order: Order, include: Include | None) -> Zone:
    """The zone as it is without us.  Raises Trouble."""
    reader = Reader(order.zone, include)
    try:
        records = reader.read(restored.text)
        zone = Zone(restored, order, records, reader.outside, include)
        zone.serial = _serial(zone)
    except ZoneFileError as error:
        where = place(order.shown, restored.present, restored.line(error.line))
        message = f"{order.shown}: {shown(error.message)}"
        raise Trouble(finding("zone-file", message, where)) from None
    if restored.touched and restored.present[restored.end :].strip():
        _check_behind(zone, include)
    return zone


def _serial(zone: Zone) -> int:
    """Where the digits of the serial begin.  Raises ZoneFileError."""
    text = zone.restored.text
    if len(zone.soa) != 1:
        which = f"no SOA record for {zone.order.zone}" if not zone.soa else "a second SOA record"
        raise ZoneFileError(which, zone.soa[1].line if zone.soa else 1)
    (soa,) = zone.soa
    if not soa.text_is(text):
        raise ZoneFileError("the SOA record stands in an included file", 1)
    found, _, _ = entry(text, soa.start, soa.line)
    data = [token for token in found.tokens if token.start >= soa.data_start] if found else []
    if len(data) != 7 or not data[2].text.isdigit() or len(data[2].text) > 10:
        raise ZoneFileError("the SOA record is malformed", soa.line)
    if int(data[2].text) >> 32:
        shown = data[2].text.decode("ascii")
        raise ZoneFileError(f"the serial {shown} has more than 32 bits", soa.line)
    return data[2].start


def _check_behind(zone: Zone, include: Include | None) -> None:
    """Lines that were added behind the block must not lean on it.  Raises Trouble."""
    restored = zone.restored
    try:
        whole = Reader(zone.order.zone, include).read(restored.present)
    except ZoneFileError as error:
        where = place(zone.order.shown, restored.present, error.line)
        message = f"{zone.order.shown}: {shown(error.message)}"
        raise Trouble(finding("zone-file", message, where)) from None
    span = range(restored.begin, restored.end)
    foreign = [r for r in whole if not (r.text_is(restored.present) and r.start in span)]
    for behind, alone in zip(foreign, zone.records, strict=False):
        if behind.meaning != alone.meaning:
            message = (
                f"{zone.order.shown}: this record takes its owner or TTL from mailzone's block"
            )
            help = "give it an owner and a TTL of its own, or move it before the block"
            where = place(zone.order.shown, restored.present, behind.line)
            raise Trouble(finding("zone-merge", message, where, help))


# --- the new text ----------------------------------------------------------------------------


def _text(zone: Zone, moves: frozenset[Record]) -> tuple[bytes, int]:
    """The merged text, still with the old serial, and where that begins.  Raises Trouble."""
    base, order = zone.restored.text, zone.order
    if not order.values:
        return base, zone.serial
    edits = _edits(zone, moves)
    if edits:
        _check_meaning(zone, moves, apply(base, edits))
    text = attached(base, edits, zone.serial, order.title, _lines(zone, moves))
    return text, shifted(zone.serial, edits)


def _edits(zone: Zone, moves: frozenset[Record]) -> list[Edit]:
    """Moved lines taken out; owners written where a line inherited one from them."""
    if not moves:
        return []
    base = zone.restored.text
    own = sorted((r for r in (*zone.records, *zone.outside) if r.text_is(base)), key=_start)
    edits: list[Edit] = []
    inherited = b""
    for record in own:
        if record in moves:
            old = base[record.start : record.end]
            edits.append(Edit(record.start, old, b"", _explicit(record, zone)))
            continue
        if record.blank and record.owner != inherited:
            edits.append(Edit(record.start, b"", record.owner))
        inherited = record.owner
    return edits


def _start(record: Record) -> int:
    return record.start


def _explicit(record: Record, zone: Zone) -> bytes:
    """A record that means the same wherever it stands; dnspython knows every type's names."""
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass

    octets = [_HIGH.sub(lambda high: b"\\%03d" % high[0][0], token) for token in record.tokens]
    try:
        origin = dns.name.from_text(record.origin.decode("ascii"))
        raw = b" ".join(octets).decode("ascii")
        kind = dns.rdataclass.IN
        data = dns.rdata.from_text(kind, record.type, raw, origin=origin, relativize=False)
        made = f"{record.owner.decode('ascii')} {record.ttl} IN {record.type} {data.to_text()}"
        return made.encode("ascii")
    except (dns.exception.DNSException, ValueError, ArithmeticError) as error:
        message = f"{zone.order.shown}: the {record.type} data cannot be understood ({error})"
        raise Trouble(finding("zone-file", message, zone.place(record))) from None


def _check_meaning(zone: Zone, moves: frozenset[Record], edited: bytes) -> None:
    """Every record that stays means what it meant.  Raises Trouble."""
    file = zone.order.shown
    help = "give the records there an owner and a TTL of their own"
    first = min(moves, key=_start)
    try:
        after = Reader(zone.order.zone, zone.include).read(edited)
    except ZoneFileError as error:
        message = (
            f"{file}: what follows could not be read if this record moved: {shown(error.message)}"
        )
        raise Trouble(finding("zone-merge", message, zone.place(first), help)) from None
    kept = [record for record in zone.records if record not in moves]
    for old, new in zip(kept, after, strict=False):
        if old.meaning != new.meaning:
            message = f"{file}: this record would mean something else if one before it moved"
            raise Trouble(finding("zone-merge", message, zone.place(old), help))
    if len(kept) != len(after):
        message = f"{file}: records would be lost"
        raise Trouble(finding("zone-merge", message, Place(file)))


def _lines(zone: Zone, moves: frozenset[Record]) -> Iterable[bytes]:
    """Our records; one that joins a set of records by hand takes that set's TTL."""
    values = zone.order.values
    ttls: dict[tuple[bytes, str], int] = {}
    for records in zone.ours.values():
        for record in records:
            if record not in moves:
                ttls.setdefault((record.owner, record.type), record.ttl)
    width = min(max(len(value.name) for value in values), 48)
    for value in values:
        shared = ttls.get((value.name.encode("ascii"), value.type), value.ttl)
        yield record_line(value, width, shared).encode("ascii")


def _numbered(
    text: bytes, at: int, present: bytes, published: bytes | None, now: datetime
) -> bytes:
    """The text with the serial that it needs beside what is published (RFC 1982).

    Content that stays keeps the serial.  One that was raised by hand beyond the published one is
    taken as it is.
    """
    old = present if published is None else published
    if text == old:
        return old
    end = at
    while text[end : end + 1].isdigit():
        end += 1
    given = text[at:end]
    before = given if published is None else _digits(published, given)
    if newer(int(given), int(before)):
        return text
    if text[:at] + before + text[end:] == old:
        return old
    return b"%b%d%b" % (text[:at], following(int(before), now), text[end:])


def _digits(published: bytes, given: bytes) -> bytes:
    """The serial of the published text; that of the new one if it has none to be read."""
    digits = published_serial(published)
    if digits is not None:
        return digits
    try:
        return soa_serial(published).text
    except ZoneFileError:
        return given
