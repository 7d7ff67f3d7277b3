"""Entries written into the text of a catalogue file, which people edit too.

The text is changed as text, so that comments and layout stay, and then read again: a change that
does not mean what was wanted is refused.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from typing import Any

import yaml

from generator.finding import visible
from generator.source import Source, SourceError, parse

MARK = "# Domain Connect template "  # begins the comment above an imported entry
_WIDTH = 100


class EditError(Exception):
    """The text cannot be changed safely; the message says why."""


def block(id: str, entry: dict[str, Any], comment: Iterable[str], indent: int = 2) -> str:
    """An entry as lines below ``services:``, its comment above it."""
    lines = [f"# {line}".rstrip() for text in comment for line in _wrapped(text)]
    dumped = yaml.dump(
        {id: _styled(entry)},
        Dumper=_Dumper,
        sort_keys=False,
        # PyYAML writes some line breaks of Unicode as if they were none.
        allow_unicode=json.dumps(entry, ensure_ascii=False).isprintable(),
        width=_WIDTH,
        default_flow_style=False,
    )
    # Not textwrap.indent, which takes more characters for a line break than this text has.
    lines += dumped.removesuffix("\n").split("\n")
    return "".join(f"{' ' * indent}{line}".rstrip(" ") + "\n" for line in lines)


def _wrapped(text: str) -> list[str]:
    """A comment's paragraph in lines; a list item hangs from its hyphen.

    Characters that YAML takes for a line break would end the comment, so they are made visible.
    """
    hang = "  " if text.startswith("- ") else ""
    return textwrap.wrap(
        visible(text),
        _WIDTH - 4,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )


class _Flow(dict[str, Any]):
    """A mapping to be written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _flow(dumper: yaml.SafeDumper, data: dict[str, Any] | list[Any]) -> yaml.Node:
    if isinstance(data, dict):
        return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)
    short = all(isinstance(item, str) and len(item) < 40 for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=short)


_Dumper.add_representer(_Flow, _flow)
_Dumper.add_representer(list, _flow)


def _styled(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with its records on a line each."""
    styled = dict(entry)
    if "dkim" in entry and "records" in entry["dkim"]:
        styled["dkim"] = {**entry["dkim"], "records": [_Flow(r) for r in entry["dkim"]["records"]]}
    if "other" in entry:
        styled["other"] = [_Flow(record) for record in entry["other"]]
    return styled


def put(old: str | None, id: str, entry: dict[str, Any], comment: list[str]) -> str:
    """The text of a catalogue file with the entry in it, in place of one of the same id.

    Raises EditError, or SourceError if the text is no YAML.
    """
    if old is None or not old.strip():
        return "services:\n" + block(id, entry, comment)
    source = parse(old.encode("utf-8", "surrogateescape"), "the file")
    services = source.documents[0].get("services") if _plain(source) else None
    if not isinstance(services, dict) or not services:
        raise EditError("it is not one document with `services`")
    first = source.locate((0, "services", next(iter(services))), key=True)
    indent = first.column - 1
    lines = source.text.splitlines(keepends=True)
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    begin, end = (
        _span(source, list(services), id, len(lines)) if id in services else (len(lines),) * 2
    )
    kept = lines[:begin]
    if kept and begin == len(lines) and kept[-1].strip():
        kept.append("\n")
    text = "".join(kept) + block(id, entry, comment, indent) + "".join(lines[end:])
    if _services(text) != {**services, id: entry}:
        raise EditError("its layout leaves no place for an entry")
    return text


def _plain(source: Source) -> bool:
    return len(source.documents) == 1 and isinstance(source.documents[0], dict)


def _services(text: str) -> Any:
    try:
        source = parse(text.encode("utf-8", "surrogateescape"), "the file")
    except SourceError:
        return None
    return source.documents[0].get("services") if _plain(source) else None


def _span(source: Source, ids: list[str], id: str, count: int) -> tuple[int, int]:
    """The lines of an entry, from 0: its own comment included, that of the next one not."""

    def line(name: str) -> int:
        return source.locate((0, "services", name), key=True).line - 1

    begin = line(id)
    following = ids[ids.index(id) + 1 :]
    end = line(following[0]) if following else count
    above = begin
    while above and source.line(above - 1).lstrip().startswith("#"):
        above -= 1
        if source.line(above).lstrip().startswith(MARK):
            begin = above
            break
    while end > begin + 1 and (
        not source.line(end - 1).strip() or source.line(end - 1).lstrip().startswith("#")
    ):
        end -= 1
    return begin, end
