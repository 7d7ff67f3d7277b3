"""DKIM of a template: keys to paste, pointers to paste, or records that follow from parameters."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from generator.catalogue.domainconnect.draft import Draft
from generator.catalogue.domainconnect.parameters import Clash, Kind
from generator.catalogue.domainconnect.template import Record
from generator.catalogue.domainconnect.variables import Text

_STYLES = {"CNAME": "cname", "TXT": "txt", "NS": "ns-delegation"}
_MARK = "._domainkey"


def keys(draft: Draft, records: list[Record]) -> None:
    """Put the records into the draft's DKIM.

    A declaration's `dkim:` takes what a vendor's console shows, selector by selector.  It is the
    better form wherever a value is the vendor's alone; where part of it is constant, the records
    follow from parameters.  An entry has one of the two.
    """
    pasted = all(map(_pastes, records))
    # Alternatives for one selector may both be pasted; as records they exclude each other.
    kept = records if pasted else [record for record in records if draft.claim(record)]
    if not kept:
        return
    shapes = [] if pasted else _records(draft, kept)
    if not pasted and not shapes:
        return
    draft.dkim["styles"] = list(dict.fromkeys(_STYLES[record.type] for record in kept))
    draft.dkim["aligned"] = "when-configured"
    selectors = [name for record in kept if (name := _selector(record.host))]
    if pasted:
        draft.dkim["find"] = _find(kept)
        draft.check.append("dkim: is to be pasted, as the vendor's console shows it")
    else:
        draft.dkim["records"] = shapes
    if selectors:
        draft.dkim["selectors"] = list(dict.fromkeys(selectors))


def _pastes(record: Record) -> bool:
    """True if `dkim:` can say it: a selector of the domain's, and a value that only a console shows."""
    host = str(record.host)
    plain = record.host.constant is None and _MARK not in host  # the whole name is a variable
    if not plain and not host.endswith(_MARK):
        return False
    if record.type == "TXT":
        return bool(record.value.variables)
    return record.type == "CNAME" and record.value.alone is not None


def _selector(host: Text) -> str:
    """The selector, if the template fixes it."""
    plain = host.constant
    return plain.partition(_MARK)[0].lower() if plain and _MARK in plain else ""


def _find(records: list[Record]) -> str:
    names = [name for r in records for name in (*r.host.variables, *r.value.variables)]
    listed = ", ".join(f"%{name}%" for name in dict.fromkeys(names))
    return f"the vendor's DNS page; the template calls the values {listed}"


def _records(draft: Draft, records: list[Record]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    alike: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        alike[_form(record)].append(record)
    for group in alike.values():
        try:
            made += _several(draft, group) if len(group) > 1 else [_one(draft, group[0])]
        except Clash as error:
            for record in group:
                draft.leave(record, str(error))
    return made


def _several(draft: Draft, records: list[Record]) -> list[dict[str, Any]]:
    """Records that differ in one variable: one record over a list."""
    names = [record.host.variables[0] for record in records if record.host.variables]
    if len(set(names)) != len(records):
        return [_one(draft, record) for record in records]
    place = f"{{{draft.parameters.repeated(names, 'tokens')}}}"
    first = records[0]
    value = first.value.filled(lambda _: place).removesuffix(".")
    return [{"name": first.host.filled(lambda _: place), "type": first.type, "value": value}]


def _one(draft: Draft, record: Record) -> dict[str, Any]:
    name, key = draft.shape(record.host, Kind.LABEL), record.type == "TXT"
    value = draft.shape(record.value, Kind.TEXT) if key else draft.host(record.value)
    return {"name": name, "type": record.type, "value": value}


def _form(record: Record) -> str:
    """The record with its one variable made anonymous; a form of its own if it has more."""
    names = {*record.host.variables, *record.value.variables}
    if len(names) != 1 or record.type != "CNAME":
        return str(record.number)
    return f"{record.host.filled(lambda _: '%')} {record.value.filled(lambda _: '%')}"
