"""Values of a YAML text replaced where they stand; every other octet stays as it is.

Works on the mapping that holds a key: block or flow style, any indentation, comments, line breaks
and quotes of either kind.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from generator.source import Source, SourceError, YamlPath, parse

_PLAIN = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)
_UNQUOTED = ("stage", "since")
_BREAK = re.compile("\r\n|\n|\r")


class EditError(Exception):
    """The text cannot be changed safely; the message says why."""


class _Entry(NamedTuple):
    key: Node
    value: Node


def set_values(source: Source, path: YamlPath, values: dict[str, str | None]) -> str:
    """The source's text with the keys of one mapping set, or taken out for None.

    ``path`` leads to the mapping, first a document's index.  A key that is not there is put
    behind the one before it in ``values``, so the first must exist.  The result is read again
    and must differ in nothing else.  Raises EditError.
    """
    try:
        text = _edited(source, path, values)
        _verify(source, text, path, values)
    except (yaml.YAMLError, SourceError):
        raise EditError(f"{source.path} cannot be changed safely; change it by hand") from None
    return text


def _edited(source: Source, path: YamlPath, values: dict[str, str | None]) -> str:
    text = source.text
    for number, (key, value) in enumerate(values.items()):
        mapping = _mapping(text, path)
        entries = {
            entry.key.value: entry
            for entry in (_Entry(*pair) for pair in mapping.value)
            if isinstance(entry.key, ScalarNode)
        }
        known = entries.get(key)
        if known is not None:
            text = _replaced(text, mapping, known, value)
        elif value is not None:
            before = next((k for k in reversed(list(values)[:number]) if k in entries), None)
            if before is None:
                raise EditError(f"`{key}` does not stand in {source.path}")
            text = _inserted(text, mapping, entries[before], key, value)
    return text


def _mapping(text: str, path: YamlPath) -> MappingNode:
    documents = list(yaml.compose_all(text, yaml.CSafeLoader))
    node: Node | None = documents[int(path[0])]
    for step in path[1:]:
        if isinstance(node, MappingNode):
            node = next((v for k, v in node.value if k.value == step), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            node = node.value[step]
        else:
            node = None
    if not isinstance(node, MappingNode):
        raise EditError("the place to change is no mapping")
    return node


def _span(node: Node) -> tuple[int, int]:
    return node.start_mark.index, node.end_mark.index


def _replaced(text: str, mapping: MappingNode, entry: _Entry, value: str | None) -> str:
    if value is None:
        return _without(text, mapping, entry)
    start, end = _span(entry.value)
    raw = text[start:end]
    if not isinstance(entry.value, ScalarNode) or raw[:1] in "|>":
        line = _line_start(text, entry.key.start_mark.index)
        if mapping.flow_style:
            raise EditError("a value that is no plain text stands there")
        indent = text[line : entry.key.start_mark.index]
        newline = _newline(text)
        return f"{text[:line]}{indent}{entry.key.value}: {_scalar(entry.key.value, value)}{newline}{text[end:]}"
    quote = raw[:1] if raw[:1] in "'\"" and _PLAIN.fullmatch(value) else ""
    return f"{text[:start]}{quote}{value}{quote}{text[end:]}" if quote else (
        f"{text[:start]}{_scalar(entry.key.value, value)}{text[end:]}"
    )  # fmt: skip


def _without(text: str, mapping: MappingNode, entry: _Entry) -> str:
    start, end = entry.key.start_mark.index, entry.value.end_mark.index
    if mapping.flow_style:
        before = re.search(r",\s*\Z", text[:start])
        if before is None:
            raise EditError(f"`{entry.key.value}` is the first key of its mapping")
        return text[: before.start()] + text[end:]
    line = _line_start(text, start)
    if text[line:start].strip():
        raise EditError(f"`{entry.key.value}` shares its line with something else")
    return text[:line] + text[_line_end(text, end) :]


def _inserted(text: str, mapping: MappingNode, before: _Entry, key: str, value: str) -> str:
    end = before.value.end_mark.index
    if mapping.flow_style:
        return f"{text[:end]}, {key}: {_scalar(key, value)}{text[end:]}"
    behind = _line_end(text, end)
    newline = _newline(text)
    lead = "" if text[:behind].endswith(("\n", "\r")) else newline
    indent = " " * before.key.start_mark.column
    return f"{text[:behind]}{lead}{indent}{key}: {_scalar(key, value)}{newline}{text[behind:]}"


def _scalar(key: str, value: str) -> str:
    """The text as YAML: names of stages and days plain, as people write them, anything else quoted."""
    if key in _UNQUOTED and _PLAIN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)  # YAML 1.2 reads JSON's strings


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _line_end(text: str, at: int) -> int:
    """The index behind the line break that ends the line."""
    if at and text[at - 1] in "\r\n":
        return at  # a block scalar ends behind its last line
    found = _BREAK.search(text, at)
    return len(text) if found is None else found.end()


def _newline(text: str) -> str:
    found = _BREAK.search(text)
    return "\n" if found is None else found[0]


def _verify(source: Source, text: str, path: YamlPath, values: dict[str, str | None]) -> None:
    """Raise EditError unless the new text means the old one with the values set."""
    before = parse(source.text.encode("utf-8"), source.path)
    after = parse(text.encode("utf-8"), source.path)
    target: Any = before.documents
    for step in path:
        target = target[step]
    for key, value in values.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value
    if before.documents != after.documents:
        raise EditError(f"{source.path} cannot be changed safely; change it by hand")
