"""The list of waivers: all of them, and whether each still serves."""

from __future__ import annotations

import json

import jsonschema
import pytest

from generator.report.waivers import as_json, as_text, listed
from tests.support import ROOT, Sandbox

SCHEMA = json.loads((ROOT / "schemas/waivers.schema.json").read_text(encoding="utf-8"))

# Today is 2026-11-21.
FOUR = """\
domain: example.com
stage: monitor
services: [google-workspace]
spf: {also: ["ip4:10.0.0.25"]}
dmarc: {reports: [valimail]}
waive:
  spf-ip-private: {because: the address is translated, until: 2027-06-30}
  dkim-missing: {because: the key is on its way, until: 2026-11-20}
  dkim-rsa-1024: {because: an old appliance, until: 2027-01-31}
subdomains:
  news:
    stage: monitor
    services: [google-workspace]
    waive: {dkim-missing: {because: not before spring, until: 2026-11-21}}
"""


def waivers(sandbox: Sandbox):
    project = sandbox.assemble()
    return listed((one.domain for one in project.compiled), project.findings)


def states(sandbox: Sandbox) -> list[tuple[str, str, str]]:
    return [(one.domain.name, one.waiver.rule, one.state) for one in waivers(sandbox)]


def test_every_waiver_is_listed_the_next_to_end_first(sandbox):
    sandbox.write("zones/a.yaml", FOUR)
    assert states(sandbox) == [
        ("example.com", "dkim-missing", "expired"),
        ("news.example.com", "dkim-missing", "in use"),  # today is its last day
        ("example.com", "dkim-rsa-1024", "unused"),
        ("example.com", "spf-ip-private", "in use"),
    ]


def test_text_tells_reason_and_place(sandbox):
    sandbox.write("zones/a.yaml", FOUR)
    text = as_text(waivers(sandbox))
    assert text.count("\n\n") == 3
    assert text.startswith(
        "example.com: dkim-missing until 2026-11-20, expired\n"
        "  the key is on its way\n"
        "  zones/a.yaml:8\n"
    )


def test_json_has_the_form_of_its_schema(sandbox):
    sandbox.write("zones/a.yaml", FOUR)
    data = json.loads(as_json(waivers(sandbox)))
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert data["waivers"][2] == {
        "domain": "example.com",
        "rule": "dkim-rsa-1024",
        "because": "an old appliance",
        "until": "2027-01-31",
        "expired": False,
        "used": False,
        "path": "zones/a.yaml",
        "line": 9,
    }
    assert [one["used"] for one in data["waivers"]] == [None, True, False, True]


def test_without_waivers_there_is_an_empty_list(sandbox):
    sandbox.write("zones/a.yaml", "domain: example.com\nstage: parked\n")
    assert as_text(waivers(sandbox)) == "no waivers\n"
    assert json.loads(as_json(waivers(sandbox))) == {"waivers": []}


def test_many_domains_that_share_a_waiver_are_judged_each_for_itself(sandbox):
    sandbox.write(
        "zones/a.yaml",
        """\
        domains:
          a.example: {spf: {also: ["ip4:10.0.0.25"]}}
          b.example: {}
        stage: monitor
        dmarc: {reports: [valimail]}
        waive: {spf-ip-private: {because: translated, until: 2099-12-31}}
        """,
    )
    assert [state for _, _, state in states(sandbox)] == ["in use", "unused"]


@pytest.mark.parametrize(
    "more",
    [
        "release: true\n",  # nothing is published
        "servces: []\n",  # an error: its records were not looked at
        "zone: {mode: merge, file: dns/a}\n",  # only the zone file will tell
    ],
)
def test_what_cannot_be_told_is_not_claimed(more, sandbox):
    sandbox.write("dns/a", "")
    sandbox.write(
        "zones/a.yaml",
        "domain: example.com\nstage: parked\n"
        "waive: {zone-wildcard-shadowed: {because: meant so, until: 2099-12-31}}\n" + more,
    )
    assert states(sandbox) == [("example.com", "zone-wildcard-shadowed", "not known to be used")]


def test_a_reason_shows_neither_keys_nor_control_characters(sandbox):
    key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" * 3
    sandbox.write(
        "zones/a.yaml",
        "domain: example.com\nstage: parked\n"
        f'waive: {{spf-ptr: {{because: "x\\e[2J {key}", until: 2099-12-31}}}}\n',
    )
    for text in (as_text(waivers(sandbox)), as_json(waivers(sandbox))):
        assert "\x1b" not in text
        assert key[10:40] not in text
