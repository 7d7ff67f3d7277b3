"""What the catalogue knows about a service.

Named tuples: as immutable and comparable as frozen data classes, whose making would cost every run
of the program four milliseconds more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

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
    UNKNOWN = "unknown"  # no source says; counts as never


class DkimStyle(StrEnum):
    """How the vendor's keys get into DNS."""

    CNAME = "cname"
    TXT = "txt"
    DELEGATION = "ns-delegation"
    NONE = "none"


class Carries(StrEnum):
    """Whose mail the service sends; decides whether its alignment is judged."""

    OWN = "own"
    RELAYED = "relayed"  # what other services of the domain write, and sign
    FORWARDED = "forwarded"  # what strangers write to the domain; From is theirs


class Purpose(StrEnum):
    """What a record of a service is for; decides when it is published."""

    RETURN_PATH = "return-path"
    BOUNCE_MX = "bounce-mx"
    INBOUND_MX = "inbound-mx"
    AUTODISCOVER = "autodiscover"
    TRACKING = "tracking"
    VERIFICATION = "verification"


class Parameter(NamedTuple):
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


class Cost(NamedTuple):
    """DNS look-ups that the SPF terms cost in all, as seen at a date (RFC 7208 4.6.4).

    ``void``: how many of them find nothing; None where that was not counted.
    """

    lookups: int
    as_of: str
    source: str
    void: int | None = None


class SpfFacts(NamedTuple):
    """``at`` is the name for the terms, relative to the name where the service sends.

    ``literal``: the vendor's console looks for these very terms, so that neither a nested include
    nor addresses in their place will do.  ``wants_all``: the only ending that it accepts, as a
    qualifier; empty if any will do.
    """

    needed: SpfNeed
    aligned: SpfAlignment
    terms: tuple[Shape, ...] = ()
    at: Shape = APEX
    cost: Cost | None = None
    literal: bool = False
    wants_all: str = ""


class RecordShape(NamedTuple):
    """One record.  ``name`` is relative to the name where the service sends; ``@`` is that name."""

    name: Shape
    type: str
    value: Shape
    priority: int | None = None

    @property
    def parameters(self) -> frozenset[str]:
        return self.name.parameters | self.value.parameters


class DkimFacts(NamedTuple):
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


class OtherRecord(NamedTuple):
    """A record beside SPF and DKIM.  ``required``: published whenever the service is."""

    purpose: Purpose
    record: RecordShape
    required: bool = False


class _Facts(NamedTuple):
    """The fields of `Provider`."""

    id: str
    name: str
    category: str
    aliases: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = MappingProxyType({})
    regions: tuple[str, ...] = ()
    spf: SpfFacts = SpfFacts(SpfNeed.NEVER, SpfAlignment.NEVER)
    dkim: DkimFacts = DkimFacts()
    other: tuple[OtherRecord, ...] = ()
    rua: Shape | None = None
    ruf: Shape | None = None
    ptr_suffixes: tuple[str, ...] = ()
    dkim_domains: tuple[str, ...] = ()
    mailfrom_domains: tuple[str, ...] = ()
    carries: Carries = Carries.OWN
    warnings: tuple[str, ...] = ()
    confidence: str = ""
    as_of: str = ""
    evidence: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()


class Provider(_Facts):
    """One service of the catalogue, for one of its regions.

    What follows from the facts is worked out once and kept; it has no part in equality.
    """

    @property
    def sends(self) -> bool:
        """False for a service that only takes reports."""
        return self.rua is None and self.ruf is None

    def has(self, purpose: Purpose) -> bool:
        return any(entry.purpose is purpose for entry in self.other)

    @cached_property
    def defaulted(self) -> frozenset[str]:
        """Parameters that need not be given."""
        return frozenset(name for name, p in self.parameters.items() if p.default is not None)

    @cached_property
    def plans(self) -> dict[Any, Any]:
        """What the compiler worked out for uses of the service, by which parameters they give."""
        return {}

    @cached_property
    def sound(self) -> set[Any]:
        """Which parameters and options given together are known to be enough."""
        return set()
