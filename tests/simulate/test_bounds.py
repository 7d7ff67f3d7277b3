"""No evaluation can run away: work is counted in questions and calls, never in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from generator.simulate import dmarc, spf
from generator.simulate.client import Client
from generator.simulate.spf import check
from generator.simulate.world import NXDOMAIN, Answer, Records
from tests.simulate import worlds

# One for the record, ten terms of eleven questions at most, eleven for macro p, one for exp.
MOST_QUESTIONS = 1 + 10 * 11 + 11 + 1
CLIENT = Client("192.0.2.1", "h.test", "jo@a.test")
MANY = 10_000


def calls(work: Callable[[], Any]) -> tuple[int, Any]:
    """How many calls, of Python and of C functions, the work takes."""
    count = 0

    def step(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        result = work()
    finally:
        sys.setprofile(before)
    return count, result


class Asked:
    """A world that counts; ``make`` answers for any name."""

    def __init__(self, make: Callable[[str, str], Answer]) -> None:
        self.make = make
        self.questions = 0
        self.octets = 0

    def answer(self, name: str, type: str) -> Answer:
        self.questions += 1
        answer = self.make(name, type)
        self.octets += sum(map(len, answer.data))
        return answer


def ok(*texts: str) -> Answer:
    return Answer("ok", texts)


def spf_everywhere(text: Callable[[str], str]) -> Callable[[str, str], Answer]:
    return lambda name, kind: ok(text(name)) if kind == "TXT" else NXDOMAIN


WORLDS: dict[str, tuple[Callable[[str, str], Answer], str]] = {
    "includes itself": (spf_everywhere(lambda n: f"v=spf1 include:{n} -all"), "permerror"),
    "redirects to itself": (spf_everywhere(lambda n: f"v=spf1 redirect={n}"), "permerror"),
    "grows for ever": (spf_everywhere(lambda n: "v=spf1 include:x.%{d} ?all"), "permerror"),
    "doubles at every level": (
        spf_everywhere(lambda n: "v=spf1 include:l.%{d} include:r.%{d} -all"),
        "permerror",
    ),
    "ten thousand includes": (
        spf_everywhere(lambda n: " ".join(["v=spf1", *(f"include:{i}.b.test" for i in range(MANY))])),
        "permerror",
    ),
    "ten thousand addresses": (
        spf_everywhere(
            lambda n: " ".join(["v=spf1", *(f"ip4:198.51.{i // 250}.{i % 250}" for i in range(MANY))])
            + (" include:b.%{d} -all" if n.count(".") < 8 else " -all")
        ),
        "fail",
    ),
    "ten thousand hosts": (
        spf_everywhere(lambda n: " ".join(["v=spf1", *(f"a:{i}.b.test" for i in range(MANY))])),
        "permerror",
    ),
    "64 KB of macros": (
        spf_everywhere(lambda n: "v=spf1 exists:" + "%{s}" * 16_000 + ".b.test ~all"),
        "softfail",
    ),
    "64 KB of macros in a modifier": (
        spf_everywhere(lambda n: "v=spf1 x=" + "%{s}" * 16_000 + " ~all"),
        "softfail",
    ),
    "64 KB without a space": (spf_everywhere(lambda n: "v=spf1 " + "a/1" * 21_000), "permerror"),
    "64 KB of one label": (spf_everywhere(lambda n: "v=spf1 a:" + "a" * 64_000), "permerror"),
    "ten thousand texts": (lambda n, t: ok(*["x"] * MANY, "v=spf1 -all"), "fail"),
    "ten thousand records": (lambda n, t: ok(*["v=spf1 -all"] * MANY), "permerror"),
    "ten thousand exchangers": (
        lambda n, t: ok("v=spf1 mx -all") if t == "TXT" else ok(*[f"1 {i}.b.test" for i in range(MANY)]),
        "permerror",
    ),
    "ten thousand names of the client": (
        lambda n, t: ok("v=spf1" + " ptr:b.test" * 10 + " -all")
        if t == "TXT"
        else ok(*[f"{i}.c.test" for i in range(MANY)])
        if t == "PTR"
        else ok("198.51.100.1"),
        "fail",
    ),
    "an endless explanation": (
        lambda n, t: ok("v=spf1 exp=e.test -all") if n == "a.test" else ok("%{s}" * 16_000),
        "fail",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WORLDS)
def test_hostile_records_cost_no_more_than_they_weigh(name):
    make, result = WORLDS[name]
    world = Asked(make)
    spf.spf.parse.cache_clear()
    count, verdict = calls(lambda: check(world, CLIENT))
    assert verdict.result == result, verdict
    assert world.questions == verdict.questions <= MOST_QUESTIONS
    assert verdict.lookups <= 11
    assert len(verdict.explanation) <= spf.MAX_EXPLANATION
    # What makes the world counts too, so this is a generous bound on the evaluation itself.
    assert count <= 20 * world.octets + 1000 * world.questions, (count, world.octets)


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(worlds.cases())
def test_no_world_asks_more_than_the_limits_allow(case):
    world, client = case
    asked = Asked(world.answer)
    verdict = check(asked, client)
    assert asked.questions == verdict.questions <= MOST_QUESTIONS
    assert verdict.lookups <= 11
    assert verdict.voids <= 3
    assert len(verdict.path) <= 12


@pytest.mark.parametrize("labels", [1, 2, 7, 8, 9, 127])
def test_a_tree_walk_asks_at_most_eight_times(labels):
    asked = Asked(lambda name, kind: ok("v=DMARC1; p=reject"))
    found = dmarc.walk(asked, ".".join(["a"] * labels))
    assert asked.questions == len(found) == min(labels, 8)
    asked = Asked(lambda name, kind: NXDOMAIN)
    assert dmarc.walk(asked, ".".join(["a"] * labels)) == []
    assert asked.questions <= 8


def test_aliases_that_lead_to_one_another_end():
    loop = Records({"a.test": {"CNAME": ("b.test",)}, "b.test": {"CNAME": ("a.test",)}})
    assert loop.answer("a.test", "TXT").status == "servfail"
