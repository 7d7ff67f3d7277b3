"""The group of commands, each loaded when it is wanted."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from importlib import import_module
from typing import Any

import click

from generator import __version__
from generator.cli.common import OUTSIDE

# name -> one line for the overview, so that help needs no command's module
COMMANDS = {
    "init": "Make a project with an example, ready to build.",
    "validate": "Check every declaration; write nothing.",
    "build": "Compile every declaration to zone files or JSON.",
    "lint": "Check records that others wrote: zone files, octoDNS YAML, texts.",
    "lock": "Pin what vendors publish, or see what has changed.",
    "show": "Show one domain's records, and why each is there.",
    "simulate": "Tell what receivers do with a domain's mail, at each stage.",
    "services": "List the services of the catalogue, or show one.",
    "diff": "Say what a change does to mail, and how risky it is.",
    "push": "Put the records into DNS through octoDNS.",
    "stages": "Show the rollout ladder, or where a domain is on it.",
    "advance": "Move domains to the next stage.",
    "retreat": "Move domains back to a stage that loses no mail.",
    "rules": "List what can be found wrong, or explain a rule.",
    "schema": "Print the editor's schema for declarations.",
}


class LazyGroup(click.Group):
    """A group whose commands live in ``generator.cli.<name>``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"generator.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from generator.schema import suggest

            near = suggest(args[0], COMMANDS) or "`mailzone --help` lists the commands"
            ctx.fail(f"no command `{args[0][:60]}`; {near}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader (head, less) has seen enough.
            _silence_broken()
            raise SystemExit(0) from None

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if isinstance(sys.stdout, io.TextIOWrapper):
                # A terminal that cannot show a name gets it escaped, not a crash.
                sys.stdout.reconfigure(errors="backslashreplace")  # flushes, and so may fail
            return super().main(*args, **kwargs)
        except OSError as error:
            # What no command foresees: a full disk behind standard output, a closed folder.
            what = f"{error.filename}: " if error.filename else ""
            with contextlib.suppress(OSError):
                click.echo(f"mailzone: {what}{error.strerror or error}", err=True)
            _silence_broken()
            raise SystemExit(OUTSIDE) from None


def _silence_broken() -> None:
    """Point streams that take no more at nothing, so that Python's exit is quiet too."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


EPILOG = """\b
Exit codes:
  0  done
  1  a declaration, record or argument is invalid
  2  wrong usage
  3  a gate refused
  4  there are differences (only with --check or --exit-code)
  5  something outside failed: disk, DNS, git, provider"""


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailzone", message="%(prog)s %(version)s")
def mailzone() -> None:
    """Mail authentication as code.

    Declarations below zones/ say which services send mail for a domain and how far its rollout
    has come; mailzone makes SPF, DKIM and DMARC records of them.
    """
