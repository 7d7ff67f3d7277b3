"""mailzone rules."""

from __future__ import annotations

import json

import jsonschema
import pytest

from generator.rules import FAMILIES, RULES
from tests.support import ROOT, call

SCHEMA = json.loads((ROOT / "schemas/rules.schema.json").read_text(encoding="utf-8"))


def test_the_list_names_every_rule_with_its_severity_within_80_columns():
    lines = call("rules").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    rows = dict(line.split()[:2] for line in lines if line.startswith("  ") and line[2] != " ")
    assert rows == {rule.id: rule.severity.label for rule in RULES.values()}
    assert sum(bool(line) and line[0] != " " for line in lines) == len(FAMILIES)


@pytest.mark.parametrize("id", RULES)
def test_a_rule_is_explained(id):
    done = call("rules", id)
    rule = RULES[id]
    text = done.stdout
    assert done.exit_code == 0
    assert text.startswith(f"{id}\n")
    assert rule.reason.split(" ", 3)[0] in text
    assert f"Severity  {rule.severity.label}\n" in text
    assert "\nBad\n  " in text
    assert "\nGood\n  " in text
    assert (f"    {id}: {{because: the reason, until:" in text) is rule.waivable
    assert ("cannot be waived" in text) is not rule.waivable
    if rule.source.startswith("RFC"):
        assert f"Source    {rule.source}\n" in text


def test_an_explanation_in_full():
    assert call("rules", "dmarc-t-no-brake").stdout == (
        "dmarc-t-no-brake\n"
        "Receivers before RFC 9989 know no t and apply the policy; pct=0 stops them.\n"
        "\n"
        "Severity  warning\n"
        "Source    mailzone\n"
        "Needs     declarations and records alone\n"
        "\n"
        "Bad\n"
        "  v=DMARC1; p=reject; t=y\n"
        "\n"
        "Good\n"
        "  v=DMARC1; p=reject; t=y; pct=0\n"
        "\n"
        "To set it aside for a domain\n"
        "  waive:\n"
        "    dmarc-t-no-brake: {because: the reason, until: 2027-06-30}\n"
    )


def test_files_of_an_example_stand_under_their_names_and_keys_are_cut():
    text = call("rules", "zone-signed", "dkim-rsa-1024").stdout
    assert "\n  # zones/example.com.yaml\n  domain: example.com\n" in text
    assert "\n  # dns/example.com.zone\n  $TTL 3600\n" in text
    assert "(218 characters)" in text
    assert text.index("zone-signed\n") < text.index("\n\ndkim-rsa-1024\n")
    assert "# zones/example.com.yml\n" in call("rules", "file-name").stdout


def test_what_else_a_rule_needs_is_said():
    assert "Needs     two states to compare\n" in call("rules", "rollout-dwell").stdout


@pytest.mark.parametrize(
    ("id", "near"),
    [
        ("spf-ptrr", "did you mean `spf-ptr`?"),
        ("SPF-PTR", "did you mean `spf-ptr`?"),
        ("qqqq", "`mailzone rules` lists them"),
        ("", "`mailzone rules` lists them"),
    ],
)
def test_an_unknown_rule_is_an_error_with_the_nearest_known_one(id, near):
    done = call("rules", "spf-ptr", id)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"mailzone: no rule `{id}`; {near}\n"


def test_json_has_the_form_of_its_schema():
    whole = json.loads(call("rules", "--format", "json").stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(whole)
    assert [rule["id"] for rule in whole["rules"]] == list(RULES)
    one = json.loads(call("rules", "spf-ptr", "--format", "json").stdout)
    assert one["rules"] == [rule for rule in whole["rules"] if rule["id"] == "spf-ptr"]
    assert one["rules"][0]["bad"] == {"": "v=spf1 ptr -all"}


def test_it_needs_no_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("rules", "spf-ptr").exit_code == 0
