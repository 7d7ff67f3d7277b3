"""What changed between two locks, in words for a reviewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from generator.lock.model import Entry, Lock
from generator.lock.renew import alike
from generator.lock.tree import canonical, followed, spf_texts, target
from generator.records import spf
from generator.records.error import RecordError
from generator.simulate.cost import count
from generator.simulate.world import Answer

MOST_LISTED = 3  # domains or terms that are named; of more the number is told


class Sender(NamedTuple):
    """A name of the project with its SPF record."""

    name: str
    record: spf.Spf


def changes(
    old: Lock, new: Lock, senders: Iterable[Sender], snapshots: Mapping[str, int]
) -> list[tuple[str, str]]:
    """Every name whose entry or cost differs, in the lock's order, and how.

    ``snapshots`` are the catalogue's costs by term, for what no lock knows.
    """
    before, after = dict(snapshots) | old.term_costs(), dict(snapshots) | new.term_costs()
    felt = _felt(senders, before, after)
    found: list[tuple[str, str]] = []
    for name in sorted(old.entries.keys() | new.entries.keys(), key=canonical):
        was, now = old.entries.get(name), new.entries.get(name)
        parts = differences(was, now)
        cost = _cost(name, old), _cost(name, new)
        if was is None and cost[1]:
            parts.append(f"cost {cost[1]}")
        elif now is not None and cost[0] != cost[1]:
            parts.append(f"cost {cost[0] or 'none'} -> {cost[1] or 'none'}")
        if parts:
            found.append((name, "; ".join([", ".join(parts), *_listed(felt.get(name, []))])))
    return found


def differences(old: Entry | None, new: Entry | None) -> list[str]:
    """How an entry differs; nothing if it means the same."""
    if new is None:
        return ["no longer needed"]
    differing = {}
    for type, held in new.sets.items():
        before = old.answer(type) if old is not None else None
        if before is None or not alike(before, held.answer):
            differing[type] = (before, held.answer)
    found = [word for type, pair in differing.items() for word in _of_type(type, *pair)]
    found += _missing(differing)
    if old is not None:
        return found
    return [f"new: {', '.join(found)}"] if found else ["new"]


def _missing(differing: Mapping[str, tuple[Answer | None, Answer]]) -> list[str]:
    """What a name has not, or not any more."""
    absent = {type: pair for type, pair in differing.items() if pair[1].status != "ok"}
    gone = any(old is not None and old.data for old, _ in absent.values())
    more = " any more" if gone else ""
    if any(new.status == "nxdomain" for _, new in absent.values()):
        return [f"does not exist{more}"]
    return [f"has no {' and no '.join(absent)}{more}"] if absent else []


def _of_type(type: str, old: Answer | None, new: Answer) -> list[str]:
    if new.status != "ok":
        return []
    if type == "TXT":
        after = spf_texts(new)
        if after:
            return _of_spf(spf_texts(old) if old is not None else (), after)
        return [_of_text(new.data[0], changed=old is not None and bool(old.data))]
    gone = [] if old is None else [d for d in old.data if d not in new.data]
    come = [d for d in new.data if old is None or d not in old.data]
    return [
        *_some(come, f"{type} {{}} added" if old else f"{type} {{}}"),
        *_some(gone, f"{type} {{}} removed"),
    ]


def _of_text(text: str, changed: bool) -> str:
    what = "another" if changed else "a"
    kind = "key" if "p=" in text else "consent to reports" if "DMARC1" in text else "text"
    return f"{what} {kind}"


def _of_spf(old: tuple[str, ...], new: tuple[str, ...]) -> list[str]:
    if len(new) > 1:
        return [f"{len(new)} SPF records, where one may be"]
    before, after = _terms(old), _terms(new)
    if after is None:
        return ["an SPF record that is not valid"]
    fresh = before is None
    before = before or []
    found: list[str] = []
    for sign, listed, other in (("added", after, before), ("removed", before, after)):
        only = [term for term in dict.fromkeys(listed) if term not in other]
        ranges = [term for term in only if term.lstrip("+-~?").startswith(("ip4:", "ip6:"))]
        if ranges:
            number = f"{len(ranges)} range{'s' if len(ranges) > 1 else ''}"
            found.append(number if fresh else f"{number} {sign}")
        rest = [term for term in only if term not in ranges]
        found += _some(rest, "{}" if fresh else f"{{}} {sign}")
    return found or ["terms in another order"]


def _terms(texts: tuple[str, ...]) -> list[str] | None:
    try:
        return [str(term) for term in spf.parse(texts[0]).terms] if len(texts) == 1 else None
    except RecordError:
        return None


def _some(words: list[str], form: str) -> list[str]:
    if not words:
        return []
    more = f" and {len(words) - MOST_LISTED} more" if len(words) > MOST_LISTED else ""
    return [form.format(", ".join(words[:MOST_LISTED]) + more)]


def _cost(name: str, lock: Lock) -> str:
    found = lock.tallies.get(name)
    if found is None or (found.lookups == 1 and lock.record(name) is None):
        return ""
    return str(found.lookups) if found.known else "unknown"


def _felt(
    senders: Iterable[Sender], before: Mapping[str, int], after: Mapping[str, int]
) -> dict[str, list[str]]:
    """For each name that a record of the project leads to: the senders whose total changed."""
    found: dict[str, list[str]] = {}
    for sender in senders:
        was, now = count(sender.record, before).lookups, count(sender.record, after).lookups
        if was == now:
            continue
        for term in followed(sender.record):
            text = str(term).lstrip("+-~?")
            if before.get(text) != after.get(text):
                told = f"{sender.name} now {now} of {spf.LOOKUP_LIMIT}"
                found.setdefault(target(term.value), []).append(told)
    return found


def _listed(told: list[str]) -> list[str]:
    return _some(told, "{}")
