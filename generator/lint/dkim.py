"""Checks of DKIM key records and of keys that are missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.finding import Finding, Severity, finding, mask
from generator.lint.subject import Records, Subject, found, lacks_key
from generator.lint.texts.dkim import faults, key_type
from generator.values import Value

# Names below _domainkey that hold no keys: ADSP (RFC 5617) and report addresses (RFC 6651).
NO_SELECTORS = frozenset({"_adsp", "_report"})


def keys(subject: Records) -> Iterator[Finding]:
    """Every key by itself, and domains that verifiers without Ed25519 take for unsigned."""
    for value in subject.keys:
        for fault in faults(value.text):
            selector = _selector(value)
            if selector in NO_SELECTORS:
                break
            grave = Severity.ERROR if fault.rule in subject.grave else None
            yield found(value, fault, f"selector {selector}", grave)
    if any("ed25519" in value.text for value in subject.keys):
        yield from _ed25519_only(subject)


def _selector(value: Value) -> str:
    return value.name.partition("._domainkey.")[0]


def _ed25519_only(subject: Records) -> Iterator[Finding]:
    types: dict[str, list[tuple[str, Value]]] = {}
    for value in subject.keys:
        name = value.name.partition("._domainkey.")[2]
        types.setdefault(name, []).append((key_type(value.text), value))
    for value in subject.aliases:
        if "._domainkey." in value.name:
            types.pop(value.name.partition("._domainkey.")[2], None)
    for name, listed in types.items():
        alive = [(type, value) for type, value in listed if type]
        if alive and all(type == "ed25519" for type, _ in alive):
            message = f"{name} has Ed25519 keys only"
            yield finding("dkim-ed25519-only", message, alive[0][1].where, "add an RSA selector")


def missing(subject: Subject) -> Iterator[Finding]:
    """A service that could sign but has no key: a warning until its mail is at stake."""
    if subject.domain.stage.name == "parked":
        return  # `parked-has-service` says what is wrong
    grave = Severity.ERROR if subject.domain.stage.at_least("quarantine-test") else None
    for use in subject.domain.services:
        if not lacks_key(use):
            continue
        facts = use.provider.dkim
        if use.dkim_pending:
            message = f"the DKIM key of {use.provider.id} is still pending"
        else:
            message = f"{use.provider.id} has no DKIM key declared"
        if grave:
            message += f"; stage {subject.domain.stage.name} needs one"
        form = "target" if facts.styles[0] == "cname" else "key"
        selector = facts.selectors[0] if facts.selectors else "selector"
        help = f"`dkim: {{{selector}: <{form}>}}`" + (f"; {facts.find}" if facts.find else "")
        yield finding("dkim-missing", message, use.where, help, severity=grave)


def targets(subject: Subject) -> Iterator[Finding]:
    """A CNAME target that is none of this vendor's: pasted from another console, or cut off."""
    for use in subject.domain.services:
        facts = use.provider.dkim
        for entry in use.dkim if facts.target is not None else ():
            assert facts.target is not None
            if entry.type == "CNAME" and not re.fullmatch(
                facts.target.pattern, entry.value, re.IGNORECASE
            ):
                message = (
                    f"`{mask(entry.value)[:80]}` does not look like a target of {use.provider.id}"
                )
                help = f"compare with the console; {facts.find}"
                yield finding("dkim-target", message, entry.where, help)


def wildcard(subject: Subject) -> Iterator[Finding]:
    """`revoke_dkim` answers for every selector that is not declared, rotated ones included."""
    domain = subject.domain
    if domain.revoke_dkim is not None and domain.stage.name != "parked":
        message = (
            f"{domain.display} is not parked, and every selector that is not declared is revoked"
        )
        help = "a service that begins to use a new selector fails at once; leave `revoke_dkim` out"
        yield finding("dkim-wildcard-live", message, domain.revoke_dkim, help)


RECORDS = (keys,)
DECLARED = (missing, targets, wildcard)
