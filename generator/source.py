"""YAML text to plain data whose every value knows its line and column.

libyaml's composer does the parsing; the builder here gives YAML 1.2 meaning to scalars (``no``
and ``0123`` stay text), refuses what a reviewed declaration must not hold (duplicate keys,
aliases, tags, deep nesting, huge files) and costs less than PyYAML's own constructor.  Positions
are computed only when asked for, by composing the text a second time.
"""

from __future__ import annotations

import operator
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from generator.finding import Finding, Place, finding, mask

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Source", "SourceError", "Spot", "YamlPath", "parse", "read"]

MAX_BYTES = 1 << 20  # of one declaration file
MAX_SHOWN = 4000  # characters of a line in a message; a longer one is only pointed at
MAX_FAULTS = 100  # of one file; more say nothing new
MAX_DEPTH = 40  # levels of nesting; a declaration needs seven
_MAX_DIGITS = 18  # longer numbers stay text

YamlPath = tuple[str | int, ...]

# Private keys in PEM, or the first characters of their bare base64 (PKCS#1, PKCS#8, SEC 1: a DER
# sequence that begins with the integer 0 or 1).
_SECRET = re.compile(
    "PRIVATE KEY|MII[A-Za-z0-9+/]{3}IBA[A-D]|MI[GH][A-Za-z0-9+/]AgE[AB]|M[A-H][A-Za-z0-9+/]CAQ[AE]"
    "|b3BlbnNzaC1rZXk"  # OpenSSH's own form
)
# libyaml's line breaks, which are those of YAML 1.1.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_STR = "tag:yaml.org,2002:str"
_INT = "tag:yaml.org,2002:int"
_BOOL = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"
_MAP = "tag:yaml.org,2002:map"
_SEQ = "tag:yaml.org,2002:seq"
_WORDS = dict.fromkeys(("", "~", "null", "Null", "NULL"), _NULL) | dict.fromkeys(
    ("true", "True", "TRUE", "false", "False", "FALSE"), _BOOL
)
_INTEGER = re.compile(rf"0|-?[1-9][0-9]{{0,{_MAX_DIGITS - 1}}}", re.ASCII)

if not getattr(yaml, "__with_libyaml__", False):  # pragma: no cover - depends on the machine
    raise ImportError("mailzone needs PyYAML built with libyaml, as its wheels on PyPI are")


class _Loader(yaml.CSafeLoader):
    """libyaml's loader with only the scalars that declarations need.

    An integer is resolved only in its one canonical spelling, so that ``str`` of it is the text
    that the user wrote and no selector or tenant ever loses a leading zero.
    """

    def resolve(self, kind: type[Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node; a third of PyYAML's time goes into asking this in general."""
        if kind is not ScalarNode:
            return _MAP if kind is MappingNode else _SEQ
        if implicit[0]:
            if value in _WORDS:
                return _WORDS[value]
            if value[0] in "-0123456789" and _INTEGER.fullmatch(value):
                return _INT
        return _STR

    # PyYAML's hooks for tags by path, which nothing here uses: any cheap built-in will do.
    descend_resolver = staticmethod(operator.is_)  # type: ignore[assignment]
    ascend_resolver = staticmethod(tuple)  # type: ignore[assignment]


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

    __slots__ = ("_indexes", "_lines", "_nodes", "_secret", "documents", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.documents: list[Any] = []
        self._secret: bool | None = None
        self._nodes: list[Node] | None = None
        self._indexes: dict[int, dict[Any, tuple[Node, Node]]] = {}
        self._lines: list[str] | None = None

    @property
    def secret(self) -> bool:
        """True if the file holds a private key; then none of its lines is shown in clear."""
        if self._secret is None:
            self._secret = _SECRET.search(self.text) is not None
        return self._secret

    def spot(self, *path: str | int, key: bool = False) -> Spot:
        """The place of the value at ``path`` (first a document's index), or of its key."""
        return Spot(self, path, key)

    def locate(self, path: YamlPath, key: bool = False) -> Place:
        """The place of a value; of the nearest one above it if the path does not exist."""
        if self._nodes is None:
            self._nodes = list(_compose(self.text))
        if not path or not self._nodes:
            return self.place(0, 0)
        node = self._nodes[min(int(path[0]), len(self._nodes) - 1)]
        target: Node = node
        for step in path[1:]:
            if isinstance(node, MappingNode):
                found = self._entry(node, step)
                if found is None:
                    break
                target, node = (found[0] if key else found[1]), found[1]
            elif (
                isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value)
            ):
                target = node = node.value[step]
            else:
                break
        return self.at(target.start_mark, target.end_mark)

    def at(self, start: Any, end: Any = None) -> Place:
        """The place between two marks of libyaml's, with its line made fit to be shown.

        A place that ends on a later line, or that has no end, reaches to the end of its line.
        """
        if start is None:
            return Place(self.path)
        stop = end.column if end is not None and end.line == start.line else None
        return self.place(start.line, start.column, stop)

    def _entry(self, node: MappingNode, key: str | int) -> tuple[Node, Node] | None:
        """A mapping's key and value; large mappings are indexed, since they are asked often."""
        if len(node.value) <= _SMALL:
            return next((entry for entry in node.value if entry[0].value == key), None)
        index = self._indexes.get(id(node))
        if index is None:
            index = self._indexes[id(node)] = {
                entry[0].value: entry
                for entry in reversed(node.value)
                if isinstance(entry[0], ScalarNode)
            }
        return index.get(key)

    def place(self, line: int, column: int, stop: int | None = None) -> Place:
        """The place at a line and column, both counted from 0."""
        raw = self.line(line)
        if line == len(self._lines or ()):
            # libyaml counts a line behind a text that does not end in a line break.
            line -= 1
            raw = self.line(line)
            column = stop = len(raw)
        if len(raw) > MAX_SHOWN:
            return Place(self.path, line + 1, column + 1)
        stop = len(raw.rstrip()) if stop is None else stop
        # Masking changes lengths, so the parts are masked apart.
        before = mask(raw[:column], self.secret)
        marked = mask(raw[column:stop], self.secret)
        after = mask(raw[stop:], self.secret)
        text = (before + marked + after).rstrip()
        width = max(1, len(marked))
        span = max(1, stop - column)
        return Place(self.path, line + 1, column + 1, text, width, len(before) + 1, span)

    def line(self, number: int) -> str:
        """A line of the text, counted from 0 as libyaml counts; empty past the last one."""
        if self._lines is None:
            self._lines = _BREAK.split(self.text)
        return self._lines[number] if number < len(self._lines) else ""


class Spot:
    """A value of a source, located only when its place is asked for."""

    __slots__ = ("key", "path", "source")

    def __init__(self, source: Source, path: YamlPath, key: bool = False) -> None:
        self.source = source
        self.path = path
        self.key = key

    def place(self) -> Place:
        return self.source.locate(self.path, self.key)


def read(file: Path, shown: str, limit: int = MAX_BYTES) -> Source:
    """Read and parse one YAML file of at most ``limit`` octets.  ``shown`` is its name in messages.

    Raises SourceError with every reason; never another exception, whatever the file holds.
    """
    try:
        # Not to be held up by a pipe; and asked for its own size: a buffer of the limit costs.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            about = os.fstat(handle)
            plain = stat.S_ISREG(about.st_mode)
            raw = os.read(handle, min(about.st_size, limit) + 1) if plain else b""
        finally:
            os.close(handle)
    except OSError as error:
        raise _unreadable(shown, f"cannot be read: {error.strerror or error}") from None
    if not plain:
        raise _unreadable(shown, "is no plain file")
    return parse(raw, shown, limit)


def _unreadable(shown: str, why: str) -> SourceError:
    return SourceError([finding("file-unreadable", f"{shown} {why}", Place(shown))])


def parse(raw: bytes, shown: str, limit: int = MAX_BYTES) -> Source:
    """Parse YAML bytes.  Raises SourceError; see `read`."""
    here = Place(shown)
    if len(raw) > limit:
        message = f"{shown} is larger than {limit >> 20} MiB"
        raise SourceError([finding("file-too-large", message, here, "split it into several files")])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # What stands before the octet is UTF-8.
        before = _BREAK.split(raw[: error.start].decode("utf-8").removeprefix("\ufeff"))
        message = f"octet 0x{raw[error.start]:02x} is not UTF-8"
        where = Place(shown, len(before), len(before[-1]) + 1)
        raise SourceError(
            [finding("file-encoding", message, where, "save the file as UTF-8")]
        ) from None
    text = text.removeprefix("\ufeff")
    source = Source(shown, text)
    try:
        _guard(source)
        faults: list[Finding] = []
        for node in _compose(text):
            source.documents.append(_build(node, source, 0, faults))
        if faults:
            raise SourceError(faults)
    except yaml.reader.ReaderError as error:
        code = _code(error.character)
        # libyaml's own position counts octets, so the character is looked for.
        before = _BREAK.split(text.partition(chr(code))[0])
        where = source.place(len(before) - 1, len(before[-1]))
        message = f"character U+{code:04X} is not allowed in YAML"
        raise SourceError([finding("file-encoding", message, where)]) from None
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
    where = source.at(mark)
    message = mask(error.problem or "the text is not YAML")  # libyaml quotes nothing
    hint = ""
    if mark is not None and "\t" in source.line(mark.line)[:80]:
        hint = "YAML is indented with spaces, never with tabs"
    elif "mapping values are not allowed" in message:
        hint = "a value that holds `: ` needs quotes; check the indentation too"
    elif "expected" in message or "could not find" in message:
        hint = "check the indentation, the quotes and the brackets here and in the line above"
    return finding("yaml-syntax", message, where, hint)


_SMALL = 50  # entries of a mapping that are looked through one by one
_LONG_LINE = 1000  # `- - - -` nests at every indicator, so no deeper than a line is long


def _guard(source: Source) -> None:
    """Refuse aliases, tags and deep nesting before libyaml's composer sees them.

    The composer recurses in C and dies at some 25,000 levels; the event parser does not recurse.
    Walking the events costs time, so it is done only for texts that hold a suspicious character.
    """
    text = source.text
    suspicious = (
        "*" in text
        or "&" in text
        or "!" in text
        or text.count("[") + text.count("{") >= MAX_DEPTH
        or (
            text.count("- ") + text.count("-\t") + text.count("?") >= MAX_DEPTH
            and max(map(len, text.split("\n"))) > _LONG_LINE
        )
    )
    if not suspicious:
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
                raise SourceError([finding("yaml-nesting", message, source.at(mark))])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            depth -= 1
            continue
        anchor = getattr(event, "anchor", None)
        if anchor is not None and len(findings) < MAX_FAULTS:
            name = mask(anchor, source.secret)[:60]
            name = f"*{name}" if kind is yaml.AliasEvent else f"&{name}"
            help = "write the text out, or put it in quotes if it is meant as it stands"
            message = f"`{name}` is an anchor or alias"
            findings.append(finding("yaml-alias", message, source.at(mark), help))
        tag = getattr(event, "tag", None)
        if tag is not None and len(findings) < MAX_FAULTS:
            where = source.at(mark)
            message = f"tag `{mask(str(tag), source.secret)[:60]}` is not allowed"
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


def _build(node: Node, source: Source, depth: int, faults: list[Finding]) -> Any:
    """The node's data.  What can be skipped over goes to ``faults``, so that all of it is told."""
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
        message = f"nested deeper than {MAX_DEPTH} levels"
        raise SourceError([finding("yaml-nesting", message, source.at(node.start_mark))])
    if type(node) is MappingNode:
        data: dict[str, Any] = {}
        for name, child in node.value:
            if type(name) is not ScalarNode:
                if len(faults) >= MAX_FAULTS:
                    break
                where = source.at(name.start_mark, name.end_mark)
                message = "a list or mapping cannot be a key"
                faults.append(finding("yaml-value", message, where))
                continue
            # Keys are text as written: `no`, `0123` and `true` are legal selectors.
            key = name.value
            if key in data and len(faults) < MAX_FAULTS:
                faults.append(_duplicate(name, node, source))
            if type(child) is ScalarNode and child.tag == _STR:
                data[key] = child.value
            else:
                data[key] = _build(child, source, depth + 1, faults)
        return data
    return [
        child.value
        if type(child) is ScalarNode and child.tag == _STR
        else _build(child, source, depth + 1, faults)
        for child in node.value
    ]


def _duplicate(name: ScalarNode, node: MappingNode, source: Source) -> Finding:
    """A finding for a key of the mapping that was there before."""
    first = next(other for other, _ in node.value if other.value == name.value)
    message = f"key `{mask(name.value, source.secret)[:60]}` appears twice"
    help = f"the first one is in line {first.start_mark.line + 1}; keep one of them"
    where = source.at(name.start_mark, name.end_mark)
    return finding("yaml-duplicate-key", message, where, help)
