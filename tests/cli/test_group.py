"""The command line as a whole: help, versions, wrong usage."""

from __future__ import annotations

import re

import pytest

from generator import __version__
from generator.cli.group import COMMANDS
from tests.support import ROOT, call

ALL = [(name,) for name in COMMANDS] + [("services", "list"), ("services", "show")]


@pytest.mark.parametrize("command", [(), *ALL], ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_fits_80_columns_and_exits_with_0(command, flag):
    done = call(*command, flag)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Usage: mailzone {' '.join(command)}".rstrip())
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stderr == ""


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_every_command_and_every_option_is_explained(command):
    lines = call(*command, "--help").stdout.splitlines()
    assert lines[2].strip(), "a sentence says what the command does"
    options = [i for i, line in enumerate(lines) if line.startswith("  -")]
    assert options
    for at in options:
        explained = re.match(r"  -\S+(, -\S+)*( \S+)?  +\S", lines[at])
        assert explained or re.match(r" {10,}\S", lines[at + 1]), lines[at]


def test_the_overview_lists_every_command_and_exit_code():
    text = call("--help").stdout
    for name, what in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(what)}$", text, re.MULTILINE)
    for code in "012345":
        assert re.search(rf"^    {code}  \w", text, re.MULTILINE)


def test_every_module_of_a_command_is_in_the_overview():
    helpers = {
        "__init__",
        "common",
        "group",
        "findings",
        "spftree",
        "alignment",
        "meaning",
        "rollout",
    }
    folder = ROOT / "generator/cli"
    modules = {path.stem for path in folder.glob("*.py")} - helpers
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert modules | packages == set(COMMANDS)


def test_options_of_build_are_named_in_its_help():
    text = call("build", "--help").stdout
    for option in ("--project", "--format", "--out", "--bump", "--serial-by-hand", "--check"):
        assert option in text
    assert "exit code 4" in " ".join(text.split())


def test_without_a_command_the_overview_is_shown_as_wrong_usage():
    done = call()
    assert done.exit_code == 2
    assert "Commands:" in done.output


def test_the_version_is_the_package_version():
    assert call("--version").stdout == f"mailzone {__version__}\n"


@pytest.mark.parametrize(
    ("word", "near"),
    [("biuld", "build"), ("validat", "validate"), ("service", "services"), ("stage", "stages")],
)
def test_an_unknown_command_suggests_the_nearest(word, near):
    done = call(word)
    assert done.exit_code == 2
    assert f"no command `{word}`; did you mean `{near}`?" in done.stderr
    assert done.stdout == ""


def test_a_command_like_no_other_points_to_the_help():
    done = call("frobnicate", "--project", ".")
    assert done.exit_code == 2
    assert "`mailzone --help` lists the commands" in done.stderr


def test_an_unknown_option_suggests_the_nearest():
    done = call("build", "--serial-by-hands")
    assert done.exit_code == 2
    assert "--serial-by-hand" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",),
        ("init",),
        ("services", "show"),
        ("build", "--format", "octal"),
        ("show", "example.com", "--format", "yaml"),
        ("build", "extra"),
        ("services", "nonsense"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_shows_the_usage(arguments):
    done = call(*arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("Usage: mailzone")


def test_a_service_in_place_of_a_command_is_led_to_show():
    assert "mailzone services show NAME" in call("services", "mailgun").stderr
