"""Where the values of a simple text stand: what libyaml's marks say, without its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator.source.simple import ROWS, TOKENS


class Mark(NamedTuple):
    """A line and column, counted from 0, and the column behind; None: up to the line's end."""

    line: int
    column: int
    stop: int | None = None


class _Row(NamedTuple):
    """A line that holds something: where it begins, where behind its dash, its key and value."""

    line: int
    column: int
    inner: int  # ``column`` itself if there is no dash
    key: str
    start: int  # of the value
    value: str


class _Token(NamedTuple):
    """A bracket, comma, key or scalar of a flow collection."""

    column: int
    mark: str  # of a bracket or comma
    key: str
    text: str


class _Block(NamedTuple):
    """A mapping or list in a column, from a row on."""

    at: int
    column: int
    listed: bool


class _Flow(NamedTuple):
    """A mapping or list in brackets; the opening one is the token ``at``."""

    line: int
    tokens: tuple[_Token, ...]
    at: int


_Node = _Block | _Flow | None  # None: a scalar
# Of a key, if there is one, and of its value; the value's is None if it is empty.
_Found = tuple[Mark | None, Mark | None, _Node]


class Marks:
    """The places in one text, which must be simple."""

    __slots__ = ("_known", "_rows")

    def __init__(self, text: str) -> None:
        self._rows = list(_rows(text))
        self._known: dict[_Block, dict[str | int, int]] = {}

    def find(self, path: tuple[str | int, ...], key: bool) -> Mark | None:
        """The place of the value at the path, of its key, or of the nearest value above it.

        None for an empty value: libyaml has a way of its own with their places.
        """
        first = self._rows[0]
        node: _Node = _Block(0, 0, first.inner > 0)
        mark: Mark | None = Mark(first.line, 0)
        for step in path:
            if isinstance(node, _Flow):
                found = _in_flow(node, step)
            elif node is None:
                break
            else:
                found = self._item(node, step) if node.listed else self._entry(node, step)
            if found is None:
                break
            own, value, node = found
            mark = own if key and own else value
        return mark

    def _entry(self, block: _Block, name: str | int) -> _Found | None:
        at = self._entries(block).get(name)
        if at is None:
            return None
        row = self._rows[at]
        return Mark(row.line, row.inner, row.inner + len(row.key)), *self._value(at, block.column)

    def _item(self, block: _Block, number: str | int) -> _Found | None:
        at = self._entries(block).get(number)
        if at is None:
            return None
        row = self._rows[at]
        if row.key:
            return None, Mark(row.line, row.inner), _Block(at, row.inner, False)
        return None, *self._value(at, block.column)

    def _entries(self, block: _Block) -> dict[str | int, int]:
        """The rows in which the block's entries begin, by their keys or numbers."""
        known = self._known.get(block)
        if known is None:
            known = self._known[block] = {}
            for at in self._starts(block):
                known[len(known) if block.listed else self._rows[at].key] = at
        return known

    def _starts(self, block: _Block) -> Iterator[int]:
        yield block.at
        for at in range(block.at + 1, len(self._rows)):
            row = self._rows[at]
            if row.column > block.column:
                continue
            dashed = row.inner > row.column
            if row.column == block.column and dashed and not block.listed:
                continue  # a list in the column of the key that it belongs to
            if row.column < block.column or dashed != block.listed:
                return
            yield at

    def _value(self, at: int, column: int) -> tuple[Mark | None, _Node]:
        """The value of the entry in a row, within a block in the column."""
        row = self._rows[at]
        if row.value:
            mark = Mark(row.line, row.start, row.start + len(row.value))
            return mark, _Flow(row.line, _tokens(row), 0) if row.value[0] in "[{" else None
        if at + 1 < len(self._rows):
            below = self._rows[at + 1]
            listed = below.inner > below.column
            if below.column > column or (listed and below.column == column):
                return Mark(below.line, below.column), _Block(at + 1, below.column, listed)
        return None, None


def _rows(text: str) -> Iterator[_Row]:
    line = last = 0
    for match in ROWS.finditer(text if text.endswith("\n") else text + "\n"):
        indent, dash, key = match.group(1, 2, 3)
        if not dash and not key:
            continue  # comments at the end
        begin = match.start(1)
        line += text.count("\n", last, begin)
        last = begin
        column = len(indent)
        which = match.lastindex or 0
        value, start = (match[which], match.start(which) - begin) if which > 3 else ("", 0)
        yield _Row(line, column, column + len(dash or ""), key or "", start, value)


def _tokens(row: _Row) -> tuple[_Token, ...]:
    return tuple(
        _Token(row.start + m.start(), m[1] or "", m[2] or "", m[3] or m[4] or "")
        for m in TOKENS.finditer(row.value)
    )


def _in_flow(flow: _Flow, step: str | int) -> _Found | None:
    """The entry of a flow collection with that key or number."""
    listed = flow.tokens[flow.at].mark == "["
    count, depth = 0, 0
    own: Mark | None = None
    for at in range(flow.at + 1, len(flow.tokens)):
        token = flow.tokens[at]
        if depth == 0 and token.mark in ("", "[", "{"):
            if token.key:
                matches = token.key == step
                column = token.column
                own = Mark(flow.line, column, column + len(token.key)) if matches else None
            elif own is not None or (listed and count == step):
                return own, *_flow_value(flow, at)
        if token.mark in ("[", "{"):
            depth += 1
        elif token.mark in ("]", "}"):
            depth -= 1
            if depth < 0:
                return None
        elif token.mark == ",":
            count += depth == 0
    return None


def _flow_value(flow: _Flow, at: int) -> tuple[Mark, _Node]:
    token = flow.tokens[at]
    if not token.mark:
        return Mark(flow.line, token.column, token.column + len(token.text)), None
    depth, end = 1, at
    while depth:
        end += 1
        mark = flow.tokens[end].mark
        depth += (mark in ("[", "{")) - (mark in ("]", "}"))
    return Mark(flow.line, token.column, flow.tokens[end].column + 1), _Flow(
        flow.line, flow.tokens, at
    )
