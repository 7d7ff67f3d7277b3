"""What a rule is."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal, NamedTuple


class Severity(IntEnum):
    """How much a finding weighs: errors stop a build, warnings print, advice prints on request."""

    ADVICE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        return self.name.lower()


# What a rule is decided from, besides declarations and records.
Needs = Literal["", "lock", "live", "diff", "reports"]


class Rule(NamedTuple):
    """A registered rule: a tuple, since some two hundred are made at every start.

    ``severity`` is the usual one; a case may be graver or milder.  ``source`` is the standard
    with its sections, ``tool`` where no standard demands it, or ``format`` where the finding is
    about the declaration itself, which is corrected and not waived.  ``reason`` says in one
    sentence why it matters.

    ``needs`` is empty for a rule that declarations and records alone decide; else it names what
    is needed beside them: ``lock`` (what vendors publish, pinned), ``live`` (a resolver),
    ``diff`` (two states), ``reports`` (aggregate reports).
    """

    id: str
    severity: Severity
    source: str
    reason: str
    needs: Needs = ""

    @property
    def waivable(self) -> bool:
        """False where a standard forbids what the rule found, or it is not about a record."""
        if self.source == "format":
            return False
        return self.severity is not Severity.ERROR or self.source == "tool"


E, W, A = Severity.ERROR, Severity.WARNING, Severity.ADVICE
