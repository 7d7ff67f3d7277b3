"""Who hands over a message: what SPF knows of it, as addresses and as values of macros."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import quote

from generator.names import MAX_LABEL, MAX_NAME, NameProblem, host
from generator.records.macro import Macro

POSTMASTER = "postmaster"  # RFC 7208 2.4 and 4.3: where the sender has no local part


@dataclass(frozen=True, slots=True)
class Client:
    """One SMTP transaction up to MAIL FROM.

    ``ip`` is the client's address as text, ``helo`` the name that it gave, ``sender`` the address
    in MAIL FROM, empty for a bounce.  ``receiver`` and ``time`` (seconds since 1970) serve only the
    macros r and t of explanations.  Raises ValueError if ``ip`` is no address.
    """

    ip: str
    helo: str
    sender: str
    receiver: str = "unknown"
    time: int = 0
    version: int = field(init=False)
    number: int = field(init=False)  # the address as an integer
    shown: str = field(init=False)  # the address in its usual form, for macro c
    local: str = field(init=False)
    domain: str = field(init=False)

    def __post_init__(self) -> None:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address
        address = ipaddress.ip_address(self.ip)
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped  # RFC 7208 5: counts as IPv4
        # RFC 7208 2.4: a bounce is checked as mail from postmaster at the HELO name.
        local, at, domain = self.sender.rpartition("@") if self.sender else ("", "@", self.helo)
        for name, value in (
            ("version", address.version),
            ("number", int(address)),
            ("shown", str(address)),
            ("local", local if at and local else POSTMASTER),
            ("domain", domain if domain.isascii() else _a_labels(domain)),
        ):
            object.__setattr__(self, name, value)

    @property
    def bits(self) -> int:
        return 32 if self.version == 4 else 128

    @property
    def labels(self) -> str:
        """The address as labels (RFC 7208 7.3, macro i): four numbers, or 32 hexadecimal digits."""
        # Upper case, as the official test suite has it; DNS does not care.
        return self.shown if self.version == 4 else ".".join(f"{self.number:032X}")

    @property
    def reverse_name(self) -> str:
        """The name of the address's PTR records (RFC 7208 5.5)."""
        zone = "in-addr.arpa" if self.version == 4 else "ip6.arpa"
        return f"{'.'.join(reversed(self.labels.lower().split('.')))}.{zone}"

    def value(self, letter: str) -> str:
        """The value of a macro letter other than d and p, which depend on the record."""
        match letter:
            case "s":
                return f"{self.local}@{self.domain}"
            case "l":
                return self.local
            case "o":
                return self.domain
            case "i":
                return self.labels
            case "v":
                return "in-addr" if self.version == 4 else "ip6"
            case "h":
                return self.helo
            case "c":
                return self.shown
            case "r":
                return self.receiver
        return str(self.time)


def _a_labels(domain: str) -> str:
    """RFC 7208 4.3: an internationalised name is checked as A-labels; what is none stays."""
    try:
        return host(domain)
    except NameProblem:
        return domain


def transformed(macro: Macro, value: str) -> str:
    """The value as the macro wants it (RFC 7208 7.3): split, turned round, cut, escaped."""
    if macro.keep is not None or macro.reverse or macro.delimiters:
        delimiters = macro.delimiters or "."
        for other in delimiters[1:]:
            value = value.replace(other, delimiters[0])
        parts = value.split(delimiters[0])
        if macro.reverse:
            parts.reverse()
        if macro.keep is not None:
            parts = parts[-macro.keep :]
        value = ".".join(parts)
    return quote(value, safe="") if macro.letter.isupper() else value


def is_queryable(name: str) -> bool:
    """True if a DNS query can be made for the name (RFC 1035 2.3.4)."""
    fits = 0 < len(name) <= MAX_NAME and name.isascii()
    return fits and all(0 < len(label) <= MAX_LABEL for label in name.split("."))


def cut(name: str) -> str:
    """The name without the labels on its left that are too many (RFC 7208 7.3); may be empty."""
    while len(name) > MAX_NAME:
        name = name.partition(".")[2]
    return name
