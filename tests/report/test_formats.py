"""What holds for every format: order, determinism, nothing shown that the text form hides."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given

from generator.finding import Finding, Place, Severity, render, visible
from generator.report import FORMATS, render_all
from tests.report.made import TWO, findings
from tests.support import ROOT, Sandbox

SCHEMA = json.loads((ROOT / "schemas/findings.schema.json").read_text(encoding="utf-8"))
KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" * 3


@pytest.mark.parametrize("form", FORMATS)
def test_findings_come_in_the_order_of_files_and_lines_however_they_were_found(form):
    text = render_all(TWO, form)
    assert render_all(TWO[::-1], form) == text
    results = text[text.index('"results"') :] if form == "sarif" else text
    assert results.index("rua-missing") < results.index("unknown-stage")


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="'xml' is none of text, json"):
        render_all([], "xml")


@pytest.mark.parametrize(("form", "text"), [("text", ""), ("github", "")])
def test_without_findings_there_is_nothing_to_say(form, text):
    assert render_all([], form) == text


def test_text_is_what_people_see():
    first, second = sorted(TWO, key=lambda found: found.order)
    assert render_all(TWO, "text") == f"{render(first)}\n\n{render(second)}\n\n"


def test_json_says_all_there_is():
    assert json.loads(render_all(TWO, "json")) == {
        "findings": [
            {
                "rule": "rua-missing",
                "severity": "advice",
                "message": "a.example is at stage parked without an address for reports",
                "help": "`dmarc: {reports: [mailto:d@a.example]}`\nor a report service",
                "path": "zones/a.yaml",
                "line": 3,
                "column": 1,
                "end_column": 14,
            },
            {
                "rule": "unknown-stage",
                "severity": "error",
                "message": "unknown stage `monitr`",
                "help": "did you mean `monitor`?",
                "path": "zones/b.yaml",
                "line": 2,
                "column": 8,
                "end_column": 14,
            },
        ],
        "errors": 1,
        "warnings": 0,
        "advice": 1,
    }


@pytest.mark.parametrize(
    ("place", "where"),
    [
        (None, (None, None, None, None)),
        (Place("zones/a.yaml"), ("zones/a.yaml", None, None, None)),
        (Place("zones/a.yaml", 4), ("zones/a.yaml", 4, None, None)),
        (Place("zones/a.yaml", 4, 2, "x: y", 3), ("zones/a.yaml", 4, 2, 5)),
        # A masked line is shifted; the columns are those of the file.
        (Place("zones/a.yaml", 4, 2, "x: [masked]", 8, 5, 70), ("zones/a.yaml", 4, 2, 72)),
        (Place("<spf>", 1, 8, "v=spf1 ptr", 3), ("<spf>", 1, 8, 11)),
    ],
)
def test_json_tells_as_much_of_a_place_as_is_known(place, where):
    found = Finding("spf-ptr", Severity.WARNING, "ptr", place)
    (entry,) = json.loads(render_all([found], "json"))["findings"]
    assert tuple(entry[key] for key in ("path", "line", "column", "end_column")) == where


@given(findings)
def test_json_has_the_form_of_its_schema_whatever_is_found(found):
    text = render_all(found, "json", "dns/")
    data = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert data["errors"] + data["warnings"] + data["advice"] == len(data["findings"]) == len(found)
    assert render_all(found, "json", "dns/") == text
    for entry in data["findings"]:
        assert entry["message"] == visible(entry["message"])


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("place", ["dkim: {{google: {0}}}", "tenant: {0}"])
def test_no_format_shows_a_private_key(form: str, place: str, sandbox: Sandbox):
    given = place.format(f'"{KEY}"')
    sandbox.write(
        "zones/a.yaml",
        f"domain: example.com\nstage: monitor\nservices: [{{use: microsoft-365, {given}}}]\n",
    )
    found = sandbox.assemble().findings
    assert "private-key" in {one.rule for one in found}
    text = render_all(found, form)
    assert "private-key" in text
    assert not any(KEY[i : i + 12] in text for i in range(len(KEY) - 12))
