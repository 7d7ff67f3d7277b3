"""MTA-STS (RFC 8461) and TLS-RPT (RFC 8460) of a domain."""

from __future__ import annotations

from collections.abc import Iterator

from generator.declaration.model import Domain, MtaSts
from generator.finding import Finding, Locatable, Severity, finding
from generator.names import display
from generator.records import mta_sts, mx, tls_rpt
from generator.values import Kind, Reason, Values


def add_transport(domain: Domain, made: Values) -> str:
    """Add the records that the domain asks for; the text of its policy file, or nothing."""
    if domain.tls_rpt:
        record = tls_rpt.TlsRpt(tuple(dict.fromkeys(uri for uri, _ in domain.tls_rpt)))
        reasons = tuple(Reason(f"reports about TLS go to {u}", w) for u, w in domain.tls_rpt)
        made.add(f"_smtp._tls.{domain.name}.", "TXT", str(record), Kind.TRANSPORT, reasons)
    wanted = domain.mta_sts
    return "" if wanted is None else _mta_sts(domain, wanted, made)


def _mta_sts(domain: Domain, wanted: MtaSts, made: Values) -> str:
    """The record, and the address of the host that serves the file; returns the file's text."""
    hosts = [host for host in made.exchangers(domain.name) if host != mx.NULL.host]
    patterns = wanted.mx or tuple(dict.fromkeys(host.removesuffix(".") for host in hosts))
    if not patterns and wanted.mode != "none":
        help = "name the hosts that take the mail: `mta_sts: {mx: [mx.example.net]}`"
        message = f"MTA-STS of {display(domain.name)}: no MX is declared, so no host is known"
        if domain.null_mx is not None:
            message, help = f"{display(domain.name)} takes no mail: MTA-STS has no hosts", ""
        made.fault("mta-sts-policy", message, wanted.where, help)
        return ""
    policy = mta_sts.Policy(wanted.mode, wanted.max_age, patterns)
    for host in hosts:
        if not policy.covers(host):
            made.findings += uncovered(policy, host, wanted.where)
    reason = Reason(f"MTA-STS, mode {wanted.mode}: the id follows from the policy", wanted.where)
    text = str(mta_sts.MtaSts(policy.id))
    made.add(f"_mta-sts.{domain.name}.", "TXT", text, Kind.TRANSPORT, (reason,))
    if wanted.host == f"mta-sts.{domain.name}":
        help = "name the web server that serves the file, or leave `host` out"
        made.fault(
            "mta-sts-host", f"{wanted.host} cannot be an alias of itself", wanted.where, help
        )
    elif wanted.host:
        reason = Reason("the policy file is served there (RFC 8461 3.3)", wanted.where)
        name, target = f"mta-sts.{domain.name}.", f"{wanted.host}."
        made.add(name, "CNAME", target, Kind.TRANSPORT, (reason,))
    return str(policy)


def uncovered(policy: mta_sts.Policy, host: str, where: Locatable | None) -> Iterator[Finding]:
    """What becomes of mail to an MX that the policy does not name (RFC 8461 4.1, 5)."""
    name = host.removesuffix(".")
    help = f"add `{name}` to `mx` of `mta_sts`"
    if policy.mode == "enforce":
        message = f"no `mx` of the MTA-STS policy names {name}: senders keep its mail back"
        yield finding("mta-sts-mx-uncovered", message, where, help)
    elif policy.mode == "testing":
        message = (
            f"no `mx` of the MTA-STS policy names {name}; in mode enforce its mail is kept back"
        )
        yield finding("mta-sts-mx-uncovered", message, where, help, Severity.WARNING)
