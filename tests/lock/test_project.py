"""What a project makes of its lock: how old it may get, and what it need not ask for any more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from generator.lock.text import text
from tests.lock.worlds import Told, lock
from tests.support import TODAY, Sandbox

REPORTED = 'domain: example.com\nstage: parked\ndmarc: {reports: ["mailto:d@example.net"]}\n'
CONSENT = "example.com._report._dmarc.example.net"


def locked(sandbox: Sandbox, told: dict[str, Told]) -> None:
    sandbox.write("zones/_lock.yaml", text(lock(told)).encode())


@pytest.mark.parametrize(
    ("ages", "days", "label"),
    [
        ("", 31, "warning"),
        ("", 91, "error"),
        ("lock: {warn_days: 60}", 60, ""),
        ("lock: {warn_days: 60}", 61, "warning"),
        ("lock: {warn_days: 1, error_days: 7}", 7, "warning"),
        ("lock: {warn_days: 1, error_days: 7}", 8, "error"),
        ("ttl: 300\n---\nlock: {error_days: 40}", 41, "error"),
    ],
)
def test_the_defaults_say_how_old_it_may_get(
    ages: str, days: int, label: str, sandbox: Sandbox
) -> None:
    sandbox.write("zones/a.yaml", "domain: example.com\nstage: parked\n")
    locked(sandbox, {"a.example": "v=spf1 -all"})
    if ages:
        sandbox.write("zones/_defaults.yaml", f"{ages}\n")
    found = [f for f in sandbox.assemble(TODAY + timedelta(days)).findings if f.severity > 1]
    assert [(f.rule, f.severity.label) for f in found] == ([("lock-stale", label)] if label else [])


@pytest.mark.parametrize(
    ("told", "severities"),
    [
        ({}, ["advice"]),
        ({"other.example": "v=spf1 -all"}, ["advice"]),
        ({CONSENT: "v=DMARC1;"}, []),
        ({CONSENT: "-"}, ["warning"]),
        ({CONSENT: {"TXT": ["something else"]}}, ["warning"]),
    ],
)
def test_what_the_lock_knows_of_a_report_address_is_not_asked_for_again(
    told: dict[str, Told], severities: list[str], sandbox: Sandbox
) -> None:
    sandbox.write("zones/a.yaml", REPORTED)
    if told:
        locked(sandbox, told)
    found = [f for f in sandbox.assemble().findings if f.rule == "rua-unauthorised"]
    assert [f.severity.label for f in found] == severities
