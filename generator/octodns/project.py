"""A mailzone project as what its domains want in each zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from generator.declaration.load import FOLDER
from generator.finding import render
from generator.octodns.model import Member
from generator.project import Project, assemble
from generator.values import Compiled, Value

_SHOWN = 10  # findings in one message


class Loaded(NamedTuple):
    """A project, and its members by zone (with its final dot)."""

    project: Project
    zones: Mapping[str, tuple[Member, ...]]


def load(root: Path, today: date, error: Callable[[str], Exception]) -> Loaded:
    """The project below ``root``.

    Raises what ``error`` makes of a message if there is no project or it has errors.
    """
    if not (root / FOLDER).is_dir():
        raise error(f"{root} holds no folder {FOLDER}/")
    project = assemble(root, today)
    if project.errors:
        told = "\n".join(render(found) for found in project.errors[:_SHOWN])
        raise error(f"the project {root} has {len(project.errors)} error(s)\n{told}")
    zones: dict[str, list[Member]] = {}
    for one in project.compiled:
        zones.setdefault(f"{one.domain.zone.name}.", []).append(_member(one, error))
    return Loaded(project, {zone: tuple(members) for zone, members in zones.items()})


def _member(compiled: Compiled, error: Callable[[str], Exception]) -> Member:
    domain = compiled.domain
    zone = f"{domain.zone.name}."
    values = tuple(value for value in compiled.values if not _apex_ns(value, zone))
    for value in values:
        if value.type == "TXT" and ("\\" in value.text or '"' in value.text):
            raise error(
                f"TXT at {value.name} holds a quote or a backslash, which octoDNS's providers "
                f"write in different ways: {value.text[:80]}"
            )
    return Member(
        f"{domain.name}.",
        values,
        frozenset(domain.adopt),
        frozenset(waiver.rule for waiver in domain.waivers),
        domain.release,
    )


def _apex_ns(value: Value, zone: str) -> bool:
    """The zone's own name servers are the provider's to publish."""
    return value.type == "NS" and value.name == zone
