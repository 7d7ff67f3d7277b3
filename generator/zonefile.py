"""Master files (RFC 1035 5.1) as tokens with their places in the text.

The lexer knows quotes, escapes, comments and parentheses and keeps every token's octets where they
are, so that a caller can change one token and leave the rest as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    rb"""(?P<space>[ \t]+)
    |(?P<comment>;[^\n]*)
    |(?P<end>\r?\n)
    |(?P<open>\()
    |(?P<close>\))
    |(?P<quoted>"(?:[^"\\\n]|\\[^\n])*")
    |(?P<word>(?:[^\s;()"\\]|\\[^\n])+)
    """,
    re.VERBOSE,
)


class ZoneFileError(ValueError):
    """The text is no master file; ``line`` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"line {line}: {message}")
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a quoted string: its octets (quotes included) and where they begin."""

    text: bytes
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record or directive.  ``blank`` is True if the owner was left out."""

    tokens: tuple[Token, ...]
    blank: bool
    line: int


def entries(text: bytes) -> Iterator[Entry]:
    """The entries of a master file.  Raises ZoneFileError for unbalanced quotes or parentheses."""
    position, line, depth = 0, 1, 0
    tokens: list[Token] = []
    blank, first_line, fresh = False, 1, True
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            what = (
                "a string without its closing quote"
                if text[position : position + 1] == b'"'
                else "a stray character"
            )
            raise ZoneFileError(what, line)
        kind = found.lastgroup
        if kind == "space":
            blank = blank or (fresh and not depth)
        elif kind == "end":
            line += 1
            if not depth:
                if tokens:
                    yield Entry(tuple(tokens), blank, first_line)
                tokens, blank = [], False
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            if depth < 0:
                raise ZoneFileError("`)` without `(`", line)
        elif kind != "comment":
            if not tokens:
                first_line = line
            tokens.append(Token(found[0], found.start()))
        fresh = kind == "end" and not depth
        position = found.end()
    if depth:
        raise ZoneFileError("`(` without `)`", line)
    if tokens:
        yield Entry(tuple(tokens), blank, first_line)


def soa_serial(text: bytes) -> Token:
    """The serial of the file's SOA record.  Raises ZoneFileError if there is not exactly one."""
    found: Token | None = None
    for entry in entries(text):
        words = [token.text.upper() for token in entry.tokens]
        # [owner] [ttl] [class] SOA mname rname serial ...; an owner may itself be called SOA.
        start = 0 if entry.blank else 1
        for index in range(start, min(start + 3, len(words))):
            if words[index] == b"SOA" and len(words) > index + 3 and words[index + 3].isdigit():
                if found is not None:
                    raise ZoneFileError("a second SOA record", entry.line)
                found = entry.tokens[index + 3]
                break
    if found is None:
        raise ZoneFileError("no SOA record", 1)
    return found


def includes(text: bytes) -> list[str]:
    """The file names that the file's $INCLUDE directives give."""
    names = []
    for entry in entries(text):
        if entry.tokens[0].text.upper() == b"$INCLUDE" and len(entry.tokens) > 1:
            names.append(entry.tokens[1].text.strip(b'"').decode("utf-8", "replace"))
    return names
