"""``mailzone show --alignment``."""

from __future__ import annotations

import click

from generator.alignment import alignments
from generator.cli.common import table
from generator.values import Compiled


def print_alignment(one: Compiled) -> None:
    """For every service and From domain: does SPF align, does DKIM, hence does DMARC pass?"""
    domain = one.domain
    modes = {"r": "relaxed", "s": "strict", None: "relaxed"}
    dkim, spf = modes[domain.tag("adkim")], modes[domain.tag("aspf")]
    click.echo(f"{click.style(domain.display, bold=True)}: DKIM {dkim}, SPF {spf} alignment\n")
    rows: list[tuple[str, ...]] = [("service", "sends at", "From", "SPF", "DKIM", "DMARC")]
    for path in alignments(domain):
        verdict = "pass" if path.passes else "FAIL"
        row = (path.use.provider.id, path.at, path.sender, _word(path.spf), _word(path.dkim))
        rows.append((*row, verdict))
    if len(rows) == 1:
        click.echo("no service sends")
        return
    for number, line in enumerate(table(rows)):
        click.echo(click.style(line, bold=True) if number == 0 else line)


def _word(aligned: bool) -> str:
    return "aligned" if aligned else "no"
