"""Everything that some needs lead to, asked for level by level."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from generator.live.resolver import NoAnswer, Resolver
from generator.lock.gate import broken
from generator.lock.model import Held, Lock
from generator.lock.needs import Kind, Need, reachable
from generator.records import dmarc, spf
from generator.simulate.world import NODATA, SERVFAIL, Answer

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Collected:
    """Answers by name and type; the names that gave a bad one or none, and why."""

    found: dict[str, dict[str, Held]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


async def collect(
    resolver: Resolver, roots: Iterable[Need], old: Lock, progress: Progress
) -> Collected:
    """Ask for the roots and for all that the answers lead to.

    Where a name gives no answer, the old lock says what it leads to.  ``progress`` is told how
    many questions are answered, of how many so far.  Raises NoAnswer if no resolver is there.
    """
    await resolver.reachable()
    run = _Run(resolver, old, progress)
    roots = list(roots)
    while wanted := run.unasked(reachable(roots, run.answer)):
        await asyncio.gather(*(run.ask(name, type, kinds) for (name, type), kinds in wanted))
    return run.collected


class _Run:
    def __init__(self, resolver: Resolver, old: Lock, progress: Progress) -> None:
        self.collected = Collected()
        self._resolver = resolver
        self._old = old
        self._progress = progress
        self._asked: dict[tuple[str, str], frozenset[Kind]] = {}
        self._done = self._total = 0

    def answer(self, name: str, type: str) -> Answer:
        """What has been answered so far; of a name that failed, what the old lock says."""
        if name in self.collected.failed:
            return self._old.answer(name, type)
        held = self.collected.found.get(name, {}).get(type)
        return SERVFAIL if held is None else held.answer

    def unasked(self, needs: Iterable[Need]) -> list[tuple[tuple[str, str], frozenset[Kind]]]:
        """The questions that are new, or that are asked for one more purpose."""
        purposes: dict[tuple[str, str], set[Kind]] = {}
        for need in needs:
            for type in need.kind.types:
                purposes.setdefault((need.name, type), set()).add(need.kind)
        wanted = [
            (question, self._asked.get(question, frozenset()) | kinds)
            for question, kinds in purposes.items()
            if not kinds <= self._asked.get(question, frozenset())
        ]
        self._asked.update(wanted)
        self._total += len(wanted)
        return wanted

    async def ask(self, name: str, type: str, kinds: frozenset[Kind]) -> None:
        try:
            held = _relevant(await self._resolver.ask(name, type), kinds)
            if fault := broken(name, type, held.answer):
                raise NoAnswer(fault)
            self.collected.found.setdefault(name, {})[type] = held
        except NoAnswer as error:
            self.collected.failed[name] = f"{type}: {error}"
        self._done += 1
        self._progress(self._done, self._total)


def _relevant(held: Held, kinds: frozenset[Kind]) -> Held:
    """The records that matter to mail, of the many that may stand at a name."""
    if held.answer.status != "ok" or not kinds & {Kind.SPF, Kind.CONSENT, Kind.KEY}:
        return held
    texts = [
        _normal(text)
        for text in held.answer.data
        if Kind.KEY in kinds
        or (Kind.SPF in kinds and spf.is_spf(text))
        or (Kind.CONSENT in kinds and dmarc.is_dmarc(text))
    ]
    return Held(Answer("ok", tuple(texts)), held.ttl) if texts else Held(NODATA)


def _normal(text: str) -> str:
    """SPF with one space between terms, which mean the same with several."""
    if not spf.is_spf(text):
        return text
    return " ".join([spf.VERSION, *(part for part in text[6:].split(" ") if part)])
