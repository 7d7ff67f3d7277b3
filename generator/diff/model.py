"""The types of a diff: states, their domains, changed records, and what a change does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from generator.declaration.model import Domain, Waiver
from generator.finding import Finding, Locatable
from generator.ladder import Stage
from generator.values import Kind, Value

if TYPE_CHECKING:
    from generator.lock.model import Lock


class Risk(IntEnum):
    """What a change may cost.

    ``NOTE`` is worth a reader's moment, ``CAUTION`` a question before the merge; ``DANGER`` loses
    mail or protection unless something is known that no record shows.
    """

    NONE = 0
    NOTE = 1
    CAUTION = 2
    DANGER = 3

    @property
    def label(self) -> str:
        return self.name.lower()


class Side(NamedTuple):
    """One domain in one state.

    ``domain`` is its declaration; None where only zone files are known.  ``mta_sts`` is the text
    of its MTA-STS policy file, empty if there is none or it is not known.
    """

    name: str
    display: str
    values: tuple[Value, ...]
    domain: Domain | None = None
    mta_sts: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """All domains of one moment, by name.

    ``label`` names it for people.  ``declared`` is False for zone files, where nothing is known of
    services and stages.  ``costs`` are the look-ups of known SPF terms, ``lock`` is what vendors
    publish, as pinned in that state.
    """

    label: str
    sides: Mapping[str, Side]
    declared: bool = True
    findings: tuple[Finding, ...] = ()
    costs: Mapping[str, int] = field(default_factory=dict)
    lock: Lock | None = None

    def upwards(self, name: str) -> Iterator[Side]:
        """The side of that name, and those of the names above it, the nearest first."""
        while name:
            side = self.sides.get(name)
            if side is not None:
                yield side
            name = name.partition(".")[2]


class Part(NamedTuple):
    """A piece of a record that came (``+``), went (``-``) or has another value (``~``)."""

    sign: str
    text: str
    was: str = ""

    def __str__(self) -> str:
        return f"{self.was} → {self.text}" if self.sign == "~" else f"{self.sign} {self.text}"


class Change(NamedTuple):
    """A record that differs; one of ``old`` and ``new`` is None where it came or went.

    ``parts`` is what differs inside it; empty for a record that is only spelt another way or has
    another TTL.
    """

    name: str
    kind: Kind
    old: Value | None
    new: Value | None
    parts: tuple[Part, ...] = ()

    @property
    def type(self) -> str:
        value = self.new or self.old
        assert value is not None  # a change is of something
        return value.type

    @property
    def same_meaning(self) -> bool:
        """True if receivers see no difference."""
        return self.old is not None and self.new is not None and not self.parts


class Effect(NamedTuple):
    """What the change does, as a sentence for a mail admin.

    ``rule`` is the rule behind the risk; empty for plain news.  ``records`` are the names of the
    records behind the sentence.  ``waived`` is the waiver or, with ``because``, the written reason
    that sets the risk aside.
    """

    text: str
    risk: Risk = Risk.NOTE
    rule: str = ""
    records: tuple[str, ...] = ()
    where: Locatable | None = None
    help: str = ""
    waived: Waiver | None = None
    because: str = ""

    @property
    def counts(self) -> Risk:
        """The risk that a gate sees: none worth stopping for where somebody took it on."""
        return min(self.risk, Risk.NOTE) if self.waived or self.because else self.risk


class Step(NamedTuple):
    """A domain's move on the ladder; a stage is None where there was no domain, or is none."""

    old: Stage | None
    new: Stage | None

    @property
    def kind(self) -> str:
        """``advance``, ``back``, ``parked``, ``unparked``, ``new``, ``gone``, or empty for no move."""
        old, new = self.old, self.new
        if old is None or new is None:
            return "new" if new else "gone" if old else ""
        if old.name == new.name:
            return ""
        if "parked" in (old.name, new.name):
            return "parked" if new.name == "parked" else "unparked"
        return "advance" if new.rung > old.rung else "back"


@dataclass(frozen=True)
class DomainDiff:
    """One domain that differs."""

    name: str
    display: str
    old: Side | None
    new: Side | None
    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]

    @cached_property
    def risk(self) -> Risk:
        return max((effect.counts for effect in self.effects), default=Risk.NONE)

    @cached_property
    def step(self) -> Step:
        old, new = (side.domain if side else None for side in (self.old, self.new))
        return Step(old.stage if old else None, new.stage if new else None)


@dataclass(frozen=True)
class Diff:
    """The whole: domains that differ, the gravest first, then by name.

    ``total`` is the number of domains in either state; ``unread`` counts files that are the same in
    both and were not read, whose domains are not in the total.  ``notes`` say what a reader must
    know of the comparison itself.
    """

    old: str
    new: str
    domains: tuple[DomainDiff, ...]
    total: int
    unread: int = 0
    notes: tuple[str, ...] = ()

    @cached_property
    def risk(self) -> Risk:
        return max((one.risk for one in self.domains), default=Risk.NONE)
