"""SPF records that lead to one another: what each names, and what the whole costs to evaluate.

Records come from strangers: a tree may be deep, wide, or bite its own tail.  Every function here
takes time in proportion to the records given, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from generator.records import spf
from generator.simulate.cost import count
from generator.simulate.world import Answer

Ask = Callable[[str, str], Answer]
Read = Callable[[str], spf.Spf | None]

NOTHING = frozenset({"nxdomain", "nodata"})  # RFC 7208 4.6.4: a void look-up
_MOST = 999  # look-ups; a tree may cost more than there are atoms, and nobody counts further
# What a record costs that leads to itself: receivers go round until their limit.
ENDLESS = spf.LOOKUP_LIMIT + 1


class Tally(NamedTuple):
    """What it costs to include a name.

    ``lookups`` counts the include itself and all that is nested, ``void`` the terms that find
    nothing.  ``known`` is False where a nested name is unknown and the rest alone stays within
    the limit, so that nothing can be said; ``endless`` where records lead round in a circle.
    """

    lookups: int
    void: int
    known: bool = True
    endless: bool = False


def target(domain_spec: str) -> str:
    """The name that a domain-spec without macros means: lower case, no final dot."""
    return domain_spec.lower().removesuffix(".")


def canonical(name: str) -> list[str]:
    """Sort key: by labels from the right (RFC 4034 6.1), so that a vendor's names stand together."""
    return name.split(".")[::-1]


def spf_texts(answer: Answer) -> tuple[str, ...]:
    """The texts that receivers take for SPF (RFC 7208 4.5)."""
    return tuple(text for text in answer.data if spf.is_spf(text))


def followed(record: spf.Spf) -> list[spf.Term]:
    """The terms by which a record leads to another one: include, and redirect."""
    return [
        term
        for term in record.terms
        if (term.kind == "include" if isinstance(term, spf.Mechanism) else term.lookups)
    ]


def leads_to(record: spf.Spf) -> list[str]:
    """The names of the records that it leads to, where no macro hides them."""
    return [target(term.value) for term in followed(record) if "%" not in term.value]


def finds_nothing(term: spf.Mechanism, name: str, ask: Ask) -> bool:
    """True if the mechanism's own query is known to find nothing (RFC 7208 4.6.4).

    ``name`` is the one that the term is about.  A host that has addresses of one family only
    finds something: whether a receiver asks for the other depends on the sender.
    """
    if "%" in term.value:
        return False
    types = {"a": ("A", "AAAA"), "mx": ("MX",), "exists": ("A",), "include": ("TXT",)}
    asked = types.get(term.kind, ())
    return bool(asked) and all(ask(name, type).status in NOTHING for type in asked)


def voids(record: spf.Spf, name: str, ask: Ask, inner: Mapping[str, Tally]) -> int:
    """How many terms of a record, nested ones included, find nothing.

    ``name`` is where the record stands; ``inner`` has what it leads to.
    """
    total = 0
    for term in record.terms:
        about = target(term.value) if term.value else name
        if isinstance(term, spf.Mechanism):
            total += finds_nothing(term, about, ask)
            nested = term.kind == "include"
        else:
            nested = bool(term.lookups)
            total += nested and "%" not in term.value and ask(about, "TXT").status in NOTHING
        if nested and about in inner:
            total += inner[about].void
    return min(total, _MOST)


def tallies(names: Iterable[str], read: Read, ask: Ask) -> dict[str, Tally]:
    """What it costs to include each of the names, and each name that their records lead to.

    ``read`` gives a name's SPF record, ``ask`` any answer.  A name whose TXT answer ``ask`` does
    not know has no tally.
    """
    done: dict[str, Tally] = {}
    table: dict[str, int] = {}  # for `count`: what each costs at least
    for start in names:
        stack = [start]
        open_: set[str] = set()
        while stack:
            name = stack[-1]
            if name in done:
                stack.pop()
                continue
            record = read(name)
            inner = leads_to(record) if record is not None else []
            if name not in open_:
                open_.add(name)
                stack += [child for child in inner if child not in done and child not in open_]
                continue
            stack.pop()
            open_.discard(name)
            answer = ask(name, "TXT")
            if answer.status == "servfail":
                continue  # not locked
            if any(child in open_ or child == name for child in inner):
                found = Tally(ENDLESS, 0, endless=True)
            elif record is None:
                found = Tally(1, 0)  # permerror, which other checks tell
            else:
                cost = count(record, table)
                total = min(cost.lookups + 1, _MOST)
                below = [done[child] for child in inner if child in done]
                known = total > spf.LOOKUP_LIMIT or (
                    not cost.unknown and all(child.known for child in below)
                )
                endless = any(child.endless for child in below)
                found = Tally(total, voids(record, name, ask, done), known, endless)
            done[name] = found
            table[f"include:{name}"] = table[f"redirect={name}"] = found.lookups
    return done
