"""DKIM key records (RFC 6376 3.6.1)."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from functools import lru_cache

from generator.records.error import RecordError, shown
from generator.records.key import (
    ED25519_OID,
    RSA_MAX,
    RSA_MIN,
    RSA_WANTED,
    TYPES,
    Key,
    decode,
    is_private,
    read_key,
)

__all__ = [
    "RSA_MAX",
    "RSA_MIN",
    "RSA_WANTED",
    "Dkim",
    "Key",
    "check",
    "from_base64",
    "is_private",
    "parse",
    "read_key",
]

VERSION = "DKIM1"

_TAG = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=[ \t\r\n]*", re.ASCII)
_SPACE = re.compile(r"[ \t\r\n]+")
# RFC 6376 3.6.1: what the tags that are lists of words may hold.
_WORD = r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_WORDS = re.compile(rf"{_WORD}(?: ?: ?{_WORD})*", re.ASCII)
_FORMS = {
    "h": _WORDS,
    "k": re.compile(_WORD, re.ASCII),
    "s": re.compile(rf"(?:\*|{_WORD})(?: ?: ?(?:\*|{_WORD}))*", re.ASCII),
    "t": _WORDS,
}
_STRAY = re.compile(r"[^ -~\t\r\n]")


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
    form, not the key (`check` and `Dkim.key` do).  Raises RecordError.
    """
    plain = text.isascii() and text.isprintable()
    tags: list[tuple[str, str]] = []
    seen: dict[str, int] = {}  # where each tag begins
    offset = 0
    pieces = text.split(";")
    for index, piece in enumerate(pieces):
        found = _TAG.match(piece)
        if found is None:
            if index and index == len(pieces) - 1 and not piece.strip(" \t\r\n"):
                break  # the last semicolon is optional
            raise _no_tag(piece, offset)
        name, start = found[1], offset + found.start(1)
        if name in seen:
            message = f"tag {name[:40]}= appears twice"
            raise RecordError("dkim-duplicate-tag", message, start, length=len(name))
        seen[name] = start
        if not plain and (stray := _STRAY.search(piece)) is not None:
            message = f"U+{ord(stray[0]):04X} in tag {name[:40]}=; only ASCII"
            raise RecordError("dkim-syntax", message, offset + stray.start(), length=1)
        # White space inside a key is folding (RFC 6376 3.2); elsewhere it may part words.
        value = ("" if name == "p" else " ").join(piece[found.end() :].split())
        form = _FORMS.get(name)
        if form is not None and not form.fullmatch(value):
            at, raw = offset + found.end(), piece[found.end() :].rstrip(" \t\r\n")
            message = f"{name}={shown(value, 40)} is not what tag {name}= takes"
            raise RecordError("dkim-syntax", message, at, length=len(raw))
        tags.append((name, value))
        offset += len(piece) + 1
    if "v" in seen and tags[0] != ("v", VERSION):
        message = "v=DKIM1 must come first, spelt exactly so"
        raise RecordError("dkim-version", message, seen["v"], length=len(_piece(text, seen["v"])))
    if "p" not in seen:
        raise RecordError("dkim-p-missing", "the record has no p= tag, hence no key", len(text))
    return Dkim(tuple(tags))


def _no_tag(piece: str, offset: int) -> RecordError:
    bare = piece.strip(" \t\r\n")
    if not bare:
        message = "a tag is missing between two semicolons"
        return RecordError("dkim-syntax", message, offset, length=len(piece))
    message = f"`{shown(bare, 40)}` is no tag=value"
    return RecordError("dkim-syntax", message, offset + piece.index(bare), length=len(bare))


def _piece(text: str, start: int) -> str:
    """The tag that begins here, without white space behind it."""
    return text[start:].partition(";")[0].rstrip(" \t\r\n")


def check(text: str) -> tuple[Dkim, Key | None]:
    """The key record that the text is, and its key; None if the key has been withdrawn.

    Raises RecordError, for a fault inside the key as well with its place in the text.
    """
    record = parse(text)
    if record.revoked:
        return record, None
    try:
        return record, record.key()
    except RecordError as error:
        if error.rule == "dkim-p-invalid" or record.key_type in TYPES:
            start = _value_at(text, "p")
            raise _unfolded(error, _piece(text, start)).moved(start) from None
        at, length = _value_at(text, "k"), len(record.key_type)
        raise RecordError(error.rule, error.message, at, error.help, length) from None


def _value_at(text: str, tag: str) -> int:
    """Where the value of a tag begins in a sound record."""
    found = re.search(rf"(?:\A|;)[ \t\r\n]*{tag}[ \t\r\n]*=[ \t\r\n]*", text)
    assert found is not None
    return found.end()


def _unfolded(error: RecordError, text: str) -> RecordError:
    """A fault of a key without white space, put to its place in the text that has some."""
    places = [at for at, char in enumerate(text) if char not in " \t\r\n"]
    places.append(len(text))
    offset, end = places[error.offset], places[error.offset + error.length]
    return RecordError(error.rule, error.message, offset, error.help, end - offset)


def from_base64(text: str) -> Dkim:
    """A whole record made around a bare base64 key.  Raises RecordError if it is no public key."""
    bare = _SPACE.sub("", text)
    try:
        return _from_bare(bare)
    except RecordError as error:
        raise _unfolded(error, text) from None


def _from_bare(bare: str) -> Dkim:
    raw = decode(bare)
    kind = "ed25519" if len(raw) == 32 or ED25519_OID in raw[:16] else "rsa"
    if kind == "ed25519" and len(raw) == 44:
        # SubjectPublicKeyInfo around an Ed25519 key; DKIM wants the bare 32 octets (RFC 8463 4.2).
        bare = binascii.b2a_base64(raw[12:], newline=False).decode("ascii")
    read_key(kind, bare)
    return Dkim((("v", VERSION), ("k", kind), ("p", bare)))
