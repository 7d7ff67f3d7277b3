"""``mailzone services``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.catalogue import Catalogue, load
from generator.catalogue.model import Purpose, SpfNeed
from generator.cli.common import (
    INVALID,
    leave,
    print_findings,
    project_option,
    root_if_any,
    table,
)
from generator.finding import Severity

if TYPE_CHECKING:
    from generator.catalogue.model import Provider, RecordShape
    from generator.catalogue.shape import Shape


class _Group(click.Group):
    """`list` and `show`; a service's name in their place gets a hint."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            ctx.fail(f"no command `{args[0][:60]}`; to see one: mailzone services show NAME")
        return super().resolve_command(ctx, args)


@click.group(cls=_Group, invoke_without_command=True)
@project_option
@click.pass_context
def command(ctx: click.Context, project: Path | None) -> None:
    """List the services of the catalogue, or show one."""
    ctx.default_map = {name: {"project": project} for name in ("list", "show")}
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_, project=project)


def _catalogue(project: Path | None) -> Catalogue:
    catalogue = load(root_if_any(project))
    print_findings(catalogue.findings, Severity.WARNING)
    return catalogue


@command.command("list")
@project_option
def list_(project: Path | None = None) -> None:
    """List every service: its id, category, and how it authenticates."""
    catalogue = _catalogue(project)
    rows: list[tuple[str, ...]] = [("service", "category", "SPF", "DKIM", "name")]
    for id in sorted(catalogue):
        provider = catalogue.get(id)
        rows.append(
            (id, provider.category, _spf_word(provider), _dkim_word(provider), provider.name)
        )
    for number, row in enumerate(table(rows)):
        click.echo(click.style(row, bold=True) if number == 0 else row)


@command.command("show")
@click.argument("name")
@project_option
def show(name: str, project: Path | None) -> None:
    """Show what is known about the service NAME, and how to declare it."""
    catalogue = _catalogue(project)
    id = catalogue.id_of(name)
    if id is None:
        from generator.schema import suggest

        near = suggest(name, catalogue.names())
        leave(INVALID, f"no service `{name[:60]}`{'; ' + near if near else ''}")
    provider = catalogue.get(id)
    click.echo(f"{click.style(provider.name, bold=True)} ({provider.category})")
    if provider.aliases:
        click.echo(f"also called: {', '.join(provider.aliases)}")
    _section("Declare it", _snippet(provider).split("\n"))
    _section(
        "Parameters",
        [
            f"{p.name}{' (required)' if p.required else ''}: {p.help}"
            for p in provider.parameters.values()
        ],
    )
    _section("SPF", _spf_facts(provider))
    _section("DKIM", _dkim_facts(provider))
    _section(
        "Other records",
        [
            f"{o.purpose}: {_words(o.record.name)} {_type(o.record)} {_words(o.record.value)}"
            for o in provider.other
        ],
    )
    _section("Reports go to", [shape.text for shape in (provider.rua, provider.ruf) if shape])
    _section("Mind", list(provider.warnings))
    _section("Disputed", list(provider.disputed))
    _section(
        f"Evidence (confidence: {provider.confidence or 'not stated'})", list(provider.evidence)
    )
    _section("Vendor's pages", list(provider.docs))


def _section(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"\n{click.style(title, bold=True)}")
        for line in lines:
            click.echo(f"  {line}")


def _spf_word(provider: Provider) -> str:
    if not provider.sends:
        return "-"
    return {"always": "aligned", "with-custom-return-path": "return path", "never": "no"}[
        provider.spf.aligned
    ]


def _dkim_word(provider: Provider) -> str:
    return "/".join(style for style in provider.dkim.styles if style != "none") or "-"


def _spf_facts(provider: Provider) -> list[str]:
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
    if spf.cost is not None and terms:
        lines.append(
            f"costs {spf.cost.lookups} of 10 look-ups (as of {spf.cost.as_of}: {spf.cost.source})"
        )
    return lines


def _dkim_facts(provider: Provider) -> list[str]:
    dkim = provider.dkim
    if not dkim.exists:
        return []
    lines = [f"{_words(r.name)} {r.type} {_words(r.value)}" for r in dkim.records]
    if not lines:
        styles = " or ".join(style.upper() for style in dkim.styles)
        lines.append(f"{styles} with the values of the vendor's console")
    return [*lines, f"where to find it: {dkim.find}"] if dkim.find else lines


_FILTER = re.compile(r"\{(\w+)\|([a-z-]+)\}")
_FILTER_WORDS = {
    "dashed": "dots as hyphens",
    "dashed-plain": "dots as hyphens",
    "doubled": "hyphens doubled, dots as hyphens",
    "undotted": "without dots",
}


def _words(shape: Shape) -> str:
    """The shape with its filters in words."""
    return _FILTER.sub(lambda m: f"{{{m[1]}, {_FILTER_WORDS[m[2]]}}}", shape.text)


def _type(record: RecordShape) -> str:
    return f"{record.type} {record.priority or 0}" if record.type == "MX" else record.type


def _needed(provider: Provider) -> frozenset[str]:
    """Parameters without which the service's sending records cannot be made."""
    needed: frozenset[str] = frozenset()
    for record in provider.dkim.records:
        needed |= record.parameters
    for entry in provider.other:
        if entry.required and entry.purpose is not Purpose.INBOUND_MX:
            needed |= entry.record.parameters
    terms = provider.spf.terms if provider.spf.needed is SpfNeed.FROM_DOMAIN else ()
    if terms and all(term.parameters for term in terms):
        needed |= terms[0].parameters
    return needed


def _snippet(provider: Provider) -> str:
    """A declaration of the service with example values."""
    if not provider.sends:
        own = "".join(
            f", {p.name}: {p.example}" for p in provider.parameters.values() if p.required
        )
        return (
            f"dmarc: {{reports: [{{use: {provider.id}{own}}}]}}"
            if own
            else f"dmarc: {{reports: [{provider.id}]}}"
        )
    lines = [f"- use: {provider.id}"]
    needed = _needed(provider)
    for parameter in provider.parameters.values():
        if parameter.required or (parameter.name in needed and parameter.default is None):
            example = parameter.example
            text = f"[{', '.join(example)}]" if isinstance(example, tuple) else example
            lines.append(f"  {parameter.name}: {text}")
    if provider.dkim.exists and not provider.dkim.records:
        selector = provider.dkim.selectors[0] if provider.dkim.selectors else "selector"
        value = (
            "host.vendor.example"
            if provider.dkim.styles[0] == "cname"
            else '"v=DKIM1; k=rsa; p=MIIB..."'
        )
        lines.append(f"  dkim: {{{selector}: {value}}}")
    return "\n".join(lines) if len(lines) > 1 else f"- {provider.id}"
