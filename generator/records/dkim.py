"""DKIM key records (RFC 6376 3.6.1, RFC 8301, RFC 8463) and the keys inside them."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from functools import lru_cache

from generator.records.error import RecordError

VERSION = "DKIM1"
RSA_MIN = 1024  # bits; RFC 8301 3.2: shorter keys must not be accepted
RSA_WANTED = 2048  # RFC 8301 3.2
RSA_MAX = 4096  # RFC 8301 3.2: verifiers must handle up to this

_TAG = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=[ \t\r\n]*", re.ASCII)
_SPACE = re.compile(r"[ \t\r\n]+")
_STRAY = re.compile(r"[^ -~\t\r\n]")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)
# What may stand between the parts of a key: folding, and the quotes of a zone file's strings.
_QUOTED_SPACE = re.compile(r'[ \t\r\n"]+')
# Base64 that decodes to a DER sequence; one that holds a private key has 48 octets at least.
_SHORTEST_PRIVATE = 48  # characters of base64; an Ed25519 key in PKCS#8 has 64
_DER_RUN = re.compile(r"(?<![A-Za-z0-9+/])M[A-P][A-Za-z0-9+/]{58,}", re.ASCII)
_OPENSSH = "b3BlbnNzaC1rZXktdjE"  # base64 of "openssh-key-v1"
_RSA_OID = bytes.fromhex("06092a864886f70d010101")
_ED25519_OID = bytes.fromhex("06032b6570")


@dataclass(frozen=True, slots=True)
class Key:
    """A public key: its type (``rsa`` or ``ed25519``) and size in bits."""

    type: str
    bits: int


@dataclass(frozen=True, slots=True)
class Dkim:
    """A DKIM key record: its tags in the order in which they were written.

    The order and the tags that RFC 6376 does not know are kept, since vendors' consoles compare
    the text that they gave out.
    """

    tags: tuple[tuple[str, str], ...]

    def get(self, tag: str, default: str = "") -> str:
        for name, value in self.tags:
            if name == tag:
                return value
        return default

    @property
    def key_type(self) -> str:
        return self.get("k", "rsa")

    @property
    def revoked(self) -> bool:
        """An empty p means that the key has been withdrawn (RFC 6376 3.6.1)."""
        return self.get("p") == ""

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.get("t").split(":") if part.strip())

    @property
    def hashes(self) -> tuple[str, ...]:
        """Acceptable hash algorithms; empty means all."""
        return tuple(part.strip() for part in self.get("h").split(":") if part.strip())

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.get("s", "*").split(":") if part.strip())

    def key(self) -> Key:
        """The public key.  Raises RecordError if the data is no key of the type that k names."""
        return read_key(self.key_type, self.get("p"))

    def __str__(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.tags)


@lru_cache(maxsize=1024)
def parse(text: str) -> Dkim:
    """The key record that the text is.

    Accepts whatever RFC 6376 3.2 allows in a tag-list, a missing v= included; checks the tags'
    form, not the key (`Dkim.key` does).  Raises RecordError.
    """
    tags: list[tuple[str, str]] = []
    seen: set[str] = set()
    offset = 0
    pieces = text.split(";")
    for index, piece in enumerate(pieces):
        start = offset + len(piece) - len(piece.lstrip(" \t\r\n"))
        if not piece.strip(" \t\r\n"):
            if index != len(pieces) - 1 or index == 0:
                raise RecordError("dkim-syntax", "a tag is missing between two semicolons", offset)
            break
        found = _TAG.match(piece)
        if found is None:
            raise RecordError("dkim-syntax", f"`{piece.strip()[:40]}` is no tag=value", start)
        name = found[1]
        if name in seen:
            raise RecordError("dkim-duplicate-tag", f"tag {name}= appears twice", start)
        seen.add(name)
        stray = _STRAY.search(piece)
        if stray is not None:
            message = f"U+{ord(stray[0]):04X} in tag {name}=; only ASCII"
            raise RecordError("dkim-syntax", message, offset + stray.start())
        value = piece[found.end() :].strip(" \t\r\n")
        # White space inside a key is folding (RFC 6376 3.2); elsewhere it may part words.
        tags.append((name, _SPACE.sub("" if name == "p" else " ", value)))
        offset += len(piece) + 1
    record = Dkim(tuple(tags))
    if "v" in seen and (tags[0][0] != "v" or tags[0][1] != VERSION):
        raise RecordError("dkim-version", "v=DKIM1 must come first, spelt exactly so", 0)
    if "p" not in seen:
        raise RecordError("dkim-p-missing", "the record has no p= tag, hence no key", len(text))
    return record


def from_base64(text: str) -> Dkim:
    """A whole record made around a bare base64 key.  Raises RecordError if it is no public key."""
    bare = _SPACE.sub("", text)
    raw = _decode(bare)
    kind = "ed25519" if len(raw) == 32 or _ED25519_OID in raw[:16] else "rsa"
    if kind == "ed25519" and len(raw) == 44:
        # SubjectPublicKeyInfo around an Ed25519 key; DKIM wants the bare 32 octets (RFC 8463 4.2).
        bare = binascii.b2a_base64(raw[12:], newline=False).decode("ascii")
    read_key(kind, bare)
    return Dkim((("v", VERSION), ("k", kind), ("p", bare)))


@lru_cache(maxsize=1024)
def read_key(kind: str, text: str) -> Key:
    """Decode a public key.

    ``kind`` is the k= tag, ``text`` the p= tag without white space.  Raises RecordError if the
    text is no base64 (``dkim-p-invalid``) or no key of this kind (``dkim-p-type``).
    """
    raw = _decode(text)
    if kind == "ed25519":
        if len(raw) != 32:
            message = f"an Ed25519 key has 32 octets, this one {len(raw)}"
            raise RecordError("dkim-p-type", message, help="p= is the bare key, not wrapped in DER")
        return Key("ed25519", 256)
    if kind != "rsa":
        raise RecordError("dkim-p-type", f"key type `{kind[:20]}` is neither rsa nor ed25519")
    if len(raw) == 32:
        raise RecordError(
            "dkim-p-type", "the data is an Ed25519 key, but k= says rsa", help="k=ed25519"
        )
    return Key("rsa", _rsa_bits(raw))


def is_private(text: str) -> bool:
    """True if the text is or holds a private key, in PEM or as bare base64 of its DER form."""
    if "PRIVATE KEY" in text or _OPENSSH in text:
        return True
    if len(text) < _SHORTEST_PRIVATE:
        return False
    bare = _QUOTED_SPACE.sub("", text)
    return any(_is_private_der(run[0][:64]) for run in _DER_RUN.finditer(bare))


def _is_private_der(head: str) -> bool:
    """True for the first characters of a private key's base64; the rest need not be intact."""
    raw = binascii.a2b_base64(head[: len(head) // 4 * 4])
    at = 2 + (raw[1] & 0x7F if raw[1] & 0x80 else 0)
    # PKCS#1 and PKCS#8 private keys, and SEC 1 ones, all begin with a small INTEGER version;
    # a public SubjectPublicKeyInfo begins with a SEQUENCE, a bare RSAPublicKey with a long INTEGER.
    return raw[at : at + 2] == b"\x02\x01" and raw[at + 2 : at + 3] in (b"\x00", b"\x01")


def _decode(text: str) -> bytes:
    if "-----" in text:
        raise RecordError(
            "dkim-p-invalid",
            "PEM armour in a DKIM key",
            help="only the base64 text between the BEGIN and END lines, joined",
        )
    if not text:
        raise RecordError("dkim-p-invalid", "the key is empty, which means revoked")
    if not _BASE64.fullmatch(text):
        at = next(
            (i for i, c in enumerate(text) if not (c.isascii() and (c.isalnum() or c in "+/"))), 0
        )
        raise RecordError("dkim-p-invalid", f"character {at + 1} of the key is not base64", at)
    if len(text) % 4:
        raise RecordError(
            "dkim-p-invalid",
            f"the base64 text is cut off: {len(text)} characters, not a multiple of 4",
            len(text),
            "paste the whole key",
        )
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise RecordError("dkim-p-invalid", f"the key is not base64: {error}") from None


class _Der:
    """A cursor over DER data; every length is checked against what is there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, tag: int, what: str) -> bytes:
        data, at = self.data, self.at
        if len(data) < at + 2 or data[at] != tag:
            raise RecordError("dkim-p-type", f"the key is no RSA public key: no {what} found")
        length, at = data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or len(data) < at + count:
                raise RecordError("dkim-p-type", f"the key is damaged: bad length of the {what}")
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        if len(data) < at + length:
            missing = at + length - len(data)
            raise RecordError(
                "dkim-p-type",
                f"the key is cut off: {missing} octets are missing",
                help="paste the whole key; some consoles show it in two lines",
            )
        self.at = at + length
        return data[at : at + length]

    def end(self, what: str) -> None:
        if self.at != len(self.data):
            raise RecordError("dkim-p-type", f"the key is damaged: data after the {what}")


def _rsa_bits(raw: bytes) -> int:
    """Size of an RSA key: SubjectPublicKeyInfo (RFC 5280), or a bare RSAPublicKey (erratum 3017)."""
    outer = _Der(raw)
    inner = _Der(outer.take(0x30, "outer sequence"))
    outer.end("outer sequence")
    if inner.data[:1] == b"\x30":
        algorithm = inner.take(0x30, "algorithm")
        if not algorithm.startswith(_RSA_OID):
            kind = "Ed25519" if algorithm.startswith(_ED25519_OID) else "other"
            raise RecordError("dkim-p-type", f"the key is of {kind} type, but k= says rsa")
        bits = inner.take(0x03, "bit string")
        inner.end("bit string")
        if bits[:1] != b"\x00":
            raise RecordError("dkim-p-type", "the key is damaged: bit string with unused bits")
        key = _Der(bits[1:])
        inner = _Der(key.take(0x30, "key sequence"))
        key.end("key sequence")
    modulus = int.from_bytes(inner.take(0x02, "modulus"), "big", signed=True)
    exponent = int.from_bytes(inner.take(0x02, "exponent"), "big", signed=True)
    inner.end("exponent")
    if modulus < 0 or modulus % 2 == 0 or exponent % 2 == 0 or exponent < 3:
        raise RecordError("dkim-p-type", "the key is damaged: its numbers make no RSA key")
    return modulus.bit_length()
