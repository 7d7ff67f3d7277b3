"""The lock file's text: one block a name, one term or record a line, always the same for the same."""

from __future__ import annotations

import json
import re

from generator.lock.model import TYPES, Entry, Held, Lock
from generator.lock.tree import Tally, canonical, spf_texts
from generator.records import spf

FORMAT = 1  # of the file; one that is newer is not read
HEADER = """\
# Written by `mailzone lock`: what the declarations depend on outside, as DNS answered.
# Review it like code, and change it by that command only.
"""

# What YAML of any version reads as the text that it is.
_PLAIN = re.compile(
    r"[-+~?]?(?!(?:null|true|false|yes|no|on|off|[yn])\Z)[a-z_][A-Za-z0-9_.:/=%+~-]*(?<!:)"
)
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+", re.ASCII)


def text(lock: Lock) -> str:
    """The file's text; `generator.lock.read` makes the same lock of it again."""
    lines = [HEADER + f"format: {FORMAT}"]
    if lock.seen is not None:
        lines.append(f"seen: {lock.seen}")
    lines.append("names:" if lock.entries else "names: {}")
    for name in sorted(lock.entries, key=canonical):
        lines += _entry(lock.entries[name], lock)
    return "\n".join(lines) + "\n"


def costs(name: str, lock: Lock) -> Tally | None:
    """What the file tells of a name's cost; None where it holds no SPF, or too little is known."""
    found = lock.tallies.get(name)
    return found if found is not None and found.known and lock.record(name) is not None else None


def _entry(entry: Entry, lock: Lock) -> list[str]:
    lines = [f"  {scalar(entry.name)}:", f"    first: {entry.first}"]
    if entry.seen != lock.seen:
        lines.append(f"    seen: {entry.seen}")
    cost = costs(entry.name, lock)
    if cost is not None:
        lines += [f"    lookups: {cost.lookups}", f"    void: {cost.void}"]
    for type in TYPES:
        if type in entry.sets:
            lines += [f"    {type}:", *_held(type, entry.sets[type])]
    return lines


def _held(type: str, held: Held) -> list[str]:
    answer = held.answer
    if answer.status != "ok":
        return [f"      status: {answer.status}"]
    lines = [f"      ttl: {held.ttl}"]
    listed, key = list(answer.data), "data"
    if type == "TXT" and len(listed) == 1 and spf_texts(answer):
        version, *terms = listed[0].split(" ")
        if version == spf.VERSION and terms and all(terms):
            listed, key = terms, "spf"
    return [*lines, f"      {key}:", *(f"        - {scalar(item)}" for item in listed)]


def scalar(value: str) -> str:
    """A text as a YAML scalar, in quotes unless it can be nothing else."""
    if _PLAIN.fullmatch(value) or _ADDRESS.fullmatch(value):
        return value
    return json.dumps(value)
