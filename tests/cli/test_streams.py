"""The command in a real shell: terminals, pipes, full disks, odd locales, and what it imports."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.support import ROOT

MAILZONE = [sys.executable, "-m", "generator"]
ESCAPE = b"\x1b["


def run(*arguments, **more):
    return subprocess.run(
        [*MAILZONE, *arguments], cwd=ROOT, capture_output=True, check=False, **more
    )


def shell(line: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MZ": " ".join(MAILZONE)}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def on_terminal(*arguments: str, **environment: str) -> bytes:
    """What the command prints with a terminal behind both streams."""
    leader, follower = pty.openpty()
    variables = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"}
    process = subprocess.Popen(
        [*MAILZONE, *arguments],
        cwd=ROOT,
        stdout=follower,
        stderr=follower,
        env=variables | environment,
    )
    os.close(follower)
    output = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # EIO: the other side is closed
            break
        if not part:
            break
        output += part
    os.close(leader)
    process.wait()
    return output


@pytest.mark.parametrize(
    "command", [("stages",), ("services",), ("show", "ctmartin.me"), ("validate",)], ids=" ".join
)
def test_colour_is_for_terminals_and_for_who_wants_it(command):
    coloured = on_terminal(*command)
    assert ESCAPE in coloured
    plain = on_terminal(*command, NO_COLOR="1")
    assert ESCAPE not in plain
    assert b"stage" in plain or b"service" in plain
    assert ESCAPE in on_terminal(*command, NO_COLOR=""), "no-color.org: an empty value is none"
    piped = run(*command)
    assert ESCAPE not in piped.stdout + piped.stderr


@pytest.mark.parametrize(
    "line",
    [
        "$MZ services | head -1",
        "$MZ show ctmartin.me | head -1",
        "$MZ schema | head -c 10",
        "$MZ build --format json --project examples/company | head -1",
        "$MZ validate 2>&1 | head -1",
        "$MZ validate 2>&1 | true",
    ],
)
def test_a_reader_that_has_seen_enough_is_no_error(line):
    for _ in range(3):  # who is first, reader or writer, is a matter of luck
        done = shell(line)
        assert done.stderr == ""
        assert done.returncode == 0


@pytest.mark.parametrize(
    "command",
    ["services", "stages", "schema", "show ctmartin.me", "--help", "build --help", "--version"],
)
def test_a_full_disk_behind_standard_output_is_an_outside_failure(command):
    done = shell(f"$MZ {command} > /dev/full")
    assert done.returncode == 5
    assert done.stderr == "mailzone: No space left on device\n"


def test_a_full_disk_behind_standard_error_is_an_outside_failure(sandbox):
    sandbox.write("zones/x.yaml", "domain: a.example\nstage: nope\n")
    assert shell(f"$MZ build --project {sandbox.root} 2> /dev/full").returncode == 5


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_terminal_encoding_shows_something_and_json_stays_utf_8(encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    for form in ("table", "bind", "json"):
        done = run(
            "show",
            "xn--bcher-kva.example",
            "--project",
            "examples/parked",
            "--format",
            form,
            env=environment,
        )
        assert done.returncode == 0, done.stderr.decode()
    data = json.loads(done.stdout.decode("utf-8"))
    assert data["domain"] == "xn--bcher-kva.example"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_name_that_the_terminal_cannot_show_is_no_crash(sandbox, encoding):
    sandbox.write("zones/x.yaml", "domain: 日本.example\nstage: parked\n")
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = run("show", "xn--wgv71a.example", "--project", str(sandbox.root), env=environment)
    assert done.returncode == 0, done.stderr.decode()
    assert b"(xn--wgv71a.example) at stage parked" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_message_that_the_terminal_cannot_show_is_no_crash(sandbox, encoding):
    sandbox.write("zones/☃.yaml", "domain: a.example\nstage: ☃\n")
    done = run(
        "validate", "--project", str(sandbox.root), env={**os.environ, "PYTHONIOENCODING": encoding}
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"unknown-stage" in done.stderr


def test_a_name_on_the_command_line_that_is_no_text_is_no_crash():
    done = run("show", b"\xff\xfe.example")
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


HEAVY = [
    "dns",
    "jinja2",
    "jsonschema",
    "asyncio",
    "cryptography",
    "publicsuffixlist",
    "rich",
    "importlib.metadata",
    "urllib.request",
    "idna",
]


def _imported(fresh_python, *arguments: str) -> set[str]:
    code = f"""
import contextlib, io, os, sys
from generator.cli import main
os._exit = sys.exit  # which would leave nobody to tell
sys.argv = ["mailzone", *{arguments!r}]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(*sys.modules)
"""
    return set(fresh_python(code).split())


def test_showing_a_domain_imports_nothing_heavy(fresh_python):
    modules = _imported(fresh_python, "show", "ctmartin.me")
    assert "generator.compile" in modules, "the command did run"
    assert modules.isdisjoint(HEAVY), sorted(modules & set(HEAVY))


def test_the_version_needs_not_even_the_command_line(fresh_python):
    modules = _imported(fresh_python, "--version")
    assert "generator.cli" in modules
    assert modules.isdisjoint({"click", "yaml", "generator.cli.group", *HEAVY})


def test_help_imports_no_command(fresh_python):
    modules = _imported(fresh_python, "--help")
    assert "generator.cli.group" in modules
    assert modules.isdisjoint({"generator.cli.build", "generator.project", *HEAVY})
