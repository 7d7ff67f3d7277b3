"""What lint checks look at: records by kind, and the declaration that they were made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

from generator.alignment import Alignment, alignments
from generator.compile.spf import indirect_name
from generator.declaration.model import Domain, ServiceUse
from generator.finding import Finding, Locatable, Severity, finding
from generator.lint.fault import Fault
from generator.records import spf
from generator.records.error import RecordError
from generator.simulate.cost import count
from generator.values import Compiled, Value

_INVENTORY = frozenset({"spf-neutral-all"})  # at stage audit nothing is asked of receivers
_ACTED_UPON = frozenset({"dkim-test-flag"})


class Records:
    """Records of one zone, or of a part of it, sorted once by what they are.

    ``apex`` is the zone's name with its final dot.  ``several`` are the names with more than one
    record, ``wild`` the wildcards.  ``expected`` are rules that the stage itself breaks, ``grave``
    those that it makes errors.

    ``partial`` is True if records stand, or may stand, beside these and are not seen: nothing can
    be said of what is not there.  ``whole`` is False for what looks like a part of a zone.
    ``relative`` are the records whose targets were written without a final dot.
    """

    partial = False
    whole = True
    relative: Sequence[Value] = ()
    expected: frozenset[str] = frozenset()
    grave: frozenset[str] = frozenset()

    def __init__(self, values: Sequence[Value], apex: str, costs: Mapping[str, int]) -> None:
        self.values = values
        self.apex = apex
        self.costs = costs
        self.by_name: dict[str, list[Value]] = {}
        self.several: dict[str, list[Value]] = {}
        self.spf: list[Value] = []
        self.policies: list[Value] = []  # TXT at _dmarc names
        self.keys: list[Value] = []  # TXT at selectors
        self.exchanges: dict[str, list[Value]] = {}  # MX by name
        self.aliases: list[Value] = []  # CNAME
        self.other: list[Value] = []
        self.wild: list[str] = []
        for value in values:
            name, type = value.name, value.type
            there = self.by_name.get(name)
            if there is None:
                self.by_name[name] = [value]
                if name[0] == "*":
                    self.wild.append(name)
            else:
                there.append(value)
                self.several[name] = there
            if type == "TXT":
                if value.text[:6].lower() == "v=spf1":
                    self.spf.append(value)
                elif name.startswith("_dmarc."):
                    self.policies.append(value)
                elif "._domainkey." in name:
                    self.keys.append(value)
                else:
                    self.other.append(value)
            elif type == "CNAME":
                self.aliases.append(value)
            elif type == "MX":
                self.exchanges.setdefault(name, []).append(value)
            else:
                self.other.append(value)


class Subject(Records):
    """A compiled domain with what several checks need, computed once."""

    partial = True  # other hands write to the zone, and other declarations

    def __init__(self, compiled: Compiled, costs: Mapping[str, int], today: date) -> None:
        if compiled.domain.spf_indirect is not None:
            costs = {**costs, **_own_costs(compiled, costs)}
        super().__init__(compiled.values, f"{compiled.domain.zone.name}.", costs)
        self.domain: Domain = compiled.domain
        self.today = today
        stage = compiled.domain.stage
        if stage.all == "?":
            self.expected = _INVENTORY
        if compiled.domain.null_mx is not None and stage.name != "parked":
            self.expected |= {"zone-null-mx-mixed"}  # the null MX itself is the mistake
        if stage.at_least("quarantine"):
            self.grave = _ACTED_UPON
        self._waived = {waiver.rule for waiver in compiled.domain.waivers}

    def reports_missing_key(self, use: ServiceUse) -> bool:
        """True if `dkim-missing` is an error about the service, unwaived: one mistake, one error."""
        return (
            lacks_key(use)
            and "dkim-missing" not in self._waived
            and self.domain.stage.at_least("quarantine-test")
        )

    @cached_property
    def alignments(self) -> list[Alignment]:
        return alignments(self.domain)


def _own_costs(compiled: Compiled, costs: Mapping[str, int]) -> dict[str, int]:
    """What it costs to include the record that holds the domain's own terms."""
    name = indirect_name(compiled.domain.name)
    for value in compiled.values:
        if value.name == f"{name}." and value.type == "TXT" and spf.is_spf(value.text):
            try:
                inner = count(spf.parse(value.text), costs)
            except RecordError:
                return {}
            return {} if inner.unknown else {f"include:{name}": 1 + inner.lookups}
    return {}


def lacks_key(use: ServiceUse) -> bool:
    """True for a service that could sign with a key of the domain and has none."""
    facts = use.provider.dkim
    if not use.sends or use.retiring or not facts.exists or use.dkim:
        return False
    return use.dkim_pending or not (use.dkim_given or facts.records)


def found(value: Value, fault: Fault, about: str, severity: Severity | None = None) -> Finding:
    """A fault in a record's text as a finding, at the line that its term comes from."""
    message = f"{about}: {fault.message}" if about else fault.message
    where = origin(value, fault.term) if fault.term else value.where
    return finding(fault.rule, message, where, fault.help, severity or fault.severity)


def origin(value: Value, term: str) -> Locatable | None:
    """Where a term of an SPF record was declared; the record's first place if that is unknown."""
    start = f"{term}:"
    return next((r.where for r in value.because if r.what.startswith(start)), value.where)
