"""``mailzone show --alignment``."""

from __future__ import annotations

from typing import Any

import click

from generator.cli.common import table
from generator.names import display
from generator.project import Project
from generator.simulate.dmarc import Generation, organizational
from generator.simulate.planned import Planned
from generator.simulate.routes import Route, Verdict, routes
from generator.simulate.world import World
from generator.values import Compiled

WIDTH = 80  # columns; a wider table becomes a list
_HEAD = ("service", "sends at", "From", "SPF", "DKIM", "DMARC")
_MODES = {"r": "relaxed", "s": "strict"}


def print_alignment(one: Compiled, project: Project) -> None:
    """For every service and From domain: does SPF align, does DKIM, hence does DMARC pass?"""
    domain = one.domain
    dkim, spf = (_MODES[domain.tag(tag) or "r"] for tag in ("adkim", "aspf"))
    click.echo(f"{click.style(domain.display, bold=True)}: DKIM {dkim}, SPF {spf} alignment\n")
    world = Planned(project.compiled)
    found = list(routes(domain, world))
    if not found:
        click.echo("no service sends")
        return
    rows = [_row(route, domain.name) for route in found]
    lines = table([_HEAD, *rows])
    if max(map(len, lines)) > WIDTH:
        lines = [line for row in rows for line in _listed(row)]
    else:
        click.echo(click.style(lines.pop(0), bold=True))
    for line in [*lines, *_notes(found, world)]:
        click.echo(line)


def _row(route: Route, domain: str) -> tuple[str, ...]:
    old, new = route.old, route.new
    words = _word(old, new, old.spf, new.spf), _word(old, new, old.dkim, new.dkim)
    verdict = _word(old, new, old.passes, new.passes, "pass", "FAIL")
    names = (_short(name, domain) for name in (route.at, route.sender))
    return (route.use.provider.id, *names, *words, verdict)


def _word(
    old: Verdict, new: Verdict, before: bool, now: bool, yes: str = "aligned", no: str = "no"
) -> str:
    """The answer of both generations, or the one that says yes."""
    if before == now:
        return yes if now else no
    return f"{(new if now else old).generation} only"


def _short(name: str, domain: str) -> str:
    """The name as it is within the domain: ``@`` for the domain itself."""
    return "@" if name == domain else display(name.removesuffix(f".{domain}"))


def _listed(row: tuple[str, ...]) -> list[str]:
    service, at, sender, spf, dkim, verdict = row
    return [f"{service}, at {at}, From {sender}", f"  SPF {spf}, DKIM {dkim}, DMARC {verdict}"]


def _notes(found: list[Route], world: World) -> list[str]:
    """The names whose Organizational Domain the two generations see differently."""
    differing = [route for route in found if not route.agreed]
    names = dict.fromkeys(
        name for r in differing for name in (r.sender, r.envelope, *r.signers) if name
    )
    lines = []
    for name in names:
        new, old = (organizational(world, name, g) for g in (Generation.NEW, Generation.OLD))
        if new != old:
            lines.append(
                f"  {display(name)}: {display(new)} by the walk, {display(old)} by the list"
            )
    if not lines:
        return []
    return [
        "",
        "Receivers differ in which names are of one Organizational Domain: RFC 9989 finds",
        "it by a walk through the DMARC records, RFC 7489 by the public suffix list.",
        *lines,
    ]


def alignment_data(one: Compiled, project: Project) -> dict[str, Any]:
    """The same as plain data: schemas/alignment.schema.json."""
    domain = one.domain
    return {
        "domain": domain.name,
        "paths": [
            {
                "service": route.use.provider.id,
                "at": route.at,
                "from": route.sender,
                "envelope": route.envelope or None,
                "signers": list(route.signers),
                "dmarc": [_verdict(route.new), _verdict(route.old)],
            }
            for route in routes(domain, Planned(project.compiled))
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "standard": str(verdict.generation),
        "organizational_domain": verdict.organizational,
        "adkim": verdict.adkim,
        "aspf": verdict.aspf,
        "aligned": {"spf": verdict.spf, "dkim": verdict.dkim},
        "result": "pass" if verdict.passes else "fail",
    }
