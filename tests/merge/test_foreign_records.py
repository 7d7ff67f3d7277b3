"""What other hands wrote means the same after a merge: by dnspython's reading, and by BIND's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import dns.name
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from generator.emit.block import restore
from generator.zonefile import Reader, ZoneFileError, soa_serial
from tests.merge.merging import SPF, merged, text, values
from tests.support import ROOT
from tests.zonefile.judges import Refused, Row, bind, dnspython, joined, mixed
from tests.zonefile.texts import zones

ZONES = ROOT / "tests" / "data" / "zones"
SAMPLES = sorted(ZONES.glob("*.zone"))
FILES = {str(p.relative_to(ZONES)): p.read_bytes() for p in ZONES.rglob("*.inc")}
APEX = dns.name.from_text("example.com.")

OLD = "v=DMARC1; p=none"
# Lines that a merge takes over; each leaves an owner behind for blank lines after it.
RIVALS = [
    f'example.com. IN TXT "{SPF}"',
    f'Example.COM.\t300 TXT ( "{SPF[:20]}"\n   "{SPF[20:]}" ) ; in two',
    f'_dmarc.example.com. TXT "{OLD}"',
    '_DMARC.example.com. 1h IN TXT "v=DMARC1;p=reject;" "rua=mailto:d@example.net"',
]


@st.composite
def bases(draw: st.DrawFn) -> bytes:
    """A zone with lines in it, at any place, that a merge takes over."""
    whole = draw(zones())
    try:
        records = Reader("example.com.").read(whole)
    except ZoneFileError:
        assume(False)
    places = [record.start for record in records]
    for rival in draw(st.lists(st.sampled_from(RIVALS), min_size=1, max_size=3)):
        at = draw(st.sampled_from(places))
        whole = whole[:at] + rival.encode() + b"\n" + whole[at:]
        places = [place + len(rival) + 1 if place >= at else place for place in places]
    return whole


def is_rival(row: Row) -> bool:
    if row[2].name != "TXT":
        return False
    said = b"".join(row[3].strings).lower()
    at_policy = row[0] == dns.name.from_text("_dmarc", APEX)
    return (row[0] == APEX and said.startswith(b"v=spf1 ")) or (
        at_policy and said.startswith(b"v=dmarc1")
    )


def steady(rows: list[Row]) -> list[Row]:
    """The rows with the serial taken out of the SOA record."""
    return [
        (owner, ttl, kind, data.replace(serial=0) if kind.name == "SOA" else data)
        for owner, ttl, kind, data in rows
    ]


def check_ours(rows: list[Row], foreign: list[Row], zone: str = "example.com.") -> None:
    """The rows are our values, with the TTL of the set that each joins."""
    ttls: dict[object, int] = {}
    for owner, ttl, kind, _ in foreign:
        ttls.setdefault((owner, kind.name), ttl)
    assert [(o.to_text(), t, k.name, b"".join(d.strings).decode()) for o, t, k, d in rows] == [
        (v.name, ttls.get((dns.name.from_text(v.name), v.type), v.ttl), v.type, v.text)
        for v in values(zone)
    ]


def without_serial(base: bytes) -> bytes:
    found = soa_serial(base)
    return base[: found.start] + base[found.end :]


def read(base: bytes) -> list[Row]:
    """As dnspython reads it; our own reader refuses what name servers read differently."""
    try:
        Reader("example.com.").read(base)
        return dnspython(base)
    except (ZoneFileError, Refused):
        assume(False)
        raise


@settings(max_examples=300)
@given(bases())
def test_generated_zones_mean_the_same_in_the_same_order(base: bytes):
    before = read(base)
    done = merged(base, adopt=[OLD])
    if done.findings:
        # Without a $TTL lines may lean on the TTL of one that moves.
        assert [one.rule for one in done.findings] == ["zone-merge"]
        assert not base.upper().startswith(b"$TTL")
        event("refused")
        return
    foreign = [row for row in before if not is_rival(row)]
    event(f"{len(before) - len(foreign)} moved")
    after = dnspython(done.text)
    assert steady(after[:-3]) == steady(foreign)
    check_ours(after[-3:], foreign)
    assert text(done.text, adopt=[OLD]) == done.text
    assert text(base, adopt=[OLD], published=done.text) == done.text
    assert without_serial(text(done.text, [])) == without_serial(base)


@settings(max_examples=100)
@given(bases(), st.data())
def test_a_zone_edited_after_a_merge_keeps_what_it_then_says(base: bytes, data: st.DataObject):
    """An edit by hand anywhere outside the block: what is read then is what is kept."""
    read(base)
    done = merged(base, adopt=[OLD])
    assume(not done.findings)
    begin = restore(done.text).begin
    starts = [0, *(found.end() for found in re.finditer(b"\n", done.text[:begin]))]
    at = data.draw(st.sampled_from(starts))
    line = data.draw(st.sampled_from([b"new 60 A 192.0.2.7\n", b"; a comment\n", b"\n"]))
    edited = done.text[:at] + line + done.text[at:]
    try:
        wanted = [row for row in dnspython(edited) if not is_rival(row)]
        again = merged(edited, adopt=[OLD])
    except Refused:
        assume(False)
        raise
    if again.findings:
        assert {one.rule for one in again.findings} <= {"zone-merge", "zone-file"}
        event("refused")
        return
    after = [row for row in dnspython(again.text) if not is_rival(row)]
    assert joined(steady(after)) == joined(steady(wanted))
    assert text(again.text, adopt=[OLD]) == again.text


@settings(max_examples=20)
@given(bases())
def test_generated_zones_mean_the_same_to_bind(base: bytes):
    read(base)
    done = merged(base, adopt=[OLD])
    assume(not done.findings)
    before, after = bind(base), bind(done.text)
    assert alike(before, after, is_rival)


def alike(before: list[Row], after: list[Row], replaced: Callable[[Row], bool]) -> bool:
    """The foreign rows are equal, but for the TTLs of sets that had several before."""
    kept = steady([row for row in before if not replaced(row)])
    ours = {(dns.name.from_text(v.name), v.text) for v in values()}
    left = [
        row
        for row in steady(after)
        if row[2].name != "TXT" or (row[0], b"".join(row[3].strings).decode("latin-1")) not in ours
    ]
    several = mixed([*kept, *left])
    return joined(kept, several) == joined(left, several)


# --- zones as they were found ------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_hand_written_zone_means_the_same_to_dnspython_and_to_bind(path: Path):
    base, zone = path.read_bytes(), f"{path.stem}."
    rivals = set()
    for one in merged(base, zone=zone, include=FILES.__getitem__).findings:
        rivals.update(re.findall(r"`adopt: \['(.*)'\]`", one.help.replace("''", "'")))
    how = {"zone": zone, "include": FILES.__getitem__, "adopt": rivals}
    after = text(base, **how)
    assert text(after, **how) == after
    assert without_serial(text(after, [], **how)) == without_serial(base)

    explicit = [edit.explicit for edit in restore(after).edits if edit.explicit]
    moved = joined(dnspython(b"\n".join([*explicit, b""]), zone), ())
    names = {value.name for value in values(zone)}
    assert {key[0] for key, _, _ in moved} <= names
    assert len(moved) >= len(rivals)
    for judge in (dnspython, bind):
        before, now = steady(judge(base, zone, FILES)), steady(judge(after, zone, FILES))
        several = mixed(before)
        kept = joined(before, several) - {row for row in moved if row[0] not in several}
        ours = {(key, said) for key, _, _ in joined(now, several) for said in _texts(now, key)}
        assert {((v.name, "TXT"), v.text) for v in values(zone)} <= ours
        left = {row for row in joined(now, several) if not _is_ours(row, zone)}
        assert left == kept


def _texts(rows: list[Row], key: tuple[str, str]) -> set[str]:
    return {
        b"".join(row[3].strings).decode("latin-1")
        for row in rows
        if key[1] == row[2].name == "TXT" and row[0].canonicalize().to_text() == key[0]
    }


def _is_ours(row: tuple[tuple[str, str], int, object], zone: str) -> bool:
    (name, kind), _, data = row
    if kind != "TXT":
        return False
    said = b"".join(data.strings).decode("latin-1")  # type: ignore[attr-defined]
    return (name, said) in {(value.name, value.text) for value in values(zone)}


def test_there_are_twenty_hand_written_zones():
    assert len(SAMPLES) >= 20
