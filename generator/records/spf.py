"""SPF records (RFC 7208): the whole grammar of section 12.

A record is a version and terms; a term is a mechanism with a qualifier, or a modifier.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from generator.records.error import RecordError

VERSION = "v=spf1"
LOOKUP_LIMIT = 10  # RFC 7208 4.6.4: terms that cause DNS queries, over the whole tree
VOID_LIMIT = 2  # RFC 7208 4.6.4: answers without records
QUERYING = frozenset({"include", "a", "mx", "ptr", "exists"})

_MECHANISMS = ("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists")
_NEEDS_DOMAIN = frozenset({"include", "exists"})
_MODIFIER = re.compile(r"([a-z][a-z0-9._-]*)=(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_SWAPPED = re.compile(r"(?:/\d+|//\d+)/\d+\Z", re.ASCII)  # a/24/64, a//64/24
_CIDR = re.compile(r"(?:/(\d+))?(?://(\d+))?\Z", re.ASCII)
_MACRO = re.compile(
    r"%(?:\{([slodiphvcrt])(\d*)(r?)([.+,/_=-]*)\}|([%_-]))", re.IGNORECASE | re.ASCII
)
_STRAY = re.compile(r"[^ -~]")
_TOP_LABEL = re.compile(r"(?=.*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z", re.IGNORECASE | re.ASCII)


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


def parse(text: str) -> Spf:
    """The record that the text is.  Raises RecordError for everything that is permerror or none."""
    if not is_spf(text):
        if text[:6].lower() == VERSION:
            raise RecordError("spf-version", "v=spf1 must be followed by a space", 6)
        raise RecordError("spf-version", "an SPF record begins with v=spf1", 0)
    stray = _STRAY.search(text)
    if stray is not None:
        what = "a tab" if stray[0] == "\t" else f"U+{ord(stray[0]):04X}"
        message = f"{what} in an SPF record; only ASCII and spaces"
        raise RecordError("spf-charset", message, stray.start())
    terms: list[Term] = []
    seen: set[str] = set()
    offset = 6
    for piece in text[6:].split(" "):
        if piece:
            term = parse_term(piece, offset)
            if isinstance(term, Modifier) and term.name in ("redirect", "exp"):
                if term.name in seen:
                    raise RecordError("spf-modifier-twice", f"{term.name}= appears twice", offset)
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
        if comma > 0 and error.rule != "spf-charset" and _is_term(text[:comma]):
            # Some people write the terms as a list; a comma inside a term stays its own fault.
            message = "terms are separated by spaces, not commas"
            raise RecordError("spf-charset", message, offset + comma) from None
        raise RecordError(error.rule, error.message, offset + error.offset, error.help) from None


def _is_term(text: str) -> bool:
    try:
        _term(text)
    except RecordError:
        return False
    return True


@lru_cache(maxsize=4096)
def _term(text: str) -> Term:
    for at, char in enumerate(text):
        if not "!" <= char <= "~":
            raise RecordError("spf-charset", f"U+{ord(char):04X} in an SPF term", at)
    modifier = _MODIFIER.fullmatch(text)
    if modifier:
        return _modifier(modifier[1], modifier[2], modifier.start(2))
    qualifier, start = ("+", 0) if text[:1] not in ("+", "-", "~", "?") else (text[0], 1)
    rest = text[start:]
    kind = re.match(r"[a-zA-Z0-9_-]*", rest)[0].lower()  # type: ignore[index]
    if kind not in _MECHANISMS:
        raise RecordError("spf-syntax", f"`{text[:60]}` is no SPF term", 0, _suggest(text, kind))
    tail, start = rest[len(kind) :], start + len(kind)
    if kind == "all":
        if tail:
            raise RecordError("spf-syntax", "`all` takes no value", start)
        return Mechanism("all", "", qualifier)
    if kind in ("ip4", "ip6"):
        return _address(kind, tail, qualifier, start)
    if tail.startswith(":"):
        body, start = tail[1:], start + 1
    elif kind in _NEEDS_DOMAIN:
        raise RecordError("spf-syntax", f"`{kind}` needs a domain: {kind}:example.com", start)
    elif tail and not tail.startswith("/"):
        raise RecordError("spf-syntax", f"`:` or `/` expected after `{kind}`", start)
    else:
        body = tail
    prefix4 = prefix6 = None
    if kind in ("a", "mx"):
        body, prefix4, prefix6 = _dual_cidr(body, start)
    if tail.startswith(":"):
        _check_domain_spec(body, start)
    elif body:
        raise RecordError("spf-cidr-syntax", f"`{body}` is no prefix length", start)
    return Mechanism(kind, _lower(body), qualifier, prefix4, prefix6)


def _modifier(name: str, value: str, start: int) -> Modifier:
    name = name.lower()
    if name in ("redirect", "exp"):
        _check_domain_spec(value, start)
        return Modifier(name, _lower(value))
    _check_macros(value, start)
    return Modifier(name, value)


def _address(kind: str, tail: str, qualifier: str, start: int) -> Mechanism:
    import ipaddress

    if not tail.startswith(":"):
        raise RecordError("spf-syntax", f"`{kind}` needs an address: {kind}:...", start)
    text, slash, length = tail[1:].partition("/")
    try:
        address = ipaddress.IPv4Address(text) if kind == "ip4" else ipaddress.IPv6Address(text)
    except ValueError:
        wanted = (
            "four numbers like 192.0.2.10" if kind == "ip4" else "an IPv6 address like 2001:db8::1"
        )
        raise RecordError("spf-cidr-syntax", f"`{text[:60]}` is not {wanted}", start + 1) from None
    if "%" in text:
        raise RecordError("spf-cidr-syntax", "an address in SPF has no zone index", start + 1)
    bits = 32 if kind == "ip4" else 128
    prefix = _prefix(length, bits, start + 2 + len(text)) if slash else None
    prefix = None if prefix == bits else prefix
    if isinstance(address, ipaddress.IPv4Address):
        return Mechanism(kind, str(address), qualifier, prefix4=prefix)
    # Python 3.13 changed how it spells these addresses; RFC 5952 5 recommends the dotted form.
    mapped = address.ipv4_mapped
    shown = str(address) if mapped is None else f"::ffff:{mapped}"
    return Mechanism(kind, shown, qualifier, prefix6=prefix)


def _prefix(text: str, bits: int, at: int) -> int:
    if not text.isascii() or not text.isdigit() or (len(text) > 1 and text[0] == "0"):
        raise RecordError("spf-cidr-syntax", f"`/{text[:20]}` is no prefix length", at)
    if len(text) > 3 or int(text) > bits:
        raise RecordError("spf-cidr-syntax", f"`/{text[:20]}` is longer than {bits} bits", at)
    return int(text)


def _dual_cidr(body: str, start: int) -> tuple[str, int | None, int | None]:
    """Split `domain/24//64`; a slash inside a macro's braces belongs to the domain."""
    swapped = _SWAPPED.search(body)
    if swapped is not None:
        message = f"`{swapped[0]}`: an IPv4 prefix has one slash, the IPv6 prefix behind it two"
        raise RecordError("spf-cidr-syntax", message, start + swapped.start(), "a/24//64")
    found = _CIDR.search(body)
    assert found is not None  # the pattern matches the empty end
    at = found.start()
    four = _prefix(found[1], 32, start + at) if found[1] is not None else None
    six = _prefix(found[2], 128, start + at) if found[2] is not None else None
    return body[:at], None if four == 32 else four, None if six == 128 else six


def _check_macros(text: str, start: int) -> bool:
    """RFC 7208 7.1; True if the text ends in a macro."""
    end = -1
    position = text.find("%")
    while position >= 0:
        macro = _MACRO.match(text, position)
        if macro is None:
            raise RecordError(
                "spf-macro-syntax",
                "`%` does not begin a macro",
                start + position,
                "a literal percent sign is written %%",
            )
        if macro[1]:
            if macro[1].lower() in "crt":
                raise RecordError(
                    "spf-macro-syntax",
                    f"macro letter {macro[1]} belongs in exp= texts",
                    start + position,
                )
            if macro[2] and not macro[2].strip("0"):
                raise RecordError(
                    "spf-macro-syntax", "a macro cannot keep 0 labels", start + position
                )
        end = macro.end()
        position = text.find("%", end)
    return end == len(text)


def _check_domain_spec(text: str, start: int) -> None:
    """RFC 7208 7.1 domain-spec, and RFC 1035 lengths where no macro hides them."""
    if not text:
        raise RecordError("spf-domain-spec", "the domain is missing", start)
    if _check_macros(text, start):
        return  # anything may come of it
    name = text.removesuffix(".")
    labels = name.split(".")
    if len(labels) < 2 and "%" not in text:
        raise RecordError("spf-domain-spec", f"`{text[:60]}` is a single label", start)
    if not _TOP_LABEL.match(labels[-1]):
        message = f"`{labels[-1][:60]}` is no top-level label"
        raise RecordError("spf-domain-spec", message, start + len(name) - len(labels[-1]))
    if "%" in text:
        return
    for label in labels:
        if not 1 <= len(label) <= 63:
            what = "an empty label" if not label else "a label of more than 63 characters"
            raise RecordError("spf-domain-spec", f"`{text[:60]}` has {what}", start)
    if len(name) > 253:
        raise RecordError("spf-domain-spec", "the name has more than 253 characters", start)


def _lower(domain_spec: str) -> str:
    """Lower-case a name; an upper-case macro letter means URL-encoding and stays."""
    if "%" not in domain_spec:
        return domain_spec.lower()
    parts: list[str] = []
    end = 0
    for macro in _MACRO.finditer(domain_spec):
        parts += [domain_spec[end : macro.start()].lower(), macro[0]]
        end = macro.end()
    return "".join(parts) + domain_spec[end:].lower()


def _suggest(text: str, kind: str) -> str:
    if kind in ("ipv4", "ipv6"):
        return f"write ip{kind[-1]}:"
    if kind in ("redirect", "exp"):
        return f"a modifier is followed by `=`: {kind}=..."
    from difflib import get_close_matches

    near = get_close_matches(kind, _MECHANISMS, 1)
    return f"did you mean `{near[0]}`?" if near else "mechanisms are " + ", ".join(_MECHANISMS)
