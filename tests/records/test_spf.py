"""SPF records: the grammar of RFC 7208 section 12, canonical text, and the place of every fault."""

# ruff: noqa: PT017 - in properties an error may come or not; if it does, it is looked at

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.records import spf
from generator.records.error import RecordError
from generator.records.spf import Mechanism, Modifier, Spf
from generator.rules import RULES
from tests.support import ROOT

DATA = ROOT / "tests" / "data"
VALID = yaml.safe_load((DATA / "spf-valid.yaml").read_text(encoding="utf-8"))
INVALID = yaml.safe_load((DATA / "spf-invalid.yaml").read_text(encoding="utf-8"))


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
    with pytest.raises(RecordError) as caught:
        spf.parse(vector["text"])
    assert (caught.value.rule, caught.value.offset) == (vector["rule"], vector["offset"])


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

label = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,8}[a-z0-9])?", fullmatch=True)
macro = st.one_of(
    st.builds(
        "%{{{}{}{}{}}}".format,
        st.sampled_from("slodiphvSLODIPHV"),
        st.sampled_from(["", "1", "2", "128"]),
        st.sampled_from(["", "r"]),
        st.text(".-+,/_=", max_size=3),
    ),
    st.sampled_from(["%%", "%_", "%-"]),
)
domain = st.one_of(
    st.builds(lambda labels, top: ".".join([*labels, top]), st.lists(label, min_size=1, max_size=4), st.sampled_from(["com", "example", "xn--p1ai", "c0", "1a"])),
    st.builds(lambda parts, end: ".".join([*parts, end]), st.lists(st.one_of(label, macro), max_size=4), macro),
)  # fmt: skip
qualifier = st.sampled_from("+-?~")
short = st.one_of(st.none(), st.integers(0, 31))
long = st.one_of(st.none(), st.integers(0, 127))
address4 = st.ip_addresses(v=4).map(str)
address6 = st.ip_addresses(v=6).map(str)
mechanism = st.one_of(
    st.builds(Mechanism, st.just("all"), st.just(""), qualifier),
    st.builds(Mechanism, st.sampled_from(["include", "exists"]), domain, qualifier),
    st.builds(Mechanism, st.just("ptr"), st.one_of(st.just(""), domain), qualifier),
    st.builds(
        Mechanism,
        st.sampled_from(["a", "mx"]),
        st.one_of(st.just(""), domain),
        qualifier,
        short,
        long,
    ),
    st.builds(lambda a, q, p: Mechanism("ip4", a, q, p), address4, qualifier, short),
    st.builds(
        lambda a, q, p: Mechanism("ip6", a, q, None, p),
        address6.filter(lambda a: not a.startswith("::ffff:")),
        qualifier,
        long,
    ),
)
ignored = st.builds(
    Modifier,
    st.from_regex(r"[a-z][a-z0-9._-]{0,8}", fullmatch=True).filter(lambda n: n not in ("redirect", "exp")),
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="%"), max_size=20),
)  # fmt: skip
record = st.builds(
    lambda terms, tail: Spf((*terms, *tail)),
    st.lists(st.one_of(mechanism, ignored), max_size=8),
    st.lists(
        st.one_of(
            st.builds(Modifier, st.just("redirect"), domain),
            st.builds(Modifier, st.just("exp"), domain),
        ),
        max_size=2,
        unique_by=lambda m: m.name,
    ),
)


@given(record)
def test_what_is_printed_is_read_again(made):
    """parse(str(x)) == x for every record that the types can hold in canonical form."""
    assert spf.parse(str(made)) == made


@given(record, st.randoms(use_true_random=False))
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


def check_any(text: str) -> None:
    try:
        found = spf.parse(text)
    except RecordError as error:
        assert error.rule in RULES
        assert 0 <= error.offset <= len(text)
        assert "\n" not in error.message
        assert error.message.isprintable()
    else:
        assert spf.parse(str(found)) == found
        assert str(found).isascii()


@given(st.text())
def test_any_text_is_a_record_or_a_RecordError(text):
    check_any(text)
    check_any("v=spf1 " + text)


@given(st.text("amxiplncude46:/.-+~?=%{}d 10", max_size=40))
def test_any_text_that_looks_like_SPF_is_a_record_or_a_RecordError(text):
    check_any("v=spf1 " + text)


@given(record, st.integers(0, 200), st.characters())
def test_a_record_with_one_character_changed_is_a_record_or_a_RecordError(made, at, char):
    text = str(made)
    at %= len(text)
    check_any(text[:at] + char + text[at + 1 :])
