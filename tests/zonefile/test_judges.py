"""What we read from a master file is what dnspython and BIND read."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import dns.zone
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generator.zonefile import ZoneFileError
from tests.servers.bind import tool
from tests.support import ROOT
from tests.zonefile.judges import (
    ZONE,
    Files,
    Refused,
    Row,
    bind,
    dnspython,
    joined,
    mixed,
    our_skeleton,
    ours,
    skeleton,
)
from tests.zonefile.texts import fragments, zones

ZONES = ROOT / "tests" / "data" / "zones"
SAMPLES = sorted(ZONES.glob("*.zone"))
FILES = {str(p.relative_to(ZONES)): p.read_bytes() for p in ZONES.rglob("*.inc")}

every_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)


def served_alike(
    found: list[Row], text: bytes, zone: str = ZONE, files: Files | None = None
) -> bool:
    several = mixed(found)
    return joined(found, several) == joined(bind(text, zone, files), several)


def read_or_skipped(text: bytes, files: Files | None = None) -> list[Row]:
    """Our rows; a text without $TTL in which a TTL is uncertain is no example."""
    try:
        return ours(text, files=files)
    except ZoneFileError as error:
        assume("differ on the TTL" not in error.message)
        raise


@settings(max_examples=200)
@given(zones())
def test_dnspython_reads_the_same_records_in_the_same_order(text: bytes):
    assert read_or_skipped(text) == dnspython(text)


@settings(max_examples=150)
@given(zones())
def test_bind_reads_the_same_records(text: bytes):
    assert served_alike(read_or_skipped(text), text)


@settings(max_examples=40)
@given(
    zones(most=3),
    fragments(),
    st.sampled_from(["", " sub", " sub.example.com.", " @", " a\\.b"]),
    st.sampled_from(["part.inc", '"part.inc"', '"part of it.inc"']),
)
def test_included_files_are_read_as_name_servers_read_them(
    text: bytes, part: bytes, origin: str, name: str
):
    whole = (
        b"$TTL 7h\n"
        + text
        + f"\n$INCLUDE {name}{origin} ; c\nlast TXT x\n$ORIGIN a\nlast TXT y".encode()
    )
    files = {name.strip('"'): part}
    found = ours(whole, files=files)
    assert len(found) >= len(ours(b"$TTL 7h\n" + text)) + 3
    assert found == dnspython(whole, files=files)
    try:
        assert served_alike(found, whole, files=files)
    except Refused as refusal:
        assume("singleton" not in str(refusal))  # two CNAMEs at a name, one from each file
        raise


@settings(max_examples=250)
@given(zones(), st.data())
def test_a_damaged_zone_is_read_as_dnspython_reads_it_or_not_at_all(
    text: bytes, data: st.DataObject
):
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        new = data.draw(st.sampled_from([b"", b" ", b"\n", b"(", b")", b'"', b";", b"\\", b"IN ", b"5 ",
                                         b"@", b".", b"$", b"\n A 192.0.2.1\n", b"x TXT y\n"]))  # fmt: skip
        text = text[:at] + new + text[at + data.draw(st.integers(0, 3)) :]
    try:
        found = our_skeleton(text)
    except ZoneFileError:
        return
    try:
        expected = skeleton(text)
    except Refused as refused:
        why = str(refused)
    else:
        assert found == expected
        return
    # It takes a comment for the whole entry if it comes first between parentheses.
    assert "expected EOL or EOF" in why


# --- zone files written by hand --------------------------------------------------------------


@every_sample
def test_a_hand_written_zone_is_read_as_dnspython_reads_it(path: Path):
    text, zone = path.read_bytes(), f"{path.stem}."
    found = ours(text, zone, FILES)
    assert len(found) > 5
    assert found == dnspython(text, zone, FILES)


def test_hand_written_zones_are_read_as_bind_reads_them():
    for path in SAMPLES:
        text, zone = path.read_bytes(), f"{path.stem}."
        assert served_alike(ours(text, zone, FILES), text, zone, FILES), path.name


@every_sample
def test_a_hand_written_zone_is_a_whole_one_with_texts_of_strangers_at_its_top(path: Path):
    zone = f"{path.stem}."
    found = ours(path.read_bytes(), zone, FILES)
    apex = Counter(kind.name for owner, _, kind, _ in found if owner.to_text() == zone)
    assert apex["SOA"] == 1
    assert apex["NS"] >= 1
    assert apex["TXT"] >= 2
    assert not mixed(found)


def test_the_hand_written_zones_hold_what_twenty_years_have_left():
    texts = [path.read_bytes() for path in SAMPLES]
    assert len(texts) >= 20
    for what in (
        rb"\r\n", rb"[^\n]\Z", rb"(?m)^\$ORIGIN [^.\n]+$", rb"(?m)^\$INCLUDE", rb"(?m)^\$include .* \w+$",
        rb"1W2D3h", rb"(?m)^[ \t]+IN", rb"\(\s*;", rb"(?m)^\*", rb"xn--", rb"\xfc", rb"in-addr", rb"\tDS\t",
        rb"SRV", rb"CAA", rb"TLSA", rb"SSHFP", rb"NAPTR", rb"HINFO", rb"p=MII", rb"\\#", rb"TYPE257",
        rb"CLASS1", rb"\\\.", rb"\\;", rb"\\255", rb'""', rb"v=spf1", rb"v=DMARC1",
    ):  # fmt: skip
        assert any(re.search(what, text) for text in texts), what
    assert any(b"$TTL" not in text for text in texts)


# --- where the judges differ -----------------------------------------------------------------

HEAD = b"$TTL 100\n@ SOA ns.other.net. h 1 2 3 4 5\n@ NS ns.other.net.\n"
OLD = b"@ SOA ns.other.net. h 1 2 3 4 5\n@ NS ns.other.net.\n"  # before $TTL
DATED = b"@ 77 SOA ns.other.net. h 1 2 3 4 5\n@ NS ns.other.net.\n"

DIFFERENT: dict[str, tuple[bytes, dict[str, bytes]]] = {
    "a TTL stated after an SOA without one": (OLD + b"a 300 A 192.0.2.1\nb A 192.0.2.2\n", {}),
    "a TTL stated outside the zone": (DATED + b"b.org. 88 A 192.0.2.1\nc A 192.0.2.1\n", {}),
    "a second TTL for an RRset": (DATED + b"@ 5 NS ns2.other.net.\nb A 192.0.2.1\n", {}),
    "a TTL stated in an included file": (DATED + b"$INCLUDE i\nc A 192.0.2.1\n", {"i": b"x 9 A 192.0.2.1\n"}),
    "$TTL in an included file": (HEAD + b"$INCLUDE i\na A 192.0.2.1\n", {"i": b"$TTL 5\nx A 192.0.2.1\n"}),
    "an SOA without TTL in an included file": (b"$INCLUDE i\na A 192.0.2.1\n", {"i": OLD}),
    "a first record without an owner": (b" 77 SOA ns.other.net. h 1 2 3 4 5\n NS ns.other.net.\n", {}),
    "a TTL over 31 bits": (HEAD + b"a 4294967295 A 192.0.2.1\n", {}),
    "a unit of nothing before a bare number": (HEAD + b"a 0s5 A 192.0.2.1\n", {}),
    "a class that only dnspython knows": (HEAD + b"a INTERNET A 192.0.2.1\n", {}),
    "a class that only BIND takes for ours": (HEAD + b"a RESERVED0 A 192.0.2.1\n", {}),
    "an owner beyond ASCII": (HEAD + "ü A 192.0.2.1\n".encode(), {}),
    "a name beyond ASCII in data": (HEAD + "a CNAME bü\n".encode(), {}),
    "a label that was a bit string once": (HEAD + b"\\[a A 192.0.2.1\n", {}),
    "an owner in quotes": (HEAD + b'"a" A 192.0.2.1\n', {}),
    "a carriage return in a comment": (HEAD + b"a TXT a ; x\rb TXT b\n", {}),
    "\\# without a number": (HEAD + b"a TXT \\# foo\n", {}),
    "a directive in a last line without its end": (HEAD + b"$ORIGIN foo", {}),
    "a directive that only BIND knows": (HEAD + b"$DATE 20200101000000\na A 192.0.2.1\n", {}),
    "a directive that only dnspython knows": (HEAD + b"$UNICODE 2008\na A 192.0.2.1\n", {}),
    "a type that is none": (HEAD + b"a TYPE255 \\# 0\n", {}),
}  # fmt: skip

different = pytest.mark.parametrize(("text", "files"), DIFFERENT.values(), ids=list(DIFFERENT))


@different
def test_what_name_servers_read_differently_is_refused(text: bytes, files: dict[str, bytes]):
    with pytest.raises(ZoneFileError):
        ours(text, files=files)


@different
def test_no_text_is_refused_for_a_difference_that_there_is_not(
    text: bytes, files: dict[str, bytes]
):
    version = subprocess.run(
        [tool("named-compilezone"), "-v"], capture_output=True, text=True, check=True
    )
    if not version.stdout.startswith("9.18."):
        pytest.skip("the differences were found between dnspython and BIND 9.18")

    def outcome(judge) -> object:
        try:
            return joined(judge(text, ZONE, files))
        except Refused:
            return "refused"

    assert outcome(bind) != outcome(dnspython)


def test_dnspython_zones_join_what_we_keep_apart():
    """Why the judge is dnspython's reader, not its zone: that one changes TTLs."""
    text = DATED + b"a 5 A 192.0.2.1\na 9 A 192.0.2.2\n"
    found = [ttl for owner, ttl, _, _ in ours(text) if owner.to_text() == "a.example.com."]
    zone = dns.zone.from_text(text.decode(), origin=ZONE, relativize=False)
    assert found == [5, 9]
    assert zone.find_rdataset("a.example.com.", "A").ttl == 5
