"""``mailzone services``: what the catalogue knows, and entries of your own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from generator.cli.common import print_findings, project_option, root_if_any
from generator.cli.services.facts import CATEGORIES
from generator.finding import Severity

if TYPE_CHECKING:
    from generator.catalogue import Catalogue

F = TypeVar("F", bound=Callable[..., Any])


def _format_option(function: F) -> F:
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Text for people, or JSON (schemas/services.schema.json).",
    )(function)


class _Group(click.Group):
    """A service's name in a command's place gets a hint."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            ctx.fail(f"no command `{args[0][:60]}`; to see one: mailzone services show NAME")
        return super().resolve_command(ctx, args)


@click.group(cls=_Group, invoke_without_command=True)
@project_option
@click.pass_context
def command(ctx: click.Context, project: Path | None) -> None:
    """List the services of the catalogue, show one, or add your own."""
    ctx.default_map = {name: {"project": project} for name in command.commands}
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_, project=project)


def _catalogue(project: Path | None) -> Catalogue:
    from generator.catalogue import load

    catalogue = load(root_if_any(project))
    print_findings(catalogue.findings, Severity.WARNING)
    return catalogue


@command.command("list")
@click.argument("text", required=False, default="")
@click.option(
    "--category",
    type=click.Choice(CATEGORIES),
    metavar="KIND",
    help=f"Only services of this kind: {', '.join(CATEGORIES)}.",
)
@project_option
@_format_option
def list_(
    text: str = "", category: str | None = None, project: Path | None = None, form: str = "text"
) -> None:
    """List services: id, category, and how they authenticate.

    With TEXT, only those whose id, alias or name holds it.
    """
    from generator.cli.services.listing import print_list

    print_list(_catalogue(project), text, category or "", form)


@command.command("show")
@click.argument("name")
@project_option
@_format_option
def show(name: str, project: Path | None, form: str) -> None:
    """Show what is known about the service NAME, and how to declare it."""
    from generator.cli.services.page import print_service

    print_service(_catalogue(project), name, form)


@command.command("search")
@click.argument("text")
@project_option
@_format_option
def search(text: str, project: Path | None, form: str) -> None:
    """Find services by TEXT: an id, a name, a host seen in a report, an SPF term."""
    from generator.cli.services.listing import print_search

    print_search(_catalogue(project), text, form)


@command.command("check")
@project_option
@_format_option
def check(project: Path | None, form: str) -> None:
    """Check the entries of providers.d/, and the shipped ones.

    Their form, patterns and examples, and how old their facts are.
    """
    from generator.catalogue import load
    from generator.cli.services.review import print_review

    print_review(load(root_if_any(project)), form)


@command.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    metavar="FILE...",
)
@click.option("--to", metavar="providers.d/NAME.yaml", help="The file for the entries.")
@click.option("--as", "id", metavar="ID", help="The entry's id; else made of the vendor's names.")
@click.option("--group", "groups", multiple=True, metavar="NAME", help="Only this group's records.")
@click.option("--replace", is_flag=True, help="Put the entry in the place of an existing one.")
@click.option("--dry-run", is_flag=True, help="Print the entries; write nothing.")
@project_option
@_format_option
def import_(
    files: tuple[Path, ...],
    to: str | None,
    id: str | None,
    groups: tuple[str, ...],
    replace: bool,
    dry_run: bool,
    project: Path | None,
    form: str,
) -> None:
    """Make entries of providers.d/ from Domain Connect templates.

    A template says which records a vendor wants, not what they are for: review what was made.
    """
    from generator.cli.services.importing import Request, run

    run(root_if_any(project), files, Request(to or "", id or "", groups, replace, dry_run), form)
