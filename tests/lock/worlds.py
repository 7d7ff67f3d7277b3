"""Locks made of a few words, and at random."""

from __future__ import annotations

import string
from datetime import date

from hypothesis import strategies as st

from generator.lock import Entry, Held, Lock
from generator.simulate.world import Answer
from tests.support import TODAY

Told = str | dict[str, str | list[str]]


def lock(told: dict[str, Told], seen: date = TODAY) -> Lock:
    """A lock of names with their SPF records, or with data by type.

    ``-`` says that the name does not exist, an empty list that it has no records of the type.
    """
    return Lock({name: entry(name, what, seen) for name, what in told.items()}, seen)


def entry(name: str, told: Told, seen: date = TODAY) -> Entry:
    return Entry(name, seen, seen, sets(told))


def sets(told: Told) -> dict[str, Held]:
    by_type = {"TXT": told} if isinstance(told, str) else told
    return {type: _held(data) for type, data in by_type.items()}


def _held(data: str | list[str]) -> Held:
    if data == "-":
        return Held(Answer("nxdomain"))
    listed = [data] if isinstance(data, str) else data
    return Held(Answer("ok", tuple(listed)), 300) if listed else Held(Answer("nodata"))


labels = st.text(string.ascii_lowercase + string.digits + "-_", min_size=1, max_size=12)
names = st.lists(labels, min_size=1, max_size=5).map(".".join)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
_latin = st.text(st.characters(max_codepoint=255), max_size=60)
_pieces = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
_spf = st.lists(
    _pieces
    | st.sampled_from(
        ["-all", "~all", "?all", "mx", "ip6:2001:db8::", "exists:%{i}.x.org", "~", "12"]
    ),
    max_size=6,
).map(lambda terms: " ".join(["v=spf1", *terms]))
_texts = st.lists(_latin | _spf | st.just("v=DMARC1;"), min_size=1, max_size=3)
_helds = st.sampled_from([Held(Answer("nxdomain")), Held(Answer("nodata"))]) | st.builds(
    lambda data, ttl: Held(Answer("ok", tuple(data)), ttl), _texts, st.integers(0, 2**31 - 1)
)
_sets = st.dictionaries(st.sampled_from(["A", "AAAA", "MX", "TXT"]), _helds, min_size=1)


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    """Any lock that can be written, whatever its records hold."""
    entries = {
        name: Entry(name, draw(days), draw(days), draw(_sets))
        for name in draw(st.lists(names, unique=True, max_size=5))
    }
    return Lock(entries, draw(days))
