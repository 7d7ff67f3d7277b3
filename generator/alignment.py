"""Which identifiers of a service's mail align with its From domain (RFC 9989 4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator.catalogue.model import Carries, SpfAlignment
from generator.compile.services import sites
from generator.declaration.model import Domain, ServiceUse
from generator.suffixes import organizational_domain


class Alignment(NamedTuple):
    """For one service at one name and one From domain: does SPF align, does DKIM?

    Both are False where the service's set-up does not produce the identifier at all.
    """

    use: ServiceUse
    at: str
    sender: str
    spf: bool
    dkim: bool

    @property
    def passes(self) -> bool:
        return self.spf or self.dkim


def aligned(identifier: str, sender: str, strict: bool) -> bool:
    """RFC 9989 4.4: equal, or in relaxed mode of one Organizational Domain."""
    if identifier == sender:
        return True
    if strict:
        return False
    return organizational_domain(identifier) == organizational_domain(sender)


def _aligned_in(domain: Domain, identifier: str, sender: str, strict: bool) -> bool:
    """As `aligned`; names at or below one declared domain need no public suffix list."""
    if identifier == sender:
        return True
    if not strict and _within(identifier, domain.name) and _within(sender, domain.name):
        return True
    return aligned(identifier, sender, strict)


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def alignments(domain: Domain) -> list[Alignment]:
    """The alignment of every sending service, for each of its names and From domains.

    A From domain is judged by the name that fits it best: a service that sends as several names
    need not align across them.  What a service forwards is not From the domain at all; what it
    relays is judged with the service that wrote it, if one is declared for the From domain.
    """
    strict_dkim = domain.tag("adkim") == "s"
    strict_spf = domain.tag("aspf") == "s"
    found: list[Alignment] = []
    for use, senders in judged(domain):
        for sender in senders:
            best: Alignment | None = None
            for at in use.at:
                mail_from = envelope(use, at)
                spf = bool(mail_from) and _aligned_in(domain, mail_from, sender, strict_spf)
                dkim = signs(use) and all(
                    _aligned_in(domain, signer, sender, strict_dkim)
                    for signer in (signers(use, at) if strict_dkim else (at,))
                )
                one = Alignment(use, at, sender, spf, dkim)
                if best is None or spf + dkim > best.spf + best.dkim:
                    best = one
            if best is not None:
                found.append(best)
    return found


def judged(domain: Domain) -> Iterator[tuple[ServiceUse, Iterable[str]]]:
    """The services whose mail is judged, with their From domains: see `alignments`."""
    uses = [use for use in domain.services if use.sends]
    if all(use.provider.carries is Carries.OWN for use in uses):
        yield from ((use, use.senders) for use in uses)
        return
    written = {s for use in uses if use.provider.carries is Carries.OWN for s in use.senders}
    for use in uses:
        if use.provider.carries is Carries.OWN:
            yield use, use.senders
        elif use.provider.carries is Carries.RELAYED:
            yield use, [sender for sender in use.senders if sender not in written]


def signers(use: ServiceUse, at: str) -> set[str]:
    """The domains (d=) of the service's signatures: where its keys are, or what it is handed."""
    if use.dkim or use.dkim_given:
        return {at}
    site = next(site for site in sites(use) if site.at == at)
    names: set[str] = set()
    for record in use.provider.dkim.records:
        for name in record.name.fill(site.values) if record.parameters <= site.given else ():
            below = name if record.type == "NS" else name.partition("._domainkey")[2]
            names.add(f"{below.lstrip('.')}.{at}".lower() if below else at)
    return names


def signs(use: ServiceUse) -> bool:
    """True if a key for the service's signatures is published, by declaration or derivation."""
    facts = use.provider.dkim
    if not facts.aligned or use.dkim_pending:
        return False
    return bool(use.dkim) or bool(facts.records and not use.dkim_given)


def envelope(use: ServiceUse, at: str) -> str:
    """The MAIL FROM domain of the service's mail where it is the customer's, else empty."""
    facts = use.provider.spf
    if facts.aligned is SpfAlignment.ALWAYS:
        return at
    if facts.aligned is SpfAlignment.RETURN_PATH:
        path = use.values.get("return_path")
        return f"{path}.{at}" if isinstance(path, str) else ""
    return ""
