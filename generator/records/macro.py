"""Macro strings and domain-specs of SPF (RFC 7208 section 7): what may stand behind a colon."""

from __future__ import annotations

import re
from typing import NamedTuple

from generator.records.error import RecordError, shown

LETTERS = "slodiphv"
EXPLANATION_LETTERS = "crt"  # RFC 7208 7.2: only in the text that exp= points to
DELIMITERS = ".-+,/_="

_MACRO = re.compile(
    rf"%(?:\{{([{LETTERS}{EXPLANATION_LETTERS}])(\d*)(r?)([{re.escape(DELIMITERS)}]*)\}}|([%_-]))",
    re.IGNORECASE | re.ASCII,
)
_LITERALS = {"%": "%", "_": " ", "-": "%20"}
_MOST_DIGITS = 9  # more right-hand labels than any name has
_TOP_LABEL = re.compile(r"(?=.*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z", re.IGNORECASE | re.ASCII)


class Macro(NamedTuple):
    """One ``%{...}``.

    ``letter`` is kept as written, since an upper-case one asks for URL-encoding (RFC 7208 7.3).
    ``keep`` is the number of right-hand parts that are used (None: all), ``reverse`` whether their
    order is turned round first, ``delimiters`` what parts are separated by (empty: a dot).
    """

    letter: str
    keep: int | None = None
    reverse: bool = False
    delimiters: str = ""

    def __str__(self) -> str:
        keep = "" if self.keep is None else self.keep
        return f"%{{{self.letter}{keep}{'r' * self.reverse}{self.delimiters}}}"


Part = str | Macro


def parse(text: str, explanation: bool = False) -> tuple[Part, ...]:
    """The macros of a macro string, and the literal text between them with ``%%`` and so on resolved.

    ``explanation`` says that the text is the one that ``exp=`` points to, an explain-string: there
    spaces may stand, and the letters c, r and t.  Raises RecordError.
    """
    check(text, 0, explanation)
    parts: list[Part] = []
    literal, end = "", 0
    for found in _MACRO.finditer(text):
        literal += text[end : found.start()]
        end = found.end()
        if found[5]:
            literal += _LITERALS[found[5]]
            continue
        if literal:
            parts.append(literal)
            literal = ""
        digits = found[2].lstrip("0")
        keep = int(digits) if 0 < len(digits) <= _MOST_DIGITS else None
        parts.append(Macro(found[1], keep, bool(found[3]), found[4]))
    literal += text[end:]
    return (*parts, literal) if literal else tuple(parts)


def join(parts: tuple[Part, ...]) -> str:
    """The macro string of these parts; `parse` of it gives them again."""
    return "".join(
        str(part) if isinstance(part, Macro) else part.replace("%", "%%").replace(" ", "%_")
        for part in parts
    )


def check(text: str, start: int = 0, explanation: bool = False) -> bool:
    """True if the text ends in a macro.  Raises RecordError, its offset counted from ``start``."""
    for at, char in enumerate(() if text.isascii() and text.isprintable() else text):
        if not " " <= char <= "~":
            message = f"U+{ord(char):04X} in a macro string"
            raise RecordError("spf-charset", message, start + at, length=1)
    if not explanation and " " in text:
        at = start + text.index(" ")
        raise RecordError("spf-macro-syntax", "a space in a macro string", at, "%_", 1)
    end = -1
    position = text.find("%")
    while position >= 0:
        macro = _MACRO.match(text, position)
        if macro is None:
            raise RecordError(
                "spf-macro-syntax",
                "`%` does not begin a macro",
                start + position,
                "a literal percent sign is written %%",
                1,
            )
        end = macro.end()
        if macro[1]:
            if not explanation and macro[1].lower() in EXPLANATION_LETTERS:
                message = f"macro letter {macro[1]} belongs in exp= texts"
                raise RecordError("spf-macro-syntax", message, start + position, "", len(macro[0]))
            if macro[2] and not macro[2].strip("0"):
                message = "a macro cannot keep 0 labels"
                raise RecordError("spf-macro-syntax", message, start + position, "", len(macro[0]))
        position = text.find("%", end)
    return end == len(text)


def check_domain_spec(text: str, start: int = 0) -> None:
    """RFC 7208 7.1 domain-spec, and RFC 1035 lengths where no macro hides them.

    Raises RecordError, its offset counted from ``start``.
    """
    if not text:
        raise RecordError("spf-domain-spec", "the domain is missing", start)
    if check(text, start):
        return  # anything may come of it
    name = text.removesuffix(".")
    labels = name.split(".")
    if len(labels) < 2 and "%" not in text:
        message = f"`{shown(text)}` is a single label"
        raise RecordError("spf-domain-spec", message, start, "", len(text))
    last = labels[-1]
    if not _TOP_LABEL.match(last):
        message = f"`{shown(last)}` is no top-level label"
        at = start + len(name) - len(last)
        raise RecordError("spf-domain-spec", message, at, "", len(last))
    if "%" in text:
        return
    at = start
    for label in labels:
        if not 1 <= len(label) <= 63:
            what = "an empty label" if not label else "a label of more than 63 characters"
            message = f"`{shown(text)}` has {what}"
            raise RecordError("spf-domain-spec", message, at, "", len(label))
        at += len(label) + 1
    if len(name) > 253:
        message = "the name has more than 253 characters"
        raise RecordError("spf-domain-spec", message, start, "", len(text))


def lower(domain_spec: str) -> str:
    """The domain-spec in lower case; an upper-case macro letter means URL-encoding and stays."""
    if "%" not in domain_spec:
        return domain_spec.lower()
    parts: list[str] = []
    end = 0
    for macro in _MACRO.finditer(domain_spec):
        parts += [domain_spec[end : macro.start()].lower(), macro[0]]
        end = macro.end()
    return "".join(parts) + domain_spec[end:].lower()
