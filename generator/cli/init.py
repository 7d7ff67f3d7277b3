"""``mailzone init``."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from generator.cli.common import INVALID, OUTSIDE, leave, now


@click.command()
@click.argument(
    "folder", type=click.Path(file_okay=False, readable=False, path_type=Path), metavar="DIR"
)
@click.option(
    "--domain",
    metavar="NAME",
    default="example.com",
    show_default=True,
    help="The first domain to declare.",
)
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab"]),
    help="Also a pipeline: validate, the diff as a comment or artifact, build.",
)
def command(folder: Path, domain: str, ci: str | None) -> None:
    """Make a project in DIR: an example declaration, and the schema for your editor.

    Nothing that exists is overwritten.
    """
    from generator.catalogue import load
    from generator.declaration.editor import editor_schema_text
    from generator.emit.project import project_files
    from generator.emit.write import Change, WriteError, apply
    from generator.names import NameProblem, host

    try:
        name = host(domain)
    except NameProblem as problem:
        leave(INVALID, str(problem))
    files = project_files(name, now().date(), editor_schema_text(load()), ci or "")
    taken = [path for path in files if os.path.lexists(folder / path)]
    if taken:
        leave(INVALID, f"{folder / taken[0]} exists already; nothing was written")
    try:
        apply([Change(folder / path, None, text) for path, text in files.items()])
    except WriteError as error:
        leave(OUTSIDE, f"{error}; nothing was written")
    for path in files:
        click.echo(f"new {folder / path}")
    place = shlex.quote(str(folder))
    click.echo(
        f"\nNext: edit {folder / f'zones/{name}.yaml'}, then\n"
        f"  mailzone validate --project {place}\n  mailzone build --project {place}"
    )
