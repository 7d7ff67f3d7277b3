"""A plan as a file, to be reviewed and then applied as it was reviewed; and the journal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from generator.octodns.model import Change, Rrset
from generator.octodns.push import Applied, Step

VERSION = 1

Steps = dict[tuple[str, str], list[dict[str, Any]]]


class PlanError(Exception):
    """A file is no plan that can be applied."""


def plain(change: Change) -> dict[str, Any]:
    """A change as the plan file and the journal have it, with all that was there before."""
    return {
        "name": change.name,
        "type": change.type,
        "before": _set(change.before),
        "after": _set(change.after),
        "removed": sorted(change.removed),
        "added": sorted(change.added),
        "kept": sorted(change.kept),
        "ledger": change.ledger,
    }


def _set(rrset: Rrset | None) -> dict[str, Any] | None:
    return None if rrset is None else {"ttl": rrset.ttl, "values": sorted(rrset.texts)}


def text(steps: Iterable[Step]) -> str:
    """The plan of these steps; those without changes are left out."""
    listed = [
        {
            "zone": step.zone,
            "target": step.target,
            "changes": [plain(change) for change in step.changes],
        }
        for step in steps
        if step.changes and not step.problem
    ]
    return json.dumps({"version": VERSION, "steps": listed}, indent=2, ensure_ascii=False) + "\n"


def read(raw: bytes) -> Steps:
    """The changes of a plan file by zone and target.  Raises PlanError."""
    try:
        data = json.loads(raw)
    except ValueError as error:
        raise PlanError(f"no JSON: {error}") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise PlanError("not written by `mailzone push --plan-out` of this version")
    steps: Steps = {}
    for step in data.get("steps", ()):
        match step:
            case {"zone": str(zone), "target": str(target), "changes": [*changes]}:
                steps[zone, target] = changes
            case _:
                raise PlanError("a step lacks its zone, target or changes")
    return steps


def moved(planned: list[dict[str, Any]], step: Step) -> str:
    """How what would be done now differs from the plan; empty if it does not."""
    if step.problem:
        return step.problem
    now = {(one["name"], one["type"]): one for one in map(plain, step.changes)}
    then = {(one.get("name"), one.get("type")): one for one in planned}
    ledgers = {key for key, one in {**then, **now}.items() if one.get("ledger")}
    for key in sorted({*now, *then}, key=lambda key: (key in ledgers, str(key))):
        name, type = key
        if key not in now:
            return f"{type} at {name} needs no change any more"
        if key not in then:
            return f"{type} at {name} would be changed, which the plan does not have"
        if now[key]["before"] != then[key].get("before"):
            return f"{type} at {name} was changed by another hand"
        if now[key] != then[key]:
            return f"{type} at {name} would become something else: it is declared otherwise"
    return ""


class Journal:
    """What was written, with what was there before: one JSON object a line, flushed to the disk.

    An entry is made before a step is applied and another one when its outcome is known, so that a
    crash in between shows.  Holds DNS data only: no configuration, no messages of providers.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, now: datetime, step: Step) -> None:
        """Enter a step that is about to be applied.  Raises OSError."""
        changes = [plain(change) for change in step.changes]
        self._write(now, step, {"event": "apply", "changes": changes})

    def end(self, now: datetime, step: Step, applied: Applied) -> None:
        """Enter what became of it.  Raises OSError."""
        more = {
            "event": "result",
            "result": applied.result.name.lower(),
            "differences": list(applied.differences),
        }
        self._write(now, step, more)

    def _write(self, now: datetime, step: Step, more: Mapping[str, Any]) -> None:
        entry = {"time": now.isoformat(), "zone": step.zone, "target": step.target, **more}
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
