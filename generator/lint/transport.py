"""Checks of records about transport and brand where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from generator.finding import Finding, Severity, finding
from generator.lint.subject import Records, Subject, found
from generator.lint.texts import transport
from generator.records import dmarc, mta_sts, tls_rpt
from generator.records.error import RecordError
from generator.values import Value


def records(subject: Records) -> Iterator[Finding]:
    """MTA-STS, TLS-RPT, BIMI, CAA and TLSA records."""
    for value in subject.other:
        name = value.name
        if value.type == "CAA":
            for fault in transport.caa_faults(value.text):
                yield found(value, fault, f"CAA of {name[:-1]}")
        elif value.type == "TLSA":
            yield from _tlsa(subject, value)
        elif value.type != "TXT" or (name[0] != "_" and "._bimi." not in name):
            continue
        elif name.startswith("_mta-sts."):
            yield from _mta_sts(subject, value)
        elif name.startswith("_smtp._tls."):
            for fault in transport.tls_rpt_faults(value.text):
                yield found(value, fault, f"TLS-RPT of {name[11:-1]}")
            yield from _one(subject, value, tls_rpt.is_tls_rpt, "tlsrpt-record")
        elif "._bimi." in name:
            yield from _bimi(subject, value)


def _one(
    subject: Records, value: Value, ours: Callable[[str], bool], rule: str
) -> Iterator[Finding]:
    """With two records of a kind senders use none."""
    twins = [v for v in subject.by_name[value.name] if v.type == "TXT" and ours(v.text)]
    if len(twins) > 1 and twins[-1] is value:
        message = f"{len(twins)} such records at {value.name}: senders use none of them"
        yield finding(rule, message, value.where, "keep one")


def _mta_sts(subject: Records, value: Value) -> Iterator[Finding]:
    domain = value.name.removeprefix("_mta-sts.")
    for fault in transport.mta_sts_faults(value.text):
        yield found(value, fault, f"MTA-STS of {domain[:-1]}")
    yield from _one(subject, value, mta_sts.is_mta_sts, "mta-sts-record")
    announced = (v for v in subject.by_name[value.name] if mta_sts.is_mta_sts(v.text))
    first = next(announced, None)  # one host is missing, however many records announce it
    inside = domain == subject.apex or domain.endswith(f".{subject.apex}")
    if value is first and inside and not subject.partial and not _served(subject, domain):
        severity = None if subject.whole else Severity.WARNING
        help = f"senders fetch https://mta-sts.{domain[:-1]}/.well-known/mta-sts.txt"
        yield finding("mta-sts-host", _no_host(domain), value.where, help, severity)


def host(subject: Subject) -> Iterator[Finding]:
    """A whole zone replaces everything, so a host that it lacks is not there."""
    domain = subject.domain
    if domain.mta_sts is None or domain.zone.mode != "zone" or domain.parent:
        return
    name = f"{domain.name}."
    if domain.name == domain.zone.name and not _served(subject, name):
        help = "`mta_sts: {host: ...}` makes it an alias of the web host"
        yield finding("mta-sts-host", _no_host(name), domain.mta_sts.where, help)


def _no_host(domain: str) -> str:
    return f"mta-sts.{domain[:-1]} has no address: nobody can fetch the policy"


def _served(subject: Records, domain: str) -> bool:
    """True if the policy's host has an address here, or may have one elsewhere."""
    name = f"mta-sts.{domain}"
    there = subject.by_name.get(name) or subject.by_name.get(f"*.{domain}") or ()
    return any(v.type in ("A", "AAAA", "CNAME", "NS") for v in there)


def _tlsa(subject: Records, value: Value) -> Iterator[Finding]:
    if not value.name.startswith(("_25._tcp.", "_465._tcp.", "_587._tcp.")):
        return
    for fault in transport.tlsa_faults(value.text):
        yield found(value, fault, f"TLSA of {value.name[:-1]}")
    host = value.name.split(".", 2)[2]
    targets = {v.text.partition(" ")[2] for v in subject.exchanges.get(host, ())}
    if value.name.startswith("_25.") and targets and host not in targets:
        message = f"TLSA at {host}, whose mail goes to {', '.join(sorted(targets))}"
        help = "senders look it up at the MX host's own name"
        yield finding("dane-params", message, value.where, help)


def _bimi(subject: Records, value: Value) -> Iterator[Finding]:
    faults = transport.bimi_faults(value.text)
    domain = value.name.partition("._bimi.")[2]
    for fault in faults:
        yield found(value, fault, f"BIMI of {domain[:-1]}")
    policies = [v for v in subject.policies if v.name == f"_dmarc.{domain}"]
    if faults or len(policies) != 1:
        return
    try:
        record = dmarc.parse(policies[0].text)
    except RecordError:
        return
    why = ""
    if "none" in (record.policy, record.subdomain_policy):
        why = f"p={record.policy}, sp={record.subdomain_policy}"
    elif record.get("t") == "y" or record.get("pct", "100") != "100":
        why = "a policy that is not applied in full"
    if why:
        message = f"a logo for {domain[:-1]} beside {why}: it is not shown"
        yield finding("bimi-policy", message, value.where, "enforce the policy first")
