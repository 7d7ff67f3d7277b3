"""Findings as GitHub's workflow commands, which it shows beside the lines of a pull request.

The form is ``::error file=...,line=...::message``.  A line break would begin another command, so
what a declaration holds must never reach the output unescaped.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.finding import Finding, Severity, visible

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def render(findings: Sequence[Finding], prefix: str = "") -> str:
    """One command a line, in order."""
    return "".join(f"{command(found, prefix)}\n" for found in findings)


def command(found: Finding, prefix: str = "") -> str:
    """The finding as a workflow command; without a place in a file it belongs to the whole run."""
    properties: dict[str, str | int] = {}
    at = found.place
    if at is not None and at.is_file:
        properties["file"] = visible(at.within(prefix))
        if at.line:
            properties |= {"line": at.line, "endLine": at.line}
            if at.column:
                properties |= {"col": at.column, "endColumn": at.end_column}
    properties["title"] = f"{found.rule} (mailzone)"
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    said = [found.message, *(line for line in found.help.split("\n") if line)]
    return f"::{_COMMANDS[found.severity]} {listed}::{_data(chr(10).join(map(visible, said)))}"


def _data(text: str) -> str:
    """What stands behind the second ``::``."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
