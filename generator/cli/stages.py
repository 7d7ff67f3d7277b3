"""``mailzone stages``."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from generator.cli.common import (
    assembled,
    now,
    project_option,
    require_sound,
    table,
)
from generator.finding import Severity
from generator.ladder import STAGES


@click.command()
@click.argument("domain", required=False)
@project_option
def command(domain: str | None, project: Path | None) -> None:
    """Show the rollout ladder: what each stage publishes, and how long it lasts at least.

    With DOMAIN: where it is and since when, what the next rung changes, and what is missing.
    """
    if domain is not None:
        _domain(domain, project)
        return
    rows: list[tuple[str, ...]] = [("stage", "SPF", "p", "sp", "np", "t", "days", "back to")]
    for stage in STAGES.values():
        days = "" if stage.days is None else str(stage.days)
        test = "y" if stage.testing else ""
        rows.append(
            (
                stage.name,
                f"{stage.all}all",
                stage.p,
                stage.sp,
                stage.np,
                test,
                days,
                stage.back,
            )
        )
    for number, row in enumerate(table(rows)):
        click.echo(click.style(row, bold=True) if number == 0 else row)
    # Below, not beside: the table fits 80 columns.
    click.echo()
    for row in table([(stage.name, stage.meaning) for stage in STAGES.values()]):
        click.echo(row)
    click.echo(
        "\nOne reviewed diff moves one rung up; going back is always possible. With t=y, pct=0 is\n"
        "published too, as a brake for receivers older than RFC 9989."
    )


def _domain(text: str, project: Path | None) -> None:
    """Where a domain is, and what its next step takes."""
    from generator.cli.rollout import declared, lines, planned
    from generator.diff.ahead import next_step
    from generator.rollout.gates import missing, next_rung

    today = now().date()
    found = assembled(project)
    require_sound(found, Severity.ERROR, "nothing is shown")
    domain = declared(found, (text,))[0]
    target = next_rung(domain)
    step = planned(found, [domain], {domain.name: target or domain.stage}, today)[0]
    stage, served = domain.stage, step.served
    if served.since is None:
        since = "since when is not known"
    else:
        days = (today - served.since).days
        least = f" of {stage.days}" if stage.days else ""
        more = " or more" if served.at_least else ""
        since = f"since {served.since}{more} ({served.how}), {days}{least} days"
    click.echo(f"{click.style(domain.display, bold=True)} is at stage {stage.name}, {since}")
    click.echo(f"{stage.meaning}; the goal is {domain.goal}")
    if domain.because:
        click.echo(f"because: {domain.because}")
    if stage.back:
        click.echo(f"`mailzone retreat {domain.name}` goes back to {stage.back}")
    if target is None:
        why = "nothing is above it" if stage.name in ("enforce", "parked") else "it is at its goal"
        click.echo(f"\nNo next stage: {why}.")
        return
    click.echo(f"\nNext: {click.style(target.name, bold=True)}: {target.meaning}")
    for sentence in next_step(found, domain, target, today):
        click.echo(textwrap.fill(sentence, 96, initial_indent="  ", subsequent_indent="    ",
                                 break_long_words=False, break_on_hyphens=False))  # fmt: skip
    lacking = missing(step)
    click.echo()
    if not lacking:
        click.echo(f"Nothing is missing: `mailzone advance {domain.name}` takes the step.")
        return
    click.echo("Missing:")
    for line in lines(lacking):
        click.echo(line)
    if all(one.reason_helps for one in lacking):
        click.echo(f'`mailzone advance {domain.name} --because "…"` takes the step all the same.')
