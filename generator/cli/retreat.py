"""``mailzone retreat``."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.common import INVALID, assembled, leave, now, project_option, require_sound
from generator.finding import Severity
from generator.ladder import STAGES


@click.command()
@click.argument("domain")
@click.option("--because", metavar="TEXT", help="Why; it is written down.")
@click.option("--all", "all_too", is_flag=True, help="Also all that share the stage's place.")
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@project_option
def command(
    domain: str, because: str | None, all_too: bool, dry_run: bool, project: Path | None
) -> None:
    """Move DOMAIN back to the stage that its own one names.

    The policy is plain there, without t=y, so that receivers of every age understand it. Going
    back is always possible; the days of the lower stage begin anew.
    """
    from generator.cli.rollout import declared, reason, take, together

    why = reason(because)
    today = now().date()
    found = assembled(project)
    require_sound(found, Severity.ERROR)
    chosen = together(found, declared(found, (domain,)), all_too)
    target = {}
    for one in chosen:
        if not one.stage.back:
            leave(INVALID, f"{one.display} is at {one.stage.name}: there is no stage to go back to")
        target[one.name] = STAGES[one.stage.back]
    take(found, chosen, target, today, why, dry_run)
