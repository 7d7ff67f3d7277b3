"""Findings in the forms that people and CI systems read.

Each module renders a list of findings to one text, and nothing else: no clock, no files, the
same bytes for the same findings.  What is masked in the text form is masked in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from generator.finding import Finding

FORMATS = ("text", "json", "sarif", "github")


def render_all(findings: Iterable[Finding], format: str, prefix: str = "") -> str:
    """The findings as text in one of `FORMATS`, in the order of files and lines.

    ``prefix`` leads from the top of the repository to the project, as ``dns/``: what a CI system
    shows beside a change is named from there.  Raises ValueError for an unknown format.
    """
    if format not in FORMATS:
        raise ValueError(f"{format!r} is none of {', '.join(FORMATS)}")
    ordered = sorted(findings, key=lambda found: found.order)
    module = import_module(f"generator.report.{format}")
    rendered: str = module.render(ordered, prefix)
    return rendered
