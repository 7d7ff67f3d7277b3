"""``mailzone schema``."""

from __future__ import annotations

from pathlib import Path

import click

from generator.catalogue import load
from generator.cli.common import project_option
from generator.declaration.load import find_project


@click.command()
@project_option
def command(project: Path | None) -> None:
    """Print the editor's JSON Schema for declarations.

    It knows every service of the catalogue and of the project's providers.d/, with parameters.
    """
    from generator.declaration.editor import editor_schema_text

    click.echo(editor_schema_text(load(project or find_project(Path.cwd()))), nl=False)
