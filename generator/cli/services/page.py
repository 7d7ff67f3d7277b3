"""One service on a page of text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from generator.catalogue import Catalogue
from generator.catalogue.doubt import as_of, doubts
from generator.cli.common import INVALID, leave, now
from generator.cli.services.example import DOMAIN, Example, Shown, example

if TYPE_CHECKING:
    from generator.catalogue.model import Parameter, Provider
    from generator.catalogue.shape import Shape


def print_service(catalogue: Catalogue, name: str, form: str) -> None:
    id = catalogue.id_of(name)
    if id is None:
        from generator.schema import suggest

        near = suggest(name, catalogue.names())
        leave(INVALID, f"no service `{name[:60]}`{'; ' + near if near else ''}")
    provider = catalogue.get(id)
    made = example(catalogue, provider, now().date())
    if form == "json":
        from generator.cli.services.facts import facts
        from generator.emit.json import text

        data = {**facts(catalogue, provider), "declaration": made.declaration}
        data["example"] = [_row(shown) for shown in made.records]
        click.echo(text(data).encode("utf-8"), nl=False)
        return
    click.echo(f"{click.style(provider.name, bold=True)} ({provider.category})")
    for line in head(catalogue, provider):
        click.echo(line)
    for title, lines in sections(provider, made):
        click.echo(f"\n{click.style(title, bold=True)}")
        for line in lines:
            click.echo(f"  {line}")


def _row(shown: Shown) -> dict[str, Any]:
    value = shown.value
    return {"name": value.name, "type": value.type, "value": value.text, "when": shown.when}


def head(catalogue: Catalogue, provider: Provider) -> list[str]:
    """What stands below the name: other names, and how far the facts can be trusted."""
    lines = []
    if provider.aliases:
        lines.append(f"also called: {', '.join(provider.aliases)}")
    if provider.id in catalogue.own:
        place = catalogue.files.get(provider.id, "providers.d")
        over = ", in place of the shipped one" if provider.id in catalogue.shipped else ""
        lines.append(f"an entry of yours: {place}{over}")
    doubt = doubts(provider.confidence, provider.disputed)
    if doubt:
        lines.append(f"compare with the vendor's console: {doubt}")
    return lines


def sections(provider: Provider, made: Example) -> list[tuple[str, list[str]]]:
    """Titles and lines; those without lines are left out."""
    sources = provider.confidence or "not stated"
    seen = as_of(
        provider.as_of, provider.spf.cost.as_of if provider.spf.cost else "", provider.evidence
    )
    age = f", as of {seen}" if seen else ""
    reports = [shape.text for shape in (provider.rua, provider.ruf) if shape]
    listed = [
        ("Declare it", made.declaration.split("\n")),
        ("Parameters", [line for p in provider.parameters.values() for line in _parameter(p)]),
        ("SPF", _spf(provider)),
        ("DKIM", _dkim(provider)),
        ("Reports go to", reports),
        (f"Records for {DOMAIN}", records(made)),
        ("Mind", list(provider.warnings)),
        ("Disputed", list(provider.disputed)),
        (f"Evidence (confidence: {sources}{age})", list(provider.evidence)),
        ("Vendor's pages", list(provider.docs)),
    ]
    return [(title, lines) for title, lines in listed if lines]


def _parameter(parameter: Parameter) -> list[str]:
    example = (
        parameter.example if isinstance(parameter.example, str) else ", ".join(parameter.example)
    )
    default = parameter.default
    notes = []
    if parameter.required:
        notes.append("required")
    if parameter.list:
        notes.append("one or more")
    if default is not None:
        shown = ", ".join(default) if isinstance(default, tuple) else _words(default)
        notes.append(f"default {shown}")
    note = f" ({'; '.join(notes)})" if notes else ""
    return [f"{parameter.name}{note}: {parameter.help}", f"  such as {example}"]


def _spf(provider: Provider) -> list[str]:
    if not provider.sends:
        return []
    spf = provider.spf
    terms = " ".join(term.text for term in spf.terms)
    lines = []
    if spf.needed == "from-domain":
        lines.append(f"{terms} at the name it sends as")
    elif spf.needed == "bounce-subdomain":
        lines.append(f"{terms} at {spf.at.text}, the return path")
    else:
        lines.append(f"no term needed{f' ({terms} only on request)' if terms else ''}")
    lines.append(f"aligns: {spf.aligned.replace('-', ' ')}")
    if provider.carries == "relayed":
        lines.append("passes on what the domain's other services write; declare those too")
    elif provider.carries == "forwarded":
        lines.append("carries what strangers write to the domain; none of it is From the domain")
    if spf.literal:
        lines.append("the vendor's console looks for these very terms")
    if spf.wants_all:
        lines.append(f"the vendor accepts no other ending than {spf.wants_all}all")
    if spf.cost is not None and terms:
        lines.append(
            f"costs {spf.cost.lookups} of 10 look-ups (as of {spf.cost.as_of}: {spf.cost.source})"
        )
    return lines


def _dkim(provider: Provider) -> list[str]:
    dkim = provider.dkim
    if not dkim.exists:
        return []
    lines = [f"{_words(r.name)} {r.type} {_words(r.value)}" for r in dkim.records]
    if not lines:
        styles = " or ".join(style.upper() for style in dkim.styles)
        lines.append(f"{styles} with the values of the vendor's console")
    lines.append(f"aligns: {'when configured' if dkim.aligned else 'never'}")
    return [*lines, f"where to find it: {dkim.find}"] if dkim.find else lines


def records(made: Example) -> list[str]:
    """The example's records, below what in the declaration brings them about."""
    lines: list[str] = []
    when = ""
    for shown in made.records:
        if shown.when != when:
            when = shown.when
            lines.append(f"with {when}")
        value = shown.value
        indent = "  " if when else ""
        lines.append(f"{indent}{value.name} {value.type} {value.text}")
    return lines


_FILTER = re.compile(r"\{(\w+)\|([a-z-]+)\}")
FILTER_WORDS = {
    "dashed": "dots as hyphens",
    "dashed-plain": "dots as hyphens",
    "doubled": "hyphens doubled, dots as hyphens",
    "underscored": "dots as underscores",
    "undotted": "without dots",
}


def _words(shape: Shape) -> str:
    """The shape with its filters in words."""
    return _FILTER.sub(lambda m: f"{{{m[1]}, {FILTER_WORDS[m[2]]}}}", shape.text)
