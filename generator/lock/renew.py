"""A new lock out of the old one and of what DNS answered: fails closed, name by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from generator.lock.gate import objections
from generator.lock.model import Entry, Held, Lock
from generator.lock.needs import Need, reachable
from generator.lock.tree import leads_to, spf_texts
from generator.records import spf
from generator.records.error import RecordError
from generator.simulate.world import Answer

Found = Mapping[str, Mapping[str, Held]]  # by name and type


@dataclass(frozen=True, slots=True)
class Renewal:
    """A lock as it is to be written.

    ``kept`` are names whose old entry stays because no sound answer came, each with the reason,
    or that stay unlocked; ``refused`` those whose answer nobody has accepted.  ``taken`` is the
    number of names that were seen in this run.
    """

    lock: Lock
    taken: int = 0
    kept: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def renew(
    old: Lock,
    found: Found,
    failed: Mapping[str, str],
    roots: Collection[Need],
    today: date,
    accepted: Collection[str] = (),
    whole: bool = True,
    complete: bool = True,
) -> Renewal:
    """The lock after a run.

    ``failed`` are the names that gave no sound answer, and why.  Without ``whole`` the run was
    about some names only, and other entries stay as they are.  ``complete`` says that the roots
    are all there are: then what nothing needs any more is dropped.
    """
    kept, refused = dict(failed), {}
    taken: dict[str, Entry] = {}
    for name, sets in found.items():
        if name in failed:
            continue
        entry = _entry(name, old.entries.get(name), sets, today, whole)
        doubts = objections(old.entries.get(name), entry)
        if doubts and name not in accepted:
            refused[name] = ", ".join(doubts)
        else:
            taken[name] = entry
    kept |= _incomplete(taken, old, found.keys() | failed.keys())
    entries = {**old.entries, **taken}
    lock = Lock(entries, today if whole or old.seen is None else old.seen)
    if whole and complete:
        needed = {need.name for need in reachable(roots, lock.answer)}
        lock = Lock({name: e for name, e in entries.items() if name in needed}, lock.seen)
    return Renewal(lock, len(taken), tuple(sorted(kept.items())), tuple(sorted(refused.items())))


def _entry(
    name: str, old: Entry | None, sets: Mapping[str, Held], today: date, whole: bool
) -> Entry:
    """The entry for new answers; what means the same stays as it was written."""
    if old is None:
        return Entry(name, today, today, dict(sets))
    merged = {} if whole else dict(old.sets)
    for type, held in sets.items():
        before = old.sets.get(type)
        if before is not None and alike(before.answer, held.answer):
            held = Held(before.answer, max(before.ttl, held.ttl))
        merged[type] = held
    return Entry(name, old.first, today, merged)


def alike(one: Answer, other: Answer) -> bool:
    """True if two answers mean the same: DNS gives records in any order, and so do some vendors."""
    return one.status == other.status and _meaning(one) == _meaning(other)


def _meaning(answer: Answer) -> object:
    texts = spf_texts(answer)
    if len(texts) != 1 or len(answer.data) != 1:
        return sorted(answer.data)
    try:
        record = spf.parse(texts[0])
    except RecordError:
        return texts
    terms = [str(term) for term in record.terms]
    ending = record.all
    end = len(terms) if ending is None else record.terms.index(ending)
    if all(isinstance(t, spf.Modifier) or t.qualifier == "+" for t in record.terms[:end]):
        return (sorted(terms[:end]), terms[end:])  # whoever passes passes in any order
    return terms


def _incomplete(taken: dict[str, Entry], old: Lock, asked: Collection[str]) -> dict[str, str]:
    """Take out of ``taken`` each record that leads to a name that was asked for in vain.

    The old record with all that it names is worth more than a new one with a hole.  Names that
    were not asked for, since the record leads to too many, make no hole: it is past the limit.
    """
    reasons: dict[str, str] = {}
    while True:
        known = taken.keys() | {name for name, e in old.entries.items() if "TXT" in e.sets}
        holes = {}
        for name, entry in taken.items():
            missing = [i for i in _inner(entry) if i not in known and i in asked]
            if missing:
                holes[name] = f"it leads to {missing[0]}, of which nothing is known"
        if not holes:
            return reasons
        reasons |= holes
        for name in holes:
            del taken[name]


def _inner(entry: Entry) -> Iterable[str]:
    held = entry.sets.get("TXT")
    texts = spf_texts(held.answer) if held is not None else ()
    try:
        return leads_to(spf.parse(texts[0])) if len(texts) == 1 else ()
    except RecordError:
        return ()
