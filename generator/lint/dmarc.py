"""Checks of DMARC records and of where reports go."""

from __future__ import annotations

from collections.abc import Iterator

from generator.finding import Finding, Severity, finding
from generator.lint.subject import Subject
from generator.policy import governs_subdomains, policy_names, policy_record, stage_tags
from generator.records.dmarc import POLICIES
from generator.suffixes import organizational_domain

MAX_ADDRESSES = 2  # RFC 7489 6.2 promised no more


def reports(subject: Subject) -> Iterator[Finding]:
    domain = subject.domain
    if not policy_names(domain) or domain.stage.name == "audit" or domain.release:
        return
    rua = [address for address in domain.reports if address.tag == "rua"]
    where = domain.dmarc_where or domain.stage_where
    if not rua:
        final = domain.stage.name in ("enforce", "parked") or domain.stage.name == domain.goal
        message = f"{domain.display} is at stage {domain.stage.name} without an address for reports"
        help = "`dmarc: {reports: [mailto:dmarc@example.com]}`, or a report service by name"
        yield finding(
            "rua-missing", message, where, help, severity=Severity.ADVICE if final else None
        )
    elif len(rua) > MAX_ADDRESSES:
        message = f"{len(rua)} report addresses; reporters may serve only the first two"
        yield finding("rua-many", message, rua[MAX_ADDRESSES].where)


def weaker(subject: Subject) -> Iterator[Finding]:
    domain = subject.domain
    declared = domain.tags.get("sp")
    if declared is None or not policy_names(domain) or not governs_subdomains(domain):
        return
    record = policy_record(domain)
    if POLICIES.index(record.subdomain_policy) < POLICIES.index(record.policy):
        message = f"sp={record.subdomain_policy} is weaker than p={record.policy}"
        yield finding("dmarc-sp-weaker", message, declared.where)


def below(subject: Subject) -> Iterator[Finding]:
    """sp and np count only in the record of an Organizational Domain, which psd=n makes it."""
    domain = subject.domain
    if governs_subdomains(domain):
        return
    for name in ("sp", "np"):
        declared = domain.tags.get(name)
        if declared is not None and declared.value is not None:
            message = f"{name} counts for nothing at {domain.display}, so it is not written"
            top = organizational_domain(domain.name)
            help = f"below the Organizational Domain the record of {top} decides; leave it out here"
            yield finding("dmarc-sp-on-sub", message, declared.where, help)


def deviations(subject: Subject) -> Iterator[Finding]:
    domain = subject.domain
    stage = domain.stage
    usual = stage_tags(domain)
    for name in ("sp", "np"):
        tag = domain.tags.get(name)
        if tag is not None and tag.value != usual.get(name) and governs_subdomains(domain):
            what = "is left out" if tag.value is None else f"is {tag.value}"
            message = f"{name} {what}; stage {stage.name} says {usual.get(name, 'nothing')}"
            yield finding("stage-deviation", message, tag.where)
    if domain.spf_all and domain.spf_all != stage.all:
        message = f"SPF ends in {domain.spf_all}all; stage {stage.name} says {stage.all}all"
        yield finding("stage-deviation", message, domain.spf_where)
        if domain.spf_all == "-" and not stage.at_least("reject"):
            message = f"SPF hard fail at stage {stage.name}"
            help = "mail that DKIM would save may be refused before DKIM is looked at, unseen in reports"
            yield finding("rollout-hardfail-early", message, domain.spf_where, help)


CHECKS = (reports, weaker, below, deviations)
