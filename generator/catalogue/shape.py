"""Record shapes: text with ``{parameter}`` and ``{parameter|filter}`` places.

No logic and nothing to escape from: a shape is cut into pieces when the catalogue is loaded, and
every place must name a known parameter and a filter of the table below.  ``%{...}`` of SPF macros
(RFC 7208 7) is not a place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn


class ShapeError(ValueError):
    """The shape is malformed, or cannot be filled for this domain; the message says why."""


def _dashed(text: str) -> str:
    return text.replace(".", "-")


def _dashed_plain(text: str) -> str:
    if "-" in text:
        raise ShapeError(f"it cannot be derived for {text}, whose name holds a hyphen")
    return text.replace(".", "-")


def _doubled(text: str) -> str:
    return text.replace("-", "--").replace(".", "-")


def _underscored(text: str) -> str:
    return text.replace(".", "_")


def _undotted(text: str) -> str:
    return text.replace(".", "")


# What vendors really do with a customer's domain name to make a host name of it.
FILTERS: dict[str, Callable[[str], str]] = {
    "dashed": _dashed,  # example.com -> example-com
    "dashed-plain": _dashed_plain,  # the same, refused where the name holds a hyphen already
    "doubled": _doubled,  # my-shop.com -> my--shop-com
    "underscored": _underscored,  # example.com -> example_com
    "undotted": _undotted,  # example.com -> examplecom
}

_PLACE = re.compile(r"(%\{[^}]*\})|\{([a-z][a-z0-9_]*)(?:\|([a-z-]+))?\}")

Values = Mapping[str, str | tuple[str, ...]]


class Shape:
    """A shape cut into pieces: text, or a (parameter, filter) pair.

    Immutable; shapes of one text are equal.  A class by hand, since making a frozen data class costs
    more start-up time than all shapes of a run.
    """

    __slots__ = ("_format", "parameters", "pieces", "text")

    text: str
    pieces: tuple[str | tuple[str, str], ...]
    parameters: frozenset[str]
    # The same as a format string, if no filter is in it: filled by str.format_map at once.
    _format: str

    def __init__(self, text: str, pieces: tuple[str | tuple[str, str], ...]) -> None:
        names = frozenset(piece[0] for piece in pieces if isinstance(piece, tuple))
        plain = all(isinstance(piece, str) or not piece[1] for piece in pieces)
        parts = (
            piece.replace("{", "{{").replace("}", "}}")
            if isinstance(piece, str)
            else f"{{{piece[0]}}}"
            for piece in pieces
        )
        fill = object.__setattr__
        fill(self, "text", text)
        fill(self, "pieces", pieces)
        fill(self, "parameters", names)
        fill(self, "_format", "".join(parts) if plain and names else "")

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"a shape does not change: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a shape does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Shape) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Shape({self.text!r})"

    def fill(self, values: Values) -> list[str]:
        """Every text that the shape makes: one, or one per element of a list parameter in it.

        Raises ShapeError if a filter refuses or lists differ in length; KeyError if a parameter has no value.
        """
        if not self.parameters:
            return [self.text]
        lists = {}
        for name in self.parameters:
            value = values[name]
            if isinstance(value, tuple):
                lists[name] = value
        if not lists:
            return [self._one(values)]
        if len({len(v) for v in lists.values()}) > 1:
            names = " and ".join(sorted(lists))
            raise ShapeError(f"{names} must have equally many entries")
        rows = zip(*lists.values(), strict=True)
        return [self._one({**values, **dict(zip(lists, row, strict=True))}) for row in rows]

    def _one(self, values: Values) -> str:
        if self._format:
            return self._format.format_map(values)
        parts = []
        for piece in self.pieces:
            if isinstance(piece, str):
                parts.append(piece)
            else:
                value = values[piece[0]]
                assert isinstance(value, str)
                parts.append(FILTERS[piece[1]](value) if piece[1] else value)
        return "".join(parts)


def parse(text: str) -> Shape:
    """Cut a shape into pieces.  Raises ShapeError for stray braces and unknown filters."""
    pieces: list[str | tuple[str, str]] = []
    end = 0

    def literal(part: str) -> None:
        if "{" in part or "}" in part:
            raise ShapeError(f"stray brace in shape `{text}`")
        if part:
            pieces.append(part)

    for place in _PLACE.finditer(text):
        literal(text[end : place.start()])
        end = place.end()
        if place[1]:
            pieces.append(place[1])
            continue
        if place[3] and place[3] not in FILTERS:
            known = ", ".join(FILTERS)
            raise ShapeError(f"unknown filter `{place[3]}` in shape `{text}`; known are {known}")
        pieces.append((place[2], place[3] or ""))
    literal(text[end:])
    # Neighbouring texts are joined, so that a shape without places is exactly one piece.
    joined: list[str | tuple[str, str]] = []
    for piece in pieces:
        if joined and isinstance(piece, str) and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return Shape(text, tuple(joined) or ("",))
