"""A project from its files to checked records: load, compile, join, lint."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from generator.catalogue import Catalogue
from generator.catalogue import load as load_catalogue
from generator.compile import compile_domain
from generator.declaration import load
from generator.declaration.model import Domain
from generator.declaration.severity import raised
from generator.finding import Finding, Severity
from generator.join import join
from generator.lint import lint
from generator.values import Compiled


@dataclass(slots=True)
class Project:
    """Everything that a command needs to know of a project.

    ``findings`` are in the order of files and lines.  If one of them is an error, the values in
    ``compiled`` may be incomplete and must not be published.
    """

    root: Path
    catalogue: Catalogue
    compiled: list[Compiled] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    files: int = 0

    @property
    def errors(self) -> list[Finding]:
        return [found for found in self.findings if found.severity is Severity.ERROR]

    def find(self, name: str) -> Compiled | None:
        """The declared domain of that name (A-labels, no final dot)."""
        return next((one for one in self.compiled if one.domain.name == name), None)


def assemble(root: Path, today: date) -> Project:
    """Read, compile and check the project below ``root``.

    ``today`` decides which waivers and retirements have passed.  Never raises for what the files
    hold.
    """
    collecting = gc.isenabled()
    gc.disable()  # bulk work that makes no cycles: the collector would only re-scan it
    try:
        catalogue = load_catalogue(root)
        costs = catalogue.term_costs()
        compiled: list[Compiled] = []
        checked: list[list[Finding] | None] = []  # None: its declaration has a fault

        def take(domain: Domain, broken: bool) -> None:
            one = compile_domain(domain)
            compiled.append(one)
            checked.append(None if broken else raised(lint(one, costs, today), domain.severities))

        loaded = load(root, catalogue, today, take)
        before = [(len(one.values), len(one.findings)) for one in compiled]
        findings = loaded.findings + join(compiled)
        for one, found, sizes in zip(compiled, checked, before, strict=True):
            if found is None:
                findings += raised(one.findings, one.domain.severities)
            elif sizes == (len(one.values), len(one.findings)):
                findings += found
            else:  # what others declare added to it
                findings += raised(lint(one, costs, today), one.domain.severities)
        findings.sort(key=lambda found: found.order)
        return Project(root, catalogue, compiled, findings, loaded.files)
    finally:
        if collecting:
            gc.enable()
