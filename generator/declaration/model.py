"""A declaration, understood: what the YAML means, with every value's place kept.

Named tuples: a project has many of them, and frozen dataclasses take several times as long to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from generator.catalogue.model import Provider
from generator.finding import Locatable, Severity
from generator.ladder import Stage


class DkimEntry(NamedTuple):
    """A selector and its record's data: a key record's text, or a CNAME target (no final dot)."""

    selector: str
    type: str  # TXT or CNAME
    value: str
    retiring: date | None
    where: Locatable


class ServiceUse(NamedTuple):
    """A service as a domain uses it.

    ``at``: the names where it sends (absolute, no final dot).  ``senders``: its From domains.
    ``values``: the parameters that have a value, defaults included.
    """

    provider: Provider
    where: Locatable
    at: tuple[str, ...]
    senders: tuple[str, ...]
    values: Mapping[str, str | tuple[str, ...]]
    dkim: tuple[DkimEntry, ...] = ()
    dkim_given: bool = False
    dkim_pending: bool = False
    receives: bool = False
    sends: bool = True
    tracking: bool = False
    forced: bool = False
    retiring: date | None = None


class ReportAddress(NamedTuple):
    """Where aggregate (rua) or failure (ruf) reports go.  ``what`` names it for people."""

    tag: str
    uri: str
    host: str
    what: str
    where: Locatable


class Tag(NamedTuple):
    """A DMARC tag as declared; without a value the stage's tag is left out."""

    value: str | None
    where: Locatable


class PlainRecord(NamedTuple):
    """A record that a declaration gives as it is.  ``name`` is absolute, without a final dot."""

    name: str
    type: str
    ttl: int | None
    text: str
    where: Locatable


class Soa(NamedTuple):
    """SOA fields of a whole zone; times in seconds."""

    mname: str
    rname: str
    refresh: int = 7200
    retry: int = 3600
    expire: int = 1209600
    minimum: int = 3600
    serial: str = "date"  # style of the first serial: date, counter or unix


class ZoneOptions(NamedTuple):
    """How the domain's records get into a zone file.

    ``name`` is the zone that holds the domain; ``ns`` are absolute names without a final dot.
    ``file`` is the zone file to merge into, relative to the project.
    """

    mode: str  # fragment, zone or merge
    name: str
    ns: tuple[str, ...] = ()
    soa: Soa | None = None
    mx_none: bool = False
    file: str = ""
    where: Locatable | None = None


class MtaSts(NamedTuple):
    """An MTA-STS policy as declared.

    ``max_age`` is in seconds.  Without ``mx`` the domain's own MX records are meant.  ``host`` is
    the web host that serves the policy file, if mailzone is to name it.
    """

    mode: str
    max_age: int
    mx: tuple[str, ...]
    host: str
    where: Locatable


class Waiver(NamedTuple):
    """A rule that is not to be reported for a domain until a date, and why."""

    rule: str
    because: str
    until: date
    where: Locatable


class Domain(NamedTuple):
    """One domain of a declaration.

    ``name`` is in A-labels without a final dot, ``display`` in Unicode.  ``file`` is the
    declaration's path as shown.  ``parent`` is the name of the domain whose ``subdomains`` this
    one stands in.  ``policy`` is False for a subdomain that publishes no DMARC record of its own.
    ``organizational`` is False below the Organizational Domain (RFC 9989 4.10.2).
    """

    name: str
    display: str
    file: str
    where: Locatable
    stage: Stage
    stage_where: Locatable
    zone: ZoneOptions
    ttl: int = 3600
    since: date | None = None
    because: str = ""  # why the stage was entered early, or over a rung
    goal: str = "enforce"
    parent: str = ""
    policy: bool = True
    organizational: bool = True
    services: tuple[ServiceUse, ...] = ()
    also: tuple[tuple[str, Locatable], ...] = ()
    spf_all: str = ""  # a qualifier that replaces the stage's
    spf_where: Locatable | None = None
    spf_indirect: Locatable | None = None  # the terms stand at _spf, where they may change alone
    helo: tuple[tuple[str, Locatable], ...] = ()
    tags: Mapping[str, Tag] = MappingProxyType({})
    dmarc_where: Locatable | None = None
    reports: tuple[ReportAddress, ...] = ()
    accepts_reports: str = "declared"
    mta_sts: MtaSts | None = None
    tls_rpt: tuple[tuple[str, Locatable], ...] = ()
    records: tuple[PlainRecord, ...] = ()
    null_mx: Locatable | None = None
    revoke_dkim: Locatable | None = None
    release: bool = False
    adopt: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    lapsed: tuple[Waiver, ...] = ()  # waivers whose date has passed
    severities: Mapping[str, Severity] = MappingProxyType({})  # raised for this domain's findings

    @property
    def all_qualifier(self) -> str:
        return self.spf_all or self.stage.all

    def tag(self, name: str) -> str | None:
        """The declared value of a DMARC tag; None if there is none."""
        declared = self.tags.get(name)
        return None if declared is None else declared.value
