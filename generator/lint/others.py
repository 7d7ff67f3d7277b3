"""Lint of whole files that others wrote."""

from __future__ import annotations

from collections.abc import Mapping

from generator.finding import Finding
from generator.lint import lint_records, octodnstext, zonetext
from generator.lint.zonetext import Text


def lint_zone(raw: bytes, zone: str, shown: str, costs: Mapping[str, int]) -> list[Finding]:
    """All findings about a master file.

    ``zone`` is its origin with the final dot, ``shown`` its name for messages, ``costs`` the
    look-ups of SPF terms that are known.
    """
    return _lint(zonetext.read(raw, zone, shown), zone, costs)


def lint_octodns(
    raw: bytes, zone: str, shown: str, costs: Mapping[str, int], whole: bool = True
) -> list[Finding]:
    """All findings about a zone in octoDNS's YAML, or about a part of it; see `lint_zone`."""
    text = octodnstext.read(raw, zone, shown)
    return _lint(text._replace(whole=whole), zone, costs)


def _lint(text: Text, zone: str, costs: Mapping[str, int]) -> list[Finding]:
    found = lint_records(
        text.values, zone, costs, partial=text.partial, whole=text.whole, relative=text.relative
    )
    return [*text.findings, *found]
