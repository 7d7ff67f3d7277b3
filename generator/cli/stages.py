"""``mailzone stages``."""

from __future__ import annotations

import click

from generator.cli.common import table
from generator.ladder import STAGES


@click.command()
def command() -> None:
    """Show the rollout ladder: what each stage publishes, and how long it lasts at least."""
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
