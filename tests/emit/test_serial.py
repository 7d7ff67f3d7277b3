"""Whole zones: the serial stays while nothing changes, and rises in the style found otherwise."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import dns.zone
import pytest

from generator.serial import newer
from tests.emit.conftest import EPOCH

TODAY = 2026112101
ZONE = """\
domain: example.com
stage: {stage}
zone: {{mode: zone, ns: [ns1.example.net], mx: none, soa: {{serial: {style}}}}}
"""


def declare(sandbox, style="date", stage="parked"):
    sandbox.write("zones/x.yaml", ZONE.format(style=style, stage=stage))


def zone_file(sandbox):
    return sandbox.root / "build/example.com.zone"


def serial(sandbox) -> int:
    """The serial as dnspython reads it."""
    zone = dns.zone.from_file(str(zone_file(sandbox)), "example.com", relativize=False)
    return zone.get_soa().serial


def edit(sandbox, old: str, new: str) -> None:
    text = zone_file(sandbox).read_text()
    assert old in text
    zone_file(sandbox).write_text(text.replace(old, new))


@pytest.mark.parametrize(("style", "first"), [("date", TODAY), ("counter", 1), ("unix", EPOCH)])
def test_the_first_serial_is_of_the_declared_style(sandbox, style, first):
    declare(sandbox, style)
    assert sandbox.run("build").exit_code == 0
    assert serial(sandbox) == first


@pytest.mark.parametrize("style", ["date", "counter", "unix"])
def test_an_unchanged_zone_keeps_its_serial_however_late_it_is_built(sandbox, style, monkeypatch):
    declare(sandbox, style)
    sandbox.run("build")
    before = zone_file(sandbox).read_bytes()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH + 10**7))
    assert "0 files written, 1 unchanged" in sandbox.run("build").stdout
    assert zone_file(sandbox).read_bytes() == before


@pytest.mark.parametrize(
    ("style", "later", "risen"),
    [
        ("date", 0, TODAY + 1),
        ("date", 86400, 2026112201),
        ("counter", 86400, 2),
        ("unix", 0, EPOCH + 1),
        ("unix", 500, EPOCH + 500),
    ],
)
def test_a_changed_zone_raises_its_serial(sandbox, style, later, risen, monkeypatch):
    declare(sandbox, style)
    sandbox.run("build")
    declare(sandbox, style, "audit")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH + later))
    sandbox.run("build")
    assert serial(sandbox) == risen


def test_every_one_of_many_changes_in_a_day_is_newer_than_the_one_before(sandbox):
    declare(sandbox)
    sandbox.run("build")
    edit(sandbox, str(TODAY), "2026112198")
    seen = [serial(sandbox)]
    for stage in ("audit", "parked", "audit", "parked"):
        declare(sandbox, "date", stage)
        sandbox.run("build")
        seen.append(serial(sandbox))
    assert all(newer(b, a) for a, b in itertools.pairwise(seen)), seen


@pytest.mark.parametrize(
    ("edited", "risen"),
    [
        (41, 42),  # a counter, in a zone declared by date
        (EPOCH - 1000, EPOCH),
        (2026010107, TODAY),
        (2099010105, 2099010106),  # a date in the future
        (4294967295, 1),  # round the corner; 0 is avoided
    ],
)
def test_a_serial_edited_to_another_style_stays_in_that_style(sandbox, edited, risen):
    declare(sandbox)
    sandbox.run("build")
    edit(sandbox, str(TODAY), str(edited))
    assert "0 files written" in sandbox.run("build").stdout
    assert serial(sandbox) == edited
    declare(sandbox, "date", "audit")
    sandbox.run("build")
    assert serial(sandbox) == risen


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        (" ; serial", ""),
        (" ; serial", " ; raised by hand"),
        ("; serial\n", ";serial\n"),
        ("(\n    2026112105", "( 2026112105"),
    ],
)
def test_a_serial_is_found_however_the_file_was_edited(sandbox, old, new):
    declare(sandbox)
    sandbox.run("build")
    edit(sandbox, str(TODAY), "2026112105")
    raw = zone_file(sandbox).read_bytes()
    assert old.encode() in raw
    zone_file(sandbox).write_bytes(raw.replace(old.encode(), new.encode()))
    sandbox.run("build")
    assert serial(sandbox) == 2026112106, "a lower or equal serial is never taken over"


@pytest.mark.parametrize("damage", [("SOA", "TXT"), (str(TODAY), "20261121011"), ("(", "((")])
def test_a_file_whose_serial_cannot_be_read_is_not_replaced(sandbox, damage):
    declare(sandbox)
    sandbox.run("build")
    edit(sandbox, *damage)
    declare(sandbox, "date", "audit")
    before = sandbox.files()
    done = sandbox.run("build")
    assert done.exit_code == 1
    assert "example.com.zone has no serial to go on from" in done.stderr
    assert "nothing was written" in done.stderr
    assert sandbox.files() == before


def test_without_source_date_epoch_the_clock_counts(sandbox, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    declare(sandbox, "unix")
    before = int(datetime.now(UTC).timestamp())
    sandbox.run("build")
    assert before <= serial(sandbox) <= int(datetime.now(UTC).timestamp())


@pytest.mark.parametrize("nonsense", ["", "x", "-5", "1e9", "²", "9" * 40])
def test_a_nonsensical_source_date_epoch_is_passed_over(sandbox, monkeypatch, nonsense):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", nonsense)
    declare(sandbox, "date")
    assert sandbox.run("build").exit_code == 0
    assert serial(sandbox) >= 2025010101
