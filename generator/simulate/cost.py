"""SPF look-ups as receivers count them (RFC 7208 4.6.4): the only counter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from generator.records import spf


class Cost(NamedTuple):
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


def is_dear(record: spf.Spf, known: Mapping[str, int], limit: int) -> bool:
    """True if the record costs ``limit`` look-ups or more, or an unknown number."""
    total = 0
    for term in record.terms:
        if not term.lookups:
            continue
        if isinstance(term, spf.Modifier) or term.kind == "include":
            text = str(term).lstrip("+-~?")
            if text not in known:
                return True
            total += known[text]
        else:
            total += 1
    return total >= limit


class Branch(NamedTuple):
    """A term with what it costs, and the terms of the record that it leads to, where known.

    ``lookups`` counts the term itself and all below it.  ``note`` says where the figure comes
    from; ``unknown`` that there is none, and that the term alone was counted.
    """

    term: str
    lookups: int
    note: str = ""
    unknown: bool = False
    below: tuple[Branch, ...] = ()


def tree(
    record: spf.Spf,
    known: Mapping[str, int],
    notes: Mapping[str, str],
    own: Callable[[str], tuple[spf.Spf, str] | None],
    above: frozenset[str] = frozenset(),
) -> tuple[Branch, ...]:
    """Every term of a record with its cost, down to what nobody here knows.

    ``known`` and ``notes`` are by term without its qualifier; ``own`` gives the record of a name
    that the project declares, or that is locked, and says which.  A name that includes itself is
    followed once: receivers stop at their limit.
    """
    made: list[Branch] = []
    for term in record.terms:
        text = str(term)
        bare = text.lstrip("+-~?")
        if not term.lookups:
            made.append(Branch(text, 0))
            continue
        target = term.value.lower()
        follows = isinstance(term, spf.Modifier) or term.kind == "include"
        if not follows:
            made.append(Branch(text, 1))
            continue
        inner = own(target) if target not in above else None
        if inner is not None:
            below = tree(inner[0], known, notes, own, above | {target})
            cost = 1 + sum(branch.lookups for branch in below)
            made.append(Branch(text, cost, inner[1], False, below))
        elif bare in known:
            made.append(Branch(text, known[bare], notes.get(bare, "")))
        else:
            made.append(Branch(text, 1, "unknown; counted as one", True))
    return tuple(made)
