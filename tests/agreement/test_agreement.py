"""Our verdicts on records beside those of other libraries: every difference is known and has a cause.

`differences.yaml` lists the causes.  Over the vectors the differences are exactly those listed; over
generated texts each is of a listed class.  Where both accept a text they must read the same in it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.records.mta_sts import Policy
from generator.rules import RULES
from tests.agreement import peers
from tests.agreement.comparisons import COMPARISONS, Comparison
from tests.cases import with_keys
from tests.records.strategies import HOST, PATTERN
from tests.records.vectors import load
from tests.support import ROOT

HERE = ROOT / "tests" / "agreement"
IDS = [f"{one.who}-{one.kind}" for one in COMPARISONS]
each = pytest.mark.parametrize("comparison", COMPARISONS, ids=IDS)


@dataclass(frozen=True)
class Difference:
    """A class of differences."""

    id: str
    who: str
    kind: str
    they: str
    we: tuple[str, ...]
    pattern: re.Pattern[str]
    records: tuple[str, ...]

    def holds(self, comparison: Comparison, text: str, ours: str, they: str) -> bool:
        return (
            (self.who, self.kind, self.they) == (comparison.who, comparison.kind, they)
            and ours in self.we
            and self.pattern.search(text) is not None
        )


def listed() -> list[dict[str, Any]]:
    return yaml.safe_load((HERE / "differences.yaml").read_text(encoding="utf-8"))


DIFFERENCES = [
    Difference(
        entry["class"],
        entry["who"],
        entry["kind"],
        entry["they"],
        (entry["we"],) if isinstance(entry["we"], str) else tuple(entry["we"]),
        re.compile(entry.get("pattern", "")),
        tuple(entry.get("records", ())),
    )
    for entry in listed()
]


def classes(comparison: Comparison, text: str) -> list[Difference] | None:
    """The classes that the difference over a text is of; None where there is none.

    Fails where both accept the text and read different things in it.
    """
    ours, they = comparison.ours(text), comparison.they(text)
    if (ours == "accept") == (they == "accept"):
        if ours == "accept":
            assert comparison.meaning(comparison.parse(text)) == comparison.theirs(text), text
        return None
    return [one for one in DIFFERENCES if one.holds(comparison, text, ours, they)]


@each
def test_over_the_vectors_the_differences_are_exactly_those_listed(comparison):
    found: list[tuple[str, str]] = []
    for text in comparison.texts:
        of = classes(comparison, with_keys(text))
        if of is not None:
            assert of, f"{text!r} differs, and no class says why"
            found.append((of[0].id, text))
    wanted = [
        (one.id, text)
        for one in DIFFERENCES
        if (one.who, one.kind) == (comparison.who, comparison.kind)
        for text in one.records
    ]
    assert sorted(found) == sorted(wanted)


@each
def test_over_generated_texts_every_difference_is_of_a_listed_class(comparison):
    peers.need(comparison.needs)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(comparison.nearly)
    def agree(text: str) -> None:
        assert classes(comparison, text) != [], f"{text!r} differs, and no class says why"

    agree()


@each
def test_both_accept_and_both_refuse_many_of_the_vectors(comparison):
    """So that agreement is not that of a peer which refuses everything."""
    verdicts = Counter(
        (comparison.ours(text) == "accept", comparison.they(text) == "accept")
        for text in map(with_keys, comparison.texts)
    )
    assert min(verdicts[True, True], verdicts[False, False]) >= 5


@pytest.mark.parametrize("entry", listed(), ids=lambda entry: entry["class"])
def test_a_class_is_sound(entry):
    """It names rules of ours, a cause and a section, and has a record unless it is for generated ones."""
    rules = [entry["we"]] if isinstance(entry["we"], str) else entry["we"]
    assert all(rule == "accept" or rule in RULES for rule in rules)
    assert ("accept" in rules) is (entry["they"] == "refuse")
    assert re.match(r"(RFC \d+|X\.690) [A-Z0-9]", entry["section"])
    assert entry["because"].endswith(".")
    assert entry["records"]
    assert (entry["who"], entry["kind"]) in {(one.who, one.kind) for one in COMPARISONS}


def test_the_page_on_agreement_lists_every_class_and_no_other():
    page = (ROOT / "docs" / "agreement.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE)) == sorted(
        one.id for one in DIFFERENCES
    )


# -- what a policy covers ---------------------------------------------------------------------------


@pytest.mark.parametrize("vector", load("mta-sts-covers"), ids=lambda v: f"{v['mx']} {v['host']}")
def test_checkdmarc_finds_the_same_names_covered(vector):
    host = vector["host"].removesuffix(".")  # it takes names without their final dot
    assert peers.checkdmarc_covers(tuple(vector["mx"]), host) is vector["covered"]


@given(st.lists(PATTERN, max_size=3), HOST)
def test_checkdmarc_finds_the_same_generated_names_covered(patterns, host):
    covered = Policy("enforce", 1, tuple(patterns)).covers(host)
    assert peers.checkdmarc_covers(tuple(patterns), host) is covered
