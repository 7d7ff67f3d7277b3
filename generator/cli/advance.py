"""``mailzone advance``."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.common import (
    GATE,
    INVALID,
    assembled,
    leave,
    now,
    project_option,
    require_sound,
)
from generator.declaration.model import Domain
from generator.finding import Severity
from generator.ladder import ORDER, STAGES, Stage


@click.command()
@click.argument("domains", nargs=-1, required=True, metavar="DOMAIN...")
@click.option(
    "--to", type=click.Choice(ORDER), metavar="STAGE", help="The stage; else the next rung."
)
@click.option(
    "--because", metavar="TEXT", help="Why a rung is skipped or left early; it is written down."
)
@click.option("--all", "all_too", is_flag=True, help="Also all that share the stage's place.")
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@project_option
def command(
    domains: tuple[str, ...],
    to: str | None,
    because: str | None,
    all_too: bool,
    dry_run: bool,
    project: Path | None,
) -> None:
    """Move DOMAINs to the next stage: write `stage` and `since` into their declarations.

    Everything else in the files stays as it is. A step that lacks something is refused with exit
    code 3; --because stands in for skipped rungs and unserved days, for nothing else.
    """
    from generator.cli.rollout import declared, lines, planned, reason, take, together
    from generator.rollout.gates import missing

    why = reason(because)
    today = now().date()
    found = assembled(project)
    require_sound(found, Severity.ERROR)
    chosen = together(found, declared(found, domains), all_too)
    target = {domain.name: _target(domain, to) for domain in chosen}
    refused = []
    for move in planned(found, chosen, target, today):
        lacking = [one for one in missing(move) if not (why and one.reason_helps)]
        if lacking:
            refused.append(
                "\n".join([f"{move.domain.display}, {move.domain.stage.name} to "
                           f"{move.target.name}:", *lines(lacking)])
            )  # fmt: skip
    if refused:
        leave(GATE, "not yet; nothing was written\n" + "\n".join(refused))
    take(found, chosen, target, today, why, dry_run)


def _target(domain: Domain, to: str | None) -> Stage:
    from generator.ladder import following

    stage = STAGES[to] if to else following(domain.stage)
    if stage is None:
        leave(INVALID, f"{domain.display} is at {domain.stage.name}: there is no stage above it")
    if stage.rung <= domain.stage.rung:
        leave(INVALID, f"{domain.display} is at {domain.stage.name}; `mailzone retreat` goes back")
    return stage
