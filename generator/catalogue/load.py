"""The catalogue of a project: the shipped one, and the project's own entries before it.

Entries become `Provider` objects only when a declaration names them.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.catalogue.check import check_entries
from generator.catalogue.entry import provider
from generator.catalogue.model import Provider
from generator.catalogue.packed import Entries, costs
from generator.catalogue.shipped import shipped
from generator.finding import Finding, Place, finding
from generator.source import SourceError, Spot, read

FOLDER = "providers.d"


class Catalogue:
    """All services by id and by alias; the project's own names go before the shipped ones.

    ``entries`` are plain data, parsed when asked for.  ``own`` holds those of the project, and
    ``files`` the file of each.  ``findings`` are the faults of the project's own entries; the
    shipped ones have none.
    """

    def __init__(
        self,
        shipped: Entries,
        own: dict[str, Any] | None = None,
        findings: list[Finding] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        self.shipped = shipped
        self.own = own or {}
        self.files = files or {}
        self.findings = findings or []
        # ChainMap would take any mapping; its type asks for one that can be changed.
        self.entries: Mapping[str, Any] = (
            ChainMap(self.own, shipped) if self.own else shipped  # type: ignore[arg-type]
        )
        self._names = {
            alias: id for id, entry in self.own.items() for alias in entry.get("aliases", ())
        }
        self._names.update((id, id) for id in self.own)
        self._made: dict[tuple[str, str], Provider] = {}
        self._costs: dict[str, int] | None = None

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def id_of(self, name: str) -> str | None:
        """The id for an id or alias; None if the catalogue does not know the name."""
        if name in self._names:
            return self._names[name]
        return name if name in self.shipped else self.shipped.aliases.get(name)

    def names(self) -> list[str]:
        """Every id and alias, for suggestions."""
        return [*{**self._names, **dict.fromkeys(self.entries), **self.shipped.aliases}]

    def aliases(self, id: str) -> tuple[str, ...]:
        """The names besides its id that lead to a service.

        An entry that overrides a shipped one keeps the shipped aliases, and loses none to
        another's: what a declaration says today must mean the same tomorrow.
        """
        listed = [*self.entries[id].get("aliases", ())]
        if id in self.own and id in self.shipped:
            listed += self.shipped[id].get("aliases", ())
        return tuple(name for name in dict.fromkeys(listed) if self.id_of(name) == id != name)

    def get(self, id: str, region: str = "") -> Provider:
        """The service as it is in a region.  Raises KeyError for an unknown id."""
        made = self._made.get((id, region))
        if made is None:
            made = provider(id, self.entries[id], region)
            if self.own:
                made = made._replace(aliases=self.aliases(id))
            self._made[(id, region)] = made
        return made

    def term_costs(self) -> dict[str, int]:
        """Look-ups of every SPF term whose cost the catalogue knows by itself."""
        if self._costs is None:
            self._costs = {**self.shipped.costs, **costs(self.own.values())}
        return self._costs


def load(project: Path | None = None) -> Catalogue:
    """The shipped catalogue, overridden and extended by ``providers.d/*.yaml`` of a project.

    Faults of the project's files are findings in the result, never exceptions.
    """
    entries = shipped()
    findings: list[Finding] = []
    folder = project / FOLDER if project is not None else None
    if folder is None or not folder.is_dir():
        return Catalogue(entries)
    own: dict[str, Any] = {}
    spots: dict[str, Spot] = {}
    for file in own_files(folder, findings):
        try:
            source = read(file, f"{FOLDER}/{file.name}")
        except SourceError as error:
            findings.extend(error.findings)
            continue
        for index, document in enumerate(source.documents):
            found, sound = check_entries(source, index, document)
            findings.extend(found)
            own.update(sound)
            spots.update({id: source.spot(index, "services", id) for id in sound})
    findings.extend(_claims(own, spots, entries))
    files = {id: spot.source.path for id, spot in spots.items()}
    return Catalogue(entries, own, findings, files)


def own_files(folder: Path, findings: list[Finding]) -> list[Path]:
    """The files of a project's own entries, in the order in which they are read."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    except OSError as error:
        message = f"{folder.name} cannot be read: {error.strerror or error}"
        findings.append(finding("file-unreadable", message, Place(folder.name)))
        return []


def _claims(own: dict[str, Any], spots: dict[str, Spot], shipped: Entries) -> Iterator[Finding]:
    """Faults of aliases that would take a name from another service without a word.

    An alias that the shipped catalogue also has is the project's to take.
    """
    claimed: dict[str, str] = {}
    for id, entry in own.items():
        for number, alias in enumerate(entry.get("aliases", ())):
            if alias == id:
                continue
            where = _alias(spots[id], number)
            first = claimed.setdefault(alias, id)
            if alias in own or first != id:
                other = alias if alias in own else first
                message = f"alias `{alias[:60]}` of {id} is claimed by {other} too"
                yield finding("catalogue-entry", message, where, "keep one of them")
            elif alias in shipped:
                message = f"alias `{alias[:60]}` of {id} is the id of a shipped service"
                help = f"to put an entry in its place, name the entry `{alias[:60]}`"
                yield finding("catalogue-entry", message, where, help)


def _alias(entry: Spot, number: int) -> Spot:
    return Spot(entry.source, (*entry.path, "aliases", number))
