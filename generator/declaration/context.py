"""What every reader of a declaration's parts needs: the catalogue, today, and where faults go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from generator.catalogue import Catalogue
from generator.finding import Finding, Locatable, finding, mask
from generator.names import NameProblem, host, inside

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)  # fromisoformat takes week dates too


@dataclass
class Context:
    """Shared by all readers of one run; ``findings`` grows."""

    catalogue: Catalogue
    today: date
    findings: list[Finding]

    def fault(self, rule: str, message: str, where: Locatable, help: str = "") -> None:
        """Add a finding.  Messages quote what the user wrote, so they are masked here, once."""
        self.findings.append(finding(rule, mask(message), where, mask(help)))

    def date(self, text: str | None, where: Locatable) -> date | None:
        """The date that the text is; a fault and None if it is none."""
        if text is None:
            return None
        try:
            if _DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass  # the 31st of February
        self.fault("wrong-value", f"`{text}` is no date", where, "year-month-day, as 2026-11-21")
        return None

    def host(self, text: str, where: Locatable) -> str | None:
        """A whole host or domain name (`names.host`); a fault and None if it is none."""
        try:
            return host(text)
        except NameProblem as problem:
            self.fault("domain-name", str(problem), where)
            return None

    def inside(
        self, text: str, domain: str, where: Locatable, wildcard: bool = False
    ) -> str | None:
        """A name within the domain (`names.inside`); a fault and None if it is none."""
        try:
            name = inside(text, domain)
        except NameProblem as problem:
            rule = "name-outside" if "lies outside" in str(problem) else "domain-name"
            self.fault(rule, str(problem), where)
            return None
        if "*" in name and not wildcard:
            self.fault("domain-name", f"`{text[:60]}`: a wildcard sends no mail", where)
            return None
        return name

    def whole_or_label(self, text: str, domain: str, where: Locatable) -> str | None:
        """A full name, or a single label meant relative to the domain."""
        if text == "@" or "." not in text.rstrip("."):
            return self.inside(text, domain, where)
        return self.host(text, where)
