"""Findings as SARIF 2.1.0 (OASIS), which code scanning and editors read.

Section numbers are those of the specification.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from generator import __version__
from generator.finding import Finding, Place, Severity, visible
from generator.rules import RULES, Rule

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
VERSION = "2.1.0"
ROOT = "%SRCROOT%"  # 3.4.4: the top of the repository, as CI systems know it

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
# What GitHub sorts by.
_PROBLEMS = {
    Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "recommendation",
}  # fmt: skip


def render(findings: Sequence[Finding], prefix: str = "") -> str:
    """A log file with one run, which describes the rules that found something."""
    rules: dict[str, int] = {}  # each with its place in the list
    for found in findings:
        rules.setdefault(found.rule, len(rules))
    driver = {
        "name": "mailzone",
        "version": __version__,
        "rules": [_rule(RULES[id]) for id in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(found, rules[found.rule], prefix) for found in findings],
    }
    log = {"$schema": SCHEMA, "version": VERSION, "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    """A reportingDescriptor (3.49)."""
    source = {"tool": "mailzone's own rule", "format": "the declaration's format"}
    full = f"{rule.reason} Source: {source.get(rule.source, rule.source)}."
    waivable = (
        "It can be waived, with a reason and a date." if rule.waivable else "It cannot be waived."
    )
    return {
        "id": rule.id,
        "shortDescription": {"text": _plain(rule.reason)},
        "fullDescription": {"text": _plain(full)},
        "help": {"text": _plain(f"{full} {waivable}")},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"problem.severity": _PROBLEMS[rule.severity], "source": rule.source},
    }


def _result(found: Finding, index: int, prefix: str) -> dict[str, Any]:
    """A result (3.27).  Without a file it has no location; there is none to make up."""
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": LEVELS[found.severity],
        "message": {"text": _message(found)},
    }
    at = found.place
    if at is not None and at.is_file:
        result["locations"] = [{"physicalLocation": _location(at, prefix)}]
    return result


def _location(at: Place, prefix: str) -> dict[str, Any]:
    """A physicalLocation (3.29); without a region it is the whole file."""
    path = at.within(prefix)
    if path.startswith("/"):
        location: dict[str, Any] = {"artifactLocation": {"uri": "file://" + _uri(path)}}
    else:
        location = {"artifactLocation": {"uri": _uri(path), "uriBaseId": ROOT}}
    if at.line:
        region = {"startLine": at.line, "endLine": at.line}
        if at.column:
            region |= {"startColumn": at.column, "endColumn": at.end_column}
        location["region"] = region
    return location


def _uri(path: str) -> str:
    """A path as part of a URI (RFC 3986), by the octets that it has on the disk."""
    return quote(path, errors="surrogateescape")


def _message(found: Finding) -> str:
    """What is wrong as the first sentence (3.11.3), what to write instead below it."""
    end = "" if found.message.endswith((".", "!", "?")) else "."
    return "\n".join(
        [_plain(found.message) + end, *map(_plain, filter(None, found.help.split("\n")))]
    )


def _plain(text: str) -> str:
    """A plain text message: braces are doubled (3.11.5), and nothing in it is a link (3.11.6)."""
    return visible(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")
