"""The one exception of record parsers, and what may be shown of a text."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.records.error import RecordError, shown


def test_a_fault_keeps_everything_but_its_place_when_it_is_moved():
    fault = RecordError("spf-syntax", "no term", 3, "write one", 2)
    moved = fault.moved(10)
    assert (moved.rule, moved.message, moved.offset, moved.help, moved.length) == (
        "spf-syntax",
        "no term",
        13,
        "write one",
        2,
    )
    assert fault.offset == 3
    assert fault.moved(0, "tlsrpt-record").rule == "tlsrpt-record"


def test_a_fault_needs_no_more_than_rule_and_message():
    fault = RecordError("spf-syntax", "no term")
    assert (fault.offset, fault.help, fault.length, str(fault)) == (0, "", 0, "no term")


def test_a_fault_survives_the_way_between_processes():
    fault = pickle.loads(pickle.dumps(RecordError("spf-syntax", "no term", 3, "write one", 2)))
    assert (fault.rule, str(fault), fault.offset, fault.help, fault.length) == (
        "spf-syntax",
        "no term",
        3,
        "write one",
        2,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("a" * 61, "a" * 60),
        ("bücher", "bücher"),
        ("a\nb", "a\\u000ab"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_cannot_be_printed_is_shown_by_its_number(text, expected):
    assert shown(text) == expected


@given(st.text(), st.integers(0, 70))
def test_whatever_is_shown_is_printable(text, limit):
    assert shown(text, limit).isprintable()
