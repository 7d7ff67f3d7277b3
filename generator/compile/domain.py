"""One domain to its values."""

from __future__ import annotations

from generator.compile.services import add_services, sites
from generator.compile.spf import add_spf
from generator.declaration.model import Domain
from generator.policy import governs_subdomains, policy_names, policy_text
from generator.records import mx
from generator.values import (
    AUTHORISATION,
    Compiled,
    Kind,
    Reason,
    Values,
    report_wildcard,
    stage_reason,
)


def compile_domain(domain: Domain) -> Compiled:
    """All values of one domain, in the order in which they are written.

    What cannot be made becomes a finding; values are then incomplete and must not be published.
    """
    if domain.release:
        return Compiled(domain, ())
    made = Values(domain)
    senders = [site for use in domain.services for site in sites(use)]
    add_spf(domain, senders, made)
    _dmarc(domain, made)
    add_services(senders, made)
    _parked(domain, made)
    for record in domain.records:
        reason = Reason("declared under records", record.where)
        made.add(f"{record.name}.", record.type, record.text, Kind.PLAIN, (reason,), ttl=record.ttl)
    if domain.accepts_reports == "any":
        reason = Reason(
            "accepts_reports: reports about any domain are welcome (RFC 9990 4)", domain.where
        )
        made.add(report_wildcard(domain.name), "TXT", AUTHORISATION, Kind.REPORT, (reason,))
    for server in domain.zone.ns:
        reason = Reason("name server of the zone", domain.zone.where)
        made.add(f"{domain.name}.", "NS", f"{server}.", Kind.NS, (reason,))
    policy = ""
    if domain.mta_sts or domain.tls_rpt:
        from generator.compile.transport import add_transport  # few ask for it

        policy = add_transport(domain, made)
    return Compiled(domain, made.sorted(), made.findings, policy)


def _dmarc(domain: Domain, made: Values) -> None:
    names = policy_names(domain)
    if not names:
        return
    text = policy_text(domain)
    because = [stage_reason(domain, f"asks receivers for p={domain.stage.p}")]
    unwritten = () if governs_subdomains(domain) else ("sp", "np")
    because += [
        Reason(
            f"{name} is left out: declared under dmarc"
            if tag.value is None
            else f"{name}={tag.value}: declared under dmarc",
            tag.where,
        )
        for name, tag in domain.tags.items()
        if name not in unwritten
    ]
    because += [Reason(f"{r.tag}: reports go to {r.what}", r.where) for r in domain.reports]
    for name in names:
        made.add(f"_dmarc.{name}.", "TXT", text, Kind.DMARC, tuple(because))


def _parked(domain: Domain, made: Values) -> None:
    if domain.null_mx is not None:
        reason = Reason("null_mx: the domain takes no mail (RFC 7505)", domain.null_mx)
        made.add(f"{domain.name}.", "MX", str(mx.NULL), Kind.MX, (reason,))
    if domain.revoke_dkim is not None:
        reason = Reason("revoke_dkim: no signature of the domain counts", domain.revoke_dkim)
        made.add(f"*._domainkey.{domain.name}.", "TXT", "v=DKIM1; p=", Kind.DKIM, (reason,))
