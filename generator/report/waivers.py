"""All waivers of a project: what is set aside, why, until when, and whether it still serves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from generator.declaration.model import Domain, Waiver
from generator.finding import Finding, Place, Severity, mask


@dataclass(frozen=True, slots=True)
class Listed:
    """A waiver of a domain.

    ``used`` is False if nothing is found that it would silence, and None where that cannot be
    told: past its date, beside errors, for a released domain, or before a merge.
    """

    domain: Domain
    waiver: Waiver
    expired: bool
    used: bool | None

    @property
    def place(self) -> Place:
        return self.waiver.where.place()

    @property
    def state(self) -> str:
        """In words."""
        if self.expired:
            return "expired"
        return {True: "in use", False: "unused", None: "not known to be used"}[self.used]


def listed(domains: Iterable[Domain], findings: Sequence[Finding]) -> list[Listed]:
    """The waivers of the domains, the next to end first; ``findings`` are the whole project's."""
    unused = {id(found.where) for found in findings if found.rule == "waiver-unused"}
    broken = {
        found.place.path
        for found in findings
        if found.severity is Severity.ERROR and found.place is not None
    }
    made = []
    for domain in domains:
        unknown = domain.release or domain.file in broken
        for waiver in domain.waivers:
            used = None if unknown else _used(domain, waiver, unused)
            made.append(Listed(domain, waiver, False, used))
        made += [Listed(domain, waiver, True, None) for waiver in domain.lapsed]
    return sorted(made, key=lambda one: (one.waiver.until, one.domain.name, one.waiver.rule))


def _used(domain: Domain, waiver: Waiver, unused: set[int]) -> bool | None:
    if id(waiver.where) in unused:
        return False
    # Some rules about zones are decided only by the zone file that the domain is merged into.
    if domain.zone.mode == "merge" and waiver.rule.startswith("zone-"):
        return None
    return True


def as_text(waivers: Sequence[Listed]) -> str:
    """For people: each with its reason and its place below it."""
    if not waivers:
        return "no waivers\n"
    return "\n".join(_lines(one) for one in waivers)


def _lines(one: Listed) -> str:
    head = f"{one.domain.display}: {one.waiver.rule} until {one.waiver.until}, {one.state}"
    return f"{head}\n  {mask(one.waiver.because)}\n  {one.place.path}:{one.place.line}\n"


def as_json(waivers: Sequence[Listed]) -> str:
    """The JSON of schemas/waivers.schema.json."""
    data = {"waivers": [_entry(one) for one in waivers]}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _entry(one: Listed) -> dict[str, Any]:
    return {
        "domain": one.domain.name,
        "rule": one.waiver.rule,
        "because": mask(one.waiver.because),
        "until": one.waiver.until.isoformat(),
        "expired": one.expired,
        "used": one.used,
        "path": one.place.path,
        "line": one.place.line,
    }
