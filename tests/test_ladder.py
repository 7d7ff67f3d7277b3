"""The ladder: each stage's tags, at an Organizational Domain and below it."""

from __future__ import annotations

import pytest

from generator.ladder import GOALS, ORDER, STAGES, following
from tests.support import ROOT, Sandbox

RUA = "rua=mailto:dmarc_agg@vali.email;"

# stage: SPF all, DMARC tags at an Organizational Domain, tags below it; as the design has them.
TABLE = {
    "audit": ("?all", "p=none;", "p=none;"),
    "monitor": ("~all", "p=none;", "p=none;"),
    "fence": ("~all", "p=none; sp=none; np=reject;", "p=none;"),
    "quarantine-test": (
        "~all",
        "p=quarantine; sp=quarantine; np=reject; t=y; pct=0;",
        "p=quarantine; t=y; pct=0;",
    ),
    "quarantine": ("~all", "p=quarantine; sp=quarantine; np=reject;", "p=quarantine;"),
    "reject-test": (
        "~all",
        "p=reject; sp=reject; np=reject; t=y; pct=0;",
        "p=reject; t=y; pct=0;",
    ),
    "reject": ("~all", "p=reject; sp=reject; np=reject;", "p=reject;"),
    "enforce": ("-all", "p=reject; sp=reject; np=reject;", "p=reject;"),
    "parked": ("-all", "p=reject; sp=reject; np=reject;", "p=reject;"),
}


@pytest.mark.parametrize("stage", TABLE)
@pytest.mark.parametrize(("domain", "column"), [("example.com", 1), ("dept.uni.ac.uk", 2)])
def test_a_stage_decides_the_all_qualifier_and_the_policy_tags(
    stage: str, domain: str, column: int, sandbox: Sandbox
) -> None:
    sandbox.write(
        "zones/a.yaml", f"domain: {domain}\nstage: {stage}\ndmarc: {{reports: [valimail]}}\n"
    )
    assert sandbox.records() == {
        (f"{domain}.", "TXT", f"v=spf1 {TABLE[stage][0]}"),
        (f"_dmarc.{domain}.", "TXT", f"v=DMARC1; {TABLE[stage][column]} {RUA}"),
    }


def test_the_table_has_every_stage_in_order() -> None:
    assert tuple(TABLE) == ORDER


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
def test_testing_is_always_announced_to_old_and_new_receivers_together(stage: object) -> None:
    tags = STAGES[stage.name].tags  # type: ignore[attr-defined]
    assert ("t" in tags) == ("pct" in tags)
    assert tags.get("t", "y") == "y"
    assert tags.get("pct", "0") == "0"


@pytest.mark.parametrize(
    ("stage", "days", "back"),
    [
        ("audit", 0, ""),
        ("monitor", 28, "audit"),
        ("fence", 7, "monitor"),
        ("quarantine-test", 14, "fence"),
        ("quarantine", 28, "fence"),
        ("reject-test", 14, "quarantine"),
        ("reject", 28, "quarantine"),
        ("enforce", None, "reject"),
        ("parked", None, ""),
    ],
)
def test_waiting_times_and_the_way_back(stage: str, days: int | None, back: str) -> None:
    assert (STAGES[stage].days, STAGES[stage].back) == (days, back)


def test_one_step_leads_one_rung_up_and_ends_at_enforce() -> None:
    stage, steps = STAGES["audit"], []
    while stage is not None:
        steps.append(stage.name)
        stage = following(stage)  # type: ignore[assignment]
    assert steps == list(ORDER[:-1])
    assert following(STAGES["parked"]) is None


def test_the_way_back_is_milder_and_never_a_test_stage() -> None:
    for stage in STAGES.values():
        if stage.back:
            assert STAGES[stage.back].rung < stage.rung
            assert not STAGES[stage.back].testing


def test_goals_are_stages_and_at_least_compares_rungs() -> None:
    assert set(GOALS) < set(STAGES)
    assert STAGES["parked"].at_least("enforce")
    assert STAGES["reject"].at_least("reject")
    assert not STAGES["quarantine"].at_least("reject-test")


def test_the_schema_offers_exactly_the_stages_and_goals() -> None:
    import json

    path = ROOT / "schemas" / "declaration-structure.schema.json"
    defs = json.loads(path.read_text())["$defs"]
    assert tuple(defs["stage"]["enum"]) == ORDER
    assert tuple(defs["goal"]["enum"]) == GOALS


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ("dmarc: {reports: [valimail], sp: null}", ["sp is left out; stage reject says reject"]),
        ("dmarc: {reports: [valimail], np: none}", ["np is none; stage reject says reject"]),
        ("dmarc: {reports: [valimail], sp: reject}", []),
        (
            "dmarc: {reports: [valimail]}\nspf: {all: fail}",
            ["SPF ends in -all; stage reject says ~all"],
        ),
        ("dmarc: {reports: [valimail]}\nspf: {all: softfail}", []),
    ],
)
def test_what_differs_from_the_stage_is_shown(
    part: str, shown: list[str], sandbox: Sandbox
) -> None:
    sandbox.write("zones/a.yaml", f"domain: example.com\nstage: reject\n{part}\n")
    found = sandbox.assemble().findings
    assert [f.message for f in found if f.rule == "stage-deviation"] == shown


def test_leaving_out_what_the_stage_does_not_say_is_no_deviation(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml",
        "domain: example.com\nstage: monitor\ndmarc: {reports: [valimail], sp: null, np: null}\n",
    )
    assert [f.rule for f in sandbox.assemble().findings] == []
