"""Providers that keep zones in memory, as some real ones behave."""

from __future__ import annotations

from logging import getLogger
from typing import Any

from octodns.provider.base import BaseProvider
from octodns.record import Record

ZONES: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}


class WholeWriter(BaseProvider):
    """Replaces all of a zone by what is desired, as some hosts' interfaces do."""

    SUPPORTS_GEO = False
    SUPPORTS_ROOT_NS = True
    SUPPORTS = frozenset({"A", "CAA", "CNAME", "MX", "NS", "TXT"})

    def __init__(self, id: str, **more: Any) -> None:
        self.log = getLogger(f"WholeWriter[{id}]")
        super().__init__(id, **more)

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:
        for (name, _), data in ZONES.get(zone.name, {}).items():
            record = Record.new(zone, name, data, source=self, lenient=lenient)
            zone.add_record(record, lenient=lenient)
        return zone.name in ZONES

    def _apply(self, plan: Any) -> None:
        kept = ZONES[plan.desired.name] = {}
        for record in plan.desired.records:
            data = {**record.data, "type": record._type}
            if record._type != "CNAME" and "value" in data:
                data["values"] = [data.pop("value")]
            kept[record.name, record._type] = data


class Meddler(WholeWriter):
    """Somebody else writes to the zone each time that it has been read."""

    reads = 0

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:
        found = super().populate(zone, target, lenient)
        type(self).reads += 1
        ZONES[zone.name]["meddled", "TXT"] = {
            "type": "TXT",
            "ttl": 60,
            "values": [f"read {type(self).reads} times"],
        }
        return found


class Picky(WholeWriter):
    """Does not support CNAME records."""

    SUPPORTS = frozenset({"A", "MX", "NS", "TXT"})
