"""Checks data against the schemas: jsonschema-rs accepts, jsonschema explains a rejection.

Acceptance is the common case and must cost nothing; an explanation is needed once per broken
file and may take its time, so its library is imported only then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import Any

from generator.finding import Finding, finding, mask
from generator.resources import schema_text
from generator.source import MAX_FAULTS, Source, Spot, YamlPath

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


@cache
def _schema(name: str) -> Any:
    return json.loads(schema_text(name))


@cache
def _validator(name: str, part: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_part(name, part))


def _part(name: str, part: str) -> Any:
    schema = _schema(name)
    if not part:
        return schema
    return {"$schema": schema["$schema"], "$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}


def accepts(data: Any, name: str, part: str = "") -> bool:
    """True if the data is valid by ``schemas/<name>.schema.json``, or by one of its $defs."""
    return bool(_validator(name, part).is_valid(data))


def check(source: Source, path: YamlPath, data: Any, name: str, part: str = "") -> list[Finding]:
    """Findings for all that the schema forbids in data that stands at ``path`` of the source."""
    if accepts(data, name, part):
        return []
    import jsonschema

    explainer = jsonschema.Draft202012Validator(_part(name, part))
    findings: list[Finding] = []
    defs = _schema(name)["$defs"]
    explained = (
        f for error in explainer.iter_errors(data) for f in _explain(error, source, path, defs)
    )
    findings.extend(islice(explained, MAX_FAULTS))
    if not findings:
        # The two libraries disagree (jsonschema's `$` lets a final newline pass): still refused.
        findings.append(finding("wrong-value", "the value is not allowed here", Spot(source, path)))
    return findings


def _explain(error: Any, source: Source, base: YamlPath, defs: Any) -> Iterable[Finding]:
    path = base + tuple(error.absolute_path)
    keyword, wanted, value = error.validator, error.validator_value, error.instance
    where = Spot(source, path)
    name = _title(path, base)
    if keyword in ("anyOf", "oneOf"):
        branch = _likeliest(error)
        if branch:
            for inner in branch:
                yield from _explain(inner, source, base, defs)
            return
        kinds = " or ".join(dict.fromkeys(_branch_kind(part, defs) for part in wanted))
        yield finding("wrong-type", f"{name} must be {kinds}, not {_kind(value)}", where)
    elif keyword == "additionalProperties" and isinstance(value, dict):
        known = error.schema.get("properties", {})
        for key in value:
            if key not in known:
                yield unknown_key(key, known, Spot(source, (*path, key), key=True))
    elif keyword == "required":
        # One error per missing key; only the library's message tells which one it is.
        absent = [key for key in wanted if key not in value]
        missing = next((key for key in absent if error.message.startswith(repr(key))), absent[0])
        others = [key for key in value if key not in wanted]
        closed = error.schema.get("additionalProperties") is False
        if not (closed and any(suggest(key, [missing]) for key in others)):  # else told as unknown
            yield finding("missing-key", f"{name} needs `{missing}`", where)
    elif keyword == "type":
        kinds = " or ".join(
            _KINDS.get(k, k) for k in ([wanted] if isinstance(wanted, str) else wanted)
        )
        help = f'write it in quotes: "{str(value).lower()}"' if isinstance(value, bool) else ""
        yield finding("wrong-type", f"{name} must be {kinds}, not {_kind(value)}", where, help)
    elif keyword in ("enum", "const"):
        allowed = [_yaml(word) for word in (wanted if keyword == "enum" else [wanted])]
        rule = "unknown-stage" if path[-1:] in (("stage",), ("goal",)) else "wrong-value"
        shown = mask(_yaml(value))[:60]
        help = suggest(_yaml(value), allowed) or "one of " + ", ".join(allowed)
        what = (
            f"unknown stage `{shown}`" if rule == "unknown-stage" else f"{name} cannot be `{shown}`"
        )
        yield finding(rule, what, where, help)
    else:
        yield finding("wrong-value", f"{name}: {_limit(keyword, wanted)}", where)


def unknown_key(key: str, known: Iterable[str], where: Spot) -> Finding:
    """A finding about a key that is not known here, with the nearest known one."""
    names = list(known)
    if key in ("p", "t", "pct") and "sp" in names:
        help = "the stage decides it"  # not a misspelt sp
        return finding("unknown-key", f"unknown key `{key}`", where, help)
    help = suggest(key, names) or ("known keys are " + ", ".join(names) if len(names) <= 25 else "")
    return finding("unknown-key", f"unknown key `{mask(key)[:60]}`", where, help)


def suggest(word: str, known: Iterable[str]) -> str:
    """``did you mean ...?`` for a misspelt word; empty if nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(word.lower()[:80], list(known), 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def _likeliest(error: Any) -> list[Any]:
    """The errors of the one branch whose top-level type fits the value; empty if none does."""
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [
        errors
        for errors in branches.values()
        if not any(e.validator == "type" and not e.relative_path for e in errors)
    ]
    return min(fitting, key=len) if fitting else []


def _branch_kind(part: Any, defs: Any) -> str:
    if "$ref" in part:
        part = defs[part["$ref"].rpartition("/")[2]]
    kind = part.get("type")
    kinds: list[str] = kind if isinstance(kind, list) else [kind] if kind else []
    return " or ".join(_KINDS.get(word, word) for word in kinds) or "something else"


def _limit(keyword: str, wanted: Any) -> str:
    texts = {
        "minLength": f"at least {wanted} characters are needed",
        "maxLength": f"at most {wanted} characters are allowed",
        "minItems": f"at least {wanted} entries are needed",
        "maxItems": f"at most {wanted} entries are allowed",
        "minimum": f"must be at least {wanted}",
        "maximum": f"must be at most {wanted}",
        "uniqueItems": "an entry appears twice",
        "minProperties": f"at least {wanted} entries are needed",
        "pattern": f"must match {wanted}",
    }
    return texts.get(keyword, f"does not meet `{keyword}`")


def _yaml(value: Any) -> str:
    """A value as its author wrote it, more or less."""
    if isinstance(value, dict | list):
        return _kind(value)
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "text", int: "a number", list: "a list", dict: "a mapping"}
    return kinds.get(type(value), type(value).__name__)


def _title(path: YamlPath, base: YamlPath) -> str:
    inner = [step for step in path[len(base) :] if not isinstance(step, int)]
    if len(path) == len(base):
        return "the document" if len(base) == 1 else "the entry"
    if not inner:
        return "the entry"
    title = "`" + ".".join(mask(str(step))[:40] for step in inner[-2:]) + "`"
    return f"an entry of {title}" if isinstance(path[-1], int) else title
