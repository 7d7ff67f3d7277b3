"""DMARC of both generations, by vectors."""

from __future__ import annotations

import pytest
import yaml

from generator.simulate.dkim import KeyState, find_key
from generator.simulate.dmarc import Generation, Judgement, Mail, judge
from generator.simulate.world import Records
from tests.cases import keys
from tests.simulate.worlds import World
from tests.support import ROOT

CASES = yaml.safe_load((ROOT / "tests" / "data" / "simulate" / "dmarc.yaml").read_text())


def world(case):
    table = {name: {"A": ("192.0.2.1",)} for name in case.get("names", ())}
    for name, texts in case["zone"].items():
        listed = texts if isinstance(texts, list) else [texts]
        table[f"_dmarc.{name}"] = {"TXT": tuple(listed)}
    broken = frozenset((name, "TXT") for name in case.get("broken", ()))
    return World(Records(table), broken)


def shown(one: Judgement) -> list[str]:
    act = str(one.disposition)
    if one.share < 100:
        act = f"{one.share} % {act} else {one.otherwise}"
    policy = f"{one.tag}={one.policy} {one.policy_domain}" if one.tag else ""
    return [str(one.outcome), act, policy]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector(case):
    given = case["mail"]
    mail = Mail(
        given["author"],
        given.get("spf", ""),
        tuple(given.get("dkim", ())),
        given.get("open_spf", ""),
        tuple(given.get("open_dkim", ())),
    )
    assert shown(judge(world(case), mail, Generation.NEW)) == case["new"]
    assert shown(judge(world(case), mail, Generation.OLD)) == case["old"]


def test_alignment_is_told():
    case = {"zone": {"example.com": "v=DMARC1; p=reject"}}
    found = judge(world(case), Mail("example.com", "a.example.com", ("b.net",)), Generation.NEW)
    assert (found.spf_aligned, found.dkim_aligned) == (True, False)


KEY = keys()["rsa2048"]


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        ((f"v=DKIM1; k=rsa; p={KEY}",), KeyState.PRESENT),
        ((f"p={KEY}",), KeyState.PRESENT),
        (("v=spf1 -all", f"v=DKIM1; p={KEY}"), KeyState.PRESENT),
        (("v=DKIM1; p=",), KeyState.REVOKED),
        (("v=DKIM1; p=MIIB",), KeyState.FAULTY),
        (("v=spf1 -all",), KeyState.FAULTY),
        ((f"v=DKIM1; p={keys()['rsa512']}",), KeyState.FAULTY),
        ((f"v=DKIM1; s=tlsrpt; p={KEY}",), KeyState.FAULTY),
        ((), KeyState.ABSENT),
    ],
)
def test_a_key_is_found_or_not(texts, state):
    records = Records({"s._domainkey.example.com": {"TXT": texts}})
    found = find_key(records, "S", "Example.com")
    assert found.state is state
    assert found.usable is (state is KeyState.PRESENT)
    assert bool(found.problem) is not found.usable


def test_a_key_is_found_behind_an_alias():
    table = {
        "s._domainkey.example.com": {"CNAME": ("k.vendor.net",)},
        "k.vendor.net": {"TXT": (f"v=DKIM1; t=y; p={KEY}",)},
    }
    found = find_key(Records(table), "s", "example.com")
    assert (found.state, found.testing) == (KeyState.PRESENT, True)
    broken = World(Records(table), frozenset({("s._domainkey.example.com", "TXT")}))
    assert find_key(broken, "s", "example.com").state is KeyState.UNKNOWN
