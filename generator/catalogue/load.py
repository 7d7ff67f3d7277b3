"""providers.yaml (or its JSON form) to `Provider`.

An installed wheel carries the catalogue as JSON; a checkout compiles it on first use, under the
hash of its text.  Entries become `Provider` objects only when a declaration names them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator import resources
from generator.catalogue.check import check_entries
from generator.catalogue.entry import provider
from generator.catalogue.model import Provider
from generator.finding import Finding, Place, finding
from generator.source import Source, SourceError, parse, read

FORMAT = 1  # of the compiled catalogue; part of its file name in a checkout


class Catalogue:
    """All services by id and by alias.

    ``findings`` are the faults of a project's own entries; the shipped ones have none.
    """

    def __init__(self, entries: dict[str, Any], findings: list[Finding] | None = None) -> None:
        self.entries = entries
        self.findings = findings or []
        self._aliases: dict[str, str] = {}
        for id, entry in entries.items():
            for alias in entry.get("aliases", ()):
                self._aliases.setdefault(alias, id)
        self._made: dict[tuple[str, str], Provider] = {}
        self._costs: dict[str, int] | None = None

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def id_of(self, name: str) -> str | None:
        """The id for an id or alias; None if the catalogue does not know the name."""
        if name in self.entries:
            return name
        return self._aliases.get(name)

    def names(self) -> list[str]:
        """Every id and alias, for suggestions."""
        return [*self.entries, *self._aliases]

    def get(self, id: str, region: str = "") -> Provider:
        """The service as it is in a region.  Raises KeyError for an unknown id."""
        made = self._made.get((id, region))
        if made is None:
            made = self._made[(id, region)] = provider(id, self.entries[id], region)
        return made

    def term_costs(self) -> dict[str, int]:
        """Look-ups of every SPF term whose cost the catalogue knows by itself."""
        if self._costs is None:
            self._costs = {}
            for entry in self.entries.values():
                for facts in (entry, *(entry.get("regions") or {}).values()):
                    spf = (facts or {}).get("spf", {})
                    if "cost" in spf and len(spf.get("terms", ())) == 1:
                        self._costs.setdefault(spf["terms"][0], spf["cost"]["lookups"])
        return self._costs


def load(project: Path | None = None) -> Catalogue:
    """The shipped catalogue, overridden and extended by ``providers.d/*.yaml`` of a project.

    Faults of the project's files are findings in the result, never exceptions.
    """
    entries = dict(_shipped())
    findings: list[Finding] = []
    own = project / "providers.d" if project is not None else None
    if own is not None and own.is_dir():
        for file in _files(own, findings):
            try:
                source = read(file, f"providers.d/{file.name}")
            except SourceError as error:
                findings.extend(error.findings)
                continue
            found, services = compile_source(source)
            findings.extend(found)
            entries.update(services)
    return Catalogue(entries, findings)


def _files(folder: Path, findings: list[Finding]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    except OSError as error:
        message = f"{folder.name} cannot be read: {error.strerror or error}"
        findings.append(finding("file-unreadable", message, Place(folder.name)))
        return []


def compile_source(source: Source) -> tuple[list[Finding], dict[str, Any]]:
    """Findings about a catalogue file, and its sound entries."""
    findings: list[Finding] = []
    services: dict[str, Any] = {}
    for index, document in enumerate(source.documents):
        found, sound = check_entries(source, index, document)
        findings.extend(found)
        services.update(sound)
    return findings, services


def compile_shipped(raw: bytes) -> dict[str, Any]:
    """The entries of providers.yaml.  Raises ValueError if it has a fault: a defect of ours."""
    source = parse(raw, "providers.yaml")
    findings, services = compile_source(source)
    if findings:
        raise ValueError("; ".join(f"{f.place}: {f.message}" for f in findings))
    return services


def _shipped() -> dict[str, Any]:
    if resources.installed:
        data: dict[str, Any] = json.loads(resources.catalogue_json().read_bytes())
        return data
    import hashlib

    raw = resources.catalogue_yaml().read_bytes()
    digest = hashlib.sha256(raw).hexdigest()[:16]
    file = resources.cache() / f"catalogue-{FORMAT}-{digest}.json"
    try:
        data = json.loads(file.read_bytes())
        if not isinstance(data, dict):
            raise ValueError("not a catalogue")
    except (OSError, ValueError):
        data = compile_shipped(raw)
        _keep(file, data)
    return data


def _keep(file: Path, data: dict[str, Any]) -> None:
    """Write the compiled catalogue; a checkout that cannot be written to just stays slower."""
    import os
    import tempfile

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent)
    except OSError:
        return
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(data, stream, ensure_ascii=False, separators=(",", ":"))
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
