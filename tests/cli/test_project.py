"""Where commands find the project, and what they say when there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import call

NEEDY = [("validate",), ("build",), ("show", "a.example")]
OPTIONAL = [("schema",), ("services",), ("services", "list"), ("services", "show", "mailgun")]


@pytest.mark.parametrize("command", NEEDY, ids=" ".join)
def test_no_project_anywhere_is_said_with_what_makes_one(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call(*command)
    assert done.exit_code == 1
    assert (
        done.stderr
        == "mailzone: no folder zones/ here or above; `mailzone init DIR` makes a project\n"
    )


@pytest.mark.parametrize("command", OPTIONAL, ids=" ".join)
def test_the_catalogue_needs_no_project(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call(*command)
    assert done.exit_code == 0
    assert done.stdout


@pytest.mark.parametrize("command", NEEDY + OPTIONAL, ids=" ".join)
def test_a_project_option_that_names_no_project_is_an_error(command, tmp_path):
    for nonsense in (tmp_path, tmp_path / "missing", tmp_path / "a\nb", Path("/dev/null/x")):
        done = call(*command, "--project", str(nonsense))
        assert done.exit_code == 1
        assert "holds no folder zones/" in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize("command", NEEDY + OPTIONAL, ids=" ".join)
def test_a_project_option_that_names_a_file_is_wrong_usage(command, tmp_path):
    (tmp_path / "zones").write_text("")
    assert call(*command, "--project", str(tmp_path / "zones")).exit_code == 2
    assert call(*command, "--project", str(tmp_path)).exit_code == 1


@pytest.mark.parametrize("command", NEEDY + OPTIONAL, ids=" ".join)
def test_a_name_that_no_disk_can_hold_is_an_error_in_words(command):
    done = call(*command, "--project", "x" * 5000)
    assert done.exit_code in (1, 2, 5)
    assert done.stderr


def test_the_nearest_folder_upwards_that_holds_zones_is_the_project(sandbox, monkeypatch):
    sandbox.write("zones/x.yaml", "domain: a.example\nstage: parked\n")
    deep = sandbox.root / "zones/one/two"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert call("build").exit_code == 0
    assert (sandbox.root / "build/a.example.inc").is_file()


def test_a_working_folder_that_is_gone_is_an_error_in_words(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    done = call("build")
    assert done.exit_code == 5
    assert done.stderr.startswith("mailzone: ")
    os.chdir(tmp_path)


def test_an_empty_project_builds_nothing(sandbox):
    done = sandbox.run("build")
    assert done.exit_code == 0
    assert "0 domains: 0 files written" in done.stdout


@pytest.mark.parametrize("command", OPTIONAL[:3], ids=" ".join)
def test_services_of_the_project_itself_are_known(sandbox, command):
    sandbox.write(
        "providers.d/ours.yaml",
        """\
        services:
          ours:
            name: Our own relay
            category: hosting
            docs: ["https://example.com/relay"]
            spf: {needed: from-domain, aligned: always, terms: ["ip4:192.0.2.9"]}
            dkim: {styles: [none]}
            confidence: vendor
            evidence: ["ourselves"]
        """,
    )
    done = sandbox.run(*command)
    assert done.exit_code == 0, done.stderr
    assert "ours" in done.stdout
    assert sandbox.run("services", "show", "ours").stdout.startswith("Our own relay (hosting)\n")


@pytest.mark.parametrize("command", OPTIONAL[:3], ids=" ".join)
def test_a_broken_entry_of_the_project_is_said(sandbox, command):
    sandbox.write("providers.d/ours.yaml", "services: {ours: {nam: x}}\n")
    done = sandbox.run(*command)
    assert "providers.d/ours.yaml" in done.stderr
    assert "error[" in done.stderr
