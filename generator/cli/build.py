"""``mailzone build``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.common import (
    DIFFERENT,
    INVALID,
    OUTSIDE,
    assembled,
    counted,
    leave,
    now,
    print_findings,
    project_option,
    require_sound,
)
from generator.finding import Severity

if TYPE_CHECKING:
    from generator.emit.build import Build
    from generator.emit.write import Change
    from generator.project import Project

_REMINDER = (
    "note: raise the serial of the zones that include these fragments; "
    "--bump PARENT does it, --serial-by-hand silences this"
)


@click.command()
@project_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["bind", "json", "octodns"]),
    default="bind",
    show_default=True,
    help="BIND zone files, JSON on standard output, or files for octoDNS's YamlProvider.",
)
@click.option(
    "--out",
    # Whether it can be read and written is no matter of usage: exit code 5, not 2.
    type=click.Path(file_okay=False, readable=False, path_type=Path),
    metavar="DIR",
    help="Where zone files go; build/ in the project unless said otherwise.",
)
@click.option(
    "--bump",
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    metavar="PARENT",
    multiple=True,
    help="Raise the serial of this zone file if a fragment that it includes changes.",
)
@click.option("--serial-by-hand", is_flag=True, help="Do not remind of the parent zones' serials.")
@click.option(
    "--semicolons",
    type=click.Choice(["escaped", "plain"]),
    help="For octodns: as the YamlProvider's escaped_semicolons; escaped unless said otherwise.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; exit code 4 if a build would change files."
)
def command(
    project: Path | None,
    form: str,
    out: Path | None,
    bump: tuple[Path, ...],
    serial_by_hand: bool,
    semicolons: str | None,
    check: bool,
) -> None:
    """Compile every declaration to zone files, or to files for octoDNS.

    Errors in any file stop the build before anything is written; warnings are printed.  All
    changed files are written together; a second build changes nothing.
    """
    if form == "json" and (out is not None or bump or serial_by_hand or check):
        raise click.UsageError("--format json writes no files: --out, --bump, --check do not apply")
    if semicolons is not None and form != "octodns":
        raise click.UsageError("--semicolons applies to --format octodns")
    if form == "octodns" and (out is None or bump or serial_by_hand):
        raise click.UsageError(
            "--format octodns needs --out, the YamlProvider's directory; --bump does not apply"
        )
    found = assembled(project)
    require_sound(found)
    if form == "json":
        from generator.emit import json

        text = json.text([json.domain(one) for one in found.compiled])
        click.echo(text.encode("utf-8"), nl=False)  # JSON is UTF-8, whatever the locale
        return
    if form == "octodns":
        assert out is not None
        build = _for_octodns(found, out, semicolons != "plain", check)
    else:
        build = _build(found, out if out is not None else found.root / "build", bump, check)
    changed = build.changed
    if changed:
        click.echo("\n".join(_told(changed, found.root)))
    if check:
        from generator.cli.meaning import tell_build

        tell_build(found, build)
    verb = "would be written" if check else "written"
    click.echo(
        f"{counted(len(found.compiled), 'domain')}: {counted(len(changed), 'file')} {verb}, "
        f"{build.unchanged} unchanged in {_short(build.folder, found.root)}/"
    )
    if build.needs_serial and not serial_by_hand and not check:
        click.echo(_REMINDER, err=True)
    if check and changed:
        sys.exit(DIFFERENT)


def _build(found: Project, folder: Path, parents: tuple[Path, ...], check: bool) -> Build:
    from generator.emit.build import orphans, plan
    from generator.emit.write import WriteError, alone

    try:
        with nullcontext() if check else alone(folder):
            build = plan(found.compiled, folder, parents, now(), found.root)
            if build.findings:
                print_findings(sorted(build.findings, key=lambda one: one.order), Severity.WARNING)
                leave(INVALID, f"{counted(len(build.findings), 'error')}; nothing was written")
            print_findings([*build.notes, *orphans(build)], Severity.WARNING)
            if not check:
                build.write()
    except WriteError as error:
        leave(INVALID if error.foreign else OUTSIDE, f"{error}; nothing was written")
    return build


def _for_octodns(found: Project, folder: Path, escaped: bool, check: bool) -> Build:
    from generator.emit.octodns import abandoned, plan
    from generator.emit.write import WriteError, alone

    try:
        with nullcontext() if check else alone(folder):
            build, missing = plan(found.compiled, folder, escaped)
            left = list(abandoned(build))
            if not check:
                build.write()
    except WriteError as error:
        leave(INVALID if error.foreign else OUTSIDE, f"{error}; nothing was written")
    for one in missing:
        click.echo(
            f"note: no file of zone {one.zone} takes in {one.fragment}; among the values of the "
            f"apex TXT write `- !include {one.fragment}`",
            err=True,
        )
    for path in left:
        click.echo(
            f"note: {path} has no declaration any more; declare the domain with `release: true`, "
            "publish that, then remove the file",
            err=True,
        )
    return build


def _told(changed: Sequence[Change], root: Path) -> Iterator[str]:
    folders: dict[str, str] = {}
    for change in changed:
        word = "new    " if change.old is None else "changed"
        folder, name = os.path.split(change.path)
        if folder not in folders:
            shown = _short(Path(folder), root)
            folders[folder] = "" if shown == "." else f"{shown}/"
        yield f"{word} {folders[folder]}{name}"


def _short(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
