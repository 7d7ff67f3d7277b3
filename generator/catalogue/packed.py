"""The compiled catalogue: an index and a line of JSON per entry.

A run names a handful of services and must not pay for all the others, so an entry is parsed when
somebody asks for it; what is asked of all entries at once stands in the index.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


class Entries(Mapping[str, Any]):
    """The catalogue's entries by id, each parsed on first use.

    ``aliases`` leads from an alias to its id.  ``costs`` holds the DNS look-ups of every SPF term
    that alone makes up an entry's SPF.
    """

    def __init__(
        self, lines: dict[str, bytes], aliases: dict[str, str], costs: dict[str, int]
    ) -> None:
        self._lines = lines
        self._parsed: dict[str, Any] = {}
        self.aliases = aliases
        self.costs = costs

    def __getitem__(self, id: str) -> Any:
        parsed = self._parsed.get(id)
        if parsed is None:
            parsed = self._parsed[id] = json.loads(self._lines[id])
        return parsed

    def __contains__(self, id: object) -> bool:
        return id in self._lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def pack(entries: Mapping[str, Any]) -> bytes:
    """The entries as `unpack` reads them; every line is JSON, and none holds a NUL."""
    aliases: dict[str, str] = {}
    for id, entry in entries.items():
        for alias in entry.get("aliases", ()):
            aliases.setdefault(alias, id)
    index = {"ids": list(entries), "aliases": aliases, "costs": costs(entries.values())}
    return b"\n".join(_json(data) for data in (index, *entries.values()))


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def unpack(raw: bytes) -> Entries:
    """The entries that `pack` packed.  Raises ValueError for anything else."""
    head, *lines = raw.split(b"\n")
    index = json.loads(head)
    try:
        ids: list[str] = index["ids"]
        return Entries(dict(zip(ids, lines, strict=True)), index["aliases"], index["costs"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"no compiled catalogue: {error}") from None


def costs(entries: Any) -> dict[str, int]:
    """Look-ups of every SPF term that alone makes up an entry's, or its region's, SPF."""
    known: dict[str, int] = {}
    for entry in entries:
        for facts in (entry, *(entry.get("regions") or {}).values()):
            spf = (facts or {}).get("spf", {})
            if "cost" in spf and len(spf.get("terms", ())) == 1:
                known.setdefault(spf["terms"][0], spf["cost"]["lookups"])
    return known
