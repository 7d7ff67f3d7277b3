"""``mailzone services``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.catalogue import Catalogue, load
from generator.cli.common import INVALID, leave, print_findings, project_option, table
from generator.declaration.load import find_project
from generator.finding import Severity

if TYPE_CHECKING:
    from generator.catalogue.model import Provider


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the services of the catalogue, or show one."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


def _catalogue(project: Path | None) -> Catalogue:
    catalogue = load(project or find_project(Path.cwd()))
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
            f"{o.purpose}: {o.record.name.text} {o.record.type} {o.record.value.text}"
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
    lines = [f"{r.name.text} {r.type} {r.value.text}" for r in dkim.records]
    if not lines:
        lines.append(f"{' or '.join(dkim.styles).upper()} with the values of the vendor's console")
    return [*lines, f"where to find it: {dkim.find}"] if dkim.find else lines


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
    needed = provider.dkim_parameters
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
