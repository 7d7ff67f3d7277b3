"""A diff as text, Markdown, JSON and findings."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diff import compare
from generator.diff import json as as_json
from generator.diff.findings import findings
from generator.diff.markdown import LIMIT, escaped
from generator.diff.markdown import render as markdown
from generator.diff.model import Diff, Risk
from generator.diff.summary import moves, risks
from generator.diff.text import WIDTH
from generator.diff.text import render as text
from generator.finding import Severity
from generator.report import render_all
from generator.rules import RULES
from tests.diff.scenarios import Scenario, scenarios, state
from tests.support import ROOT, TODAY

SCENARIOS = scenarios()
SCHEMA = json.loads((ROOT / "schemas/diff.schema.json").read_text())
ALL = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)


@ALL
def test_every_scenario_in_every_form(scenario: Scenario):
    diff = scenario.diff()
    shown = text(diff, verbose=True)
    # Words of any length stay whole: names and records.
    assert all(len(line) <= WIDTH or " " not in line[12:].strip() or line[2] in "+-~ "
               for line in shown.splitlines())  # fmt: skip
    for one in diff.domains:
        for effect in one.effects:
            assert effect.text.endswith((".", "?"))
            assert (effect.risk > Risk.NOTE) == bool(effect.rule)
            assert not effect.rule or effect.rule in RULES
    data = json.loads(as_json.render(diff))
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert data["risk"] == scenario.risk
    for form in ("sarif", "github", "json", "text"):
        assert render_all(findings(diff), form) is not None
    assert len(markdown(diff).encode()) <= LIMIT


def test_a_schema_that_refuses_something():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"old": "a"}, SCHEMA)


def big(count: int, stage: str = "enforce") -> Diff:
    """``count`` domains that skip every rung at once."""
    names = ", ".join(f"aratherlongnameofadomain{n}.example" for n in range(count))
    body = "dmarc: {reports: [valimail]}\nservices: [{use: microsoft-365, tenant: contoso}]\n"
    old = state({"zones/a.yaml": f"domains: [{names}]\nstage: monitor\n{body}"}, "old")
    new = state({"zones/a.yaml": f"domains: [{names}]\nstage: {stage}\n{body}"}, "new")
    return compare(old, new, TODAY)


@pytest.mark.parametrize("count", [1, 20, 500])
def test_markdown_keeps_to_the_limit_and_tells_what_it_leaves_out(count):
    diff = big(count)
    made = markdown(diff)
    assert len(made) <= len(made.encode()) <= LIMIT < 65_536
    assert f"{count} domain" in made
    named = len(set(re.findall(r"\*\*aratherlongnameofadomain\d+", made)))
    left = re.search(r"([\d,]+) more domains do not fit", made)
    assert named + (int(left[1]) if left else 0) == count
    assert made.count("<details>") == made.count("</details>")
    assert made.count("```") % 2 == 0
    if count == 1:
        assert "_dmarc" in made  # records in full
    if count == 500:
        assert named > 300


def test_a_single_record_is_one_record():
    body = "domain: a.example\ndmarc: {reports: [valimail]}\n"
    old = state({"zones/a.yaml": f"{body}stage: monitor\n"}, "old")
    new = state({"zones/a.yaml": f"{body}stage: fence\n"}, "new")
    assert "<summary>1 record</summary>" in markdown(compare(old, new, TODAY))
    assert "<summary>2 records</summary>" in markdown(big(1))


@given(st.text(max_size=60))
def test_nothing_that_people_write_becomes_markup_or_mentions_anybody(words):
    made = escaped(words)
    assert "\n" not in made
    plain = re.sub(r"`[^`]*`", "", made)
    assert not re.search(r"(?<!\\)[*_\[\]|~]", plain)
    assert not re.search(r"<(?!!-- -->)", plain)
    assert not re.search(r"@(?!<!-- -->)", plain)
    assert "://<!-- -->" in plain or "://" not in plain


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("run `mailzone diff`", "run `mailzone diff`"),
        ("@everyone", "@<!-- -->everyone"),
        ("a `b", "a \\`b"),
        ("<script>", "&lt;script&gt;"),
        ("http://x.example", "http://<!-- -->x.example"),
        ("a\n# b", "a\\\\u000a# b"),
        ("[x](y)", "\\[x\\](y)"),
        ("\u202eevil", "\\\\u202eevil"),
    ],
)
def test_escaping(words, made):
    assert escaped(words) == made


def test_a_reason_cannot_leave_its_place():
    body = "dmarc: {reports: [valimail]}\n"
    old = state({"zones/a.yaml": f"domain: example.com\nstage: quarantine\n{body}"}, "old")
    reason = "because: '</details> @team ![x](http://x.example/y.png) ```'\n"
    new = state({"zones/a.yaml": f"domain: example.com\nstage: reject-test\n{reason}{body}"}, "new")
    made = markdown(compare(old, new, TODAY))
    assert "&lt;/details&gt;" in made
    assert "@team" not in made
    assert "](http" not in made.replace("\\](", "")


def test_waived_risks_weigh_as_advice_and_show_why():
    diff = next(s for s in SCENARIOS if s.name.endswith("a risk is waived")).diff()
    (found,) = findings(diff)
    assert found.severity is Severity.ADVICE
    assert found.help == "waived until 2026-12-31: the auditor asks for it"
    assert "= waived until 2026-12-31: the auditor asks for it" in text(diff)
    assert risks(diff) == "1 set aside with a reason"
    (entry,) = [e for e in json.loads(as_json.render(diff))["domains"][0]["effects"] if e["until"]]
    assert (entry["risk"], entry["counts_as"]) == ("danger", "note")


def test_findings_stand_at_their_lines_in_the_new_state():
    diff = big(1)
    places = {found.rule: found.place for found in findings(diff)}
    assert {place.path for place in places.values() if place} == {"zones/a.yaml"}
    assert places["rollout-stage-skipped"].line == 2


def test_the_summary_of_a_portfolio():
    old = {
        f"zones/{n}.yaml": f"domain: {n}.example\nstage: monitor\ndmarc: {{reports: [valimail]}}\n"
        for n in "abcdef"
    }
    new = dict(old)
    for n in "ab":
        new[f"zones/{n}.yaml"] = new[f"zones/{n}.yaml"].replace("monitor", "fence")
    new["zones/c.yaml"] = new["zones/c.yaml"].replace("monitor", "audit")
    new["zones/d.yaml"] += "ttl: 300\n"
    del new["zones/e.yaml"]
    new["zones/g.yaml"] = "domain: g.example\nstage: monitor\ndmarc: {reports: [valimail]}\n"
    diff = compare(state(old, "old"), state(new, "new"), TODAY)
    assert moves(diff) == (
        "7 domains: 2 advance, 1 goes back, 1 is new, 1 is gone, 1 changes, 1 stays the same"
    )
    assert "5 cautions" in risks(diff)  # two fences, two unknown times, one that is gone
