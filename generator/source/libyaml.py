"""What libyaml reads: any YAML 1.2 text that a declaration may be, its faults, and its places.

Imported only for texts that are not simple, and for the places of empty values.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from generator.finding import Finding, Place, finding, mask
from generator.source import BREAK, MAX_DEPTH, MAX_FAULTS, Source, SourceError, YamlPath
from generator.source.simple import INTEGER, WORDS

_STR = "tag:yaml.org,2002:str"
_INT = "tag:yaml.org,2002:int"
_BOOL = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"
_MAP = "tag:yaml.org,2002:map"
_SEQ = "tag:yaml.org,2002:seq"
_TAGS = {word: _NULL if value is None else _BOOL for word, value in WORDS.items()}

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
            if value in _TAGS:
                return _TAGS[value]
            if value[0] in "-0123456789" and INTEGER.fullmatch(value):
                return _INT
        return _STR

    # PyYAML's hooks for tags by path, which nothing here uses: any cheap built-in will do.
    descend_resolver = staticmethod(operator.is_)  # type: ignore[assignment]
    ascend_resolver = staticmethod(tuple)  # type: ignore[assignment]


class Tree:
    """The nodes of a text, to find where its values stand."""

    __slots__ = ("_indexes", "_nodes")

    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes
        self._indexes: dict[int, dict[Any, tuple[Node, Node]]] = {}

    def marks(self, path: YamlPath, key: bool) -> tuple[Any, Any]:
        """Start and end of the value at the path, or of the nearest one above it."""
        if not path or not self._nodes:
            return None, None
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
        return target.start_mark, target.end_mark

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


def tree(text: str) -> Tree:
    """The nodes of a text that has been read without faults."""
    return Tree(list(_compose(text)))


def documents(source: Source) -> tuple[list[Any], Tree | None]:
    """The documents of the source's text as plain data, and its nodes if they are many.

    Raises SourceError with every reason.
    """
    text = source.text
    made: list[Any] = []
    faults: list[Finding] = []
    nodes: list[Node] = []
    try:
        _guard(source)
        for node in _compose(text):
            made.append(_build(node, source, 0, faults))
            nodes += [node] if len(text) > _LARGE else []
    except yaml.reader.ReaderError as error:
        code = _code(error.character)
        # libyaml's own position counts octets, so the character is looked for.
        before = BREAK.split(text.partition(chr(code))[0])
        where = source.place(len(before) - 1, len(before[-1]))
        message = f"character U+{code:04X} is not allowed in YAML"
        raise SourceError([finding("file-encoding", message, where)]) from None
    except yaml.MarkedYAMLError as error:
        raise SourceError([_syntax(source, error)]) from None
    except yaml.YAMLError as error:
        message = str(error).split("\n")[0]
        raise SourceError([finding("yaml-syntax", message, Place(source.path))]) from None
    if faults:
        raise SourceError(faults)
    return made, Tree(nodes) if nodes else None


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
_LARGE = 1 << 18  # characters of a text that is not composed twice: that would take too long
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
