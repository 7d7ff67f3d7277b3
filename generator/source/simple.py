"""The YAML that nearly every declaration is written in, read line by line.

libyaml builds an object for every scalar, with tags and marks that nobody asks for.  What most
files hold needs none of that: block mappings and lists of plain or quoted scalars on one line, and
flow collections on one line.  This reader takes exactly those, in a third of the time, and leaves
everything else to libyaml, faulty texts first of all.  Where it answers, the answer is libyaml's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

__all__ = ["INTEGER", "ROWS", "TOKENS", "WORDS", "simple"]

_MAX_DIGITS = 18  # longer numbers stay text
# Of one canonical spelling, so that no selector or tenant ever loses a leading zero.
INTEGER = re.compile(rf"0|-?[1-9][0-9]{{0,{_MAX_DIGITS - 1}}}", re.ASCII)
WORDS: dict[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL")) | {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_MAY_BE_ODD = frozenset("0123456789nNtTfF")  # first characters of those, as far as they are simple

_MAX_COLUMN = 24  # where a block collection begins
_MAX_FLOW = 10  # brackets of one flow collection

# The classes hold no line break of libyaml's.  They are repeated possessively, and whatever may
# follow one begins with a character outside it: what does not match at once is not simple.
_LATIN = r"\xa1-\u024f"
_COMMENT = rf"\#[ -~{_LATIN}]*+"
_BLANK = rf"(?:\ *+(?:{_COMMENT})?\n)"
_KEY = r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,99}+"
_QUOTED = rf"\"[ !#-\[\]-~{_LATIN}]*+\"|'[ -&(-~{_LATIN}]*+'"
_START = rf"[A-Za-z0-9_/{_LATIN}]"  # of a plain scalar: nothing that could be an indicator
_PART = rf"[!\"$-9;-~{_LATIN}]"
_PLAIN = rf"{_START}{_PART}*+(?:(?::(?=[!-~])|\ ++(?=[!\"$-~])){_PART}*+)*"
_FLOW_PART = rf"[A-Za-z0-9_./@+={_LATIN}-]"
_FLOW_PLAIN = rf"{_START}{_FLOW_PART}*+(?:\ ++(?=[A-Za-z0-9_]){_FLOW_PART}++)*"
# Up to its last bracket, or one before: the only part that is tried again, hence its bound.
_FLOW = rf"[\[{{][ -~{_LATIN}]{{0,2000}}[\]}}]"

_Row = tuple[str, str, str, str, str, str, str]  # indentation, dash, key, one of three values, rest
ROWS = re.compile(
    rf"{_BLANK}*(\ *+)(-\ ++)?(?:({_KEY}):(?:\ ++|(?=\n)))?"
    rf"(?:({_PLAIN})|({_QUOTED})|({_FLOW}))?\ *+(?:(?<=\ ){_COMMENT})?\n"
    rf"|{_BLANK}+|([\s\S]++)"
)
_NOTHING = ("", "", "", "", "", "")
_END = "the end"
_LAST: _Row = ("", _END, "", "", "", "", "")

TOKENS = re.compile(rf"([][{{}},])\ *+|({_KEY}):\ ++|({_FLOW_PLAIN})\ *+|({_QUOTED})\ *+|(.++)")


class _NotSimple(Exception):
    pass


def simple(text: str) -> dict[str, Any] | list[Any] | None:
    """The data of a text that holds one document in simple YAML; None if libyaml must read it.

    None says nothing about the text: it may be good, or have any fault.
    """
    rows: list[_Row] = ROWS.findall(text if text.endswith("\n") else text + "\n")
    if rows[-1][6]:
        return None
    if rows[-1][1:] == _NOTHING:  # comments at the end
        rows.pop()
    rows.append(_LAST)
    try:
        data, at = _list(rows, 0, 0) if rows[0][1] else _mapping(rows, 0, 0)
    except _NotSimple:
        return None
    return data if at == len(rows) - 1 and not rows[0][0] else None


def _mapping(rows: list[_Row], at: int, column: int) -> tuple[dict[str, Any], int]:
    """The mapping in this column whose first key is in row ``at``, and the row behind it."""
    if column > _MAX_COLUMN:
        raise _NotSimple
    data: dict[str, Any] = {}
    while True:
        _, _, key, plain, quoted, flow, _ = rows[at]
        if not key or key in data:
            raise _NotSimple
        at += 1
        if plain:
            data[key] = plain if plain[0] not in _MAY_BE_ODD else _resolved(plain)
        elif quoted:
            data[key] = quoted[1:-1]
        elif flow:
            data[key] = _flow(flow)
        else:
            indent, dash = rows[at][:2]
            inner = len(indent)
            # A list may stand in the column of the key that it belongs to.
            if dash and inner >= column and dash is not _END:
                data[key], at = _list(rows, at, inner)
            elif inner > column:
                data[key], at = _mapping(rows, at, inner)
            else:
                data[key] = None
        indent, dash = rows[at][:2]
        if dash or len(indent) != column:
            if len(indent) > column:
                raise _NotSimple
            return data, at


def _list(rows: list[_Row], at: int, column: int) -> tuple[list[Any], int]:
    """The list in this column whose first item is in row ``at``, and the row behind it."""
    data: list[Any] = []
    while True:
        _, dash, key, plain, quoted, flow, _ = rows[at]
        if key:
            item, at = _mapping(rows, at, column + len(dash))
            data.append(item)
        else:
            at += 1
            if plain:
                data.append(plain if plain[0] not in _MAY_BE_ODD else _resolved(plain))
            elif quoted:
                data.append(quoted[1:-1])
            elif flow:
                data.append(_flow(flow))
            else:
                raise _NotSimple
        indent, dash = rows[at][:2]
        if not dash or len(indent) != column or dash is _END:
            if len(indent) > column:
                raise _NotSimple
            return data, at


def _resolved(plain: str) -> str | int | bool | None:
    if plain in WORDS:
        return WORDS[plain]
    return int(plain) if INTEGER.fullmatch(plain) else plain


def _flow(text: str) -> dict[str, Any] | list[Any]:
    if text.count("[") + text.count("{") > _MAX_FLOW:
        raise _NotSimple
    tokens: Iterator[tuple[str, ...]] = iter(TOKENS.findall(text))
    data = _pairs(tokens) if next(tokens)[0] == "{" else _items(tokens)
    if next(tokens, None) is not None:
        raise _NotSimple
    return data


def _items(tokens: Iterator[tuple[str, ...]]) -> list[Any]:
    """A flow list behind its opening bracket."""
    data: list[Any] = []
    for token in tokens:
        if token[0] == "]" and not data:
            return data
        data.append(_item(token, tokens))
        mark = next(tokens, _LAST)[0]
        if mark == "]":
            return data
        if mark != ",":
            break
    raise _NotSimple


def _pairs(tokens: Iterator[tuple[str, ...]]) -> dict[str, Any]:
    """A flow mapping behind its opening bracket."""
    data: dict[str, Any] = {}
    for mark, key, *_ in tokens:
        if mark == "}" and not data:
            return data
        if not key or key in data:
            break
        data[key] = _item(next(tokens, _LAST), tokens)
        mark = next(tokens, _LAST)[0]
        if mark == "}":
            return data
        if mark != ",":
            break
    raise _NotSimple


def _item(token: tuple[str, ...], tokens: Iterator[tuple[str, ...]]) -> Any:
    mark, _, plain, quoted = token[:4]
    if plain:
        return plain if plain[0] not in _MAY_BE_ODD else _resolved(plain)
    if quoted:
        return quoted[1:-1]
    if mark == "[":
        return _items(tokens)
    if mark == "{":
        return _pairs(tokens)
    raise _NotSimple
