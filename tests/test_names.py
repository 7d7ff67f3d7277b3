"""Names as declarations write them, with dnspython as the judge of lengths."""

# ruff: noqa: PT017 - in properties an error may come or not; if it does, it is looked at

from __future__ import annotations

import dns.exception
import dns.name
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from generator.names import NameProblem, display, host, inside, owner
from generator.suffixes import is_public_suffix, organizational_domain
from tests.support import ROOT

HOSTS = yaml.safe_load((ROOT / "tests/data/names-host.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", HOSTS, ids=lambda v: ascii(v["text"]))
def test_a_host_is_its_A_labels_or_is_refused_in_words(vector):
    if "name" in vector:
        assert host(vector["text"]) == vector["name"]
        assert host(vector["name"]) == vector["name"]
        return
    with pytest.raises(NameProblem) as caught:
        host(vector["text"])
    assert vector["refused"] in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("com", "com"),
        ("_DMARC.example.com.", "_dmarc.example.com"),
        ("*", "*"),
        ("*.example.com", "*.example.com"),
        ("*._domainkey.example.com", "*._domainkey.example.com"),
        ("s1_a._domainkey", "s1_a._domainkey"),
        ("_a_", "_a_"),
        ("_dmarc.bücher.example", "_dmarc.xn--bcher-kva.example"),
        ("*.bücher.example", "*.xn--bcher-kva.example"),
        ("4.3.2.1", "4.3.2.1"),
    ],
)
def test_an_owner_may_hold_underscores_and_a_wildcard(text, name):
    assert owner(text) == name


@pytest.mark.parametrize(
    "text",
    ["", ".", "a..b", "a*.example.com", "**.x", "-a.b", "a-.b", "a b", "a/b", "a\\b", "a\tb", "@", "a;b", 'a"b', "a$b", "a\u2028b"],
)  # fmt: skip
def test_an_owner_that_no_zone_should_hold_is_refused(text):
    with pytest.raises(NameProblem) as caught:
        owner(text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("@", "example.com"),
        ("example.com", "example.com"),
        ("example.com.", "example.com"),
        ("EXAMPLE.com", "example.com"),
        ("mg", "mg.example.com"),
        ("a.b", "a.b.example.com"),
        ("mg.example.com", "mg.example.com"),
        ("mg.example.com.", "mg.example.com"),
        ("_dmarc", "_dmarc.example.com"),
        ("*", "*.example.com"),
        ("bücher", "xn--bcher-kva.example.com"),
        ("notexample.com", "notexample.com.example.com"),
        ("com", "com.example.com"),
    ],
)
def test_a_name_is_relative_unless_it_ends_in_the_domain_or_a_dot(text, name):
    assert inside(text, "example.com") == name


@pytest.mark.parametrize("text", ["example.org.", "com.", "notexample.com.", "mg."])
def test_an_absolute_name_outside_the_domain_is_refused(text):
    with pytest.raises(NameProblem, match=r"lies outside example\.com"):
        inside(text, "example.com")


@pytest.mark.parametrize("text", ["", "..", "a..b", "a b", "../x", "@.", "@@"])
def test_a_name_inside_must_be_a_name(text):
    with pytest.raises(NameProblem):
        inside(text, "example.com")


def test_a_relative_name_may_not_grow_too_long():
    domain = "example.com"
    fits = ".".join(["a" * 60] * 3 + ["b" * (253 - 3 * 61 - len(domain) - 1)])
    assert len(inside(fits, domain)) == 253
    with pytest.raises(NameProblem, match="254 characters"):
        inside(fits + "b", domain)


@pytest.mark.parametrize("check", [host, owner])
def test_a_label_has_63_octets_at_most(check):
    assert check("a" * 63 + ".example") == "a" * 63 + ".example"
    with pytest.raises(NameProblem, match="64 characters"):
        check("a" * 64 + ".example")


def test_the_length_of_an_IDN_is_that_of_its_A_labels():
    """63 letters are fine in ASCII, far too many where each takes octets of Punycode."""
    with pytest.raises(NameProblem):
        host("ü" * 63 + ".example")


def test_a_label_of_a_million_characters_is_refused_at_once():
    """Punycode takes quadratic time, so it must not see such a label: hours, if it did."""
    for text in ("xn--" + "a1" * 500_000, "ü" * 1_000_000, "xn--" + "9" * 1_000_000):
        with pytest.raises(NameProblem):
            host(text + ".example")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("example.com", "example.com"),
        ("xn--bcher-kva.example", "bücher.example"),
        ("_dmarc.xn--bcher-kva.example", "_dmarc.bücher.example"),
        ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
        ("xn--999999999.xn--p1ai", "xn--999999999.рф"),
        ("xn--.example", "xn--.example"),
    ],
)
def test_names_are_shown_as_Unicode_where_they_decode(name, shown):
    assert display(name) == shown


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("example.com", "example.com"),
        ("com", "com"),
        ("mg.example.com", "example.com"),
        ("a.b.c.example.com", "example.com"),
        ("a.example.co.uk", "example.co.uk"),
        ("example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("www.xn--bcher-kva.de", "xn--bcher-kva.de"),
    ],
)
def test_the_organizational_domain_follows_the_public_suffix_list(name, domain):
    assert organizational_domain(name) == domain


def test_a_public_suffix_is_known():
    assert is_public_suffix("co.uk")
    assert is_public_suffix("com")
    assert not is_public_suffix("example.com")


# -- properties -------------------------------------------------------------------------------------

label = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True).filter(
    lambda text: text[2:4] != "--"
)
u_label = st.text(st.sampled_from("abcdeßäöüéñçжшюя漢字かなλβδ"), min_size=1, max_size=12)
any_text = st.one_of(
    st.text(), st.text("aä.-_*x1@/ \\\u3002", max_size=30), st.text("xn--a19.", max_size=30)
)


@given(any_text)
@example("xn--a")
@example("xn--\ud800.de")
@example("ä\ud800.de")
@example("⒈.example")
def test_any_text_is_a_name_or_a_NameProblem(text):
    """Every name that is accepted is one for dnspython, and names itself."""
    for check in (host, owner, lambda t: inside(t, "example.com")):
        try:
            name = check(text)
        except NameProblem as problem:
            assert str(problem).isprintable()
            continue
        assert check(name) == name
        assert name == name.lower()
        assert name.isascii()
        assert not name.endswith(".")
        assert dns.name.from_text(name + ".").is_absolute()


@given(st.lists(st.text("ab", min_size=1, max_size=70), min_size=2, max_size=6))
def test_lengths_are_those_of_dnspython(labels):
    text = ".".join(labels)
    try:
        dns.name.from_text(text)
    except dns.exception.DNSException:
        with pytest.raises(NameProblem):
            host(text)
    else:
        assert host(text) == text


@given(st.lists(label, min_size=2, max_size=30))
def test_every_name_that_dnspython_takes_is_taken(labels):
    text = ".".join(labels)
    try:
        dns.name.from_text(text)
        fits = True
    except dns.exception.DNSException:
        fits = False
    try:
        assert host(text) == text
        assert fits
    except NameProblem:
        assert not fits or labels[-1].isdigit()


@given(u_label, label)
def test_both_spellings_of_an_IDN_are_one_name(unicode, rest):
    try:
        name = host(f"{unicode}.{rest}.example")
    except NameProblem:
        return  # letters that IDNA does not let stand side by side
    assert host(name) == name
    assert host(display(name)) == name
    assert inside(display(name), name) == name


@given(st.text())
def test_display_takes_any_text(text):
    assert isinstance(display(text), str)
    assert isinstance(display("xn--" + text), str)
