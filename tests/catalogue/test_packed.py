"""The compiled catalogue: what is packed comes back, and only what is asked for is parsed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.catalogue import load, packed
from generator.catalogue.packed import pack, unpack

TEXTS = st.text(max_size=20)
ENTRIES = st.dictionaries(
    TEXTS,
    st.fixed_dictionaries(
        {"name": TEXTS, "aliases": st.lists(TEXTS, max_size=3)},
        optional={"docs": st.lists(TEXTS, max_size=2), "n": st.integers() | st.booleans()},
    ),
    max_size=5,
)


@given(ENTRIES)
def test_what_is_packed_comes_back(entries):
    raw = pack(entries)
    assert b"\0" not in raw, "a cache file is cut there"
    found = unpack(raw)
    assert dict(found) == entries
    assert list(found) == list(entries)
    assert len(found) == len(entries)
    assert all(entries[id]["aliases"].count(alias) for alias, id in found.aliases.items())


def test_an_entry_is_parsed_once_and_only_when_asked_for(monkeypatch):
    parsed = []

    class Json:
        @staticmethod
        def loads(raw):
            parsed.append(raw)
            return json.loads(raw)

    raw = pack({"a": {"aliases": ["x"]}, "b": {}, "c": {}})
    monkeypatch.setattr(packed, "json", Json)
    found = unpack(raw)
    assert len(parsed) == 1, "the index"
    assert "a" in found
    assert "x" not in found
    assert list(found) == ["a", "b", "c"]
    assert found.aliases == {"x": "a"}
    assert len(parsed) == 1
    assert found["b"] is found["b"]
    assert len(parsed) == 2
    with pytest.raises(KeyError):
        found["x"]


def test_one_domain_does_not_pay_for_the_whole_catalogue(sandbox):
    """What a run asks of all entries stands in the index."""
    sandbox.write("zones/x.yaml", "domain: example.com\nstage: audit\nservices: [mailchimp]\n")
    project = sandbox.assemble()
    assert not project.errors
    assert set(project.catalogue.shipped._parsed) == {"mailchimp"}


def test_the_index_knows_the_costs_of_single_terms():
    shipped = load().shipped
    assert shipped.costs == packed.costs(shipped.values())
    assert shipped.costs["include:_spf.google.com"] == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        b'{"ids": ["a"], "aliases": {}, "costs": {}}',
        b'{"ids": [], "aliases": {}, "costs": {}}\n{}',
        b'{"ids": 1, "aliases": {}, "costs": {}}',
    ],
)
def test_anything_else_is_refused(raw):
    with pytest.raises(ValueError, match=r"."):
        unpack(raw)
