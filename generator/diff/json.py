"""A diff as the JSON of schemas/diff.schema.json."""

from __future__ import annotations

import json
from typing import Any

from generator.diff.model import Change, Diff, DomainDiff, Effect
from generator.finding import visible
from generator.values import Value


def render(diff: Diff) -> str:
    """The whole diff; texts of records are in full, those of people are made visible."""
    data = {
        "old": visible(diff.old),
        "new": visible(diff.new),
        "total": diff.total,
        "unread": diff.unread,
        "risk": diff.risk.label,
        "notes": [visible(note) for note in diff.notes],
        "domains": [_domain(one) for one in diff.domains],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _domain(one: DomainDiff) -> dict[str, Any]:
    return {
        "domain": one.name,
        "risk": one.risk.label,
        "step": one.step.kind or None,
        "old_stage": one.step.old.name if one.step.old else None,
        "new_stage": one.step.new.name if one.step.new else None,
        "effects": [_effect(effect) for effect in one.effects],
        "records": [_change(change) for change in one.changes],
    }


def _effect(effect: Effect) -> dict[str, Any]:
    at = effect.where.place() if effect.where is not None else None
    waiver = effect.waived
    return {
        "text": visible(effect.text),
        "risk": effect.risk.label,
        "counts_as": effect.counts.label,
        "rule": effect.rule or None,
        "help": visible(effect.help),
        "records": list(effect.records),
        "because": visible(waiver.because if waiver else effect.because) or None,
        "until": waiver.until.isoformat() if waiver else None,
        "path": visible(at.path) if at else None,
        "line": at.line if at and at.line else None,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "name": change.name,
        "kind": change.kind.name.lower(),
        "old": _value(change.old),
        "new": _value(change.new),
        "parts": [
            {"sign": part.sign, "text": part.text, "was": part.was or None} for part in change.parts
        ],
    }


def _value(value: Value | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {"type": value.type, "ttl": value.ttl, "value": value.text}
