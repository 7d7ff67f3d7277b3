"""mailzone services import: what is written, and that nothing is where something is wrong."""

from __future__ import annotations

import json
import os
import time

import jsonschema
import pytest
import yaml

from generator.catalogue import load
from tests.support import ROOT, Sandbox, call

DATA = ROOT / "tests/data/domainconnect"
GOOD = sorted(p for p in DATA.glob("*.json") if p.stem not in ("apex", "web"))
MAILBOX = str(DATA / "mailbox.json")
SCHEMA = json.loads((ROOT / "schemas/services.schema.json").read_text())


def run(sandbox: Sandbox, *arguments: str):
    return sandbox.run("services", "import", *arguments)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_an_import_is_written_and_usable(sandbox, path):
    wanted = yaml.safe_load(path.with_suffix(".yaml").read_text())
    id = wanted["id"]
    done = run(sandbox, str(path))
    assert done.exit_code == 0, done.stderr
    file = sandbox.root / f"providers.d/{id}.yaml"
    assert done.stdout.startswith(f"new     {file}\n\n{id}, of ")
    assert list(sandbox.files()) == [f"providers.d/{id}.yaml"]
    found = load(sandbox.root)
    assert found.findings == []
    assert found.own == {id: wanted["entry"]}
    # What must be checked stands above the entry, and in the output.
    comment = " ".join(
        line.strip().removeprefix("#").strip()
        for line in file.read_text().splitlines()
        if line.strip().startswith("#")
    )
    for text in (*wanted["check"], *wanted["left"]):
        assert text in comment
        assert f"  - {text}\n" in done.stdout
    assert sandbox.run("services", "check").exit_code == 0
    assert sandbox.run("services", "show", id).exit_code == 0


def test_what_the_output_says_to_declare_builds(sandbox):
    done = run(sandbox, str(DATA / "tokens.json"))
    snippet = done.stdout.split("Declare it:\n")[1]
    sandbox.write(
        "zones/x.yaml", f"domain: example.com\nstage: audit\nservices:\n{snippet}".encode()
    )
    records = sandbox.records()
    assert ("token-1._domainkey.example.com.", "CNAME", "token-1.dkim.carrier.example.") in records
    assert ("return-path.example.com.", "TXT", "v=spf1 include:carrier.example ?all") in records
    assert ("return-path.example.com.", "MX", "10 feedback.region.carrier.example.") in records


def test_several_templates_into_one_file(sandbox):
    arguments = (MAILBOX, str(DATA / "tokens.json"), "--to", "providers.d/ours.yaml")
    done = run(sandbox, *arguments)
    assert done.exit_code == 0, done.stderr
    assert list(sandbox.files()) == ["providers.d/ours.yaml"]
    assert set(load(sandbox.root).own) == {"pigeon-post-mailboxes", "carrier-sending"}
    assert run(sandbox, str(DATA / "spf.json"), *arguments[2:]).stdout.startswith("changed ")
    assert set(load(sandbox.root).own) == {"pigeon-post-mailboxes", "carrier-sending", "wren-mail"}


def test_dry_run_prints_the_file_and_writes_nothing(sandbox):
    done = run(sandbox, MAILBOX, "--dry-run")
    assert (done.exit_code, done.stderr) == (0, "")
    assert sandbox.files() == {}
    run(sandbox, MAILBOX)
    assert (sandbox.root / "providers.d/pigeon-post-mailboxes.yaml").read_text() == done.stdout


def test_dry_run_needs_no_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("services", "import", MAILBOX, "--dry-run").exit_code == 0
    done = call("services", "import", MAILBOX)
    assert done.exit_code == 1
    assert (
        done.stderr == "mailzone: no project here; --project names one, --dry-run writes nothing\n"
    )


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_the_JSON_form(sandbox, dry):
    done = run(sandbox, MAILBOX, "--as", "ours", "--format", "json", *dry)
    (row,) = json.loads(done.stdout)
    jsonschema.validate([row], SCHEMA)
    jsonschema.validate(row, {"$ref": "#/$defs/imported", "$defs": SCHEMA["$defs"]})
    wanted = yaml.safe_load((DATA / "mailbox.yaml").read_text())
    assert (row["id"], row["file"], row["written"]) == ("ours", "providers.d/ours.yaml", not dry)
    assert (row["entry"], row["check"], row["left"]) == (
        wanted["entry"],
        wanted["check"],
        wanted["left"],
    )


# -- entries that exist -------------------------------------------------------------------------------


def test_an_entry_is_not_overwritten_unless_asked(sandbox):
    run(sandbox, MAILBOX)
    file = sandbox.root / "providers.d/pigeon-post-mailboxes.yaml"
    file.write_text(file.read_text().replace("name: Pigeon", "name: My Pigeon"))
    before = sandbox.files()
    done = run(sandbox, MAILBOX)
    assert done.exit_code == 1
    assert "a service called `pigeon-post-mailboxes` is in providers.d/" in done.stderr
    assert done.stderr.endswith("mailzone: 1 error; nothing was written\n")
    assert sandbox.files() == before
    again = run(sandbox, MAILBOX, "--replace")
    assert again.exit_code == 0, again.stderr
    assert "My Pigeon" not in file.read_text()


def test_replacing_changes_only_the_entry_and_only_where_it_is(sandbox):
    text = "# ours\nservices:\n  a: {name: A, category: saas} # first\n  ours: {name: O, category: saas}\n  b: {name: B, category: saas}\n"
    file = sandbox.write("providers.d/all.yaml", text.encode())
    done = run(sandbox, MAILBOX, "--as", "ours", "--to", "providers.d/other.yaml", "--replace")
    assert done.exit_code == 1
    assert "`ours` is in providers.d/all.yaml" in done.stderr
    assert run(sandbox, MAILBOX, "--as", "ours", "--replace").exit_code == 0
    assert list(sandbox.files()) == ["providers.d/all.yaml"]
    lines = file.read_text().splitlines()
    assert lines[:3] == text.splitlines()[:3]
    assert lines[-1] == text.splitlines()[-1]
    assert list(load(sandbox.root).own) == ["a", "ours", "b"]


@pytest.mark.parametrize("name", ["mailgun", "mg"])
def test_a_shipped_name_is_not_taken_unless_asked(sandbox, name):
    done = run(sandbox, MAILBOX, "--as", name)
    assert done.exit_code == 1
    assert f"a service called `{name}` is shipped already" in done.stderr
    assert sandbox.files() == {}
    assert run(sandbox, MAILBOX, "--as", name, "--replace").exit_code == 0
    assert load(sandbox.root).get(name).name == "Pigeon Post Mailboxes"


def test_two_templates_of_one_id_are_refused(sandbox):
    done = run(sandbox, MAILBOX, MAILBOX)
    assert done.exit_code == 1
    assert "two templates would become `pigeon-post-mailboxes`" in done.stderr
    assert sandbox.files() == {}


@pytest.mark.parametrize(
    "text",
    [
        "services: {a: {name: A, category: saas}}\n",
        "services:\n  a: {name: A, category: saas}\n...\n",
    ],
)
def test_a_file_without_a_place_for_entries_is_left_alone(sandbox, text):
    sandbox.write("providers.d/own.yaml", text.encode())
    before = sandbox.files()
    done = run(sandbox, MAILBOX, "--to", "providers.d/own.yaml")
    assert done.exit_code == 1
    assert done.stderr.startswith("mailzone: providers.d/own.yaml: ")
    assert sandbox.files() == before


def test_a_project_whose_own_entries_are_faulty_gets_no_more(sandbox):
    sandbox.write("providers.d/own.yaml", "services: {a: {name: A}}\n")
    before = sandbox.files()
    done = run(sandbox, MAILBOX)
    assert done.exit_code == 1
    assert "error[missing-key]" in done.stderr
    assert sandbox.files() == before


def test_a_link_in_the_place_of_the_file_is_not_followed(sandbox, tmp_path):
    (sandbox.root / "providers.d").mkdir()
    (tmp_path / "elsewhere.yaml").write_text("services:\n  a: {name: A, category: saas}\n")
    (sandbox.root / "providers.d/own.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    done = run(sandbox, MAILBOX, "--to", "providers.d/own.yaml")
    assert done.exit_code == 5
    assert "symbolic link" in done.stderr
    assert (tmp_path / "elsewhere.yaml").read_text().count("services") == 1


# -- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["web", "apex"])
def test_a_template_without_mail_is_refused_with_the_reasons(sandbox, name):
    wanted = yaml.safe_load((DATA / f"{name}.yaml").read_text())
    done = run(sandbox, str(DATA / f"{name}.json"))
    assert done.exit_code == 1
    assert f"error[template-invalid]: {wanted['refused']}" in done.stderr
    for reason in wanted["left"]:
        assert f"= {reason}\n" in done.stderr
    assert sandbox.files() == {}


def test_one_fault_among_several_files_stops_all(sandbox, tmp_path):
    (tmp_path / "bad.json").write_text("{")
    done = run(sandbox, MAILBOX, str(tmp_path / "bad.json"), str(DATA / "web.json"))
    assert done.exit_code == 1
    assert done.stderr.count("error[") == 2, "all faults are told"
    assert done.stderr.endswith("mailzone: 2 errors; nothing was written\n")
    assert sandbox.files() == {}


HOSTILE = {
    "no JSON": b"services: []\n",
    "half a template": (DATA / "mailbox.json").read_bytes()[:400],
    "another JSON": b'{"openapi": "3.0.0"}',
    "a list": b"[]",
    "nothing": b"",
    "not UTF-8": b'{"providerId": "\xff\xfe"}',
    "UTF-16": '{"providerId": "x"}'.encode("utf-16"),
    "deep lists": b"[" * 200_000,
    "deep mappings": b'{"records":' * 20_000,
    "a key twice": b'{"providerId": "a", "providerId": "b", "serviceId": "c", "records": []}',
    "a control character": b'{"providerId": "a\x1b[31m", "serviceId": "c", "records": []}',
    "50 MB": b" " * 50_000_000,
    "a long name": json.dumps(
        {"providerId": "v", "serviceId": "s", "records": [{"type": "TXT", "host": "a." * 900, "data": "x"}]}
    ).encode(),
    "80,000 records": b'{"providerId": "v", "serviceId": "s", "records": [' + b"{}," * 80_000 + b"{}]}",
    "a private key": json.dumps(
        {"providerId": "v", "serviceId": "s", "records": [{"type": "-----BEGIN RSA PRIVATE KEY-----"}]}
    ).encode(),
}  # fmt: skip


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_quickly_and_clearly(sandbox, tmp_path, raw):
    file = tmp_path / "t.json"
    file.write_bytes(raw)
    begin = time.monotonic()
    done = run(sandbox, str(file))
    assert time.monotonic() - begin < 10
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error[")
    assert f"--> {file}" in done.stderr
    assert done.stderr.endswith("nothing was written\n")
    assert len(done.stderr) < 100_000
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.stderr
    assert sandbox.files() == {}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "No such file or directory"),
        (lambda path: path.mkdir(), "Is a directory"),
        (os.mkfifo, "is no plain file"),
    ],
)
def test_what_is_no_file_is_refused(sandbox, tmp_path, make, message):
    make(tmp_path / "t.json")
    done = run(sandbox, str(tmp_path / "t.json"))
    assert done.exit_code in (1, 2)
    assert message in done.stderr or "is a directory" in done.stderr
    assert sandbox.files() == {}


def test_a_name_with_control_characters_does_not_reach_the_terminal(sandbox, tmp_path):
    file = tmp_path / "a\x1b[31mb.json"
    file.write_bytes(b"{")
    assert "\x1b" not in run(sandbox, str(file)).stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((MAILBOX, str(DATA / "spf.json"), "--as", "x"), "--as names one entry"),
        ((MAILBOX, "--to", "elsewhere.yaml"), "--to takes a file providers.d/NAME.yaml"),
        ((MAILBOX, "--to", "providers.d/../x.yaml"), "--to takes a file providers.d/NAME.yaml"),
        ((MAILBOX, "--to", "/providers.d/x.yaml"), "--to takes a file providers.d/NAME.yaml"),
        ((MAILBOX, "--to", "providers.d/x.yml"), "--to takes a file providers.d/NAME.yaml"),
        ((), "Missing argument"),
    ],
)
def test_wrong_usage(sandbox, arguments, message):
    done = run(sandbox, *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert sandbox.files() == {}


@pytest.mark.parametrize("id", ["Our Mail", "\u00fc", "-x", "x_y", "a/../b"])
def test_an_id_is_lower_case_words(sandbox, id):
    done = run(sandbox, MAILBOX, "--as", id)
    assert done.exit_code == 1
    assert "is not lower-case words joined by hyphens" in done.stderr
    assert sandbox.files() == {}


def test_groups_are_chosen_by_name(sandbox):
    done = run(sandbox, str(DATA / "choices.json"), "--group", "pointer", "--group", "incoming")
    assert done.exit_code == 0, done.stderr
    assert load(sandbox.root).get("heron-email").dkim.styles == ("cname",)
    done = run(sandbox, MAILBOX, "--group", "no")
    assert done.exit_code == 1
    assert done.stderr == (
        "mailzone: no template has a group `no`; groups are:"
        " bimi, clients, dkim, dmarc, mx, spf, tls, verify\n"
    )
