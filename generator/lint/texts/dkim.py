"""DKIM key records by themselves (RFC 6376 3.6.1, RFC 8301, RFC 8463)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from generator.finding import Severity
from generator.lint.fault import Fault, of_error
from generator.records import dkim
from generator.records.error import RecordError

RSA_AMPLE = 3072  # bits; keys from here on make large answers and no mail safer


@lru_cache(maxsize=1024)
def faults(text: str) -> tuple[Fault, ...]:
    """What is wrong with a key record."""
    try:
        record, key = dkim.check(text)
    except RecordError as error:
        return (of_error(error),)
    return tuple(_of_record(record, key, text)) if key is not None else ()


def key_type(text: str) -> str:
    """``rsa`` or ``ed25519``; empty for a revoked key and for what is no key."""
    try:
        record = dkim.parse(text)
        return "" if record.revoked else record.key().type
    except RecordError:
        return ""


def _of_record(record: dkim.Dkim, key: dkim.Key, text: str) -> Iterator[Fault]:
    if key.type == "rsa":
        yield from _size(key.bits)
    if record.hashes and "sha256" not in record.hashes:
        message = f"h={':'.join(record.hashes)} leaves only what verifiers refuse"
        yield _of_tag(text, "h", "dkim-sha1", message, "let h= out, or make it sha256")
    if "*" not in record.services and "email" not in record.services:
        message = f"s={':'.join(record.services)} leaves mail out"
        yield _of_tag(text, "s", "dkim-service-type", message, "let s= out")
    if "y" in record.flags:
        message = "t=y: verifiers treat its signatures as if there were none"
        yield _of_tag(text, "t", "dkim-test-flag", message, "remove t=y once signing works")


def _of_tag(text: str, tag: str, rule: str, message: str, help: str) -> Fault:
    """A fault of a tag that a sound record has."""
    offset = 0
    for piece in text.split(";"):
        bare = piece.strip()
        if bare.partition("=")[0].rstrip() == tag:
            start = offset + piece.index(bare)
            return Fault(rule, message, help, start=start, length=len(bare))
        offset += len(piece) + 1
    return Fault(rule, message, help)


def _size(bits: int) -> Iterator[Fault]:
    help = f"make one of {dkim.RSA_WANTED} bits"
    if bits < dkim.RSA_MIN:
        message = f"an RSA key of {bits} bits; verifiers refuse it"
        yield Fault("dkim-rsa-short", message, help)
    elif bits < dkim.RSA_WANTED:
        yield Fault("dkim-rsa-1024", f"an RSA key of {bits} bits", help)
    elif bits > dkim.RSA_MAX:
        message = f"an RSA key of {bits} bits; not every verifier handles it"
        yield Fault("dkim-rsa-long", message, help)
    elif bits > RSA_AMPLE:
        message = f"an RSA key of {bits} bits makes a large answer"
        yield Fault("dkim-rsa-long", message, help, Severity.ADVICE)
