"""DKIM key records and the keys in them, judged against the cryptography library."""

# ruff: noqa: PT017 - in properties an error may come or not; if it does, it is looked at

from __future__ import annotations

import base64
import random
from functools import cache, partial

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from generator.records import dkim
from generator.records.dkim import Key
from generator.records.error import RecordError
from tests.cases import with_keys
from tests.records.strategies import dkim_records
from tests.records.vectors import check_any, check_error, check_refused, load

VALID = load("dkim-valid")
INVALID = load("dkim-invalid")
SIZES = [1024, 2048, 3072, 4096]
CURVES = [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()]


def encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """A key of this size, made once a session."""
    if bits >= 1024:
        return rsa.generate_private_key(65537, bits)
    return small_rsa_key(bits)


def small_rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """A key too small for the library to make, though not too small for it to read."""
    make = random.Random(bits)

    def prime(size: int) -> int:
        while True:
            n = make.getrandbits(size) | 1 | 3 << (size - 2)
            if n % 65537 != 1 and all(n % d for d in range(3, 200, 2)) and pow(2, n - 1, n) == 1:
                return n

    p, q = prime(bits // 2), prime(bits // 2)
    d = pow(65537, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(65537, p * q)
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


@cache
def spki(bits: int) -> bytes:
    key = rsa_key(bits).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pkcs1(bits: int) -> bytes:
    return rsa_key(bits).public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def ed25519_raw() -> bytes:
    return ed25519_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def ed25519_spki() -> bytes:
    key = ed25519_key().public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    length = bytes([size]) if size < 128 else bytes([0x80 + len(octets)]) + octets
    return bytes([tag]) + length + body


# -- tag lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VALID, ids=lambda v: repr(v["text"]))
def test_a_legal_record_keeps_its_tags_and_their_order(vector):
    record = dkim.parse(vector["text"])
    assert str(record) == vector["canonical"]
    assert dkim.parse(str(record)) == record


@pytest.mark.parametrize("vector", INVALID, ids=lambda v: repr(v["text"]))
def test_a_faulty_record_is_refused_by_rule_and_place(vector):
    check_refused(dkim.parse, vector)


def test_the_tags_have_the_defaults_of_RFC_6376():
    record = dkim.parse("p=AAAA")
    assert (record.key_type, record.flags, record.hashes, record.services) == (
        "rsa",
        (),
        (),
        ("*",),
    )
    assert not record.revoked


def test_lists_in_tags_are_taken_apart():
    record = dkim.parse("v=DKIM1; h=sha1 : sha256; s=email:tlsrpt; t=y : s; k=ed25519; p=")
    assert record.hashes == ("sha1", "sha256")
    assert record.services == ("email", "tlsrpt")
    assert record.flags == ("y", "s")
    assert record.key_type == "ed25519"


def test_an_empty_p_is_a_revoked_key():
    record = dkim.parse("v=DKIM1; p=")
    assert record.revoked
    with pytest.raises(RecordError, match="revoked"):
        record.key()


@pytest.mark.parametrize("vector", load("dkim-key-invalid"), ids=lambda v: repr(v["text"]))
def test_a_fault_inside_a_key_has_its_place_in_the_text(vector):
    for before, behind in (("p=", ""), ("v=DKIM1; k=rsa; p = ", " ; t=s")):
        placed = {"text": f"{before}{vector['text']}{behind}", "offset": len(before)}
        placed["offset"] += vector["offset"]
        check_refused(dkim.check, {**vector, **placed})


@pytest.mark.parametrize("vector", load("dkim-der"), ids=lambda v: v["text"][-24:])
def test_a_key_has_a_size_or_a_fault(vector):
    text = with_keys(vector["text"])
    if "bits" in vector:
        assert dkim.read_key("rsa", text) == Key("rsa", vector["bits"])
    else:
        check_refused(partial(dkim.read_key, "rsa"), {**vector, "text": text})


@pytest.mark.parametrize("vector", load("dkim-keys"), ids=lambda v: v["text"])
def test_a_record_has_a_key_or_a_fault(vector):
    text = with_keys(vector["text"])
    if "bits" in vector:
        assert dkim.check(text)[1] == Key(vector["type"], vector["bits"])
    elif "revoked" in vector:
        assert dkim.check(text)[1] is None
    else:
        with pytest.raises(RecordError) as caught:
            dkim.check(text)
        assert caught.value.rule == vector["rule"]
        check_error(caught.value, text)


def test_an_unknown_key_type_is_told_at_k():
    vector = {"text": "v=DKIM1; k= dsa; p=AAAA", "rule": "dkim-p-type", "offset": 12, "length": 3}
    check_refused(dkim.check, vector)


def test_a_record_is_checked_with_its_key():
    text = f"v=DKIM1; p={encode(spki(1024))}"
    assert dkim.check(text) == (dkim.parse(text), Key("rsa", 1024))
    assert dkim.check("v=DKIM1; p=") == (dkim.parse("v=DKIM1; p="), None)


def test_a_fault_of_bare_base64_has_its_place_in_the_text():
    check_refused(dkim.from_base64, {"text": " AA\nA;A", "rule": "dkim-p-invalid", "offset": 5, "length": 1})  # fmt: skip
    check_refused(dkim.from_base64, {"text": " AA\nAA ", "rule": "dkim-p-type", "offset": 1, "length": 6})  # fmt: skip


# -- public keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [512, *SIZES])
@pytest.mark.parametrize("form", [spki, pkcs1], ids=["SubjectPublicKeyInfo", "RSAPublicKey"])
def test_an_RSA_key_has_the_size_that_cryptography_sees(bits, form):
    assert dkim.read_key("rsa", encode(form(bits))) == Key("rsa", bits)
    assert rsa_key(bits).key_size == bits
    assert load_der_public_key(spki(bits)).key_size == bits


def test_an_Ed25519_key_is_its_bare_32_octets():
    assert dkim.read_key("ed25519", encode(ed25519_raw())) == Key("ed25519", 256)


@pytest.mark.parametrize("bits", [1024, 2048])
def test_a_record_reads_its_own_key(bits):
    text = encode(spki(bits))
    folded = "\r\n ".join(text[at : at + 60] for at in range(0, len(text), 60))
    assert dkim.parse(f"v=DKIM1; k=rsa; p={folded}").key() == Key("rsa", bits)
    assert dkim.parse(f"v=DKIM1; k=rsa; p={folded}").get("p") == text


@pytest.mark.parametrize("bits", [1024, 2048])
@pytest.mark.parametrize("form", [spki, pkcs1], ids=["SubjectPublicKeyInfo", "RSAPublicKey"])
def test_an_RSA_key_cut_off_anywhere_is_refused(bits, form):
    """No beginning of a key is a key, in characters nor in octets with the padding made good."""
    raw = form(bits)
    text = encode(raw)
    for length in range(len(text)):
        with pytest.raises(RecordError):
            dkim.read_key("rsa", text[:length])
    for length in range(len(raw)):
        with pytest.raises(RecordError):
            dkim.read_key("rsa", encode(raw[:length]))


def test_an_Ed25519_key_cut_off_anywhere_is_refused():
    text = encode(ed25519_raw())
    for length in range(len(text)):
        with pytest.raises(RecordError):
            dkim.read_key("ed25519", text[:length])


@pytest.mark.parametrize("extra", [b"\x00", b"\x05\x00", b"A" * 40])
def test_data_behind_a_key_is_refused(extra):
    for raw in (spki(1024), pkcs1(1024), ed25519_raw()):
        with pytest.raises(RecordError) as caught:
            dkim.read_key("ed25519" if len(raw) == 32 else "rsa", encode(raw + extra))
        assert caught.value.rule == "dkim-p-type"


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("rsa", ed25519_raw),
        ("rsa", ed25519_spki),
        ("ed25519", ed25519_spki),
        ("ed25519", lambda: spki(1024)),
        ("ed25519", lambda: pkcs1(2048)),
        ("RSA", lambda: spki(1024)),
        ("", lambda: spki(1024)),
        ("dsa", lambda: spki(1024)),
    ],
)
def test_a_key_of_another_type_than_k_says_is_refused(kind, make):
    with pytest.raises(RecordError) as caught:
        dkim.read_key(kind, encode(make()))
    assert caught.value.rule == "dkim-p-type"


@pytest.mark.parametrize("curve", CURVES, ids=lambda c: c.name)
def test_a_key_of_a_type_that_DKIM_does_not_know_is_refused(curve):
    key = ec.generate_private_key(curve).public_key()
    raw = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(RecordError, match="other type"):
        dkim.read_key("rsa", encode(raw))


NUMBER = b"\x00" + (2**1023 + 1).to_bytes(128, "big")
RSA_ALGORITHM = der(0x30, bytes.fromhex("06092a864886f70d010101"), b"\x05\x00")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (der(0x30, der(2, NUMBER[:-1] + b"\x02"), der(2, b"\x03")), "no RSA key"),
        (der(0x30, der(2, NUMBER), der(2, b"\x01")), "no RSA key"),
        (der(0x30, der(2, NUMBER), der(2, b"\x04")), "no RSA key"),
        (der(0x30, der(2, NUMBER[1:]), der(2, b"\x03")), "no RSA key"),
        (der(0x30, der(2, b""), der(2, b"\x03")), "no RSA key"),
        (der(0x30, der(2, NUMBER)), "no exponent"),
        (der(0x30, der(2, NUMBER), der(2, b"\x03"), der(2, b"\x03")), "data after"),
        (der(0x31, der(2, NUMBER), der(2, b"\x03")), "no outer sequence"),
        (b"\x30\x80" + NUMBER, "bad length"),
        (b"\x30\x85\x00\x00\x00\x00\x01" + NUMBER, "bad length"),
        (der(0x30, RSA_ALGORITHM, der(3, b"\x01" + der(0x30, der(2, NUMBER), der(2, b"\x03")))), "unused bits"),
        (der(0x30, RSA_ALGORITHM, der(4, b"\x00")), "no bit string"),
        (der(0x30, der(0x30, RSA_ALGORITHM[2:-2])), "parameters are not NULL"),
        (der(0x30, der(2, b"\x00" + NUMBER), der(2, b"\x03")), "zeros before the modulus"),
        (b"\x30\x81\x03\x02\x01\x01", "bad length"),
        (b"\x30\x82\x00\x80" + bytes(128), "bad length"),
        (der(0x30, RSA_ALGORITHM, der(3, b"")), "unused bits"),
    ],
)  # fmt: skip
def test_damaged_DER_is_refused(raw, message):
    with pytest.raises(RecordError, match=message) as caught:
        dkim.read_key("rsa", encode(raw))
    assert caught.value.rule == "dkim-p-type"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("AAAA!AAA", 4),
        ("AAAA AAA", 4),
        ("AA=AAAAA", 2),
        ("AAAAAAÄA", 6),
        ("AAA-AAA_", 3),
        ('AAAA"', 4),
        ("AAAAA", 5),
        ("A", 1),
        ("AAA===", 3),
    ],
)
def test_what_is_no_base64_is_refused_at_its_place(text, offset):
    with pytest.raises(RecordError) as caught:
        dkim.read_key("rsa", text)
    assert (caught.value.rule, caught.value.offset) == ("dkim-p-invalid", offset)


def test_PEM_armour_is_named():
    pem = rsa_key(1024).public_key()
    text = pem.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(RecordError, match="PEM armour") as caught:
        dkim.parse(f"v=DKIM1; p={text}").key()
    assert "BEGIN and END" in caught.value.help


# -- a record from base64 alone ---------------------------------------------------------------------


@pytest.mark.parametrize("bits", SIZES)
def test_bare_base64_of_an_RSA_key_becomes_a_record(bits):
    text = encode(spki(bits))
    folded = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    record = dkim.from_base64(folded)
    assert str(record) == f"v=DKIM1; k=rsa; p={text}"
    assert record.key() == Key("rsa", bits)


def test_bare_base64_of_an_Ed25519_key_becomes_a_record():
    """Also where the key is wrapped in SubjectPublicKeyInfo, which DKIM does not want."""
    wanted = f"v=DKIM1; k=ed25519; p={encode(ed25519_raw())}"
    assert str(dkim.from_base64(encode(ed25519_raw()))) == wanted
    assert str(dkim.from_base64(encode(ed25519_spki()))) == wanted


@pytest.mark.parametrize(
    "make", [lambda: spki(1024), lambda: pkcs1(1024), ed25519_raw, ed25519_spki]
)
def test_no_beginning_of_bare_base64_becomes_a_record(make):
    raw = make()
    text = encode(raw)
    pieces = {text[:length] for length in range(len(text))}
    pieces |= {encode(raw[:length]) for length in range(len(raw)) if length != 32}
    for piece in pieces:
        with pytest.raises(RecordError):
            dkim.from_base64(piece)


# -- private keys -----------------------------------------------------------------------------------


@cache
def curve_key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(CURVES[number])


FORMS = {"pkcs1": PrivateFormat.TraditionalOpenSSL, "pkcs8": PrivateFormat.PKCS8}
PRIVATE = [
    *((f"rsa{bits}-{form}", partial(rsa_key, bits), FORMS[form]) for bits in (512, *SIZES) for form in FORMS),
    ("ed25519-pkcs8", ed25519_key, PrivateFormat.PKCS8),
    *((f"{curve.name}-sec1", partial(curve_key, n), FORMS["pkcs1"]) for n, curve in enumerate(CURVES)),
    *((f"{curve.name}-pkcs8", partial(curve_key, n), FORMS["pkcs8"]) for n, curve in enumerate(CURVES)),
]  # fmt: skip
private_key = pytest.mark.parametrize(
    ("make", "form"), [row[1:] for row in PRIVATE], ids=[row[0] for row in PRIVATE]
)


@private_key
def test_a_private_key_in_PEM_is_known(make, form):
    assert dkim.is_private(make().private_bytes(Encoding.PEM, form, NoEncryption()).decode())


@private_key
@pytest.mark.parametrize(
    "dress",
    [
        "{}",
        "  {}\n",
        "v=DKIM1; k=rsa; p={}",
        "p={};",
        "h=sha256; t=s; p={}; n=note",
        '"v=DKIM1; p={}"',
        "'{}'",
        "key: {}",
    ],
)
def test_a_private_key_in_bare_base64_is_known(make, form, dress):
    text = encode(make().private_bytes(Encoding.DER, form, NoEncryption()))
    assert dkim.is_private(dress.format(text))


@private_key
def test_a_folded_or_cut_off_private_key_is_known(make, form):
    text = encode(make().private_bytes(Encoding.DER, form, NoEncryption()))
    assert dkim.is_private("\r\n  ".join(text[at : at + 40] for at in range(0, len(text), 40)))
    assert dkim.is_private('" "'.join(text[at : at + 50] for at in range(0, len(text), 50)))
    assert dkim.is_private(text[:63])


def test_a_private_key_in_the_form_of_OpenSSH_is_known():
    pem = ed25519_key().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    assert dkim.is_private(pem)
    assert dkim.is_private("".join(pem.split("\n")[1:-2]))


def test_an_encrypted_private_key_in_PEM_is_known():
    key = rsa_key(1024).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    assert dkim.is_private(key.decode())


@pytest.mark.parametrize("bits", [512, *SIZES])
def test_a_public_RSA_key_is_never_taken_for_a_private_one(bits):
    for raw in (spki(bits), pkcs1(bits)):
        text = encode(raw)
        assert not dkim.is_private(text)
        assert not dkim.is_private(f"v=DKIM1; k=rsa; p={text}")
        assert not dkim.is_private("\n".join(text[at : at + 64] for at in range(0, len(text), 64)))
    pem = rsa_key(bits).public_key()
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        assert not dkim.is_private(pem.public_bytes(Encoding.PEM, form).decode())


@given(st.binary(min_size=32, max_size=32))
def test_no_Ed25519_key_is_taken_for_a_private_one(raw):
    assert not dkim.is_private(encode(raw))
    assert not dkim.is_private(f"v=DKIM1; k=ed25519; p={encode(raw)}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "M",
        "v=DKIM1; p=",
        "v=spf1 -all",
        "contoso",
        "selector1._domainkey.example.com",
        "M" * 200,
    ],
)
def test_ordinary_text_is_no_private_key(text):
    assert not dkim.is_private(text)


# -- properties -------------------------------------------------------------------------------------


@given(dkim_records())
def test_what_is_printed_is_read_again(made):
    assert dkim.parse(str(made)) == made


def check_text(text: str) -> None:
    """The text is a record or a fault, and so is the key inside it, with its place."""
    record = check_any(dkim.parse, text)
    try:
        read, key = dkim.check(text)
    except RecordError as error:
        check_error(error, text)
        assert record is None or error.rule in ("dkim-p-invalid", "dkim-p-type")
    else:
        assert read == record
        assert (key is None) is read.revoked
        assert key is None or key == read.key()


@given(st.text())
def test_any_text_is_a_record_or_a_RecordError(text):
    check_text(text)
    check_text("v=DKIM1; p=" + text)


@given(dkim_records(), st.integers(0, 400), st.characters())
def test_a_record_with_one_character_changed_is_a_record_or_a_RecordError(made, at, char):
    text = str(made)
    at %= len(text)
    check_text(text[:at] + char + text[at + 1 :])


@given(st.binary(max_size=200), st.sampled_from(["rsa", "ed25519"]))
def test_any_octets_are_a_key_or_a_RecordError(raw, kind):
    try:
        assert dkim.read_key(kind, encode(raw)).type == kind
    except RecordError as error:
        assert error.rule in ("dkim-p-invalid", "dkim-p-type")


@given(st.integers(0, 293), st.integers(0, 255))
def test_a_key_with_one_octet_changed_is_refused_or_as_long_as_cryptography_says(at, octet):
    raw = bytearray(spki(2048))
    raw[at] = octet
    try:
        key = dkim.read_key("rsa", encode(bytes(raw)))
    except RecordError:
        return
    try:
        judged = load_der_public_key(bytes(raw))
    except ValueError:
        return  # the judge looks at more than we do, such as the algorithm's parameters
    assert key.bits == judged.key_size


@given(st.text() | st.text("AB+/= \n;ü", max_size=20))
def test_any_text_is_bare_base64_of_a_key_or_a_RecordError(text):
    try:
        record = dkim.from_base64(text)
    except RecordError as error:
        check_error(error, text)
    else:
        assert dkim.parse(str(record)) == record


@given(st.text())
def test_any_text_is_private_or_not(text):
    assert dkim.is_private(text) in (True, False)
    assert dkim.is_private("M" * 30 + text + "A" * 40) in (True, False)
