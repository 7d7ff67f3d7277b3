"""Changes as data: what a reviewer must be told of each, and how risky it is.

A file below ``tests/data/diff`` is a list of scenarios.  ``old`` and ``new`` are projects or folders
of zone files: a text stands for ``zones/case.yaml``, a mapping for files by their paths, ``=old`` for
the old text with ``replace`` done to it.  ``says`` lists sentences as ``danger rule: part of it``;
every caution and danger must be listed (those set aside as ``waived danger rule: ...``), notes need
not be.  ``incidents`` are the numbers of known incidents that the change would have caused.
``served`` is since when old stages have lasted where declarations do not say; ``never`` if nobody
knows.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from generator.diff import Diff, Effect, Risk, compare
from generator.diff.model import State
from generator.diff.pair import Served, Serving, declared_since
from generator.diff.states import matched, state_of
from generator.diff.zonefolder import read_zones
from generator.project import assemble
from tests.cases import with_keys
from tests.support import ROOT, TODAY

FOLDER = ROOT / "tests" / "data" / "diff"


@dataclass(frozen=True)
class Scenario:
    """One change with what must be said of it."""

    name: str
    old: dict[str, str]
    new: dict[str, str]
    risk: str
    says: tuple[str, ...] = ()
    incidents: tuple[int, ...] = ()
    served: str = ""
    moves: str = ""
    unsaid: tuple[str, ...] = field(default=())

    def states(self) -> tuple[State, State]:
        return matched(state(self.old, "old"), state(self.new, "new"))

    def serving(self) -> Serving:
        def since(domain: Any) -> Served:
            said = declared_since(domain)
            if said.since is not None or not self.served:
                return said
            if self.served == "never":
                return Served(None)
            return Served(date.fromisoformat(self.served), how="by the history of git")

        return since

    def diff(self) -> Diff:
        return compare(*self.states(), TODAY, self.serving())


def state(files: dict[str, str], label: str) -> State:
    """The state that files make: of a project, or of zone files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "zones").mkdir()
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        if any(path.endswith(".zone") for path in files):
            return read_zones(folder, {})
        made = state_of(assemble(folder, TODAY), label)
        assert not made.findings, [f"{f.place}: {f.rule}: {f.message}" for f in made.findings]
        return made


def line(effect: Effect) -> str:
    """An effect as scenarios list it."""
    aside = "waived " if effect.counts != effect.risk else ""
    rule = f" {effect.rule}" if effect.rule else ""
    return f"{aside}{effect.risk.label}{rule}: {effect.text}"


def grave(diff: Diff) -> list[Effect]:
    return [e for one in diff.domains for e in one.effects if e.risk >= Risk.CAUTION]


def _files(given: Any, old: Any, replace: dict[str, str]) -> dict[str, str]:
    if given == "=old":
        given = old
    files = {"zones/case.yaml": given} if isinstance(given, str) else dict(given or {})
    for before, after in replace.items():
        assert any(before in text for text in files.values()), before
        files = {path: text.replace(before, after) for path, text in files.items()}
    return {path: with_keys(text) for path, text in files.items()}


def scenarios() -> list[Scenario]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            old = _files(entry.get("old"), None, {})
            new = _files(entry.get("new", "=old"), entry.get("old"), entry.get("replace", {}))
            found.append(
                Scenario(
                    f"{path.stem}: {entry['name']}",
                    old,
                    new,
                    entry["risk"],
                    tuple(entry.get("says", ())),
                    tuple(entry.get("incidents", ())),
                    str(entry.get("served", "")),
                    entry.get("moves", ""),
                    tuple(entry.get("unsaid", ())),
                )
            )
    return found
