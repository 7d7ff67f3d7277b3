"""Macro strings of SPF: their parts, and where a fault lies (RFC 7208 section 7)."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.records import macro
from generator.records.error import RecordError
from generator.records.macro import DELIMITERS, EXPLANATION_LETTERS, LETTERS, Macro
from tests.records.vectors import check_error, check_refused, load

VECTORS = load("spf-macros")
SOUND = [vector for vector in VECTORS if "parts" in vector]
FAULTY = [vector for vector in VECTORS if "rule" in vector]


@pytest.mark.parametrize("vector", SOUND, ids=lambda v: repr(v["text"]))
def test_a_macro_string_has_parts(vector):
    wanted = tuple(p if isinstance(p, str) else Macro(*p) for p in vector["parts"])
    found = macro.parse(vector["text"], vector.get("explanation", False))
    assert found == wanted
    assert macro.join(found) == vector.get("canonical", vector["text"])


@pytest.mark.parametrize("vector", FAULTY, ids=lambda v: repr(v["text"]))
def test_a_faulty_macro_string_is_refused_by_rule_and_place(vector):
    check_refused(partial(macro.parse, explanation=vector.get("explanation", False)), vector)


def test_the_place_of_a_fault_counts_from_where_the_text_stands():
    with pytest.raises(RecordError) as caught:
        macro.check("a.%{x}", 10)
    assert caught.value.offset == 12
    with pytest.raises(RecordError) as caught:
        macro.check_domain_spec("a..example", 10)
    assert caught.value.offset == 12


macros = st.builds(
    Macro,
    st.sampled_from(LETTERS + LETTERS.upper()),
    st.none() | st.integers(1, 999_999_999),
    st.booleans(),
    st.text(DELIMITERS, max_size=7),
)
literal = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=8)


@st.composite
def part_lists(draw: st.DrawFn) -> tuple[macro.Part, ...]:
    """Parts as parse gives them: no two literal ones side by side."""
    parts: list[macro.Part] = []
    for part in draw(st.lists(macros | literal, max_size=5)):
        if parts and isinstance(parts[-1], str) and isinstance(part, str):
            parts[-1] += part
        else:
            parts.append(part)
    return tuple(parts)


@given(part_lists())
def test_what_is_joined_is_read_again(parts):
    assert macro.parse(macro.join(parts)) == parts


@given(st.sampled_from(EXPLANATION_LETTERS + EXPLANATION_LETTERS.upper()))
def test_some_letters_stand_only_in_explanations(letter):
    assert macro.parse(str(Macro(letter)), explanation=True) == (Macro(letter),)
    with pytest.raises(RecordError, match="belongs in exp= texts"):
        macro.parse(str(Macro(letter)))


@given(st.text() | st.text("%{}slodiphvcrt019r.-_ ", max_size=12), st.booleans())
def test_any_text_is_a_macro_string_or_a_RecordError(text, explanation):
    try:
        parts = macro.parse(text, explanation)
    except RecordError as error:
        check_error(error, text)
    else:
        assert macro.parse(macro.join(parts), explanation) == parts
