"""DMARC policy records (RFC 9989 4.7, 4.8) and the addresses in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from generator.records.error import RecordError

VERSION = "DMARC1"
POLICIES = ("none", "quarantine", "reject")  # from mild to strict

# The one order in which mailzone writes tags.
ORDER = ("p", "sp", "np", "adkim", "aspf", "psd", "t", "pct", "fo", "rua", "ruf")

_VALUES: dict[str, frozenset[str]] = {
    "p": frozenset(POLICIES),
    "sp": frozenset(POLICIES),
    "np": frozenset(POLICIES),
    "adkim": frozenset("rs"),
    "aspf": frozenset("rs"),
    "psd": frozenset("ynu"),
    "t": frozenset("yn"),
}
_TAG = re.compile(r"[ \t]*([A-Za-z]+)[ \t]*=[ \t]*(.*?)[ \t]*", re.ASCII | re.DOTALL)
_MAILTO = re.compile(r"mailto:[^@,;!\s]+@[^@,;!?\s]+(?:\?[^@,;!\s]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dmarc:
    """A DMARC record: its tags (without v) by name; a tag that is not there has its default."""

    tags: tuple[tuple[str, str], ...]

    def get(self, tag: str, default: str = "") -> str:
        for name, value in self.tags:
            if name == tag:
                return value
        return default

    @property
    def policy(self) -> str:
        return self.get("p", "none")

    @property
    def subdomain_policy(self) -> str:
        """For names that exist (RFC 9989 4.7: sp, else p)."""
        return self.get("sp") or self.policy

    @property
    def nonexistent_policy(self) -> str:
        """For names that do not exist (RFC 9989 4.7: np, else sp, else p)."""
        return self.get("np") or self.subdomain_policy

    def addresses(self, tag: str) -> tuple[str, ...]:
        """The URIs of rua or ruf."""
        return tuple(uri.strip() for uri in self.get(tag).split(",") if uri.strip())

    def __str__(self) -> str:
        return " ".join([f"v={VERSION};", *(f"{name}={value};" for name, value in self.tags)])


def build(values: dict[str, str]) -> Dmarc:
    """The record of these tag values, in canonical order.  Raises RecordError on an illegal one."""
    return _built(tuple(values.items()))


@lru_cache(maxsize=1024)
def _built(pairs: tuple[tuple[str, str], ...]) -> Dmarc:
    values = dict(pairs)
    for name, value in values.items():
        _check(name, value, 0)
    return _ordered(values)


def is_dmarc(text: str) -> bool:
    """True if receivers take the TXT record at a _dmarc name for DMARC (RFC 9989 4.10)."""
    return re.match(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)", text, re.ASCII) is not None


def parse(text: str) -> Dmarc:
    """The record that the text is, its tags in canonical order, unknown ones last.

    Raises RecordError for what RFC 9989 4.8 does not allow, and for tags given twice.
    """
    if not is_dmarc(text):
        raise RecordError("dmarc-syntax", "a DMARC record begins with v=DMARC1;", 0)
    first, *pieces = text.split(";")
    if pieces and not pieces[-1].strip(" \t"):
        pieces.pop()  # the last semicolon is optional
    tags: dict[str, str] = {}
    offset = len(first) + 1
    for piece in pieces:
        start = offset + len(piece) - len(piece.lstrip(" \t"))
        found = _TAG.fullmatch(piece)
        if found is None:
            what = (
                f"`{piece.strip()[:40]}` is no tag=value" if piece.strip() else "a tag is missing"
            )
            raise RecordError("dmarc-syntax", what, start)
        name = found[1].lower()
        if name in tags or name == "v":
            raise RecordError("dmarc-syntax", f"tag {name}= appears twice", start)
        value = found[2].lower() if name in _VALUES or name == "fo" else found[2]
        _check(name, value, offset + found.start(2))
        tags[name] = value
        offset += len(piece) + 1
    return _ordered(tags)


def _ordered(tags: dict[str, str]) -> Dmarc:
    known = [(name, tags[name]) for name in ORDER if name in tags]
    return Dmarc((*known, *((name, tags[name]) for name in tags if name not in ORDER)))


def _check(name: str, value: str, offset: int) -> None:
    if not value:
        raise RecordError("dmarc-value", f"tag {name}= has no value", offset)
    allowed = _VALUES.get(name)
    if allowed is not None and value not in allowed:
        words = sorted(allowed, key=lambda v: POLICIES.index(v) if v in POLICIES else ord(v[0]))
        raise RecordError(
            "dmarc-value", f"{name}={value[:40]} is not one of {', '.join(words)}", offset
        )
    for at, char in enumerate(value):
        if not " " <= char <= "~" or char == ";":
            raise RecordError("dmarc-syntax", f"U+{ord(char):04X} in tag {name}=", offset + at)
    if name == "pct" and not (value.isdigit() and len(value) <= 3 and int(value) <= 100):
        raise RecordError("dmarc-value", f"pct={value[:40]} is no percentage", offset)
    if name == "fo":
        check_failure_options(value, offset)


def check_failure_options(value: str, offset: int = 0) -> None:
    """RFC 9989 4.8: 0 or 1, and d and s at most once each.  Raises RecordError."""
    parts = [part.strip() for part in value.lower().split(":")]
    if len(parts) != len(set(parts)) or not set(parts) <= {"0", "1", "d", "s"}:
        raise RecordError(
            "dmarc-value", f"fo={value[:40]} is not made of 0, 1, d and s, once each", offset
        )
    if {"0", "1"} <= set(parts):
        raise RecordError("dmarc-value", "fo=0 and fo=1 exclude each other", offset)


@lru_cache(maxsize=4096)
def check_address(uri: str) -> str:
    """The host of a mailto: report address.  Raises RecordError for anything else."""
    if not uri.isascii():
        raise RecordError("rua-smtputf8", f"`{uri[:60]}` is not ASCII", help="RFC 8616 section 6")
    if not uri.lower().startswith("mailto:"):
        help = f"mailto:{uri}" if "@" in uri and ":" not in uri else "mailto:name@example.com"
        raise RecordError("rua-scheme", f"`{uri[:60]}` is no mailto: address", 0, help)
    for at, char in enumerate(uri):
        if char in ",;!":
            help = f"percent-encode it: %{ord(char):02X}"
            raise RecordError("rua-encoding", f"raw `{char}` in a report address", at, help)
    if not _MAILTO.fullmatch(uri) or not uri.isprintable() or any(c in uri for c in '"\\<>'):
        raise RecordError(
            "rua-scheme", f"`{uri[:60]}` is no mail address", 7, "mailto:name@example.com"
        )
    return uri.rpartition("@")[2].partition("?")[0].lower()
