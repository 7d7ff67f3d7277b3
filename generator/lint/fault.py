"""What a record's text has wrong by itself, before anybody asks whose record it is."""

from __future__ import annotations

from typing import NamedTuple

from generator.finding import Severity
from generator.records.error import RecordError


class Fault(NamedTuple):
    """A rule that the text of a record breaks.

    ``term`` is the term or tag that the message is about, ``start`` its offset in the text and
    ``length`` its length, in characters (0: the whole text).  ``severity`` is None for the rule's
    own.
    """

    rule: str
    message: str
    help: str = ""
    severity: Severity | None = None
    term: str = ""
    start: int = 0
    length: int = 0


def of_error(error: RecordError) -> Fault:
    """The fault that a parser stopped at."""
    return Fault(
        error.rule, error.message, error.help, start=error.offset, length=max(error.length, 1)
    )
