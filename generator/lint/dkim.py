"""Checks of DKIM key records and of keys that are missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.finding import Finding, Severity, finding, mask
from generator.lint.subject import Subject, lacks_key
from generator.records import dkim
from generator.records.error import RecordError
from generator.values import Value


def _keys(subject: Subject) -> Iterator[tuple[Value, dkim.Dkim]]:
    for value in subject.values:
        if value.type == "TXT" and "._domainkey." in value.name and "p=" in value.text:
            try:
                record = dkim.parse(value.text)
            except RecordError:  # refused when it was read
                continue
            if not record.revoked:
                yield value, record


def keys(subject: Subject) -> Iterator[Finding]:
    types: dict[str, list[tuple[str, Value]]] = {}
    for value, record in _keys(subject):
        selector, _, name = value.name.partition("._domainkey.")
        try:
            key = record.key()
        except RecordError as error:
            yield finding(
                error.rule, f"selector {selector}: {error.message}", value.where, error.help
            )
            continue
        types.setdefault(name, []).append((key.type, value))
        if key.type == "rsa":
            yield from _size(key.bits, selector, value)
        if record.hashes and "sha256" not in record.hashes:
            message = f"selector {selector} allows only h={':'.join(record.hashes)}"
            yield finding("dkim-sha1", message, value.where, "let h= out, or make it sha256")
        if "*" not in record.services and "email" not in record.services:
            message = f"selector {selector}: s={':'.join(record.services)} leaves mail out"
            yield finding("dkim-service-type", message, value.where)
        if "y" in record.flags:
            grave = Severity.ERROR if subject.domain.stage.at_least("quarantine") else None
            message = f"selector {selector} is flagged t=y: its signatures do not count"
            yield finding("dkim-test-flag", message, value.where, severity=grave)
    for name, listed in types.items():
        if all(type == "ed25519" for type, _ in listed) and not _has_cname(subject, name):
            message = f"{name} has Ed25519 keys only"
            yield finding("dkim-ed25519-only", message, listed[0][1].where, "add an RSA selector")


def _has_cname(subject: Subject, name: str) -> bool:
    return any(v.type == "CNAME" and v.name.endswith(f"._domainkey.{name}") for v in subject.values)


def _size(bits: int, selector: str, value: Value) -> Iterator[Finding]:
    if bits < dkim.RSA_MIN:
        message = f"selector {selector}: an RSA key of {bits} bits; verifiers refuse it"
        yield finding("dkim-rsa-short", message, value.where, f"make one of {dkim.RSA_WANTED} bits")
    elif bits < dkim.RSA_WANTED:
        message = f"selector {selector}: an RSA key of {bits} bits"
        yield finding("dkim-rsa-1024", message, value.where, f"make one of {dkim.RSA_WANTED} bits")
    elif bits > dkim.RSA_MAX:
        message = f"selector {selector}: an RSA key of {bits} bits; not every verifier handles it"
        yield finding("dkim-rsa-long", message, value.where, f"make one of {dkim.RSA_WANTED} bits")


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


CHECKS = (keys, missing, targets, wildcard)
