"""mailzone stages: the ladder, and a domain's place on it."""

from __future__ import annotations

import pytest

from tests.diff.repository import make
from tests.support import call

BODY = "dmarc: {reports: [valimail]}\n"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795262400")  # 2026-11-21


def test_the_ladder_needs_no_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call("stages")
    assert done.exit_code == 0
    assert "quarantine-test" in done.stdout


def test_where_a_domain_is_and_what_comes_next(sandbox):
    text = f"domain: example.com\nstage: quarantine\nsince: 2026-10-24\n{BODY}"
    sandbox.write("zones/a.yaml", text + "subdomains: {news: {services: [mailchimp]}}\n")
    done = sandbox.run("stages", "example.com")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[:3] == [
        "example.com is at stage quarantine, since 2026-10-24 (as declared), 28 of 28 days",
        "unauthenticated mail goes to the junk folder; the goal is enforce",
        "`mailzone retreat example.com` goes back to fence",
    ]
    assert "Next: reject-test: announced; acts as quarantine" in done.stdout
    assert "_dmarc.example.com. p=quarantine → p=reject" in done.stdout
    assert "rollout-dwell" not in done.stdout


def test_what_is_missing(sandbox):
    sandbox.write("zones/a.yaml", f"domain: example.com\nstage: fence\nsince: 2026-11-20\n{BODY}"
                  "services: [{use: mailchimp, from: example.org}]\n")  # fmt: skip
    done = sandbox.run("stages", "example.com")
    assert "Missing:" in done.stdout
    assert "[rollout-service-unauthenticated]" in done.stdout
    assert "1 of 7 days at fence; the 7 are over on 2026-11-27 [rollout-dwell]" in done.stdout
    assert "--because" not in done.stdout  # a reason would not be enough


def test_reports_to_other_domains_stay_out_of_it(sandbox):
    sandbox.write("zones/a.yaml", f"domain: example.com\nstage: reject\nsince: 2026-01-01\n{BODY}")
    sandbox.write("zones/b.yaml", "domain: example.net\nstage: parked\n"
                  "dmarc: {reports: ['mailto:d@example.com']}\n")  # fmt: skip
    done = sandbox.run("stages", "example.com")
    assert "reports about" not in done.stdout
    assert "Nothing is missing: `mailzone advance example.com` takes the step." in done.stdout


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("stage: parked\n", "nothing is above it"),
        (f"stage: enforce\n{BODY}", "nothing is above it"),
        (f"stage: reject\ngoal: reject\n{BODY}", "it is at its goal"),
    ],
)
def test_the_end_of_the_ladder(sandbox, text, why):
    sandbox.write("zones/a.yaml", f"domain: example.com\n{text}")
    done = sandbox.run("stages", "example.com")
    assert f"No next stage: {why}." in done.stdout
    assert "since when is not known" in done.stdout


def test_git_tells_since_when(tmp_path):
    repo = make(tmp_path / "repo")
    repo.write("zones/a.yaml", f"domain: example.com\nstage: monitor\n{BODY}")
    repo.commit(day="2026-11-01")
    done = repo.run("stages", "example.com")
    assert "since 2026-11-01 (by the history of git), 20 of 28 days" in done.stdout
