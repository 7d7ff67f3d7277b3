"""octoDNS classes for `joint.py`: a provider that holds zones in memory, and a source for them.

A zone holds 46 record sets by other hands, five values of them at the apex TXT.  `Everything` is
what an octoDNS user without mailzone has: a source that lists all of the zone, the mail records
that `inputs.portfolio` declares among them.
"""

from __future__ import annotations

from logging import getLogger
from typing import Any

from inputs import RANGE, SELECTORS
from octodns.provider.base import BaseProvider
from octodns.record import Record
from octodns.source.base import BaseSource

TYPES = {"A", "CNAME", "MX", "TXT"}
TOKENS = [f"token-{number}" for number in range(5)]
FOREIGN: list[tuple[str, dict[str, Any]]] = [
    ("", {"type": "TXT", "ttl": 300, "values": TOKENS}),
    ("", {"type": "A", "ttl": 300, "value": "192.0.2.1"}),
    ("", {"type": "MX", "ttl": 300, "values": [{"preference": 10, "exchange": "m.example."}]}),
    *((f"h{n}", {"type": "A", "ttl": 300, "value": f"192.0.2.{n}"}) for n in range(43)),
]
SPF = {"type": "TXT", "ttl": 300, "values": [*TOKENS, f"v=spf1 {RANGE} ?all"]}
DMARC = {"type": "TXT", "ttl": 3600, "value": "v=DMARC1\\; p=none\\;"}


class Memory(BaseProvider):  # type: ignore[misc]
    """A DNS host where every zone holds the foreign records and nothing else; for dry runs."""

    SUPPORTS_GEO = False
    SUPPORTS_ROOT_NS = False
    SUPPORTS = TYPES

    def __init__(self, id: str) -> None:
        self.log = getLogger(f"Memory[{id}]")
        super().__init__(id)

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:
        _add(self, zone, FOREIGN, lenient)
        return True


class Everything(BaseSource):  # type: ignore[misc]
    """The foreign records and the mail records, as plain octoDNS wants them."""

    SUPPORTS_GEO = False
    SUPPORTS = TYPES

    def __init__(self, id: str) -> None:
        self.log = getLogger(f"Everything[{id}]")
        super().__init__(id)

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:
        _add(self, zone, [("", SPF), *FOREIGN[1:], ("_dmarc", DMARC)], lenient)
        for selector in SELECTORS:
            key = {"type": "CNAME", "ttl": 3600, "value": f"{selector}.vendor.example."}
            _add(self, zone, [(f"{selector}._domainkey", key)], lenient)
        return True


def _add(source: Any, zone: Any, records: list[tuple[str, dict[str, Any]]], lenient: bool) -> None:
    for name, data in records:
        record = Record.new(zone, name, data, source=source, lenient=lenient)
        zone.add_record(record, lenient=lenient)
