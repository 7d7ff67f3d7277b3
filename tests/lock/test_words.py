"""What changed, as a reviewer reads it."""

from __future__ import annotations

import pytest

from generator.lock import Lock
from generator.lock.tree import canonical
from generator.lock.words import Sender, changes
from generator.records import spf
from tests.lock.worlds import Told, lock

SENDERS = [Sender("example.com", spf.parse("v=spf1 a mx a:x.example include:v.example ~all"))]


def _changes(old: dict[str, Told], new: dict[str, Told], snapshots=None) -> list[str]:
    told = changes(lock(old), lock(new), SENDERS, snapshots or {})
    return [f"{name}: {how}" for name, how in told]


def test_a_vendor_that_grows_is_told_with_what_it_does_to_the_senders():
    old = {
        "v.example": "v=spf1 include:a.v.example ~all",
        "a.v.example": "v=spf1 ip4:192.0.2.0/24 ~all",
    }
    new = {
        "v.example": "v=spf1 include:a.v.example include:b.v.example ~all",
        "a.v.example": "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip4:203.0.113.0/24 ~all",
        "b.v.example": "v=spf1 a a:1.b.v.example a:2.b.v.example mx ip4:192.0.2.0/24 ~all",
    }
    assert _changes(old, new) == [
        "v.example: include:b.v.example added, cost 2 -> 7; example.com now 10 of 10",
        "a.v.example: 2 ranges added",
        "b.v.example: new: 1 range, a, a:1.b.v.example, a:2.b.v.example and 2 more, cost 5",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("v=spf1 a -all", "v=spf1 a -all", None),
        ("v=spf1 a mx -all", "v=spf1 mx a -all", None),
        ("v=spf1 a mx -all", "v=spf1 a -all", "mx removed, cost 3 -> 2"),
        ("v=spf1 a -all", "v=spf1 a ~all", "~all added, -all removed"),
        ("v=spf1 -a mx ~all", "v=spf1 mx -a ~all", "terms in another order"),
        ("v=spf1 ip4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.2 -all", "1 range added, 1 range removed"),
        ("v=spf1 a -all", "v=spf1 nonsense -all", "an SPF record that is not valid, cost 2 -> none"),
        ("v=spf1 a -all", {"TXT": ["v=spf1 -all", "v=spf1 a"]}, "2 SPF records, where one may be, cost 2 -> none"),
        ("v=spf1 a -all", "-", "does not exist any more, cost 2 -> none"),
        ("v=spf1 a -all", {"TXT": []}, "has no TXT any more, cost 2 -> none"),
        ("-", "v=spf1 a -all", "a, -all, cost none -> 2"),
        ("p=abc", "p=abd", "another key"),
        ("-", "p=abd", "a key"),
        ("-", "v=DMARC1;", "a consent to reports"),
        ({"A": ["192.0.2.1", "192.0.2.2"]}, {"A": ["192.0.2.1", "192.0.2.3"]}, "A 192.0.2.3 added, A 192.0.2.2 removed"),
        ({"MX": []}, {"MX": "10 a.example"}, "MX 10 a.example added"),
        ({"A": ["192.0.2.1"], "AAAA": []}, {"A": "-", "AAAA": "-"}, "does not exist any more"),
        ({"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]}, {"A": [], "AAAA": []}, "has no A and no AAAA any more"),
        ({"A": [], "AAAA": []}, {"A": "-", "AAAA": "-"}, "does not exist"),
    ],
)  # fmt: skip
def test_how_an_answer_differs(old: Told, new: Told, told: str | None):
    wanted = [] if told is None else [f"x.example: {told}"]
    assert _changes({"x.example": old}, {"x.example": new}) == wanted


def test_new_and_dropped_names():
    old: dict[str, Told] = {"b.example": "p=abc"}
    new: dict[str, Told] = {"a.example": {"A": ["192.0.2.1"], "AAAA": []}}
    assert _changes(old, new) == [
        "a.example: new: A 192.0.2.1, has no AAAA",
        "b.example: no longer needed",
    ]


def test_the_catalogues_snapshot_counts_until_a_name_is_locked():
    new: dict[str, Told] = {"v.example": "v=spf1 a mx -all"}
    assert _changes({}, new, {"include:v.example": 3}) == [
        "v.example: new: a, mx, -all, cost 3",
    ]
    assert _changes({}, new, {"include:v.example": 1})[0].endswith("; example.com now 6 of 10")


def test_of_many_senders_some_are_named():
    many = [Sender(f"d{i}.example", SENDERS[0].record) for i in range(9)]
    told = changes(Lock(), lock({"v.example": "v=spf1 a -all"}), many, {})
    assert told[0][1].endswith("d0.example now 5 of 10, d1.example now 5 of 10, "
                               "d2.example now 5 of 10 and 6 more")  # fmt: skip


def test_names_are_ordered_from_the_right():
    names = ["b.example", "a.b.example", "z.a.example", "a.example"]
    assert sorted(names, key=canonical) == ["a.example", "z.a.example", "b.example", "a.b.example"]
