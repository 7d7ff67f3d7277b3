"""No text makes lint fail, no private key is shown, and no order of records changes anything."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import assume, example, given
from hypothesis import strategies as st

from generator.finding import Finding, render
from generator.lint.others import lint_octodns, lint_zone
from generator.lint.texts import KINDS, lint_text
from generator.report import FORMATS, render_all
from generator.rules.example import examples
from tests.lint.lintcases import texts
from tests.support import ROOT

ZONES = [text.raw for text in texts("zones")] + [
    path.read_bytes() for path in sorted((ROOT / "tests" / "data" / "zones").glob("*.zone"))
]
OCTODNS = [text.raw for text in texts("octodns")]
RECORDS = {
    kind: [t for e in examples().values() if e.kind == kind for t in (*e.bad.values(), *e.good.values())]
    for kind in KINDS
}  # fmt: skip

# What upsets readers, put anywhere into a text.
PIECES = st.sampled_from(
    [
        b'"', b"(", b")", b";", b"\\", b"\n", b"\r\n", b"\t", b" ", b"$ORIGIN ", b"$TTL x", b"$INCLUDE f",
        b"$GENERATE 1-2 ", b" MX ", b" TXT ", b" \\# 3 abcdef", b" TYPE15 ", b"\\000", b"\\300", b"@", b".", b"*.",
        b"\xff", b"\xc3\xbc", b"9" * 5000, b" CAA ", b" TLSA ", b" SPF ", b" NS ", b" CNAME ", b" SOA ", b"[", b"{",
        b": ", b"- ", b"null", b"!include x", b"&a ", b"*a", b"v=spf1 ", b"p=", b"a" * 70, b"%{d}", b"=", b",",
        b"X-REFUSED -", b"PRIVATE KEY", b"\x00", b"\x1b[2J", b"\xe2\x80\xae",
    ]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, bases: list[bytes]) -> bytes:
    """A text of which some stretches are replaced."""
    text = draw(st.sampled_from(bases))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 0, 1, 2, 10, 60]))
        text = text[:start] + draw(PIECES | st.binary(max_size=4)) + text[start + length :]
    return text


def sound(found: list[Finding], shown: str, text: bytes) -> None:
    """Fails unless every finding is at a place that exists, and can be printed in every format."""
    lines = text.split(b"\n")
    for one in found:
        place = one.place
        assert place is not None
        assert place.path == shown
        assert place.line <= max(len(lines), len(text.splitlines())) + 1
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", render(one))
        if place.line:
            assert 1 <= place.column <= place.end_column
    for form in FORMATS:
        assert isinstance(render_all(found, form, ""), str)


@given(mutated(ZONES) | st.binary(max_size=300), st.sampled_from(["example.com.", "com.", "."]))
@example(b'$TTL 1\n@ MX "\xff" mx\n', "example.com.")
@example(b"$TTL 1\n@ MX " + b"9" * 5000 + b" mx\n", "example.com.")
@example(b'$TTL 1\na TXT ( "x\n)\n(\n', "example.com.")
@example(b"a X-REFUSED -\nb\n", "example.com.")
def test_any_zone_file_is_read(raw: bytes, zone: str):
    sound(lint_zone(raw, zone, "f", {}), "f", raw)


@given(mutated(OCTODNS) | st.binary(max_size=300))
@example(b"'': {type: TXT, value: ''}\n")
@example(b"'': {type: TXT, value: '\"'}\n")
@example(b"a: {type: MX, value: {exchange: 7, preference: 99999}}\n")
def test_any_octodns_file_is_read(raw: bytes):
    sound(lint_octodns(raw, "example.com.", "f", {}), "f", raw)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_any_text_of_a_record_is_read(kind: str, data: st.DataObject):
    bases = [text.encode() for text in RECORDS[kind]]
    text = data.draw(
        mutated(bases).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
        | st.text(max_size=80)
    )
    found = lint_text(kind, text)
    for one in found:
        assert one.place is not None
        assert one.place.path == f"<{kind}>"
        if one.rule == "private-key":
            continue
        assert 1 <= one.place.column <= one.place.end_column
        assert one.place.end_column <= len(text.split("\n")[one.place.line - 1]) + 2
        assert render(one).isprintable() or "\n" in render(one)


# --- private keys ----------------------------------------------------------------------------


def _private_keys() -> dict[str, bytes]:
    made = {
        "rsa": rsa.generate_private_key(65537, 1024),
        "ec": ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    return {
        name: key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        for name, key in made.items()
    }


PRIVATE = {name: base64.b64encode(der).decode() for name, der in _private_keys().items()}
PEM = "-----BEGIN PRIVATE KEY-----"

Shape = Callable[[str], str]
IN_ZONES: dict[str, Shape] = {
    "a text": lambda key: f'k._domainkey TXT "{key[:200]}" "{key[200:]}"',
    "a record": lambda key: f'k._domainkey TXT "v=DKIM1; p={key[:200]}" "{key[200:]}"',
    "short strings": lambda key: (
        "k._domainkey TXT " + " ".join(f'"{key[at : at + 30]}"' for at in range(0, len(key), 30))
    ),
    "another name": lambda key: f'www TXT "{key[:200]}" "{key[200:]}"',
    "PEM in a comment": lambda key: f"; {PEM}\n; {key[:64]}\n;{key[64:]}",
    "PEM as it is": lambda key: f"{PEM}\n{key[:64]}\n{key[64:]}\n-----END PRIVATE KEY-----",
    "PEM in strings": lambda key: (
        f'k TXT ( "{PEM}"\n  "{key[:40]}"\n  "{key[40:80]}\n"{key[80:]}")'
    ),
}


def secrets(key: str) -> set[str]:
    """Every stretch of ten characters behind the structure that all such keys begin with."""
    return {key[at : at + 10] for at in range(40, len(key) - 10)}


def shown(found: list[Finding]) -> str:
    return "".join(render_all(found, form, "") for form in FORMATS)


@pytest.mark.parametrize("form", IN_ZONES)
@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_key_in_a_zone_file_is_an_error_and_never_shown(name: str, form: str):
    key = PRIVATE[name]
    raw = f"$TTL 1\nx TXT \\9\n{IN_ZONES[form](key)}\n".encode()
    found = lint_zone(raw, "example.com.", "f", {})
    assert "private-key" in {one.rule for one in found}
    assert not any(secret in shown(found) for secret in secrets(key))


@pytest.mark.parametrize("name", PRIVATE)
@pytest.mark.parametrize("form", ["{}", "v=DKIM1\\; p={}", '"{}"', PEM + "{}"])
def test_a_private_key_in_an_octodns_file_is_an_error_and_never_shown(name: str, form: str):
    key = PRIVATE[name]
    raw = f"k._domainkey: {{type: TXT, value: '{form.format(key)}'}}\n".encode()
    found = lint_octodns(raw, "example.com.", "f", {})
    assert "private-key" in {one.rule for one in found}
    assert not any(secret in shown(found) for secret in secrets(key))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PRIVATE)
@pytest.mark.parametrize("form", ["{}", "v=DKIM1; k=rsa; p={}", PEM + "\n{}", "v=spf1 {}"])
def test_a_private_key_in_a_text_is_the_only_finding(name: str, kind: str, form: str):
    key = PRIVATE[name]
    found = lint_text(kind, form.format(key))
    assert [one.rule for one in found] == ["private-key"]
    assert not any(secret in shown(found) for secret in secrets(key))


# --- order -----------------------------------------------------------------------------------


def said(found: list[Finding]) -> Counter[tuple[str, int, str]]:
    """What is found, without the places, which move with the records."""
    return Counter((one.rule, one.severity, one.message) for one in found)


_OWNERS = (
    "@",
    "www",
    "a",
    "_dmarc",
    "_dmarc.a",
    "k._domainkey",
    "*",
    "mx",
    "_mta-sts",
    "mta-sts",
    "_25._tcp.mx",
)
_DATA = (
    'TXT "v=spf1 mx -all"', 'TXT "v=spf1 a:mx.example.com ~all"', 'TXT "v=spf1 -all"', "MX 0 .", "MX 10 mx",
    "MX 20 www", "MX 10 mx.example.net", "CNAME mx", "CNAME web.example.net", "A 8.8.8.8", "A 8.8.8.9",
    'TXT "v=DMARC1; p=reject; np=none"', 'TXT "v=DMARC1; p=none"', 'TXT "v=STSv1; id=1"', 'TXT "v=STSv1; id=2"',
    'TXT "v=DKIM1; p="', 'TXT "k=rsa; p=x"', "TLSA 3 1 0 ab", "TXT v=DMARC1; p=none", 'TXT "x', "A bad", "NS ns.example.net.",
)  # fmt: skip
LINES = st.builds(
    "{} {} {}".format,
    st.sampled_from(_OWNERS),
    st.sampled_from((60, 90, 3600)),
    st.sampled_from(_DATA),
)


@given(st.lists(LINES, unique=True, max_size=10), st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_of_a_zone_file(lines: list[str], random):
    shuffled = random.sample(lines, len(lines))
    assume(shuffled != lines)
    one, other = (
        lint_zone("\n".join(["$TTL 60", *rows, ""]).encode(), "example.com.", "f", {})
        for rows in (lines, shuffled)
    )
    assert said(one) == said(other)


@pytest.mark.parametrize("text", texts("octodns"), ids=lambda text: text.name)
def test_findings_do_not_depend_on_the_order_of_an_octodns_file(text):
    entries = re.split(rb"(?m)^(?=[^\s#-])", text.raw)
    if len(entries) < 3 or text.name == "broken-yaml":
        assert entries  # nothing to turn round
        return
    turned = b"".join(reversed(entries))
    one, other = (lint_octodns(raw, "example.com.", "f", {}) for raw in (text.raw, turned))
    assert said(one) == said(other)


def test_the_parts_of_a_value_may_stand_in_any_order():
    parts = [
        "certificate_association_data: ab",
        "certificate_usage: 0",
        "matching_type: 1",
        "selector: 1",
    ]
    rules = {
        tuple(f.rule for f in lint_octodns(
            f"_25._tcp.mx: {{type: TLSA, value: {{{', '.join(order)}}}}}\n".encode(), "example.com.", "f", {}
        ))
        for order in (parts, parts[::-1], parts[2:] + parts[:2])
    }  # fmt: skip
    assert rules == {("dane-params",)}
