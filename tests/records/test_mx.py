"""MX data, the null MX of RFC 7505 included."""

# ruff: noqa: PT017 - in properties an error may come or not; if it does, it is looked at

from __future__ import annotations

import dns.exception
import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.records import mx
from generator.records.error import RecordError
from generator.records.mx import NULL, Mx
from generator.rules import RULES


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10 mx.example.com.", "10 mx.example.com."),
        ("10 MX.Example.COM", "10 mx.example.com."),
        ("  0010\t \tmx.example.com  ", "10 mx.example.com."),
        ("0 mx", "0 mx."),
        ("65535 mx.example.com", "65535 mx.example.com."),
        ("10 _mx.example.com", "10 _mx.example.com."),
        ("10 *.example.com", "10 *.example.com."),
        ("0 .", "0 ."),
        ("00000 .", "0 ."),
    ],
)
def test_legal_data_has_one_canonical_text(text, canonical):
    record = mx.parse(text)
    assert str(record) == canonical
    assert mx.parse(str(record)) == record


@pytest.mark.parametrize(
    ("text", "rule", "offset"),
    [
        ("", "zone-record", 0),
        ("mx.example.com", "zone-record", 0),
        ("10", "zone-record", 0),
        ("10 ", "zone-record", 0),
        ("10mx.example.com", "zone-record", 0),
        ("-1 mx.example.com", "zone-record", 0),
        ("65536 mx.example.com", "zone-record", 0),
        ("99999999999999999999 mx.example.com", "zone-record", 0),
        ("1\u0660 mx.example.com", "zone-record", 0),
        ("10 mx.example.com 20", "zone-record", 0),
        ("10 mx..example.com", "zone-record", 3),
        ("10 .example.com", "zone-record", 3),
        ("10 mx.example.com..", "zone-record", 3),
        ("10 ..", "zone-record", 3),
        ("10 mx.example.com;comment", "zone-record", 3),
        ('10 "mx.example.com"', "zone-record", 3),
        ("10 mx\\032x.example.com", "zone-record", 3),
        ("10 bücher.example", "zone-record", 3),
        ("10 mx\x00.example.com", "zone-record", 3),
        (f"10 {'x' * 64}.example.com", "zone-record", 3),
        (f"10 {'a.' * 126}bc", "zone-record", 3),
        ("10 .", "zone-null-mx-mixed", 0),
    ],
)
def test_faulty_data_is_refused_by_rule_and_place(text, rule, offset):
    with pytest.raises(RecordError) as caught:
        mx.parse(text)
    assert (caught.value.rule, caught.value.offset) == (rule, offset)


def test_the_null_MX_is_known():
    assert mx.parse("0 .") == NULL
    assert NULL.null
    assert not mx.parse("0 mx.example.com").null


label = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?", fullmatch=True)
host = st.lists(label, min_size=1, max_size=6).map(lambda ls: ".".join(ls) + ".")


@given(st.integers(0, 65535), host)
def test_what_is_printed_is_read_again(preference, name):
    made = Mx(preference, name)
    if len(name) > 254:
        with pytest.raises(RecordError):
            mx.parse(str(made))
    else:
        assert mx.parse(str(made)) == made


@given(st.text(), st.integers(0, 70000))
def test_any_text_is_MX_data_or_a_RecordError(text, preference):
    """Whatever is read as MX data, dnspython reads as the same data."""
    for given_text in (text, f"{preference} {text}"):
        try:
            record = mx.parse(given_text)
        except RecordError as error:
            assert error.rule in RULES
            assert 0 <= error.offset <= len(given_text)
        else:
            assert mx.parse(str(record)) == record
            try:
                judged = dns.rdata.from_text("IN", "MX", str(record))
            except dns.exception.DNSException as error:  # pragma: no cover - a failure
                pytest.fail(f"dnspython refuses {record}: {error!r}")
            assert judged.preference == record.preference
