"""Checks of SPF records."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache

from generator.catalogue.model import SpfNeed
from generator.finding import Finding, Severity, finding
from generator.lint.subject import Subject
from generator.records import spf
from generator.simulate.cost import count
from generator.values import Kind

NEAR_LIMIT = spf.LOOKUP_LIMIT - 1
WIDE = {4: (16, 8), 6: (32, 16)}  # prefix lengths below which a range is wide, and far too wide
SIZE_ADVISED = 450  # octets of name and text, RFC 7208 3.4


def lookups(subject: Subject) -> Iterator[Finding]:
    for value, record in subject.spf:
        cost = count(record, subject.costs)
        if cost.lookups < NEAR_LIMIT and not cost.unknown:
            continue
        shares = ", ".join(f"{term} {share}" for term, share in cost.terms)
        if cost.lookups > spf.LOOKUP_LIMIT:
            message = f"SPF of {value.name} costs {cost.lookups} look-ups; receivers stop at {spf.LOOKUP_LIMIT}"
            help = f"{shares}\nmove a service to a subdomain with `at:`, or drop one"
            yield finding("spf-lookup-limit", message, value.where, help)
        elif cost.lookups >= NEAR_LIMIT:
            message = f"SPF of {value.name} costs {cost.lookups} of {spf.LOOKUP_LIMIT} look-ups"
            yield finding("spf-lookup-near-limit", message, value.where, shares)
        if cost.unknown:
            message = (
                f"what {', '.join(cost.unknown)} costs is unknown; counted as one look-up each"
            )
            where = next(
                (r.where for r in value.because if r.what.startswith(cost.unknown)), value.where
            )
            yield finding("spf-cost-unknown", message, where)


def terms(subject: Subject) -> Iterator[Finding]:
    for value, record in subject.spf:
        for term in record.terms:
            if not isinstance(term, spf.Mechanism):
                continue
            for rule, message, help, severity in _term_faults(term):
                text = f"{term}:"
                reasons = (r.where for r in value.because if r.what.startswith(text))
                where = next(reasons, value.where)
                yield finding(rule, f"{message} in SPF of {value.name}", where, help, severity)


_Fault = tuple[str, str, str, Severity | None]  # rule, message, help, severity


@lru_cache(maxsize=4096)
def _term_faults(term: spf.Mechanism) -> tuple[_Fault, ...]:
    """What is wrong with a term by itself."""
    if term.kind == "all" and term.qualifier == "+":
        return (("spf-pass-all", f"`{term}` lets everybody pass", "", None),)
    if term.kind == "ptr" or "%{p" in term.value.lower():
        return (("spf-ptr", f"`{term}`", "list addresses instead", None),)
    if term.value.endswith("."):
        return (("spf-trailing-dot", f"`{term}` ends in a dot", f"write `{str(term)[:-1]}`", None),)
    return _range_faults(term) if term.kind in ("ip4", "ip6") else ()


def _range_faults(term: spf.Mechanism) -> tuple[_Fault, ...]:
    text = str(term)
    version = 4 if term.kind == "ip4" else 6
    prefix = term.prefix4 if version == 4 else term.prefix6
    length = (32 if version == 4 else 128) if prefix is None else prefix
    network = ipaddress.ip_network(f"{term.value}/{length}", strict=False)
    wide, far = WIDE[version]
    found: list[_Fault] = []
    if length == 0:
        found.append(("spf-pass-all", f"`{text}` lets every address pass", "", None))
    elif not network.is_global or network.is_multicast:
        found.append(("spf-ip-private", f"`{text}` can never be seen on the Internet", "", None))
    elif length < wide:
        severity = Severity.ERROR if length < far else None
        found.append(
            ("spf-cidr-wide", f"`{text}` spans {network.num_addresses:,} addresses", "", severity)
        )
    return tuple(found)


def useless(subject: Subject) -> Iterator[Finding]:
    for use in subject.domain.services:
        if use.forced and use.sends and use.provider.spf.needed is not SpfNeed.FROM_DOMAIN:
            message = (
                f"the SPF term of {use.provider.id} cannot align there; it only costs look-ups"
            )
            yield finding("spf-useless-include", message, use.where, "remove `spf: {force: true}`")


def size(subject: Subject) -> Iterator[Finding]:
    for value, _ in subject.spf:
        octets = len(value.name) + sum(
            len(other.text) for other in subject.by_name[value.name] if other.type == "TXT"
        )
        if octets > SIZE_ADVISED and value.kind is Kind.SPF:
            message = (
                f"the TXT answer of {value.name} has some {octets} octets; {SIZE_ADVISED} are safe"
            )
            yield finding("spf-answer-size", message, value.where)


CHECKS = (lookups, terms, useless, size)
