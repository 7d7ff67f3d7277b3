"""Severities that a project raises in its defaults, for the declarations beneath."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from generator.declaration.context import Context
from generator.finding import Finding, Locatable
from generator.rules import RULES, Severity
from generator.schema import suggest

Severities = Mapping[str, Severity]


def read_severities(
    data: Mapping[str, str], at: Callable[[str], Locatable], above: Severities, context: Context
) -> Severities:
    """What a defaults file makes of severities, on top of what the folders above made of them.

    ``data`` is the mapping under `severity`; ``at`` tells the place of a rule's name in it.  An
    unknown rule, or one that would weigh less than before, is a fault and changes nothing.
    """
    made = dict(above)
    for rule, word in data.items():
        known = RULES.get(rule)
        if known is None:
            context.fault("severity", f"unknown rule `{rule[:60]}`", at(rule), suggest(rule, RULES))
            continue
        wanted = Severity[word.upper()]
        before = above.get(rule, known.severity)
        if wanted < before:
            why = "by a folder above" if rule in above else "by itself"
            message = f"{rule} is an {before.label} {why}; a severity can only be raised"
            context.fault("severity", message, at(rule), _instead(rule))
        else:
            made[rule] = wanted
    return made


def _instead(rule: str) -> str:
    known = RULES[rule]
    if known.waivable:
        return f"to set it aside for a domain: `waive: {{{rule}: {{because: ..., until: ...}}}}`"
    why = "it is about the declaration" if known.source == "format" else known.source
    return f"nor can {rule} be waived ({why})"


def raised(findings: list[Finding], severities: Severities) -> list[Finding]:
    """The findings, each at least as grave as the project wants it: `Domain.severities`."""
    if not severities:
        return findings
    return [_raised(found, severities.get(found.rule, found.severity)) for found in findings]


def _raised(found: Finding, wanted: Severity) -> Finding:
    if wanted <= found.severity:
        return found
    return Finding(found.rule, wanted, found.message, found.where, found.help)
