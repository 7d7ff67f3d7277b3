"""SPF records (RFC 7208): the whole grammar of section 12.

A record is a version and terms; a term is a mechanism with a qualifier, or a modifier.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from generator.records import macro
from generator.records.error import RecordError, shown

VERSION = "v=spf1"
LOOKUP_LIMIT = 10  # RFC 7208 4.6.4: terms that cause DNS queries, over the whole tree
VOID_LIMIT = 2  # RFC 7208 4.6.4: answers without records
QUERYING = frozenset({"include", "a", "mx", "ptr", "exists"})

_MECHANISMS = ("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists")
_NEEDS_DOMAIN = frozenset({"include", "exists"})
_KIND = re.compile(r"[a-zA-Z0-9_-]*", re.ASCII)
_MODIFIER = re.compile(r"([a-z][a-z0-9._-]*)=(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_SWAPPED = re.compile(r"(?:/\d+|//\d+)/\d+\Z", re.ASCII)  # a/24/64, a//64/24
_CIDR = re.compile(r"(?:/(\d+))?(?://(\d+))?\Z", re.ASCII)
_QNUM = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IP4 = re.compile(rf"{_QNUM}(?:\.{_QNUM}){{3}}", re.ASCII)
_STRAY = re.compile(r"[^ -~]")
# Where a raw internationalised name may have been written.
_TARGET = re.compile(r"[+?~-]?(?:include|exists|a|mx|ptr):|redirect=|exp=", re.IGNORECASE)
_LABEL = re.compile(r"[^:=./\s]*")
_LABEL_START = re.compile(_LABEL.pattern + r"\Z")


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A mechanism with its qualifier.

    ``value`` is the domain-spec of include, a, mx, ptr and exists (empty: the domain itself), or
    the canonical address of ip4 and ip6.  ``prefix4`` and ``prefix6`` are prefix lengths; None
    means all bits.
    """

    kind: str
    value: str = ""
    qualifier: str = "+"
    prefix4: int | None = None
    prefix6: int | None = None

    @property
    def lookups(self) -> int:
        """Queries that count towards the limit for this term alone (RFC 7208 4.6.4)."""
        return 1 if self.kind in QUERYING else 0

    def __str__(self) -> str:
        text = self.kind if self.qualifier == "+" else self.qualifier + self.kind
        if self.value:
            text += f":{self.value}"
        if self.prefix4 is not None:
            text += f"/{self.prefix4}"
        if self.prefix6 is not None:
            text += f"/{self.prefix6}" if self.kind == "ip6" else f"//{self.prefix6}"
        return text


@dataclass(frozen=True, slots=True)
class Modifier:
    """redirect, exp, or a modifier that receivers ignore."""

    name: str
    value: str

    @property
    def lookups(self) -> int:
        return 1 if self.name == "redirect" else 0

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


Term = Mechanism | Modifier


@dataclass(frozen=True, slots=True)
class Spf:
    """An SPF record."""

    terms: tuple[Term, ...] = ()

    @property
    def all(self) -> Mechanism | None:
        """The first `all`; what stands behind it is never evaluated."""
        for term in self.terms:
            if isinstance(term, Mechanism) and term.kind == "all":
                return term
        return None

    def __str__(self) -> str:
        return " ".join([VERSION, *map(str, self.terms)])


def is_spf(text: str) -> bool:
    """True if receivers take the TXT record for SPF (RFC 7208 4.5)."""
    return text[:6].lower() == VERSION and (len(text) == 6 or text[6] == " ")


@lru_cache(maxsize=1024)
def parse(text: str) -> Spf:
    """The record that the text is.  Raises RecordError for everything that is permerror or none."""
    if not is_spf(text):
        if text[:6].lower() == VERSION:
            message = "v=spf1 must be followed by a space"
            raise RecordError("spf-version", message, 6, length=1)
        message = "an SPF record begins with v=spf1"
        length = len(text.partition(" ")[0]) or len(text[:1])
        raise RecordError("spf-version", message, 0, length=length)
    if not (text.isascii() and text.isprintable()):
        raise _stray(text)
    terms: list[Term] = []
    seen: set[str] = set()
    offset = 6
    for piece in text[6:].split(" "):
        if piece:
            term = parse_term(piece, offset)
            if isinstance(term, Modifier) and term.name in ("redirect", "exp"):
                if term.name in seen:
                    message = f"{term.name}= appears twice"
                    raise RecordError("spf-modifier-twice", message, offset, length=len(piece))
                seen.add(term.name)
            terms.append(term)
        offset += len(piece) + 1
    return Spf(tuple(terms))


def parse_term(text: str, offset: int = 0) -> Term:
    """One term.  Raises RecordError, its offset counted from ``offset``."""
    try:
        return _term(text)
    except RecordError as error:
        comma = text.find(",")
        in_ascii = error.rule not in ("spf-charset", "spf-u-label")
        if comma > 0 and in_ascii and _is_term(text[:comma]):
            # Some people write the terms as a list; a comma inside a term stays its own fault.
            message = "terms are separated by spaces, not commas"
            raise RecordError("spf-charset", message, offset + comma, length=1) from None
        raise error.moved(offset) from None


def _is_term(text: str) -> bool:
    try:
        _term(text)
    except RecordError:
        return False
    return True


@lru_cache(maxsize=4096)
def _term(text: str) -> Term:
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise _stray(text)
    modifier = _MODIFIER.fullmatch(text) if "=" in text else None
    if modifier:
        return _modifier(modifier[1], modifier[2], modifier.start(2))
    qualifier, start = ("+", 0) if text[:1] not in ("+", "-", "~", "?") else (text[0], 1)
    found = _KIND.match(text, start)
    assert found is not None  # the pattern matches nothing as well
    kind = found[0].lower()
    if kind not in _MECHANISMS:
        help = _suggest(text, kind)
        raise RecordError("spf-syntax", f"`{shown(text)}` is no SPF term", 0, help, len(text))
    start = found.end()
    tail = text[start:]
    if kind == "all":
        if tail:
            raise RecordError("spf-syntax", "`all` takes no value", start, length=len(tail))
        return Mechanism("all", "", qualifier)
    if kind in ("ip4", "ip6"):
        return _address(kind, tail, qualifier, start)
    if tail.startswith(":"):
        body, start = tail[1:], start + 1
    elif kind in _NEEDS_DOMAIN:
        message = f"`{kind}` needs a domain: {kind}:example.com"
        raise RecordError("spf-syntax", message, start, length=len(tail))
    elif tail and not tail.startswith("/"):
        message = f"`:` or `/` expected after `{kind}`"
        raise RecordError("spf-syntax", message, start, length=len(tail))
    else:
        body = tail
    prefix4 = prefix6 = None
    if "/" in body and kind in ("a", "mx"):
        body, prefix4, prefix6 = _dual_cidr(body, start)
    if tail.startswith(":"):
        macro.check_domain_spec(body, start)
    elif body:
        message = f"`{shown(body)}` is no prefix length"
        raise RecordError("spf-cidr-syntax", message, start, length=len(body))
    return Mechanism(kind, macro.lower(body), qualifier, prefix4, prefix6)


def _modifier(name: str, value: str, start: int) -> Modifier:
    name = name.lower()
    if name in ("redirect", "exp"):
        macro.check_domain_spec(value, start)
        return Modifier(name, macro.lower(value))
    macro.check(value, start)
    return Modifier(name, value)


def _address(kind: str, tail: str, qualifier: str, start: int) -> Mechanism:
    if not tail.startswith(":"):
        message = f"`{kind}` needs an address: {kind}:..."
        raise RecordError("spf-syntax", message, start, length=len(tail))
    text, slash, length = tail[1:].partition("/")
    start += 1
    bits = 32 if kind == "ip4" else 128
    prefix = None
    if kind == "ip4":
        if not _IP4.fullmatch(text):
            message = f"`{shown(text)}` is not four numbers like 192.0.2.10"
            raise RecordError("spf-cidr-syntax", message, start, length=len(text))
        address = text
    else:
        address = _ip6(text, start)
    if slash:
        prefix = _prefix(length, bits, start + len(text) + 1)
        prefix = None if prefix == bits else prefix
    if kind == "ip4":
        return Mechanism(kind, address, qualifier, prefix4=prefix)
    return Mechanism(kind, address, qualifier, prefix6=prefix)


def _ip6(text: str, start: int) -> str:
    """An IPv6 address in canonical form (RFC 5952)."""
    import ipaddress

    if "%" in text:
        message = "an address in SPF has no zone index"
        at = text.index("%")
        raise RecordError("spf-cidr-syntax", message, start + at, length=len(text) - at)
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        message = f"`{shown(text)}` is not an IPv6 address like 2001:db8::1"
        raise RecordError("spf-cidr-syntax", message, start, length=len(text)) from None
    # Python 3.13 changed how it spells these addresses; RFC 5952 5 recommends the dotted form.
    mapped = address.ipv4_mapped
    return str(address) if mapped is None else f"::ffff:{mapped}"


def _prefix(text: str, bits: int, at: int) -> int:
    if not (text.isascii() and text.isdigit()) or (len(text) > 1 and text[0] == "0"):
        message = f"`/{shown(text, 20)}` is no prefix length"
        raise RecordError("spf-cidr-syntax", message, at, length=len(text))
    if len(text) > 3 or int(text) > bits:
        message = f"`/{shown(text, 20)}` is longer than {bits} bits"
        raise RecordError("spf-cidr-syntax", message, at, length=len(text))
    return int(text)


def _dual_cidr(body: str, start: int) -> tuple[str, int | None, int | None]:
    """Split `domain/24//64`; a slash inside a macro's braces belongs to the domain."""
    swapped = _SWAPPED.search(body)
    if swapped is not None:
        message = (
            f"`{shown(swapped[0])}`: an IPv4 prefix has one slash, the IPv6 prefix behind it two"
        )
        at = start + swapped.start()
        raise RecordError("spf-cidr-syntax", message, at, "a/24//64", len(swapped[0]))
    found = _CIDR.search(body)
    assert found is not None  # the pattern matches the empty end
    four = _prefix(found[1], 32, start + found.start(1)) if found[1] is not None else None
    six = _prefix(found[2], 128, start + found.start(2)) if found[2] is not None else None
    return body[: found.start()], None if four == 32 else four, None if six == 128 else six


def _stray(text: str) -> RecordError:
    """The first character that is not ASCII, or not printable, or a space inside a term."""
    found = _STRAY.search(text) or re.search(" ", text)
    assert found is not None
    at, char = found.start(), found[0]
    word = text.rfind(" ", 0, at) + 1
    if char > "\x7f" and ("a" + char).isidentifier() and _TARGET.match(text, word):
        label = _LABEL_START.search(text, word, at)
        assert label is not None
        whole = _LABEL.match(text, label.start())
        assert whole is not None
        message = f"`{shown(whole[0])}` is not ASCII; names in SPF are written as A-labels"
        help = "the A-label begins with xn--"
        return RecordError("spf-u-label", message, whole.start(), help, len(whole[0]))
    what = {"\t": "a tab", " ": "a space"}.get(char, f"U+{ord(char):04X}")
    where = "an SPF term" if char == " " else "an SPF record; only ASCII and spaces"
    return RecordError("spf-charset", f"{what} in {where}", at, length=1)


def _suggest(text: str, kind: str) -> str:
    if kind in ("ipv4", "ipv6"):
        return f"write ip{kind[-1]}:"
    if kind in ("redirect", "exp"):
        return f"a modifier is followed by `=`: {kind}=..."
    from difflib import get_close_matches

    near = get_close_matches(kind, _MECHANISMS, 1)
    return f"did you mean `{near[0]}`?" if near else "mechanisms are " + ", ".join(_MECHANISMS)
