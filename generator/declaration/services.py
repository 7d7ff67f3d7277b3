"""The ``services:`` part: each entry to `ServiceUse`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.catalogue.model import Provider, Purpose
from generator.declaration.context import Context
from generator.declaration.dkim import read_dkim
from generator.declaration.merge import Merged
from generator.declaration.model import ServiceUse
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
    dkim, pending = read_dkim(given.get("dkim"), provider, at, context)
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
    _check(use, at, context)
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
    provider, values = use.provider, use.values
    known = {"domain", *values, *provider.defaulted}
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
    for entry in provider.other:
        inbound = entry.purpose is Purpose.INBOUND_MX
        wanted = use.receives if inbound else use.sends and entry.required
        for name in sorted(entry.record.parameters - known) if wanted else ():
            missing_parameter(provider, name, use.where, context)
            return
    if not use.sends:
        return
    if use.forced and not provider.spf.terms:
        context.fault(
            "service-parameter", f"{provider.id} has no SPF term to force", at("spf", key=True)
        )
    for shape in provider.dkim.records if not use.dkim_given else ():
        for name in sorted(shape.parameters - known):
            missing_parameter(provider, name, use.where, context, instead="dkim")
            return
    terms = provider.spf.terms if provider.spf.needed == "from-domain" else ()
    if terms and not any(term.parameters <= known for term in terms):
        names = list(
            dict.fromkeys(name for term in terms for name in sorted(term.parameters - known))
        )
        what = " or ".join(f"`{name}`" for name in names)
        help = provider.parameters[names[0]].help
        context.fault("service-parameter", f"{provider.id} needs {what}", use.where, help)


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
