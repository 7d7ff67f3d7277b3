"""What the lock holds: DNS answers about names outside the project, with their dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType

from generator.lock.tree import Tally, finds_nothing, spf_texts, tallies, target
from generator.records import spf
from generator.records.error import RecordError
from generator.simulate.world import SERVFAIL, Answer

_THERE = Answer("ok", (spf.VERSION,))

TYPES = ("A", "AAAA", "MX", "TXT")  # in the order in which the file lists them


@dataclass(frozen=True, slots=True)
class Held:
    """One answer as it was seen.

    ``ttl`` is in seconds, 0 where nothing was found.  Resolvers count TTLs down while they
    remember an answer, so this is the largest one seen of these data.
    """

    answer: Answer
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A name: its answers by type, the day it came into the lock, and the day it was last seen."""

    name: str
    first: date
    seen: date
    sets: Mapping[str, Held]

    def answer(self, type: str) -> Answer | None:
        held = self.sets.get(type)
        return None if held is None else held.answer


@dataclass(frozen=True)
class Lock:
    """All entries by name (lower-case A-labels, no final dot); ``seen`` is the last whole run.

    It answers like a resolver that knows nothing else, and is a `generator.simulate.world.World`.
    """

    entries: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    seen: date | None = None

    def knows(self, name: str, type: str) -> bool:
        """True if the lock says what the name holds of the type, be it nothing."""
        entry = self.entries.get(name)
        return entry is not None and type in entry.sets

    def answer(self, name: str, type: str) -> Answer:
        """The answer that was seen.

        What the lock does not know is ``servfail``, as from a resolver that cannot be reached:
        nothing is concluded from it.
        """
        entry = self.entries.get(name)
        found = None if entry is None else entry.answer(type)
        return SERVFAIL if found is None else found

    def record(self, name: str) -> spf.Spf | None:
        """The SPF record at a name.

        None where the lock knows of none, of several, or of a malformed one: permerror for
        whoever includes it (RFC 7208 5.2).
        """
        texts = spf_texts(self.answer(name, "TXT"))
        if len(texts) != 1:
            return None
        try:
            return spf.parse(texts[0])
        except RecordError:
            return None

    def age(self, name: str, today: date) -> int | None:
        """Days since the name was last seen; None for a name that is not locked."""
        entry = self.entries.get(name)
        return None if entry is None else (today - entry.seen).days

    def cost(self, term: str) -> tuple[int, int] | None:
        """What a term costs: look-ups, and terms that find nothing, with all that it nests.

        None where that is unknown: a target that is not locked, or one that a macro makes.  Past
        the limit of RFC 7208 4.6.4 the look-ups are a lower bound.  Raises RecordError for what
        is no term.
        """
        parsed = spf.parse_term(term)
        if isinstance(parsed, spf.Mechanism) and parsed.kind != "include":
            return parsed.lookups, int(self._finds_nothing(parsed))
        if parsed.lookups == 0:
            return 0, 0
        found = self.tallies.get(target(parsed.value))
        return (found.lookups, found.void) if found is not None and found.known else None

    def _finds_nothing(self, term: spf.Mechanism) -> bool:
        return bool(term.value) and finds_nothing(term, target(term.value), self.answer)

    @cached_property
    def tallies(self) -> Mapping[str, Tally]:
        """What it costs to include each name that may hold SPF."""
        names = (name for name, entry in self.entries.items() if "TXT" in entry.sets)
        return tallies(names, self.record, self.answer)

    @cached_property
    def memo(self) -> dict[object, object]:
        """Room for what a check works out about the lock once, under a key of its own."""
        return {}

    def term_costs(self, own: Mapping[str, spf.Spf] = MappingProxyType({})) -> dict[str, int]:
        """Look-ups by term, for `generator.simulate.cost`; overrides the catalogue's snapshots.

        ``own`` are the project's own SPF records by name (no final dot), which count as they are
        declared, whatever DNS says of them today.
        """
        tallied = self.tallies
        if own:

            def record(name: str) -> spf.Spf | None:
                return own[name] if name in own else self.record(name)

            def answer(name: str, type: str) -> Answer:
                return _THERE if name in own else self.answer(name, type)

            tallied = tallies([*own, *self.tallies], record, answer)
        costs: dict[str, int] = {}
        for name, found in tallied.items():
            if found.known:
                costs[f"include:{name}"] = costs[f"redirect={name}"] = found.lookups
        return costs
