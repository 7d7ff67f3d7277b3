"""What is published, what is declared, and what is to be done: plain data, nothing of octoDNS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from generator.values import Value

Key = tuple[str, str]  # absolute name with its final dot, type


class Rrset(NamedTuple):
    """A record set: TTL in seconds, and its data in the form of `Value.text`.

    ``special`` says why it cannot be rewritten as plain data, if it cannot: geo or health-checked.
    """

    ttl: int
    texts: tuple[str, ...]
    special: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A zone as a provider reports it.

    ``types`` has the types at every name.  ``sets`` may leave out those that nobody asks for:
    it holds all at names where values are declared, and all at all names if there is a ledger.
    """

    zone: str
    types: Mapping[str, frozenset[str] | set[str]]
    sets: Mapping[Key, Rrset]

    def at(self, name: str) -> list[tuple[str, Rrset]]:
        """The types at a name with their record sets."""
        return [(type, self.sets[name, type]) for type in sorted(self.types.get(name, ()))]


class Member(NamedTuple):
    """A declared domain with what it wants in the zone.

    ``domain`` ends in a dot; ``adopt`` are foreign records that it may replace, ``waived`` rules
    that are not to be reported for it.
    """

    domain: str
    values: tuple[Value, ...]
    adopt: frozenset[str] = frozenset()
    waived: frozenset[str] = frozenset()
    released: bool = False


class Conflict(NamedTuple):
    """Why nothing can be changed at a name; ``help`` may have several lines."""

    name: str
    what: str
    help: str = ""

    def __str__(self) -> str:
        return self.what + "".join(f"\n    {line}" for line in self.help.split("\n") if line)


class Change(NamedTuple):
    """One record set to be created, changed or deleted.

    ``removed`` and ``added`` are the values that differ, all of them ours (or adopted); ``kept``
    are foreign values that stay.  ``ledger`` is True for the ledger itself.
    """

    name: str
    type: str
    before: Rrset | None
    after: Rrset | None
    removed: tuple[str, ...]
    added: tuple[str, ...]
    kept: tuple[str, ...]
    ledger: bool = False

    @property
    def key(self) -> Key:
        return self.name, self.type


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an overlay comes to for one zone.

    ``changes`` leave out names with ``conflicts``.  ``notes`` are worth a person's attention, but
    stop nothing.  ``adopted`` are the entries of ``adopt`` that a record was found for.
    """

    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[str, ...] = ()
    adopted: frozenset[str] = field(default_factory=frozenset)
