"""``mailzone show --spf-tree``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from generator.catalogue import Catalogue
from generator.lock import Lock
from generator.lock import load as load_lock
from generator.project import Project
from generator.records import spf
from generator.records.error import RecordError
from generator.simulate.cost import Branch, tree
from generator.values import Compiled


def print_tree(one: Compiled, project: Project) -> None:
    """Each SPF record of a domain as a tree of terms, with the look-ups of every branch."""
    records = {
        value.name.removesuffix("."): value.text
        for other in project.compiled
        for value in other.values
        if value.type == "TXT" and spf.is_spf(value.text)
    }

    lock = load_lock(project.root).lock

    def parsed(text: str | None) -> spf.Spf | None:
        try:
            return spf.parse(text) if text is not None else None
        except RecordError:
            return None

    def own(name: str) -> tuple[spf.Spf, str] | None:
        declared = parsed(records.get(name))
        if declared is not None:
            return declared, "declared in this project"
        entry = lock.entries.get(name) if lock is not None else None
        answer = entry.answer("TXT") if entry is not None else None
        if entry is None or answer is None:
            return None
        locked = parsed(next(filter(spf.is_spf, answer.data), None))
        return None if locked is None else (locked, f"seen {entry.seen}")

    known, notes = project.catalogue.term_costs(), _notes(project.catalogue)
    for number, value in enumerate(v for v in one.values if spf.is_spf(v.text)):
        name = value.name.removesuffix(".")
        record = parsed(value.text)
        if value.type != "TXT" or record is None:
            continue
        branches = tree(record, known, notes, own, frozenset({name}))
        total = sum(branch.lookups for branch in branches)
        lines = [*_lines(branches, 1), ("  in all", total, f"of {spf.LOOKUP_LIMIT} look-ups")]
        void = _void(record, lock) if lock is not None else None
        if void is not None:
            lines.append(("  that find nothing", void, f"of {spf.VOID_LIMIT} that are allowed"))
        width = max(len(text) for text, _, _ in lines)
        click.echo(("\n" if number else "") + click.style(value.name, bold=True))
        for text, lookups, note in lines:
            figure = f"{text:<{width}}  {lookups or '-':>2}"
            click.echo(f"{figure}  {click.style(note, dim=True)}" if note else figure)


def _void(record: spf.Spf, lock: Lock) -> int | None:
    """Look-ups that find nothing (RFC 7208 4.6.4); None if the lock does not know them all."""
    costs = [lock.cost(str(term).lstrip("+-~?")) for term in record.terms if term.lookups]
    return None if None in costs else sum(cost[1] for cost in costs if cost is not None)


def _notes(catalogue: Catalogue) -> dict[str, str]:
    """How old the figure of each known term is."""
    notes: dict[str, str] = {}
    for id in catalogue:
        facts = catalogue.get(id).spf
        if facts.cost is not None and len(facts.terms) == 1:
            notes.setdefault(facts.terms[0].text, f"as of {facts.cost.as_of}")
    return notes


def _lines(branches: tuple[Branch, ...], level: int) -> Iterator[tuple[str, int, str]]:
    for branch in branches:
        yield f"{'  ' * level}{branch.term}", branch.lookups, branch.note
        yield from _lines(branch.below, level + 1)
