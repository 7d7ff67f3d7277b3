"""What a lint check looks at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from generator.alignment import Alignment, alignments
from generator.declaration.model import Domain, ServiceUse
from generator.records import spf
from generator.values import Compiled, Value


def lacks_key(use: ServiceUse) -> bool:
    """True for a service that could sign with a key of the domain and has none."""
    facts = use.provider.dkim
    if not use.sends or use.retiring or not facts.exists or use.dkim:
        return False
    return use.dkim_pending or not (use.dkim_given or facts.records)


class Subject:
    """A compiled domain with what several checks need, computed once."""

    def __init__(self, compiled: Compiled, costs: Mapping[str, int], today: date) -> None:
        self.domain: Domain = compiled.domain
        self.values = compiled.values
        self.costs = costs
        self.today = today
        self._waived = {waiver.rule for waiver in compiled.domain.waivers}

    @cached_property
    def by_name(self) -> dict[str, list[Value]]:
        names: dict[str, list[Value]] = {}
        for value in self.values:
            names.setdefault(value.name, []).append(value)
        return names

    def reports_missing_key(self, use: ServiceUse) -> bool:
        """True if `dkim-missing` is an error about the service, unwaived: one mistake, one error."""
        return (
            lacks_key(use)
            and "dkim-missing" not in self._waived
            and self.domain.stage.at_least("quarantine-test")
        )

    @cached_property
    def spf(self) -> list[tuple[Value, spf.Spf]]:
        """The SPF records, parsed."""
        return [
            (value, spf.parse(value.text))
            for value in self.values
            if value.type == "TXT" and spf.is_spf(value.text)
        ]

    @cached_property
    def alignments(self) -> list[Alignment]:
        return alignments(self.domain)
