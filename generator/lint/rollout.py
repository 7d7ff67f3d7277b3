"""Checks of a domain against its stage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from generator.catalogue.model import SpfAlignment
from generator.finding import Finding, finding
from generator.lint.subject import Subject

AFTER_RETIRING = timedelta(days=7)


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
    if facts is not None and facts.spf.aligned is SpfAlignment.RETURN_PATH:
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


CHECKS = (parked, paths, strict, retiring)
