"""Two states to a diff: a pure function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from generator.declaration.model import Domain, Waiver
from generator.diff import asks, keys, others, presence, ranges, reports, senders, steps
from generator.diff.model import Diff, DomainDiff, Effect, Risk, Side, State
from generator.diff.pair import Pair, Serving, declared_since
from generator.diff.policy import Families, Owners
from generator.diff.records import changes
from generator.diff.vendors import Vendors
from generator.rules import RULES
from generator.values import Value

Check = Callable[[Pair], Iterator[Effect]]

# In the order in which a reader wants to know.
CHECKS: tuple[Check, ...] = (
    others.domain,
    steps.stage,
    steps.at_once,
    presence.spf_records,
    presence.dmarc_records,
    asks.policy,
    asks.alignment,
    asks.inherited,
    asks.ending,
    senders.services,
    ranges.ranges,
    ranges.vendors,
    keys.keys,
    reports.reports,
    reports.authorisations,
    others.exchangers,
    others.transport,
    others.times,
    others.plain,
)
# Of a domain that only one of the states has.
_NEW: tuple[Check, ...] = (
    others.domain, steps.stage, presence.spf_records, presence.dmarc_records, asks.inherited,
    senders.services, reports.authorisations,
)  # fmt: skip
_LEFT: tuple[Check, ...] = (others.domain,)
_REMOVED: tuple[Check, ...] = (
    others.domain, presence.spf_records, presence.dmarc_records, senders.services, keys.keys,
    others.exchangers, others.transport, reports.authorisations,
)  # fmt: skip


def compare(
    old: State, new: State, today: date, serving: Serving = declared_since, unread: int = 0
) -> Diff:
    """What differs between two states, and what that does to mail.

    ``serving`` tells since when a domain of the old state has been at its stage; ``unread`` is the
    number of files that are the same in both states and were not read.
    """
    owned = Owners(old), Owners(new)
    families, vendors = Families(new), Vendors(old, new)
    found: list[DomainDiff] = []
    names = dict.fromkeys((*old.sides, *new.sides))
    for name in names:
        before, after = old.sides.get(name), new.sides.get(name)
        if before and after and _alike(before, after) and not vendors.touched(after.values):
            continue
        one = before or after
        assert one is not None  # its name is from there
        pair = Pair(
            name,
            one.display,
            before,
            after,
            changes(before, after),
            old,
            new,
            owned[0],
            owned[1],
            families,
            vendors,
            today,
            serving,
        )
        made = _compared(pair)
        if made.changes or made.effects:
            found.append(made)
    found.sort(key=lambda one: (-one.risk, one.name))
    return Diff(old.label, new.label, tuple(found), len(names), unread)


def _compared(pair: Pair) -> DomainDiff:
    checks = CHECKS
    if pair.old is None:
        checks = _NEW
    elif pair.new is None:
        checks = _LEFT if others.stays_published(pair) else _REMOVED
    waivers = {w.rule: w for w in pair.new_domain.waivers} if pair.new_domain else {}
    effects = [_weighed(effect, waivers) for check in checks for effect in check(pair)]
    effects.sort(key=lambda effect: -effect.counts)
    return DomainDiff(pair.name, pair.display, pair.old, pair.new, pair.changes, tuple(effects))


def _weighed(effect: Effect, waivers: dict[str, Waiver]) -> Effect:
    """The effect with the waiver that sets it aside, if there is one."""
    waiver = waivers.get(effect.rule)
    if waiver is None or effect.risk <= Risk.NOTE or not RULES[effect.rule].waivable:
        return effect
    return effect._replace(waived=waiver)


_SPOKEN_OF = Value._fields.index("kind")  # name, type, TTL and text come before it


def _alike(old: Side, new: Side) -> bool:
    """True if nothing differs that a diff speaks of; places and reasons do not count."""
    before, after = old.values, new.values
    if len(before) != len(after) or old.mta_sts != new.mta_sts:
        return False
    if [value[:_SPOKEN_OF] for value in before] != [value[:_SPOKEN_OF] for value in after]:
        return False
    return _declared_alike(old.domain, new.domain)


def _declared_alike(old: Domain | None, new: Domain | None) -> bool:
    """True if two declarations of equal records mean the same: one stage, the same services."""
    if old is None or new is None:
        return True
    if old.stage.name != new.stage.name or len(old.services) != len(new.services):
        return False
    for one, other in zip(old.services, new.services, strict=True):
        if one.provider.id != other.provider.id or one.at != other.at:
            return False
        if one.senders != other.senders or one.retiring != other.retiring:
            return False
        if one.sends != other.sends or one.dkim_pending != other.dkim_pending:
            return False
    return True
