"""What a template's record is for.

Templates do not say; the record's type and name tell most of it, the vendor's own words for host,
group and variables the rest.
"""

from __future__ import annotations

import re
from enum import Enum

from generator.catalogue.domainconnect.template import Record
from generator.catalogue.domainconnect.variables import Text, words
from generator.names import NameProblem, owner


class Role(Enum):
    """Where a record goes in an entry; ``LEFT`` goes nowhere."""

    SPF = "spf"
    DKIM = "dkim"
    INBOUND = "inbound-mx"
    BOUNCE = "bounce-mx"
    RETURN_PATH = "return-path"
    AUTODISCOVER = "autodiscover"
    TRACKING = "tracking"
    VERIFICATION = "verification"
    LEFT = "left"


# Types that no entry can hold, and why.
_LEFT_TYPES = {
    "A": "an address; services publish names, and `records:` takes it",
    "AAAA": "an address; services publish names, and `records:` takes it",
    "APEXCNAME": "no record of DNS, but a feature of some DNS hosts",
    "REDIR301": "a web redirect, no record of DNS",
    "REDIR302": "a web redirect, no record of DNS",
    "CAA": "about certificates, not mail; `records:` takes it",
    "NS1": "changes the domain's name servers at the registry",
    "NS2": "changes the domain's name servers at the registry",
    "DS": "changes the domain's DNSSEC at the registry",
}
# Names that belong to the domain and not to a service, and who looks after them.
_OWN_NAMES = (
    ("_dmarc", "DMARC follows from the declaration's stage and `dmarc:`, never from a service"),
    ("_bimi", "BIMI is the domain's, not the service's; `records:` takes it"),
    ("_mta-sts", "MTA-STS is the domain's, not the service's; `mta_sts:` declares it"),
    ("mta-sts", "MTA-STS is the domain's, not the service's; `mta_sts:` declares it"),
    ("_smtp._tls", "TLS reporting is the domain's, not the service's; `tls_rpt:` declares it"),
)

_DKIM_WORDS = frozenset({"dkim", "domainkey"})
_SPF_WORDS = frozenset({"spf", "spfm"})
# In this order: `return` in a record for tracking would be odd, `link` in one for returns too.
_WORDS = (
    (Role.RETURN_PATH, r"bounces?|return|returnpath|rpath|mailfrom|envelope|r"),
    (Role.TRACKING, r"track(ing|er)?|clicks?|opens?|links?|img|images?|url"),
    (Role.AUTODISCOVER, r"autodiscover|autoconfig|autodiscovery|imap|pop3?|smtp|webmail|mail"),
    (Role.VERIFICATION, r"verif(y|ication|ier)|verfication|tokens?|code|proof|ownership"),
)
_WEB = frozenset({"web", "website", "www", "redirection", "shop", "blog"})
_MATCHERS = tuple((role, re.compile(pattern)) for role, pattern in _WORDS)


def role(record: Record, senders: frozenset[str]) -> tuple[Role, str]:
    """The record's role, and why it is left out; ``senders`` are hosts that carry SPF."""
    if record.type in _LEFT_TYPES or record.type.startswith("TYPE"):
        return Role.LEFT, _LEFT_TYPES.get(record.type, "a type that mailzone does not know")
    reason = _unfit(record)
    if reason:
        return Role.LEFT, reason
    if is_spf(record):
        return Role.SPF, ""
    if is_dkim(record):
        return Role.DKIM, ""
    if record.type == "MX":
        host = str(record.host)
        bounces = host in senders or _guess(record) is Role.RETURN_PATH
        return (Role.BOUNCE if host != "@" and bounces else Role.INBOUND), ""
    if record.type == "SRV":
        return Role.AUTODISCOVER, ""
    if record.type == "TXT":
        return Role.VERIFICATION, ""
    if str(record.host) == "@":
        name = "a delegation" if record.type == "NS" else "a CNAME"
        return Role.LEFT, f"{name} at the name itself would take its SPF and DMARC away"
    if _WEB & {*record.host.words(), *words(record.group)}:
        return Role.LEFT, "a name of the web, not of mail"
    # What is constant would be published for everybody; as tracking it is only on request.
    neutral = Role.TRACKING if record.host.constant and record.value.constant else Role.VERIFICATION
    return _guess(record) or neutral, ""


def guessed(record: Record) -> bool:
    """True if nothing in the record tells what it is for."""
    return record.type in ("CNAME", "NS") and not is_dkim(record) and _guess(record) is None


def is_spf(record: Record) -> bool:
    if record.type == "SPFM":
        return True
    if record.type != "TXT":
        return False
    text = str(record.value).lower()
    if text.startswith("v=spf1"):
        return True
    if record.value.alone is None:
        return False
    return record.prefix.lower().startswith("v=spf1") or bool(
        _SPF_WORDS & {*record.value.words(), *_joined_words(record.value)}
    )


def is_dkim(record: Record) -> bool:
    """A key or a pointer to one: `_domainkey` in the name, or a name that the vendor calls so."""
    if "_domainkey" in str(record.host).split("."):
        return record.type in ("CNAME", "TXT", "NS")
    if record.host.constant is not None or record.type not in ("CNAME", "TXT"):
        return False
    named = {*record.host.words(), *_joined_words(record.host), *record.value.words()}
    return bool(_DKIM_WORDS & named)


def _unfit(record: Record) -> str:
    """Why no entry can hold the record, whatever it is for."""
    text = f"{record.host} {record.value}"
    if "%host%" in text:
        return "it uses %host%, the part of a name that the DNS host is told"
    if re.search(r"[{}]", re.sub(r"%\{[^}]*\}", "", text)):
        return "it holds a brace, which stands for a parameter in an entry"
    host = str(record.host)
    if "*" in host:
        return "a wildcard would answer for names of others"
    if host.endswith("."):
        return "its name is absolute; names of a service lie below the domain"
    for name, reason in _OWN_NAMES:
        if host == name or host.startswith(f"{name}.") or host.endswith(f".{name}"):
            return reason
    if {"domain", "fqdn"} & {*record.host.variables}:
        return "its name repeats the domain, below which it would stand"
    if not host or not str(record.value):
        return "it has no name or no value"
    points = record.type in ("CNAME", "NS", "MX", "SRV") and str(record.value) != "@"
    if host != "@" and not _is_name(record.host):
        return "its name is no name of DNS"
    if points and not _is_name(record.value):
        return "what it points to is no name of DNS"
    if points and not record.value.alone and "." not in str(record.value).removesuffix("."):
        return "what it points to is no whole host name"
    return ""


def _is_name(text: Text) -> bool:
    try:
        owner(text.filled(lambda _: "x").removesuffix("."))
    except NameProblem:
        return False
    return True


def _guess(record: Record) -> Role | None:
    """What host, group and variables say, in this order of trust; None if nothing is said."""
    for said in (record.host.words(), words(record.group), record.value.words()):
        for role, pattern in _MATCHERS:
            if any(pattern.fullmatch(word) for word in said):
                return role
    return None


def _joined_words(text: Text) -> list[str]:
    """Words without the digits behind them: `dkim1` is `dkim`."""
    return [word.rstrip("0123456789") for word in re.split(r"[^a-z0-9]+", str(text).lower())]
