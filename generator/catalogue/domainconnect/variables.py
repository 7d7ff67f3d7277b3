"""Text with ``%variable%`` places, as templates write it, and how it becomes a shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

# Variables that every template has: the name that it is applied to, and its parts.
BUILT_IN = frozenset({"domain", "host", "fqdn"})

# Macros of SPF (RFC 7208 7) are no variables, but stand where variables may stand too.
_PLACE = re.compile(r"%([A-Za-z0-9_-]{1,60})%|%\{[A-Za-z][0-9]*r?[.+,/_=-]*\}", re.ASCII)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


class TextError(ValueError):
    """The text breaks the rules of templates; the message says how."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A place in a text that the vendor fills."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A template's text, cut at its variables."""

    pieces: tuple[str | Variable, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables in it, each once."""
        names = (piece.name for piece in self.pieces if isinstance(piece, Variable))
        return tuple(dict.fromkeys(names))

    @property
    def constant(self) -> str | None:
        """The text if no variable is in it."""
        return None if self.variables else "".join(map(str, self.pieces))

    @property
    def alone(self) -> str | None:
        """The variable's name if the text is one variable and nothing else."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], Variable):
            return self.pieces[0].name
        return None

    def filled(self, fill: Callable[[str], str]) -> str:
        """The text with ``fill(name)`` in each variable's place."""
        return "".join(p if isinstance(p, str) else fill(p.name) for p in self.pieces)

    def words(self) -> list[str]:
        """Its words in lower case: `bounceHost1` and `bounce_host-1` are three words alike."""
        return words(self.filled(lambda name: f" {name} "))

    def __str__(self) -> str:
        return self.filled(lambda name: f"%{name}%")


def words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def cut(text: str) -> Text:
    """Cut a text at its variables.

    Raises TextError for a variable without end or name, and for characters that no DNS data of a
    service holds.
    """
    for character in text:
        if not " " <= character <= "~":
            raise TextError(f"it holds the character U+{ord(character):04X}; only ASCII is legal")
    return Text(tuple(_joined(_pieces(text))))


def _pieces(text: str) -> Iterator[str | Variable]:
    end = 0
    for place in (*_PLACE.finditer(text), None):
        part = text[end : place.start() if place else len(text)]
        if "%%" in part:
            raise TextError("`%%` names no variable")
        if "%" in part:
            raise TextError(f"`{part[part.index('%') :][:40]}` is a variable without end")
        yield part
        if place:
            yield Variable(place[1]) if place[1] else place[0]
            end = place.end()


def _joined(pieces: Iterable[str | Variable]) -> Iterator[str | Variable]:
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        if text:
            yield text
        text = ""
        yield piece
    if text:
        yield text
