"""octoDNS zones as plain data, and decided changes as octoDNS records."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from typing import Any

from octodns.record import Record

from generator.octodns.ledger import LABEL
from generator.octodns.model import Change, Key, Published, Rrset
from generator.octodns.texts import data, rrset, text, values


def published(zone: Any, names: Collection[str], ledger: bool = False) -> Published:
    """A zone's record sets at the names; with ``ledger`` all of them, if there is a ledger."""
    book = f"{LABEL}.{zone.name}"
    found: list[tuple[str, Any]] = []
    types: dict[str, set[str]] = {}
    for record in zone.records:
        name = record.fqdn
        found.append((name, record))
        types.setdefault(name, set()).add(record._type)
    every = ledger and book in types
    sets: dict[Key, Rrset] = {
        (name, record._type): rrset(record)
        for name, record in found
        if every or name in names or name == book
    }
    return Published(zone.name, types, sets)


def rebuilt(zone: Any, change: Change, old: Any, source: Any) -> Any:
    """The record that a change leads to.

    A set that is shared keeps its provider's metadata and the very value objects of the foreign
    values: what is not parsed again cannot be changed.
    """
    assert change.after is not None
    ours = [one for one in change.after.texts if one not in change.kept]
    fresh = None
    if ours:
        label = zone.hostname_from_fqdn(change.name)
        fresh = Record.new(zone, label, data(change.type, change.after.ttl, ours), source=source)
    if not change.kept:
        return fresh
    kept = [value for value in values(old) if text(change.type, value) in change.kept]
    made = copy(old)
    made.zone = zone
    made.values = sorted([*kept, *(fresh.values if fresh is not None else ())])
    return made


def same_sets(zone: Any) -> dict[Key, tuple[int, tuple[str, ...]]]:
    """Every record set of a zone with its TTL and sorted values, to compare zones by."""
    made = {}
    for record in zone.records:
        found = rrset(record)
        made[record.fqdn, record._type] = (found.ttl, tuple(sorted(found.texts)))
    return made


def unlike(one: Any, other: Any) -> list[Key]:
    """Record sets that two octoDNS zones do not have alike, sorted."""
    there = {(record.name, record._type): record for record in other.records}
    found = []
    for record in one.records:
        twin = there.pop((record.name, record._type), None)
        if twin is None or record.ttl != twin.ttl or values(record) != values(twin):
            found.append((record.fqdn, record._type))
    return sorted([*found, *((record.fqdn, record._type) for record in there.values())])
