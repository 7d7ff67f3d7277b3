"""Merging our values into a zone file that is kept by hand.

Every line that is not ours stays as it is, byte for byte, and means the same.  Ours stand in one
block at the end.  A line that the block replaces moves into it as a comment, so that a merge can
always be taken back: each one first restores the text that the hand wrote and starts from there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from generator.emit.bind import line as record_line
from generator.finding import Finding, Locatable, Place, finding, mask
from generator.rivals import difference, rival, same
from generator.serial import following, newer
from generator.values import Value
from generator.zonefile import Reader, Record, Token, ZoneFileError, soa_serial

BEGIN = b"; >>> mailzone"
END = b"; <<< mailzone"
_BLOCK = re.compile(rb"^; >>> mailzone.*?^; <<< mailzone[^\n]*(?:\n|\Z)", re.MULTILINE | re.DOTALL)
_BASE = re.compile(rb"^; base ([0-9a-f]{32})( without-newline)?\r?$", re.MULTILINE)
_EDIT = re.compile(
    rb"^; (?:owner (?P<at>\d+) (?P<length>\d+)"
    rb"|moved (?P<from>\d+)\n;= (?P<explicit>[^\n]*)\n(?P<lines>(?:;\| [^\n]*\n)+))",
    re.MULTILINE,
)
_SIGNED = frozenset({"RRSIG", "NSEC", "NSEC3", "NSEC3PARAM"})


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to the text by hand: at ``start``, ``old`` became ``new``.  One of them is empty.

    ``explicit`` is a moved record in a form that can stand anywhere.
    """

    start: int
    old: bytes
    new: bytes
    explicit: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """The new text, or why there is none (then it is the old one)."""

    text: bytes
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be merged into a zone.

    ``zone`` is its name with a final dot, ``shown`` the file's name for people.  ``adopt`` lists
    foreign records that may be replaced, as findings print them.  ``note`` says where the values
    come from.
    """

    zone: str
    shown: str
    values: Sequence[Value]
    adopt: Collection[str] = ()
    note: str = ""


def merge(
    present: bytes,
    order: Order,
    include: Callable[[str], bytes] | None,
    published: bytes | None,
    now: datetime,
) -> Merged:
    """The zone file's text with our values in it.

    ``present`` is the file as it is, with or without a block of ours; ``published`` the text that
    the result will replace, if it is another file.  Pure; whatever is wrong becomes a finding, and
    then nothing may be written.
    """
    base = restore(present)
    reader = Reader(order.zone, include)
    try:
        records = reader.read(base)
        serial = soa_serial(base)
    except ZoneFileError as error:
        where = _place(order.shown, base, error.line)
        return Merged(present, (finding("zone-file", f"{order.shown}: {error.message}", where),))
    found = list(_unfit(base, records, order))
    moves, conflicts = _rivals(base, records, order)
    found += conflicts
    if found:
        return Merged(present, tuple(found))
    if not order.values:
        return Merged(_with_serial(base, serial, published or present, now))
    edits = _edits(base, records, reader.outside, moves, order.zone)
    edited = _apply(base, edits)
    trouble = _changed_meaning(edited, base, records, moves, order, include)
    if trouble:
        return Merged(present, (trouble,))
    text = edited if edited.endswith(b"\n") else edited + b"\n"
    text += _block(edited, edits, records, moves, order)
    return Merged(_with_serial(text, soa_serial(text), published or present, now))


# --- taking a merge back ---------------------------------------------------------------------


def restore(text: bytes) -> bytes:
    """The text as the hand wrote it, but for the serial.

    If the file has been edited since the merge, moved records come back at its end, in explicit
    form: where they stood may no longer be there.
    """
    blocks = list(_BLOCK.finditer(text))
    if not blocks:
        return text
    rest, last = text, blocks[-1][0]
    for block in reversed(blocks):
        rest = rest[: block.start()] + rest[block.end() :]
    known = _BASE.search(last)
    edits = [_read_edit(found) for found in _EDIT.finditer(last)]
    if known is not None:
        original = rest[:-1] if known[2] else rest
        if _digest(original) == known[1]:
            after, extra = _serial_extra(original)
            for edit in reversed(edits):
                start = edit.start + (extra if edit.start > after else 0)
                end = start + len(edit.new)
                original = original[:start] + edit.old + original[end:]
            return original
    back = [edit.explicit.encode("ascii") + b"\n" for edit in edits if edit.explicit]
    return b"".join([rest if rest.endswith(b"\n") or not back else rest + b"\n", *back])


def _read_edit(found: re.Match[bytes]) -> Edit:
    if found["at"] is not None:
        return Edit(int(found["at"]), b"", b"\0" * int(found["length"]))
    lines = b"".join(line[3:] + b"\n" for line in found["lines"].split(b"\n")[:-1])
    return Edit(int(found["from"]), lines, b"", found["explicit"].decode("ascii", "replace"))


def _serial_extra(base: bytes) -> tuple[int, int]:
    """Where the serial begins, and its digits beyond one.

    Offsets in a block count the serial as one digit, since it may grow: 9 becomes 10.
    """
    try:
        serial = soa_serial(base)
    except ZoneFileError:
        return len(base), 0
    return serial.start, len(serial.text) - 1


def _digest(base: bytes) -> bytes:
    """A digest of the text without the serial's digits, which a merge changes."""
    try:
        serial = soa_serial(base)
        base = base[: serial.start] + b"0" + base[serial.end :]
    except ZoneFileError:
        pass
    return hashlib.sha256(base).hexdigest()[:32].encode("ascii")


# --- what stands in the way ------------------------------------------------------------------


def _place(shown: str, text: bytes, line: int) -> Place:
    lines = text.split(b"\n")
    raw = lines[line - 1].decode("utf-8", "replace").rstrip("\r") if line <= len(lines) else ""
    shown_line = mask(raw)
    return Place(shown, line, 1, shown_line, max(1, len(shown_line.rstrip())))


def _unfit(base: bytes, records: list[Record], order: Order) -> list[Finding]:
    """Reasons why nothing at all can be merged into the file."""
    found = []
    signed = next((record for record in records if record.type in _SIGNED), None)
    if signed is not None:
        message = f"{order.shown} is signed: a merge would break its signatures"
        help = "merge into the unsigned file, or publish with `push`"
        where = _place(order.shown, base, signed.line)
        found.append(finding("zone-signed", message, where, help))
    apex = order.zone.encode("ascii")
    if not any(record.type == "SOA" and record.owner == apex for record in records):
        message = f"{order.shown} holds no SOA record for {order.zone}"
        found.append(finding("zone-file", message, Place(order.shown)))
    found += _below_cuts(records, apex, order)
    found += _shadowed(records, order)
    return found


def _below_cuts(records: list[Record], apex: bytes, order: Order) -> list[Finding]:
    cuts = {r.owner.decode("ascii", "replace"): r for r in records
            if r.type in ("NS", "DNAME") and (r.owner != apex or r.type == "DNAME")}  # fmt: skip
    found = []
    for value in order.values if cuts else ():
        for cut, record in cuts.items():
            inside = value.name.endswith(f".{cut}") or (value.name == cut and record.type == "NS")
            if inside:
                message = (
                    f"{value.name} lies below {cut}, which {order.shown} hands to other servers"
                )
                help = f"line {record.line}: {record.type}; publish it in that zone"
                found.append(finding("zone-below-cut", message, value.where, help))
    return found


def _shadowed(records: list[Record], order: Order) -> list[Finding]:
    """Names that come into being with our values and are thereby lost to a wildcard."""
    wild: dict[str, set[str]] = {}
    existing: set[str] = set()
    for record in records:
        name = record.owner.decode("ascii", "replace")
        if name.startswith("*."):
            wild.setdefault(name[2:], set()).add(record.type)
        while name not in existing and name:
            existing.add(name)
            name = name.partition(".")[2]
    if not wild:
        return []
    ours: dict[str, set[str]] = {}
    for value in order.values:
        ours.setdefault(value.name, set()).add(value.type)
    found, said = [], set()
    for value in order.values:
        name = value.name
        while name and name not in existing:
            # Nobody mails to, or browses, a name with an underscore in it.
            relative = name.removesuffix(order.zone)
            closest = name.partition(".")[2]
            while closest and closest not in existing:
                closest = closest.partition(".")[2]
            lost = wild.get(closest, set()) - ours.get(name, set())
            if lost and "_" not in relative and not relative.startswith("*") and name not in said:
                said.add(name)
                types = ", ".join(sorted(lost))
                message = f"{name} comes into being and is lost to *.{closest} ({types})"
                help = f"restate {types} at {name} under records"
                found.append(finding("zone-wildcard-shadowed", message, value.where, help))
            name = name.partition(".")[2]
    return found


def _rivals(
    base: bytes, records: list[Record], order: Order
) -> tuple[dict[int, Record], list[Finding]]:
    """Foreign records to be moved into the block (by start), and those that must not be."""
    by_name: dict[str, list[Record]] = {}
    for record in records:
        by_name.setdefault(record.owner.decode("ascii", "replace"), []).append(record)
    moves: dict[int, Record] = {}
    found: dict[tuple[int, int], Finding] = {}
    for value in order.values:
        for record in by_name.get(value.name, ()):
            text = canonical(record)
            replaced = same(value, record.type, text)
            if not replaced and not rival(value, record.type, text):
                continue
            listed = adoptable(record.type, text)
            equal_elsewhere = any(
                same(other, record.type, text) for other in order.values if other.name == value.name
            )
            if record.text_is(base) and (replaced or equal_elsewhere or listed in order.adopt):
                moves[record.start] = record
                continue
            key = (record.start, id(record))
            found.setdefault(key, _conflict(value, record, text, listed, base, order))
    return moves, list(found.values())


def _conflict(
    value: Value, record: Record, text: str, listed: str, base: bytes, order: Order
) -> Finding:
    where: Locatable = Place(order.shown)
    help = difference(value, text) if record.type == value.type else ""
    if record.text_is(base):
        where = _place(order.shown, base, record.line)
        help += (
            f"\nto have it replaced, list it: `adopt: ['{listed.replace(chr(39), chr(39) * 2)}']`"
        )
    else:
        help += "\nit stands in an included file; change it there"
    message = f"{record.type} at {value.name} cannot stand beside the declared {value.type}"
    rules = {"SPF": "spf-multiple-records", "DMARC": "dmarc-multiple", "DKIM": "dkim-multiple-keys"}
    rule = rules.get(value.kind.name, "zone-rival")
    if "CNAME" in (record.type, value.type):
        rule = "zone-cname-other"
    return finding(rule, message, where, help)


def canonical(record: Record) -> str:
    """A foreign record's data in the form of `Value.text`, as far as that can be told."""
    try:
        if record.type == "TXT":
            return b"".join(record.texts()).decode("latin-1")
        if record.type in ("CNAME", "NS", "PTR", "DNAME") and len(record.tokens) == 1:
            return record.name(0).decode("latin-1")
        if record.type == "MX" and len(record.tokens) == 2 and record.tokens[0].isdigit():
            return f"{int(record.tokens[0])} {record.name(1).decode('latin-1')}"
    except ZoneFileError:
        pass
    return " ".join(token.decode("latin-1") for token in record.tokens)


def adoptable(type: str, text: str) -> str:
    """How a foreign record is named under ``adopt``: TXT by its text, others with their type."""
    return text if type == "TXT" else f"{type} {text}"


# --- the new text ----------------------------------------------------------------------------


def _edits(
    base: bytes,
    records: list[Record],
    outside: list[Record],
    moves: dict[int, Record],
    zone: str,
) -> list[Edit]:
    """Moved lines taken out; owners written where a line inherited one from them."""
    own = sorted((r for r in (*records, *outside) if r.text_is(base)), key=lambda r: r.start)
    edits: list[Edit] = []
    inherited = zone.encode("ascii")
    for record in own:
        if record.start in moves:
            explicit = _explicit(record)
            edits.append(Edit(record.start, base[record.start : record.end], b"", explicit))
            continue
        if record.blank and record.owner != inherited:
            edits.append(Edit(record.start, b"", record.owner))
        inherited = record.owner
    return edits


def _explicit(record: Record) -> str:
    """A record that means the same wherever it stands; dnspython knows every type's names."""
    import dns.name
    import dns.rdata
    import dns.rdataclass

    origin = dns.name.from_text(record.origin.decode("ascii"))
    raw = " ".join(token.decode("latin-1") for token in record.tokens)
    data = dns.rdata.from_text(
        dns.rdataclass.IN, record.type, raw, origin=origin, relativize=False
    ).to_text()
    return f"{record.owner.decode('ascii')} {record.ttl} IN {record.type} {data}"


def _apply(base: bytes, edits: list[Edit]) -> bytes:
    parts: list[bytes] = []
    position = 0
    for edit in edits:
        parts += [base[position : edit.start], edit.new]
        position = edit.start + len(edit.old)
    return b"".join([*parts, base[position:]])


def _changed_meaning(
    edited: bytes,
    base: bytes,
    records: list[Record],
    moves: dict[int, Record],
    order: Order,
    include: Callable[[str], bytes] | None,
) -> Finding | None:
    """A finding if a record that should stay does not mean what it meant."""
    kept = [r for r in records if not (r.text_is(base) and r.start in moves)]
    try:
        after = Reader(order.zone, include).read(edited)
    except ZoneFileError as error:
        return finding("zone-merge", f"{order.shown}: {error.message}", Place(order.shown))
    for old, new in zip(kept, after, strict=False):
        if old.meaning != new.meaning:
            message = (
                f"{order.shown}: a record would change its meaning if the line before it moved"
            )
            help = "give it an owner and a TTL of its own"
            return finding("zone-merge", message, _place(order.shown, base, old.line), help)
    if len(kept) != len(after):
        return finding("zone-merge", f"{order.shown}: records would be lost", Place(order.shown))
    return None


def _block(
    edited: bytes,
    edits: list[Edit],
    records: list[Record],
    moves: dict[int, Record],
    order: Order,
) -> bytes:
    digest = _digest(edited).decode("ascii")
    without = "" if edited.endswith(b"\n") else " without-newline"
    lines = [
        f"{BEGIN.decode()}: written from {order.note}; changes in this block are overwritten",
        f"; base {digest}{without}",
    ]
    out = "\n".join(lines).encode("utf-8") + b"\n"
    shift = 0
    after, extra = _serial_extra(edited)
    for edit in edits:
        start = edit.start + shift
        start -= extra if start > after else 0
        shift += len(edit.new) - len(edit.old)
        if edit.new:
            out += b"; owner %d %d\n" % (start, len(edit.new))
        else:
            out += b"; moved %d\n;= %s\n" % (start, edit.explicit.encode("ascii"))
            out += b"".join(b";| " + part + b"\n" for part in edit.old.rstrip(b"\n").split(b"\n"))
    ttls = {(r.owner.decode("ascii", "replace"), r.type): r.ttl for r in reversed(records)
            if r.start not in moves}  # fmt: skip
    width = min(max(len(value.name) for value in order.values), 48)
    for value in order.values:
        shared = ttls.get((value.name, value.type), value.ttl)
        out += record_line(value, width, shared).encode("ascii") + b"\n"
    return out + END + b"\n"


def _with_serial(text: bytes, serial: Token, old: bytes, now: datetime) -> bytes:
    """The text with the serial that it needs beside what is published (RFC 1982)."""
    try:
        before = int(soa_serial(old).text)
    except ZoneFileError:
        before = int(serial.text)
    given = int(serial.text)
    if newer(given, before):
        return text  # raised by hand
    same_as_before = text[: serial.start] + str(before).encode() + text[serial.end :]
    if same_as_before == old:
        return old
    return text[: serial.start] + str(following(before, now)).encode() + text[serial.end :]
