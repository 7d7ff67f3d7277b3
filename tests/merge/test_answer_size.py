"""The TXT answer at a name with our SPF counts the texts of other hands too (RFC 7208 3.4)."""

from __future__ import annotations

import pytest

from generator.finding import Severity
from tests.merge.merging import SPF, merged, values
from tests.support import Sandbox

HEAD = (
    b"$TTL 3600\n@ SOA ns.example.net. h.example.net. 7 7200 900 1209600 300\n NS ns.example.net.\n"
)
ALONE = len("example.com.") + len(SPF)  # octets of name and text, as lint counts them


def zone(*texts: str) -> bytes:
    """A zone with these texts at its apex, in strings of at most 255 octets."""
    lines = []
    for text in texts:
        strings = " ".join(f'"{text[i : i + 255]}"' for i in range(0, len(text), 255))
        lines.append(f"@ TXT {strings}\n")
    return HEAD + "".join(lines).encode()


@pytest.mark.parametrize(
    ("octets", "severity"),
    [(450, None), (451, Severity.WARNING), (1232, Severity.WARNING), (1233, Severity.ERROR)],
)
def test_foreign_texts_count(octets: int, severity: Severity | None) -> None:
    done = merged(zone("x" * (octets - ALONE - 3), "abc"))
    found = done.findings if severity is Severity.ERROR else done.notes
    assert [(one.rule, one.severity) for one in found] == (
        [("spf-answer-size", severity)] if severity else []
    )
    assert bool(done.findings) is (severity is Severity.ERROR)
    for one in found:
        assert f"some {octets} octets" in one.message
        assert one.help.startswith("2 by other hands, as `xxx")


def test_what_the_merge_takes_out_does_not_count() -> None:
    old = f"v=spf1 {'ip4:192.0.2.1 ' * 60}-all"
    assert not merged(zone(old, "abc"), adopt=[old]).notes


def test_texts_at_other_names_and_without_our_spf_do_not_count() -> None:
    long = "x" * 700
    assert not merged(zone() + f'www TXT "{long[:255]}" "{long[255:510]}"\n'.encode()).notes
    assert not merged(zone(long), [value for value in values() if value.text != SPF]).notes


def test_what_lint_says_of_our_own_values_is_not_said_again() -> None:
    spf, *others = values()
    large = spf._replace(text=f"v=spf1 {'ip4:192.0.2.1 ' * 32}-all")
    done = merged(zone("abc"), [large, *others])
    assert not done.notes
    assert not done.findings


def test_build_and_validate_warn_and_a_waiver_counts(sandbox: Sandbox) -> None:
    text = "domain: example.com\nstage: parked\nzone: {mode: merge, file: dns/example.com.zone}\n"
    sandbox.write("zones/a.yaml", text)
    sandbox.write("dns/example.com.zone", zone("x" * 500))
    for command in ("validate", "build"):
        done = sandbox.run(command)
        assert done.exit_code == 0, done.stderr
        assert done.stderr.count("warning[spf-answer-size]") == 1
    waiver = "waive: {spf-answer-size: {because: TCP works, until: 2099-01-01}}\n"
    sandbox.write("zones/a.yaml", text + waiver)
    assert sandbox.run("build").stderr == ""
