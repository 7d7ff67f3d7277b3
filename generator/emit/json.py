"""The documented JSON form of records: schemas/records.schema.json."""

from __future__ import annotations

import json
from typing import Any

from generator.values import Compiled, Reason


def domain(compiled: Compiled) -> dict[str, Any]:
    """One domain as plain data."""
    return {
        "domain": compiled.domain.name,
        "stage": compiled.domain.stage.name,
        "records": [
            {
                "name": value.name,
                "type": value.type,
                "ttl": value.ttl,
                "value": value.text,
                "because": [_reason(reason) for reason in value.because],
            }
            for value in compiled.values
        ],
    }


def text(data: Any) -> str:
    """JSON text with a final newline, the same bytes for the same data."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _reason(reason: Reason) -> dict[str, Any]:
    if reason.where is None:
        return {"what": reason.what, "file": None, "line": None}
    place = reason.where.place()
    return {"what": reason.what, "file": place.path, "line": place.line}
