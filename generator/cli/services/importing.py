"""``mailzone services import``: templates read, converted, checked, written."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import click

from generator.catalogue import Catalogue, load
from generator.catalogue.check import check_entries
from generator.catalogue.domainconnect import Conversion, Template, convert, read_template
from generator.catalogue.domainconnect.template import MAX_BYTES, RULE
from generator.catalogue.edit import EditError, block, put
from generator.catalogue.load import FOLDER
from generator.cli.common import (
    INVALID,
    OUTSIDE,
    counted,
    leave,
    now,
    print_findings,
)
from generator.cli.services.example import example
from generator.emit.write import Change, WriteError, apply, current, encoded
from generator.finding import Finding, Place, Severity, finding, visible
from generator.source import SourceError, parse


class Request(NamedTuple):
    """What the command line asks for.  Empty texts and groups mean: decide yourself."""

    to: str
    id: str
    groups: tuple[str, ...]
    replace: bool
    dry_run: bool


class _Made(NamedTuple):
    conversion: Conversion
    file: str  # below the project, with slashes
    declaration: str


def run(root: Path | None, files: Sequence[Path], request: Request, form: str) -> None:
    """Import the templates, all of them or none."""
    if request.id and len(files) > 1:
        raise click.UsageError("--as names one entry, and there are several files")
    if request.to and (PurePosixPath(request.to).parent, PurePosixPath(request.to).suffix) != (
        PurePosixPath(FOLDER),
        ".yaml",
    ):
        raise click.UsageError(f"--to takes a file {FOLDER}/NAME.yaml, relative to the project")
    if root is None and not request.dry_run:
        leave(INVALID, "no project here; --project names one, --dry-run writes nothing")
    catalogue = load(root)
    _stop(catalogue.findings)
    conversions = _converted(files, request)
    _stop(_conflicts(conversions, catalogue, request))
    made = _checked(conversions, catalogue, request)
    if request.dry_run:
        _print(made, form, [])
        return
    assert root is not None
    changes = _changes(root, made)
    try:
        apply(changes)
    except WriteError as error:
        leave(OUTSIDE, f"{error}; nothing was written")
    _print(made, form, changes)


def _stop(findings: Sequence[Finding]) -> None:
    if findings:
        print_findings(findings, Severity.WARNING)
        leave(INVALID, f"{counted(len(findings), 'error')}; nothing was written")


def _converted(files: Sequence[Path], request: Request) -> list[Conversion]:
    findings: list[Finding] = []
    templates: list[tuple[str, Template]] = []
    for file in files:
        shown = visible(str(file))
        try:
            templates.append((shown, read_template(_octets(file, shown), shown)))
        except SourceError as error:
            findings += error.findings
    groups = sorted({group for _, template in templates for group in template.groups})
    unknown = [group for group in request.groups if group not in groups]
    if unknown and not findings:
        known = ", ".join(groups) or "none"
        leave(INVALID, f"no template has a group `{visible(unknown[0])[:60]}`; groups are: {known}")
    conversions = []
    for shown, template in templates:
        made = convert(template, request.id, request.groups)
        if made.refused:
            help = "\n".join(made.left)
            findings.append(Finding(RULE, Severity.ERROR, made.refused, Place(shown), help))
        conversions.append(made)
    _stop(findings)
    return conversions


def _octets(file: Path, shown: str) -> bytes:
    """The file's octets, one more than is legal at most.  Raises SourceError."""
    why = "is no plain file"
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe holds nobody up
        with os.fdopen(handle, "rb") as stream:
            if stat.S_ISREG(os.fstat(handle).st_mode):
                return stream.read(MAX_BYTES + 1)
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}"
    raise SourceError([finding("file-unreadable", f"{shown} {why}", Place(shown))])


def _conflicts(
    conversions: Sequence[Conversion], catalogue: Catalogue, request: Request
) -> list[Finding]:
    """Findings about ids that are taken."""
    findings: list[Finding] = []
    seen: set[str] = set()
    for made in conversions:
        known = catalogue.id_of(made.id)
        if made.id in seen:
            message = f"two templates would become `{made.id}`"
            findings.append(_fault(message, "import them one by one, --as another id"))
        elif known is not None and not request.replace:
            where = f"is in {catalogue.files[known]}" if known in catalogue.own else "is shipped"
            message = f"a service called `{made.id}` {where} already"
            help = "--as gives the entry another id; --replace puts it in the other's place"
            findings.append(_fault(message, help))
        seen.add(made.id)
    return findings


def _fault(message: str, help: str) -> Finding:
    return Finding("catalogue-entry", Severity.ERROR, message, None, help)


def _checked(
    conversions: Sequence[Conversion], catalogue: Catalogue, request: Request
) -> list[_Made]:
    """The entries, having passed all checks of a file of providers.d; leaves if one does not."""
    findings: list[Finding] = []
    text = "services:\n" + "\n".join(block(c.id, c.entry, c.comment()) for c in conversions)
    source = parse(text.encode("utf-8"), request.to or FOLDER)
    findings, sound = check_entries(source, 0, source.documents[0])
    _stop(findings)
    whole = Catalogue(catalogue.shipped, {**catalogue.own, **sound})
    made = []
    for conversion in conversions:
        shown = example(whole, whole.get(conversion.id), now().date())
        findings += [
            Finding(RULE, f.severity, f"{conversion.template}: {f.message}", None, f.help)
            for f in shown.findings
        ]
        file = catalogue.files.get(conversion.id, "")
        if file and request.to and file != request.to:
            message = f"`{conversion.id}` is in {file}"
            findings.append(_fault(message, f"import it --to {file}, or move it first"))
        file = file or request.to or f"{FOLDER}/{conversion.id}.yaml"
        made.append(_Made(conversion, file, shown.declaration))
    _stop(findings)
    return made


def _changes(root: Path, made: Sequence[_Made]) -> list[Change]:
    """What has to be written; several entries of one file are one change."""
    texts: dict[str, tuple[str | None, str | None]] = {}
    for one in made:
        path = root / one.file
        try:
            old, new = texts[one.file] if one.file in texts else (current(path),) * 2
            made_text = put(new, one.conversion.id, one.conversion.entry, one.conversion.comment())
            texts[one.file] = (old, made_text)
        except WriteError as error:
            leave(OUTSIDE, f"{error}; nothing was written")
        except SourceError as error:
            _stop(error.findings)
        except EditError as error:
            leave(INVALID, f"{one.file}: {error}; --to another file; nothing was written")
    changes = []
    for name, (old, new) in texts.items():
        assert new is not None
        source = parse(encoded(new), name)
        _stop([f for i, d in enumerate(source.documents) for f in check_entries(source, i, d)[0]])
        changes.append(Change(root / name, old, new))
    return changes


def _print(made: Sequence[_Made], form: str, changes: Sequence[Change]) -> None:
    if form == "json":
        from generator.emit.json import text

        click.echo(text([_row(one, bool(changes)) for one in made]).encode("utf-8"), nl=False)
    elif not changes:
        blocks = (block(m.conversion.id, m.conversion.entry, m.conversion.comment()) for m in made)
        click.echo("services:\n" + "\n".join(blocks), nl=False)
    else:
        for change in changes:
            word = "new    " if change.old is None else "changed"
            click.echo(f"{word} {_near(change.path)}")
        for one in made:
            _report(one)


def _near(path: Path) -> Path:
    """The path from here, if it is below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _report(one: _Made) -> None:
    conversion = one.conversion
    version = f", version {conversion.version}" if conversion.version else ""
    click.echo(f"\n{click.style(conversion.id, bold=True)}, of {conversion.template}{version}")
    for title, lines in (("Check", conversion.check), ("Left out", conversion.left)):
        if lines:
            click.echo(f"{title}:")
            for line in lines:
                click.echo(f"  - {line}")
    click.echo("Declare it:")
    for line in one.declaration.split("\n"):
        click.echo(f"  {line}")


def _row(one: _Made, written: bool) -> dict[str, Any]:
    conversion = one.conversion
    return {
        "id": conversion.id,
        "template": conversion.template,
        "version": conversion.version,
        "file": one.file,
        "written": written,
        "entry": conversion.entry,
        "check": list(conversion.check),
        "left": list(conversion.left),
        "declaration": one.declaration,
    }
