"""What SPF knows of a client, and macros."""

from __future__ import annotations

import pytest

from generator.records import macro
from generator.simulate.client import Client, cut, is_queryable, transformed
from generator.simulate.spf import check
from generator.simulate.world import Records

# RFC 7208 7.4: the examples of the standard.
EXAMPLE = Client("192.0.2.3", "mail.example.com", "strong-bad@email.example.com")
SIX = Client("2001:db8::cb01", "mail.example.com", "strong-bad@email.example.com")


def expanded(text, client):
    parts = []
    for part in macro.parse(text):
        if isinstance(part, str):
            parts.append(part)
            continue
        letter = part.letter.lower()
        value = "email.example.com" if letter == "d" else client.value(letter)
        parts.append(transformed(part, value))
    return "".join(parts)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("%%%_%-", "% %20"),
    ],
)
def test_the_examples_of_the_standard(text, result):
    assert expanded(text, EXAMPLE) == result


def test_the_example_with_an_ipv6_address():
    nibbles = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
    assert expanded("%{ir}.%{v}._spf.%{d2}", SIX).lower() == f"{nibbles}.ip6._spf.example.com"
    assert SIX.reverse_name == f"{nibbles}.ip6.arpa"
    assert EXAMPLE.reverse_name == "3.2.0.192.in-addr.arpa"


@pytest.mark.parametrize(
    ("sender", "local", "domain"),
    [
        ("", "postmaster", "h.test"),
        ("@a.test", "postmaster", "a.test"),
        ("a.test", "postmaster", "a.test"),
        ("jo@a.test", "jo", "a.test"),
        ('"x@y"@a.test', '"x@y"', "a.test"),
        ("jo@bücher.example", "jo", "xn--bcher-kva.example"),
        ("jo@b\u200bad\u0300\u2028.example", "jo", "b\u200bad\u0300\u2028.example"),
    ],
)
def test_the_sender(sender, local, domain):
    client = Client("192.0.2.1", "h.test", sender)
    assert (client.local, client.domain) == (local, domain)
    assert check(Records({}), client).result == "none"


def test_an_address_must_be_one():
    with pytest.raises(ValueError, match=r"192\.0\.2"):
        Client("192.0.2", "h.test", "")
    mapped = Client("::ffff:192.0.2.3", "h.test", "")
    assert (mapped.version, mapped.shown) == (4, "192.0.2.3")


def test_names_that_cannot_be_asked_for():
    assert is_queryable("a" * 63 + ".test")
    assert not any(
        map(is_queryable, ("", ".", "a..b", "a" * 64 + ".b", "a." * 127 + "a", "é.test"))
    )
    assert cut("a." * 127 + "a") == "a." * 126 + "a"
    assert cut("a" * 300) == ""


def test_an_internationalised_sender_is_checked():
    records = Records({"xn--bcher-kva.example": {"TXT": ("v=spf1 ip4:192.0.2.1 -all",)}})
    assert check(records, Client("192.0.2.1", "h.test", "jo@bücher.example")).result == "pass"
