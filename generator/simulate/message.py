"""One message, judged as a receiver would: its own headers, its signatures, and who handed it over."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from generator.names import NameProblem, host
from generator.records.error import shown
from generator.simulate import dmarc
from generator.simulate.client import Client
from generator.simulate.dkim import KeyState, find_key
from generator.simulate.dmarc import Generation, Judgement, Mail
from generator.simulate.planned import Planned
from generator.simulate.spf import Result, Verdict, check

MOST_SIGNATURES = 10  # RFC 6376 6.1: a verifier may limit how many it tries
MOST_FROM = 4096  # characters of a From field
EXTRA = "mailzone[simulate]"


class MessageProblem(ValueError):
    """The message cannot be judged; the text says why."""


class VerifierMissing(ImportError):
    """Signatures cannot be verified: dkimpy is not installed."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A DKIM signature: ``result`` is pass, fail, neutral (malformed) or temperror (RFC 8601 2.7.1)."""

    domain: str
    selector: str
    result: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a receiver finds; ``unknown`` are the names that got no answer."""

    author: str
    spf: Verdict
    signatures: tuple[Signature, ...]
    judgements: tuple[Judgement, Judgement]
    unknown: tuple[str, ...]


def examine(raw: bytes, client: Client, world: Planned) -> Examined:
    """Judge a message as it lies in a file.

    Raises MessageProblem if it has no single author domain, VerifierMissing without dkimpy where
    there is a signature to verify.
    """
    author = author_domain(raw)
    spf = check(world, client)
    signatures = _signatures(raw, world)
    name = spf.domain.lower()
    mail = Mail(
        author,
        name if spf.result is Result.PASS else "",
        _signers(signatures, "pass"),
        name if spf.result is Result.TEMPERROR else "",
        _signers(signatures, "temperror"),
    )
    judged = (
        dmarc.judge(world, mail, Generation.NEW),
        dmarc.judge(world, mail, Generation.OLD),
    )
    return Examined(author, spf, signatures, judged, tuple(sorted(world.unknown)))


def _signers(signatures: tuple[Signature, ...], result: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.domain for one in signatures if one.result == result))


def author_domain(raw: bytes) -> str:
    """The domain in From, as A-labels (RFC 9989 5.3.1).  Raises MessageProblem."""
    from email.parser import BytesHeaderParser
    from email.utils import getaddresses

    fields = [str(field) for field in BytesHeaderParser().parsebytes(raw).get_all("From", [])]
    if len(fields) != 1:
        raise MessageProblem(f"the message has {len(fields) or 'no'} From fields; it needs one")
    if len(fields[0]) > MOST_FROM:
        raise MessageProblem(f"its From field has {len(fields[0]):,} characters")
    domains = {address.rpartition("@")[2].lower() for _, address in getaddresses(fields)}
    if len(domains) != 1:
        raise MessageProblem(f"its From field names {len(domains)} domains; DMARC needs one")
    try:
        return host(domains.pop())
    except NameProblem as problem:
        raise MessageProblem(f"the domain in From: {problem}") from None


def _signatures(raw: bytes, world: Planned) -> tuple[Signature, ...]:
    from email.parser import BytesHeaderParser

    count = len(BytesHeaderParser().parsebytes(raw).get_all("DKIM-Signature", []))
    if not count:
        return ()
    try:
        dkimpy = import_module("dkim")
    except ImportError:
        message = f"the message is signed; to verify that, install {EXTRA}"
        raise VerifierMissing(message) from None
    return tuple(_verify(dkimpy, raw, n, world) for n in range(min(count, MOST_SIGNATURES)))


def _verify(dkimpy: Any, raw: bytes, number: int, world: Planned) -> Signature:
    """One signature, with the key that the world holds."""
    try:
        fields, _, _ = dkimpy.DKIM(raw).verify_headerprep(number)
        domain, selector = host(_text(fields[b"d"])), _text(fields[b"s"]).lower()
    except Exception as error:  # dkimpy lets through what hostile fields make of its parts
        return Signature("", "", "neutral", _shown(error))
    found = find_key(world, selector, domain)
    if found.state is KeyState.UNKNOWN:
        return Signature(domain, selector, "temperror", f"{found.name}: {found.problem}")
    if not found.usable:
        return Signature(domain, selector, "fail", f"{found.name}: {found.problem}")
    if fields[b"a"].lower() == b"rsa-sha1":  # RFC 8301 3.1
        return Signature(domain, selector, "fail", "rsa-sha1 must not be used")
    problem = "the headers were changed, or another key signed them"
    for text in world.answer(found.name, "TXT").data:
        key = text.encode("latin-1", "replace")
        try:
            if dkimpy.DKIM(raw).verify(number, dnsfunc=lambda *_, key=key, **__: key):
                return Signature(domain, selector, "pass")
        except Exception as error:  # the same, and a body that was changed
            problem = _shown(error)
    return Signature(domain, selector, "fail", problem)


def _shown(error: Exception) -> str:
    """What dkimpy says, printable and short."""
    return shown(str(error), 120) or type(error).__name__


def _text(value: bytes) -> str:
    return value.decode("ascii").strip()
