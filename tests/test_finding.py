"""How findings look, exactly, and what is masked in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.finding import Finding, Ink, Place, Severity, finding, mask, render, visible, worst
from generator.rules import RULES
from generator.source import parse

KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvQ" * 3


def test_an_error_has_the_form_that_the_design_shows():
    found = finding(
        "service-parameter",
        "microsoft-365 needs `tenant` or `dkim`",
        Place("zones/example.com.yaml", 7, 5, "  - use: microsoft-365", 18),
        "the name before .onmicrosoft.com; Microsoft 365 admin center > Settings > Domains",
    )
    assert render(found) == (
        "error[service-parameter]: microsoft-365 needs `tenant` or `dkim`\n"
        "  --> zones/example.com.yaml:7:5\n"
        "   |\n"
        " 7 |   - use: microsoft-365\n"
        "   |     ^^^^^^^^^^^^^^^^^^\n"
        "   = the name before .onmicrosoft.com; Microsoft 365 admin center > Settings > Domains"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (9, ["  --> f:9:4", "   |", " 9 | a: b", "   |    ^", "   = help"]),
        (10, ["   --> f:10:4", "    |", " 10 | a: b", "    |    ^", "    = help"]),
        (
            12345,
            ["      --> f:12345:4", "       |", " 12345 | a: b", "       |    ^", "       = help"],
        ),
    ],
)
def test_the_bars_stand_under_each_other_whatever_the_line_number(line, expected):
    found = finding("yaml-syntax", "x", Place("f", line, 4, "a: b"), "help")
    assert render(found).split("\n")[1:] == expected


def test_without_a_place_there_is_only_message_and_help():
    assert render(finding("yaml-syntax", "x")) == "error[yaml-syntax]: x"
    assert render(finding("yaml-syntax", "x", help="y")) == "error[yaml-syntax]: x\n = y"


def test_without_a_line_there_is_only_the_file():
    text = render(finding("yaml-syntax", "x", Place("f.yaml"), "y"))
    assert text == "error[yaml-syntax]: x\n --> f.yaml\n  = y"


def test_without_the_line_s_text_there_is_only_the_place():
    text = render(finding("yaml-syntax", "x", Place("f.yaml", 3, 9)))
    assert text == "error[yaml-syntax]: x\n  --> f.yaml:3:9"


def test_help_of_several_lines_is_indented_alike():
    text = render(finding("yaml-syntax", "x", Place("f", 3, 1, "abc", 3), "one\n\ntwo"))
    assert text.split("\n")[-2:] == ["   = one", "   = two"]


def test_the_underline_stays_within_the_line():
    lines = render(finding("yaml-syntax", "x", Place("f", 1, 3, "abcd", 99))).split("\n")
    assert lines[-1] == "   |   ^^"
    lines = render(finding("yaml-syntax", "x", Place("f", 1, 5, "abcd", 2))).split("\n")
    assert lines[-1] == "   |     ^"


@pytest.mark.parametrize(
    ("rule", "severity", "label"),
    [
        ("yaml-syntax", None, "error"),
        ("spf-ptr", None, "warning"),
        ("stage-deviation", None, "advice"),
        ("spf-ptr", Severity.ERROR, "error"),
    ],
)
def test_the_severity_is_the_rule_s_own_unless_given(rule, severity, label):
    found = finding(rule, "x", severity=severity)
    assert render(found) == f"{label}[{rule}]: x"


def test_an_unregistered_rule_cannot_be_found():
    with pytest.raises(KeyError):
        finding("no-such-rule", "x")


def test_a_painter_colours_the_parts():
    """The painter sees every part once, and what it adds shifts nothing else."""
    found = finding("yaml-syntax", "x", Place("f", 1, 3, "a b", 1), "y")
    seen: list[tuple[str, Ink]] = []

    def paint(text: str, ink: Ink) -> str:
        seen.append((text, ink))
        return f"<{text}>"

    painted = render(found, paint)
    assert painted.replace("<", "").replace(">", "") == render(found).replace(">", "")
    assert ("error[yaml-syntax]", Ink.ERROR) in seen
    assert ("^", Ink.ERROR) in seen
    assert {ink for text, ink in seen if text in ("-->", "|", "=")} == {Ink.FRAME}


def test_findings_sort_by_file_and_place():
    rows = [
        finding("yaml-tag", "b", Place("b", 1, 1)),
        finding("yaml-tag", "a", Place("a", 10, 1)),
        finding("yaml-tag", "a", Place("a", 9, 2)),
        finding("yaml-alias", "a", Place("a", 9, 2)),
        finding("yaml-tag", "a", Place("a", 9, 1)),
        finding("yaml-tag", "none"),
    ]
    assert sorted(rows, key=lambda f: f.order) == [rows[n] for n in (5, 4, 3, 2, 1, 0)]


def test_the_worst_of_findings():
    assert worst([]) is None
    assert worst([finding("spf-ptr", "x"), finding("stage-deviation", "x")]) is Severity.WARNING
    assert worst([finding("spf-ptr", "x"), finding("yaml-tag", "x")]) is Severity.ERROR


def test_a_place_can_be_computed_late():
    source = parse(b"a: 1\nb: 2\n", "f.yaml")
    found = finding("wrong-value", "x", source.spot(0, "b"))
    assert (found.place.line, found.place.column) == (2, 4)


# -- masking ----------------------------------------------------------------------------------------


def test_a_long_run_of_base64_is_cut():
    assert mask(f"p={KEY}") == f"p={KEY[:6]}...({len(KEY) + 2} characters)"
    assert mask(f'key: "{KEY}"') == f'key: "{KEY[:8]}...({len(KEY)} characters)"'
    assert mask("A" * 48) == "AAAAAAAA...(48 characters)"
    assert mask("A" * 47) == "A" * 47


def test_in_a_file_with_a_secret_every_run_is_blotted_out():
    assert mask("short: abcdefgh abc", True) == "short: [masked] abc"
    assert mask(f"x {KEY} y", True) == "x [masked] y"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", "a b"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("a\nb\r", "a\\u000ab\\u000d"),
        ("a\x00b\x7fc\x9bd", "a\\u0000b\\u007fc\\u009bd"),
        ("a\u202eb\u2066c\u2028d", "a\\u202eb\\u2066c\\u2028d"),
        ("äöü 漢字", "äöü 漢字"),
    ],
)
def test_control_and_direction_characters_become_visible(text, shown):
    assert mask(text) == shown
    assert visible(text) == shown
    assert mask(text, True) == shown


def test_no_part_of_a_finding_can_repaint_the_terminal():
    bad = "\x1b[2J\r\u202e"
    found = finding("yaml-syntax", f"m{bad}\nn", Place(f"f{bad}", 1, 1, "abc", 3), f"h{bad}")
    text = render(found)
    assert text.replace("\n", "").isprintable()
    assert text.count("\n") == 5


@given(st.text(max_size=300), st.booleans())
def test_masked_text_is_one_printable_line_without_long_runs(text, secret):
    shown = mask(text, secret)
    assert "\n" not in shown
    assert "\x1b" not in shown
    longest = max((len(run) for run in shown.split(" ")), default=0)
    assert longest <= max(len(visible(text)), 60)


texts = st.text(max_size=40)


@given(
    st.sampled_from(sorted(RULES)),
    texts,
    st.one_of(
        st.none(),
        st.builds(
            Place,
            texts,
            st.integers(0, 2000),
            st.integers(1, 60),
            texts.map(mask),
            st.integers(1, 60),
            shown=st.integers(0, 60),
            span=st.integers(0, 60),
        ),
    ),
    texts,
)
def test_every_finding_renders_with_its_frame_aligned(rule, message, place, help):
    found = finding(rule, message, place, help)
    assert isinstance(found, Finding)
    lines = render(found).split("\n")
    assert lines[-1]
    assert lines[0] == f"{found.severity.label}[{rule}]: {visible(message)}"
    if place is not None and place.line and place.text:
        bars = {line.index("|") for line in lines[2:5]}
        assert bars == {len(str(place.line)) + 2}
        assert lines[4].rstrip("^").rstrip(" ").endswith("|")
        assert lines[4].endswith("^")
