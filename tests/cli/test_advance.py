"""mailzone advance and retreat."""

from __future__ import annotations

import pytest

from tests.diff.repository import Repo, make
from tests.support import Sandbox

BODY = "dmarc: {reports: [valimail]}\n"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795262400")  # 2026-11-21


def test_a_step_is_written_and_shown_and_nothing_else_changes(sandbox):
    text = (
        "# top\ndomain: example.com   # name\nstage: quarantine  # for now\nsince: 2026-10-01\n"
        + BODY
    )
    sandbox.write("zones/a.yaml", text)
    sandbox.write("zones/b.yaml", "domain: example.org\nstage: parked\n")
    done = sandbox.run("advance", "example.com")
    assert done.exit_code == 0, done.stderr
    made = text.replace("quarantine", "reject-test").replace("2026-10-01", "2026-11-21")
    assert (sandbox.root / "zones/a.yaml").read_text() == made
    assert "changed zones/a.yaml" in done.stdout
    assert "example.com advances from quarantine to reject-test" in done.stdout
    assert "2 domains: 1 advances, 1 stays the same" in done.stdout


def test_an_early_step_is_refused_unless_somebody_says_why(sandbox):
    sandbox.write(
        "zones/a.yaml", f"domain: example.com\nstage: quarantine\nsince: 2026-11-20\n{BODY}"
    )
    before = sandbox.files()
    done = sandbox.run("advance", "example.com")
    assert done.exit_code == 3
    assert (
        "1 of 28 days at quarantine; the 28 are over on 2026-12-18 [rollout-dwell]" in done.stderr
    )
    assert sandbox.files() == before
    done = sandbox.run("advance", "example.com", "--because", "it's only alarms")
    assert done.exit_code == 0
    assert 'because: "it\'s only alarms"\n' in (sandbox.root / "zones/a.yaml").read_text()
    assert "= because: it's only alarms" in done.stdout
    assert sandbox.run("diff").exit_code == 1  # no repository here


def test_the_written_reason_opens_the_gate_of_the_diff(tmp_path):
    repo = make(tmp_path / "repo")
    repo.write("zones/a.yaml", f"domain: example.com\nstage: quarantine\nsince: 2026-11-20\n{BODY}")
    repo.commit()
    assert (
        repo.run("advance", "example.com", "--to", "reject", "--because", "alarms only").exit_code
        == 0
    )
    assert repo.run("diff", "--fail-on", "danger").exit_code == 0
    repo.commit()
    # For the next step the reason does not count, and is taken out.
    assert repo.run("advance", "example.com").exit_code == 3
    assert repo.run("retreat", "example.com").exit_code == 0
    assert "because" not in (repo.root / "zones/a.yaml").read_text()


def test_git_knows_how_long_it_has_been(tmp_path):
    repo = make(tmp_path / "repo")
    repo.write("zones/a.yaml", f"domain: example.com\nstage: quarantine\n{BODY}")
    repo.commit(day="2026-11-01")
    done = repo.run("advance", "example.com")
    assert "20 of 28 days at quarantine" in done.stderr
    repo.commit(day="2026-10-01")
    older: Repo = make(tmp_path / "older")
    older.write("zones/a.yaml", f"domain: example.com\nstage: quarantine\n{BODY}")
    older.commit(day="2026-10-01")
    assert older.run("advance", "example.com").exit_code == 0


def test_a_stage_that_others_share(sandbox):
    sandbox.write("zones/a.yaml", f"domains: [a.example, b.example]\nstage: enforce\n{BODY}")
    sandbox.write("zones/in/_defaults.yaml", f"stage: quarantine\nsince: 2026-01-01\n{BODY}")
    sandbox.write("zones/in/c.yaml", "domain: c.example\n")
    sandbox.write("zones/in/d.yaml", "domain: d.example\nsubdomains: {news: {}}\n")
    before = sandbox.files()
    done = sandbox.run("advance", "c.example")
    assert done.exit_code == 3
    assert "zones/in/_defaults.yaml:1 gives these their stage too:\n  d.example" in done.stderr
    assert sandbox.run("retreat", "a.example").exit_code == 3
    assert sandbox.files() == before
    assert sandbox.run("advance", "c.example", "--all").exit_code == 0
    assert sandbox.files()["zones/in/_defaults.yaml"] == (
        f"stage: reject-test\nsince: 2026-11-21\n{BODY}".encode()
    )
    assert sandbox.run("advance", "d.example", "c.example").exit_code == 3  # too early again
    assert sandbox.run("retreat", "a.example", "b.example").exit_code == 2  # one at a time
    assert sandbox.run("retreat", "a.example", "--all").exit_code == 0
    assert b"stage: reject\n" in sandbox.files()["zones/a.yaml"]


def test_naming_all_that_share_is_enough(sandbox):
    sandbox.write("zones/a.yaml", f"domains: [a.example, b.example]\nstage: audit\n{BODY}")
    assert sandbox.run("advance", "a.example", "b.example").exit_code == 0


def test_a_mapping_of_domains_with_a_stage_of_its_own(sandbox):
    text = f"domains:\n  a.example: {{stage: audit}}\n  b.example:\nstage: enforce\n{BODY}"
    sandbox.write("zones/a.yaml", text)
    assert sandbox.run("advance", "a.example").exit_code == 0
    assert (sandbox.root / "zones/a.yaml").read_text() == text.replace(
        "{stage: audit}", "{stage: monitor, since: 2026-11-21}"
    )


def test_since_that_stands_above_the_stage_is_no_trap(sandbox):
    """The stage comes from the defaults, but the declaration has a day of its own."""
    sandbox.write("zones/_defaults.yaml", f"stage: audit\n{BODY}")
    sandbox.write("zones/a.yaml", "domain: example.com\nsince: 2026-01-01\n")
    before = sandbox.files()
    done = sandbox.run("advance", "example.com")
    assert done.exit_code == 1
    assert "something else decides the stage of example.com" in done.stderr
    assert sandbox.files() == before


def test_parking_takes_a_word(sandbox):
    sandbox.write("zones/a.yaml", f"domain: example.com\nstage: audit\n{BODY}")
    done = sandbox.run("advance", "example.com", "--to", "parked")
    assert (done.exit_code, "no reports show that it sends nothing" in done.stderr) == (3, True)
    words = ("--because", "bought for its name")
    assert sandbox.run("advance", "example.com", "--to", "parked", *words).exit_code == 0
    assert b"stage: parked\n" in sandbox.files()["zones/a.yaml"]


def test_a_dry_run_writes_nothing(sandbox):
    sandbox.write("zones/a.yaml", f"domain: example.com\nstage: audit\n{BODY}")
    before = sandbox.files()
    done = sandbox.run("advance", "example.com", "--dry-run")
    assert done.exit_code == 0
    assert "would change zones/a.yaml" in done.stdout
    assert sandbox.files() == before


def test_a_byte_order_mark_stays(sandbox):
    sandbox.write("zones/a.yaml", f"\ufeffdomain: example.com\nstage: audit\n{BODY}".encode())
    assert sandbox.run("advance", "example.com").exit_code == 0
    assert sandbox.files()["zones/a.yaml"].startswith(
        b"\xef\xbb\xbfdomain: example.com\nstage: monitor\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("advance", "example.com"), "example.com is at enforce: there is no stage above it"),
        (("advance", "example.com", "--to", "monitor"), "`mailzone retreat` goes back"),
        (("advance", "example.net"), "example.net is not declared in this project"),
        (("advance", "a b"), "holds a space"),
        (("advance", "example.com", "--because", " "), "--because needs words"),
        (("advance", "example.com", "--because", "a\nb"), "one line"),
        (("retreat", "parked.example"), "there is no stage to go back to"),
    ],
)
def test_what_cannot_be(sandbox, arguments, said):
    sandbox.write("zones/a.yaml", f"domain: example.com\nstage: enforce\n{BODY}")
    sandbox.write("zones/b.yaml", "domain: parked.example\nstage: parked\n")
    before = sandbox.files()
    done = sandbox.run(*arguments)
    assert (done.exit_code, said in done.stderr) == (1, True), done.stderr
    assert sandbox.files() == before


def test_a_project_with_errors_does_not_move(sandbox):
    sandbox.write("zones/a.yaml", f"domain: example.com\nstage: audit\n{BODY}")
    sandbox.write("zones/b.yaml", "domain: b.example\nstage: nonsense\n")
    assert sandbox.run("advance", "example.com").exit_code == 1


def test_a_file_that_cannot_be_replaced(sandbox: Sandbox, monkeypatch):
    from generator.emit import write

    def fail(planned):
        raise write.WriteError("disk full")

    sandbox.write("zones/a.yaml", f"domain: example.com\nstage: audit\n{BODY}")
    monkeypatch.setattr(write, "apply", fail)
    done = sandbox.run("advance", "example.com")
    assert (done.exit_code, "disk full; nothing was written" in done.stderr) == (5, True)
