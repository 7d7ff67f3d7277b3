"""SPF look-ups as receivers count them (RFC 7208 4.6.4): the only counter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.records import spf


@dataclass(frozen=True, slots=True)
class Cost:
    """Look-ups in the worst case, when every term is evaluated.

    ``terms`` gives each term's share, ``unknown`` the terms that were counted as one look-up
    because nothing is known of what they nest.
    """

    lookups: int
    terms: tuple[tuple[str, int], ...]
    unknown: tuple[str, ...]


def count(record: spf.Spf, known: Mapping[str, int]) -> Cost:
    """The cost of a record, nested look-ups by the table of known terms (text without qualifier)."""
    shares: list[tuple[str, int]] = []
    unknown: list[str] = []
    for term in record.terms:
        if term.lookups == 0:
            continue
        text = str(term).lstrip("+-~?")
        nested = isinstance(term, spf.Modifier) or term.kind == "include"
        if nested and text not in known:
            unknown.append(text)
        shares.append((text, known.get(text, term.lookups) if nested else term.lookups))
    return Cost(sum(share for _, share in shares), tuple(shares), tuple(unknown))
