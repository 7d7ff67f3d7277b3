"""Which records differ between two sides of a domain."""

from __future__ import annotations

from collections.abc import Iterable

from generator.diff.model import Change, Side
from generator.diff.parts import parts
from generator.values import Kind, Value

# Of these, one record at a name follows another: they are compared inside.
_SINGLE = frozenset({Kind.SPF, Kind.DMARC, Kind.DKIM, Kind.TRANSPORT})


def changes(old: Side | None, new: Side | None) -> tuple[Change, ...]:
    """The records that came, went or differ, in the order in which they are written."""
    before = old.values if old else ()
    after = new.values if new else ()
    if before == after:
        return ()
    places_before, places_after = _by_place(before), _by_place(after)
    found: list[Change] = []
    for place in dict.fromkeys((*places_before, *places_after)):
        was, now = places_before.get(place, []), places_after.get(place, [])
        if was != now:
            found += _at(place[0], place[1], was, now)
    found.sort(key=_order)
    return tuple(found)


def _by_place(values: Iterable[Value]) -> dict[tuple[str, Kind], list[Value]]:
    """Values by name and purpose; those that one name may hold only once stand together."""
    found: dict[tuple[str, Kind], list[Value]] = {}
    for value in values:
        found.setdefault((value.name, value.kind), []).append(value)
    return found


def _at(name: str, kind: Kind, was: list[Value], now: list[Value]) -> list[Change]:
    found: list[Change] = []
    texts = {(value.type, value.text): value for value in now}
    gone: list[Value] = []
    for value in was:
        same = texts.pop((value.type, value.text), None)
        if same is None:
            gone.append(value)
        elif same.ttl != value.ttl:
            found.append(Change(name, kind, value, same))
    came = list(texts.values())
    if kind in _SINGLE:
        while gone and came:
            old, new = gone.pop(0), came.pop(0)
            found.append(Change(name, kind, old, new, parts(kind, old, new)))
    found += [Change(name, kind, value, None) for value in gone]
    found += [Change(name, kind, None, value) for value in came]
    return found


def _order(change: Change) -> tuple[int, str, str]:
    value = change.new or change.old
    return (change.kind, change.name, value.text if value else "")
