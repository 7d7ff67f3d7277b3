"""``mailzone simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.common import (
    INVALID,
    assembled,
    declared,
    host_or_leave,
    leave,
    print_findings,
    project_option,
    require_sound,
    table,
)
from generator.finding import Severity
from generator.ladder import STAGES

if TYPE_CHECKING:
    from generator.lock import Lock
    from generator.project import Project
    from generator.simulate.client import Client


@click.command()
@click.argument("domain")
@project_option
@click.option(
    "--stage",
    type=click.Choice(list(STAGES)),
    metavar="STAGE",
    help="As it will be at this stage; else at the present one and each later one.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "markdown", "json"]),
    default="table",
    show_default=True,
)
@click.option(
    "--mail",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Judge one message; needs the three options below.",
)
@click.option("--ip", metavar="ADDRESS", help="The address of the host that hands the mail over.")
@click.option("--mailfrom", metavar="ADDRESS", help="The address in MAIL FROM; '' for a bounce.")
@click.option("--helo", metavar="NAME", help="The name that the host gives itself.")
def command(
    domain: str,
    project: Path | None,
    stage: str | None,
    form: str,
    mail: Path | None,
    ip: str | None,
    mailfrom: str | None,
    helo: str | None,
) -> None:
    """Tell what receivers do with mail of DOMAIN, before anything is published.

    Nothing is looked up: records are those that the declarations make, and those of vendors as
    zones/_lock.yaml has them.  Each kind of mail is judged at receivers that follow RFC 9989 and
    at those that still follow RFC 7489.
    """
    given = [one is not None for one in (mail, ip, mailfrom, helo)]
    if any(given) and not all(given):
        raise click.UsageError("--mail, --ip, --mailfrom and --helo belong together")
    name = host_or_leave(domain)
    found = assembled(project)
    require_sound(found, Severity.ERROR, "nothing is simulated")
    declared(found, name, domain)
    lock = _lock(found)
    if mail is not None:
        from generator.simulate.client import Client

        assert ip is not None
        try:
            client = Client(ip, helo or "", (mailfrom or "").removeprefix("<").removesuffix(">"))
        except ValueError as error:
            leave(INVALID, f"--ip: {error}")
        _message(found, name, stage, lock, mail, client, form)
    else:
        _matrix(found, name, stage, lock, form)


def _lock(found: Project) -> Lock | None:
    """The vendor lock.  Leaves if there is one that cannot be relied on."""
    from generator.lock import load

    loaded = load(found.root)
    print_findings(loaded.findings, Severity.ERROR)
    if not loaded.sound:
        leave(INVALID, "the lock cannot be relied on; nothing is simulated")
    return loaded.lock


def _matrix(found: Project, name: str, stage: str | None, lock: Lock | None, form: str) -> None:
    from generator.simulate import words
    from generator.simulate.matrix import matrix

    costs = found.catalogue.term_costs()
    chosen = () if stage is None else (STAGES[stage],)
    made = matrix(found.compiled, name, chosen, lock, costs)
    if form == "json":
        from generator.emit import json
        from generator.simulate.data import of_matrix

        click.echo(json.text(of_matrix(made)).encode("utf-8"), nl=False)
        return
    tables = [words.rows(made, number) for number in range(len(made.stages))]
    if form == "markdown":
        click.echo("\n\n".join("\n".join(words.markdown(rows)) for rows in tables))
    else:
        # One width for all of them: stages are compared by eye.
        lines = table([row for rows in tables for row in rows])
        for rows in tables:
            click.echo(click.style(lines[0], bold=True))
            click.echo("\n".join(lines[1 : len(rows)]))
            del lines[: len(rows)]
            if lines:
                click.echo()
    notes = words.notes(made)
    if notes:
        click.echo("\n" + "\n".join(f"- {note}" if form == "markdown" else note for note in notes))


def _message(
    found: Project,
    name: str,
    stage: str | None,
    lock: Lock | None,
    mail: Path,
    client: Client,
    form: str,
) -> None:
    from generator.simulate import words
    from generator.simulate.matrix import at_stage
    from generator.simulate.message import MessageProblem, VerifierMissing, examine
    from generator.simulate.planned import Planned

    present = next(one.domain.stage for one in found.compiled if one.domain.name == name)
    chosen = present if stage is None else STAGES[stage]
    world = Planned(at_stage(found.compiled, name, chosen), lock)
    try:
        examined = examine(mail.read_bytes(), client, world)
    except (MessageProblem, VerifierMissing) as error:
        leave(INVALID, f"{mail}: {error}")
    if form == "json":
        from generator.emit import json
        from generator.simulate.data import of_message

        click.echo(json.text(of_message(name, chosen.name, examined)).encode("utf-8"), nl=False)
        return
    rows = words.message_rows(examined)
    click.echo(f"From {examined.author}, with {name} at stage {chosen.name}\n")
    click.echo("\n".join(words.markdown(rows) if form == "markdown" else table(rows)))
    if examined.unknown:
        where = "the declarations and the lock" if lock is not None else "the declarations"
        click.echo(f"\nnot known to {where}: {', '.join(examined.unknown)}")
