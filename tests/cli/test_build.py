"""mailzone build: what it prints, and its options; tests/emit/ looks at the files."""

from __future__ import annotations

import json

import pytest

GOOD = "domain: a.example\nstage: parked\n"


def test_a_build_names_every_new_file(sandbox):
    sandbox.write("zones/a.yaml", "domains: [b.example, a.example]\nstage: parked\n")
    done = sandbox.run("build")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "new     build/a.example.inc",
        "new     build/b.example.inc",
        "2 domains: 2 files written, 0 unchanged in build/",
    ]


def test_warnings_are_printed_and_do_not_stop_a_build(sandbox):
    sandbox.write(
        "zones/a.yaml",
        "domain: a.example\nstage: audit\nservices: [{use: google-workspace, dkim: pending}]\n",
    )
    done = sandbox.run("build")
    assert done.exit_code == 0
    assert "warning[dkim-missing]" in done.stderr
    assert (sandbox.root / "build/a.example.inc").is_file()


def test_out_is_where_files_go_and_is_named(sandbox, tmp_path):
    sandbox.write("zones/a.yaml", GOOD)
    out = tmp_path / "else where"
    done = sandbox.run("build", "--out", str(out))
    assert f"new     {out}/a.example.inc" in done.stdout
    assert (out / "a.example.inc").is_file()
    assert not (sandbox.root / "build").exists()


def test_a_relative_out_is_below_the_working_folder(sandbox, tmp_path, monkeypatch):
    sandbox.write("zones/a.yaml", GOOD)
    monkeypatch.chdir(tmp_path)
    assert sandbox.run("build", "--out", "here").exit_code == 0
    assert (tmp_path / "here/a.example.inc").is_file()


@pytest.mark.parametrize(
    "option", [("--check",), ("--out", "x"), ("--bump", "x"), ("--serial-by-hand",)]
)
def test_json_takes_no_options_about_files(sandbox, option):
    sandbox.write("zones/a.yaml", GOOD)
    done = sandbox.run("build", "--format", "json", *option)
    assert done.exit_code == 2
    assert "--format json writes no files" in done.stderr


def test_json_of_a_project_with_errors_prints_no_records(sandbox):
    sandbox.write("zones/a.yaml", GOOD + "foo: 1\n")
    done = sandbox.run("build", "--format", "json")
    assert done.exit_code == 1
    assert done.stdout == ""


def test_json_keeps_warnings_off_standard_output(sandbox):
    sandbox.write(
        "zones/a.yaml",
        "domain: a.example\nstage: audit\nservices: [{use: google-workspace, dkim: pending}]\n",
    )
    done = sandbox.run("build", "--format", "json")
    assert "warning[" in done.stderr
    assert [one["domain"] for one in json.loads(done.stdout)] == ["a.example"]


def test_a_folder_as_parent_is_wrong_usage(sandbox):
    sandbox.write("zones/a.yaml", GOOD)
    assert sandbox.run("build", "--bump", str(sandbox.root)).exit_code == 2


def test_a_declaration_that_cannot_be_read_stops_the_build(sandbox):
    sandbox.write("zones/a.yaml", GOOD)
    (sandbox.root / "zones/b.yaml").mkdir()
    (sandbox.root / "zones/c.yaml").symlink_to("a.yaml")
    done = sandbox.run("build")
    assert done.exit_code == 1
    assert "zones/c.yaml" in done.stderr
    assert not (sandbox.root / "build").exists()


def test_a_check_says_what_the_change_does_to_mail(sandbox):
    text = "domain: a.example\nstage: enforce\ndmarc: {reports: ['mailto:d@a.example']}\n"
    sandbox.write("zones/a.yaml", text.replace("enforce", "reject"))
    first = sandbox.run("build", "--check", "--serial-by-hand")
    assert first.exit_code == 4
    assert first.stdout.splitlines() == [
        "new     build/a.example.inc",
        "1 domain: 1 file would be written, 0 unchanged in build/",
    ]
    assert sandbox.run("build").exit_code == 0
    assert sandbox.run("build", "--check").stdout.count("\n") == 1
    sandbox.write("zones/a.yaml", text)
    done = sandbox.run("build", "--check")
    assert done.exit_code == 4
    lines = done.stdout.splitlines()
    assert lines[:2] == ["changed build/a.example.inc", "a.example"]
    assert "Hosts that SPF of a.example does not list: softfail → fail." in lines[2]
    assert lines[-1] == "1 domain: 1 file would be written, 0 unchanged in build/"
