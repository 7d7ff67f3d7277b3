"""``mailzone simulate``, as a user runs it."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from tests.support import ROOT, call

SCHEMA = json.loads((ROOT / "schemas" / "simulate.schema.json").read_text())
MAIL = b"From: jo@ctmartin.me\r\nTo: x@example.net\r\n\r\nHello\r\n"
GIVEN = ["--ip", "192.0.2.1", "--mailfrom", "jo@ctmartin.me", "--helo", "h.test"]


@pytest.fixture
def mail(tmp_path):
    path = tmp_path / "message.eml"
    path.write_bytes(MAIL)
    return str(path)


def run(*arguments, code=0):
    result = call("simulate", *arguments)
    assert result.exit_code == code, result.output
    return result


def test_a_table_for_each_stage():
    out = run("ctmartin.me", "--project", str(ROOT / "examples/soft-fail")).stdout
    stages = re.findall(r"^at (\S+)", out, re.MULTILINE)
    assert stages == [
        "monitor",
        "fence",
        "quarantine-test",
        "quarantine",
        "reject-test",
        "reject",
        "enforce",
    ]
    assert all(len(line) <= 110 for line in out.splitlines())
    assert len({line.index("RFC 7489") for line in out.splitlines() if line.startswith("at ")}) == 1
    assert "* assumed, since there is no lock" in out
    assert "! may be refused for SPF alone" in out


def test_one_stage_alone():
    out = run("ctmartin.me", "--project", str(ROOT), "--stage", "fence").stdout
    assert re.findall(r"^at (\S+)", out, re.MULTILINE) == ["fence"]
    assert "may be refused" not in out


def test_markdown():
    out = run("ctmartin.me", "--project", str(ROOT), "--format", "markdown").stdout
    lines = out.splitlines()
    assert lines[0] == "| at enforce | SPF | DKIM | RFC 9989 | RFC 7489 |"
    assert lines[1] == "|---|---|---|---|---|"
    assert all(line.count("|") == 6 for line in lines[: lines.index("")])
    assert lines[-1].startswith("- ")


@pytest.mark.parametrize(
    "example", sorted((ROOT / "examples").glob("*/zones")), ids=lambda p: p.parent.name
)
def test_json_fits_the_schema(example):
    from generator.project import assemble
    from tests.support import TODAY

    for one in assemble(example.parent, TODAY).compiled:
        arguments = [one.domain.name, "--project", str(example.parent), "--format", "json"]
        data = json.loads(run(*arguments).stdout)
        jsonschema.validate(data, SCHEMA)
        assert data["domain"] == one.domain.name
        assert data["stages"][0]["stage"] == one.domain.stage.name
        assert data["locked"] is False


def test_one_message(mail):
    out = run("ctmartin.me", "--project", str(ROOT), "--mail", mail, *GIVEN).stdout
    assert out.startswith("From ctmartin.me, with ctmartin.me at stage enforce\n")
    # Without a lock nobody knows whether the vendor's record lets the host pass.
    assert "temperror" in out
    assert "not known to the declarations: spf.protection.outlook.com" in out
    assert out.count("temperror: deferred") == 2


def test_one_message_at_another_stage_as_json(mail):
    form = ["--stage", "monitor", "--format", "json"]
    data = json.loads(
        run("ctmartin.me", "--project", str(ROOT), "--mail", mail, *GIVEN, *form).stdout
    )
    jsonschema.validate(data, SCHEMA)
    assert data["stage"] == "monitor"
    assert [one["policy"] for one in data["dmarc"]] == ["none", "none"]
    markdown = run(
        "ctmartin.me", "--project", str(ROOT), "--mail", mail, *GIVEN, "--format", "markdown"
    ).stdout
    assert "| RFC 9989 | temperror: deferred |" in markdown


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ctmartin.mee"], 1, "did you mean `ctmartin.me`?"),
        (["-"], 1, "-"),
        (["ctmartin.me", "--stage", "enforced"], 2, "enforced"),
        (["ctmartin.me", "--ip", "192.0.2.1"], 2, "belong together"),
        (["ctmartin.me", "--mail", "/nowhere", *GIVEN], 2, "/nowhere"),
        (["ctmartin.me", "--mail", "MAIL", *GIVEN, "--ip", "192.0.2"], 1, "--ip"),
        (["ctmartin.me", "--mail", "EMPTY", *GIVEN], 1, "no From"),
    ],
)
def test_what_is_wrong_is_said(arguments, code, said, mail, tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    places = {"MAIL": mail, "EMPTY": str(tmp_path / "empty")}
    arguments = [places.get(one, one) for one in arguments]
    assert said in run(*arguments, "--project", str(ROOT), code=code).stderr


def test_nothing_is_simulated_with_an_error(sandbox):
    sandbox.write("zones/a.yaml", "domain: example.com\nstage: enforced\n")
    result = sandbox.run("simulate", "example.com")
    assert result.exit_code == 1
    assert "nothing is simulated" in result.stderr
    assert result.stdout == ""


def test_a_lock_that_cannot_be_relied_on_stops_it(sandbox):
    sandbox.write("zones/a.yaml", "domain: example.com\nstage: parked\n")
    sandbox.write("zones/_lock.yaml", "format: [\n")
    result = sandbox.run("simulate", "example.com")
    assert result.exit_code == 1
    assert result.stdout == ""


def test_nothing_is_looked_up(monkeypatch, mail):
    import socket

    def refuse(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    run("ctmartin.me", "--project", str(ROOT))
    run("ctmartin.me", "--project", str(ROOT), "--mail", mail, *GIVEN)


def test_the_lock_is_asked(sandbox):
    from datetime import date

    from generator.lock import FILE, Entry, Held, Lock
    from generator.lock.text import text
    from generator.simulate.world import Answer

    seen = date(2026, 11, 20)
    told = {"_spf.google.com": "v=spf1 ip4:198.51.100.0/24 ~all"}
    entries = {
        name: Entry(name, seen, seen, {"TXT": Held(Answer("ok", (value,)), 3600)})
        for name, value in told.items()
    }
    sandbox.write(
        "zones/a.yaml",
        """
        domain: example.com
        stage: monitor
        goal: quarantine
        services: [{use: google-workspace, dkim: pending}]
        dmarc: {reports: ["mailto:d@example.com"]}
        """,
    )
    without = sandbox.run("simulate", "example.com", "--stage", "monitor").stdout
    sandbox.write(FILE, text(Lock(entries)).encode())
    locked = sandbox.run("simulate", "example.com", "--stage", "monitor")
    assert locked.exit_code == 0, locked.output
    assert "pass*" in without
    assert "pass*" not in locked.stdout
    assert re.search(r"^Google Workspace +pass +none +pass: delivered", locked.stdout, re.MULTILINE)
