"""The fate of a domain's mail, from declarations alone and with a lock."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from generator.alignment import alignments
from generator.ladder import STAGES
from generator.project import assemble
from generator.simulate.cases import Path
from generator.simulate.dmarc import Outcome
from generator.simulate.matrix import matrix, stages_from
from generator.simulate.words import cells
from generator.simulate.world import NXDOMAIN, SERVFAIL, Answer
from tests.cases import keys
from tests.strategies import projects
from tests.support import TODAY, Sandbox
from tests.test_examples import PROJECTS

DECLARED = """
    domain: example.com
    stage: {stage}
    since: 2026-01-01
    services:
      - use: google-workspace
        dkim: {{google: {key}}}
      - use: mailgun
        at: mg
        from: example.com
        dkim: {{pdk1: pdk1._domainkey.9d876.dkim1.mailgun.com}}
    spf:
      also: ["ip4:192.0.2.10"]
    dmarc:
      reports: ["mailto:d@example.com"]
      {tags}
    waive:
      spf-ip-private: {{because: an address of the documentation range, until: 2027-01-01}}
"""


@pytest.fixture
def declared(sandbox):
    def make(stage="reject", tags='fo: "1"', text=DECLARED, errors=()):
        sandbox.write("zones/a.yaml", text.format(stage=stage, tags=tags, key=keys()["rsa2048"]))
        project = sandbox.assemble()
        found = [f"{f.rule}: {f.message}" for f in project.errors if f.rule not in errors]
        assert not found
        return project

    return make


class Lock:
    """A lock that holds a few answers."""

    def __init__(self, known):
        self.known = known

    def answer(self, name, type):
        return self.known.get((name, type), SERVFAIL)


def fates(project, stage, lock=None):
    """What stands in the table, by the mail."""
    costs = project.catalogue.term_costs()
    made = matrix(project.compiled, "example.com", [STAGES[stage]], lock, costs)
    return {(row.path, *row.what): cells(row.cells[0]) for row in made.rows}


PASS = "pass: delivered"
GOOGLE, MAILGUN, OWN = (
    "Google Workspace",
    "Mailgun at mg.example.com as example.com",
    "ip4:192.0.2.10",
)
SPOOFER, NOWHERE = "a spoofer", "a spoofer as no-such-host.example.com"


def test_without_a_lock_vendors_are_taken_at_their_word(declared):
    found = fates(declared(), "reject")
    assert found == {
        (Path.DIRECT, GOOGLE): ("pass*", "pass", PASS, PASS),
        (Path.DIRECT, MAILGUN): ("pass*", "pass*", PASS, PASS),
        (Path.DIRECT, OWN): ("pass", "none", PASS, PASS),
        (Path.FORWARDED, GOOGLE, MAILGUN): ("softfail*", "pass*", PASS, PASS),
        (Path.FORWARDED, OWN): ("softfail*", "none", "fail: refused", "fail: refused"),
        (Path.LIST, GOOGLE, MAILGUN): ("elsewhere", "fail", "fail: refused", "fail: refused"),
        (Path.LIST, OWN): ("elsewhere", "none", "fail: refused", "fail: refused"),
        (Path.SPOOFED, SPOOFER): ("softfail*", "none", "fail: refused", "fail: refused"),
        (Path.SPOOFED, NOWHERE): ("none", "none", "fail: refused", "fail: refused"),
    }


SPF_ALL = {"audit": "neutral*", "enforce": "fail*"}
ACTS = {  # of a spoofer, and of one with a name that does not exist
    "audit": ("delivered", "delivered", "delivered", "delivered"),
    "monitor": ("delivered", "delivered", "delivered", "delivered"),
    "fence": ("delivered", "delivered", "refused", "delivered"),
    "quarantine-test": ("delivered", "delivered", "junk", "delivered"),
    "quarantine": ("junk", "junk", "refused", "junk"),
    "reject-test": ("junk", "junk", "junk", "junk"),
    "reject": ("refused", "refused", "refused", "refused"),
    "enforce": ("refused", "refused", "refused", "refused"),
}


@pytest.mark.parametrize("stage", ACTS)
def test_every_stage(declared, stage):
    found = fates(declared(), stage)
    spf = SPF_ALL.get(stage, "softfail*")
    acts = [f"fail: {act}" for act in ACTS[stage]]
    assert found[Path.SPOOFED, SPOOFER] == (spf, "none", *acts[:2])
    assert found[Path.SPOOFED, NOWHERE] == ("none", "none", *acts[2:])
    early = "!" if stage == "enforce" else ""
    assert found[Path.FORWARDED, GOOGLE, MAILGUN] == (spf + early, "pass*", PASS, PASS)


def test_stages_from_the_present_one_to_the_goal():
    names = [stage.name for stage in stages_from(STAGES["quarantine"], "reject")]
    assert names == ["quarantine", "reject-test", "reject"]
    assert [s.name for s in stages_from(STAGES["parked"], "enforce")] == ["parked"]
    assert len(stages_from(STAGES["audit"], "enforce")) == 8


def test_later_stages_are_what_they_will_be_once_declared(declared):
    early, late = declared("monitor"), None
    from_monitor = matrix(early.compiled, "example.com").rows
    for number, stage in enumerate(stages_from(STAGES["monitor"], "enforce")):
        late = declared(stage.name)
        there = matrix(late.compiled, "example.com", [stage]).rows
        assert [(r.path, r.what, r.cells[0]) for r in there if r.path is Path.DIRECT] == [
            (r.path, r.what, r.cells[number]) for r in from_monitor if r.path is Path.DIRECT
        ]


def test_the_lock_decides_what_vendors_say(declared):
    known = {
        ("_spf.google.com", "TXT"): Answer("ok", ("v=spf1 ip4:198.51.100.0/24 ~all",)),
        ("mailgun.org", "TXT"): Answer("ok", ("v=spf1 include:_spf.mailgun.org ~all",)),
        ("_spf.mailgun.org", "TXT"): Answer("ok", ("v=spf1 ip4:203.0.113.0/24 -all",)),
        ("eu.mailgun.org", "TXT"): Answer("ok", ("v=spf1 include:_spf.mailgun.org ~all",)),
        ("pdk1._domainkey.9d876.dkim1.mailgun.com", "TXT"): Answer(
            "ok", (f"p={keys()['rsa2048']}",)
        ),
    }
    found = fates(declared(), "reject", Lock(known))
    assert found[Path.DIRECT, GOOGLE] == ("pass", "pass", PASS, PASS)
    assert found[Path.DIRECT, MAILGUN] == ("pass", "pass", PASS, PASS)
    assert found[Path.SPOOFED, SPOOFER][0] == "softfail"


def test_a_vendor_that_went_away_is_seen(declared):
    known = {
        ("_spf.google.com", "TXT"): NXDOMAIN,
        ("mailgun.org", "TXT"): NXDOMAIN,
        ("pdk1._domainkey.9d876.dkim1.mailgun.com", "TXT"): NXDOMAIN,
    }
    found = fates(declared(), "reject", Lock(known))
    assert found[Path.DIRECT, GOOGLE] == ("permerror", "pass", PASS, PASS)
    assert found[Path.DIRECT, MAILGUN] == ("permerror", "fail", "fail: refused", "fail: refused")


def test_a_vendor_that_lets_everybody_pass_is_seen(declared):
    known = {("_spf.google.com", "TXT"): Answer("ok", ("v=spf1 +all",))}
    found = fates(declared(), "reject", Lock(known))
    assert found[Path.SPOOFED, SPOOFER] == ("pass", "none", PASS, PASS)


def test_too_many_look_ups_are_seen_by_the_catalogues_costs(declared):
    text = DECLARED.replace(
        'also: ["ip4:192.0.2.10"]',
        'also: ["include:mailgun.org", "include:mailgun.org.example.net", a, mx]',
    )
    project = declared(text=text)
    costs = {"include:mailgun.org": 7, "include:_spf.google.com": 4}
    made = matrix(project.compiled, "example.com", [STAGES["reject"]], None, costs)
    spoofer = next(row for row in made.rows if row.what == (SPOOFER,))
    assert spoofer.cells[0].spf.result == "permerror"


def test_strict_alignment_is_told(declared):
    wrong = ("dmarc-strict-mismatch",)
    found = fates(declared("monitor", "aspf: s\n      adkim: s", errors=wrong), "reject")
    assert found[Path.DIRECT, MAILGUN] == (
        "pass, unaligned*",
        "pass*",
        "fail: refused",
        "fail: refused",
    )


def test_a_wildcard_switches_np_off(declared):
    text = DECLARED + '    records: [{{name: "*", type: A, value: 192.0.2.1}}]\n'
    found = fates(declared(text=text), "fence")
    assert found[Path.SPOOFED, NOWHERE][2] == "fail: delivered"


def test_an_unknown_domain_is_refused(declared):
    with pytest.raises(KeyError):
        matrix(declared().compiled, "example.net")


def test_a_return_path_that_leads_to_the_vendor(sandbox):
    sandbox.write(
        "zones/a.yaml",
        """
        domain: example.com
        stage: reject
        services: [{use: sendgrid, return_path: em1, account_host: u1234567.wl123.sendgrid.net}]
        dmarc: {reports: ["mailto:d@example.com"]}
        """,
    )
    project = sandbox.assemble()
    assert not project.errors
    key = Answer("ok", (f"p={keys()['rsa2048']}",))
    known = {
        ("u1234567.wl123.sendgrid.net", "TXT"): Answer("ok", ("v=spf1 ip4:198.51.100.7 -all",)),
        ("s1.domainkey.u1234567.wl123.sendgrid.net", "TXT"): key,
    }
    guessed = fates(project, "reject")
    (name,) = [what for path, what, *_ in guessed if path is Path.DIRECT]
    assert guessed[Path.DIRECT, name] == ("pass*", "pass*", PASS, PASS)
    assert fates(project, "reject", Lock(known))[Path.DIRECT, name] == ("pass", "pass", PASS, PASS)


def judged_as_alignment_says(project):
    """The simulation and `generator.alignment`, which lint relies on, must not contradict."""
    for one in project.compiled:
        costs = project.catalogue.term_costs()
        made = matrix(project.compiled, one.domain.name, costs=costs)
        assert made.rows
        if one.domain.release:
            continue  # nothing of it is published
        direct = [row for row in made.rows if row.path is Path.DIRECT]
        for expected, row in zip(alignments(one.domain), direct, strict=False):
            for cell in row.cells:
                for judged in cell.judgements:
                    if judged.outcome not in (Outcome.NONE, Outcome.TEMPERROR):
                        wanted = (expected.passes, expected.spf, expected.dkim)
                        found = (
                            judged.outcome is Outcome.PASS,
                            judged.spf_aligned,
                            judged.dkim_aligned,
                        )
                        assert found == wanted, (row, expected)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_examples_fare_as_their_alignment_says(folder):
    judged_as_alignment_says(assemble(folder, TODAY))


@settings(max_examples=30, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(projects())
def test_projects_fare_as_their_alignment_says(tmp_path_factory, project):
    root = tmp_path_factory.mktemp("project")
    (root / "zones").mkdir()
    sandbox = Sandbox(root)
    for name, text in project.texts().items():
        sandbox.write(name, text.encode())
    judged_as_alignment_says(sandbox.assemble())
