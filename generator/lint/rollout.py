"""Checks of a domain against its stage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from generator.alignment import signs
from generator.finding import Finding, Severity, finding
from generator.lint.subject import Subject
from generator.policy import governs_subdomains
from generator.records.dmarc import POLICIES

AFTER_RETIRING = timedelta(days=7)
MAX_TESTING = 60  # days
MAX_LABELS = 8  # RFC 9989 4.10: the walk up the tree takes eight steps


def parked(subject: Subject) -> Iterator[Finding]:
    domain = subject.domain
    if domain.stage.name != "parked":
        return
    for use in domain.services:
        if use.sends:
            message = f"{domain.display} is parked, but {use.provider.id} sends for it"
            yield finding(
                "parked-has-service",
                message,
                use.where,
                "`receives: only` for a service that sends nothing",
            )
    for text, where in domain.also:
        yield finding(
            "parked-has-service", f"{domain.display} is parked, but `{text}` lets hosts send", where
        )
    if domain.spf_all and domain.spf_all != "-":
        message = f"{domain.display} is parked, but its SPF ends in {domain.spf_all}all"
        yield finding("parked-incomplete", message, domain.spf_where, "leave `spf.all` out")
    sub = domain.tags.get("sp")
    if sub is not None and subject.wild and sub.value not in (None, "reject"):
        message = f"np never applies beside {min(subject.wild)}, and sp={sub.value}"
        yield finding("parked-wildcard", message, sub.where, "leave `sp` out")
    for host, where in domain.helo:
        yield finding(
            "parked-has-service", f"{domain.display} is parked, but {host} sends mail", where
        )


def paths(subject: Subject) -> Iterator[Finding]:
    """Every service needs an aligned path before receivers act on failures."""
    domain = subject.domain
    stage = domain.stage
    if stage.name == "parked" or not stage.at_least("quarantine-test"):
        return
    for path in subject.alignments:
        use = path.use
        if use.retiring is not None or (not path.dkim and subject.reports_missing_key(use)):
            continue
        if not path.passes:
            message = f"mail of {use.provider.id} from {path.sender} would fail DMARC at stage {stage.name}"
            yield finding(
                "rollout-service-unauthenticated", message, use.where, _remedy(subject, path.sender)
            )
        elif stage.at_least("reject-test") and not path.dkim:
            message = f"{use.provider.id} has no aligned DKIM for {path.sender}; stage {stage.name} needs it"
            help = "forwarded mail fails SPF: without DKIM it would be refused"
            yield finding("dmarc-reject-spf-only", message, use.where, help)


def unaligned(subject: Subject) -> Iterator[Finding]:
    """Signatures that cannot align, where nothing graver is said of the service."""
    stage = subject.domain.stage
    if stage.name == "parked" or stage.at_least("reject-test"):
        return
    grave = Severity.ERROR if stage.at_least("quarantine") else None
    for path in subject.alignments:
        if path.dkim or not signs(path.use) or path.use.retiring is not None:
            continue
        if _strict(subject) or (not path.passes and stage.at_least("quarantine-test")):
            continue
        message = (
            f"{path.use.provider.id} signs for {path.at}, which does not align with {path.sender}"
        )
        help = _remedy(subject, path.sender)
        yield finding("dkim-unaligned", message, path.use.where, help, severity=grave)


def hard_fail(subject: Subject) -> Iterator[Finding]:
    """-all ahead of its stage, while a service's forwarded mail has nothing but SPF."""
    domain = subject.domain
    if domain.spf_all != "-" or domain.stage.at_least("reject-test"):
        return
    for path in subject.alignments:
        if not path.dkim and path.use.retiring is None:
            message = f"SPF hard fail, and {path.use.provider.id} has no aligned DKIM"
            help = "its forwarded mail fails SPF and would be refused"
            yield finding("rollout-hardfail-no-dkim", message, domain.spf_where, help)


def lag(subject: Subject) -> Iterator[Finding]:
    """Subdomains two steps behind."""
    domain = subject.domain
    declared = domain.tags.get("sp")
    if declared is None or declared.value is None or not governs_subdomains(domain):
        return
    if POLICIES.index(domain.stage.p) - POLICIES.index(declared.value) > 1:
        message = f"sp={declared.value} lags behind p={domain.stage.p}"
        yield finding("rollout-sub-lag", message, declared.where, "forgers turn to subdomains")


def lists(subject: Subject) -> Iterator[Finding]:
    """People write to mailing lists, which break what DMARC checks (RFC 9989 7.4)."""
    domain = subject.domain
    if domain.stage.name == "parked" or not domain.stage.at_least("reject"):
        return
    for use in domain.services:
        if use.sends and use.provider.category == "mailbox":
            message = f"people send from {domain.display}; mailing lists may lose their mail"
            help = "decide that, and write it down: `waive: {dmarc-reject-lists: {because: …, until: …}}`"
            yield finding("dmarc-reject-lists", message, use.where, help)
            return


def testing(subject: Subject) -> Iterator[Finding]:
    """t=y is for weeks, not for years."""
    domain = subject.domain
    if domain.stage.testing and domain.since is not None:
        days = (subject.today - domain.since).days
        if days > MAX_TESTING:
            message = f"stage {domain.stage.name} since {domain.since}: t=y for {days} days"
            help = "advance, or go back"
            yield finding("dmarc-t-stale", message, domain.stage_where, help)


def deep(subject: Subject) -> Iterator[Finding]:
    """Names of many labels need a DMARC record of their own (RFC 9989 5.1.8)."""
    for use in subject.domain.services:
        for sender in use.senders if use.sends else ():
            if sender.count(".") >= MAX_LABELS and f"_dmarc.{sender}." not in subject.by_name:
                message = f"{sender} has {sender.count('.') + 1} labels and no DMARC record"
                help = "declare it under subdomains with a stage of its own"
                yield finding("dmarc-deep", message, use.where, help)


def strict(subject: Subject) -> Iterator[Finding]:
    """Strict alignment that a service's subdomain cannot meet, before it starts to hurt."""
    domain = subject.domain
    if domain.stage.at_least("quarantine-test") or not _strict(subject):
        return
    for path in subject.alignments:
        if not path.passes and path.use.retiring is None and path.use.provider.dkim.exists:
            message = (
                f"{path.use.provider.id} does not align with {path.sender} under strict alignment"
            )
            yield finding(
                "dmarc-strict-mismatch", message, path.use.where, _remedy(subject, path.sender)
            )


def _strict(subject: Subject) -> bool:
    return "s" in (subject.domain.tag("adkim"), subject.domain.tag("aspf"))


def _remedy(subject: Subject, sender: str) -> str:
    uses = [path.use for path in subject.alignments if path.sender == sender and not path.passes]
    facts = uses[0].provider if uses else None
    hints = []
    if facts is not None and facts.dkim.exists:
        hints.append(f"`dkim:` with a key of {sender}")
    if facts is not None and "return_path" in facts.parameters:
        hints.append("`return_path`")
    if _strict(subject):
        hints.append("relaxed alignment")
    return "what helps: " + ", or ".join(hints) if hints else ""


def retiring(subject: Subject) -> Iterator[Finding]:
    for use in subject.domain.services:
        if use.retiring is not None and use.retiring + AFTER_RETIRING < subject.today:
            message = f"{use.provider.id} was to retire on {use.retiring}; it may be removed"
            yield finding("retiring-past", message, use.where)
        for entry in use.dkim:
            if entry.retiring is not None and entry.retiring + AFTER_RETIRING < subject.today:
                message = f"selector {entry.selector} was to retire on {entry.retiring}; it may be removed"
                yield finding("retiring-past", message, entry.where)


DECLARED = (
    parked, paths, unaligned, strict, hard_fail, lag, lists, testing, deep, retiring,
)  # fmt: skip
