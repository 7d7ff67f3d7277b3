"""The registry of rules for people and programs: a list, a page on one rule, JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from generator.finding import mask
from generator.rules import FAMILIES, Rule
from generator.rules.example import DECLARATION, Example, examples

WIDTH = 80  # columns

# What stands in the registry as a word, in words.
NEEDS = {
    "": "declarations and records alone",
    "lock": "what vendors publish, pinned in the lock file",
    "live": "a look into DNS",
    "diff": "two states to compare",
    "reports": "aggregate reports",
}
TITLES = {
    "declaration": "Files and declarations",
    "spf": "SPF",
    "dkim": "DKIM",
    "dmarc": "DMARC",
    "reports": "Reports",
    "zone": "Zones",
    "transport": "Transport and brand",
    "rollout": "Stages and rollout",
    "change": "Changes",
}


def source(rule: Rule) -> str:
    """Who says so."""
    return {"tool": "mailzone", "format": "the format"}.get(rule.source, rule.source)


def as_list() -> str:
    """Every rule with its severity and reason, by family, within 80 columns."""
    parts = []
    for family, rules in FAMILIES.items():
        width = max(len(rule.id) for rule in rules)
        indent = " " * (width + 13)
        lines = [TITLES[family]]
        for rule in rules:
            head = f"  {rule.id:<{width}}  {rule.severity.label:<7}  "
            lines.append(textwrap.fill(head + rule.reason, WIDTH, subsequent_indent=indent))
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def as_page(rule: Rule) -> str:
    """All that is known of one rule."""
    example = examples()[rule.id]
    lines = [rule.id, textwrap.fill(rule.reason, WIDTH), ""]
    lines += [f"Severity  {rule.severity.label}", f"Source    {source(rule)}"]
    lines += [f"Needs     {NEEDS[rule.needs]}"]
    lines += ["", "Bad", *shown(example, example.bad), "", "Good", *shown(example, example.good)]
    lines += ["", *how_to_waive(rule)]
    return "\n".join(lines) + "\n"


def shown(example: Example, texts: dict[str, str]) -> list[str]:
    """The lines of an example, indented; files under their names where these matter.  Keys are cut."""
    if example.kind == "words":
        return textwrap.wrap(texts[""], WIDTH, initial_indent="  ", subsequent_indent="  ")
    lines: list[str] = []
    for name, text in texts.items():
        if len(texts) > 1 or name not in ("", DECLARATION):
            lines.append(f"  # {name}")
        lines += [f"  {mask(line)}".rstrip() for line in text.rstrip("\n").split("\n")]
    return lines


def how_to_waive(rule: Rule) -> list[str]:
    """What to write into a declaration, or why nothing would help."""
    if rule.waivable:
        return [
            "To set it aside for a domain",
            "  waive:",
            f"    {rule.id}: {{because: the reason, until: 2027-06-30}}",
        ]
    if rule.source == "format":
        return ["It is about the declaration itself, and cannot be waived."]
    return ["It is an error by a standard, and cannot be waived."]


def as_json(rules: Sequence[Rule]) -> str:
    """The JSON of schemas/rules.schema.json."""
    families = {rule.id: family for family, rules in FAMILIES.items() for rule in rules}
    data = {"rules": [_entry(rule, families[rule.id]) for rule in rules]}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _entry(rule: Rule, family: str) -> dict[str, Any]:
    example = examples()[rule.id]
    return {
        "id": rule.id,
        "family": family,
        "severity": rule.severity.label,
        "source": rule.source,
        "reason": rule.reason,
        "needs": rule.needs,
        "waivable": rule.waivable,
        "kind": example.kind,
        "bad": example.bad,
        "good": example.good,
    }
