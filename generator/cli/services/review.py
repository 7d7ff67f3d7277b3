"""The check of the whole catalogue."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from generator.catalogue import Catalogue
from generator.catalogue.check import check_entries
from generator.catalogue.doubt import OLD, RULE, as_of, months_old
from generator.cli.common import INVALID, counted, leave, now, print_findings
from generator.cli.services.example import example
from generator.emit.json import text as json_text
from generator.finding import Finding, Place, Severity
from generator.source import Source

_SHIPPED = "the shipped catalogue"  # where a path would stand


def print_review(catalogue: Catalogue, form: str) -> None:
    """Print every finding and the count; leave with exit code 1 if one is an error."""
    findings = review(catalogue, now().date())
    errors = [found for found in findings if found.severity is Severity.ERROR]
    if form == "json":
        data = {
            "services": len(catalogue.entries),
            "own": len(catalogue.own),
            "findings": [_row(found) for found in findings],
        }
        click.echo(json_text(data).encode("utf-8"), nl=False)
    else:
        # How old the shipped facts are is nothing that a project could mend.
        theirs = [f for f in findings if f.severity is Severity.ADVICE and _is_shipped(f)]
        print_findings([found for found in findings if found not in theirs], Severity.ADVICE)
        own = f", {len(catalogue.own)} of them in providers.d/" if catalogue.own else ""
        checked = f"{counted(len(catalogue.entries), 'service')}{own}"
        click.echo(f"{checked}: {counted(len(errors), 'error')}")
        if theirs:
            click.echo(
                f"facts that are older than {OLD} months, or of an unknown date, have"
                f" {len(theirs)} of the shipped services"
            )
    if errors:
        leave(INVALID, f"{counted(len(errors), 'error')} in the catalogue")


def _is_shipped(found: Finding) -> bool:
    place = found.place
    return place is not None and place.path == _SHIPPED


def review(catalogue: Catalogue, today: date) -> list[Finding]:
    """Findings about every entry: form, patterns, examples, age of the facts."""
    findings = list(catalogue.findings)
    # Read again, though they were checked when they were compiled: perhaps by another version.
    source = Source(_SHIPPED, "")
    entries = {"services": dict(catalogue.shipped)}
    findings += check_entries(source, 0, entries)[0]
    for id in sorted(catalogue):
        where = Place(catalogue.files.get(id, _SHIPPED))
        for region in ("", *(catalogue.entries[id].get("regions") or ())):
            catalogue.get(id, region)
        for found in example(catalogue, catalogue.get(id), today).findings:
            message = f"{id}: its example does not compile: {found.message}"
            findings.append(Finding("catalogue-entry", Severity.ERROR, message, where, found.help))
        findings += _age(catalogue, id, where, today)
    return findings


def _age(catalogue: Catalogue, id: str, where: Place, today: date) -> list[Finding]:
    entry = catalogue.entries[id]
    cost = entry.get("spf", {}).get("cost", {}).get("as_of", "")
    seen = as_of(entry.get("as_of", ""), cost, entry.get("evidence", ()))
    if not seen:
        message = f"{id}: nothing says when its facts were seen to be so"
    elif months_old(seen, today) > OLD:
        message = f"{id}: its facts are of {seen}, {months_old(seen, today)} months old"
    else:
        return []
    help = "compare them with the vendor's console, and write the month as `as_of`"
    return [Finding(RULE, Severity.ADVICE, message, where, help)]


def _row(found: Finding) -> dict[str, Any]:
    place = found.place
    return {
        "rule": found.rule,
        "severity": found.severity.label,
        "message": found.message,
        "help": found.help,
        "file": place.path if place else None,
        "line": (place.line or None) if place else None,
    }
