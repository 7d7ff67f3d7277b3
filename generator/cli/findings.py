"""What commands that print findings share: the option for their format, and printing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from generator.finding import Finding, Severity
from generator.report import FORMATS, render_all

F = TypeVar("F", bound=Callable[..., Any])


def format_option(function: F) -> F:
    """Add ``--format``, as the parameter ``form``."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="Findings for people, or on standard output for programs.",
    )(function)


def print_as(
    form: str, findings: Iterable[Finding], root: Path, least: Severity = Severity.ADVICE
) -> None:
    """Findings from a severity on, in one of `FORMATS`, on standard output.

    Paths of SARIF and GitHub's annotations are from the top of the repository that holds ``root``.
    """
    chosen = [found for found in findings if found.severity >= least]
    prefix = repository_prefix(root) if form in ("sarif", "github") else ""
    text = render_all(chosen, form, prefix)
    # UTF-8 whatever the locale; what is none (a file's name) becomes an escape that JSON knows.
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)


def repository_prefix(root: Path) -> str:
    """The way from the top of the git repository to the project, as ``dns/``; "" at its top."""
    root = root.resolve()
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    inner = root.relative_to(top).as_posix()
    return "" if inner == "." else f"{inner}/"
