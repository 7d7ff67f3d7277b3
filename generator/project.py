"""A project from its files to checked records: load, compile, join, lint."""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from generator.catalogue import Catalogue
from generator.catalogue import load as load_catalogue
from generator.compile import compile_domain
from generator.declaration import load
from generator.declaration.model import Domain
from generator.declaration.severity import raised
from generator.finding import Finding, Severity
from generator.join import join
from generator.lint import lint
from generator.lint.facts import facts
from generator.values import Compiled

if TYPE_CHECKING:
    from generator.lock import Loaded as Held
    from generator.lock import Lock


LOCK_FILE = "zones/_lock.yaml"


@dataclass(slots=True)
class Project:
    """Everything that a command needs to know of a project.

    If one of the findings is an error, the values in ``compiled`` may be incomplete and must not
    be published.
    """

    root: Path
    catalogue: Catalogue
    compiled: list[Compiled] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)  # in no order
    files: int = 0

    @property
    def findings(self) -> list[Finding]:
        """All findings, in the order of files and lines."""
        return self.at_least(Severity.ADVICE)

    @property
    def errors(self) -> list[Finding]:
        return self.at_least(Severity.ERROR)

    def at_least(self, severity: Severity) -> list[Finding]:
        """Findings from a severity on, in the order of files and lines.

        A finding's line is looked up for that, which takes its file's text once more: a build asks
        for none of the advice.
        """
        chosen = [found for found in self.found if found.severity >= severity]
        return sorted(chosen, key=lambda found: found.order)

    def find(self, name: str) -> Compiled | None:
        """The declared domain of that name (A-labels, no final dot)."""
        return next((one for one in self.compiled if one.domain.name == name), None)


def _lock(root: Path) -> Held | None:
    """The vendor lock; None without one, and then nothing of it is imported."""
    if not os.path.lexists(root / LOCK_FILE):
        return None
    from generator.lock import load as load_lock

    return load_lock(root)


def _seen(lock: Lock | None, name: str) -> bool:
    return lock is not None and lock.knows(name, "TXT")


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
        held = _lock(root)
        lock = held.lock if held else None
        if lock is not None:
            costs = costs | lock.term_costs()
        compiled: list[Compiled] = []
        doubts: list[Finding] = []
        told: set[str] = set()
        checked: list[list[Finding] | None] = []  # None: its declaration has a fault

        def take(domain: Domain, broken: bool) -> None:
            one = compile_domain(domain)
            compiled.append(one)
            doubts.extend(raised(facts(domain, told), domain.severities))
            checked.append(
                None if broken else raised(lint(one, costs, today, lock), domain.severities)
            )

        loaded = load(root, catalogue, today, take)
        before = [(len(one.values), len(one.findings)) for one in compiled]
        seen = partial(_seen, lock)
        findings = loaded.findings + doubts + join(compiled, seen)
        if held is not None:
            from generator.lint.locked import stale

            findings += held.findings
            findings += stale(held.lock, today, loaded.ages) if held.lock is not None else ()
        for one, found, sizes in zip(compiled, checked, before, strict=True):
            if found is None:
                findings += raised(one.findings, one.domain.severities)
            elif sizes == (len(one.values), len(one.findings)):
                findings += found
            else:  # what others declare added to it
                findings += raised(lint(one, costs, today, lock), one.domain.severities)
        return Project(root, catalogue, compiled, findings, loaded.files)
    finally:
        if collecting:
            gc.enable()
