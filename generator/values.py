"""Owned values: the records that mailzone writes, each with the reasons for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from generator.declaration.model import Domain
from generator.finding import Finding, Locatable


class Kind(IntEnum):
    """What a value is for; also the order in which values are written."""

    NS = 0
    SPF = 1
    DMARC = 2
    DKIM = 3
    MX = 4
    REPORT = 5  # authorisation of another domain's reports, RFC 9990 4
    SERVICE = 6  # return paths, verification, tracking
    PLAIN = 7


class Reason(NamedTuple):
    """Why a value, or a part of it, is there."""

    what: str
    where: Locatable | None = None


class Value(NamedTuple):
    """One record.

    ``name`` is absolute, in lower-case A-labels with a final dot.  ``text`` is canonical
    presentation form with absolute names; for TXT it is the text itself, joined and unescaped.
    ``by`` names the service that it belongs to, if any.  ``ttl`` is in seconds.
    """

    name: str
    type: str
    ttl: int
    text: str
    kind: Kind
    because: tuple[Reason, ...]
    by: str = ""

    @property
    def where(self) -> Locatable | None:
        """The place that the value comes from first of all."""
        return next((reason.where for reason in self.because if reason.where is not None), None)


@dataclass(slots=True)
class Compiled:
    """A domain with its values; ``findings`` are what compiling it brought up."""

    domain: Domain
    values: Sequence[Value]
    findings: list[Finding] = field(default_factory=list)
