"""SARIF: the form that the specification asks for, and places that lead to the right characters.

The output was also held against the OASIS schema; that is too large to be kept here, so
`sarif_shape` states what it says about the objects that mailzone writes.
"""

from __future__ import annotations

import json
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import given

from generator.finding import Finding, Place, Severity
from generator.report import render_all
from generator.rules import RULES
from tests.cases import Case, cases
from tests.report.made import TWO, findings
from tests.report.sarif_shape import LOG
from tests.support import Sandbox

VALIDATOR = jsonschema.Draft202012Validator(LOG)


def run(found: list[Finding], prefix: str = "") -> dict:
    """The one run of the log, valid by its shape."""
    log = json.loads(render_all(found, "sarif", prefix))
    VALIDATOR.validate(log)
    return log["runs"][0]


def test_a_log_in_full():
    made = run(TWO)
    assert made["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in made["tool"]["driver"]["rules"]] == [
        "rua-missing",
        "unknown-stage",
    ]
    assert made["results"] == [
        {
            "ruleId": "rua-missing",
            "ruleIndex": 0,
            "level": "note",
            "message": {
                "text": "a.example is at stage parked without an address for reports.\n"
                "`dmarc: {{reports: [mailto:d@a.example]}}`\nor a report service"
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "zones/a.yaml", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 3, "endLine": 3, "startColumn": 1, "endColumn": 14},
                    }
                }
            ],
        },
        {
            "ruleId": "unknown-stage",
            "ruleIndex": 1,
            "level": "error",
            "message": {"text": "unknown stage `monitr`.\ndid you mean `monitor`?"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "zones/b.yaml", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 2, "endLine": 2, "startColumn": 8, "endColumn": 14},
                    }
                }
            ],
        },
    ]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_is_described_by_its_reason_and_source(rule):
    made = run([Finding(rule.id, Severity.ERROR, "wrong")])
    (described,) = made["tool"]["driver"]["rules"]
    assert described["id"] == rule.id
    assert described["shortDescription"]["text"] == rule.reason
    level = {"error": "error", "warning": "warning", "advice": "note"}[rule.severity.label]
    assert described["defaultConfiguration"]["level"] == level
    assert ("It can be waived" in described["help"]["text"]) is rule.waivable
    if rule.source.startswith("RFC"):
        assert rule.source in described["fullDescription"]["text"]


@pytest.mark.parametrize(
    ("severity", "level"),
    [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.ADVICE, "note")],
)
def test_the_level_is_that_of_the_finding_not_of_its_rule(severity, level):
    (result,) = run([Finding("dkim-test-flag", severity, "t=y")])["results"]
    assert result["level"] == level


def test_a_rule_that_found_several_things_is_described_once():
    made = run([Finding("spf-ptr", Severity.WARNING, f"ptr {n}") for n in range(3)])
    assert len(made["tool"]["driver"]["rules"]) == 1
    assert {result["ruleIndex"] for result in made["results"]} == {0}


def location(place: Place, prefix: str = "") -> dict:
    (result,) = run([Finding("spf-ptr", Severity.WARNING, "ptr", place)], prefix)["results"]
    return result["locations"][0]["physicalLocation"]


@pytest.mark.parametrize(
    ("path", "prefix", "uri"),
    [
        ("zones/a.yaml", "", "zones/a.yaml"),
        ("zones/a.yaml", "dns/mail/", "dns/mail/zones/a.yaml"),
        ("zones/b ü.yaml", "", "zones/b%20%C3%BC.yaml"),
        ("a:b/c%d.yaml", "", "a%3Ab/c%25d.yaml"),  # never taken for a scheme or an escape
        ("/srv/a b/x.inc", "dns/", "file:///srv/a%20b/x.inc"),
        ("zones/\udcff.yaml", "", "zones/%FF.yaml"),  # no UTF-8 on the disk
    ],
)
def test_a_path_becomes_a_uri(path, prefix, uri):
    assert location(Place(path, 1, 1), prefix)["artifactLocation"]["uri"] == uri


def test_a_whole_file_has_no_region_and_a_line_without_column_is_the_whole_line():
    assert "region" not in location(Place("zones/a.yaml"))
    assert location(Place("zones/a.yaml", 7))["region"] == {"startLine": 7, "endLine": 7}


@pytest.mark.parametrize("place", [None, Place("<spf>", 1, 1, "v=spf1", 6)])
def test_what_is_in_no_file_has_no_location(place):
    (result,) = run([Finding("spf-ptr", Severity.WARNING, "ptr", place)])["results"]
    assert "locations" not in result


def test_nothing_in_a_message_becomes_a_link_or_a_placeholder():
    (result,) = run([Finding("spf-ptr", Severity.WARNING, "[x](javascript:y) {0}")])["results"]
    assert result["message"]["text"] == "[x] (javascript:y) {{0}}."


@given(findings)
def test_every_log_has_the_form(found):
    made = run(found, "dns/")
    rules = made["tool"]["driver"]["rules"]
    assert len(made["results"]) == len(found)
    for result in made["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_region_is_inside_its_file(case: Case, sandbox: Sandbox):
    case.write(sandbox)
    for result in run(sandbox.assemble().findings)["results"]:
        for where in result.get("locations", ()):
            at = where["physicalLocation"]
            if "region" not in at:
                continue
            region = at["region"]
            text = (sandbox.root / unquote(at["artifactLocation"]["uri"])).read_text()
            line = text.split("\n")[region["startLine"] - 1]
            start, end = region["startColumn"], region["endColumn"]
            assert start < end <= len(line) + 1 or len(line) + 1 == start <= end <= start + 1
