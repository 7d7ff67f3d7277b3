"""Texts by other hands as data files, each with the findings that it must bring up.

A file below ``tests/data/lint`` ends in lines such as::

    ;! error zone-escape 4:1-20 a string without

severity, rule, line, column, the column behind the last character, and a part of the message.
They are comments in a zone file (in YAML they begin with ``#!``), and the file is cut before the
first one.  All errors and warnings are listed, in the order of the file; advice may be.  A place
without a line is ``-``.  ``<name>`` stands for a key as in `tests.cases`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from generator.finding import Finding, Severity
from tests.cases import with_keys
from tests.support import ROOT

FOLDER = ROOT / "tests" / "data" / "lint"
_MARK = re.compile(rb"^(?:;|#)! ", re.MULTILINE)


@dataclass(frozen=True)
class Text:
    """A file's octets and what lint must say of them: (severity, rule, place) and messages."""

    name: str
    raw: bytes
    said: tuple[tuple[str, str, str], ...]
    messages: tuple[str, ...]


def texts(folder: str) -> list[Text]:
    return [_read(path) for path in sorted((FOLDER / folder).iterdir())]


def _read(path: Path) -> Text:
    whole = with_keys(path.read_bytes().decode("latin-1")).encode("latin-1")
    mark = _MARK.search(whole)
    cut = mark.start() if mark else len(whole)
    said, messages = [], []
    for line in whole[cut:].decode("utf-8").splitlines():
        _, severity, rule, place, message = line.split(" ", 4)
        said.append((severity, rule, place))
        messages.append(message)
    return Text(path.stem, whole[:cut], tuple(said), tuple(messages))


def described(found: Finding) -> tuple[str, str, str]:
    """A finding as the files write it."""
    at = found.place
    assert at is not None
    place = f"{at.line}:{at.column}-{at.end_column}" if at.line else "-"
    return found.severity.label, found.rule, place


def agrees(text: Text, findings: list[Finding]) -> None:
    """Fails unless the findings are those of the file, apart from advice that it does not list."""
    advice = {one for one in text.said if one[0] == "advice"}
    ordered = sorted(findings, key=lambda one: one.order)
    found = [f for f in ordered if f.severity > Severity.ADVICE or described(f) in advice]
    assert [described(f) for f in found] == list(text.said)
    for one, message in zip(found, text.messages, strict=True):
        assert message in f"{one.message} | {one.help}"
