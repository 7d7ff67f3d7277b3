"""Entries written into files that people edit too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.catalogue.edit import MARK, EditError, block, put
from generator.source import SourceError, parse

ENTRY = {
    "name": "Ours: a name",
    "category": "saas",
    "spf": {"terms": ["include:x.example"]},
    "other": [{"purpose": "tracking", "name": "t", "type": "CNAME", "value": "{domain}.x.example"}],
}
COMMENT = ["Domain Connect template x.example.mail; not reviewed yet. Check:", "- everything"]


def services(text: str) -> dict:
    (document,) = parse(text.encode(), "x").documents
    return document["services"]


def test_a_new_file():
    text = put(None, "ours", ENTRY, COMMENT)
    assert text == (
        "services:\n"
        "  # Domain Connect template x.example.mail; not reviewed yet. Check:\n"
        "  # - everything\n"
        "  ours:\n"
        "    name: 'Ours: a name'\n"
        "    category: saas\n"
        "    spf:\n"
        "      terms: ['include:x.example']\n"
        "    other:\n"
        "      - {purpose: tracking, name: t, type: CNAME, value: '{domain}.x.example'}\n"
    )
    assert text.splitlines()[1].strip().startswith(MARK)
    assert services(text) == {"ours": ENTRY}
    assert put("\n", "ours", ENTRY, COMMENT) == text


OLD = """\
# ours since 2019

services:
  # the first
  first: {name: First, category: saas} # kept

  second:
    name: Second
    category: crm
    # a word in between
    warnings: [one]
  # the third
  third: {name: Third, category: saas}
# the end
"""


def test_an_entry_is_added_behind_all_others():
    text = put(OLD, "ours", ENTRY, COMMENT)
    assert text.startswith(OLD + "\n  # Domain Connect")
    assert list(services(text)) == ["first", "second", "third", "ours"]
    assert services(text)["ours"] == ENTRY


@pytest.mark.parametrize("id", ["first", "second", "third"])
def test_an_entry_is_put_in_the_place_of_another(id):
    text = put(OLD, id, ENTRY, COMMENT)
    assert list(services(text)) == ["first", "second", "third"]
    assert services(text)[id] == ENTRY
    for name in ("first", "second", "third"):
        if name != id:
            assert services(text)[name] == services(OLD)[name]
    kept = ["# ours since 2019", "# the first", "# the third", "# the end"]
    assert [line.strip() for line in text.splitlines() if line.strip() in kept] == kept


def test_importing_again_changes_nothing():
    once = put(OLD, "ours", ENTRY, COMMENT)
    assert put(once, "ours", ENTRY, COMMENT) == once
    both = put(once, "more", ENTRY, COMMENT)
    assert put(both, "ours", ENTRY, COMMENT) == both
    assert both.count(MARK) == 2


def test_the_indentation_of_the_file_is_kept():
    text = put("services:\n    a: {name: A, category: saas}\n", "ours", ENTRY, COMMENT)
    assert "\n    ours:\n        name:" not in text
    assert "\n    ours:\n      name:" in text
    assert list(services(text)) == ["a", "ours"]


def test_a_file_without_a_final_line_break():
    text = put("services:\n  a: {name: A, category: saas}", "ours", ENTRY, [])
    assert list(services(text)) == ["a", "ours"]


@pytest.mark.parametrize(
    "old",
    [
        "services: {a: {name: A, category: saas}}\n",
        "services: {}\n",
        "services:\n",
        "[]\n",
        "a\n",
        "services:\n  a: {name: A, category: saas}\n---\nservices:\n  b: {name: B, category: saas}\n",
        "services:\n  a: {name: A, category: saas}\n...\n",
    ],
)
def test_a_layout_that_leaves_no_place_is_refused(old):
    with pytest.raises(EditError):
        put(old, "ours", ENTRY, COMMENT)


def test_a_file_that_is_no_YAML_is_refused():
    with pytest.raises(SourceError):
        put("services: [\n", "ours", ENTRY, COMMENT)
    with pytest.raises(SourceError):
        put("a: \udcff\n", "ours", ENTRY, COMMENT)


@given(
    st.dictionaries(
        st.text(max_size=8).map("x{}".format),
        st.text(max_size=40) | st.integers(-9, 9**15) | st.booleans() | st.none(),
        max_size=4,
    ),
    st.lists(st.text(max_size=130), max_size=3),
)
def test_whatever_an_entry_or_a_comment_holds_is_read_back(entry, comment):
    """Also line breaks of every kind, which would end a comment."""
    assert services("services:\n" + block("ours", entry, comment)) == {"ours": entry}
