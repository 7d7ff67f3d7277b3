"""What every reader of a declaration's parts needs: the catalogue, today, and where faults go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from generator.catalogue import Catalogue
from generator.finding import Finding, Locatable, finding
from generator.names import NameProblem, host, inside


@dataclass
class Context:
    """Shared by all readers of one run; ``findings`` grows."""

    catalogue: Catalogue
    today: date
    findings: list[Finding]

    def fault(self, rule: str, message: str, where: Locatable, help: str = "") -> None:
        self.findings.append(finding(rule, message, where, help))

    def date(self, text: str | None, where: Locatable) -> date | None:
        """The date that the text is; a fault and None if it is none."""
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fault(
                "wrong-value", f"`{text}` is no date", where, "year-month-day, as 2026-11-21"
            )
            return None

    def host(self, text: str, where: Locatable) -> str | None:
        """A whole host or domain name (`names.host`); a fault and None if it is none."""
        try:
            return host(text)
        except NameProblem as problem:
            self.fault("domain-name", str(problem), where)
            return None

    def inside(self, text: str, domain: str, where: Locatable) -> str | None:
        """A name within the domain (`names.inside`); a fault and None if it is none."""
        try:
            return inside(text, domain)
        except NameProblem as problem:
            rule = "name-outside" if "lies outside" in str(problem) else "domain-name"
            self.fault(rule, str(problem), where)
            return None

    def whole_or_label(self, text: str, domain: str, where: Locatable) -> str | None:
        """A full name, or a single label meant relative to the domain."""
        if text == "@" or "." not in text.rstrip("."):
            return self.inside(text, domain, where)
        return self.host(text, where)
