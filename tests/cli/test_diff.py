"""mailzone diff."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.diff.repository import Repo, make
from tests.support import ROOT, call

BODY = "dmarc: {reports: [valimail]}\n"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795262400")  # 2026-11-21


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = make(tmp_path / "repo")
    made.write("zones/a.yaml", f"domain: example.com\nstage: quarantine\n{BODY}")
    made.write("zones/b.yaml", "domain: example.org\nstage: parked\n")
    made.commit(day="2026-01-01")
    return made


def skip(repo: Repo) -> None:
    repo.write("zones/a.yaml", f"domain: example.com\nstage: enforce\n{BODY}")


def test_nothing_differs(repo):
    done = repo.run("diff", "--fail-on", "caution", "--exit-code")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "no domain differs; 2 files more are unchanged"


def test_short_and_long(repo):
    skip(repo)
    short = repo.run("diff")
    assert short.exit_code == 0
    assert "danger   example.com advances from quarantine to enforce over" in short.stdout
    assert "v=DMARC1" not in short.stdout
    long = repo.run("diff", "-v")
    assert "~ _dmarc.example.com. 3600 TXT v=DMARC1; p=reject;" in long.stdout
    assert "      p=quarantine → p=reject\n" in long.stdout


@pytest.mark.parametrize(("weight", "code"), [("danger", 3), ("caution", 3)])
def test_the_gate(repo, weight, code):
    skip(repo)
    assert repo.run("diff", "--fail-on", weight).exit_code == code
    assert repo.run("diff", "--exit-code").exit_code == 4


def test_a_caution_passes_the_gate_of_dangers(repo):
    repo.write("zones/b.yaml", "domain: example.net\nstage: parked\n")
    assert repo.run("diff", "--fail-on", "danger").exit_code == 0
    assert repo.run("diff", "--fail-on", "caution").exit_code == 3


@pytest.mark.parametrize("form", ["markdown", "json", "sarif", "github"])
def test_forms(repo, form):
    skip(repo)
    done = repo.run("diff", "--format", form)
    assert done.exit_code == 0
    assert "rollout-stage-skipped" in done.stdout
    if form == "json":
        schema = json.loads((ROOT / "schemas/diff.schema.json").read_text())
        jsonschema.validate(json.loads(done.stdout), schema)
    if form == "sarif":
        location = json.loads(done.stdout)["runs"][0]["results"][0]["locations"][0]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "zones/a.yaml"


def test_paths_for_ci_are_those_of_the_repository(tmp_path, monkeypatch):
    outer = Repo(tmp_path / "outer")
    outer.root.mkdir()
    outer.git("init", "-q", "-b", "main")
    inner = Repo(outer.root / "dns")
    inner.write("zones/a.yaml", f"domain: example.com\nstage: quarantine\n{BODY}")
    outer.commit(day="2026-01-01")
    skip(inner)
    monkeypatch.chdir(inner.root / "zones")
    assert "file=dns/zones/a.yaml,line=2" in call("diff", "--format", "github").stdout


def test_a_new_state_with_errors_is_not_compared(repo):
    repo.write("zones/a.yaml", "domain: example.com\nstage: nonsense\n")
    done = repo.run("diff")
    assert done.exit_code == 1
    assert "error[unknown-stage]" in done.stderr
    assert "1 error in the working tree; nothing is compared" in done.stderr


def test_an_old_state_with_errors_is_noted(repo):
    repo.write("zones/a.yaml", "domain: example.com\nstage: nonsense\n")
    repo.commit()
    repo.write("zones/a.yaml", f"domain: example.com\nstage: quarantine\n{BODY}")
    done = repo.run("diff")
    assert done.exit_code == 0
    assert "1 error, so its records may not be all there" in done.stdout


def test_two_folders_of_zone_files_need_no_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, text in (("old", "v=spf1 mx -all"), ("new", "token=1")):
        (tmp_path / folder).mkdir()
        zone = f'$ORIGIN example.com.\n@ 60 IN TXT "{text}"\n@ 60 IN MX 0 .\n'
        (tmp_path / folder / "example.com.zone").write_text(zone)
    done = call("diff", "old", "new", "--fail-on", "danger")
    assert done.exit_code == 3
    assert "example.com has no SPF any more" in done.stdout


def test_zone_files_against_declarations(repo, tmp_path):
    assert repo.run("build", "--out", str(tmp_path / "out"), "--serial-by-hand").exit_code == 0
    done = repo.run("diff", str(tmp_path / "out"), str(repo.root))
    assert done.exit_code == 0
    assert "2 domains: 2 stay the same" in done.stdout


def test_octodns_files_are_zone_files_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, text in (("old", "v=spf1 mx -all"), ("new", "v=spf1 mx ~all")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "example.com.yaml").write_text(f"'': {{type: TXT, value: {text}}}\n")
    done = call("diff", "old", "new")
    assert "Hosts that SPF of example.com does not list: fail → softfail." in done.stdout


def test_a_folder_without_zone_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    done = call("diff", "a", "b")
    assert done.exit_code == 1
    assert "a holds no zone files" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("a", "b", "c"), 2), (("nope",), 1), (("--fail-on", "note"), 2)],
)
def test_wrong_usage(repo, arguments, code):
    assert repo.run("diff", *arguments).exit_code == code


def test_git_that_fails_is_something_outside(repo, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert repo.run("diff").exit_code == 5


def test_a_bare_repository(repo, tmp_path):
    skip(repo)
    repo.commit()
    repo.git("clone", "-q", "--bare", str(repo.root), str(tmp_path / "bare.git"))
    done = call("diff", "HEAD~1", "HEAD", "--project", str(tmp_path / "bare.git"))
    assert "1 advances" in done.stdout
