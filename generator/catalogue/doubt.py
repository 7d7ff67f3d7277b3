"""How sure the facts about a service are, and how old."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date

from generator.catalogue.model import Provider
from generator.finding import Finding, Locatable, Severity

RULE = "service-facts-doubtful"
OLD = 24  # months; vendors do change their records

_MONTH = re.compile(r"(?<![\w-])(20\d\d-(?:0[1-9]|1[0-2]))(?:-[0-3]\d)?(?![\w-])", re.ASCII)
_YEAR = re.compile(r"20\d\d", re.ASCII)


def doubts(confidence: str, disputed: Collection[str]) -> str:
    """Why the facts need a look at the vendor's console; empty if nothing speaks against them."""
    reasons = []
    if confidence == "secondary":
        reasons.append("known from third parties only")
    if disputed:
        points = "a point" if len(disputed) == 1 else f"{len(disputed)} points"
        reasons.append(f"sources disagree on {points}")
    return "; ".join(reasons)


def doubtful(provider: Provider, where: Locatable | None = None) -> Finding | None:
    """Advice about a service in use whose facts are second-hand or disputed; None if they are not."""
    reason = doubts(provider.confidence, provider.disputed)
    if not reason:
        return None
    message = f"{provider.id}: {reason}"
    help = (
        "compare its records with the vendor's console;"
        f" `mailzone services show {provider.id}` has the sources"
    )
    return Finding(RULE, Severity.ADVICE, message, where, help)


def as_of(stated: str, cost: str, evidence: Iterable[str]) -> str:
    """The month when the facts were last seen to be so, as text; empty if nothing tells.

    ``stated`` is the entry's own date, ``cost`` that of its look-ups; older entries have dates in
    their evidence only.
    """
    if stated:
        return stated[:7]
    found = [month for text in (cost, *evidence) for month in _MONTH.findall(text)]
    return max(found, default=cost if _YEAR.fullmatch(cost) else "")


def months_old(month: str, today: date) -> int:
    """Months since ``2026-08``; a year alone counts from its January."""
    year, _, number = month.partition("-")
    return (today.year - int(year)) * 12 + today.month - int(number or 1)
