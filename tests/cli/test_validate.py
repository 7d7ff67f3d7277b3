"""mailzone validate."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support import ROOT, Sandbox

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


# --- formats -------------------------------------------------------------------------------------

BAD = "domain: a.example\nstage: monitr\n"


def test_json_goes_to_standard_output_alone(sandbox):
    sandbox.write("zones/a.yaml", BAD)
    done = sandbox.run("validate", "--format", "json")
    assert (done.exit_code, done.stderr) == (1, "")
    data = json.loads(done.stdout)
    assert [one["rule"] for one in data["findings"]] == ["unknown-stage"]
    assert data["findings"][0]["path"] == "zones/a.yaml"


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_without_findings_the_exit_code_is_0_and_the_output_whole(form, sandbox):
    sandbox.write("zones/a.yaml", GOOD)
    done = sandbox.run("validate", "--format", form)
    assert (done.exit_code, done.stderr) == (0, "")
    if form == "github":
        assert done.stdout == ""
    else:
        assert json.loads(done.stdout)


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_quiet_leaves_out_all_but_errors_in_every_format(form, sandbox):
    sandbox.write(
        "zones/a.yaml",
        "domain: a.example\nstage: audit\nservices: [{use: google-workspace, dkim: pending}]\n",
    )
    loud = sandbox.run("validate", "--format", form)
    quiet = sandbox.run("validate", "--format", form, "--quiet")
    assert "dkim-missing" in loud.stdout
    assert "dkim-missing" not in quiet.stdout
    assert (loud.exit_code, quiet.exit_code) == (0, 0)


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("json", '"path": "zones/a.yaml"'),
        ("sarif", '"uri": "dns/mail/zones/a.yaml"'),
        ("github", "::error file=dns/mail/zones/a.yaml,line=2,"),
    ],
)
def test_ci_systems_are_told_paths_from_the_top_of_the_repository(form, shown, tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "dns/mail/zones").mkdir(parents=True)
    sandbox = Sandbox(tmp_path / "dns/mail")
    sandbox.write("zones/a.yaml", BAD)
    assert shown in sandbox.run("validate", "--format", form).stdout


def test_a_project_at_the_top_of_its_repository_needs_no_prefix(sandbox):
    (sandbox.root / ".git").write_text("gitdir: elsewhere\n")  # a worktree's
    sandbox.write("zones/a.yaml", BAD)
    assert "file=zones/a.yaml," in sandbox.run("validate", "--format", "github").stdout


def test_the_output_is_utf_8_whatever_the_locale(sandbox):
    sandbox.write("zones/a.yaml", "domain: bücher.example\nstage: monitor\n")
    run = subprocess.run(
        [sys.executable, "-m", "generator", "validate", "--format", "json",
         "--project", str(sandbox.root)],
        cwd=ROOT, env={"PYTHONIOENCODING": "ascii"}, capture_output=True, check=False,
    )  # fmt: skip
    assert "bücher.example" in json.loads(run.stdout.decode("utf-8"))["findings"][0]["message"]


# --- waivers -------------------------------------------------------------------------------------

WAIVED = """\
domain: a.example
stage: monitor
services: [google-workspace]
dmarc: {reports: [valimail]}
waive: {dkim-missing: {because: on its way, until: 2099-01-01}}
"""


def test_waivers_are_listed_as_text_and_json(sandbox):
    sandbox.write("zones/a.yaml", WAIVED)
    text = sandbox.run("validate", "--waivers")
    assert (text.exit_code, text.stderr) == (0, "")
    assert text.stdout == (
        "a.example: dkim-missing until 2099-01-01, in use\n  on its way\n  zones/a.yaml:5\n"
    )
    data = json.loads(sandbox.run("validate", "--waivers", "--format", "json").stdout)
    assert [(one["rule"], one["used"]) for one in data["waivers"]] == [("dkim-missing", True)]


def test_waivers_beside_errors_are_listed_and_the_exit_code_is_1(sandbox):
    sandbox.write("zones/a.yaml", WAIVED)
    sandbox.write("zones/b.yaml", BAD.replace("a.example", "b.example"))
    done = sandbox.run("validate", "--waivers")
    assert done.exit_code == 1
    assert "in use" in done.stdout
    assert done.stderr == "mailzone: 1 error; the list may be incomplete\n"


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_waivers_are_no_findings(form, sandbox):
    done = sandbox.run("validate", "--waivers", "--format", form)
    assert done.exit_code == 2
    assert f"not as {form}" in done.stderr
