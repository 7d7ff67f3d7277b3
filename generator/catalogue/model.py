"""What the catalogue knows about a service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from generator.catalogue.shape import Shape

# The name where a service sends, as a shape.
APEX = Shape("@", ("@",))


class SpfNeed(StrEnum):
    """Where the vendor's SPF must be published for its mail to pass."""

    FROM_DOMAIN = "from-domain"
    BOUNCE_SUBDOMAIN = "bounce-subdomain"
    NEVER = "never"


class SpfAlignment(StrEnum):
    """Whether SPF of the service's mail aligns with the From domain (relaxed)."""

    ALWAYS = "always"
    RETURN_PATH = "with-custom-return-path"
    NEVER = "never"


class DkimStyle(StrEnum):
    """How the vendor's keys get into DNS."""

    CNAME = "cname"
    TXT = "txt"
    DELEGATION = "ns-delegation"
    NONE = "none"


class Purpose(StrEnum):
    """What a record of a service is for; decides when it is published."""

    RETURN_PATH = "return-path"
    BOUNCE_MX = "bounce-mx"
    INBOUND_MX = "inbound-mx"
    AUTODISCOVER = "autodiscover"
    TRACKING = "tracking"
    VERIFICATION = "verification"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that the customer must or may supply.

    ``pattern`` matches the whole value.  ``default`` is a shape over ``domain`` and ``region``.
    A ``list`` parameter takes one or more values.
    """

    name: str
    help: str
    example: str | tuple[str, ...]
    pattern: re.Pattern[str]
    required: bool = False
    list: bool = False
    default: Shape | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """DNS look-ups that the SPF terms cost in all, as seen at a date (RFC 7208 4.6.4)."""

    lookups: int
    void: int
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class SpfFacts:
    """``at`` is the name for the terms, relative to the name where the service sends."""

    needed: SpfNeed
    aligned: SpfAlignment
    terms: tuple[Shape, ...] = ()
    at: Shape = APEX
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class RecordShape:
    """One record.  ``name`` is relative to the name where the service sends; ``@`` is that name."""

    name: Shape
    type: str
    value: Shape
    priority: int | None = None
    parameters: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", self.name.parameters | self.value.parameters)


@dataclass(frozen=True, slots=True)
class DkimFacts:
    """DKIM of a service.

    ``styles``: the forms that a declaration's ``dkim:`` may take, the usual one first.
    ``records``: what follows from parameters alone; empty if the customer must paste the values.
    ``target``: pattern of the vendor's CNAME targets, where known.
    """

    styles: tuple[DkimStyle, ...] = (DkimStyle.NONE,)
    aligned: bool = False
    records: tuple[RecordShape, ...] = ()
    selectors: tuple[str, ...] = ()
    target: re.Pattern[str] | None = None
    key: str = ""
    find: str = ""

    @property
    def exists(self) -> bool:
        return self.styles[0] is not DkimStyle.NONE


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """A record beside SPF and DKIM.  ``required``: published whenever the service is."""

    purpose: Purpose
    record: RecordShape
    required: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """One service of the catalogue, for one of its regions."""

    id: str
    name: str
    category: str
    aliases: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    spf: SpfFacts = SpfFacts(SpfNeed.NEVER, SpfAlignment.NEVER)
    dkim: DkimFacts = DkimFacts()
    other: tuple[OtherRecord, ...] = ()
    rua: Shape | None = None
    ruf: Shape | None = None
    ptr_suffixes: tuple[str, ...] = ()
    dkim_domains: tuple[str, ...] = ()
    mailfrom_domains: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    confidence: str = ""
    evidence: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    # Parameters that need not be given.
    defaulted: frozenset[str] = field(init=False, compare=False)
    # What the compiler worked out for uses of the service, by which parameters they give.
    plans: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        names = (name for name, p in self.parameters.items() if p.default is not None)
        object.__setattr__(self, "defaulted", frozenset(names))

    @property
    def sends(self) -> bool:
        """False for a service that only takes reports."""
        return self.rua is None and self.ruf is None

    def has(self, purpose: Purpose) -> bool:
        return any(entry.purpose is purpose for entry in self.other)

    @property
    def dkim_parameters(self) -> frozenset[str]:
        """Parameters that only the derived DKIM records need; `dkim:` makes them unnecessary."""
        wanted: frozenset[str] = frozenset()
        for shape in self.dkim.records:
            wanted |= shape.parameters
        elsewhere: frozenset[str] = self.spf.at.parameters
        for term in self.spf.terms:
            elsewhere |= term.parameters
        for entry in self.other:
            elsewhere |= entry.record.parameters
        return wanted - elsewhere - {"domain", "region"}
