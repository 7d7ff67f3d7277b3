"""The mail whose fate is told: what each service sends, and what others send in the domain's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from generator.alignment import Alignment, alignments, signs
from generator.alignment import envelope as envelope_of
from generator.declaration.model import Domain
from generator.records import spf
from generator.simulate.client import Client
from generator.simulate.hosts import (
    FORWARDER,
    SPOOFER,
    Assumptions,
    address_of,
    service_terms,
)
from generator.simulate.planned import Planned
from generator.values import Compiled, Kind

NO_HOST = "no-such-host"  # a label that nobody uses
_HELO = "mail.invalid"
_KEYS = "._domainkey."


class Path(StrEnum):
    """How the mail comes to the receiver."""

    DIRECT = "direct"
    FORWARDED = "forwarded"
    LIST = "mailing list"
    SPOOFED = "spoofed"


class Key(NamedTuple):
    """A selector that a service signs with, and the domain (d=) of its signatures."""

    selector: str
    domain: str


class Case(NamedTuple):
    """Mail of one kind.

    ``author`` is the domain in From, ``envelope`` the one in MAIL FROM, empty where it is not the
    customer's.  ``keys`` are what it is signed with; ``signed`` may be true without any known.
    """

    path: Path
    what: str
    author: str
    envelope: str
    ip: str
    keys: tuple[Key, ...] = ()
    signed: bool = False

    @property
    def client(self) -> Client:
        """The transaction that hands the mail over."""
        return Client(self.ip, _HELO, f"somebody@{self.envelope}")


def cases(
    one: Compiled, world: Planned, costs: Mapping[str, int]
) -> tuple[list[Case], Assumptions]:
    """Every kind of mail of a domain, and what must be assumed of its vendors.

    ``world`` is without assumptions, and tells what is known.
    """
    domain = one.domain
    assumptions = Assumptions(costs)
    sent = [_service(a, one, world, assumptions) for a in alignments(domain)]
    sent += [_own(text, domain, world, assumptions) for text, _ in domain.also]
    forwarded = (case._replace(path=Path.FORWARDED, ip=FORWARDER) for case in sent)
    listed = (case._replace(path=Path.LIST, envelope="") for case in sent)
    return [*sent, *forwarded, *listed, *_spoofers(domain)], assumptions


def _service(found: Alignment, one: Compiled, world: Planned, assumptions: Assumptions) -> Case:
    use, at = found.use, found.at
    envelope = envelope_of(use, at)
    name = use.provider.name if at == one.domain.name else f"{use.provider.name} at {at}"
    what = name if found.sender == at else f"{name} as {found.sender}"
    terms = service_terms(use, at)
    outside = world.outside(envelope) if envelope else ""
    if outside:  # the vendor's own record counts
        terms = (spf.Mechanism("include", outside),)
    known = address_of(world, terms, envelope)
    ip = known or assumptions.make_up()
    signed = signs(use)
    keys = tuple(_keys(one, use.provider.id, at)) if signed else ()
    case = Case(Path.DIRECT, what, found.sender, envelope, ip, keys, signed)
    if envelope and known is None:
        for term in terms:
            assumptions.authorise(world, term, case.client, envelope)
    return case


def _keys(one: Compiled, service: str, at: str) -> Iterator[Key]:
    for value in one.values:
        if value.kind is Kind.DKIM and value.by == service and _KEYS in value.name:
            selector, _, signer = value.name.removesuffix(".").partition(_KEYS)
            if signer == at or signer.endswith(f".{at}"):
                yield Key(selector, signer)


def _own(text: str, domain: Domain, world: Planned, assumptions: Assumptions) -> Case:
    """Mail from hosts that the declaration authorises by an SPF term of its own."""
    term = spf.parse_term(text)
    known = address_of(world, (term,), domain.name)
    case = Case(Path.DIRECT, text, domain.name, domain.name, known or assumptions.make_up())
    if known is None:
        assumptions.authorise(world, term, case.client, domain.name)
    return case


def _spoofers(domain: Domain) -> Iterator[Case]:
    name = domain.name
    yield Case(Path.SPOOFED, "a spoofer", name, name, SPOOFER)
    absent = f"{NO_HOST}.{name}"
    if len(absent) <= 253:
        yield Case(Path.SPOOFED, f"a spoofer as {absent}", absent, absent, SPOOFER)
