"""`Domain` to owned values: pure, one domain at a time; `join.py` does what crosses domains."""

from __future__ import annotations

from collections.abc import Mapping

from generator.catalogue.model import APEX, OtherRecord, Purpose, RecordShape, SpfNeed
from generator.catalogue.shape import Shape, ShapeError
from generator.declaration.model import Domain, ServiceUse
from generator.declaration.records import canonical
from generator.names import display
from generator.policy import governs_subdomains, policy_names, policy_record
from generator.records import mx, spf
from generator.records.error import RecordError
from generator.values import (
    AUTHORISATION,
    HOSTED,
    Compiled,
    Kind,
    Reason,
    Values,
    report_wildcard,
)

# RFC 7208 10.1.1: cheap terms first.
_SPF_ORDER = {
    kind: rank for rank, kind in enumerate(("ip4", "ip6", "a", "mx", "include", "exists", "ptr"))
}
_SPF_ORDER["ip6"] = _SPF_ORDER["ip4"]

Terms = dict[str, list[tuple[str, Reason]]]


def compile_domain(domain: Domain) -> Compiled:
    """All values of one domain, in the order in which they are written.

    What cannot be made becomes a finding; values are then incomplete and must not be published.
    """
    if domain.release:
        return Compiled(domain, ())
    made = Values(domain)
    _spf(domain, made)
    _dmarc(domain, made)
    for use in domain.services:
        for at in use.at:
            _service(use, at, made)
    _parked(domain, made)
    for record in domain.records:
        reason = Reason("declared under records", record.where)
        made.add(f"{record.name}.", record.type, record.text, Kind.PLAIN, (reason,), ttl=record.ttl)
    if domain.accepts_reports == "any":
        reason = Reason(
            "accepts_reports: reports about any domain are welcome (RFC 9990 4)", domain.where
        )
        made.add(report_wildcard(domain.name), "TXT", AUTHORISATION, Kind.REPORT, (reason,))
    for server in domain.zone.ns:
        reason = Reason("name server of the zone", domain.zone.where)
        made.add(f"{domain.name}.", "NS", f"{server}.", Kind.NS, (reason,))
    return Compiled(domain, made.sorted(), made.findings)


def _stage_reason(domain: Domain, what: str) -> Reason:
    return Reason(f"stage {domain.stage.name} {what}", domain.stage_where)


# --- SPF -------------------------------------------------------------------------------------


def _spf(domain: Domain, made: Values) -> None:
    terms: Terms = {domain.name: []}
    for use in domain.services:
        for at in use.at if use.sends else ():
            _service_terms(use, at, terms, made)
    for text, where in domain.also:
        terms[domain.name].append((text, Reason(f"{text}: declared under spf.also", where)))
    for name, listed in terms.items():
        kept: dict[str, list[Reason]] = {}
        for text, reason in listed:
            kept.setdefault(text, []).append(reason)
        ordered = _order(list(kept))
        ending = f"{domain.all_qualifier}all"
        if domain.spf_all:
            last = Reason(f"{ending}: declared under spf.all", domain.spf_where)
        else:
            last = _stage_reason(domain, f"ends SPF in {ending}")
        because = (*(reason for text in ordered for reason in kept[text]), last)
        made.add(f"{name}.", "TXT", " ".join([spf.VERSION, *ordered, ending]), Kind.SPF, because)
    for host, where in domain.helo:
        if host in terms:
            help = f"let {host} send by `spf: {{also: [a]}}`, or give the host a name of its own"
            made.fault("spf-multiple-records", f"{host} has an SPF record already", where, help)
            continue
        reason = Reason(f"{host} sends mail under its own name (RFC 7208 10.1.3)", where)
        made.add(f"{host}.", "TXT", f"{spf.VERSION} a -all", Kind.SPF, (reason,))


def _service_terms(use: ServiceUse, at: str, terms: Terms, made: Values) -> None:
    facts = use.provider.spf
    if facts.needed is SpfNeed.NEVER and not use.forced:
        return
    values = _fill_in(use, at)
    # Force adds a term at the name itself; the return path, whose SPF counts, keeps its own.
    places = [facts.at] if facts.needed is SpfNeed.BOUNCE_SUBDOMAIN else [APEX]
    places += [APEX] if use.forced and APEX not in places else []
    # Without a return path of the customer's own, the envelope is the vendor's.
    places = [place for place in places if place.parameters <= values.keys()]
    for shape in facts.terms:
        if not shape.parameters <= values.keys():
            continue
        for name in (name for place in places for name in _filled(place, values, use, made)):
            owner = at if name == "@" else f"{name}.{at}"
            for text in _filled(shape, values, use, made):
                try:
                    term = str(spf.parse_term(text))
                except ValueError as error:
                    made.fault(
                        "spf-syntax", f"{use.provider.id}: `{text[:80]}`: {error}", use.where
                    )
                    continue
                reason = Reason(f"{term}: {use.provider.name} sends for {display(at)}", use.where)
                terms.setdefault(owner.lower(), []).append((term, reason))


def _order(terms: list[str]) -> list[str]:
    """Cheap terms first, unless a qualifier makes the order meaningful (RFC 7208 4.6.2)."""
    parsed = [(text, spf.parse_term(text)) for text in terms]
    if any(isinstance(term, spf.Mechanism) and term.qualifier != "+" for _, term in parsed):
        return terms
    return [
        t for t, _ in sorted(parsed, key=lambda p: _SPF_ORDER.get(getattr(p[1], "kind", ""), 9))
    ]


# --- DMARC -----------------------------------------------------------------------------------


def _dmarc(domain: Domain, made: Values) -> None:
    names = policy_names(domain)
    if not names:
        return
    record = policy_record(domain)
    because = [_stage_reason(domain, f"asks receivers for p={record.policy}")]
    unwritten = () if governs_subdomains(domain) else ("sp", "np")
    because += [
        Reason(
            f"{name} is left out: declared under dmarc"
            if tag.value is None
            else f"{name}={tag.value}: declared under dmarc",
            tag.where,
        )
        for name, tag in domain.tags.items()
        if name not in unwritten
    ]
    because += [Reason(f"{r.tag}: reports go to {r.what}", r.where) for r in domain.reports]
    for name in names:
        made.add(f"_dmarc.{name}.", "TXT", str(record), Kind.DMARC, tuple(because))


# --- services --------------------------------------------------------------------------------


def _fill_in(use: ServiceUse, at: str) -> dict[str, str | tuple[str, ...]]:
    """The service's parameters at a name, with the defaults that depend on the name."""
    values: dict[str, str | tuple[str, ...]] = {**use.values, "domain": at}
    for name, parameter in use.provider.parameters.items():
        if name not in values and isinstance(parameter.default, Shape):
            try:
                values[name] = parameter.default.fill(values)[0]
            except (ShapeError, KeyError):
                continue  # said where a record needs it
    return values


def _filled(
    shape: Shape, values: Mapping[str, str | tuple[str, ...]], use: ServiceUse, made: Values
) -> list[str]:
    try:
        return shape.fill(values)
    except ShapeError as error:
        _underivable(use, str(error), made)
    return []


def _underivable(use: ServiceUse, why: str, made: Values) -> None:
    help = f"give its targets under `dkim:`; {use.provider.dkim.find}"
    message = f"{use.provider.id}: its host name {why.removeprefix('it ')}"
    if not any(f.message == message and f.where is use.where for f in made.findings):
        made.fault("service-derivation", message, use.where, help)


def _service(use: ServiceUse, at: str, made: Values) -> None:
    provider = use.provider
    values = _fill_in(use, at)
    if use.sends:
        _dkim(use, at, values, made)
    for entry in provider.other:
        if not _wanted(entry, use):
            continue
        if not entry.record.parameters <= values.keys():
            for missing in sorted(entry.record.parameters - values.keys()):
                parameter = provider.parameters[missing]
                # Without a default it was missed when the declaration was read.
                if entry.required and parameter.default is not None:
                    message = (
                        f"{provider.id} needs `{missing}` for {display(at)}: it cannot be derived"
                    )
                    made.fault("service-derivation", message, use.where, parameter.help)
                    break
            continue
        inbound = entry.purpose in (Purpose.INBOUND_MX, Purpose.BOUNCE_MX)
        kind = Kind.MX if inbound and entry.record.type == "MX" else Kind.SERVICE
        reason = Reason(f"{_PURPOSES[entry.purpose]} of {provider.name}", use.where)
        _record(entry.record, values, at, kind, reason, use, made)


_PURPOSES = {
    Purpose.RETURN_PATH: "return path",
    Purpose.BOUNCE_MX: "takes the bounces",
    Purpose.INBOUND_MX: "incoming mail",
    Purpose.AUTODISCOVER: "mail client set-up",
    Purpose.TRACKING: "link tracking",
    Purpose.VERIFICATION: "proof of ownership",
}


def _wanted(entry: OtherRecord, use: ServiceUse) -> bool:
    if entry.purpose in (Purpose.INBOUND_MX, Purpose.AUTODISCOVER):
        return use.receives
    if entry.purpose is Purpose.TRACKING:
        return use.tracking
    if entry.purpose is Purpose.VERIFICATION:
        return entry.required or bool(entry.record.parameters)
    return use.sends and (entry.required or bool(entry.record.parameters))


def _dkim(
    use: ServiceUse, at: str, values: Mapping[str, str | tuple[str, ...]], made: Values
) -> None:
    for entry in use.dkim:
        text = entry.value if entry.type == "TXT" else f"{entry.value}."
        retiring = f", retiring on {entry.retiring}" if entry.retiring else ""
        reason = Reason(f"{use.provider.name} signs for {display(at)}{retiring}", entry.where)
        name = f"{entry.selector}._domainkey.{at}."
        made.add(name, entry.type, text, Kind.DKIM, (reason,), use.provider.id)
    if use.dkim_given:
        return
    reason = Reason(f"{use.provider.name} signs for {display(at)}", use.where)
    for shape in use.provider.dkim.records:
        if not shape.parameters <= values.keys():
            continue  # the missing parameter was said when the declaration was read
        _record(shape, values, at, Kind.DKIM, reason, use, made)


def _record(
    shape: RecordShape,
    values: Mapping[str, str | tuple[str, ...]],
    at: str,
    kind: Kind,
    reason: Reason,
    use: ServiceUse,
    made: Values,
) -> None:
    names, texts = _filled(shape.name, values, use, made), _filled(shape.value, values, use, made)
    if len(names) != len(texts):
        # A shape without a list parameter stands beside every element of the other one.
        names, texts = (
            names * (len(texts) if len(names) == 1 else 1),
            texts * (len(names) if len(texts) == 1 else 1),
        )
    for name, text in zip(names, texts, strict=False):
        whole = f"{at}." if name == "@" else f"{name}.{at}.".lower()
        if shape.type in HOSTED:
            text = text.lower().removesuffix(".") + "."
        if shape.type == "MX":
            text = str(mx.Mx(shape.priority or 0, text))
        elif shape.type == "SRV":
            try:
                text = canonical("SRV", text, whole)
            except RecordError as error:
                made.fault(error.rule, f"{use.provider.id}: {error.message}", use.where)
                continue
        made.add(whole, shape.type, text, kind, (reason,), use.provider.id)


def _parked(domain: Domain, made: Values) -> None:
    if domain.null_mx is not None:
        reason = Reason("null_mx: the domain takes no mail (RFC 7505)", domain.null_mx)
        made.add(f"{domain.name}.", "MX", str(mx.NULL), Kind.MX, (reason,))
    if domain.revoke_dkim is not None:
        reason = Reason("revoke_dkim: no signature of the domain counts", domain.revoke_dkim)
        made.add(f"*._domainkey.{domain.name}.", "TXT", "v=DKIM1; p=", Kind.DKIM, (reason,))
