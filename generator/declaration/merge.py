"""Defaults merged under declarations, with every value's origin remembered."""

from __future__ import annotations

from typing import Any, NamedTuple

from generator.pool import Pool
from generator.source import Source, Spot, YamlPath


class Layer(NamedTuple):
    """A mapping of a source; ``path`` leads to it."""

    source: Source
    path: YamlPath
    data: dict[str, Any]


_PATHS: Pool[YamlPath] = Pool()


class Merged:
    """Merged data; `at` tells where a value of it was written.

    ``incomplete``: a layer could not be read, and what is missing may stand there.
    """

    __slots__ = ("_only", "_origins", "data", "incomplete")

    def __init__(
        self,
        data: dict[str, Any],
        origins: dict[YamlPath, tuple[Source, YamlPath]],
        incomplete: bool = False,
    ) -> None:
        self.data = data
        self._origins = origins
        # Nearly every declaration is one mapping of one file.
        self._only = origins[()] if len(origins) == 1 and () in origins else None
        self.incomplete = incomplete

    def at(self, *path: str | int, key: bool = False) -> Spot:
        """The place of the value at ``path``, in whichever file it was written."""
        if self._only is not None:
            return Spot(self._only[0], _PATHS[self._only[1] + path], key)
        length = len(path)
        while True:
            found = self._origins.get(path[:length])
            if found is not None:
                source, base = found
                return Spot(source, _PATHS[base + path[length:]], key)
            length -= 1

    def inner(self, data: dict[str, Any], *path: str | int) -> Merged:
        """The mapping at ``path`` as merged data of its own."""
        origins = {p[len(path) :]: o for p, o in self._origins.items() if p[: len(path)] == path}
        if () not in origins:
            spot = self.at(*path)
            origins[()] = (spot.source, spot.path)
        return Merged(data, origins, self.incomplete)


def merge(layers: list[Layer], incomplete: bool = False) -> Merged:
    """Merge layers, the later over the earlier.

    Mappings merge key by key, lists and scalars replace; ``+services`` adds to the services
    merged so far, an entry with the same ``use`` and ``at`` being merged into its counterpart.
    """
    last = layers[-1]
    if len(layers) == 1 and "+services" not in last.data:
        return Merged(last.data, {(): (last.source, last.path)}, incomplete)
    data: dict[str, Any] = {}
    origins: dict[YamlPath, tuple[Source, YamlPath]] = {(): (last.source, last.path)}
    for layer in layers:
        _into(data, layer.data, layer, (), origins)
        more = data.pop("+services", None)
        if more is not None:
            _drop(("+services",), origins)
            _add_services(data, more, layer, origins)
    return Merged(data, origins, incomplete)


def _into(
    data: dict[str, Any],
    new: dict[str, Any],
    layer: Layer,
    path: YamlPath,
    origins: dict[YamlPath, tuple[Source, YamlPath]],
) -> None:
    for key, value in new.items():
        here = (*path, key)
        if isinstance(value, dict) and isinstance(data.get(key), dict):
            inner = dict(data[key])
            data[key] = inner
            _into(inner, value, layer, here, origins)
            continue
        _drop(here, origins)
        data[key] = value
        origins[here] = (layer.source, layer.path + here)


def _drop(path: YamlPath, origins: dict[YamlPath, tuple[Source, YamlPath]]) -> None:
    for known in [p for p in origins if p[: len(path)] == path]:
        del origins[known]


def _add_services(
    data: dict[str, Any],
    more: list[Any],
    layer: Layer,
    origins: dict[YamlPath, tuple[Source, YamlPath]],
) -> None:
    services = list(data.get("services") or [])
    spots = {_identity(entry): index for index, entry in enumerate(services)}
    for index, entry in enumerate(more):
        written = (layer.source, (*layer.path, "+services", index))
        twin = spots.get(_identity(entry))
        if twin is None:
            spots[_identity(entry)] = len(services)
            origins[("services", len(services))] = written
            services.append(entry)
        elif isinstance(entry, dict):
            old = services[twin]
            merged: dict[str, Any] = dict(old) if isinstance(old, dict) else {"use": old}
            for key, value in entry.items():
                both = isinstance(value, dict) and isinstance(merged.get(key), dict)
                merged[key] = {**merged[key], **value} if both else value
                origins[("services", twin, key)] = (written[0], (*written[1], key))
            services[twin] = merged
    data["services"] = services


def _identity(entry: Any) -> tuple[str, str]:
    if not isinstance(entry, dict):
        return (str(entry), "@")
    at = entry.get("at", "@")
    return (str(entry.get("use")), "\n".join(at) if isinstance(at, list) else str(at))
