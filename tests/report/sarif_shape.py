"""What SARIF 2.1.0 asks of the objects that mailzone writes, as a JSON Schema in own words.

Only properties that mailzone uses are allowed, so that a misspelt one is noticed.  Section numbers
are those of the specification.
"""

from __future__ import annotations

from typing import Any


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


_COUNT = {"type": "integer", "minimum": 1}  # lines and columns count from 1 (3.30.2)
_LEVEL = {"enum": ["none", "note", "warning", "error"]}  # 3.27.10
# 3.11.5: a brace stands doubled, or begins a placeholder, of which there are none.
_TEXT = _object({"text": {"type": "string", "minLength": 1, "pattern": r"^([^{}]|\{\{|\}\})*$"}})
_RULE = _object(  # 3.49
    {
        "id": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "shortDescription": _TEXT,
        "fullDescription": _TEXT,
        "help": _TEXT,
        "defaultConfiguration": _object({"level": _LEVEL}),
        "properties": {"type": "object"},
    }
)
_REGION = _object(  # 3.30; the end column is the one behind the last character
    {"startLine": _COUNT, "endLine": _COUNT}, {"startColumn": _COUNT, "endColumn": _COUNT}
)
# 3.4.3: a URI reference; with uriBaseId it is relative (3.4.4)
_RELATIVE = _object(
    {
        "uri": {"type": "string", "pattern": r"^(?!/)([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"},
        "uriBaseId": {"const": "%SRCROOT%"},
    }
)
_ABSOLUTE = _object(
    {"uri": {"type": "string", "pattern": r"^file:///([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"}}
)
_LOCATION = _object(  # 3.28, 3.29
    {
        "physicalLocation": _object(
            {"artifactLocation": {"anyOf": [_RELATIVE, _ABSOLUTE]}}, {"region": _REGION}
        )
    }
)
_RESULT = _object(  # 3.27
    {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": _LEVEL,
        "message": _TEXT,
    },
    {"locations": {"type": "array", "minItems": 1, "items": _LOCATION}},
)
_DRIVER = _object(  # 3.19
    {
        "name": {"const": "mailzone"},
        "version": {"type": "string"},
        "rules": {"type": "array", "items": _RULE, "uniqueItems": True},
    }
)
_RUN = _object(  # 3.14
    {
        "tool": _object({"driver": _DRIVER}),
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": _RESULT},
    }
)
LOG = _object(  # 3.13
    {
        "$schema": {"type": "string", "pattern": r"^https://.*sarif-schema-2\.1\.0\.json$"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "maxItems": 1, "items": _RUN},
    }
)
