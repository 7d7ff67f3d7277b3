"""Lint: what is wrong with records that could be made.

Each module holds the checks of one family; a check is a function from a compiled domain to
findings, and every finding is of a rule in ``generator.rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from generator.finding import Finding, finding
from generator.lint import dkim, dmarc, rollout, spf, zone
from generator.lint.subject import Subject
from generator.rules import RULES
from generator.values import Compiled

__all__ = ["lint"]

CHECKS: tuple[Callable[[Subject], Iterable[Finding]], ...] = (
    *spf.CHECKS,
    *dkim.CHECKS,
    *dmarc.CHECKS,
    *zone.CHECKS,
    *rollout.CHECKS,
)

# What only the zone file shows that a domain is merged into.
_OF_A_MERGE = frozenset({"zone-dynamic", "zone-signed", "zone-wildcard-shadowed"})


def lint(compiled: Compiled, costs: Mapping[str, int], today: date) -> list[Finding]:
    """All findings about one domain, those of its compilation included, less what it waives."""
    if compiled.domain.release:
        return list(compiled.findings)  # nothing is published that could be wrong
    subject = Subject(compiled, costs, today)
    findings = [*compiled.findings, *(found for check in CHECKS for found in check(subject))]
    waivers = {waiver.rule: waiver for waiver in compiled.domain.waivers}
    if not waivers:
        return findings
    kept = [f for f in findings if f.rule not in waivers or not RULES[f.rule].waivable]
    silenced = {f.rule for f in findings} - {f.rule for f in kept}
    elsewhere = _OF_A_MERGE if compiled.domain.zone.mode == "merge" else frozenset()
    for rule in waivers.keys() - silenced - elsewhere:
        message = f"{rule} is waived for {compiled.domain.display}, but nothing is found"
        kept.append(finding("waiver-unused", message, waivers[rule].where, "remove the waiver"))
    return kept
