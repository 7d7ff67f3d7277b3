"""mailzone validate."""

from __future__ import annotations

GOOD = "domain: a.example\nstage: parked\ndmarc: {reports: ['mailto:d@a.example']}\n"


def test_a_sound_project_says_how_much_was_checked(sandbox):
    sandbox.write("zones/a.yaml", GOOD)
    done = sandbox.run("validate")
    assert done.exit_code == 0
    assert done.stdout == "1 domain in 1 file: no errors, no warnings\n"
    assert done.stderr == ""


def test_all_errors_of_all_files_come_in_one_run_in_order(sandbox):
    sandbox.write("zones/b.yaml", "domain: b.example\nstage: nope\n")
    sandbox.write(
        "zones/a.yaml", "domain: a.example\nstage: audit\nservices: [nobody-knows-it]\nfoo: 1\n"
    )
    sandbox.write("zones/c.yaml", "domain: c.example\nstage: audit\nservices: [nobody-knows-it]\n")
    done = sandbox.run("validate")
    assert done.exit_code == 1
    places = [line.split("--> ")[1] for line in done.stderr.splitlines() if "--> " in line]
    # Of a.yaml both: what its schema refuses, and what the rest means.
    assert places == [
        "zones/a.yaml:3:12",
        "zones/a.yaml:4:1",
        "zones/b.yaml:2:8",
        "zones/c.yaml:3:12",
    ]
    assert "4 errors" in done.stdout


def test_validate_writes_nothing(sandbox):
    sandbox.write("zones/a.yaml", GOOD)
    before = sandbox.files()
    sandbox.run("validate")
    assert sandbox.files() == before


def test_warnings_and_advice_are_printed_and_exit_with_0(sandbox):
    sandbox.write(
        "zones/a.yaml",
        "domain: a.example\nstage: audit\nservices: [{use: google-workspace, dkim: pending}]\ndmarc: {sp: reject}\n",
    )
    done = sandbox.run("validate")
    assert done.exit_code == 0
    assert "warning[dkim-missing]" in done.stderr
    assert "advice[stage-deviation]" in done.stderr
    assert "1 warning" in done.stdout


def test_quiet_prints_errors_only(sandbox):
    sandbox.write(
        "zones/a.yaml",
        "domain: a.example\nstage: audit\nservices: [{use: google-workspace, dkim: pending}]\n",
    )
    done = sandbox.run("validate", "--quiet")
    assert (done.exit_code, done.output) == (0, "")
    sandbox.write("zones/b.yaml", "domain: b.example\nstage: nope\n")
    done = sandbox.run("validate", "-q")
    assert done.exit_code == 1
    assert "error[unknown-stage]" in done.stderr
    assert "warning" not in done.stderr


def test_an_error_shows_its_place_as_the_design_says(sandbox):
    sandbox.write("zones/a.yaml", "domain: a.example\nstage: monitr\n")
    assert sandbox.run("validate").stderr == (
        "error[unknown-stage]: unknown stage `monitr`\n"
        "  --> zones/a.yaml:2:8\n"
        "   |\n"
        " 2 | stage: monitr\n"
        "   |        ^^^^^^\n"
        "   = did you mean `monitor`?\n\n"
    )
