"""The risks of a diff as findings, for the forms that CI systems read."""

from __future__ import annotations

from generator.diff.model import Diff, Effect, Risk
from generator.finding import Finding, Severity

_SEVERITIES = {
    Risk.NOTE: Severity.ADVICE,
    Risk.CAUTION: Severity.WARNING,
    Risk.DANGER: Severity.ERROR,
}


def findings(diff: Diff) -> list[Finding]:
    """Each risk with a rule behind it; one that is set aside weighs as advice."""
    return [_finding(effect) for one in diff.domains for effect in one.effects if effect.rule]


def _finding(effect: Effect) -> Finding:
    aside = ""
    if effect.waived is not None:
        aside = f"waived until {effect.waived.until}: {effect.waived.because}"
    elif effect.because:
        aside = f"because: {effect.because}"
    help = aside or effect.help
    return Finding(effect.rule, _SEVERITIES[effect.counts], effect.text, effect.where, help)
