"""GitHub's workflow commands: exact escapes, and nothing that could begin a command of its own."""

from __future__ import annotations

import pytest
from hypothesis import given

from generator.finding import Finding, Place, Severity, visible
from generator.report import render_all
from tests.report.made import TWO, findings


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner of GitHub Actions reads it: its name, properties and message."""
    head, text = line.removeprefix("::").split("::", 1)
    name, _, rest = head.partition(" ")
    properties = dict(pair.split("=", 1) for pair in rest.split(","))
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        properties = {key: value.replace(escape, char) for key, value in properties.items()}
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(escape, char)
    return name, properties, text


def test_commands_in_full():
    assert render_all(TWO, "github") == (
        "::notice file=zones/a.yaml,line=3,endLine=3,col=1,endColumn=14,"
        "title=rua-missing (mailzone)::a.example is at stage parked without an address for reports"
        "%0A`dmarc: {reports: [mailto:d@a.example]}`%0Aor a report service\n"
        "::error file=zones/b.yaml,line=2,endLine=2,col=8,endColumn=14,"
        "title=unknown-stage (mailzone)::unknown stage `monitr`%0Adid you mean `monitor`?\n"
    )


@pytest.mark.parametrize(
    ("severity", "name"),
    [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.ADVICE, "notice")],
)
def test_a_severity_is_a_command(severity, name):
    assert render_all([Finding("spf-ptr", severity, "x")], "github").startswith(f"::{name} ")


def command(found: Finding, prefix: str = "") -> str:
    return render_all([found], "github", prefix).removesuffix("\n")


@pytest.mark.parametrize(
    ("message", "escaped"),
    [
        ("100 %", "100 %25"),
        ("%0A is no line break", "%250A is no line break"),
        ("a: b, c", "a: b, c"),  # only properties escape these
        ("::error::x", "::error::x"),  # not at the beginning of a line
    ],
)
def test_a_message_is_escaped(message, escaped):
    said = command(Finding("spf-ptr", Severity.ERROR, message))
    assert said == f"::error title=spf-ptr (mailzone)::{escaped}"


def test_a_line_break_of_the_message_is_made_visible_and_one_of_the_help_stays_one():
    said = command(Finding("spf-ptr", Severity.ERROR, "a\r\nb", None, "c\nd"))
    assert said == "::error title=spf-ptr (mailzone)::a\\u000d\\u000ab%0Ac%0Ad"


@pytest.mark.parametrize(
    ("path", "escaped"),
    [("a,b.yaml", "a%2Cb.yaml"), ("a:b.yaml", "a%3Ab.yaml"), ("a%3A.yaml", "a%253A.yaml")],
)
def test_a_property_is_escaped(path, escaped):
    assert f"file={escaped},line=1," in command(
        Finding("spf-ptr", Severity.ERROR, "x", Place(path, 1, 1))
    )


@pytest.mark.parametrize(
    ("place", "properties"),
    [
        (None, {}),
        (Place("<spf>", 1, 1), {}),
        (Place("zones/a.yaml"), {"file": "dns/zones/a.yaml"}),
        (Place("zones/a.yaml", 3), {"file": "dns/zones/a.yaml", "line": "3", "endLine": "3"}),
        (Place("/srv/a.inc"), {"file": "/srv/a.inc"}),
    ],
)
def test_as_much_is_said_of_a_place_as_is_known(place, properties):
    said = command(Finding("spf-ptr", Severity.ERROR, "x", place), "dns/")
    assert read(said) == ("error", properties | {"title": "spf-ptr (mailzone)"}, "x")


@given(findings)
def test_every_finding_is_one_line_that_reads_back(found):
    text = render_all(found, "github", "dns/")
    lines = text.split("\n")
    assert lines.pop() == ""
    assert len(text.splitlines()) == len(lines) == len(found)
    for line, one in zip(lines, sorted(found, key=lambda one: one.order), strict=True):
        name, properties, said = read(line)
        assert name in ("error", "warning", "notice")
        assert properties["title"] == f"{one.rule} (mailzone)"
        assert said.split("\n")[0] == visible(one.message)
        if one.place is not None and one.place.is_file:
            assert properties["file"] == visible(one.place.within("dns/"))
