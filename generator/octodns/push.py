"""Pushing zone by zone: plan, verify, apply, verify again.

`octodns-sync` plans all zones, then applies all plans; what somebody adds in between is lost, and one
failure leaves the rest undone.  Here each zone at each target is a step of its own, planned by
octoDNS's own manager from the user's configuration and applied at once.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from io import StringIO
from pathlib import Path
from typing import Any

from octodns.manager import Manager
from octodns.zone import Zone

from generator.names import NameProblem, owner
from generator.octodns.model import Change, Key
from generator.octodns.processor import MailOverlay, MailOverlayConflict
from generator.octodns.source import MailSource
from generator.octodns.view import same_sets
from generator.project import Project

_PAUSE = 0.5  # seconds between two looks at a provider that lags

Sets = dict[Key, tuple[int, tuple[str, ...]]]


class ConfigError(Exception):
    """The octoDNS configuration cannot be used."""


class Result(Enum):
    """What stands in the zone after a step was applied."""

    DONE = "done"
    NOTHING = "nothing was changed"
    PARTLY = "partly changed"
    UNKNOWN = "unknown: the zone cannot be read"


class Trouble(Enum):
    """Why a step cannot be taken, or went wrong."""

    CONFLICT = 1  # other hands' records, or a configuration that cannot be overlaid
    OUTSIDE = 5  # a provider, a name server


@dataclass(frozen=True, slots=True)
class Step:
    """One zone at one target, planned.

    ``problem`` says why it cannot be applied; ``plan`` is octoDNS's own, None if there is nothing
    to do.  ``adopted`` are the entries of ``adopt`` that a record was found for.
    """

    zone: str
    target: str
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    trouble: Trouble | None = None
    plan: Any = None
    adopted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a step: ``differences`` are sets that are not as planned."""

    result: Result
    error: str = ""
    differences: tuple[str, ...] = ()
    meanwhile: tuple[str, ...] = ()


class Pusher:
    """The overlaid zones of an octoDNS configuration.

    Raises ConfigError if the configuration cannot be loaded.  Credentials come through octoDNS's
    secret handlers and stay in its providers.
    """

    def __init__(self, config: Path) -> None:
        self._collected: list[tuple[Any, Any]] = []
        logging.getLogger().addHandler(logging.NullHandler())
        with _quiet():
            try:
                self._manager = Manager(str(config))
                self._manager.plan_outputs = {"mailzone": self}
                # Without targets nothing is planned, but '*' entries become zones.
                self._manager.sync(eligible_targets=["\0"], plan_output_fh=StringIO())
            except Exception as error:
                raise ConfigError(f"{config}: {error}") from error
        self._zones: dict[str, Any] = dict(self._manager.config["zones"].items())

    def run(self, plans: list[tuple[Any, Any]], log: Any, fh: Any) -> None:
        """Take the plans from octoDNS, as one of its plan outputs."""
        self._collected = list(plans)

    # --- what there is to push ---------------------------------------------------------------

    def zones(self, wanted: Iterable[str] = ()) -> list[str]:
        """The overlaid zones, or those that hold the wanted zones and domains.

        Raises ConfigError for a name that none of them holds, and if there are none at all.
        """
        found = {zone: source for zone in sorted(self._zones) if (source := self._source(zone))}
        if not found:
            raise ConfigError("no zone of the configuration has an overlay MailSource")
        chosen: set[str] = set()
        for name in wanted:
            try:
                dotted = f"{owner(name)}."
            except NameProblem as problem:
                raise ConfigError(str(problem)) from None
            holders = [
                zone
                for zone, source in found.items()
                if zone == dotted or any(one.domain == dotted for one in source.members(zone))
            ]
            if not holders:
                raise ConfigError(f"no overlaid zone of the configuration holds {name}")
            chosen.update(holders)
        return sorted(chosen) if chosen else list(found)

    def targets(self, zone: str) -> list[str]:
        """The targets of a zone, in their order."""
        return list(self._zones[zone].get("targets") or ())

    def unused(self, steps: Iterable[Step]) -> Iterator[tuple[str, str]]:
        """Entries of ``adopt`` that no target of a zone has a record for, with their domains.

        Of a zone that could not be planned in full nothing is said: it may need them yet.
        """
        planned: dict[str, list[Step]] = {}
        for step in steps:
            planned.setdefault(step.zone, []).append(step)
        for zone, each in planned.items():
            source = self._source(zone)
            if source is None or any(step.problem for step in each):
                continue
            adopted = frozenset().union(*(step.adopted for step in each))
            for member in source.members(zone):
                if not member.released:
                    yield from ((member.domain, one) for one in sorted(member.adopt - adopted))

    def project(self, zone: str) -> Project | None:
        """The project whose records are put into a zone."""
        source = self._source(zone)
        return None if source is None else source.loaded().project

    def _source(self, zone: str) -> MailSource | None:
        listed = self._zones[zone].get("sources") or ()
        for id in listed:
            source = self._manager.providers.get(id)
            if isinstance(source, MailSource) and source.overlay:
                return source
        return None

    # --- one step ----------------------------------------------------------------------------

    def plan(self, zone: str, target: str) -> Step:
        """Plan a zone at a target; never raises for what is wrong with either."""
        self._collected = []
        with _quiet():
            try:
                self._manager.sync(
                    eligible_zones=[zone],
                    eligible_targets=[target],
                    force=True,  # every change is checked by value, which is stricter than a share
                    plan_output_fh=StringIO(),
                )
            except MailOverlayConflict as error:
                told = "\n".join(str(conflict) for conflict in error.conflicts)
                return Step(zone, target, problem=told, trouble=Trouble.CONFLICT)
            except Exception as error:
                trouble = Trouble.CONFLICT if _ours(error) else Trouble.OUTSIDE
                return Step(zone, target, problem=said(error), trouble=trouble)
        outcome = self._outcome(zone, target)
        changes = outcome.changes if outcome else ()
        notes = outcome.notes if outcome else ()
        conflicts = outcome.conflicts if outcome else ()
        plan = next((plan for provider, plan in self._collected if provider.id == target), None)
        if plan is None:
            changes = ()
        problem = "\n".join(str(conflict) for conflict in conflicts)
        why = Trouble.CONFLICT if problem else None
        adopted = outcome.adopted if outcome else frozenset()
        return Step(zone, target, changes, notes, problem, why, plan, adopted)

    def apply(self, step: Step, patience: float = 10) -> Applied:
        """Apply a step and look at what came of it.

        ``patience`` is in seconds: how long a provider may take to show what it was told.  The zone
        is read once more directly before: providers write whole sets, so a value that somebody
        added since would be lost.
        """
        provider = self._manager.providers[step.target]
        if self._zones[step.zone].get("always-dry-run", False):
            return Applied(Result.NOTHING, "the zone has `always-dry-run: true`")
        error = ""
        with _quiet():
            try:
                moved = self._moved(step, provider)
                if moved:
                    return Applied(Result.NOTHING, "changed since it was planned", moved)
                provider.apply(step.plan)
            except Exception as caught:
                error = said(caught)
            return self._verify(step, provider, error, patience)

    def _moved(self, step: Step, provider: Any) -> tuple[str, ...]:
        """Sets to be written that are not as they were when the step was planned."""
        before, found = same_sets(step.plan.existing), self._read(step, provider)
        return tuple(
            _difference(change.key, before.get(change.key), found.get(change.key))
            for change in step.changes
            if before.get(change.key) != found.get(change.key)
        )

    def _verify(self, step: Step, provider: Any, error: str, patience: float) -> Applied:
        """Compare the zone with what it was and what it should be."""
        before, wanted = same_sets(step.plan.existing), same_sets(step.plan.desired)
        touched = {change.key for change in step.changes}
        deadline = time.monotonic() + patience
        while True:
            try:
                found = self._read(step, provider)
            except Exception as caught:
                if time.monotonic() < deadline:
                    time.sleep(_PAUSE)
                    continue
                return Applied(Result.UNKNOWN, error or said(caught))
            wrong = sorted(key for key in touched if found.get(key) != wanted.get(key))
            if not wrong or error or time.monotonic() >= deadline:
                break
            time.sleep(_PAUSE)
        others = {*found, *before} - touched
        meanwhile = tuple(
            _difference(key, before.get(key), found.get(key))
            for key in sorted(others)
            if found.get(key) != before.get(key)
        )
        if not wrong:
            return Applied(Result.DONE, error, (), meanwhile)
        unchanged = all(found.get(key) == before.get(key) for key in touched)
        result = Result.NOTHING if unchanged else Result.PARTLY
        told = tuple(_difference(key, wanted.get(key), found.get(key)) for key in wrong)
        return Applied(result, error, told, meanwhile)

    def _read(self, step: Step, provider: Any) -> Sets:
        fresh = Zone(step.zone, step.plan.existing.sub_zones)
        provider.populate(fresh, target=True, lenient=True)
        found = same_sets(fresh)
        if step.plan.existing.root_ns is None:
            found.pop((step.zone, "NS"), None)  # octoDNS left it out of the plan
        return found

    def _outcome(self, zone: str, target: str) -> Any:
        for processor in self._manager.processors.values():
            if isinstance(processor, MailOverlay):
                outcome = processor.outcome(zone, target)
                if outcome is not None:
                    return outcome
        return None


def said(error: BaseException) -> str:
    """An exception as a message."""
    text = str(error).strip()
    return text if _ours(error) and text else f"{type(error).__name__}: {text}".rstrip(": ")


def _ours(error: BaseException) -> bool:
    return type(error).__module__.startswith("generator.")


def _difference(
    key: Key, wanted: tuple[int, tuple[str, ...]] | None, found: tuple[int, tuple[str, ...]] | None
) -> str:
    """How a set that was found differs from the wanted one."""
    name, type = key
    if found is None:
        return f"{type} at {name} is gone"
    if wanted is None:
        return f"{type} at {name} is there: {'; '.join(found[1])}"
    lines = [f"missing: {one}" for one in wanted[1] if one not in found[1]]
    lines += [f"also there: {one}" for one in found[1] if one not in wanted[1]]
    if not lines:
        lines = [f"its TTL is {found[0]}, not {wanted[0]}"]
    return f"{type} at {name}: " + ", ".join(lines)


@contextmanager
def _quiet() -> Iterator[None]:
    """octoDNS's packages warn of each other's deprecated calls, which no user can change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield
