"""Services as plain data: what lists and JSON show."""

from __future__ import annotations

from typing import Any

from generator.catalogue import Catalogue
from generator.catalogue.doubt import as_of, doubts
from generator.catalogue.model import Parameter, Provider, RecordShape

CATEGORIES = (
    "mailbox",
    "gateway",
    "transactional",
    "marketing",
    "crm",
    "helpdesk",
    "commerce",
    "saas",
    "forwarding",
    "hosting",
    "monitoring",
)


def summary(catalogue: Catalogue, id: str) -> dict[str, Any]:
    """A service in one row.  Read from the entry itself: 200 `Provider` objects would cost more."""
    entry = catalogue.entries[id]
    spf, dkim = entry.get("spf", {}), entry.get("dkim", {})
    disputed, evidence = entry.get("disputed", ()), entry.get("evidence", ())
    sends = "destination" not in entry
    return {
        "id": id,
        "name": entry["name"],
        "category": entry["category"],
        "aliases": list(catalogue.aliases(id)),
        "spf": spf.get("aligned", "never") if sends else None,
        "dkim": [style for style in dkim.get("styles", ()) if style != "none"],
        "receives": any(o["purpose"] == "inbound-mx" for o in entry.get("other", ())),
        "doubt": doubts(entry.get("confidence", ""), disputed),
        "as_of": as_of(entry.get("as_of", ""), spf.get("cost", {}).get("as_of", ""), evidence),
        "own": id in catalogue.own,
    }


def facts(catalogue: Catalogue, provider: Provider) -> dict[str, Any]:
    """Everything that is known about a service."""
    entry = catalogue.entries[provider.id]
    spf, dkim = provider.spf, provider.dkim
    return {
        **summary(catalogue, provider.id),
        "parameters": [_parameter(p) for p in provider.parameters.values()],
        "regions": list(provider.regions),
        "carries": provider.carries.value,
        "senders": None
        if not provider.sends
        else {
            "needed": spf.needed.value,
            "aligned": spf.aligned.value,
            "at": spf.at.text,
            "terms": [term.text for term in spf.terms],
            "cost": spf.cost._asdict() if spf.cost else None,
            "literal": spf.literal,
            "wants_all": spf.wants_all,
        },
        "keys": {
            "styles": [style.value for style in dkim.styles],
            "aligned": dkim.aligned,
            "selectors": list(dkim.selectors),
            "records": [_record(record) for record in dkim.records],
            "find": dkim.find,
        },
        "other": [
            {"purpose": o.purpose.value, **_record(o.record), "required": o.required}
            for o in provider.other
        ],
        "destination": {
            kind: shape.text
            for kind, shape in (("rua", provider.rua), ("ruf", provider.ruf))
            if shape
        },
        "recognise": {
            "ptr_suffixes": list(provider.ptr_suffixes),
            "dkim_domains": list(provider.dkim_domains),
            "mailfrom_domains": list(provider.mailfrom_domains),
        },
        "warnings": list(provider.warnings),
        "confidence": entry.get("confidence", ""),
        "evidence": list(provider.evidence),
        "disputed": list(provider.disputed),
        "docs": list(provider.docs),
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    example, default = parameter.example, parameter.default
    shown = list(default) if isinstance(default, tuple) else default.text if default else None
    return {
        "name": parameter.name,
        "help": parameter.help,
        "example": list(example) if isinstance(example, tuple) else example,
        "pattern": parameter.pattern.pattern,
        "required": parameter.required,
        "list": parameter.list,
        "default": shown,
    }


def _record(record: RecordShape) -> dict[str, Any]:
    found = {"name": record.name.text, "type": record.type, "value": record.value.text}
    return found if record.priority is None else {**found, "priority": record.priority}
