"""Findings as the JSON of schemas/findings.schema.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from generator.finding import Finding, Severity, visible


def render(findings: Sequence[Finding], prefix: str = "") -> str:
    """An object with the findings and how many there are of each severity."""
    counts = {s: sum(found.severity is s for found in findings) for s in Severity}
    data = {
        "findings": [entry(found, prefix) for found in findings],
        "errors": counts[Severity.ERROR],
        "warnings": counts[Severity.WARNING],
        "advice": counts[Severity.ADVICE],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def entry(found: Finding, prefix: str = "") -> dict[str, Any]:
    """One finding as plain data; what is not known of its place is None."""
    at = found.place
    where: dict[str, Any] = dict.fromkeys(("path", "line", "column", "end_column"))
    if at is not None:
        where["path"] = visible(at.within(prefix))
        if at.line:
            where["line"] = at.line
            if at.column:
                where |= {"column": at.column, "end_column": at.end_column}
    return {
        "rule": found.rule,
        "severity": found.severity.label,
        "message": visible(found.message),
        "help": "\n".join(map(visible, found.help.split("\n"))),
        **where,
    }
