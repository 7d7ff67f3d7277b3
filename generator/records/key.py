"""Public keys inside DKIM records (RFC 6376 3.6.1, RFC 8301, RFC 8463), and private ones by mistake."""

from __future__ import annotations

import binascii
import re
from functools import lru_cache
from typing import NamedTuple

from generator.records.error import RecordError, shown

TYPES = ("rsa", "ed25519")
RSA_MIN = 1024  # bits; RFC 8301 3.2: shorter keys must not be accepted
RSA_WANTED = 2048  # RFC 8301 3.2
RSA_MAX = 4096  # RFC 8301 3.2: verifiers must handle up to this
ED25519_OID = bytes.fromhex("06032b6570")

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)
# What may stand between the parts of a key: folding, and the quotes of a zone file's strings.
# Base64 that decodes to a DER sequence; one that holds a private key has 48 octets at least.
_SHORTEST_PRIVATE = 48  # characters of base64; an Ed25519 key in PKCS#8 has 64
_DER_RUN = re.compile(r"(?<![A-Za-z0-9+/])M[A-P][A-Za-z0-9+/]{58,}", re.ASCII)
_OPENSSH = "b3BlbnNzaC1rZXktdjE"  # base64 of "openssh-key-v1"
_RSA_OID = bytes.fromhex("06092a864886f70d010101")
_RSA_ALGORITHM = _RSA_OID + b"\x05\x00"  # RFC 3279 2.3.1: the parameters are NULL


class Key(NamedTuple):
    """A public key: its type (``rsa`` or ``ed25519``) and size in bits."""

    type: str
    bits: int


@lru_cache(maxsize=1024)
def read_key(kind: str, text: str) -> Key:
    """Decode a public key.

    ``kind`` is the k= tag, ``text`` the p= tag without white space.  Raises RecordError if the
    text is no base64 (``dkim-p-invalid``) or no key of this kind (``dkim-p-type``).
    """
    raw = decode(text)
    help = ""
    if kind not in TYPES:
        message = f"key type `{shown(kind, 20)}` is neither rsa nor ed25519"
    elif kind == "ed25519":
        if len(raw) == 32:
            return Key("ed25519", 256)
        message = f"an Ed25519 key has 32 octets, this one {len(raw)}"
        help = "p= is the bare key, not wrapped in DER"
    elif len(raw) == 32:
        message, help = "the data is an Ed25519 key, but k= says rsa", "k=ed25519"
    else:
        try:
            return Key("rsa", _rsa_bits(raw))
        except RecordError as error:
            message, help = error.message, error.help
    raise RecordError("dkim-p-type", message, 0, help, len(text))


def is_private(text: str) -> bool:
    """True if the text is or holds a private key, in PEM or as bare base64 of its DER form."""
    if "PRIVATE KEY" in text or _OPENSSH in text:
        return True
    if len(text) < _SHORTEST_PRIVATE:
        return False
    bare = "".join(text.split()).replace('"', "")
    return any(_is_private_der(run[0][:64]) for run in _DER_RUN.finditer(bare))


def _is_private_der(head: str) -> bool:
    """True for the first characters of a private key's base64; the rest need not be intact."""
    raw = binascii.a2b_base64(head[: len(head) // 4 * 4])
    at = 2 + (raw[1] & 0x7F if raw[1] & 0x80 else 0)
    # PKCS#1 and PKCS#8 private keys, and SEC 1 ones, all begin with a small INTEGER version;
    # a public SubjectPublicKeyInfo begins with a SEQUENCE, a bare RSAPublicKey with a long INTEGER.
    return raw[at : at + 2] == b"\x02\x01" and raw[at + 2 : at + 3] in (b"\x00", b"\x01")


def decode(text: str) -> bytes:
    """The octets of base64 text.  Raises RecordError (``dkim-p-invalid``)."""
    if len(text) % 4 or text.endswith("==="):  # Python 3.11's strict mode lets these pass
        raise _no_base64(text)
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise _no_base64(text, str(error)) from None
    if not raw:
        raise RecordError("dkim-p-invalid", "the key is empty, which means revoked")
    return raw


def _no_base64(text: str, reason: str = "") -> RecordError:
    if "-----" in text:
        message = "PEM armour in a DKIM key"
        help = "only the base64 text between the BEGIN and END lines, joined"
        return RecordError("dkim-p-invalid", message, text.index("-----"), help, 5)
    if not _BASE64.fullmatch(text):
        found = re.match(r"[A-Za-z0-9+/]*", text)
        at = found.end() if found else 0
        message = f"character {at + 1} of the key is not base64"
        return RecordError("dkim-p-invalid", message, at, "", 1)
    if len(text) % 4:
        message = f"the base64 text is cut off: {len(text)} characters, not a multiple of 4"
        return RecordError("dkim-p-invalid", message, len(text), "paste the whole key")
    return RecordError("dkim-p-invalid", f"the key is not base64: {reason}", 0, "", len(text))


class _Der:
    """A cursor over DER data (X.690 section 10); every length is checked against what is there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, tag: int, what: str) -> bytes:
        data, at = self.data, self.at
        if len(data) < at + 2 or data[at] != tag:
            raise _no_key(f"the key is no RSA public key: no {what} found")
        length, at = data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or len(data) < at + count:
                raise _no_key(f"the key is damaged: bad length of the {what}")
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
            if length < 0x80 or length >> (8 * count - 8) == 0:  # DER: as short as can be
                raise _no_key(f"the key is damaged: bad length of the {what}")
        if len(data) < at + length:
            missing = at + length - len(data)
            help = "paste the whole key; some consoles show it in two lines"
            raise _no_key(f"the key is cut off: {missing} octets are missing", help)
        self.at = at + length
        return data[at : at + length]

    def integer(self, what: str) -> int:
        raw = self.take(0x02, what)
        if len(raw) > 1 and raw[0] == 0 and raw[1] < 0x80:
            raise _no_key(f"the key is damaged: zeros before the {what}")
        return int.from_bytes(raw, "big", signed=True)

    def end(self, what: str) -> None:
        if self.at != len(self.data):
            raise _no_key(f"the key is damaged: data after the {what}")


def _no_key(message: str, help: str = "") -> RecordError:
    return RecordError("dkim-p-type", message, 0, help)


def _rsa_bits(raw: bytes) -> int:
    """Size of an RSA key: SubjectPublicKeyInfo (RFC 5280), or a bare RSAPublicKey (erratum 3017)."""
    outer = _Der(raw)
    inner = _Der(outer.take(0x30, "outer sequence"))
    outer.end("outer sequence")
    if inner.data[:1] == b"\x30":
        algorithm = inner.take(0x30, "algorithm")
        if algorithm != _RSA_ALGORITHM:
            if algorithm.startswith(_RSA_OID):
                raise _no_key("the key is damaged: its algorithm's parameters are not NULL")
            kind = "Ed25519" if algorithm.startswith(ED25519_OID) else "other"
            raise _no_key(f"the key is of {kind} type, but k= says rsa")
        bits = inner.take(0x03, "bit string")
        inner.end("bit string")
        if bits[:1] != b"\x00":
            raise _no_key("the key is damaged: bit string with unused bits")
        key = _Der(bits[1:])
        inner = _Der(key.take(0x30, "key sequence"))
        key.end("key sequence")
    modulus, exponent = inner.integer("modulus"), inner.integer("exponent")
    inner.end("exponent")
    if modulus < 0 or modulus % 2 == 0 or exponent % 2 == 0 or exponent < 3:
        raise _no_key("the key is damaged: its numbers make no RSA key")
    return modulus.bit_length()
