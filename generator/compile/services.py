"""The records of a service other than SPF: keys, return paths, incoming mail.

What a service publishes depends on its catalogue entry and on which of its parameters are given,
not on their values.  That much is worked out once for all its uses alike: a `_Plan`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator.catalogue.model import OtherRecord, Provider, Purpose, RecordShape
from generator.catalogue.shape import FILTERS, Shape, ShapeError
from generator.compile.alone import Claim, bounces_apart, nothing_below_cuts
from generator.declaration.model import ServiceUse
from generator.declaration.records import canonical
from generator.names import display
from generator.records import mx
from generator.records.error import RecordError
from generator.values import HOSTED, Kind, Reason, Values


class Filling(dict[str, "str | tuple[str, ...]"]):
    """A service's parameters at one of its names, and ``parameter|filter`` of each on demand."""

    def __missing__(self, key: str) -> str:
        name, bar, filter = key.partition("|")
        value = self[name] if bar else None
        if not isinstance(value, str):
            raise KeyError(key)
        made = self[key] = FILTERS[filter](value)
        return made


class Site(NamedTuple):
    """A service at one of its names, with its parameters there."""

    use: ServiceUse
    at: str
    values: Filling
    given: frozenset[str]  # the names of the values


def sites(use: ServiceUse) -> list[Site]:
    """The service at each of its names, with the defaults that depend on the name.

    A default that the parameter itself would refuse is none: the vendor's name cannot be derived.
    """
    made = []
    for at in use.at:
        values = Filling(use.values, domain=at)
        for name in use.provider.defaulted:
            parameter = use.provider.parameters[name]
            if name not in values and isinstance(parameter.default, Shape):
                try:
                    default = parameter.default.fill(values)[0]
                except (ShapeError, KeyError):
                    continue  # said where a record needs it
                if parameter.pattern.fullmatch(default):
                    values[name] = default
        made.append(Site(use, at, values, frozenset(values)))
    return made


def filled(shape: Shape, site: Site, made: Values) -> list[str]:
    """The texts that the shape makes; none, and a finding, where a name cannot be derived."""
    try:
        return shape.fill(site.values)
    except ShapeError as error:
        use = site.use
        help = f"give its targets under `dkim:`; {use.provider.dkim.find}"
        message = f"{use.provider.id}: its host name {str(error).removeprefix('it ')}"
        if not any(f.message == message and f.where is use.where for f in made.findings):
            made.fault("service-derivation", message, use.where, help)
    return []


class _Row(NamedTuple):
    shape: RecordShape
    kind: Kind
    what: str  # the reason; empty for keys, whose reason names the signing domain
    bounces: bool = False


class _Plan(NamedTuple):
    """What a service publishes.

    ``format`` makes the names and data of ``rows``, a line each, of a `Filling`; ``lists`` are
    records that repeat for each entry of a parameter; ``missing`` are parameters that could not
    be derived; ``cuts`` is true if it hands a name to other servers.
    """

    rows: tuple[_Row, ...]
    format: str
    lists: tuple[_Row, ...]
    missing: tuple[str, ...]
    cuts: bool


def add_services(all: list[Site], made: Values) -> None:
    """Add the records of each service at each name."""
    exchangers: list[Claim] = []
    cuts = any(record.type == "NS" for record in made.domain.records)
    for site in all:
        use = site.use
        plan = _plan_of(site)
        cuts = cuts or plan.cuts
        if use.sends and use.dkim:
            _pasted(site, made)
        for missing in plan.missing:
            message = (
                f"{use.provider.id} needs `{missing}` for {display(site.at)}: it cannot be derived"
            )
            help = use.provider.parameters[missing].help
            made.fault("service-derivation", message, use.where, help)
        signs: Reason | None = None
        for row, name, text in _lines(plan, site, made):
            if row.what:
                reason = Reason(row.what, use.where)
            else:
                reason = signs = signs or _signs(site)
            whole = _add(row, name, text, reason, site, made)
            if row.kind is Kind.MX:
                exchangers.append(Claim(whole, "MX", text, use, row.bounces))
    if len(exchangers) > 1 or (exchangers and made.domain.records):
        bounces_apart(exchangers, made)
    if cuts:
        nothing_below_cuts(all, _claims(all, made), made)


def _claims(all: list[Site], made: Values) -> list[Claim]:
    """Every record of the services but their pasted keys, once more."""
    return [
        Claim(_whole(name, site), row.shape.type, text, site.use, row.bounces)
        for site in all
        for row, name, text in _lines(_plan_of(site), site, made)
    ]


def _plan_of(site: Site) -> _Plan:
    """The plan that the service's uses alike share."""
    use = site.use
    plans = use.provider.plans
    key = (site.given, use.sends, use.receives, use.tracking, use.dkim_given)
    plan: _Plan | None = plans.get(key)
    if plan is None:
        plan = plans[key] = _plan(use, site.given)
    return plan


def _plan(use: ServiceUse, given: frozenset[str]) -> _Plan:
    provider = use.provider
    rows: list[_Row] = []
    missing: list[str] = []
    if use.sends and not use.dkim_given:
        for shape in provider.dkim.records:
            if shape.parameters <= given:
                rows.append(_Row(shape, Kind.DKIM, ""))
            else:
                missing += _underived(shape, given, provider)
    for entry in provider.other:
        if not _wanted(entry, use):
            continue
        absent = sorted(entry.record.parameters - given)
        if not absent:
            mail = entry.record.type == "MX" and entry.purpose in _MAIL_EXCHANGERS
            what = f"{_PURPOSES[entry.purpose]} of {provider.name}"
            bounces = entry.purpose is Purpose.BOUNCE_MX
            rows.append(_Row(entry.record, Kind.MX if mail else Kind.SERVICE, what, bounces))
        elif entry.required:
            missing += _underived(entry.record, given, provider)
    lists = tuple(row for row in rows if _repeats(row.shape, provider))
    single = tuple(row for row in rows if row not in lists)
    format = "\n".join(_format(s) for row in single for s in (row.shape.name, row.shape.value))
    cuts = any(row.shape.type == "NS" for row in rows)
    return _Plan(single, format, lists, tuple(dict.fromkeys(missing)), cuts)


def _underived(shape: RecordShape, given: frozenset[str], provider: Provider) -> list[str]:
    """The first parameter of a record that could not be derived.

    One without a default was missed when the declaration was read.
    """
    known = provider.parameters
    absent = sorted(shape.parameters - given)
    return [name for name in absent if known[name].default is not None][:1]


def _repeats(shape: RecordShape, provider: Provider) -> bool:
    known = provider.parameters
    return any(name in known and known[name].list for name in shape.parameters)


def _format(shape: Shape) -> str:
    """The shape as a format string over a `Filling`."""
    return "".join(
        piece.replace("{", "{{").replace("}", "}}")
        if isinstance(piece, str)
        else f"{{{piece[0]}|{piece[1]}}}"
        if piece[1]
        else f"{{{piece[0]}}}"
        for piece in shape.pieces
    )


def _lines(plan: _Plan, site: Site, made: Values) -> Iterator[tuple[_Row, str, str]]:
    """Every record of the plan, with its name and data as text."""
    rows = plan.rows
    if rows:
        try:
            texts = plan.format.format_map(site.values).split("\n")
        except ShapeError:
            texts = []
        if len(texts) == 2 * len(rows):
            yield from zip(rows, texts[::2], texts[1::2], strict=True)
        else:  # a name that cannot be derived, or a value of several lines
            for row in rows:
                yield from _each(row, site, made)
    for row in plan.lists:
        yield from _each(row, site, made)


def _each(row: _Row, site: Site, made: Values) -> Iterator[tuple[_Row, str, str]]:
    """The record once, or once for each entry of a list parameter in it."""
    names, texts = filled(row.shape.name, site, made), filled(row.shape.value, site, made)
    if len(names) == 1:
        names *= len(texts)
    elif len(texts) == 1:
        texts *= len(names)
    for name, text in zip(names, texts, strict=False):
        yield row, name, text


def _add(row: _Row, name: str, text: str, reason: Reason, site: Site, made: Values) -> str:
    """Add a record; returns its absolute name."""
    type = row.shape.type
    whole = _whole(name, site)
    if type in HOSTED:
        text = text.lower().removesuffix(".") + "."
        if type == "MX":
            text = str(mx.Mx(row.shape.priority or 0, text))
    elif type == "SRV":
        try:
            text = canonical("SRV", text, whole)
        except RecordError as error:
            message = f"{site.use.provider.id}: {error.message}"
            made.fault(error.rule, message, site.use.where)
            return whole
    made.add(whole, type, text, row.kind, (reason,), site.use.provider.id)
    return whole


def _whole(name: str, site: Site) -> str:
    return f"{site.at}." if name == "@" else f"{name}.{site.at}.".lower()


_MAIL_EXCHANGERS = (Purpose.INBOUND_MX, Purpose.BOUNCE_MX)
_PURPOSES = {
    Purpose.RETURN_PATH: "return path",
    Purpose.BOUNCE_MX: "takes the bounces",
    Purpose.INBOUND_MX: "incoming mail",
    Purpose.AUTODISCOVER: "mail client set-up",
    Purpose.TRACKING: "link tracking",
    Purpose.VERIFICATION: "proof of ownership",
}


def _wanted(entry: OtherRecord, use: ServiceUse) -> bool:
    purpose = entry.purpose
    if purpose is Purpose.INBOUND_MX or purpose is Purpose.AUTODISCOVER:
        return use.receives
    if purpose is Purpose.TRACKING:
        return use.tracking
    if purpose is Purpose.VERIFICATION:
        return entry.required or bool(entry.record.parameters)
    return use.sends and (entry.required or bool(entry.record.parameters))


def _pasted(site: Site, made: Values) -> None:
    """The keys and targets that the declaration gives."""
    use, at = site.use, site.at
    for entry in use.dkim:
        text = entry.value if entry.type == "TXT" else f"{entry.value}."
        reason = _signs(site, f", retiring on {entry.retiring}" if entry.retiring else "")
        reason = Reason(reason.what, entry.where)
        name = f"{entry.selector}._domainkey.{at}."
        made.add(name, entry.type, text, Kind.DKIM, (reason,), use.provider.id)


def _signs(site: Site, more: str = "") -> Reason:
    return Reason(f"{site.use.provider.name} signs for {display(site.at)}{more}", site.use.where)
