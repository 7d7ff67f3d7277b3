"""DMARC policy records (RFC 9989 4.7, 4.8) and the addresses in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from generator.records.error import RecordError, shown
from generator.records.uri import check_uri, mailto_host, split_size

VERSION = "DMARC1"
POLICIES = ("none", "quarantine", "reject")  # from mild to strict

# The one order in which mailzone writes tags.
ORDER = ("p", "sp", "np", "adkim", "aspf", "psd", "t", "pct", "fo", "rua", "ruf")
# RFC 9989 9.3, C.5.2: historic.  Receivers of its age ignore them, older ones act on them.
REMOVED = ("pct", "rf", "ri")
KNOWN = frozenset(("v", *ORDER, *REMOVED))

_VALUES: dict[str, frozenset[str]] = {
    "p": frozenset(POLICIES),
    "sp": frozenset(POLICIES),
    "np": frozenset(POLICIES),
    "adkim": frozenset("rs"),
    "aspf": frozenset("rs"),
    "psd": frozenset("ynu"),
    "t": frozenset("yn"),
}
_FAILURE_OPTIONS = frozenset("01ds")
_IN_LOWER_CASE = frozenset((*_VALUES, "fo"))
_IS_DMARC = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)", re.ASCII)
_NAME = re.compile(r"(?!v\Z)[a-z]+", re.ASCII)
_TAG = re.compile(r"[ \t]*([A-Za-z]+)[ \t]*=[ \t]*(.*?)[ \t]*", re.ASCII | re.DOTALL)
_STRAY = re.compile(r"[^ -:<-~]")
_SPACES = " \t"

# The host of a mailto: report address; raises RecordError for anything else.
check_address = mailto_host


class Tag(NamedTuple):
    """A tag as it is written: its name in lower case, its value, and where they begin."""

    name: str
    value: str
    offset: int
    value_offset: int


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

    @property
    def removed(self) -> tuple[str, ...]:
        """The tags that RFC 9989 has removed: pct, rf, ri."""
        return tuple(name for name, _ in self.tags if name in REMOVED)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The tags that no standard knows; receivers ignore them (RFC 9989 4.7)."""
        return tuple(name for name, _ in self.tags if name not in KNOWN)

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
        if name not in _VALUES and not _NAME.fullmatch(name):
            raise RecordError("dmarc-syntax", f"`{shown(name, 40)}` is no name of a tag")
        values[name] = _canonical(name, value, 0)
    return _ordered(values)


def is_dmarc(text: str) -> bool:
    """True if receivers take the TXT record at a _dmarc name for DMARC (RFC 9989 4.10)."""
    return _IS_DMARC.match(text) is not None


def tags(text: str) -> tuple[Tag, ...]:
    """The tags of a record as they are written, in their order, v first.

    Raises RecordError where the text is no tag-list that begins with v=DMARC1.  Neither the values
    nor whether a tag is given twice is looked at; `parse` does.
    """
    if not is_dmarc(text):
        raise _no_version(text)
    pieces = text.split(";")
    if len(pieces) > 1 and not pieces[-1].strip(_SPACES):
        pieces.pop()  # the last semicolon is optional
    found: list[Tag] = []
    offset = 0
    for piece in pieces:
        match = _TAG.fullmatch(piece)
        if match is None:
            bare = piece.strip(_SPACES)
            message = f"`{shown(bare, 40)}` is no tag=value" if bare else "a tag is missing"
            start = offset + len(piece) - len(piece.lstrip(_SPACES))
            raise RecordError("dmarc-syntax", message, start, length=len(bare))
        at, value_at = offset + match.start(1), offset + match.start(2)
        found.append(Tag(match[1].lower(), match[2], at, value_at))
        offset += len(piece) + 1
    return tuple(found)


@lru_cache(maxsize=1024)
def parse(text: str) -> Dmarc:
    """The record that the text is, its tags in canonical order, unknown ones last.

    Raises RecordError for what RFC 9989 4.8 does not allow, and for tags given twice.
    """
    values: dict[str, str] = {}
    for tag in tags(text)[1:]:
        if tag.name in values or tag.name == "v":
            message = f"tag {shown(tag.name, 40)}= appears twice"
            raise RecordError("dmarc-duplicate-tag", message, tag.offset, length=len(tag.name))
        value = tag.value.lower() if tag.name in _IN_LOWER_CASE else tag.value
        values[tag.name] = _canonical(tag.name, value, tag.value_offset)
    return _ordered(values)


def _no_version(text: str) -> RecordError:
    """Says that the version is not where it belongs, or not what it must be."""
    found = re.search(r"(?:\A|;)[ \t]*(v[ \t]*=[^;]*)", text, re.IGNORECASE)
    start, length = 0, len(text.partition(";")[0])
    if found is not None:
        start, length = found.start(1), len(found[1].rstrip())
    message = "a DMARC record begins with v=DMARC1;"
    return RecordError("dmarc-version", message, start, "v=DMARC1; p=none; ...", length)


def _ordered(values: dict[str, str]) -> Dmarc:
    known = [(name, values[name]) for name in ORDER if name in values]
    return Dmarc((*known, *((name, values[name]) for name in values if name not in ORDER)))


def _canonical(name: str, value: str, offset: int) -> str:
    """The value as it is printed.  Raises RecordError, its offset counted from ``offset``."""
    allowed = _VALUES.get(name)
    if allowed is not None and value in allowed:
        return value
    if not value:
        message = f"tag {shown(name, 40)}= has no value"
        raise RecordError("dmarc-empty-value", message, offset)
    if (stray := _STRAY.search(value)) is not None:
        raw_address = name in ("rua", "ruf") and stray[0] > "\x7f"
        rule = "rua-smtputf8" if raw_address else "dmarc-syntax"
        message = f"U+{ord(stray[0]):04X} in tag {shown(name, 40)}="
        raise RecordError(rule, message, offset + stray.start(), length=1)
    if allowed is not None:
        words = sorted(allowed, key=lambda v: POLICIES.index(v) if v in POLICIES else ord(v[0]))
        message = f"{name}={value[:40]} is not one of {', '.join(words)}"
        raise RecordError("dmarc-value", message, offset, length=len(value))
    if name == "pct" and not (value.isdigit() and len(value) <= 3 and int(value) <= 100):
        message = f"pct={value[:40]} is no percentage"
        raise RecordError("dmarc-value", message, offset, length=len(value))
    if name == "fo":
        check_failure_options(value, offset)
    return _addresses(value, offset) if name in ("rua", "ruf") else value


def _addresses(value: str, offset: int) -> str:
    """RFC 9989 4.8 dmarc-urilist: URIs, each with or without the size limit of old."""
    uris: list[str] = []
    for piece in value.split(","):
        uri = piece.strip(_SPACES)
        start = offset + len(piece) - len(piece.lstrip(_SPACES))
        if not uri:
            raise RecordError("rua-scheme", "an address is missing beside a comma", start)
        try:
            check_uri(split_size(uri)[0])
        except RecordError as error:
            raise error.moved(start) from None
        uris.append(uri)
        offset += len(piece) + 1
    return ",".join(uris)


def check_failure_options(value: str, offset: int = 0) -> None:
    """RFC 9989 4.8: 0 or 1, and d and s at most once each.  Raises RecordError."""
    parts = value.lower().split(":")
    if len(parts) != len(set(parts)) or not _FAILURE_OPTIONS.issuperset(parts):
        message = f"fo={shown(value, 40)} is not made of 0, 1, d and s, once each"
        raise RecordError("dmarc-fo-value", message, offset, length=len(value))
    if "0" in parts and "1" in parts:
        message = "fo=0 and fo=1 exclude each other"
        raise RecordError("dmarc-fo-value", message, offset, length=len(value))
