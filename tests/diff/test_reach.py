"""Whom an SPF record lets pass, against the evaluator of RFC 7208 as the judge."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diff.reach import Reach, Spans, listed, reach
from generator.records import spf
from generator.simulate.client import Client
from generator.simulate.spf import Result, check
from generator.simulate.world import NXDOMAIN, Answer

# Small spaces, so that ranges meet: 10.0.0.0/28 and 2001:db8::/124.
FOUR = st.builds(
    lambda last, bits: f"ip4:10.0.0.{last}/{bits}", st.integers(0, 15), st.integers(28, 32)
)
SIX = st.builds(
    lambda last, bits: f"ip6:2001:db8::{last:x}/{bits}", st.integers(0, 15), st.integers(124, 128)
)
QUALIFIED = st.builds(
    lambda q, term: q + term, st.sampled_from(["", "+", "-", "~", "?"]), FOUR | SIX
)
ENDING = st.sampled_from(["", " -all", " ~all", " ?all", " +all"])
RECORDS = st.builds(
    lambda terms, end: "v=spf1" + "".join(f" {t}" for t in terms) + end,
    st.lists(QUALIFIED, max_size=6),
    ENDING,
)
ADDRESSES = [f"10.0.0.{n}" for n in range(16)] + [f"2001:db8::{n:x}" for n in range(16)]


class Texts:
    """A world of TXT records."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def answer(self, name: str, type: str) -> Answer:
        text = self.texts.get(name)
        return Answer("ok", (text,)) if text is not None and type == "TXT" else NXDOMAIN


def passes(texts: dict[str, str], address: str) -> bool:
    client = Client(address, "h.example", "a@example.com")
    return check(Texts(texts), client).result is Result.PASS


def reached(texts: dict[str, str]) -> Reach:
    def known(name: str) -> spf.Spf | None:
        return spf.parse(texts[name]) if name in texts else None

    return reach(spf.parse(texts["example.com"]), "example.com", known)


def holds(found: Reach, address: str) -> bool:
    ip = ipaddress.ip_address(address)
    spans = found.four if ip.version == 4 else found.six
    return found.everyone or any(first <= int(ip) <= last for first, last in spans.items)


@given(RECORDS)
def test_an_address_is_reached_if_it_passes(text: str):
    texts = {"example.com": text}
    found = reached(texts)
    for address in ADDRESSES:
        if found.everyone:  # but for what an earlier term takes away
            continue
        assert holds(found, address) == passes(texts, address), address


@given(st.lists(FOUR, max_size=3), st.lists(FOUR, max_size=3))
def test_records_of_the_same_state_are_followed(outer, inner):
    texts = {
        "example.com": " ".join(["v=spf1", *outer, "include:in.example.com", "-all"]),
        "in.example.com": " ".join(["v=spf1", *inner, "-all"]),
    }
    found = reached(texts)
    assert not found.named
    for address in ADDRESSES:
        assert holds(found, address) == passes(texts, address)


@given(RECORDS, RECORDS)
def test_what_is_lost_passed_before_and_does_not_after(one: str, other: str):
    before, after = reached({"example.com": one}), reached({"example.com": other})
    lost, _ = before.lost(after)
    for address in ADDRESSES:
        inside = any(ipaddress.ip_address(address) in network for network in lost)
        if not before.everyone:
            assert inside == (holds(before, address) and not holds(after, address))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("v=spf1 a mx -all", {"a:example.com", "mx:example.com"}),
        ("v=spf1 a/24//64 a:x.example -all", {"a:example.com/24//64", "a:x.example"}),
        (
            "v=spf1 include:x.example ?include:y.example -include:z.example -all",
            {"include:x.example"},
        ),
        ("v=spf1 exists:%{i}.x.example ~all", {"exists:%{i}.x.example"}),
        ("v=spf1 redirect=x.example", {"redirect=x.example"}),
        ("v=spf1 -all include:x.example", set()),
    ],
)
def test_hosts_that_only_dns_knows_are_named(text, named):
    assert reached({"example.com": text}).named == named


def test_everybody():
    assert reached({"example.com": "v=spf1 +all"}).everyone
    assert reached({"example.com": "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"}).everyone
    assert reached({"example.com": "v=spf1 ip6:::/0 -all"}).everyone
    assert not reached({"example.com": "v=spf1 -all +all"}).everyone
    texts = {"example.com": "v=spf1 redirect=x.example", "x.example": "v=spf1 +all"}
    assert reached(texts).everyone


def test_a_loop_ends():
    texts = {"example.com": "v=spf1 include:example.com ip4:10.0.0.1 -all"}
    assert holds(reached(texts), "10.0.0.1")


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9))),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9))),
)
def test_spans_are_sets(ones, others):
    def spans(pairs):
        made = Spans()
        for first, length in pairs:
            made = made.union(Spans(((first, first + length),)))
        return made, {n for first, length in pairs for n in range(first, first + length + 1)}

    def numbers(made):
        assert all(a[1] + 1 < b[0] for a, b in zip(made.items, made.items[1:], strict=False))
        return {n for first, last in made.items for n in range(first, last + 1)}

    (one, in_one), (other, in_other) = spans(ones), spans(others)
    assert numbers(one.union(other)) == in_one | in_other
    left = {n for first, last in one.minus(other).items for n in range(first, last + 1)}
    assert left == in_one - in_other


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"),
     ("abcde", "a, b, c, d and e"), ("abcdef", "a, b, c, d and 2 more")],
)  # fmt: skip
def test_things_in_a_row(items, text):
    assert listed(items) == text
