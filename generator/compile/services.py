"""The records of a service other than SPF: keys, return paths, incoming mail.

What a service publishes depends on its catalogue entry and on which of its parameters are given,
not on their values.  That much is worked out once for all its uses alike: a `_Plan`.
"""

from __future__ import annotations

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


def filled(shape: Shape, values: Filling, site: Site, made: Values) -> list[str]:
    """The texts that the shape makes; none, and a finding, where a name cannot be derived."""
    try:
        return shape.fill(values)
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


class _Batch(NamedTuple):
    """Records that end in host names, made in one go: formats over a `Filling`, a line for each."""

    rows: tuple[_Row, ...]
    names: str
    data: str


class _Plan(NamedTuple):
    """What a service publishes.

    ``batch`` is made once at a name, ``lists`` once for each entry of ``listed``, a parameter;
    ``apart`` are records that are made one by one.  ``missing`` are parameters that could not be
    derived; ``cuts`` is true if the service hands a name to other servers.
    """

    batch: _Batch
    lists: _Batch
    listed: str
    apart: tuple[_Row, ...]
    missing: tuple[str, ...]
    cuts: bool


# A record: its row, its absolute name, and its data in canonical form.
_Line = tuple[_Row, str, str]


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
        by = use.provider.id
        signs: tuple[Reason, ...] = ()
        for row, name, text in _lines(plan, site, made):
            if row.what:
                because: tuple[Reason, ...] = (Reason(row.what, use.where),)
            else:
                because = signs = signs or (_signs(site),)
            made.add(name, row.shape.type, text, row.kind, because, by)
            if row.kind is Kind.MX:
                exchangers.append(_claim(row, name, text, use))
    if len(exchangers) > 1 or (exchangers and made.domain.records):
        bounces_apart(exchangers, made)
    if cuts:
        nothing_below_cuts(all, _claims(all, made), made)


def _claims(all: list[Site], made: Values) -> list[Claim]:
    """Every record of the services but their pasted keys, once more."""
    return [
        _claim(row, name, text, site.use)
        for site in all
        for row, name, text in _lines(_plan_of(site), site, made)
    ]


def _claim(row: _Row, name: str, text: str, use: ServiceUse) -> Claim:
    host = text.rpartition(" ")[2].removesuffix(".")
    return Claim(name, row.shape.type, host, use, row.bounces)


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
    once: list[_Row] = []
    lists: list[_Row] = []
    apart: list[_Row] = []
    listed = ""
    for row in rows:
        repeated = [name for name in sorted(row.shape.parameters) if _is_list(name, provider)]
        alone = row.shape.type not in HOSTED or len(repeated) > 1
        if alone or (repeated and listed not in ("", *repeated)):
            apart.append(row)
        elif repeated:
            listed = repeated[0]
            lists.append(row)
        else:
            once.append(row)
    cuts = any(row.shape.type == "NS" for row in rows)
    return _Plan(
        _batch(once), _batch(lists), listed, tuple(apart), tuple(dict.fromkeys(missing)), cuts
    )


def _underived(shape: RecordShape, given: frozenset[str], provider: Provider) -> list[str]:
    """The first parameter of a record that could not be derived.

    One without a default was missed when the declaration was read.
    """
    known = provider.parameters
    absent = sorted(shape.parameters - given)
    return [name for name in absent if known[name].default is not None][:1]


def _is_list(name: str, provider: Provider) -> bool:
    known = provider.parameters
    return name in known and known[name].list


def _batch(rows: list[_Row]) -> _Batch:
    names, data = [], []
    for row in rows:
        shape = row.shape
        own = _format(shape.name)
        names.append("{domain}." if own == "@" else f"{own}.{{domain}}.")
        value = _format(shape.value)
        value = f"{value.removesuffix('.')}."
        if shape.type == "MX":
            value = f"{shape.priority or 0} {value}"
        data.append(value)
    return _Batch(tuple(rows), "\n".join(names), "\n".join(data))


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


def _lines(plan: _Plan, site: Site, made: Values) -> list[_Line]:
    """Every record of the plan."""
    lines = _all_of(plan.batch, site.values, site, made) if plan.batch.rows else []
    if plan.lists.rows:
        entries = site.values[plan.listed]
        assert isinstance(entries, tuple)  # a list parameter
        each = [Filling(site.values, **{plan.listed: entry}) for entry in entries]
        made_of = [_all_of(plan.lists, values, site, made) for values in each]
        # Record by record, as the catalogue has them, and not entry by entry.
        lines += [line for same in zip(*made_of, strict=False) for line in same]
    for row in plan.apart:
        lines += _each(row, site.values, site, made)
    return lines


def _all_of(batch: _Batch, values: Filling, site: Site, made: Values) -> list[_Line]:
    """The records of a batch."""
    rows = batch.rows
    try:
        names = batch.names.format_map(values).lower().split("\n")
        data = batch.data.format_map(values).lower()
    except ShapeError:
        names, data = [], ""
    texts = data.split("\n")
    if len(names) == len(texts) == len(rows) and ".." not in data:
        return list(zip(rows, names, texts, strict=True))
    # A name that cannot be derived, a value of several lines, a host with a dot at its end.
    return [line for row in rows for line in _each(row, values, site, made)]


def _each(row: _Row, values: Filling, site: Site, made: Values) -> list[_Line]:
    """The record once, or once for each entry of a list parameter in it."""
    names = filled(row.shape.name, values, site, made)
    texts = filled(row.shape.value, values, site, made)
    if len(names) == 1:
        names *= len(texts)
    elif len(texts) == 1:
        texts *= len(names)
    lines = []
    for name, text in zip(names, texts, strict=False):
        whole = f"{site.at}." if name == "@" else f"{name}.{site.at}.".lower()
        data = _data(row, whole, text, site, made)
        lines += [(row, whole, data)] if data is not None else []
    return lines


def _data(row: _Row, name: str, text: str, site: Site, made: Values) -> str | None:
    """The record's data in canonical form; None, and a finding, if it is malformed."""
    type = row.shape.type
    if type in HOSTED:
        text = text.lower().removesuffix(".") + "."
        return str(mx.Mx(row.shape.priority or 0, text)) if type == "MX" else text
    if type != "SRV":
        return text
    try:
        return canonical("SRV", text, name)
    except RecordError as error:
        message = f"{site.use.provider.id}: {error.message}"
        made.fault(error.rule, message, site.use.where)
        return None


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
