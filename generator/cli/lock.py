"""``mailzone lock``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.common import (
    DIFFERENT,
    GATE,
    INVALID,
    OUTSIDE,
    assembled,
    counted,
    leave,
    now,
    print_findings,
    project_option,
)
from generator.finding import Severity

if TYPE_CHECKING:
    from generator.live.lock import Outcome
    from generator.live.resolver import Server
    from generator.lock import Lock
    from generator.project import Project


def _servers(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> tuple[Server, ...]:
    if not given:
        return ()
    from generator.live.resolver import parse_server

    try:
        return tuple(map(parse_server, given))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _names(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower().removesuffix(".") for name in given)


@click.command()
@project_option
@click.option("--check", is_flag=True, help="Write nothing; exit code 4 if something has changed.")
@click.option(
    "--update", multiple=True, metavar="NAME", callback=_names, help="Renew this name only."
)
@click.option(
    "--accept",
    multiple=True,
    metavar="NAME",
    callback=_names,
    help="Take this name's answer, though it lost much or lets everybody pass.",
)
@click.option(
    "--resolver",
    "servers",
    multiple=True,
    metavar="IP[#PORT]",
    callback=_servers,
    help="The resolver to ask; else those of this machine.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.05, 60),
    default=3.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for each answer; it is asked for three times.",
)
def command(
    project: Path | None,
    check: bool,
    update: tuple[str, ...],
    accept: tuple[str, ...],
    servers: tuple[Server, ...],
    timeout: float,
) -> None:
    """Pin what vendors publish in zones/_lock.yaml, or see what has changed.

    Asks DNS for everything that the declarations depend on outside.  A name that gives no sound
    answer keeps its old entry (exit code 5); an answer that lost more than 30 % of what was there,
    or lets everybody pass, is refused until it is accepted by name (exit code 3).
    """
    from generator.lock import FILE, Lock, load

    found = assembled(project)
    broken = [one for one in found.errors if _unusable(one.rule, one.place, FILE)]
    if broken:
        print_findings(broken, Severity.ERROR)
        leave(INVALID, f"{counted(len(broken), 'error')}; nothing was asked")
    loaded = load(found.root)
    print_findings(loaded.findings, Severity.WARNING)
    if not loaded.sound:
        leave(INVALID, f"{FILE} cannot be relied on; mend it, or delete it to pin everything anew")
    old = loaded.lock or Lock()
    outcome = _run(found, old, servers, timeout, update, accept)
    lock = outcome.renewal.lock
    if outcome.asked and not outcome.renewal.taken:
        _complain(outcome, old)
        leave(OUTSIDE, f"no name gave an answer that can be taken; {FILE} is as it was")
    for name, how in outcome.changed:
        click.echo(f"{name}: {how}")
    _complain(outcome, old)
    if not check and (lock.entries or loaded.lock):
        _write(found, lock)
    verb = "would change" if check else "changed"
    click.echo(
        f"{FILE}: {counted(len(lock.entries), 'name')}, "
        + (f"{len(outcome.changed)} {verb}" if outcome.changed else "nothing has changed")
    )
    if outcome.renewal.kept:
        leave(OUTSIDE, f"{counted(len(outcome.renewal.kept), 'name')} gave no sound answer")
    if check and (outcome.changed or outcome.renewal.refused):
        sys.exit(DIFFERENT)
    if outcome.renewal.refused:
        leave(GATE, f"{counted(len(outcome.renewal.refused), 'answer')} refused")


def _unusable(rule: str, place: object, file: str) -> bool:
    """True for an error after which it is not known what the declarations depend on."""
    from generator.rules import RULES

    return RULES[rule].source == "format" and getattr(place, "path", "") != file


def _run(
    found: Project,
    old: Lock,
    servers: tuple[Server, ...],
    timeout: float,
    update: tuple[str, ...],
    accept: tuple[str, ...],
) -> Outcome:
    from generator.live.lock import UnknownName, run
    from generator.live.resolver import NoAnswer, Resolver, system_servers

    try:
        resolver = Resolver(servers or system_servers(), timeout)
        return run(
            found.compiled,
            old,
            resolver,
            now().date(),
            found.catalogue.term_costs(),
            update,
            accept,
            not found.errors,
            _progress(),
        )
    except UnknownName as error:
        leave(INVALID, f"{error}; nothing was written")
    except NoAnswer as error:
        leave(OUTSIDE, f"{error}; nothing was written")


def _progress() -> Callable[[int, int], None]:
    """Tells on a terminal how far the run has come, ten times a second at most."""
    if not sys.stderr.isatty():
        return lambda done, total: None
    last = 0.0

    def show(done: int, total: int) -> None:
        nonlocal last
        if done == total:
            click.echo("\r\x1b[K", err=True, nl=False)
        elif time.monotonic() - last > 0.1:
            last = time.monotonic()
            click.echo(f"\r\x1b[K{done:,} of {total:,} answers", err=True, nl=False)

    return show


def _complain(outcome: Outcome, old: Lock) -> None:
    for name, why in outcome.renewal.kept:
        what = "keeps its old entry" if name in old.entries else "is not locked"
        click.echo(f"{name} {what}: {why}", err=True)
    for name, why in outcome.renewal.refused:
        click.echo(f"{name} is refused: {why}; `--accept {name}` takes it", err=True)


def _write(found: Project, lock: Lock) -> None:
    from generator.emit.write import Change, WriteError, apply, current
    from generator.lock import FILE
    from generator.lock.read import LIMIT
    from generator.lock.text import text

    path = found.root / FILE
    new = text(lock)
    if len(new.encode()) > LIMIT:
        leave(INVALID, f"{FILE} would be larger than {LIMIT >> 20} MiB; nothing was written")
    try:
        apply([Change(path, current(path), new)])
    except WriteError as error:
        leave(OUTSIDE, f"{error}; nothing was written")
