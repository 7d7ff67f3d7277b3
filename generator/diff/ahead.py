"""What a step would do, before anybody takes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from generator.compile import compile_domain
from generator.declaration.model import Domain
from generator.diff.compare import compare
from generator.diff.model import Side
from generator.diff.states import state_of
from generator.ladder import Stage
from generator.project import Project
from generator.values import Kind


def next_step(project: Project, domain: Domain, target: Stage, today: date) -> list[str]:
    """The sentences of the diff that the step would be, and the pieces of records that change."""
    before = state_of(project, "now")
    sides = dict(before.sides)
    for name, side in before.sides.items():
        known = side.domain
        if known is None or not _moves(known, domain):
            continue
        ahead = compile_domain(known._replace(stage=target, since=today))
        # What other domains' declarations added stays as it is.
        joined = [value for value in side.values if value.kind is Kind.REPORT]
        values = tuple(dict.fromkeys((*ahead.values, *joined)))
        sides[name] = Side(name, side.display, values, ahead.domain, ahead.mta_sts)
    after = replace(before, label="then", sides=sides)
    said = []
    for one in compare(before, after, today).domains:
        said += [
            effect.text
            for effect in one.effects
            if effect.rule not in ("rollout-dwell", "rollout-no-evidence")  # told as missing
        ]
        said += [f"{change.name} {part}" for change in one.changes for part in change.parts]
    return list(dict.fromkeys(said))


def _moves(one: Domain, domain: Domain) -> bool:
    """True for the domain, and for subdomains that have their stage from it."""
    return one.name == domain.name or (
        one.name.endswith(f".{domain.name}") and one.stage_where is domain.stage_where
    )
