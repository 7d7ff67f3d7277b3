"""The ``dmarc:`` part: tags that deviate, and where reports go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.catalogue.shape import ShapeError
from generator.declaration.context import Context
from generator.declaration.merge import Merged
from generator.declaration.model import ReportAddress, Tag
from generator.declaration.parameters import read_parameters
from generator.finding import Locatable
from generator.records import dmarc
from generator.records.error import RecordError
from generator.schema import suggest

_TAGS = ("sp", "np", "adkim", "aspf", "psd", "fo")
_KINDS = (("reports", "rua"), ("failures", "ruf"))


def read_tags(merged: Merged, context: Context) -> dict[str, Tag]:
    """Tags that the declaration sets; None leaves the stage's tag out."""
    tags: dict[str, Tag] = {}
    for name, value in (merged.data.get("dmarc") or {}).items():
        if name not in _TAGS:
            continue
        where = merged.at("dmarc", name)
        tags[name] = Tag(None if value is None else str(value), where)
        if name == "fo" and value is not None:
            try:
                dmarc.check_failure_options(str(value))
            except RecordError as error:
                context.fault(error.rule, error.message, where, "0, 1, d, s or d:s")
                del tags[name]
    return tags


def read_reports(
    merged: Merged, domain: str, context: Context, inherited: Iterable[ReportAddress] = ()
) -> list[ReportAddress]:
    """The addresses that reports about the domain go to.

    Each kind that the declaration does not speak of is inherited: a subdomain's own record
    without addresses would silence its reports.
    """
    addresses: list[ReportAddress] = []
    for key, tag in _KINDS:
        if key not in (merged.data.get("dmarc") or {}):
            addresses += [address for address in inherited if address.tag == tag]
            continue
        for index, entry in enumerate(merged.data["dmarc"][key]):
            spot = merged.at("dmarc", key, index)
            uri, what = _address(entry, tag, spot, merged, ("dmarc", key, index), domain, context)
            if not uri:
                continue
            try:
                host = dmarc.check_address(uri)
            except RecordError as error:
                context.fault(error.rule, error.message, spot, error.help)
                continue
            whole = context.host(host, spot)
            if whole is not None:
                addresses.append(ReportAddress(tag, uri, whole, what or uri, spot))
    return addresses


def _address(
    entry: Any,
    tag: str,
    where: Locatable,
    merged: Merged,
    path: tuple[str | int, ...],
    domain: str,
    context: Context,
) -> tuple[str, str]:
    """The URI and the name of its receiver; an empty URI after a fault."""
    if isinstance(entry, str) and (":" in entry or "@" in entry):
        return entry, ""
    given: dict[str, Any] = {"use": entry} if isinstance(entry, str) else entry
    name = str(given["use"])
    id = context.catalogue.id_of(name)
    if id is None:
        catalogue = context.catalogue
        takers = [
            n
            for n in catalogue.names()
            if "destination" in catalogue.entries[catalogue.id_of(n) or n]
        ]
        help = (
            suggest(name, takers) or "a report service, or an address as mailto:dmarc@example.com"
        )
        context.fault("unknown-service", f"unknown report service `{name[:60]}`", where, help)
        return "", ""
    region = str(given.get("region", ""))
    provider = context.catalogue.get(id, region)
    shape = provider.rua if tag == "rua" else provider.ruf
    if shape is None:
        kind = "aggregate" if tag == "rua" else "failure"
        context.fault("unknown-service", f"{id} is known for no {kind} report address", where)
        return "", ""
    given = {key: value for key, value in given.items() if key != "use"}

    def at(*steps: str | int, key: bool = False) -> Locatable:
        return merged.at(*path, *steps, key=key)

    known = read_parameters(provider, given, where, at, context, ())
    if known is None:
        return "", ""
    try:
        return shape.fill({**known, "domain": domain})[0], provider.name
    except (KeyError, ShapeError) as error:
        context.fault("service-parameter", f"{id}: no address without {error}", where)
        return "", ""
