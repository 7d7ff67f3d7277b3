"""A step of one or more domains: which place of which file says it, and the files as they will be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from generator.declaration.model import Domain
from generator.ladder import Stage
from generator.rollout.edit import EditError, set_values
from generator.source import Source, Spot, YamlPath


class Written(NamedTuple):
    """Where a stage is written: the source, and the way to the mapping that holds `stage`."""

    source: Source
    path: YamlPath


class StepError(Exception):
    """The step cannot be written; the message says why."""


def written(domain: Domain) -> Written:
    """The place of the domain's stage.  Raises StepError if it is in no file."""
    spot = domain.stage_where
    if not isinstance(spot, Spot) or not spot.path or spot.path[-1] != "stage":
        raise StepError(f"where the stage of {domain.display} is written is not known")
    return Written(spot.source, spot.path[:-1])


def sharing(domain: Domain, all: Iterable[Domain]) -> list[Domain]:
    """The other domains that have their stage from the same place.

    Subdomains that have it from the domain above are not listed: they always go with that one.
    """
    place = _place(written(domain))
    return [
        other
        for other in all
        if other.name != domain.name
        and not other.parent
        and isinstance(other.stage_where, Spot)
        and other.stage_where.path[-1:] == ("stage",)
        and _place(written(other)) == place
    ]


def _place(one: Written) -> tuple[str, YamlPath]:
    return (one.source.path, one.path)


def texts(
    domains: Sequence[Domain], target: dict[str, Stage], today: date, because: str
) -> dict[str, str]:
    """The files that change, by their path in the project, with their new texts.

    ``target`` gives each domain's new stage.  A reason of an earlier step is taken out.  Raises
    StepError.
    """
    changed: dict[str, Source] = {}
    done: dict[tuple[str, YamlPath], Stage] = {}
    for domain in domains:
        place = written(domain)
        key, stage = _place(place), target[domain.name]
        if done.setdefault(key, stage).name != stage.name:
            raise StepError(f"{place.source.path} gives several domains one stage; move them alike")
        source = changed.get(place.source.path, place.source)
        values = {"stage": stage.name, "since": today.isoformat(), "because": because or None}
        try:
            text = set_values(source, place.path, values)
        except EditError as error:
            raise StepError(str(error)) from None
        edited = Source(source.path, text)
        changed[source.path] = edited
    return {path: source.text for path, source in changed.items()}


def preview(root: Path, files: dict[str, str], folder: Path) -> None:
    """A copy of the project's declarations in ``folder`` with these files in it."""
    import shutil

    for name in ("zones", "providers.d"):
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, symlinks=True)
    for path, text in files.items():
        (folder / path).write_bytes(text.encode("utf-8"))
