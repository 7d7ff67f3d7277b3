"""What may stand in the way of a merge: other hands' records, and the shape of their zone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.compile.transport import uncovered
from generator.declaration.records import canonical as canonical_data
from generator.emit.block import Restored
from generator.finding import Finding, Locatable, Place, finding, mask
from generator.records.error import RecordError
from generator.records.mta_sts import Policy
from generator.rivals import difference, rival, same
from generator.values import Value
from generator.zonefile import Record, ZoneFileError

Include = Callable[[str], bytes]

_SIGNED = frozenset({"RRSIG", "NSEC", "NSEC3", "NSEC3PARAM"})
_APEX_RULES = frozenset({"SOA", "NS", "DNAME", *_SIGNED})
_RULES = {"SPF": "spf-multiple-records", "DMARC": "dmarc-multiple", "DKIM": "dkim-multiple-keys"}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be merged into a zone.

    ``zone`` is its name with a final dot, ``shown`` the file's name for people.  ``adopt`` lists
    foreign records that may be replaced, as findings print them.  ``title`` says what the block is.
    ``waived`` has for a rule the names (with final dots) at which it is not to be reported.
    ``policies`` are the MTA-STS policies by the names of their domains, with final dots.
    """

    zone: str
    shown: str
    values: Sequence[Value]
    adopt: Collection[str] = ()
    title: str = ""
    waived: Mapping[str, Collection[str]] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)

    def waives(self, rule: str, name: str) -> bool:
        return name in self.waived.get(rule, ())


class Trouble(Exception):
    """Nothing can be merged; ``findings`` say why."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(findings[0].message)
        self.findings = findings


class Zone:
    """The zone by hand, and in it what a merge looks at, picked out in one pass.

    ``ours`` has the records at names of our values, ``special`` those that shape the zone.
    """

    def __init__(
        self,
        restored: Restored,
        order: Order,
        records: list[Record],
        outside: list[Record],
        include: Include | None,
    ) -> None:
        self.restored = restored
        self.order = order
        self.records = records
        self.outside = outside
        self.include = include
        self.serial = 0
        self.ours: dict[bytes, list[Record]] = {v.name.encode("ascii"): [] for v in order.values}
        self.special: list[Record] = []
        self.wild = False
        ours = self.ours
        for record in records:
            owner = record.owner
            if owner in ours:
                ours[owner].append(record)
            if record.type in _APEX_RULES:
                self.special.append(record)
            if owner[:2] == b"*.":
                self.wild = True
        self.soa = [record for record in self.special if record.type == "SOA"]

    def place(self, record: Record) -> Place:
        """Where the record stands in the file as it is now."""
        if not record.text_is(self.restored.text):
            return Place(self.order.shown)
        present = self.restored.present
        return place(self.order.shown, present, self.restored.line(record.line))


def place(shown: str, text: bytes, line: int) -> Place:
    """A whole line of a zone file, fit to be shown."""
    lines = text.split(b"\n", line)
    raw = lines[line - 1].decode("utf-8", "replace").rstrip() if line <= len(lines) else ""
    shown_line = mask(raw)
    indent = len(shown_line) - len(shown_line.lstrip())
    return Place(shown, line, indent + 1, shown_line, max(1, len(shown_line) - indent))


def shown(text: str) -> str:
    """Text that may hold octets of a file name, fit to be printed."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def obstacles(zone: Zone) -> None:
    """Raises Trouble with everything about the zone itself that forbids the merge."""
    found = [
        *_signed(zone), *_below_cuts(zone), *_hidden(zone), *_shadowed(zone), *_kept_back(zone),
    ]  # fmt: skip
    if found:
        raise Trouble(*found)


def _signed(zone: Zone) -> Iterator[Finding]:
    order = zone.order
    signed = next((record for record in zone.special if record.type in _SIGNED), None)
    if signed is not None and not order.waives("zone-signed", order.zone):
        message = f"{order.shown} is signed: a merge would break its signatures"
        help = "merge into the unsigned file that it is made from"
        yield finding("zone-signed", message, zone.place(signed), help)


def _below_cuts(zone: Zone) -> Iterator[Finding]:
    """Values at names that the zone hands to other servers."""
    order = zone.order
    apex = order.zone.encode("ascii")
    cuts: dict[str, Record] = {}
    for record in zone.special:
        if record.type == "DNAME" or (record.type == "NS" and record.owner != apex):
            cuts.setdefault(record.owner.decode("ascii"), record)
    for value in order.values if cuts else ():
        name = value.name
        if name in cuts and (cuts[name].type == "DNAME" or value.type in ("NS", "DS")):
            name = name.partition(".")[2]  # these may stand at the cut itself
        while name and name not in cuts:
            name = name.partition(".")[2]
        if name:
            record = cuts[name]
            other = "other names" if record.type == "DNAME" else "other servers"
            message = f"{value.name} lies where {order.shown} hands {name} to {other}"
            help = f"{record.type} in line {zone.place(record).line}; declare it in that zone"
            yield finding("zone-below-cut", message, value.where, help)


def _hidden(zone: Zone) -> Iterator[Finding]:
    """Foreign records that a declared delegation would hide."""
    order = zone.order
    cuts = {v.name: v for v in order.values if v.type == "NS" and v.name != order.zone}
    for record in zone.records if cuts else ():
        owner = name = record.owner.decode("ascii")
        while name and name not in cuts:
            name = name.partition(".")[2]
        beside = record.type in ("NS", "DS") if owner == name else record.type in ("A", "AAAA")
        if name and not beside:
            message = f"the declared NS at {name} would hide {record.type} at {owner}"
            help = f"line {zone.place(record).line} of {order.shown}; move it to the zone of {name}"
            yield finding("zone-below-cut", message, cuts.pop(name).where, help)


def _kept_back(zone: Zone) -> Iterator[Finding]:
    """Foreign MX that a declared MTA-STS policy in mode enforce does not name (RFC 8461 5)."""
    policies = zone.order.policies
    ours = {value.name for value in zone.order.values if value.type == "MX"}  # others are rivals
    for record in zone.records if policies else ():
        name = record.owner.decode("ascii")
        policy = policies.get(name) if record.type == "MX" and name not in ours else None
        host = canonical(record).partition(" ")[2]
        if policy is not None and policy.mode == "enforce" and not policy.covers(host):
            yield from uncovered(policy, host, zone.place(record))


# --- wildcards -------------------------------------------------------------------------------


def _shadowed(zone: Zone) -> Iterator[Finding]:
    """Names that come into being with our values and are thereby lost to a wildcard.

    RFC 4592 2.2.2: a name exists if it has records or if a name below it has.
    """
    if not zone.wild:
        return
    wild, existing = _names(zone.records)
    ours: dict[str, set[str]] = {}
    for value in zone.order.values:
        ours.setdefault(value.name, set()).add(value.type)
    said = set()
    for value in zone.order.values:
        name = value.name
        while name and name not in existing:
            lost = _lost(name, zone.order.zone, wild, existing)
            here = ours.get(name, set())
            types = [] if "CNAME" in here else sorted(lost[1] - here)  # it leads to all there is
            waived = zone.order.waives("zone-wildcard-shadowed", value.name)
            if types and name not in said and not waived:
                said.add(name)
                yield _shadow(value, name, lost[0], types)
            name = name.partition(".")[2]


def _names(records: list[Record]) -> tuple[dict[str, set[str]], set[str]]:
    """The types of each wildcard, by the name below which it stands; all names that exist."""
    wild: dict[str, set[str]] = {}
    existing: set[str] = set()
    for record in records:
        name = record.owner.decode("ascii")
        if name.startswith("*."):
            wild.setdefault(name[2:], set()).add(record.type)
        while name and name not in existing:
            existing.add(name)
            name = name.partition(".")[2]
    return wild, existing


def _lost(
    name: str, zone: str, wild: dict[str, set[str]], existing: set[str]
) -> tuple[str, set[str]]:
    """The wildcard that answers for a name that does not exist yet, and its types."""
    # Nobody mails to, or browses, a name with an underscore in it.
    if "_" in name.removesuffix(zone) or name.startswith("*"):
        return "", set()
    closest = name.partition(".")[2]
    while closest and closest not in existing:
        closest = closest.partition(".")[2]
    return closest, wild.get(closest, set())


def _shadow(value: Value, name: str, closest: str, types: list[str]) -> Finding:
    listed = ", ".join(types)
    message = f"{name} comes into being and is lost to *.{closest} ({listed})"
    if name != value.name:
        message = f"{value.name} makes {name} exist, which is then lost to *.{closest} ({listed})"
    help = f"declare {listed} for {name} under records, as the wildcard has it"
    if "CNAME" in types:
        help = f"declare for {name} under records what the wildcard's CNAME leads to"
    return finding("zone-wildcard-shadowed", message, value.where, help)


# --- rivals ----------------------------------------------------------------------------------


def rivals(zone: Zone) -> tuple[frozenset[Record], frozenset[str]]:
    """Foreign records to be moved into the block, and the entries of ``adopt`` that this needs.

    Raises Trouble with those that must not be moved.
    """
    values: dict[str, list[Value]] = {}
    for value in zone.order.values:
        values.setdefault(value.name, []).append(value)
    moves: set[Record] = set()
    adopted: set[str] = set()
    found: list[Finding] = []
    base = zone.restored.text
    for name, here in values.items():
        for record in zone.ours[name.encode("ascii")]:
            text = canonical(record)
            equal = any(same(value, record.type, text) for value in here)
            against = [value for value in here if rival(value, record.type, text)]
            listed = adoptable(record.type, text)
            if listed in zone.order.adopt and against and not equal:
                adopted.add(listed)
                against = against if not record.text_is(base) else []
                equal = not against
            if record.text_is(base) and equal:
                moves.add(record)
            elif against and not any((v.type, v.text) == (record.type, text) for v in here):
                found.append(_conflict(zone, against, record, text, listed))
    if found:
        raise Trouble(*found)
    return frozenset(moves), frozenset(adopted)


def _conflict(
    zone: Zone, against: Sequence[Value], record: Record, text: str, listed: str
) -> Finding:
    value = against[0]
    where: Locatable = zone.place(record)
    lines = []
    if record.type == value.type == "MX":
        lines += [f"only in the zone: {text}", "declared: " + ", ".join(v.text for v in against)]
    elif record.type == value.type:
        lines.append(difference(value, text))
    if record.text_is(zone.restored.text):
        quoted = listed.replace("'", "''")
        lines.append(f"to have it replaced, list it: `adopt: ['{quoted}']`")
    else:
        lines.append("it stands in an included file; take it out there")
    message = f"{record.type} at {value.name} cannot stand beside the declared {value.type}"
    rule = _RULES.get(value.kind.name, "zone-rival")
    if "CNAME" in (record.type, value.type):
        rule = "zone-cname-other"
    return finding(rule, message, where, "\n".join(lines))


def canonical(record: Record) -> str:
    """A foreign record's data in the form of `Value.text`, as far as that can be told."""
    type, tokens = record.type, record.tokens
    try:
        if type == "TXT":
            return _printable(b"".join(record.texts()))
        if type in ("CNAME", "NS", "PTR", "DNAME") and len(tokens) == 1:
            return record.name(0).decode("ascii")
        if type == "MX" and len(tokens) == 2 and tokens[0].isdigit():
            return f"{int(tokens[0])} {record.name(1).decode('ascii')}"
        if type == "SRV" and len(tokens) == 4 and all(number.isdigit() for number in tokens[:3]):
            numbers = " ".join(str(int(number)) for number in tokens[:3])
            return f"{numbers} {record.name(3).decode('ascii')}"
        if type in ("A", "AAAA", "CAA", "TLSA"):
            return canonical_data(type, b" ".join(tokens).decode("latin-1"), "")
    except (ZoneFileError, RecordError):
        pass
    return _printable(b" ".join(tokens))


def _printable(octets: bytes) -> str:
    r"""Text that a finding can show and a declaration hold: octets beyond it as ``\DDD``."""
    text = octets.decode("latin-1")
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if " " <= c <= "~" else f"\\{ord(c):03d}" for c in text)


def adoptable(type: str, text: str) -> str:
    """How a foreign record is named under ``adopt``: TXT by its text, others with their type."""
    return text if type == "TXT" else f"{type} {text}"
