"""``mailzone lint``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator.catalogue import load
from generator.cli.common import (
    INVALID,
    counted,
    leave,
    print_findings,
    project_option,
    root_if_any,
)
from generator.cli.findings import format_option, print_as
from generator.finding import Finding, Place, Severity, finding, worst

MAX_BYTES = 1 << 26  # of a zone file
_KINDS = ("spf", "dmarc", "dkim", "mta-sts", "tls-rpt")


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option("--spf", metavar="TEXT", help="An SPF record.")
@click.option("--dmarc", metavar="TEXT", help="A DMARC record.")
@click.option("--dkim", metavar="TEXT", help="A DKIM key record.")
@click.option("--mta-sts", metavar="TEXT", help="An MTA-STS record.")
@click.option("--tls-rpt", metavar="TEXT", help="A TLS-RPT record.")
@click.option("--origin", metavar="NAME", help="The zone's name, where the file does not tell.")
@format_option
@click.option("--no-advice", is_flag=True, help="Show errors and warnings only.")
@project_option
def command(
    files: tuple[Path, ...],
    origin: str | None,
    form: str,
    no_advice: bool,
    project: Path | None,
    **texts: str | None,
) -> None:
    """Check records that others wrote: zone FILEs, octoDNS YAML, or a record's text.

    A FILE that ends in .yaml is octoDNS's, one that begins with "version:" an MTA-STS policy, any
    other one a master file; - reads standard input. Only what is about mail is judged. Exits with
    1 if there is an error.
    """
    from generator.lint.texts import lint_text

    given = {kind: texts[kind.replace("-", "_")] for kind in _KINDS}
    records = {kind: text for kind, text in given.items() if text is not None}
    if not files and not records:
        raise click.UsageError("nothing to check: name a FILE, or give a record's text")
    zone = None if origin is None else _origin(origin)
    costs = load(root_if_any(project)).term_costs()
    found: list[Finding] = []
    for kind, text in records.items():
        found += lint_text(kind, text, costs)
    for file in dict.fromkeys(files):
        found += _file(file, zone, costs)
    found.sort(key=lambda one: one.order)
    least = Severity.WARNING if no_advice else Severity.ADVICE
    if form == "text":
        print_findings(found, least)
        click.echo(_summary(found, len(records) + len(files)))
    else:
        print_as(form, found, Path.cwd(), least)
    if worst(found) is Severity.ERROR:
        sys.exit(INVALID)


def _summary(found: list[Finding], checked: int) -> str:
    by = {s: sum(f.severity is s for f in found) for s in (Severity.ERROR, Severity.WARNING)}
    counts = ", ".join(counted(number, s.label) for s, number in by.items() if number)
    return f"{counted(checked, 'text')} checked: {counts or 'no errors, no warnings'}"


def _origin(given: str) -> str:
    """The zone's name with its final dot.  Leaves if it is none."""
    from generator.names import NameProblem, owner

    if given == ".":
        return given
    try:
        return f"{owner(given)}."
    except NameProblem as problem:
        leave(INVALID, f"--origin: {problem}")


def _file(file: Path, origin: str | None, costs: dict[str, int]) -> list[Finding]:
    """All findings about one file."""
    from generator.lint import zonename
    from generator.lint.others import lint_octodns, lint_zone
    from generator.lint.texts import lint_text

    shown = "<stdin>" if str(file) == "-" else str(file)
    try:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if shown == "<stdin>" else _read(file)
    except OSError as error:
        message = f"{shown} cannot be read: {error.strerror or error}"
        return [finding("file-unreadable", message, Place(shown))]
    if len(raw) > MAX_BYTES:
        message = f"{shown} is larger than {MAX_BYTES >> 20} MiB"
        return [finding("file-too-large", message, Place(shown))]
    octodns = file.suffix.lower() in (".yaml", ".yml")
    if not octodns and raw[:64].lstrip().lower().startswith(b"version:"):
        return lint_text("mta-sts", raw.decode("utf-8", "replace"), shown=shown)
    part = zonename.of_folder(file.absolute().parent.name) if octodns else ""
    named = part or zonename.of_file(file.name) if octodns else zonename.of_text(raw, file.name)
    zone = named if origin is None else origin
    if not zone:
        message = f"nothing says which zone {shown} is about"
        return [finding("zone-file", message, Place(shown), "`--origin example.com` does")]
    if octodns:
        return lint_octodns(raw, zone, shown, costs, whole=not part)
    return lint_zone(raw, zone, shown, costs)


def _read(file: Path) -> bytes:
    """The file's octets, at most one more than may be.  Raises OSError."""
    if not file.is_file():
        why = "a folder; name the files in it" if file.is_dir() else "no plain file"
        raise OSError(None, why if file.exists() else "no such file")
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)
