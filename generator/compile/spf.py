"""The SPF records of a domain: one at each name in the envelope of its mail."""

from __future__ import annotations

from generator.catalogue.model import APEX, SpfNeed
from generator.compile.services import Site, filled
from generator.declaration.model import Domain
from generator.names import display
from generator.records import spf
from generator.values import Kind, Reason, Values, stage_reason

# RFC 7208 10.1.1: cheap terms first.
_SPF_ORDER = {
    kind: rank for rank, kind in enumerate(("ip4", "ip6", "a", "mx", "include", "exists", "ptr"))
}
_SPF_ORDER["ip6"] = _SPF_ORDER["ip4"]

Terms = dict[str, list[tuple[str, Reason]]]


def add_spf(domain: Domain, sites: list[Site], made: Values) -> None:
    terms: Terms = {domain.name: []}
    for site in sites:
        if site.use.sends:
            _service_terms(site, terms, made)
    for text, where in domain.also:
        terms[domain.name].append((text, Reason(f"{text}: declared under spf.also", where)))
    ending = f"{domain.all_qualifier}all"
    if domain.spf_all:
        last = Reason(f"{ending}: declared under spf.all", domain.spf_where)
    else:
        last = stage_reason(domain, f"ends SPF in {ending}")
    if domain.all_qualifier != "-":
        _endings(domain, sites, ending, made)
    for name, listed in terms.items():
        kept: dict[str, list[Reason]] = {}
        for text, reason in listed:
            kept.setdefault(text, []).append(reason)
        ordered = _order(list(kept)) if len(kept) > 1 else list(kept)
        because = (*(reason for text in ordered for reason in kept[text]), last)
        text = " ".join([spf.VERSION, *ordered, ending])
        if domain.spf_indirect is not None and name == domain.name:
            _indirect(domain, ordered, text, because, made)
            text = f"{spf.VERSION} include:{indirect_name(name)} {ending}"
            what = f"include:{indirect_name(name)}: the terms stand there, by spf.indirect"
            because = (Reason(what, domain.spf_indirect), last)
        made.add(f"{name}.", "TXT", text, Kind.SPF, because)
    for host, where in domain.helo:
        if host in terms:
            help = f"let {host} send by `spf: {{also: [a]}}`, or give the host a name of its own"
            made.fault("spf-multiple-records", f"{host} has an SPF record already", where, help)
            continue
        reason = Reason(f"{host} sends mail under its own name (RFC 7208 10.1.3)", where)
        made.add(f"{host}.", "TXT", f"{spf.VERSION} a -all", Kind.SPF, (reason,))


def indirect_name(domain: str) -> str:
    """Where the terms of a domain with ``spf: {indirect: true}`` stand."""
    return f"_spf.{domain}"


def _indirect(
    domain: Domain, terms: list[str], text: str, because: tuple[Reason, ...], made: Values
) -> None:
    """The record that the domain's own one includes.

    An include matches only what passes there (RFC 7208 5.2), so only plain terms mean the same.
    """
    for term in terms:
        parsed = spf.parse_term(term)
        if isinstance(parsed, spf.Modifier) or parsed.qualifier != "+":
            message = f"`{term}` would mean something else behind an include"
            help = "leave `spf.indirect` out, or the term"
            made.fault("conflicting-keys", message, domain.spf_indirect, help)
    made.add(f"{indirect_name(domain.name)}.", "TXT", text, Kind.SPF, because)


def _endings(domain: Domain, sites: list[Site], ending: str, made: Values) -> None:
    """Vendors that verify a domain only while its SPF ends as they want it."""
    for site in sites:
        wanted = site.use.provider.spf.wants_all
        if wanted and site.use.sends and wanted != ending[0]:
            id, name = site.use.provider.id, display(site.at)
            message = f"{id} accepts SPF of {name} only with {wanted}all; here it ends in {ending}"
            help = "under `subdomains`, a name of its own can say `spf: {all: fail}` at any stage"
            made.fault("service-wants-hardfail", message, site.use.where, help)


def _service_terms(site: Site, terms: Terms, made: Values) -> None:
    use, at, _, given = site
    facts = use.provider.spf
    if facts.needed is SpfNeed.NEVER and not use.forced:
        return
    # Force adds a term at the name itself; the return path, whose SPF counts, keeps its own.
    places = [facts.at] if facts.needed is SpfNeed.BOUNCE_SUBDOMAIN else [APEX]
    places += [APEX] if use.forced and APEX not in places else []
    # Without a return path of the customer's own, the envelope is the vendor's.
    owners = [
        at if name == "@" else f"{name}.{at}".lower()
        for place in places
        if place.parameters <= given
        for name in filled(place, site.values, site, made)
    ]
    for shape in facts.terms if owners else ():
        if not shape.parameters <= given:
            continue
        for text in filled(shape, site.values, site, made):
            try:
                term = str(spf.parse_term(text))
            except ValueError as error:
                made.fault("spf-syntax", f"{use.provider.id}: `{text[:80]}`: {error}", use.where)
                continue
            reason = Reason(f"{term}: {use.provider.name} sends for {display(at)}", use.where)
            for owner in owners:
                terms.setdefault(owner, []).append((term, reason))


def _order(terms: list[str]) -> list[str]:
    """Cheap terms first, unless a qualifier makes the order meaningful (RFC 7208 4.6.2)."""
    ranked = []
    for text in terms:
        term = spf.parse_term(text)
        if isinstance(term, spf.Mechanism):
            if term.qualifier != "+":
                return terms
            ranked.append((_SPF_ORDER.get(term.kind, len(_SPF_ORDER)), text))
        else:
            ranked.append((len(_SPF_ORDER), text))
    return [text for _, text in sorted(ranked, key=_rank)]


def _rank(pair: tuple[int, str]) -> int:
    return pair[0]
