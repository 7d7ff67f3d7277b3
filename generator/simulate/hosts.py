"""Where a service's mail comes from: an address for it, and what must be assumed for that.

An address is taken from what the service's SPF terms lead to, as far as declarations and the lock
know it.  What nobody knows is assumed to authorise the service, and marked as assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from generator.catalogue.shape import ShapeError
from generator.compile.services import sites
from generator.declaration.model import ServiceUse
from generator.records import spf
from generator.records.error import RecordError
from generator.simulate.client import Client
from generator.simulate.spf import expand
from generator.simulate.world import World

# RFC 2544: addresses of test networks, which no SPF record names.
SPOOFER = "198.19.255.66"
FORWARDER = "198.19.255.77"
LIST = "198.19.255.88"
_MADE_UP = "198.18.{}.{}"
_MOST_QUESTIONS = 40  # to find one address; a tree that may be evaluated holds it earlier


def service_terms(use: ServiceUse, at: str) -> tuple[spf.Term, ...]:
    """The SPF terms of a service at one of its names."""
    found: list[spf.Term] = []
    for site in sites(use):
        if site.at != at:
            continue
        for shape in use.provider.spf.terms:
            if shape.parameters <= site.given:
                try:
                    found += [spf.parse_term(text) for text in shape.fill(site.values)]
                except (ShapeError, RecordError):
                    continue  # said when it was compiled
    return tuple(found)


def address_of(world: World, terms: Iterable[spf.Term], domain: str) -> str | None:
    """An address that the terms of a domain's record authorise, the first that is known."""
    pending = [(term, domain) for term in terms]
    seen: set[tuple[str, str]] = set()
    while pending and len(seen) < _MOST_QUESTIONS:
        term, at = pending.pop(0)
        name = (term.value or at).lower().removesuffix(".")
        if (isinstance(term, spf.Mechanism) and term.qualifier != "+") or "%" in name:
            continue
        kind = term.kind if isinstance(term, spf.Mechanism) else term.name
        if kind in ("ip4", "ip6"):
            return term.value
        if (kind, name) in seen or kind not in ("a", "mx", "include", "redirect"):
            continue
        seen.add((kind, name))
        if kind in ("include", "redirect"):
            pending += [(inner, name) for inner in _record(world, name)]
            continue
        hosts = [name] if kind == "a" else _exchangers(world, name)
        for host in hosts:
            for type in ("A", "AAAA"):
                if data := world.answer(host, type).data:
                    return data[0]
    return None


def _record(world: World, name: str) -> tuple[spf.Term, ...]:
    texts = [text for text in world.answer(name, "TXT").data if spf.is_spf(text)]
    try:
        return spf.parse(texts[0]).terms if len(texts) == 1 else ()
    except RecordError:
        return ()


def _exchangers(world: World, name: str) -> list[str]:
    hosts = (text.partition(" ")[2].removesuffix(".") for text in world.answer(name, "MX").data)
    return [host for host in hosts if host][: spf.LOOKUP_LIMIT]


@dataclass(slots=True)
class Assumptions:
    """What is taken for true of vendors of whom nothing is known.

    ``costs`` are look-ups by term, as the catalogue knows them: an assumed record costs as much.
    """

    costs: Mapping[str, int]
    _addresses: dict[str, dict[str, None]] = field(default_factory=dict)
    _records: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    _count: int = 0

    def make_up(self) -> str:
        """An address for a host of which none is known."""
        self._count += 1
        return _MADE_UP.format(self._count // 250 % 250, self._count % 250 + 1)

    def authorise(self, world: World, term: spf.Term, client: Client, domain: str) -> None:
        """Take the term in a domain's record as one that lets the client pass, whose IPv4 address
        was made up."""
        name = expand(world, client, term.value, domain) if term.value else domain
        kind = term.kind if isinstance(term, spf.Mechanism) else term.name
        if not name or kind not in ("a", "mx", "exists", "include", "redirect"):
            return
        if kind in ("include", "redirect"):
            text = str(term).lstrip("+-~?")
            self.name(name, client.ip, self.costs.get(text, 1))
            return
        held = self._records.setdefault(name, {})
        held["A"] = (*held.get("A", ()), client.ip)
        if kind == "mx":
            held["MX"] = (f"10 {name}",)

    def name(self, name: str, address: str, lookups: int = 1) -> None:
        """Take the name for one whose SPF record, of such a cost, lets the address pass."""
        self._addresses.setdefault(name, {})[address] = None
        nested = [f"{number}.{name}" for number in range(1, min(lookups, spf.LOOKUP_LIMIT + 1))]
        for inner in nested:
            self._records[inner] = {"TXT": ("v=spf1 ?all",)}
        # What is nested first: the vendor's hosts may be found last.
        ranges = [f"ip{6 if ':' in a else 4}:{a}" for a in self._addresses[name]]
        terms = [*(f"include:{inner}" for inner in nested), *ranges, "?all"]
        self._records.setdefault(name, {})["TXT"] = (" ".join([spf.VERSION, *terms]),)

    @property
    def table(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """The assumed records, as `generator.simulate.planned` takes them."""
        return self._records
