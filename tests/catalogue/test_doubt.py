"""How sure facts are, and how old."""

from __future__ import annotations

from datetime import date

import pytest

from generator.catalogue import load
from generator.catalogue.doubt import RULE, as_of, doubtful, doubts, months_old
from generator.finding import Place, Severity


@pytest.mark.parametrize(
    ("confidence", "disputed", "words"),
    [
        ("vendor", [], ""),
        ("template", [], ""),
        ("", [], ""),
        ("secondary", [], "known from third parties only"),
        ("vendor", ["x"], "sources disagree on a point"),
        ("template", ["x", "y"], "sources disagree on 2 points"),
        ("secondary", ["x"], "known from third parties only; sources disagree on a point"),
    ],
)
def test_doubts_in_words(confidence, disputed, words):
    assert doubts(confidence, disputed) == words


def test_a_finding_for_a_service_in_use():
    where = Place("zones/x.yaml", 3, 5)
    facts = load().get("valimail")._replace(confidence="secondary", disputed=())
    found = doubtful(facts, where)
    assert (found.rule, found.severity, found.place) == (RULE, Severity.ADVICE, where)
    assert found.message == "valimail: known from third parties only"
    assert "services show valimail" in found.help
    assert doubtful(facts._replace(confidence="vendor"), where) is None


@pytest.mark.parametrize(
    ("stated", "cost", "evidence", "month"),
    [
        ("", "", [], ""),
        ("2026-11-21", "2025-01", ["seen in 2027-01"], "2026-11"),
        ("", "2026-07-30", [], "2026-07"),
        ("", "2026", [], "2026"),
        ("", "2025-01", ["a page (2026-02-27) and one of 2024-12"], "2026-02"),
        ("", "", ["a key of 2048 bit, 2099-13, v2026-01 and 12026-01, 2026-01-x"], ""),
        ("", "2026", ["2025-03: older, but known to the month"], "2025-03"),
    ],
)
def test_the_month_of_the_facts(stated, cost, evidence, month):
    assert as_of(stated, cost, evidence) == month


@pytest.mark.parametrize(
    ("month", "age"), [("2026-11", 0), ("2026-01", 10), ("2024-12", 23), ("2026", 10)]
)
def test_age_in_months(month, age):
    assert months_old(month, date(2026, 11, 21)) == age
