"""A record's place in the text: whole lines, its own, and nothing but it."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import assume, given, settings

from generator.zonefile import Record, ZoneFileError
from tests.zonefile.judges import ZONE, reader
from tests.zonefile.texts import zones


def records(text: bytes) -> list[Record]:
    """All records, those outside the zone too, in the order of the file."""
    used = reader()
    try:
        found = used.read(text) + used.outside
    except ZoneFileError as error:
        assume("differ on the TTL" not in error.message)
        raise
    return sorted(found, key=lambda record: record.start)


@settings(max_examples=60)
@given(zones())
def test_a_record_spans_whole_lines_which_no_other_record_shares(text: bytes):
    found = records(text)
    assert all(before.end <= after.start for before, after in pairwise(found))
    for record in found:
        assert record.start == 0 or text[record.start - 1 : record.start] == b"\n"
        assert record.end == len(text) or text[record.end - 1 : record.end] == b"\n"
        assert record.start < record.data_start < record.data_end <= record.end
        assert record.line == 1 + text.count(b"\n", 0, first_word(text, record))


def first_word(text: bytes, record: Record) -> int:
    """Where the first word of a record begins; only parentheses and comments come before it."""
    at = record.start
    while text[at : at + 1] in (b" ", b"\t", b"(", b"\r", b"\n", b";", b")"):
        at = text.index(b"\n", at) if text[at : at + 1] == b";" else at + 1
    return at


@settings(max_examples=60)
@given(zones())
def test_the_lines_of_a_record_hold_the_whole_record(text: bytes):
    for record in records(text):
        lines = text[record.start : record.end]
        head = b"$TTL %d\n$ORIGIN %b\n" % (record.ttl, record.origin)
        if record.blank:
            lines = record.owner + lines
        again = reader(".")
        if record.type == "SOA":
            again.zone = record.owner
        assert [one.meaning for one in again.read(head + lines)] == [record.meaning]


@settings(max_examples=60)
@given(zones())
def test_the_span_of_the_data_holds_its_words_and_no_others(text: bytes):
    for record in records(text):
        data = text[record.data_start : record.data_end]
        assert data.startswith(record.tokens[0])
        assert data.endswith(record.tokens[-1])
        assert re.fullmatch(rb"(?:[()\s]|;[^\n]*+)*+", text[record.data_end : record.end])
        if b"(" not in text[record.start : record.end]:
            words = b" ".join(record.tokens)
            changed = text[: record.data_start] + words + text[record.data_end :]
            assert [one.meaning for one in records(changed)] == [
                one.meaning for one in records(text)
            ]


@settings(max_examples=60)
@given(zones(explicit=True))
def test_taking_out_the_lines_of_one_record_leaves_exactly_the_others(text: bytes):
    found = records(text)
    for index, record in enumerate(found):
        rest = text[: record.start] + text[record.end :]
        assert [one.meaning for one in records(rest)] == [
            one.meaning for one in found[:index] + found[index + 1 :]
        ]


def test_records_of_an_included_file_stand_in_another_text():
    text, part = b"$TTL 60\na A 192.0.2.1\n$INCLUDE part\nc A 192.0.2.3\n", b"\nb A 192.0.2.2\n"
    a, b, c = reader(ZONE, {"part": part}).read(text)
    assert [record.text_is(text) for record in (a, b, c)] == [True, False, True]
    assert (b.text_is(part), b.line, b.start, b.end) == (True, 2, 1, len(part))
    assert (c.line, text[c.start : c.end]) == (4, b"c A 192.0.2.3\n")
