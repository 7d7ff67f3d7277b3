"""Names that a value cannot have in a zone as it is: below a cut, or lost to a wildcard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from generator.octodns.model import Conflict, Member
from generator.values import Value

Types = Mapping[str, Set[str]]


def misplaced(zone: str, types: Types, members: Sequence[Member]) -> Iterator[Conflict]:
    """Everything that is wrong with the names of declared values."""
    cuts = {
        name: "other names" if "DNAME" in here else "other servers"
        for name, here in types.items()
        if "DNAME" in here or ("NS" in here and name != zone)
    }
    ours: dict[str, set[str]] = {}
    for member in members:
        for value in member.values:
            ours.setdefault(value.name, set()).add(value.type)
    wild = any(name.startswith("*.") for name in types)
    existing = _existing(types) if wild else set()
    said: set[str] = set()
    for member in members:
        for value in member.values:
            if cuts:
                yield from _below_cut(value, cuts)
            if wild and "zone-wildcard-shadowed" not in member.waived:
                yield from _shadowed(value, zone, types, existing, ours, said)


def _below_cut(value: Value, cuts: Mapping[str, str]) -> Iterator[Conflict]:
    """RFC 1035 4.2: what lies below a delegation is served elsewhere."""
    name = value.name
    if name in cuts and (cuts[name] == "other names" or value.type in ("NS", "DS")):
        name = name.partition(".")[2]  # these stand at the cut itself
    while name and name not in cuts:
        name = name.partition(".")[2]
    if name:
        what = f"{value.type} at {value.name} lies where the zone hands {name} to {cuts[name]}"
        yield Conflict(value.name, what, f"declare it with `zone: {{name: {name.rstrip('.')}}}`")


def _existing(types: Types) -> set[str]:
    """All names that exist: those with records, and those above them (RFC 4592 2.2.2)."""
    found: set[str] = set()
    for name in types:
        while name and name not in found:
            found.add(name)
            name = name.partition(".")[2]
    return found


def _shadowed(
    value: Value,
    zone: str,
    types: Types,
    existing: Set[str],
    ours: Mapping[str, set[str]],
    said: set[str],
) -> Iterator[Conflict]:
    """Names that come into being with the value and are thereby lost to a wildcard."""
    name = value.name
    while name and name not in existing:
        here = ours.get(name, set())
        closest, lost = _wildcard(name, zone, types, existing)
        missing = [] if "CNAME" in here else sorted(lost - here)
        if missing and name not in said:
            said.add(name)
            listed = ", ".join(missing)
            what = f"{name} comes into being and is lost to *.{closest} ({listed})"
            if name != value.name:
                what = f"{value.name} makes {what}"
            yield Conflict(value.name, what, f"declare {listed} for {name} as the wildcard has it")
        name = name.partition(".")[2]


def _wildcard(name: str, zone: str, types: Types, existing: Set[str]) -> tuple[str, Set[str]]:
    """The name below which a wildcard answers for a name that does not exist, and its types."""
    if "_" in name.removesuffix(zone) or name.startswith("*"):
        return "", frozenset()  # nobody mails to, or browses, a name with an underscore in it
    closest = name.partition(".")[2]
    while closest and closest not in existing:
        closest = closest.partition(".")[2]
    return closest, types.get(f"*.{closest}", frozenset())
