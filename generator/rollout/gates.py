"""What stands between a domain and the next rung.

A gate looks at one thing and says what is missing; evidence from aggregate reports joins as one more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from generator.compile import compile_domain
from generator.declaration.model import Domain
from generator.diff.pair import Served
from generator.diff.steps import FENCE, skips
from generator.finding import Finding, Severity, mask
from generator.ladder import ORDER, STAGES, Stage, following
from generator.lint import lint
from generator.policy import governs_subdomains


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a step lacks.

    ``rule`` is the rule behind it.  ``reason_helps``: a written reason takes its place; without
    that the step cannot be taken.
    """

    rule: str
    text: str
    reason_helps: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A step of one domain: where from, where to, and what is known of it.

    ``findings`` are what the checks say of the domain at the new stage, ``served`` since when it
    has been at the old one.
    """

    domain: Domain
    target: Stage
    served: Served
    today: date
    findings: tuple[Finding, ...]


Gate = Callable[[Move], Iterator[Missing]]


def sound(move: Move) -> Iterator[Missing]:
    """The declaration must be free of errors at the new stage."""
    for found in move.findings:
        if found.severity is Severity.ERROR:
            yield Missing(found.rule, mask(found.message))


def rungs(move: Move) -> Iterator[Missing]:
    """One rung at a time, and not beyond the goal; parked takes somebody's word."""
    if move.target.name == "parked":
        text = "no reports show that it sends nothing"
        yield Missing("rollout-stage-skipped", text, reason_helps=True)
        return
    left_out = skips(move.domain.stage, move.target)
    if left_out:
        text = f"{' and '.join(left_out)} would be left out"
        yield Missing("rollout-stage-skipped", text, reason_helps=True)
    goal = move.domain.goal
    if goal in ORDER and move.target.rung > STAGES[goal].rung:
        yield Missing("", f"the goal is {goal}; raise `goal` first")


def days(move: Move) -> Iterator[Missing]:
    """The old stage must have lasted its least time."""
    least = move.domain.stage.days
    if not least:
        return
    served = move.served
    name = move.domain.stage.name
    if served.since is None:
        text = f"since when it has been at {name} is not known; {least} days are the least"
        yield Missing("rollout-dwell", text, reason_helps=True)
        return
    passed = (move.today - served.since).days
    if passed < least:
        known = "at least " if served.at_least else ""
        ready = served.since + timedelta(days=least)
        text = f"{known}{passed} of {least} days at {name}; the {least} are over on {ready}"
        yield Missing("rollout-dwell", text, reason_helps=True)


def evidence(move: Move) -> Iterator[Missing]:
    """What aggregate reports would have to show.

    None are read yet; so a reason takes their place at the one rung that no declaration can judge.
    The other rules of reports (service unseen, service failing, unknown source) belong here.
    """
    if move.target.name == FENCE and governs_subdomains(move.domain):
        text = "no reports show that nobody sends as names that do not exist"
        yield Missing("rollout-no-evidence", text, reason_helps=True)


# In the order in which they are told.
GATES: tuple[Gate, ...] = (sound, rungs, days, evidence)


def missing(move: Move, gates: tuple[Gate, ...] = GATES) -> list[Missing]:
    """All that the step lacks."""
    return [lacking for gate in gates for lacking in gate(move)]


def move(
    domain: Domain, target: Stage, served: Served, today: date, costs: Mapping[str, int]
) -> Move:
    """The step, with what checking the domain at its new stage brings up."""
    ahead = domain._replace(stage=target)
    found = lint(compile_domain(ahead), costs, today)
    return Move(domain, target, served, today, tuple(found))


def next_rung(domain: Domain) -> Stage | None:
    """The rung above, unless the domain has reached its goal."""
    above = following(domain.stage)
    if above is None or (domain.goal in ORDER and domain.stage.rung >= STAGES[domain.goal].rung):
        return None
    return above
