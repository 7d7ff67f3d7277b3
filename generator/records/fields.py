"""The form that MTA-STS (RFC 8461 3.1) and TLS-RPT (RFC 8460 3) records share: `v=X; name=value`.

Unlike in DKIM and DMARC no white space may stand beside the equals sign, and case matters.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from generator.records.error import RecordError, shown

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", re.ASCII)
# What an extension's value may hold: anything visible but `;` and `=`.
_EXTENSION = re.compile(r"[!-:<>-~]+", re.ASCII)
_SPACES = " \t"


class Field(NamedTuple):
    """A field behind the version, and where its name and its value begin."""

    name: str
    value: str
    offset: int
    value_offset: int


def begins(text: str, version: str) -> bool:
    """True if senders take the TXT record for one of this version.

    Both standards say that a record which does not begin with `v=X;`, letter for letter, is thrown
    away, although their grammars would let a space stand before the semicolon.
    """
    return text.startswith(f"v={version};")


def parse(text: str, version: str, rule: str) -> tuple[Field, ...]:
    """The fields of a record.  Values are checked by the caller, or by `check_extension`.

    Raises RecordError with this rule.
    """
    if not begins(text, version):
        message = f"the record begins with v={version}; exactly so"
        length = len(text.partition(";")[0])
        raise RecordError(rule, message, 0, f"v={version}; ...", length)
    fields: list[Field] = []
    pieces = text.split(";")
    if not pieces[-1].strip(_SPACES):
        pieces.pop()  # the last semicolon is optional
    offset = len(pieces[0]) + 1
    for piece in pieces[1:]:
        bare = piece.strip(_SPACES)
        start = offset + len(piece) - len(piece.lstrip(_SPACES))
        if not bare:
            raise RecordError(rule, "a field is missing between two semicolons", start)
        name, equals, value = bare.partition("=")
        if not equals or not NAME.fullmatch(name):
            message = f"`{shown(bare, 40)}` is no name=value"
            raise RecordError(rule, message, start, length=len(bare))
        if not value:
            at = start + len(bare)
            raise RecordError(rule, f"field {name}= has no value", at)
        if value[0] in _SPACES:
            at = start + len(name) + 1
            message = f"white space between {name}= and its value"
            raise RecordError(rule, message, at, length=len(value) - len(value.lstrip(_SPACES)))
        fields.append(Field(name, value, start, start + len(name) + 1))
        offset += len(piece) + 1
    return tuple(fields)


def check_extension(field: Field, rule: str) -> None:
    """A field that the standard does not know is ignored by receivers, if it is well-formed."""
    if field.name == "v":
        message = "field v= appears twice"
        raise RecordError(rule, message, field.offset, length=1)
    found = _EXTENSION.match(field.value)
    end = found.end() if found else 0
    if end < len(field.value):
        message = f"`{shown(field.value[end], 1)}` in field {field.name}="
        raise RecordError(rule, message, field.value_offset + end, length=1)
