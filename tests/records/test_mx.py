"""MX data, the null MX of RFC 7505 included."""

from __future__ import annotations

import dns.exception
import dns.name
import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.records import mx
from generator.records.error import RecordError
from generator.records.mx import NULL, Mx
from tests.records.vectors import check_any, check_error, check_refused, load


@pytest.mark.parametrize("vector", load("mx-valid"), ids=lambda v: repr(v["text"]))
def test_legal_data_has_one_canonical_text(vector):
    record = mx.parse(vector["text"])
    assert str(record) == vector["canonical"]
    assert mx.parse(str(record)) == record


@pytest.mark.parametrize("vector", load("mx-invalid"), ids=lambda v: repr(v["text"]))
def test_faulty_data_is_refused_by_rule_and_place(vector):
    check_refused(mx.parse, vector)


@pytest.mark.parametrize("labels", [126, 127])
def test_a_name_has_253_characters_at_most(labels):
    text = f"10 {'a.' * labels}b"
    if labels == 126:
        assert str(mx.parse(text)) == text + "."
    else:
        with pytest.raises(RecordError) as caught:
            mx.parse(text)
        check_error(caught.value, text)


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
        record = check_any(mx.parse, given_text)
        if record is None:
            continue
        try:
            judged = dns.rdata.from_text("IN", "MX", str(record))
        except dns.exception.DNSException as error:  # pragma: no cover - a failure
            pytest.fail(f"dnspython refuses {record}: {error!r}")
        assert judged.preference == record.preference
        assert judged.exchange == dns.name.from_text(record.host)
