"""mailzone init: a project to begin with."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from generator.source import parse
from tests.support import Sandbox, call

FILES = [".gitignore", "README.md", "schemas/declaration.schema.json", "zones/{}.yaml"]


@pytest.mark.parametrize(
    ("given", "domain"),
    [
        ("example.com", "example.com"),
        ("Bücher.Example", "xn--bcher-kva.example"),
        ("mail.example.co.uk", "mail.example.co.uk"),
    ],
)
def test_a_new_project_validates_and_builds(tmp_path, given, domain):
    folder = tmp_path / "new"
    done = call("init", str(folder), "--domain", given)
    assert done.exit_code == 0, done.stderr
    project = Sandbox(folder)
    assert sorted(project.files()) == sorted(name.format(domain) for name in FILES)
    assert [line for line in done.stdout.splitlines() if line.startswith("new ")] == [
        f"new {folder / name.format(domain)}" for name in (FILES[3], FILES[2], FILES[1], FILES[0])
    ]
    assert project.run("validate").exit_code == 0
    assert project.run("build").exit_code == 0
    assert (folder / f"build/{domain}.inc").is_file()
    assert project.run("show", given).exit_code == 0


def test_the_commands_that_init_names_work_as_they_stand(tmp_path):
    import shlex

    done = call("init", str(tmp_path / "with a space"))
    commands = [line.strip() for line in done.stdout.splitlines() if line.startswith("  mailzone ")]
    assert len(commands) == 2
    for command in commands:
        assert call(*shlex.split(command)[1:]).exit_code == 0


def test_the_readmes_commands_work(tmp_path, monkeypatch):
    call("init", str(tmp_path / "p"), "--domain", "example.net")
    monkeypatch.chdir(tmp_path / "p")
    lines = (tmp_path / "p/README.md").read_text().splitlines()
    commands = [line.split("#")[0].split()[1:] for line in lines if line.startswith("    mailzone")]
    assert [command[0] for command in commands] == ["validate", "show", "build"]
    for command in commands:
        assert call(*command).exit_code == 0


def test_the_example_fits_the_schema_it_refers_to(tmp_path):
    call("init", str(tmp_path))
    declaration = tmp_path / "zones/example.com.yaml"
    first = declaration.read_text().splitlines()[0]
    schema = declaration.parent / first.split("$schema=")[1]
    (document,) = parse(declaration.read_bytes(), "x").documents
    jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(document)


def test_a_new_project_begins_today_without_asking_receivers_to_refuse_mail(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795262400")
    call("init", str(tmp_path))
    text = (tmp_path / "zones/example.com.yaml").read_text()
    assert "since: 2026-11-21" in text
    assert Sandbox(tmp_path).records() >= {
        ("_dmarc.example.com.", "TXT", "v=DMARC1; p=none; rua=mailto:dmarc@example.com;")
    }


@pytest.mark.parametrize("there", [name.format("example.com") for name in FILES])
@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_nothing_that_exists_is_overwritten(tmp_path, there, kind):
    path = tmp_path / there
    path.parent.mkdir(exist_ok=True)
    if kind == "file":
        path.write_text("mine")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    done = call("init", str(tmp_path))
    assert done.exit_code == 1
    assert f"{path} exists already; nothing was written" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
    assert kind != "file" or path.read_text() == "mine"


def test_init_beside_other_files_leaves_them_alone(tmp_path):
    (tmp_path / "zones").mkdir()
    (tmp_path / "zones/other.yaml").write_text("domain: a.example\nstage: parked\n")
    assert call("init", str(tmp_path)).exit_code == 0
    assert (tmp_path / "zones/other.yaml").read_text() == "domain: a.example\nstage: parked\n"


def test_what_is_no_domain_makes_no_project(tmp_path):
    done = call("init", str(tmp_path / "p"), "--domain", "../../etc/passwd")
    assert done.exit_code == 1
    assert not (tmp_path / "p").exists()


def test_a_file_in_place_of_the_folder_is_wrong_usage_and_below_one_an_outside_failure(tmp_path):
    (tmp_path / "f").write_text("")
    assert call("init", str(tmp_path / "f")).exit_code == 2
    done = call("init", str(tmp_path / "f/below"))
    assert done.exit_code == 5
    assert "nothing was written" in done.stderr
    assert list(Path(tmp_path).iterdir()) == [tmp_path / "f"]
