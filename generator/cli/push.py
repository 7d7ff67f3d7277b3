"""``mailzone push``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.common import DIFFERENT, GATE, INVALID, OUTSIDE, counted, leave, now

if TYPE_CHECKING:
    from generator.octodns.model import Change
    from generator.octodns.planfile import Journal, Steps
    from generator.octodns.push import Applied, Pusher, Step

JOURNAL = "mailzone-journal.jsonl"


@click.command()
@click.option(
    "--config",
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    metavar="FILE",
    required=True,
    help="octoDNS's configuration: its zones with an overlay MailSource are pushed.",
)
@click.argument("domains", nargs=-1, metavar="[DOMAIN]...")
@click.option("--apply", "do", is_flag=True, help="Write to the targets; else only plan.")
@click.option(
    "--plan-out",
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    metavar="FILE",
    help="Write the plan as JSON, to be reviewed and applied with --plan.",
)
@click.option(
    "--plan",
    "planned",
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    metavar="FILE",
    help="Apply only this plan; refused (exit code 3) if anything has moved since.",
)
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    metavar="FILE",
    help=f"Where --apply notes what it writes, with the former values; {JOURNAL} beside the "
    "configuration unless said otherwise.",
)
@click.option("--exit-code", is_flag=True, help="Exit code 4 if changes are pending.")
def command(
    config: Path,
    domains: tuple[str, ...],
    do: bool,
    plan_out: Path | None,
    planned: Path | None,
    journal: Path | None,
    exit_code: bool,
) -> None:
    """Put the declared records into DNS through octoDNS.

    Plans unless --apply is given.  Values of others stay as they are, octet for octet; where that
    cannot be had, or they stand in the way, the zone is left alone and the reason printed.  Each
    zone is planned, verified, applied and verified again by itself.
    """
    if planned is not None and (domains or plan_out is not None):
        raise click.UsageError("--plan names the zones itself, and is not planned anew")
    pusher = _pusher(config)
    if planned is not None:
        _push_planned(pusher, _read(planned), do, journal or config.parent / JOURNAL)
        return
    steps: list[Step] = []
    codes: set[int] = set()
    book = _journal(journal or config.parent / JOURNAL)
    for zone, target in _places(pusher, domains):
        step = pusher.plan(zone, target)
        steps.append(step)
        _show(step, pusher)
        codes.add(_trouble(step))
        if do and step.changes:
            codes.add(_apply(pusher, step, book))
    for domain, entry in pusher.unused(steps):
        told = f"nothing is replaced as `{entry[:60]}`; remove it from `adopt`"
        click.echo(f"note: {domain}: {told}", err=True)
    if plan_out is not None:
        _write(plan_out, steps)
    _summary(steps, do)
    pending = any(step.changes for step in steps) and not do
    _leave(codes | ({DIFFERENT} if exit_code and pending else set()))


def _push_planned(pusher: Pusher, planned: Steps, do: bool, journal: Path) -> None:
    """Apply what was reviewed, if all of it is still what would be done."""
    from generator.octodns.planfile import moved

    known = set(_places(pusher, ()))
    refused = 0
    for zone, target in planned:
        if (zone, target) not in known:
            leave(INVALID, f"the configuration has no overlaid zone {zone} with target {target}")
        why = moved(planned[zone, target], pusher.plan(zone, target))
        if why:
            refused += 1
            click.echo(f"{zone} at {target}: {why}", err=True)
    if refused:
        leave(GATE, f"{counted(refused, 'zone')} moved since the plan; nothing was written")
    book = _journal(journal)
    codes: set[int] = set()
    steps = []
    for zone, target in planned:
        step = pusher.plan(zone, target)
        why = moved(planned[zone, target], step)
        if why:  # between the look at all of them and now
            click.echo(f"{zone} at {target}: left alone: {why}", err=True)
            codes.add(GATE)
            continue
        steps.append(step)
        _show(step, pusher)
        if do and step.changes:
            codes.add(_apply(pusher, step, book))
    _summary(steps, do)
    _leave(codes)


def _apply(pusher: Pusher, step: Step, journal: Journal) -> int:
    from generator.octodns.push import Result

    try:
        journal.begin(now(), step)
        applied = pusher.apply(step)
        journal.end(now(), step, applied)
    except OSError as error:
        leave(OUTSIDE, f"{error.filename or 'journal'}: {error.strerror}; stopped before the rest")
    _tell(step, applied)
    return 0 if applied.result is Result.DONE and not applied.error else OUTSIDE


# --- words -----------------------------------------------------------------------------------


def _show(step: Step, pusher: Pusher) -> None:
    where = f"{step.zone} at {step.target}"
    for note in step.notes:
        click.echo(f"note: {where}: {note}", err=True)
    if step.problem:
        click.echo(f"{where}: left alone:\n{_indented(step.problem)}", err=True)
    if not step.changes:
        if not step.problem:
            click.echo(f"{where}: nothing to do")
        return
    click.echo(where)
    for change in step.changes:
        for line in _lines(change):
            click.echo(f"  {line}")
    project = pusher.project(step.zone)
    if project is not None:
        from generator.cli.meaning import tell_push

        tell_push(project, step.changes)


def _lines(change: Change) -> Iterator[str]:
    """A change by value: what goes, what comes, beside how many of others."""
    from generator.octodns.overlay import shown

    if change.ledger:
        ours = sum(len(line.split()) - 2 for line in (change.after.texts if change.after else ()))
        yield f"* {change.name} ledger of {counted(max(ours, 0), 'value')}"
        return
    beside = f"  (beside {counted(len(change.kept), 'value')} of others)" if change.kept else ""
    for text in change.removed:
        yield click.style(f"- {change.name} {change.type} {shown(text)}", fg="red")
    for text in change.added:
        ttl = change.after.ttl if change.after else 0
        yield click.style(f"+ {change.name} {ttl} {change.type} {shown(text)}{beside}", fg="green")
    if change.before and change.after and not (change.removed or change.added):
        yield f"~ {change.name} {change.type} TTL {change.before.ttl} -> {change.after.ttl}"


def _tell(step: Step, applied: Applied) -> None:
    from generator.octodns.push import Result

    where = f"{step.zone} at {step.target}"
    if applied.result is Result.DONE:
        click.echo(f"  {'applied and verified' if not applied.error else 'applied'}")
    else:
        click.echo(f"{where}: {applied.result.value}", err=True)
    if applied.error:
        click.echo(_indented(applied.error), err=True)
    for line in applied.differences:
        click.echo(f"    {line}", err=True)
    for line in applied.meanwhile:
        click.echo(f"note: {where}: changed by another hand meanwhile: {line}", err=True)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _summary(steps: list[Step], do: bool) -> None:
    changes = [c for step in steps for c in step.changes if not c.ledger]
    added = sum(len(change.added) for change in changes)
    removed = sum(len(change.removed) for change in changes)
    left = sum(bool(step.problem) for step in steps)
    zones = counted(len({step.zone for step in steps}), "zone")
    add, remove = ("added", "removed") if do else ("to add", "to remove")
    said = f"{zones}: {counted(added, 'value')} {add}, {removed} {remove}"
    if left:
        said += f", {left} left alone"
    click.echo(said if do or not changes else f"{said}; --apply does it")


# --- around ----------------------------------------------------------------------------------


def _pusher(config: Path) -> Pusher:
    try:
        from generator.octodns.push import ConfigError, Pusher
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "octodns":
            raise
        leave(OUTSIDE, "octoDNS is not installed: pip install 'mailzone[octodns]'")
    try:
        return Pusher(config)
    except ConfigError as error:
        leave(INVALID, str(error))


def _places(pusher: Pusher, domains: tuple[str, ...]) -> list[tuple[str, str]]:
    from generator.octodns.push import ConfigError
    from generator.octodns.source import MailSourceException

    try:
        zones = pusher.zones(domains)
    except (ConfigError, MailSourceException) as error:
        leave(INVALID, str(error))
    return [(zone, target) for zone in zones for target in pusher.targets(zone)]


def _journal(path: Path) -> Journal:
    from generator.octodns.planfile import Journal

    return Journal(path)


def _read(path: Path) -> Steps:
    from generator.octodns.planfile import PlanError, read

    try:
        return read(path.read_bytes())
    except PlanError as error:
        leave(INVALID, f"{path}: {error}")
    except OSError as error:
        leave(OUTSIDE, f"{path} cannot be read: {error.strerror}")


def _write(path: Path, steps: list[Step]) -> None:
    from generator.octodns.planfile import text

    try:
        path.write_text(text(steps), encoding="utf-8")
    except OSError as error:
        leave(OUTSIDE, f"{path} cannot be written: {error.strerror}")


def _trouble(step: Step) -> int:
    from generator.octodns.push import Trouble

    if step.trouble is None:
        return 0
    return INVALID if step.trouble is Trouble.CONFLICT else OUTSIDE


def _leave(codes: set[int]) -> None:
    """Leave with the gravest of the codes: outside, then refusals, then what a person must mend."""
    for code in (OUTSIDE, GATE, INVALID, DIFFERENT):
        if code in codes:
            sys.exit(code)
