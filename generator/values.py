"""Owned values: the records that mailzone writes, each with the reasons for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from operator import attrgetter
from typing import NamedTuple

from generator.declaration.model import Domain
from generator.finding import Finding, Locatable, finding, mask
from generator.names import MAX_LABEL, MAX_NAME
from generator.pool import Pool
from generator.records import dmarc, mx

AUTHORISATION = f"v={dmarc.VERSION};"  # RFC 9990 4; older reporters want the semicolon

_LABELS = r"(?:[a-z0-9_][a-z0-9_-]{0,62}(?<!-)\.|\*\.)+"
_NAME = re.compile(_LABELS, re.ASCII)
_NAMES = re.compile(rf"(?:{_LABELS}(?: |\Z))*", re.ASCII)
_PRINTABLE = bytes(range(0x20, 0x7F))
# Types whose data is, or ends in, a host name.
HOSTED = frozenset({"CNAME", "NS", "MX"})
_NULL_MX = str(mx.NULL)


class Kind(IntEnum):
    """What a value is for; also the order in which values are written."""

    NS = 0
    SPF = 1
    DMARC = 2
    DKIM = 3
    MX = 4
    REPORT = 5  # authorisation of another domain's reports, RFC 9990 4
    TRANSPORT = 6  # MTA-STS, TLS-RPT
    SERVICE = 7  # return paths, verification, tracking
    PLAIN = 8


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
    """A domain with its values; ``findings`` are what compiling it brought up.

    ``mta_sts`` is the text of its MTA-STS policy file, if it has one.
    """

    domain: Domain
    values: Sequence[Value]
    findings: list[Finding] = field(default_factory=list)
    mta_sts: str = ""


_TEXTS: Pool[str] = Pool()


class Values:
    """Values under construction: equal ones are merged, names and texts are checked at the end."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.findings: list[Finding] = []
        self._values: dict[tuple[str, str, str], Value] = {}
        self._names: dict[str, str] = {}  # each name once, for all values that have it
        self._ttl = domain.ttl

    def add(
        self,
        name: str,
        type: str,
        text: str,
        kind: Kind,
        because: tuple[Reason, ...],
        by: str = "",
        ttl: int | None = None,
    ) -> None:
        name = self._names.setdefault(name, name)
        text = _TEXTS[text]
        key = (name, type, text)
        old = self._values.get(key)
        if old is not None:
            because = old.because + tuple(reason for reason in because if reason not in old.because)
            by, kind = old.by, old.kind
        ttl = self._ttl if ttl is None else ttl
        # Past the constructor, which only takes longer: these are a tenth of all calls.
        self._values[key] = tuple.__new__(Value, (name, type, ttl, text, kind, because, by))

    def fault(self, rule: str, message: str, where: Locatable | None, help: str = "") -> None:
        self.findings.append(finding(rule, message, where, help))

    def exchangers(self, name: str) -> list[str]:
        """The hosts of the MX records so far at a name (without its final dot)."""
        return [
            value.text.partition(" ")[2]
            for value in self._values.values()
            if value.type == "MX" and value.name == f"{name}."
        ]

    def sorted(self) -> tuple[Value, ...]:
        """The values in the order in which they are written; what cannot be one is a finding."""
        values = list(self._values.values())
        if not _sound(values, f"{self.domain.name}."):
            values = [value for value in values if self._accepts(value)]
        values.sort(key=written)
        return tuple(values)

    def _accepts(self, value: Value) -> bool:
        name, type, text = value.name, value.type, value.text
        if not _names_a_record(name):
            # One label makes several names; its service is told once.
            if not any(f.where is value.where for f in self.findings):
                self.fault("zone-name-length", _name_problem(name), value.where)
        elif not (text.isascii() and text.isprintable()):
            message = f"the {type} data at {mask(name)} is not printable ASCII on one line"
            self.fault("zone-text", message, value.where)
        elif type in HOSTED and not _names_a_host(type, text):
            message = f"`{mask(text)[:80]}` is no host name for the {type} at {name}"
            self.fault("domain-name", message, value.where)
        else:
            return True
        return False


def _sound(values: list[Value], apex: str) -> bool:
    """True if no value needs a closer look: a few calls for all of them instead of some for each.

    ``apex`` is the domain's own name, which was checked when it was read.
    """
    texts = "".join([value.text for value in values])
    if not texts.isascii() or texts.encode().translate(None, _PRINTABLE):
        return False
    names = {value.name for value in values}
    for value in values:
        if value.type == "MX":
            if value.text != _NULL_MX:
                names.add(value.text.partition(" ")[2])
        elif value.type in HOSTED:
            names.add(value.text)
    if max(map(len, names), default=0) > MAX_NAME + 1:
        return False
    names = {name.removesuffix(apex) for name in names}
    names.discard("")
    return _NAMES.fullmatch(" ".join(names)) is not None


def _names_a_record(name: str) -> bool:
    return len(name) <= MAX_NAME + 1 and _NAME.fullmatch(name) is not None


def _name_problem(name: str) -> str:
    """Why no record can have the name."""
    if len(name) > MAX_NAME + 1:
        return f"{mask(name)[:60]}... has {len(name) - 1} characters; a name has at most {MAX_NAME}"
    bad = next((label for label in name[:-1].split(".") if not _NAME.fullmatch(f"{label}.")), "")
    if len(bad) > MAX_LABEL:
        return f"label {bad[:20]}... of {mask(name)[:80]} has {len(bad)} characters; at most 63 are legal"
    return f"`{mask(name)[:80]}` is no name for a record: label `{mask(bad)[:40]}`"


def _names_a_host(type: str, text: str) -> bool:
    """True for a host name, behind a preference in MX data, and for the null MX."""
    name = text.partition(" ")[2] if type == "MX" else text
    return (type == "MX" and text == _NULL_MX) or _NAME.fullmatch(name) is not None


# Sort key: the order in which values are written.
written = attrgetter("kind")


def report_wildcard(host: str) -> str:
    """The name that authorises reports about any domain."""
    return f"*._report._dmarc.{host}."


def stage_reason(domain: Domain, what: str) -> Reason:
    """The reason that the domain's stage is."""
    return Reason(f"stage {domain.stage.name} {what}", domain.stage_where)
