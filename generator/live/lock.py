"""A run of `mailzone lock`: from the declarations and the old lock to a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from generator.live.collect import Progress, collect
from generator.live.resolver import Resolver
from generator.lock.model import Lock
from generator.lock.needs import Need, needs, reachable
from generator.lock.renew import Renewal, renew
from generator.lock.words import Sender, changes
from generator.records import spf
from generator.records.error import RecordError
from generator.values import Compiled


class UnknownName(ValueError):
    """A name was given on which nothing depends."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to; ``changed`` are the names that differ, each with how, in words."""

    renewal: Renewal
    changed: tuple[tuple[str, str], ...]
    asked: int  # names


def run(
    compiled: Sequence[Compiled],
    old: Lock,
    resolver: Resolver,
    today: date,
    snapshots: Mapping[str, int],
    update: Collection[str] = (),
    accepted: Collection[str] = (),
    complete: bool = True,
    progress: Progress = lambda done, total: None,
) -> Outcome:
    """Ask for everything that the domains need outside, or for the names to ``update`` only.

    ``snapshots`` are the catalogue's costs by term; ``complete`` says that all declarations could
    be read.  Raises UnknownName, and `resolver.NoAnswer` if no resolver is there; nothing else
    for whatever the network does.
    """
    roots = list(needs(compiled))
    wanted = _of_names(update, roots, old) if update else roots
    collected = asyncio.run(collect(resolver, wanted, old, progress)) if wanted else None
    found = collected.found if collected else {}
    failed = collected.failed if collected else {}
    for name in accepted:
        if name not in found and name not in failed:
            raise UnknownName(f"nothing that was asked for is called {name}")
    renewal = renew(old, found, failed, roots, today, accepted, not update, complete)
    told = changes(old, renewal.lock, _senders(compiled), snapshots)
    return Outcome(renewal, tuple(told), len(found.keys() | failed.keys()))


def _of_names(names: Collection[str], roots: Sequence[Need], old: Lock) -> list[Need]:
    """What is wanted of these names, among all that the old lock leads to."""
    known = reachable(roots, old.answer)
    found = [need for need in known if need.name in names]
    for name in names:
        if not any(need.name == name for need in found):
            raise UnknownName(f"no declaration depends on {name}")
    return found


def _senders(compiled: Sequence[Compiled]) -> list[Sender]:
    found: list[Sender] = []
    for one in compiled:
        for value in one.values:
            if value.type == "TXT" and spf.is_spf(value.text):
                try:
                    found.append(Sender(value.name[:-1], spf.parse(value.text)))
                except RecordError:
                    continue
    return found
