"""Which records differ, and which of their pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diff.model import Side
from generator.diff.parts import parts
from generator.diff.records import changes
from generator.values import Kind, Value
from tests.cases import with_keys

DKIM = "v=DKIM1; k=rsa; p=<rsa1024>"


def value(
    text: str, kind: Kind = Kind.SPF, name: str = "x.example.", type: str = "TXT", ttl: int = 60
) -> Value:
    return Value(name, type, ttl, with_keys(text), kind, ())


def side(*values: Value) -> Side:
    return Side("x.example", "x.example", values)


@pytest.mark.parametrize(
    ("kind", "old", "new", "pieces"),
    [
        (Kind.SPF, "v=spf1 a -all", "v=spf1 a -all", []),
        (Kind.SPF, "v=spf1  A  -ALL ", "v=spf1 +a -all", []),
        (Kind.SPF, "v=spf1 a mx -all", "v=spf1 mx a -all", []),
        (Kind.SPF, "v=spf1 a a mx -all", "v=spf1 mx a -all", []),
        (Kind.SPF, "v=spf1 ?a mx -all", "v=spf1 mx ?a -all", ["one order → another order"]),
        (Kind.SPF, "v=spf1 a -all", "v=spf1 mx ~all", ["- a", "-all → ~all", "+ mx"]),
        (Kind.SPF, "v=spf1 a -all", "v=spf1 ?a -all", ["a → ?a"]),
        (Kind.SPF, "v=spf1 a -all", "v=spf1 bad:", ["v=spf1 a -all → v=spf1 bad:"]),
        (Kind.DMARC, "v=DMARC1;p=none", "v=DMARC1; p=none;", []),
        (Kind.DMARC, "v=DMARC1; p=none;", "v=DMARC1; p=reject; t=y;", ["p=none → p=reject", "+ t=y"]),
        (
            Kind.DMARC,
            "v=DMARC1; p=none; sp=none; rua=mailto:a@x.example,mailto:b@x.example;",
            "v=DMARC1; p=none; rua=mailto:b@x.example,mailto:c@x.example;",
            ["- sp=none", "- rua=mailto:a@x.example", "+ rua=mailto:c@x.example"],
        ),
        (Kind.DKIM, DKIM, "k=rsa; p=<rsa1024>", []),
        (Kind.DKIM, DKIM, "v=DKIM1; p=<rsa1024!80> <rsa1024+80>", []),
        (Kind.DKIM, DKIM, f"{DKIM}; t=y", ["+ t=y"]),
        (Kind.MX, "10 a.", "10 b.", ["10 a. → 10 b."]),
    ],
)  # fmt: skip
def test_pieces(kind, old, new, pieces):
    found = parts(kind, value(old, kind), value(new, kind))
    assert [str(part) for part in found] == pieces


def test_keys_are_shown_by_fingerprint_never_in_full():
    (part,) = parts(
        Kind.DKIM, value(DKIM, Kind.DKIM), value("v=DKIM1; k=ed25519; p=<ed25519>", Kind.DKIM)
    )[:1]
    assert part.was.startswith("rsa 1024 key ")
    assert part.text.startswith("ed25519 256 key ")
    assert len(str(part)) < 100


def test_an_alias_takes_the_place_of_a_key():
    old = value(DKIM, Kind.DKIM, "s._domainkey.x.example.")
    new = value("k.vendor.example.", Kind.DKIM, "s._domainkey.x.example.", "CNAME")
    (change,) = changes(side(old), side(new))
    assert str(change.parts[0]).endswith("→ CNAME k.vendor.example.")


def test_records_that_may_stand_once_follow_each_other_and_others_come_and_go():
    old = side(value("v=spf1 -all"), value("10 a.", Kind.MX, type="MX"))
    new = side(value("v=spf1 ~all"), value("10 b.", Kind.MX, type="MX"))
    assert [(c.kind, c.old is None, c.new is None) for c in changes(old, new)] == [
        (Kind.SPF, False, False),
        (Kind.MX, False, True),
        (Kind.MX, True, False),
    ]


def test_a_ttl_alone():
    (change,) = changes(side(value("v=spf1 -all")), side(value("v=spf1 -all", ttl=300)))
    assert change.same_meaning


def test_the_order_of_records_does_not_count():
    values = [value("v=spf1 -all"), value("10 a.", Kind.MX, type="MX"), value("t", Kind.PLAIN)]
    assert changes(side(*values), side(*reversed(values))) == ()


SIDES = st.lists(
    st.builds(
        value,
        st.sampled_from(["v=spf1 -all", "v=spf1 a -all", "v=spf1 mx -all"]),
        st.sampled_from([Kind.SPF, Kind.PLAIN]),
        st.sampled_from(["x.example.", "y.x.example."]),
        ttl=st.sampled_from([60, 300]),
    ),
    max_size=5,
    unique_by=lambda v: (v.name, v.kind, v.text),
)


@given(SIDES, SIDES)
def test_applying_the_changes_makes_the_new_of_the_old(old, new):
    found = changes(side(*old), side(*new))
    left = [v for v in old if not any(c.old is v for c in found)]
    assert sorted([*left, *(c.new for c in found if c.new)]) == sorted(new)
