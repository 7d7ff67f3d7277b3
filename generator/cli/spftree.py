"""``mailzone show --spf-tree``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from generator.catalogue import Catalogue
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

    def own(name: str) -> spf.Spf | None:
        try:
            return spf.parse(records[name]) if name in records else None
        except RecordError:
            return None

    known, notes = project.catalogue.term_costs(), _notes(project.catalogue)
    for number, value in enumerate(v for v in one.values if spf.is_spf(v.text)):
        name = value.name.removesuffix(".")
        record = own(name)
        if value.type != "TXT" or record is None:
            continue
        branches = tree(record, known, notes, own, frozenset({name}))
        total = sum(branch.lookups for branch in branches)
        lines = [*_lines(branches, 1), ("  in all", total, f"of {spf.LOOKUP_LIMIT} look-ups")]
        width = max(len(text) for text, _, _ in lines)
        click.echo(("\n" if number else "") + click.style(value.name, bold=True))
        for text, lookups, note in lines:
            figure = f"{text:<{width}}  {lookups or '-':>2}"
            click.echo(f"{figure}  {click.style(note, dim=True)}" if note else figure)


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
