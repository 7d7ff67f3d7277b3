"""TLS-RPT records (RFC 8460 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.records import tls_rpt
from generator.records.tls_rpt import TlsRpt
from tests.records.strategies import TLS_RPT
from tests.records.vectors import check_any, check_refused, load


@pytest.mark.parametrize("vector", load("tls-rpt-valid"), ids=lambda v: repr(v["text"]))
def test_a_legal_record_has_one_canonical_text(vector):
    record = tls_rpt.parse(vector["text"])
    assert str(record) == vector["canonical"]
    assert tls_rpt.parse(str(record)) == record


@pytest.mark.parametrize("vector", load("tls-rpt-invalid"), ids=lambda v: repr(v["text"]))
def test_a_faulty_record_is_refused_by_rule_and_place(vector):
    check_refused(tls_rpt.parse, vector)


def test_several_rua_fields_are_one_list():
    text = "v=TLSRPTv1; rua=mailto:a@x.example; y=z; rua=https://x.example/,mailto:b@x.example"
    wanted = ("mailto:a@x.example", "https://x.example/", "mailto:b@x.example")
    assert tls_rpt.parse(text) == TlsRpt(wanted, (("y", "z"),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=TLSRPTv1;", True),
        ("v=TLSRPTv1; nonsense", True),
        ("v=TLSRPTv1", False),
        ("v=TLSRPTv1 ;", False),
        ("v=tlsrptv1;", False),
        ("", False),
    ],
)
def test_senders_know_the_record_by_its_beginning(text, expected):
    assert tls_rpt.is_tls_rpt(text) is expected


@given(TLS_RPT)
def test_a_printed_record_is_read_again(made):
    assert tls_rpt.parse(str(made)) == made


@given(st.text())
def test_any_text_is_a_record_or_a_RecordError(text):
    check_any(tls_rpt.parse, text)
    check_any(tls_rpt.parse, "v=TLSRPTv1; rua=mailto:a@x.example;" + text)
    check_any(tls_rpt.parse, "v=TLSRPTv1; rua=" + text)


@given(TLS_RPT, st.integers(0, 200), st.characters())
def test_a_record_with_one_character_changed_is_a_record_or_a_RecordError(made, at, char):
    text = str(made)
    at %= len(text)
    check_any(tls_rpt.parse, text[:at] + char + text[at + 1 :])
