"""One type for everything that can be wrong, and its place in the user's text.

A finding names its rule (``generator.rules``), says what is wrong in one line, where (file, line,
column), and what to write instead.  It is data: printing is the business of ``render``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

from generator.rules import RULES, Severity

__all__ = ["Finding", "Locatable", "Place", "Severity", "finding", "mask", "render", "worst"]


class Place(NamedTuple):
    """A stretch of a text file.

    ``line`` and ``column`` count from 1; ``column`` counts characters, not octets.  ``text`` is
    the whole line, ``width`` the number of characters to underline (at least 1).  ``text`` may be
    masked and thereby shifted; ``shown`` is then the column in it (0: the same), and ``span`` the
    number of characters in the file (0: as many as ``width``).
    """

    path: str
    line: int = 0
    column: int = 0
    text: str = ""
    width: int = 1
    shown: int = 0
    span: int = 0

    @property
    def end_column(self) -> int:
        """The column behind the last character of the stretch, in the file."""
        if self.text and (self.shown or self.column) > len(self.text):
            return self.column  # behind the line's end, where something is missing
        return self.column + (self.span or self.width)

    @property
    def is_file(self) -> bool:
        """False for the place in a text that was handed over, whose path is like ``<spf>``."""
        return not self.path.startswith("<")

    def within(self, prefix: str) -> str:
        """The path from a folder above; ``prefix`` leads from there, as ``dns/``."""
        return self.path if self.path.startswith(("/", "<")) else prefix + self.path

    def place(self) -> Place:
        """Return itself, so that a place can stand wherever one is computed late."""
        return self


class Locatable(Protocol):
    """Something that knows its place; most places are computed only when they are printed."""

    def place(self) -> Place: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of one rule.  ``where`` is None only for findings about no file at all."""

    rule: str
    severity: Severity
    message: str
    where: Locatable | None = None
    help: str = ""

    @property
    def place(self) -> Place | None:
        return None if self.where is None else self.where.place()

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: by file, then downwards in the file; independent of how it was found."""
        at = self.place
        if at is None:
            return ("", 0, 0, self.rule, self.message)
        return (at.path, at.line, at.column, self.rule, self.message)


def finding(
    rule: str,
    message: str,
    where: Locatable | None = None,
    help: str = "",
    severity: Severity | None = None,
) -> Finding:
    """Make a finding of a registered rule.

    The severity is the rule's own unless the case at hand is graver or milder.  Raises KeyError
    for an unregistered rule: every id that a user can meet is in ``generator.rules``.
    """
    own = RULES[rule].severity
    return Finding(rule, own if severity is None else severity, message, where, help)


def worst(findings: list[Finding]) -> Severity | None:
    """The gravest severity among the findings; None if there are none."""
    return max((f.severity for f in findings), default=None)


_LONG_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]{48,}")
_ANY_BASE64 = re.compile(r"[A-Za-z0-9+/=]{8,}")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def mask(text: str, secret: bool = False) -> str:
    """Make a line of a user's text fit to be shown.

    Long runs of base64 are cut: public keys because they are unreadable, private keys because
    logs are forever.  With ``secret`` (the file is known to hold a private key) every run of
    eight or more base64 characters is blotted out.  Control characters become visible, so
    that a file cannot repaint the reader's terminal.
    """
    if secret:
        text = _ANY_BASE64.sub("[masked]", text)
    else:
        text = _LONG_BASE64.sub(lambda m: f"{m[0][:8]}...({len(m[0])} characters)", text)
    return visible(text)


def visible(text: str) -> str:
    """The text with control and direction-changing characters made visible; a tab is a space."""
    return _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04x}", text.replace("\t", " "))


class Ink(IntEnum):
    """What a stretch of a rendered finding is, for whoever colours it."""

    ERROR = 1
    WARNING = 2
    ADVICE = 3
    FRAME = 4


_INKS = {Severity.ERROR: Ink.ERROR, Severity.WARNING: Ink.WARNING, Severity.ADVICE: Ink.ADVICE}


class Painter(Protocol):
    def __call__(self, text: str, ink: Ink) -> str: ...


def _plain(text: str, ink: Ink) -> str:
    return text


def render(found: Finding, paint: Painter = _plain) -> str:
    """The finding as text, in the form that docs/errors.md describes; no final newline."""
    ink = _INKS[found.severity]
    lines = [f"{paint(f'{found.severity.label}[{found.rule}]', ink)}: {visible(found.message)}"]
    at = found.place
    gutter = " "
    if at is not None:
        number = str(at.line) if at.line else ""
        gutter = " " * (len(number) + 2)
        spot = visible(f"{at.path}:{at.line}:{at.column}" if at.line else at.path)
        lines.append(f"{gutter[1:]}{paint('-->', Ink.FRAME)} {spot}")
        if at.line and at.text:
            bar = paint("|", Ink.FRAME)
            column = at.shown or at.column
            width = max(1, min(at.width, len(at.text) - column + 1))
            underline = " " * (column - 1) + paint("^" * width, ink)
            lines += [f"{gutter}{bar}", f" {number} {bar} {at.text}", f"{gutter}{bar} {underline}"]
    sign = paint("=", Ink.FRAME)
    lines += [f"{gutter}{sign} {visible(line)}" for line in found.help.split("\n") if line]
    return "\n".join(lines)
