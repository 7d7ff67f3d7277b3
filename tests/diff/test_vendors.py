"""What locks know of vendors, in a diff."""

from __future__ import annotations

from generator.diff import compare
from generator.diff.model import Diff
from generator.lock.text import text
from tests.diff.scenarios import grave, line, state
from tests.lock.worlds import lock
from tests.support import TODAY

BODY = "domain: example.com\nstage: enforce\ndmarc: {reports: [valimail]}\nspf: {also: [%s]}\n"


def diff(old: str, new: str, before: dict[str, str] | None, after: dict[str, str] | None) -> Diff:
    def files(terms: str, world: dict[str, str] | None) -> dict[str, str]:
        made = {"zones/case.yaml": BODY % terms}
        return made | ({"zones/_lock.yaml": text(lock(world))} if world else {})

    return compare(state(files(old, before), "old"), state(files(new, after), "new"), TODAY)


def said(found: Diff) -> list[str]:
    return [line(effect) for one in found.domains for effect in one.effects]


RANGES = '"ip4:8.8.8.0/24", "ip4:8.8.4.0/24"'
WORLD = {
    "_spf.vendor.example": "v=spf1 include:inner.vendor.example ip4:8.8.8.0/24 -all",
    "inner.vendor.example": "v=spf1 ip4:8.8.4.0/24 -all",
}


def test_an_include_flattened_to_all_that_it_holds_loses_nothing():
    assert not grave(diff('"include:_spf.vendor.example"', RANGES, WORLD, WORLD))


def test_an_include_flattened_to_less_loses_it():
    (effect,) = grave(diff('"include:_spf.vendor.example"', '"ip4:8.8.8.0/24"', WORLD, WORLD))
    assert effect.rule == "change-range-lost"
    assert "no longer passes include:_spf.vendor.example." in effect.text


def test_ranges_that_an_include_holds_are_not_lost():
    assert not grave(diff(RANGES, '"include:_spf.vendor.example"', WORLD, WORLD))
    assert grave(diff(RANGES, '"include:_spf.vendor.example"', None, None))


def test_a_vendor_that_moved_is_told_although_no_record_of_ours_differs():
    moved = WORLD | {"inner.vendor.example": "v=spf1 ip4:9.9.9.0/24 -all"}
    found = diff('"include:_spf.vendor.example"', '"include:_spf.vendor.example"', WORLD, moved)
    assert said(found) == [
        "note: What include:_spf.vendor.example passes has changed by its vendor: "
        "no longer 8.8.4.0/24; 9.9.9.0/24 too."
    ]


def test_a_lock_that_comes_or_is_the_same_says_nothing():
    term = '"include:_spf.vendor.example"'
    assert said(diff(term, term, WORLD, WORLD)) == []
    assert said(diff(term, term, None, WORLD)) == []
    assert said(diff(term, term, WORLD, None)) == []
