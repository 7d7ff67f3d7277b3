"""``mailzone schema``."""

from __future__ import annotations

from pathlib import Path

import click

from generator.catalogue import load
from generator.cli.common import print_findings, project_option, root_if_any
from generator.finding import Severity


@click.command()
@project_option
def command(project: Path | None) -> None:
    """Print the editor's JSON Schema for declarations.

    It knows every service of the catalogue and of the project's providers.d/, with parameters.
    """
    from generator.declaration.editor import editor_schema_text

    catalogue = load(root_if_any(project))
    print_findings(catalogue.findings, Severity.WARNING)
    click.echo(editor_schema_text(catalogue).encode("utf-8"), nl=False)
