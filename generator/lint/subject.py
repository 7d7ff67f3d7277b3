"""What a lint check looks at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from generator.alignment import Alignment, alignments
from generator.declaration.model import Domain
from generator.values import Compiled, Value


class Subject:
    """A compiled domain with what several checks need, computed once."""

    def __init__(self, compiled: Compiled, costs: Mapping[str, int], today: date) -> None:
        self.domain: Domain = compiled.domain
        self.values = compiled.values
        self.costs = costs
        self.today = today

    @cached_property
    def by_name(self) -> dict[str, list[Value]]:
        names: dict[str, list[Value]] = {}
        for value in self.values:
            names.setdefault(value.name, []).append(value)
        return names

    @cached_property
    def alignments(self) -> list[Alignment]:
        return alignments(self.domain)
