"""Which hosts SPF lets pass, and no longer does: address ranges, and includes by name."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from generator.diff.model import Change, Effect, Risk
from generator.diff.pair import Pair
from generator.diff.policy import spf_at
from generator.diff.reach import Known, Network, listed, only, reach
from generator.diff.vendors import included
from generator.finding import Locatable
from generator.lint.texts.spf import WIDE
from generator.names import display
from generator.records import spf
from generator.records.error import RecordError
from generator.values import Kind, Value


def ranges(pair: Pair) -> Iterator[Effect]:
    """Hosts that an SPF record lets pass, or no longer does."""
    for change in pair.of(Kind.SPF):
        old, new = _record(change.old), _record(change.new)
        name = change.name.removesuffix(".")
        if old is None or new is None:
            continue
        before = reach(old, name, _known(pair, old=True))
        after = reach(new, name, _known(pair, old=False))
        if after.everyone and not before.everyone:
            text = f"Everybody may send as {display(name)}: its SPF passes any host."
            yield Effect(text, Risk.DANGER, "spf-pass-all", (change.name,), _where(change))
            continue
        lost, terms = _uncovered(pair, new, name, *before.lost(after))
        lost, terms = _unexplained(pair, change, lost, terms)
        if lost or terms:
            what = listed([*lost, *terms])
            text = f"SPF of {display(name)} no longer passes {what}."
            help = "if mail still comes from there, keep it; else stop sending first"
            yield Effect(text, pair.loss, "change-range-lost", (change.name,), _where(change), help)
        came, more = after.lost(before)
        if before.everyone and not after.everyone:
            yield Effect(f"SPF of {display(name)} no longer passes everybody.",
                         records=(change.name,), where=_where(change))  # fmt: skip
        elif came or more:
            wide = [network for network in came if network.prefixlen < WIDE[network.version][1]]
            if wide:
                text = f"SPF of {display(name)} passes {listed(wide)} from now on: strangers are in it."
                yield Effect(text, Risk.DANGER, "spf-cidr-wide", (change.name,), _where(change))
                continue
            names = [term for term in more if not _of_service(pair, change.new, term)]
            if came or names:
                text = f"SPF of {display(name)} passes {listed([*came, *names])} too."
                yield Effect(text, records=(change.name,), where=_where(change))


def _uncovered(
    pair: Pair, record: spf.Spf, name: str, ranges: list[Network], terms: list[str]
) -> tuple[list[Network], list[str]]:
    """What is lost even if what the lock knows of includes is counted."""
    if pair.after.lock is None or not (ranges or terms):
        return ranges, terms
    whole = reach(record, name, pair.vendors.known(_known(pair, old=False), new=True))
    ranges = [network for network in ranges if only(network).lost(whole)[0]]
    kept: list[str] = []
    for term in terms:
        inner = pair.vendors.reach(term.removeprefix("include:"), new=False)
        if not term.startswith("include:") or inner is None or any(inner.lost(whole)):
            kept.append(term)
    return ranges, kept


def vendors(pair: Pair) -> Iterator[Effect]:
    """Ranges that a vendor's own record lost or gained since the old lock."""
    for value in pair.new.values if pair.new else ():
        for name in included(value):
            lost, came = pair.vendors.changed(name)
            said = [f"no longer {listed(lost)}"] if lost else []
            said += [f"{listed(came)} too"] if came else []
            if said:
                text = f"What include:{name} passes has changed by its vendor: {'; '.join(said)}."
                yield Effect(text, records=(value.name,), where=value.where)


def gained(pair: Pair, change: Change) -> list[str]:
    """What the SPF record lets pass that it did not before, as texts."""
    old, new = _record(change.old), _record(change.new)
    if old is None or new is None:
        return []
    name = change.name.removesuffix(".")
    before = reach(old, name, _known(pair, old=True))
    ranges, terms = reach(new, name, _known(pair, old=False)).lost(before)
    return [*map(str, ranges), *terms]


def _unexplained(
    pair: Pair, change: Change, lost: list[Network], terms: list[str]
) -> tuple[list[Network], list[str]]:
    """What is lost without its service being gone, which is a sentence of its own."""
    gone = [old for old, new in pair.uses if old is not None and new is None]
    explained: set[str] = set()
    for use in gone:
        for reason in change.old.because if change.old else ():
            if reason.where is use.where:
                explained.add(reason.what.partition(": ")[0])
    ranges = {str(_network(term)) for term in explained if term.startswith(("ip4:", "ip6:"))}
    return [n for n in lost if str(n) not in ranges], [t for t in terms if t not in explained]


def _network(term: str) -> Network:
    return ipaddress.ip_network(term[4:], strict=False)


def _of_service(pair: Pair, value: Value | None, term: str) -> bool:
    """True if a new service brought the term: then its own sentence tells."""
    new = [now for was, now in pair.uses if was is None and now is not None]
    return value is not None and any(
        reason.where is use.where and reason.what.startswith(f"{term}: ")
        for reason in value.because
        for use in new
    )


def _known(pair: Pair, old: bool) -> Known:
    state = pair.before if old else pair.after

    def record(name: str) -> spf.Spf | None:
        return next(
            (found[0] for side in state.upwards(name) if (found := spf_at(side, name))), None
        )

    return record


def _record(value: Value | None) -> spf.Spf | None:
    if value is None:
        return None
    try:
        return spf.parse(value.text)
    except RecordError:
        return None


def _where(change: Change) -> Locatable | None:
    return change.new.where if change.new else None
