"""One domain in both states: what every check of a change looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from generator.declaration.model import Domain, ServiceUse
from generator.diff.model import Change, Risk, Side, State
from generator.diff.policy import Families, Owners, Policies, bites, dmarc_at, policies
from generator.diff.vendors import Vendors
from generator.finding import Locatable
from generator.records import dmarc
from generator.values import Kind, Value


class Served(NamedTuple):
    """Since when a domain has been at its stage, and how that is known.

    ``at_least``: the history goes no further back; the day is the latest that it can have been.
    None: nothing is known.
    """

    since: date | None
    at_least: bool = False
    how: str = ""


# Since when a domain of the old state had been at its stage.
Serving = Callable[[Domain], Served]


def declared_since(domain: Domain) -> Served:
    """What the declaration itself says."""
    return Served(domain.since, how="as declared") if domain.since else Served(None)


@dataclass(frozen=True)
class Pair:
    """A domain in the old and the new state; one of them may lack it."""

    name: str
    display: str
    old: Side | None
    new: Side | None
    changes: tuple[Change, ...]
    before: State
    after: State
    owners_before: Owners
    owners_after: Owners
    families: Families
    vendors: Vendors
    today: date
    serving: Serving

    @cached_property
    def old_policy(self) -> Policies:
        return policies(self.old_dmarc)

    @cached_property
    def new_policy(self) -> Policies:
        return policies(self.new_dmarc)

    @cached_property
    def old_dmarc(self) -> dmarc.Dmarc | None:
        return dmarc_at(self.old, self.name)

    @cached_property
    def new_dmarc(self) -> dmarc.Dmarc | None:
        return dmarc_at(self.new, self.name)

    @property
    def old_domain(self) -> Domain | None:
        return self.old.domain if self.old else None

    @property
    def new_domain(self) -> Domain | None:
        return self.new.domain if self.new else None

    @property
    def where(self) -> Locatable | None:
        """The domain's place in the new state; in zone files, that of its first record."""
        if self.new is None:
            return None
        if self.new.domain is not None:
            return self.new.domain.where
        return self.new.values[0].where if self.new.values else None

    @property
    def stage_where(self) -> Locatable | None:
        return self.new.domain.stage_where if self.new and self.new.domain else self.where

    @cached_property
    def bites(self) -> bool:
        """True if in either state receivers act on failures."""
        return bites(self.old) or bites(self.new)

    @property
    def loss(self) -> Risk:
        """The risk of mail that may fail from now on."""
        return Risk.DANGER if self.bites else Risk.CAUTION

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of records of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)

    @cached_property
    def uses(self) -> tuple[tuple[ServiceUse | None, ServiceUse | None], ...]:
        """The sending services of both states, those that correspond side by side."""
        return _matched(_sending(self.old_domain), _sending(self.new_domain))


def belongs(value: Value, use: ServiceUse) -> bool:
    """True for a record that the service brought, or a part of which it did."""
    return any(reason.where is use.where for reason in value.because)


def _sending(domain: Domain | None) -> list[ServiceUse]:
    if domain is None or domain.release:
        return []
    return [use for use in domain.services if use.sends]


def _matched(
    old: list[ServiceUse], new: list[ServiceUse]
) -> tuple[tuple[ServiceUse | None, ServiceUse | None], ...]:
    """Each use with its counterpart: at the same names, else the only other one of the service."""
    left = list(new)
    found: list[tuple[ServiceUse | None, ServiceUse | None]] = []
    waiting: list[ServiceUse] = []
    for use in old:
        twin = next((o for o in left if o.provider.id == use.provider.id and o.at == use.at), None)
        if twin is None:
            waiting.append(use)
        else:
            left.remove(twin)
            found.append((use, twin))
    for use in waiting:
        twins = [o for o in left if o.provider.id == use.provider.id]
        rivals = [o for o in waiting if o.provider.id == use.provider.id]
        if len(twins) == 1 and len(rivals) == 1:
            left.remove(twins[0])
            found.append((use, twins[0]))
        else:
            found.append((use, None))
    return (*found, *((None, use) for use in left))
