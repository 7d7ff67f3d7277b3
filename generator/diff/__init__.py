"""Two states compared: as records, and as what the change does to mail.

A state is all records of a set of domains at one moment: a git revision, the working tree, a folder
of zone files.  `compare` is a pure function of two states, a date, and how long stages have lasted;
reading files and git is the business of `states`, `revision`, `git` and `history`.
"""

from __future__ import annotations

from generator.diff.compare import compare
from generator.diff.model import Diff, DomainDiff, Effect, Risk, Side, State

__all__ = ["Diff", "DomainDiff", "Effect", "Risk", "Side", "State", "compare"]
