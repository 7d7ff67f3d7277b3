"""Whose mail aligns with its From domain, at receivers of both generations.

`generator.alignment` judges declarations by the public suffix list.  Here the DMARC records of the
project count too: RFC 9989 finds the Organizational Domain by a walk through them (4.10), so a
record with psd=n parts a subdomain from the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.alignment import envelope, judged, signers, signs
from generator.declaration.model import Domain, ServiceUse
from generator.simulate.dmarc import Generation, aligned, modes, organizational
from generator.simulate.world import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a receiver of one generation finds.

    ``organizational`` is the Organizational Domain of the From domain; ``adkim`` and ``aspf`` are
    ``r`` or ``s``, as the policy that applies has them.
    """

    generation: Generation
    organizational: str
    adkim: str
    aspf: str
    spf: bool
    dkim: bool

    @property
    def passes(self) -> bool:
        return self.spf or self.dkim


@dataclass(frozen=True, slots=True)
class Route:
    """Mail of one service, sent at one name, with one From domain.

    ``envelope`` is its MAIL FROM domain, empty where that is the vendor's; ``signers`` are the
    domains (d=) of its signatures, none if it does not sign for the customer.
    """

    use: ServiceUse
    at: str
    sender: str
    envelope: str
    signers: tuple[str, ...]
    old: Verdict
    new: Verdict

    @property
    def agreed(self) -> bool:
        """True if receivers of both generations come to the same."""
        return (self.old.spf, self.old.dkim) == (self.new.spf, self.new.dkim)

    @property
    def _worth(self) -> tuple[int, int]:
        each = [verdict.spf + verdict.dkim for verdict in (self.old, self.new)]
        return sum(verdict.passes for verdict in (self.old, self.new)), sum(each)


def routes(domain: Domain, world: World) -> Iterator[Route]:
    """The mail of every sending service, for each From domain by the name that fits it best.

    ``world`` answers for the project's own records.
    """
    for use, senders in judged(domain):
        for sender in senders:
            made = [_route(domain, use, at, sender, world) for at in use.at]
            if made:
                yield max(made, key=lambda route: route._worth)  # of equals, the first


def _route(domain: Domain, use: ServiceUse, at: str, sender: str, world: World) -> Route:
    path = envelope(use, at)
    keys = tuple(sorted(signers(use, at))) if signs(use) else ()

    def verdict(generation: Generation) -> Verdict:
        declared = domain.tag("adkim") or "r", domain.tag("aspf") or "r"
        adkim, aspf = modes(world, sender, generation) or declared
        spf = bool(path) and aligned(world, path, sender, aspf, generation)
        dkim = all(aligned(world, key, sender, adkim, generation) for key in keys)
        above = organizational(world, sender, generation)
        return Verdict(generation, above, adkim, aspf, spf, bool(keys) and dkim)

    old, new = verdict(Generation.OLD), verdict(Generation.NEW)
    return Route(use, at, sender, path, keys, old, new)
