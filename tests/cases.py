"""Cases of wrong declarations as data files, each with the findings that it must bring up.

A case is a YAML file below ``tests/data/bad``.  It begins with what is to be found::

    #! error unknown-stage zones/case.yaml:4:8 unknown stage `monitr` | did you mean `monitor`?

severity, rule, place, a part of the message, and behind ``|`` a part of the help.  All errors and
warnings must be listed; advice need not be.  A line ``#> path`` begins a further file of the
project; the text before it is ``zones/case.yaml``, comments included, so that line numbers are
those of the case.  ``<name>`` stands for a key of ``declaration-keys.yaml``, ``<name!N>`` for its
first N characters, ``<name+N>`` for the rest.

Below ``tests/data/declaration-compiled`` are sound projects in the same form.  There every line
``#= name TTL type text`` is a record that must come out, and no others may.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support import ROOT, Sandbox

FOLDER = ROOT / "tests" / "data" / "bad"
COMPILED = ROOT / "tests" / "data" / "declaration-compiled"

_EXPECTED = re.compile(r"#! (error|warning|advice) (\S+) (\S+?)(?::(\d+):(\d+))? (.*)")
_KEY = re.compile(r"<([a-z0-9-]+)(?:([!+])(\d+))?>")


@dataclass(frozen=True)
class Expected:
    """A finding that a case must bring up."""

    severity: str
    rule: str
    path: str
    line: int
    column: int
    message: str
    help: str


@dataclass(frozen=True)
class Case:
    """A project with something wrong in it."""

    name: str
    files: dict[str, str]
    expected: tuple[Expected, ...]
    records: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        return any(one.severity == "error" for one in self.expected)

    def write(self, sandbox: Sandbox) -> None:
        for name, text in self.files.items():
            sandbox.write(name, text.encode())


@cache
def keys() -> dict[str, str]:
    lines = (ROOT / "tests" / "data" / "declaration-keys.yaml").read_text().splitlines()
    return dict(line.split(": ") for line in lines if not line.startswith("#"))


def with_keys(text: str) -> str:
    """The text with its places for keys filled."""
    known = keys()

    def fill(place: re.Match[str]) -> str:
        if place[1] not in known:
            return place[0]  # a message that shows `<target>`
        text, cut = known[place[1]], int(place[3] or 0)
        return text[:cut] if place[2] == "!" else text[cut:]

    return _KEY.sub(fill, text)


def read(path: Path) -> Case:
    files: dict[str, list[str]] = {"zones/case.yaml": []}
    current, expected, records = files["zones/case.yaml"], [], []
    for line in path.read_text(encoding="utf-8").split("\n"):
        found = _EXPECTED.fullmatch(line)
        if found:
            message, _, help = found[6].partition(" | ")
            place = (found[3], int(found[4] or 0), int(found[5] or 0))
            expected.append(Expected(found[1], found[2], *place, message, help))
        assert found or not line.startswith("#!"), f"{path}: {line}"
        if line.startswith("#= "):
            records.append(with_keys(line[3:]))
        if line.startswith("#> "):
            current = files.setdefault(line[3:].strip(), [])
        else:
            current.append(line)
    texts = {name: with_keys("\n".join(lines)) for name, lines in files.items()}
    return Case(f"{path.parent.name}/{path.stem}", texts, tuple(expected), tuple(records))


def cases(folder: Path = FOLDER) -> list[Case]:
    return [read(path) for path in sorted(folder.rglob("*.yaml"))]
