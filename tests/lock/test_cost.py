"""What terms cost by the lock, and that no tree of records takes long to count."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.lock import Lock
from generator.lock.tree import tallies
from generator.records import spf
from generator.simulate.cost import count
from generator.simulate.world import NODATA, NXDOMAIN, SERVFAIL, Answer
from tests.lock.worlds import lock
from tests.support import TODAY

VENDOR = lock(
    {
        "vendor.example": "v=spf1 include:a.vendor.example include:b.vendor.example mx -all",
        "a.vendor.example": "v=spf1 ip4:192.0.2.0/24 -all",
        "b.vendor.example": "v=spf1 a exists:gone.vendor.example include:c.vendor.example ~all",
        "c.vendor.example": "-",
        "gone.vendor.example": {"A": "-"},
        "macro.example": "v=spf1 include:%{i}.vendor.example -all",
        "half.example": "v=spf1 include:unlocked.example a -all",
        "alias.example": "v=spf1 redirect=vendor.example",
        "twice.example": {"TXT": ["v=spf1 -all", "v=spf1 ~all"]},
        "broken.example": "v=spf1 ip4:none -all",
    }
)


@pytest.mark.parametrize(
    ("term", "cost"),
    [
        ("include:a.vendor.example", (1, 0)),
        ("include:b.vendor.example", (4, 2)),  # its exists, and its include, find nothing
        ("include:vendor.example", (7, 2)),
        ("-include:Vendor.Example.", (7, 2)),
        ("redirect=vendor.example", (7, 2)),
        ("include:alias.example", (8, 2)),
        ("include:c.vendor.example", (1, 0)),
        ("include:twice.example", (1, 0)),
        ("include:broken.example", (1, 0)),
        ("include:macro.example", None),
        ("include:half.example", None),
        ("include:never.example", None),
        ("include:%{d}.example", None),
        ("exists:gone.vendor.example", (1, 1)),
        ("a:unknown.example", (1, 0)),
        ("a", (1, 0)),
        ("ptr", (1, 0)),
        ("ip4:192.0.2.1", (0, 0)),
        ("-all", (0, 0)),
        ("exp=why.example", (0, 0)),
    ],
)
def test_the_cost_of_a_term(term: str, cost: tuple[int, int] | None):
    assert VENDOR.cost(term) == cost


def test_the_table_for_the_counter_has_what_is_known():
    costs = VENDOR.term_costs()
    assert costs["include:vendor.example"] == costs["redirect=vendor.example"] == 7
    assert "include:macro.example" not in costs
    assert "include:half.example" not in costs
    record = spf.parse("v=spf1 a include:vendor.example ~include:a.vendor.example -all")
    assert count(record, costs).lookups == 9


def test_records_of_the_project_count_as_they_are_declared():
    own = {"half.example": spf.parse("v=spf1 include:own.example mx -all"),
           "own.example": spf.parse("v=spf1 include:alias.example -all")}  # fmt: skip
    costs = VENDOR.term_costs(own)
    assert costs["include:own.example"] == 9
    assert costs["include:half.example"] == 11
    assert costs["include:vendor.example"] == 7
    assert "include:own.example" not in VENDOR.term_costs()


def test_an_unknown_name_hides_no_cost_that_is_past_the_limit():
    made = lock({"x.example": "v=spf1 a a a a a mx mx mx mx include:unlocked.example -all"})
    assert made.cost("include:x.example") == (11, 0)


@pytest.mark.parametrize(
    "told",
    [
        {"a.example": "v=spf1 include:a.example -all"},
        {"a.example": "v=spf1 include:b.example -all", "b.example": "v=spf1 redirect=a.example"},
        {"a.example": "v=spf1 mx include:b.example include:c.example -all",
         "b.example": "v=spf1 -all", "c.example": "v=spf1 include:d.example include:b.example",
         "d.example": "v=spf1 include:c.example -all"},
    ],
)  # fmt: skip
def test_a_circle_costs_more_than_the_limit(told: dict[str, str]):
    made = lock(told)
    found = made.cost("include:a.example")
    assert found is not None
    assert found[0] > spf.LOOKUP_LIMIT
    assert made.tallies["a.example"].endless
    if "b.example" in told and "redirect" not in told["b.example"]:
        assert not made.tallies["b.example"].endless


def test_hostile_trees_are_counted_at_once():
    """A chain that is deep, one that doubles at each level, and a record of 10,000 terms."""
    deep = {f"n{i}.example": f"v=spf1 include:n{i + 1}.example -all" for i in range(20_000)}
    double = {
        f"d{i}.example": f"v=spf1 include:d{i + 1}.example include:d{i + 1}.example -all"
        for i in range(2_000)
    }
    wide = {"w.example": " ".join(["v=spf1", *(f"include:n{i}.example" for i in range(10_000))])}
    made = lock({**deep, **double, **wide, "n20000.example": "v=spf1 -all"})
    start = time.process_time()
    for name in ("n0.example", "d0.example", "w.example"):
        found = made.cost(f"include:{name}")
        assert found is not None
        assert found[0] > spf.LOOKUP_LIMIT
    assert time.process_time() - start < 10


_NAMES = [f"n{i}.example" for i in range(6)]
_TERMS = st.sampled_from(
    ["a", "mx", "ip4:192.0.2.1", *(f"include:{name}" for name in _NAMES), "include:%{i}.example"]
)
_WORLDS = st.dictionaries(
    st.sampled_from(_NAMES),
    st.lists(_TERMS, max_size=4).map(lambda terms: " ".join(["v=spf1", *terms, "-all"]))
    | st.just("-"),
)


def _walked(name: str, told: dict[str, str], left: int) -> int | None:
    """Look-ups by plain recursion, as a receiver makes them; None if something is unknown."""
    if name not in told:
        return None
    if left <= 0:
        return 1
    if told[name] == "-":
        return 1
    total = 1
    for term in told[name].split()[1:]:
        if term in ("a", "mx"):
            total += 1
        elif term.startswith("include:"):
            inner = _walked(term[8:], told, left - 1) if "%" not in term else None
            if inner is None:
                return None
            total += inner
    return total


@given(_WORLDS)
def test_the_count_is_that_of_a_walk(told: dict[str, str]):
    made = lock(dict(told))
    for name in _NAMES:
        walked = _walked(name, told, 13)
        found = made.cost(f"include:{name}")
        if found is None:
            assert walked is None
        elif walked is not None:
            limit = spf.LOOKUP_LIMIT
            assert found[0] == walked or (found[0] > limit and walked > limit)
        else:
            assert found[0] > spf.LOOKUP_LIMIT


def test_answers_and_what_the_lock_does_not_know():
    assert VENDOR.answer("a.vendor.example", "TXT") == Answer(
        "ok", ("v=spf1 ip4:192.0.2.0/24 -all",)
    )
    assert VENDOR.answer("c.vendor.example", "TXT") == NXDOMAIN
    assert lock({"x.example": {"MX": []}}).answer("x.example", "MX") == NODATA
    assert VENDOR.answer("a.vendor.example", "A") == SERVFAIL
    assert not VENDOR.knows("a.vendor.example", "A")
    assert VENDOR.knows("c.vendor.example", "TXT")


def test_the_age_of_an_entry_is_in_days():
    made = lock({"a.example": "v=spf1 -all"}, date(2026, 11, 1))
    assert made.age("a.example", TODAY) == 20
    assert made.age("a.example", date(2026, 11, 1) + timedelta(1)) == 1
    assert made.age("b.example", TODAY) is None


def test_a_name_that_was_never_asked_for_has_no_tally():
    assert tallies(["x.example"], lambda name: None, Lock().answer) == {}
