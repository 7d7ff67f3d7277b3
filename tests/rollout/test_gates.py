"""What stands between a domain and the next rung."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from generator.diff.pair import Served
from generator.ladder import STAGES
from generator.rollout.gates import GATES, Missing, missing, move, next_rung
from tests.support import TODAY, Sandbox


def domain(sandbox: Sandbox, text: str):
    sandbox.write("zones/a.yaml", text)
    (one,) = sandbox.assemble().compiled
    return one.domain


def lacks(sandbox: Sandbox, text: str, to: str, served: Served | int | None) -> list[str]:
    if isinstance(served, int):
        served = Served(TODAY - timedelta(days=served), how="as declared")
    step = move(domain(sandbox, text), STAGES[to], served or Served(None), TODAY, {})
    return [one.rule for one in missing(step)]


BODY = "domain: example.com\nstage: {}\ndmarc: {{reports: [valimail]}}\n"


@pytest.mark.parametrize(
    ("stage", "to", "served", "rules"),
    [
        ("audit", "monitor", None, []),
        ("monitor", "fence", 28, ["rollout-no-evidence"]),
        ("quarantine", "reject-test", 28, []),
        ("quarantine", "reject-test", 27, ["rollout-dwell"]),
        ("quarantine", "reject-test", None, ["rollout-dwell"]),
        ("quarantine", "enforce", 99, ["rollout-stage-skipped"]),
        ("reject", "enforce", 28, []),
        ("monitor", "parked", 28, ["rollout-stage-skipped"]),
        ("monitor", "parked", 27, ["rollout-stage-skipped", "rollout-dwell"]),
    ],
)
def test_gates(sandbox, stage, to, served, rules):
    assert lacks(sandbox, BODY.format(stage), to, served) == rules


def test_what_is_known_in_part_is_told(sandbox):
    step = move(domain(sandbox, BODY.format("quarantine")), STAGES["reject-test"],
                Served(date(2026, 11, 14), at_least=True), TODAY, {})  # fmt: skip
    (one,) = missing(step)
    assert one.text == "at least 7 of 28 days at quarantine; the 28 are over on 2026-12-12"


def test_errors_at_the_next_stage_are_not_helped_by_a_reason(sandbox):
    text = BODY.format("fence") + "services: [{use: mailchimp, from: example.org}]\n"
    step = move(
        domain(sandbox, text), STAGES["quarantine-test"], Served(date(2026, 1, 1)), TODAY, {}
    )
    found = missing(step)
    assert [one.rule for one in found] == ["rollout-service-unauthenticated"]
    assert not found[0].reason_helps


def test_the_goal_is_the_end(sandbox):
    text = BODY.format("quarantine") + "goal: quarantine\n"
    assert next_rung(domain(sandbox, text)) is None
    assert lacks(sandbox, text, "reject-test", 99) == [""]


def test_below_the_organizational_domain_the_fence_changes_nothing(sandbox):
    text = BODY.format("monitor").replace("example.com", "mail.example.com")
    assert lacks(sandbox, text, "fence", 99) == []


def test_another_gate_joins(sandbox):
    def reports(step):
        yield Missing("rollout-service-unseen", f"{step.domain.name} was not seen")

    step = move(
        domain(sandbox, BODY.format("reject")),
        STAGES["enforce"],
        Served(date(2026, 1, 1)),
        TODAY,
        {},
    )
    assert [one.text for one in missing(step, (*GATES, reports))] == ["example.com was not seen"]


@pytest.mark.parametrize("stage", ["enforce", "parked"])
def test_nothing_is_above(sandbox, stage):
    assert next_rung(domain(sandbox, BODY.format(stage))) is None
