"""MTA-STS: TXT records (RFC 8461 3.1), policy files (3.2) and what a policy covers (4.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.records import mta_sts
from generator.records.mta_sts import MAX_AGE, MtaSts, Policy
from tests.records.strategies import HOST, MTA_STS, PATTERN, POLICIES
from tests.records.vectors import check_any, check_refused, load


@pytest.mark.parametrize("vector", load("mta-sts-valid"), ids=lambda v: repr(v["text"]))
def test_a_legal_record_has_one_canonical_text(vector):
    record = mta_sts.parse(vector["text"])
    assert str(record) == vector["canonical"]
    assert mta_sts.parse(str(record)) == record


@pytest.mark.parametrize("vector", load("mta-sts-invalid"), ids=lambda v: repr(v["text"]))
def test_a_faulty_record_is_refused_by_rule_and_place(vector):
    check_refused(mta_sts.parse, vector)


@pytest.mark.parametrize("vector", load("mta-sts-policy-valid"), ids=lambda v: repr(v["text"]))
def test_a_legal_policy_has_one_canonical_text(vector):
    policy = mta_sts.parse_policy(vector["text"])
    assert str(policy) == vector["canonical"]
    assert mta_sts.parse_policy(str(policy)) == policy


@pytest.mark.parametrize("vector", load("mta-sts-policy-invalid"), ids=lambda v: repr(v["text"]))
def test_a_faulty_policy_is_refused_by_rule_and_place(vector):
    check_refused(mta_sts.parse_policy, vector)


@pytest.mark.parametrize("vector", load("mta-sts-covers"), ids=lambda v: f"{v['mx']} {v['host']}")
def test_a_pattern_covers_one_label_at_most(vector):
    policy = Policy("enforce", 86400, tuple(vector["mx"]))
    assert policy.covers(vector["host"]) is vector["covered"]


def test_the_parts_of_a_policy():
    text = "version: STSv1\nmode: enforce\nmx: a.example\nmx: *.b.example\nmax_age: 7\nx: y\n"
    wanted = Policy("enforce", 7, ("a.example", "*.b.example"), (("x", "y"),))
    assert mta_sts.parse_policy(text) == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=STSv1;", True),
        ("v=STSv1; nonsense", True),
        ("v=STSv1", False),
        ("v=STSv1 ; id=1", False),
        ("v=STSv10; id=1", False),
        ("v=stsv1; id=1", False),
        ("", False),
    ],
)
def test_senders_know_the_record_by_its_beginning(text, expected):
    assert mta_sts.is_mta_sts(text) is expected


# -- properties -------------------------------------------------------------------------------------


@given(MTA_STS)
def test_a_printed_record_is_read_again(made):
    assert mta_sts.parse(str(made)) == made


@given(POLICIES)
def test_a_printed_policy_is_read_again(made):
    assert mta_sts.parse_policy(str(made)) == made
    assert mta_sts.parse_policy(str(made).replace("\r\n", "\n")) == made
    assert (
        str(made).count("\r\n") == str(made).count("\n") == 3 + len(made.mx) + len(made.extensions)
    )


@given(POLICIES)
def test_an_id_fits_the_record_and_follows_the_policy(made):
    assert mta_sts.parse(str(MtaSts(made.id))).id == made.id
    assert made.id == mta_sts.policy_id(str(made))
    longer = Policy(made.mode, (made.max_age + 1) % MAX_AGE, made.mx, made.extensions)
    assert longer.id != made.id


@given(st.lists(PATTERN, max_size=3), HOST)
def test_a_name_is_covered_if_it_or_its_parent_behind_a_star_is_listed(patterns, name):
    _, _, parent = name.partition(".")
    policy = Policy("enforce", 1, tuple(patterns))
    assert policy.covers(name) is (name in patterns or f"*.{parent}" in patterns)
    assert policy.covers(f"{name.upper()}.") is policy.covers(name)


@given(st.text())
def test_any_text_is_a_record_or_a_RecordError(text):
    check_any(mta_sts.parse, text)
    check_any(mta_sts.parse, "v=STSv1; id=1;" + text)


@given(st.text())
def test_any_text_is_a_policy_or_a_RecordError(text):
    check_any(mta_sts.parse_policy, text)
    check_any(mta_sts.parse_policy, f"version: STSv1\nmode: none\nmax_age: 1\n{text}")
    check_any(mta_sts.parse_policy, f"version: STSv1\nmode: none\nmax_age: 1\nx: {text}\n")


@given(POLICIES, st.integers(0, 300), st.characters())
def test_a_policy_with_one_character_changed_is_a_policy_or_a_RecordError(made, at, char):
    text = str(made)
    at %= len(text)
    check_any(mta_sts.parse_policy, text[:at] + char + text[at + 1 :])
