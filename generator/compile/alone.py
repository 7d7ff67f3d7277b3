"""Names that a service must have for itself, and what else was put there.

A name handed to a vendor by NS is served by the vendor, with all that lies below it (RFC 1034
4.2.1).  A vendor that looks for its MX at a bounce name finds it only while no other one is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from generator.declaration.model import ServiceUse
from generator.finding import Locatable
from generator.policy import policy_names
from generator.values import Values

_GLUE = frozenset({"A", "AAAA"})  # addresses of name servers may stand below their cut
_AT_A_CUT = frozenset({"NS", "DS"})


class _Site(Protocol):
    """A service at one of its names; `services.Site` is one."""

    @property
    def use(self) -> ServiceUse: ...
    @property
    def at(self) -> str: ...


class Claim(NamedTuple):
    """A record that a service publishes.  ``name`` is absolute with a final dot."""

    name: str
    type: str
    text: str
    use: ServiceUse
    bounces: bool


class _Taken(NamedTuple):
    name: str
    type: str  # empty where several records stand
    where: Locatable | None


def nothing_below_cuts(sites: Sequence[_Site], claims: Sequence[Claim], made: Values) -> None:
    """Faults of what the domain publishes at or below a name that it hands to other servers."""
    cuts = {c.name: c.use.provider.id for c in claims if c.type == "NS"}
    apex = f"{made.domain.zone.name}."
    for record in made.domain.records:
        if record.type == "NS" and f"{record.name}." != apex:
            cuts.setdefault(f"{record.name}.", "")
    seen: list[tuple[str, Locatable | None]] = []
    for name, type, where in _names(sites, claims, made):
        cut = name
        while cut and cut not in cuts:
            cut = cut.partition(".")[2]
        if not cut or (type in _AT_A_CUT if name == cut else type in _GLUE):
            continue
        if (cut, where) in seen:
            continue  # one mistake, one error
        seen.append((cut, where))
        whom = f"to {cuts[cut]} " if cuts[cut] else ""
        message = f"{name} lies where {cut} is handed {whom}by NS: nobody would see it"
        help = f"take another name, or let the servers of {cut} publish it"
        made.fault("zone-below-cut", message, where, help)


def _names(sites: Sequence[_Site], claims: Sequence[Claim], made: Values) -> Iterator[_Taken]:
    """Every name at which the domain publishes something, the domain's own apart."""
    domain = made.domain
    for name in policy_names(domain):
        yield _Taken(f"_dmarc.{name}.", "TXT", domain.dmarc_where or domain.stage_where)
    for site in sites:
        use, at = site.use, site.at
        if at != domain.name:
            yield _Taken(f"{at}.", "", use.where)
        for entry in use.dkim if use.sends else ():
            yield _Taken(f"{entry.selector}._domainkey.{at}.", entry.type, use.where)
    for claim in claims:
        yield _Taken(claim.name, claim.type, claim.use.where)
    for host, where in domain.helo:
        yield _Taken(f"{host}.", "TXT", where)
    for record in domain.records:
        yield _Taken(f"{record.name}.", record.type, record.where)


def bounces_apart(exchangers: Sequence[Claim], made: Values) -> None:
    """Faults of a second MX beside the one that takes a service's bounces."""
    taken: dict[str, Claim] = {}
    if len({claim.name for claim in exchangers}) == len(exchangers) and not made.domain.records:
        return
    for claim in exchangers:
        if claim.bounces:
            taken.setdefault(claim.name, claim)
    for name, first in taken.items():
        own = {c.text for c in exchangers if c.name == name and c.use is first.use}
        others = [
            (c.text, c.use.where, c.use.provider.id)
            for c in exchangers
            if c.name == name and c.text not in own
        ]
        others += [
            (r.text.split()[-1], r.where, "a record")
            for r in made.domain.records
            if f"{r.name}." == name and r.type == "MX" and r.text.split()[-1].rstrip(".") not in own
        ]
        for text, where, who in others[:1]:
            message = f"{name} takes the bounces of {first.use.provider.id}; {who} adds MX {text}"
            help = "give each a return path of its own"
            made.fault("service-bounce-mx", message, where, help)
