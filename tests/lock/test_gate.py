"""Which answers nobody takes without a word."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.lock.gate import broken, everybody, lost, objections, ranges
from generator.records import spf
from generator.simulate.world import Answer
from tests.lock.worlds import Told, entry

TEN = " ".join(f"ip4:192.0.2.{i}" for i in range(0, 20, 2))
SEVEN = " ".join(f"ip4:192.0.2.{i}" for i in range(0, 14, 2))
SIX = " ".join(f"ip4:192.0.2.{i}" for i in range(0, 12, 2))
KEY = "v=DKIM1; k=rsa; p=MIGf"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # addresses
        (f"v=spf1 {TEN} -all", f"v=spf1 {SEVEN} -all", ""),
        (f"v=spf1 {TEN} -all", f"v=spf1 {SIX} -all", "40% of its IPv4 addresses are gone"),
        (f"v=spf1 {TEN} -all", "v=spf1 ip4:192.0.2.0/24 -all", ""),  # fewer terms, more addresses
        ("v=spf1 ip4:192.0.2.0/24 -all", f"v=spf1 {TEN} -all", "96% of its IPv4"),
        ("v=spf1 ip4:192.0.2.1 -all", "v=spf1 ip4:198.51.100.1 -all", "100% of its IPv4"),
        ("v=spf1 ip6:2001:db8::/32 mx -all", "v=spf1 ip4:192.0.2.1 mx -all", "100% of its IPv6"),
        ("v=spf1 ip4:192.0.2.1 -all", "v=spf1 ?ip4:192.0.2.1 -all", "100% of its IPv4"),
        # other terms
        ("v=spf1 include:a.example -all", "v=spf1 include:b.example -all", "include:a.example is gone"),
        ("v=spf1 a mx a:b.example -all", "v=spf1 a -all", "a:b.example, mx are gone"),
        ("v=spf1 a mx a:b.example a:c.example -all", "v=spf1 a mx a:b.example -all", ""),
        ("v=spf1 a exp=x.example -all", "v=spf1 a -all", ""),
        ("v=spf1 a -all", "v=spf1 a ~all", ""),
        # nothing left
        ("v=spf1 a -all", "-", "its SPF record is gone"),
        ("v=spf1 a -all", {"TXT": []}, "its SPF record is gone"),
        ("v=spf1 a -all", {"TXT": ["v=spf1 a -all", "v=spf1 a ~all"]}, "no longer valid"),
        ("v=spf1 a -all", "v=spf1 foo -all", "no longer valid"),
        ("v=spf1 foo -all", "-", ""),  # it was of no use before
        ("-", "v=spf1 a -all", ""),
        # everybody
        ("v=spf1 a -all", "v=spf1 a +all", "lets everybody pass"),
        ("v=spf1 a -all", "v=spf1 a ip4:0.0.0.0/0 -all", "lets everybody pass"),
        ("v=spf1 a -all", "v=spf1 a ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", "lets everybody pass"),
        ("v=spf1 a -all", "v=spf1 a ip6:::/0 -all", "lets everybody pass"),
        (None, "v=spf1 +all", "lets everybody pass"),
        ("v=spf1 a +all", "v=spf1 a mx +all", ""),  # accepted once
        ("v=spf1 a -all", "v=spf1 a ?ip4:0.0.0.0/0 -all", ""),
        # keys, and consent
        (KEY, KEY.replace("MIGf", "MIIB"), ""),
        (KEY, "v=DKIM1; p=", "its key is revoked"),
        (KEY, "-", "its TXT record is gone (nxdomain)"),
        (KEY, {"TXT": []}, "its TXT record is gone (nodata)"),
        ("v=DKIM1; p=", "-", ""),
        ("v=DMARC1;", "-", "its TXT record is gone"),
        ("v=DMARC1;", "v=DMARC1; rua=mailto:a@b.example", ""),
        # hosts
        ({"A": ["192.0.2.1"]}, {"A": ["192.0.2.2"]}, ""),
        ({"A": ["192.0.2.1", "192.0.2.2"]}, {"A": ["192.0.2.1"]}, "2 A records became 1"),
        ({"A": ["192.0.2.1"]}, {"A": "-"}, "its A record is gone (nxdomain)"),
        ({"A": ["192.0.2.1"]}, {"A": []}, "its A record is gone (nodata)"),
        ({"AAAA": []}, {"AAAA": "-"}, ""),
        ({"MX": [f"10 m{i}.example" for i in range(5)]}, {"MX": ["10 m1.example"]}, "5 MX records became 1"),
        ({"MX": [f"10 m{i}.example" for i in range(5)]}, {"MX": [f"10 m{i}.example" for i in range(4)]}, ""),
        ({"A": ["192.0.2.1"]}, {"MX": ["10 a.example"]}, ""),
    ],
)  # fmt: skip
def test_what_needs_to_be_accepted(old: Told | None, new: Told, says: str):
    before = None if old is None else entry("x.example", old)
    found = objections(before, entry("x.example", new))
    assert (says in ", ".join(found)) if says else found == []


@pytest.mark.parametrize(
    ("type", "data", "says"),
    [
        ("TXT", ["v=spf1 -all"], ""),
        ("TXT", ["v=DKIM1;\tp="], ""),
        ("TXT", ["v=spf1 " + "a" * 4089], ""),
        ("TXT", ["v=spf1 " + "a" * 4090], "4,097 octets"),
        ("TXT", ["v=spf1 \xe9 -all"], "octet 0xe9"),
        ("TXT", ["v=spf1 \x00 -all"], "octet 0x00"),
        ("A", ["192.0.2.1"] * 100, ""),
        ("A", ["192.0.2.1"] * 101, "101 A records"),
    ],
)
def test_what_nobody_means_to_publish(type: str, data: list[str], says: str):
    found = broken("x.example", type, Answer("ok", tuple(data)))
    assert (says in found) if says else found == ""


_NETWORKS = st.lists(
    st.builds(
        lambda address, bits: str(ipaddress.ip_network((address, bits), strict=False)),
        st.integers(0, 255).map(lambda low: (192 << 24) + low),
        st.integers(24, 32),
    ),
    max_size=6,
)


def _record(networks: list[str]) -> spf.Spf:
    return spf.parse(" ".join(["v=spf1", *(f"ip4:{n}" for n in networks), "-all"]))


@given(_NETWORKS, _NETWORKS)
def test_the_share_that_is_lost_is_that_of_the_addresses(old: list[str], new: list[str]):
    before = {a for n in old for a in ipaddress.ip_network(n)}
    after = {a for n in new for a in ipaddress.ip_network(n)}
    share = len(before - after) / len(before) if before else 0.0
    spans = ranges(_record(old).terms, 4), ranges(_record(new).terms, 4)
    assert lost(*spans) == pytest.approx(share)


@given(st.integers(0, 6), st.booleans())
def test_ranges_that_leave_nobody_out_are_found_however_cut(bits: int, whole: bool):
    networks = list(ipaddress.ip_network("0.0.0.0/0").subnets(bits))
    cut = networks if whole else networks[:-1]
    text = " ".join(["v=spf1", *(f"ip4:{n}" for n in cut), "-all"])
    assert everybody((text,)) is whole
