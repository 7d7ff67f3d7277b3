"""YAML text to plain data whose every value knows its line and column.

libyaml's composer does the parsing; the builder here gives YAML 1.2 meaning to scalars (``no``
and ``0123`` stay text), refuses what a reviewed declaration must not hold (duplicate keys,
aliases, tags, deep nesting, huge files) and costs less than PyYAML's own constructor.  Positions
are computed only when asked for, by composing the text a second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from generator.finding import Finding, Place, finding, mask

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Source", "SourceError", "Spot", "YamlPath", "parse", "read"]

MAX_BYTES = 1 << 20  # of one declaration file
MAX_DEPTH = 40  # levels of nesting; a declaration needs seven
_MAX_DIGITS = 18  # longer numbers stay text

YamlPath = tuple[str | int, ...]

_STR = "tag:yaml.org,2002:str"
_INT = "tag:yaml.org,2002:int"
_BOOL = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"

if not getattr(yaml, "__with_libyaml__", False):  # pragma: no cover - depends on the machine
    raise ImportError("mailzone needs PyYAML built with libyaml, as its wheels on PyPI are")


class _Loader(yaml.CSafeLoader):
    """libyaml's loader with only the scalars that declarations need.

    An integer is resolved only in its one canonical spelling, so that ``str`` of it is the text
    that the user wrote and no selector or tenant ever loses a leading zero.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the base declares it


_Loader.add_implicit_resolver(
    _BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    _INT, re.compile(rf"^(?:0|-?[1-9][0-9]{{0,{_MAX_DIGITS - 1}}})$"), list("-0123456789")
)
_Loader.add_implicit_resolver(_NULL, re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])


class SourceError(Exception):
    """The text cannot be read as YAML data; ``findings`` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message)
        self.findings = findings


class Source:
    """A YAML text with its documents as plain data.

    ``path`` is the name to show.  ``documents`` holds dicts with text keys, lists, text, ints,
    bools and None.
    """

    __slots__ = ("_nodes", "documents", "path", "secret", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.documents: list[Any] = []
        # A file that holds a private key shows none of its lines in clear.
        self.secret = "PRIVATE KEY" in text
        self._nodes: list[Node] | None = None

    def spot(self, *path: str | int, key: bool = False) -> Spot:
        """The place of the value at ``path`` (first a document's index), or of its key."""
        return Spot(self, path, key)

    def locate(self, path: YamlPath, key: bool = False) -> Place:
        """The place of a value; of the nearest one above it if the path does not exist."""
        if self._nodes is None:
            self._nodes = list(_compose(self.text))
        if not path or not self._nodes:
            return self._at(0, 0, None)
        node = self._nodes[min(int(path[0]), len(self._nodes) - 1)]
        target: Node = node
        for step in path[1:]:
            if isinstance(node, MappingNode):
                for name, value in node.value:
                    if name.value == step:
                        target, node = (name if key else value), value
                        break
                else:
                    break
            elif (
                isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value)
            ):
                target = node = node.value[step]
            else:
                break
        start, end = target.start_mark, target.end_mark
        return self._at(start.line, start.column, end if end.line == start.line else None)

    def _at(self, line: int, column: int, end: Any) -> Place:
        """A place from libyaml's zero-based marks, with the line made fit to be shown."""
        lines = self.text.split("\n")
        raw = lines[line].rstrip("\r") if line < len(lines) else ""
        stop = end.column if end is not None else len(raw.rstrip())
        # Masking shortens text, so the parts are masked apart and the columns recounted.
        before = mask(raw[:column], self.secret)
        marked = mask(raw[column:stop], self.secret)
        after = mask(raw[stop:], self.secret)
        text = (before + marked + after).rstrip()
        # A mapping in a list: the line's first key is enough to point at.
        return Place(self.path, line + 1, len(before) + 1, text, max(1, len(marked)))

    def at(self, line: int, column: int) -> Place:
        """The place of a mark that libyaml reported (both count from 0)."""
        return self._at(line, column, None)


class Spot:
    """A value of a source, located only when its place is asked for."""

    __slots__ = ("key", "path", "source")

    def __init__(self, source: Source, path: YamlPath, key: bool = False) -> None:
        self.source = source
        self.path = path
        self.key = key

    def place(self) -> Place:
        return self.source.locate(self.path, self.key)


def read(file: Path, shown: str) -> Source:
    """Read and parse one YAML file.  ``shown`` is its name in messages.

    Raises SourceError with every reason; never another exception, whatever the file holds.
    """
    here = Place(shown)
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"{shown} cannot be read: {error.strerror or error}"
        raise SourceError([finding("file-unreadable", message, here)]) from None
    return parse(raw, shown)


def parse(raw: bytes, shown: str) -> Source:
    """Parse YAML bytes.  Raises SourceError; see `read`."""
    here = Place(shown)
    if len(raw) > MAX_BYTES:
        message = f"{shown} is larger than {MAX_BYTES >> 20} MiB"
        raise SourceError([finding("file-too-large", message, here, "split it into several files")])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"octet 0x{raw[error.start]:02x} is not UTF-8"
        where = Place(shown, line, column)
        raise SourceError(
            [finding("file-encoding", message, where, "save the file as UTF-8")]
        ) from None
    text = text.removeprefix("\ufeff")
    source = Source(shown, text)
    try:
        _guard(source)
        for node in _compose(text):
            source.documents.append(_build(node, source, 0))
    except yaml.reader.ReaderError as error:
        upto = text[: error.position] if isinstance(error.position, int) else ""
        line = upto.count("\n")
        column = len(upto) - (upto.rfind("\n") + 1)
        message = f"character U+{_code(error.character):04X} is not allowed in YAML"
        raise SourceError([finding("file-encoding", message, source.at(line, column))]) from None
    except yaml.MarkedYAMLError as error:
        raise SourceError([_syntax(source, error)]) from None
    except yaml.YAMLError as error:
        raise SourceError([finding("yaml-syntax", str(error).split("\n")[0], here)]) from None
    return source


def _code(character: Any) -> int:
    if isinstance(character, int):
        return character
    text = character if isinstance(character, str) else bytes(character).decode("latin-1")
    return ord(text[0]) if text else 0


def _syntax(source: Source, error: yaml.MarkedYAMLError) -> Finding:
    mark = error.problem_mark or error.context_mark
    where = source.at(mark.line, mark.column) if mark is not None else Place(source.path)
    message = mask(error.problem or "the text is not YAML", source.secret)
    hint = ""
    if "\t" in source.text.split("\n")[mark.line if mark is not None else 0][:80]:
        hint = "YAML is indented with spaces, never with tabs"
    elif "mapping values are not allowed" in message:
        hint = "a value that holds `: ` needs quotes; check the indentation too"
    elif "expected" in message or "could not find" in message:
        hint = "check the indentation, the quotes and the brackets here and in the line above"
    return finding("yaml-syntax", message, where, hint)


_CAREFUL = re.compile(r"[*&!]|(?:[-?:][ \t]+){20}")


def _guard(source: Source) -> None:
    """Refuse aliases, tags and deep nesting before libyaml's composer sees them.

    The composer recurses in C and dies at some 25,000 levels; the event parser does not recurse.
    Walking the events costs time, so it is done only for texts that hold a suspicious character.
    """
    text = source.text
    if not _CAREFUL.search(text) and text.count("[") + text.count("{") < MAX_DEPTH:
        return
    depth = 0
    findings: list[Finding] = []
    for event in yaml.parse(text, _Loader):
        kind = type(event)
        mark = event.start_mark
        assert mark is not None  # libyaml marks every event
        if kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            depth += 1
            if depth > MAX_DEPTH:
                message = f"nested deeper than {MAX_DEPTH} levels"
                raise SourceError(
                    [finding("yaml-nesting", message, source.at(mark.line, mark.column))]
                )
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            depth -= 1
            continue
        anchor = getattr(event, "anchor", None)
        if anchor is not None and len(findings) < 20:
            name = f"*{anchor}" if kind is yaml.AliasEvent else f"&{anchor}"
            help = "write the text out, or put it in quotes if it is meant as it stands"
            where = source.at(mark.line, mark.column)
            findings.append(
                finding("yaml-alias", f"`{mask(name)}` is an anchor or alias", where, help)
            )
        tag = getattr(event, "tag", None)
        if tag is not None and len(findings) < 20:
            where = source.at(mark.line, mark.column)
            message = f"tag `{mask(str(tag))}` is not allowed"
            findings.append(
                finding("yaml-tag", message, where, "leave the tag out, or quote the text")
            )
    if findings:
        raise SourceError(findings)


def _compose(text: str) -> Iterator[Node]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            assert node is not None
            yield node
    finally:
        loader.dispose()


def _build(node: Node, source: Source, depth: int) -> Any:
    if type(node) is ScalarNode:
        tag, value = node.tag, node.value
        if tag == _STR:
            return value
        if tag == _INT:
            return int(value)
        if tag == _BOOL:
            return value[0] in "tT"
        return None
    if depth >= MAX_DEPTH:
        mark = node.start_mark
        message = f"nested deeper than {MAX_DEPTH} levels"
        raise SourceError([finding("yaml-nesting", message, source.at(mark.line, mark.column))])
    if type(node) is MappingNode:
        data: dict[str, Any] = {}
        for name, child in node.value:
            if type(name) is not ScalarNode:
                where = source.at(name.start_mark.line, name.start_mark.column)
                raise SourceError(
                    [finding("yaml-value", "a list or mapping cannot be a key", where)]
                )
            # Keys are text as written: `no`, `0123` and `true` are legal selectors.
            key = name.value
            if key in data:
                raise SourceError(_duplicates(node, source))
            if type(child) is ScalarNode and child.tag == _STR:
                data[key] = child.value
            else:
                data[key] = _build(child, source, depth + 1)
        return data
    return [
        child.value
        if type(child) is ScalarNode and child.tag == _STR
        else _build(child, source, depth + 1)
        for child in node.value
    ]


def _duplicates(node: MappingNode, source: Source) -> list[Finding]:
    """A finding for every key of the mapping that was there before."""
    first: dict[str, int] = {}
    findings: list[Finding] = []
    for name, _ in node.value:
        mark = name.start_mark
        if name.value in first:
            message = f"key `{mask(str(name.value), source.secret)}` appears twice"
            where = source._at(mark.line, mark.column, name.end_mark)
            help = f"the first one is in line {first[name.value]}; keep one of them"
            findings.append(finding("yaml-duplicate-key", message, where, help))
        else:
            first[name.value] = mark.line + 1
    return findings
