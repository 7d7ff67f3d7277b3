"""Whatever the octets, the reader ends soon, and with nothing but records or ZoneFileError."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import dns.zone
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.zonefile import Reader, Record, ZoneFileError, entries, includes, soa_serial
from tests.support import ROOT
from tests.zonefile.judges import ZONE

SAMPLES = [path.read_bytes() for path in sorted((ROOT / "tests" / "data" / "zones").glob("*.zone"))]
PIECES = [b" ", b"\t", b"\n", b"\r\n", b"\r", b"(", b")", b'"', b";", b"\\", b"\\1", b"\\046", b"\\#", b"@",
          b".", b"..", b"$", b"$TTL ", b"$ORIGIN ", b"$INCLUDE ", b"$GENERATE ", b"IN", b"CH", b"60", b"1h",
          b"TXT", b"SOA", b"A", b"TYPE1", b"TYPE99999", b"CLASS1", b"*", b"a", b"\0", b"\xff",
          b"\xc3\xbc", b"2147483648", b"@ 5 SOA a b 1 2 3 4 5\n"]  # fmt: skip


def line_of_refusal(function: Callable[[], object]) -> int | None:
    try:
        function()
    except ZoneFileError as error:
        return error.line
    return None


def read_all_ways(text: bytes) -> list[Record]:
    """Every function over the text and everything that its records can be asked for."""
    used = Reader(ZONE, lambda name: name.encode("utf-8", "surrogateescape"))
    ways = [
        lambda: soa_serial(text), lambda: includes(text), lambda: list(entries(text)),
        lambda: used.read(text),
    ]  # fmt: skip
    lines = range(1, text.count(b"\n") + 2)
    assert all(line_of_refusal(way) in (None, *lines) for way in ways)
    for record in used.records:
        assert record.tokens
        assert 0 <= record.ttl < 1 << 31
        assert record.owner.endswith(b".")
        for ask in (record.texts, lambda one=record: one.name(0), lambda one=record: one.name(9)):
            assert line_of_refusal(ask) in (None, record.line)
    return used.records


@settings(max_examples=300)
@given(
    st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
)
@example(b"")
@example(b"\\")
@example(b"a 1 TXT \\")
@example(b"( a 1 TXT")
@example(b"$INCLUDE $INCLUDE")
@example(b"a 1 TYPE16 \\# 1 ff\n")
def test_no_octets_bring_up_another_exception(text: bytes):
    read_all_ways(text)


@settings(max_examples=300)
@given(st.sampled_from(SAMPLES), st.data())
def test_no_damage_to_a_zone_file_brings_up_another_exception(text: bytes, data: st.DataObject):
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        end = at + data.draw(st.integers(0, 9))
        text = text[:at] + data.draw(st.sampled_from([b"", *PIECES])) + text[end:]
    read_all_ways(text)


def test_damage_is_not_always_fatal():
    """The test above would mean nothing if all texts were refused at once."""
    kept = [
        read_all_ways(text[:at] + b" " + text[at:]) for text in SAMPLES for at in range(0, 900, 9)
    ]
    assert sum(map(bool, kept)) > len(kept) // 4


# --- time ------------------------------------------------------------------------------------

SIZE = 250_000
HEAD = b"$TTL 5\n@ SOA a b 1 2 3 4 5\n"

LOADS: dict[str, bytes] = {
    "opening parentheses": b"(" * SIZE,
    "closing parentheses": b")" * SIZE,
    "parentheses in a record": b"a TXT " + b"()" * (SIZE // 2) + b"x\n",
    "parentheses alone": b"()\n" * (SIZE // 3),
    "nested parentheses": b"a TXT " + b"(" * (SIZE // 2) + b"x" + b")" * (SIZE // 2) + b"\n",
    "spaces": b" " * SIZE,
    "spaces before a record": b" " * SIZE + b"A 192.0.2.1\n",
    "spaces inside a record": b"a A" + b" " * SIZE + b"192.0.2.1\n",
    "spaces behind a record": b"a A 192.0.2.1" + b" " * SIZE + b"\n",
    "spaces behind a record that goes on": b"a A 192.0.2.1" + b" " * SIZE + b"(\n",
    "quotes": b'"' * SIZE,
    "quotes in a record": b"a TXT " + b'"' * SIZE + b"\n",
    "an odd number of quotes": b"a TXT " + b'"' * SIZE + b'"\n',
    "quotes and spaces": b"a TXT " + b'" ' * (SIZE // 2) + b"\n",
    "words": b"a " * (SIZE // 2),
    "words in a record": b"a TXT" + b" b" * (SIZE // 2) + b"\n",
    "words and an open parenthesis": b"a TXT" + b" b" * (SIZE // 2) + b" (\n",
    "words and an open quote": b"a TXT" + b" b" * (SIZE // 2) + b' "\n',
    "a word and a quote": b"a TXT " + b"b" * SIZE + b'"\n',
    "a word and a parenthesis": b"a TXT " + b"b" * SIZE + b"(\n",
    "an owner": b"a" * SIZE,
    "an owner of labels": b"a." * (SIZE // 2) + b" TXT x\n",
    "an owner of escapes": b"\\097" * (SIZE // 4) + b" TXT x\n",
    "an owner of dots": b"." * SIZE + b" TXT x\n",
    "backslashes": b"a TXT " + b"\\" * SIZE + b"\n",
    "escapes": b"a TXT " + b"\\a" * (SIZE // 2) + b"\n",
    "digits": b"a " + b"1" * SIZE + b" TXT x\n",
    "units": b"a " + b"1h" * (SIZE // 2) + b" TXT x\n",
    "letters for a type": b"a " + b"x" * SIZE + b"\n",
    "comment lines": b"; comment\n" * (SIZE // 10),
    "one comment": b";" * SIZE,
    "comments between parentheses": b"a TXT (\n" + b";\n" * (SIZE // 2) + b"x )\n",
    "empty lines": b"\n" * SIZE,
    "empty lines with spaces": b" \r\n" * (SIZE // 3),
    "carriage returns": b"\r" * SIZE,
    "carriage returns and more": b" \r" * (SIZE // 2),
    "NULs": b"\0" * SIZE,
    "octets beyond ASCII": b"\xff" * SIZE,
    "origins": b"$ORIGIN a.\n" * (SIZE // 11),
    "origins that grow": b"$ORIGIN a\n" * (SIZE // 10),
    "hexadecimal": b"a TXT \\# 500000 " + b"00" * (SIZE // 2) + b"\n",
    "hexadecimal in words": b"a TXT \\# 333333" + b" 00" * (SIZE // 3) + b"\n",
    "records on two lines": b"a TXT (\nx )\n" * (SIZE // 12),
    "records of escapes": b"\\a TXT \\b\n" * (SIZE // 10),
    "records outside": b"a.b. TXT x\n" * (SIZE // 11),
    "records with a long string": (b"a TXT x " + b'"' + b"y" * 250 + b'"\n') * (SIZE // 261),
}


def ordinary(size: int) -> bytes:
    """A zone as most are, of about this size."""
    lines = [HEAD, b"@ NS ns.example.net.\n"]
    length, number = 0, 0
    while length < size:
        number += 1
        lines += [
            b"host%d 300 IN A 192.0.2.%d\n" % (number, number % 250),
            b" IN AAAA 2001:db8::%x\n" % (number % 60000),
            b"host%d\tIN\tMX\t10 mail.host%d ; mail\n" % (number, number),
            b"www%d CNAME host%d\n" % (number, number),
            b's%d._domainkey IN TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="\n' % number,
        ]  # fmt: skip
        length += sum(map(len, lines[-5:]))
    return b"".join(lines)


def seconds(function: Callable[[], object], times: int) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best


@pytest.fixture(scope="module")
def normal() -> float:
    text = ordinary(SIZE)
    assert len(Reader(ZONE).read(text)) > 4_000
    return seconds(lambda: Reader(ZONE).read(text), 3)


@pytest.mark.parametrize("load", LOADS.values(), ids=list(LOADS))
def test_no_load_takes_time_out_of_proportion_to_its_length(load: bytes, normal: float):
    """Quadratic behaviour would take thousands of times as long as an ordinary zone."""

    def read() -> None:
        line_of_refusal(lambda: Reader(ZONE).read(HEAD + load))
        line_of_refusal(lambda: soa_serial(HEAD + load))

    assert seconds(read, 1) < 100 * normal


def test_it_is_ten_times_as_fast_as_dnspython():
    text = ordinary(84_000)
    decoded = text.decode("ascii")
    assert 2000 < len(Reader(ZONE).read(text)) < 2500
    ours = seconds(lambda: Reader(ZONE).read(text), 6)
    theirs = seconds(lambda: dns.zone.from_text(decoded, ZONE, relativize=False), 3)
    assert theirs > 10 * ours


def test_no_group_is_repeated_possessively():
    """Python before 3.11.5 matches `(...)*+` wrongly, and Debian 12 has 3.11.2."""
    possessive = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d+(?:,\d*)?\})\+|\(\?>")
    for path in sorted((ROOT / "generator").rglob("*.py")):
        assert not possessive.search(path.read_text()), path
