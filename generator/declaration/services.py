"""The ``services:`` part: each entry to `ServiceUse`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from generator.catalogue.model import Carries, DkimStyle, Provider, Purpose, SpfNeed
from generator.declaration.context import Context
from generator.declaration.dkim import read_dkim
from generator.declaration.merge import Merged
from generator.declaration.model import DkimEntry, ServiceUse
from generator.declaration.parameters import Value, missing_parameter, read_parameters
from generator.finding import Locatable
from generator.records import spf
from generator.records.error import RecordError
from generator.schema import suggest

KEYS = ("use", "at", "from", "dkim", "receives", "tracking", "retiring", "spf")


def read_services(merged: Merged, domain: str, context: Context) -> tuple[ServiceUse, ...]:
    """Every service that could be understood; faults go to the context."""
    uses = []
    for index, entry in enumerate(merged.data.get("services") or ()):
        if entry is None:
            continue  # refused by the schema
        given: dict[str, Any] = {"use": entry} if isinstance(entry, str) else entry
        use = _service(given, merged, index, domain, context)
        uses += [use] if use else []
    return tuple(uses)


def _service(
    given: dict[str, Any], merged: Merged, index: int, domain: str, context: Context
) -> ServiceUse | None:
    def at(*steps: str | int, key: bool = False) -> Locatable:
        return merged.at("services", index, *steps, key=key)

    where = at()
    name = given["use"]
    id = context.catalogue.id_of(name)
    if id is None:
        if context.catalogue.findings:
            return None  # it may be the entry that has a fault
        help = suggest(name, context.catalogue.names())
        help = help or "`mailzone services` lists those it knows; providers.d/ takes your own"
        context.fault("unknown-service", f"unknown service `{name[:60]}`", where, help)
        return None
    region = given.get("region", "")
    provider = context.catalogue.get(id, region if isinstance(region, str) else "")
    if not provider.sends:
        help = f"name it under dmarc: `reports: [{id}]`"
        context.fault("unknown-service", f"{id} takes reports and sends no mail", where, help)
        return None
    own = {key: value for key, value in given.items() if key not in KEYS}
    values = read_parameters(provider, own, where, at, context, KEYS)
    if values is None:
        return None
    if "region" in values and not region and provider.regions:
        provider = context.catalogue.get(id, str(values["region"]))
    names = _names(given.get("at"), at, domain, context) if "at" in given else (domain,)
    senders = _senders(given["from"], at, domain, context) if "from" in given else names
    receives = given.get("receives", False)
    sends = receives != "only"
    if not _terms_are_sound(provider, values, at, context):
        return None
    dkim, pending = _keys(given.get("dkim"), provider, at, context)
    use = ServiceUse(
        provider=provider,
        where=where,
        at=names,
        senders=senders,
        values=values,
        dkim=dkim,
        dkim_given="dkim" in given,
        dkim_pending=pending,
        receives=bool(receives),
        sends=sends,
        tracking=given.get("tracking", False),
        forced=(given.get("spf") or {}).get("force", False),
        retiring=context.date(given["retiring"], at("retiring")) if "retiring" in given else None,
    )
    # Whether anything is missing depends on what is given, not on its value.
    shape = (frozenset(values), sends, receives, use.tracking, use.forced, use.dkim_given)
    if shape not in provider.sound:
        before = len(context.findings)
        _check(use, at, context)
        if len(context.findings) == before:
            provider.sound.add(shape)
    return use


def _terms_are_sound(
    provider: Provider, values: Mapping[str, Value], at: Any, context: Context
) -> bool:
    """False after a fault: a value fits its pattern, yet makes no SPF term (`ipv4: 999.1.2.3`)."""
    sound = True
    for shape in provider.spf.terms:
        if len(shape.parameters) != 1 or not shape.parameters <= values.keys():
            continue
        name = next(iter(shape.parameters))
        for text in shape.fill(values):
            try:
                spf.parse_term(text)
            except RecordError as error:
                message = f"{provider.id}: {name}: {error.message}"
                context.fault("service-parameter", message, at(name), error.help)
                sound = False
    return sound


def _check(use: ServiceUse, at: Any, context: Context) -> None:
    """Faults of a service as a whole: what it is asked for and cannot do."""
    _asked_in_vain(use, at, context)
    provider = use.provider
    known = {"domain", *use.values, *provider.defaulted}
    for name in _missing(use, known):
        missing_parameter(provider, name, use.where, context)
        return
    if not use.sends:
        return
    for shape in provider.dkim.records if not use.dkim_given else ():
        for name in sorted(shape.parameters - known):
            missing_parameter(provider, name, use.where, context, instead="dkim")
            return
    terms = provider.spf.terms if use.forced or provider.spf.needed == "from-domain" else ()
    if terms and not any(term.parameters <= known for term in terms):
        names = list(
            dict.fromkeys(name for term in terms for name in sorted(term.parameters - known))
        )
        what = " or ".join(f"`{name}`" for name in names)
        help = provider.parameters[names[0]].help
        context.fault("service-parameter", f"{provider.id} needs {what}", use.where, help)


def _asked_in_vain(use: ServiceUse, at: Any, context: Context) -> None:
    """Faults of options that the service has nothing for."""
    provider = use.provider
    if use.receives and not provider.has(Purpose.INBOUND_MX):
        context.fault(
            "service-parameter",
            f"{provider.id} is not known to receive mail",
            at("receives", key=True),
        )
    if use.tracking and not provider.has(Purpose.TRACKING):
        context.fault(
            "service-parameter",
            f"{provider.id} has no known tracking record",
            at("tracking", key=True),
        )
    if use.forced and use.sends and not provider.spf.terms:
        context.fault(
            "service-parameter", f"{provider.id} has no SPF term to force", at("spf", key=True)
        )
    if (
        provider.carries is Carries.FORWARDED
        and provider.spf.needed is SpfNeed.FROM_DOMAIN
        and not use.sends
    ):
        message = f"{provider.id} forwards with the domain in the envelope, and needs its SPF"
        help = "`receives: true`, which publishes the term too"
        context.fault("service-parameter", message, at("receives"), help)


def _missing(use: ServiceUse, known: Set[str]) -> Iterator[str]:
    """Parameters without which a wanted record other than a key cannot be made."""
    provider, values = use.provider, use.values
    told = {n for n in values.keys() - provider.defaulted if not provider.parameters[n].required}
    for entry in provider.other:
        missing = sorted(entry.record.parameters - known)
        if not missing:
            continue
        purpose = entry.purpose
        if purpose in _ASKED_FOR:
            wanted = use.tracking if purpose is Purpose.TRACKING else use.receives
        elif entry.required:
            wanted = use.sends
        else:
            # Half of an optional record: it would not be made, and nobody would know.  With its
            # return path named, SPF would even count as aligned.
            path = entry.record.name.parameters
            named = purpose is not Purpose.VERIFICATION and path and path <= values.keys()
            alone = entry.record.parameters - _elsewhere(provider, purpose)
            wanted = use.sends and bool(named or alone & told)
        if wanted:
            yield missing[0]
    spf = provider.spf
    if use.sends and spf.needed is SpfNeed.BOUNCE_SUBDOMAIN and spf.at.parameters <= values.keys():
        absent = [sorted(term.parameters - known) for term in spf.terms]
        if absent and all(absent):
            yield absent[0][0]


_ASKED_FOR = (Purpose.INBOUND_MX, Purpose.TRACKING)


def _elsewhere(provider: Provider, purpose: Purpose) -> set[str]:
    """Parameters that are of use to other records than those of one purpose."""
    records = [o.record for o in provider.other if o.purpose is not purpose]
    used = [shape.parameters for shape in (*provider.dkim.records, *records)]
    return set[str]().union(*used, *(term.parameters for term in provider.spf.terms))


def _keys(
    given: Any, provider: Provider, at: Any, context: Context
) -> tuple[tuple[DkimEntry, ...], bool]:
    """The keys of a service, which one that is handed a whole name keeps to itself."""
    if given not in (None, "pending") and provider.dkim.styles == (DkimStyle.DELEGATION,):
        message = f"{provider.id} serves its keys from a name that is handed to it by NS"
        context.fault("service-parameter", message, at("dkim", key=True), "leave `dkim` out")
        return (), False
    return read_dkim(given, provider, at, context)


def _names(given: Any, at: Any, domain: str, context: Context) -> tuple[str, ...]:
    entries = [given] if isinstance(given, str) else given
    names: list[str] = []
    for index, text in enumerate(entries):
        spot = at("at") if isinstance(given, str) else at("at", index)
        name = context.inside(text, domain, spot)
        if name is not None and name in names:
            context.fault("wrong-value", f"`{text[:60]}` appears twice", spot)
        elif name is not None:
            names.append(name)
    return tuple(names)


def _senders(given: Any, at: Any, domain: str, context: Context) -> tuple[str, ...]:
    entries = [given] if isinstance(given, str) else given
    names: list[str] = []
    for index, text in enumerate(entries):
        spot = at("from") if isinstance(given, str) else at("from", index)
        name = context.whole_or_label(text, domain, spot)
        names += [name] if name and name not in names else []
    return tuple(names)
