"""Old lock and new answers to a new lock: name by name, and never with a hole."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.lock import Held, Lock
from generator.lock.needs import Kind, Need
from generator.lock.renew import alike, renew
from generator.simulate.world import Answer
from tests.lock.worlds import Told, lock, sets
from tests.support import TODAY

BEFORE = TODAY - timedelta(10)
ROOTS = [Need("v.example", Kind.SPF)]
OLD: dict[str, Told] = {
    "v.example": "v=spf1 include:a.v.example -all",
    "a.v.example": "v=spf1 ip4:192.0.2.0/24 -all",
}


def _renew(new: dict[str, Told], failed: dict[str, str] | None = None, old=None, **how):
    found = {name: sets(told) for name, told in new.items()}
    before = lock(OLD, BEFORE) if old is None else old
    return renew(before, found, failed or {}, how.pop("roots", ROOTS), TODAY, **how)


def _texts(made: Lock) -> dict[str, str]:
    return {name: entry.sets["TXT"].answer.data[0] for name, entry in made.entries.items()}


def test_an_unchanged_world_changes_the_day_only():
    made = _renew(OLD)
    assert _texts(made.lock) == OLD
    assert (made.lock.seen, made.kept, made.refused, made.taken) == (TODAY, (), (), 2)
    assert {(e.first, e.seen) for e in made.lock.entries.values()} == {(BEFORE, TODAY)}


def test_a_new_name_comes_in_with_todays_date():
    new = {**OLD, "v.example": "v=spf1 include:a.v.example include:b.v.example -all",
           "b.v.example": "v=spf1 ip4:198.51.100.0/24 -all"}  # fmt: skip
    made = _renew(new)
    assert _texts(made.lock) == new
    assert made.lock.entries["b.v.example"].first == TODAY
    assert made.lock.entries["v.example"].first == BEFORE


def test_what_nothing_leads_to_any_more_is_dropped():
    made = _renew({"v.example": "v=spf1 include:c.example -all", "c.example": "v=spf1 mx -all"},
                  accepted=["v.example"])  # fmt: skip
    assert set(made.lock.entries) == {"v.example", "c.example"}


def test_nothing_is_dropped_while_declarations_are_incomplete():
    made = _renew({}, roots=[], complete=False)
    assert _texts(made.lock) == OLD


def test_a_name_that_does_not_answer_keeps_its_entry_and_its_day():
    made = _renew({"v.example": OLD["v.example"]}, {"a.v.example": "silence"})
    assert _texts(made.lock) == OLD
    assert made.lock.age("a.v.example", TODAY) == 10
    assert made.lock.age("v.example", TODAY) == 0
    assert made.kept == (("a.v.example", "silence"),)


def test_a_name_that_never_answered_is_not_locked():
    made = _renew({}, {"v.example": "silence"}, Lock())
    assert made.lock.entries == {}
    assert made.kept == (("v.example", "silence"),)


def test_a_name_with_one_bad_answer_of_two_is_kept_whole():
    old = lock({"h.example": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]}}, BEFORE)
    made = _renew({"h.example": {"A": ["192.0.2.2"]}}, {"h.example": "AAAA: silence"}, old,
                  roots=[Need("h.example", Kind.HOST)])  # fmt: skip
    assert made.lock.entries == old.entries


def test_a_record_that_leads_to_silence_is_not_taken_and_neither_is_what_leads_to_it():
    """The old tree holds together; half of the new one would break the include."""
    new = {
        "v.example": "v=spf1 include:a.v.example include:b.v.example -all",
        "a.v.example": OLD["a.v.example"],
        "b.v.example": "v=spf1 include:c.v.example -all",
    }
    made = _renew(new, {"c.v.example": "silence"})
    assert _texts(made.lock) == OLD
    assert [name for name, _ in made.kept] == ["b.v.example", "c.v.example", "v.example"]
    assert dict(made.kept)["v.example"] == "it leads to b.v.example, of which nothing is known"
    assert made.lock.age("v.example", TODAY) == 10


def test_a_refused_answer_is_not_taken_until_it_is_accepted():
    new = {**OLD, "a.v.example": "v=spf1 +all"}
    made = _renew(new)
    assert _texts(made.lock) == OLD
    assert made.refused == (("a.v.example", "its SPF lets everybody pass"),)
    assert made.lock.age("a.v.example", TODAY) == 10
    made = _renew(new, accepted=["a.v.example"])
    assert _texts(made.lock) == new
    assert made.refused == ()


def test_a_first_answer_that_lets_everybody_pass_is_refused_too():
    made = _renew({"v.example": "v=spf1 +all"}, old=Lock())
    assert made.lock.entries == {}
    assert [name for name, _ in made.refused] == ["v.example"]


def test_to_renew_one_name_leaves_the_others_alone():
    made = _renew({"a.v.example": "v=spf1 ip4:192.0.2.0/23 -all"}, whole=False)
    assert made.lock.seen == BEFORE
    assert made.lock.age("a.v.example", TODAY) == 0
    assert made.lock.age("v.example", TODAY) == 10
    assert set(made.lock.entries) == set(OLD)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("v=spf1 a mx -all", "v=spf1 mx a -all", True),
        ("v=spf1 a mx -all", "v=spf1 a  mx -all", True),
        ("v=spf1 -a mx -all", "v=spf1 mx -a -all", False),
        ("v=spf1 a -all mx", "v=spf1 a -all", False),
        ("v=spf1 a -all", "v=spf1 a ~all", False),
        ("v=spf1 a a -all", "v=spf1 a -all", False),  # each counts for itself
        ("v=spf1 nonsense a", "v=spf1 a nonsense", False),
        ("p=abc", "p=abd", False),
    ],
)
def test_answers_that_mean_the_same(one: str, other: str, same: bool):
    assert alike(Answer("ok", (one,)), Answer("ok", (other,))) is same
    assert not alike(Answer("ok", (one,)), Answer("nxdomain"))
    assert not alike(Answer("nodata"), Answer("nxdomain"))


def test_what_means_the_same_stays_as_it_was_written_with_the_longer_ttl():
    old = lock({"v.example": "v=spf1 a mx -all"}, BEFORE)
    found = {"v.example": {"TXT": Held(Answer("ok", ("v=spf1 mx a -all",)), 17)}}
    made = renew(old, found, {}, ROOTS, TODAY)
    assert made.lock.entries["v.example"].sets == old.entries["v.example"].sets
    found["v.example"]["TXT"] = Held(Answer("ok", ("v=spf1 mx a -all",)), 86400)
    made = renew(old, found, {}, ROOTS, TODAY)
    assert made.lock.entries["v.example"].sets["TXT"] == Held(
        Answer("ok", ("v=spf1 a mx -all",)), 86400
    )


_NAMES = ["v.example", *(f"n{i}.example" for i in range(4))]
_RECORDS = st.lists(
    st.sampled_from(["a", "ip4:192.0.2.1", *(f"include:{n}" for n in _NAMES)]), max_size=3
).map(lambda terms: " ".join(["v=spf1", *terms, "-all"])) | st.just("-")
_ANSWERS = st.dictionaries(st.sampled_from(_NAMES), _RECORDS)


@given(_ANSWERS, st.dictionaries(st.sampled_from(_NAMES), _RECORDS | st.none()))
def test_no_run_loses_what_is_still_needed(old: dict[str, str], new: dict[str, str | None]):
    """Whatever answers or fails: an entry that is still led to is there, old or new, and whole."""
    before = renew(Lock(), {n: sets(t) for n, t in old.items()}, {}, ROOTS, date(2026, 1, 1)).lock
    found = {name: sets(told) for name, told in new.items() if told is not None}
    failed = {name: "silence" for name, told in new.items() if told is None}
    after = renew(before, found, failed, ROOTS, TODAY)
    for name in failed.keys() & after.lock.entries.keys():
        assert after.lock.entries[name] == before.entries[name]
    for name, _ in after.refused:
        assert after.lock.entries.get(name) in (None, before.entries.get(name))
    if "v.example" in before.entries:
        assert "v.example" in after.lock.entries
    for name, entry in after.lock.entries.items():
        if entry.seen == TODAY:
            assert alike(entry.sets["TXT"].answer, found[name]["TXT"].answer)
        else:
            assert entry == before.entries[name]
