"""Findings as text for people: the form that docs/errors.md describes, without colours."""

from __future__ import annotations

from collections.abc import Sequence

from generator.finding import Finding
from generator.finding import render as one


def render(findings: Sequence[Finding], prefix: str = "") -> str:
    """One finding after another, an empty line behind each."""
    return "".join(f"{one(found)}\n\n" for found in findings)
