"""Each scenario yields its sentences and its risk, and no other alarm."""

from __future__ import annotations

import ast

import pytest

from generator.diff.summary import moves
from generator.rules import RULES
from tests.diff.scenarios import Scenario, grave, line, scenarios
from tests.support import ROOT

SCENARIOS = scenarios()
# Of the known incidents, those that a change of records could have shown.
SHOWN = {1, 5, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_a_scenario_says_what_it_must(scenario: Scenario):
    diff = scenario.diff()
    said = [line(effect) for one in diff.domains for effect in one.effects]
    shown = "\n".join(said)
    for wanted in scenario.says:
        start, _, part = wanted.partition(": ")
        found = [text for text in said if text.startswith(f"{start}: ") and part in text]
        assert found, f"{wanted}\n\nsaid:\n{shown}"
    alarms = [wanted for wanted in scenario.says if not wanted.startswith("note")]
    assert len(grave(diff)) == len(alarms), shown
    assert diff.risk.label == scenario.risk, shown
    for words in scenario.unsaid:
        assert words not in shown
    if scenario.moves:
        assert moves(diff) == scenario.moves


def test_there_are_enough_of_them_and_their_names_differ():
    assert len(SCENARIOS) >= 40
    assert len({one.name for one in SCENARIOS}) == len(SCENARIOS)


def test_every_incident_that_records_can_show_is_among_them():
    assert {number for one in SCENARIOS for number in one.incidents} >= SHOWN


def raised() -> set[str]:
    """Every rule that stands as a text of its own in the code of the diff."""
    found = set()
    for path in (ROOT / "generator/diff").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    # What reading states finds is no sentence about a change.
    return (found & set(RULES)) - {"file-name", "file-unreadable", "file-too-large"}


def test_every_rule_that_a_diff_names_has_its_scenario():
    said = {word.rstrip(":") for one in SCENARIOS for text in one.says for word in text.split()}
    assert raised() <= said
    # Serials are raised by the build, rotation is nobody's change.
    elsewhere = {"zone-serial", "dkim-rotation-due"}
    assert {id for id, rule in RULES.items() if rule.needs == "diff"} <= said | elsewhere
