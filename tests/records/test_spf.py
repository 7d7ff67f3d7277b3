"""SPF records: the grammar of RFC 7208 section 12, canonical text, and the place of every fault."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.records import spf
from generator.records.error import RecordError
from generator.records.spf import Mechanism, Modifier, Spf
from tests.records.strategies import SPF
from tests.records.vectors import check_any, check_error, check_refused, load

VALID = load("spf-valid")
INVALID = load("spf-invalid")


@pytest.mark.parametrize("vector", VALID, ids=lambda v: v["text"])
def test_a_legal_record_has_one_canonical_text(vector):
    """The canonical text is as listed, and parses to an equal record with the same text."""
    record = spf.parse(vector["text"])
    assert str(record) == vector["canonical"]
    assert spf.parse(str(record)) == record


@pytest.mark.parametrize("vector", VALID, ids=lambda v: v["text"])
def test_terms_count_as_RFC_7208_counts_them(vector):
    assert sum(term.lookups for term in spf.parse(vector["text"]).terms) == vector["lookups"]


@pytest.mark.parametrize("vector", INVALID, ids=lambda v: repr(v["text"]))
def test_a_faulty_record_is_refused_by_rule_and_place(vector):
    check_refused(spf.parse, vector)


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("v=spf1 ipv4:192.0.2.1", "write ip4:"),
        ("v=spf1 ipv6:2001:db8::1", "write ip6:"),
        ("v=spf1 redirect:x.example", "a modifier is followed by `=`: redirect=..."),
        ("v=spf1 exp:x.example", "a modifier is followed by `=`: exp=..."),
        ("v=spf1 inclued:x.example", "did you mean `include`?"),
        ("v=spf1 zzzz", "mechanisms are all, include, a, mx, ptr, ip4, ip6, exists"),
        ("v=spf1 exists:50%.x.example", "a literal percent sign is written %%"),
        ("v=spf1 a/24/64", "a/24//64"),
    ],
)
def test_a_fault_says_what_to_write_instead(text, help):
    with pytest.raises(RecordError) as caught:
        spf.parse(text)
    assert caught.value.help == help


def test_the_parts_of_a_record():
    """Every field of mechanisms and modifiers, with defaults where nothing is written."""
    text = "v=spf1 ?a:x.example/24//64 ip6:2001:db8::/32 mx ip4:192.0.2.0/25 redirect=y.example"
    assert spf.parse(text) == Spf(
        (
            Mechanism("a", "x.example", "?", 24, 64),
            Mechanism("ip6", "2001:db8::", "+", None, 32),
            Mechanism("mx"),
            Mechanism("ip4", "192.0.2.0", prefix4=25),
            Modifier("redirect", "y.example"),
        )
    )


def test_all_is_the_first_all():
    assert str(spf.parse("v=spf1 a ~all -all").all) == "~all"
    assert spf.parse("v=spf1 a all=x").all is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=spf1", True),
        ("V=SpF1 junk ü", True),
        ("v=spf1 ", True),
        ("v=spf10", False),
        ("v=spf1mx", False),
        ("v=spf1\t-all", False),
        (" v=spf1", False),
        ('"v=spf1"', False),
        ("v=spf", False),
        ("", False),
    ],
)
def test_receivers_know_SPF_by_its_version(text, expected):
    assert spf.is_spf(text) is expected


@pytest.mark.parametrize("size", [63, 64])
def test_a_label_has_63_characters_at_most(size):
    text = f"include:{'x' * size}.example"
    if size == 63:
        assert str(spf.parse_term(text)) == text
    else:
        with pytest.raises(RecordError, match="63 characters") as caught:
            spf.parse_term(text)
        assert caught.value.rule == "spf-domain-spec"


@pytest.mark.parametrize(("size", "dot"), [(253, ""), (253, "."), (254, ""), (254, ".")])
def test_a_name_has_253_characters_at_most_without_its_final_dot(size, dot):
    name = ("a" * 49 + ".") * 5 + "b" * (size - 250)
    assert len(name) == size
    if size == 253:
        assert spf.parse_term(f"a:{name}{dot}").value == name + dot
    else:
        with pytest.raises(RecordError, match="253 characters"):
            spf.parse_term(f"a:{name}{dot}")


def test_macros_hide_the_length_of_a_name():
    """What comes of a macro is known to receivers only, so lengths are not judged."""
    assert spf.parse_term(f"exists:%{{i}}.{'x' * 70}.example").lookups == 1


def test_the_offset_of_a_term_counts_from_where_it_stands():
    with pytest.raises(RecordError) as caught:
        spf.parse_term("ip4:192.0.2.0/33", 100)
    assert caught.value.offset == 114


def test_a_cached_term_keeps_its_own_offset():
    """Terms are cached by text; the place of a fault is not."""
    for start in (7, 40):
        with pytest.raises(RecordError) as caught:
            spf.parse_term("ip4:1.2.3", start)
        assert caught.value.offset == start + 4


# -- properties -----------------------------------------------------------------------------------


@given(SPF)
def test_what_is_printed_is_read_again(made):
    """parse(str(x)) == x for every record that the types can hold in canonical form."""
    assert spf.parse(str(made)) == made


@given(SPF, st.randoms(use_true_random=False))
def test_spelling_does_not_matter(made, random):
    """More spaces and an upper-case version or mechanism name make the same record."""
    words = []
    for term in made.terms:
        word = str(term)
        if isinstance(term, Mechanism) and random.random() < 0.5:
            head, colon, tail = word.partition(":")
            word = head.upper() + colon + tail
        if isinstance(term, Mechanism) and term.qualifier == "+" and random.random() < 0.5:
            word = "+" + word
        words.append(word)
    text = "V=Spf1 " + "".join(word + " " * random.randint(1, 3) for word in words)
    assert spf.parse(text) == made


@given(st.text())
def test_any_text_is_a_record_or_a_RecordError(text):
    check_any(spf.parse, text)
    check_any(spf.parse, "v=spf1 " + text)


@given(st.text("amxiplncude46:/.-+~?=%{}d 10", max_size=40))
def test_any_text_that_looks_like_SPF_is_a_record_or_a_RecordError(text):
    check_any(spf.parse, "v=spf1 " + text)


@given(SPF, st.integers(0, 200), st.characters())
def test_a_record_with_one_character_changed_is_a_record_or_a_RecordError(made, at, char):
    text = str(made)
    at %= len(text)
    check_any(spf.parse, text[:at] + char + text[at + 1 :])


@given(st.text() | st.text("amxiplncude46:/.-+~?=%{}dü,10", max_size=40), st.integers(0, 9))
def test_any_text_is_a_term_or_a_RecordError_with_its_place(text, start):
    try:
        term = spf.parse_term(text, start)
    except RecordError as error:
        check_error(error, " " * start + text)
        check_error(error.moved(-start), text)
    else:
        assert spf.parse_term(str(term)) == term
