"""The registry is whole, and the code that finds things agrees with it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import get_args

import pytest

from generator.rules import FAMILIES, RULES, Needs, Rule, Severity
from tests.rules.not_yet import NOT_YET
from tests.support import ROOT

ALL = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)


def raised() -> set[str]:
    """Every rule whose id stands as a text of its own in the code outside the registry."""
    found = set()
    for path in (ROOT / "generator").rglob("*.py"):
        if path.is_relative_to(ROOT / "generator/rules"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found & set(RULES)


def test_every_family_is_in_the_list_and_no_id_is_used_twice():
    assert sum(map(len, FAMILIES.values())) == len(RULES)
    assert [rule for family in FAMILIES.values() for rule in family] == list(RULES.values())
    assert all(id == rule.id for id, rule in RULES.items())


@ALL
def test_a_rule_says_what_it_is(rule: Rule):
    assert re.fullmatch(r"[a-z]+[0-9]?(-[a-z0-9]+)*", rule.id)
    assert isinstance(rule.severity, Severity)
    assert rule.needs in get_args(Needs)
    assert rule.reason.endswith(".")
    assert 15 < len(rule.reason) <= 100


@ALL
def test_a_source_is_the_tool_the_format_or_sections_of_standards(rule: Rule):
    if rule.source not in ("tool", "format"):
        for part in re.split(r", (?=RFC)", rule.source):
            section = r"(?:\d+|[A-D])(?:\.\d+)*"
            assert re.fullmatch(rf"RFC \d{{4}}(?: {section}(?:, {section})*)?", part), part


@pytest.mark.parametrize(
    ("id", "waivable"),
    [
        ("spf-lookup-limit", False),  # an error by a standard
        ("private-key", False),  # about the declaration
        ("waiver-unused", False),
        ("spf-ptr", True),  # a warning
        ("parked-has-service", True),  # an error of our own
    ],
)
def test_only_errors_by_a_standard_and_faults_of_the_declaration_cannot_be_waived(id, waivable):
    assert RULES[id].waivable is waivable


def test_every_rule_that_needs_nothing_more_is_found_somewhere_or_listed_as_missing():
    """A rule that nobody finds is no check; a rule that is found is not missing."""
    decided = {id for id, rule in RULES.items() if not rule.needs}
    assert decided - raised() == NOT_YET


def test_starting_reads_no_example():
    """The registry is loaded at every start; what it imports is paid by every command."""
    code = "import sys, generator.rules; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert "generator.rules.spf" in loaded
    assert not loaded & {"generator.rules.example", "yaml", "dataclasses", "json"}
