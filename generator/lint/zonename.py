"""Which zone a file by another hand is about: its SOA says so, else $ORIGIN, else the file's name."""

from __future__ import annotations

import re

from generator.zonefile import Entry, ZoneFileError, absolute, entries

_SUFFIX = re.compile(r"\.(?:zone|inc|db|txt|master|hosts|signed|ya?ml)\Z", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\.?", re.ASCII)
_UNKNOWN = b""


def of_file(file: str) -> str:
    """The zone that a file is named after, with its final dot; empty if it is not one's name.

    ``example.com.zone``, ``db.example.com`` and ``example.com.yaml`` are about example.com.
    """
    name = _SUFFIX.sub("", file).lower().removeprefix("db.")
    return f"{name.removesuffix('.')}." if _NAME.fullmatch(name) else ""


def of_folder(folder: str) -> str:
    """The zone whose parts octoDNS reads from a folder of this name: it ends in a dot."""
    return of_file(folder) if folder.endswith(".") else ""


def of_text(text: bytes, file: str) -> str:
    """The zone that a master file is about, with its final dot; empty if that cannot be told.

    What a name server's configuration would tell is in the file only by the way: the owner of
    the SOA that it begins with, an $ORIGIN before the first record, or the file's own name.
    """
    named = of_file(file)
    try:
        origin, whole = _at_the_top(text)
    except (ZoneFileError, UnicodeError):
        return named
    above = origin.decode("ascii")
    if above in ("", ".") or (named and not whole and f".{above}".endswith(f".{named}")):
        return named  # a part of the zone, with an origin of its own
    return above


def _at_the_top(text: bytes) -> tuple[bytes, bool]:
    """What the lines up to the first record say, and whether that is an SOA.  Raises ZoneFileError."""
    origin = _UNKNOWN
    for made in entries(text):
        if made.directive == b"$ORIGIN" and len(made.tokens) == 2:
            origin = _absolute(made.tokens[1].text, origin)
        if not made.directive:
            owner = _UNKNOWN if made.blank else _absolute(made.tokens[0].text, origin)
            return (owner, True) if _is_soa(made) and owner else (origin, False)
    return origin, False


def _is_soa(made: Entry) -> bool:
    return any(token.text.upper() == b"SOA" for token in made.tokens[1:5])


def _absolute(token: bytes, origin: bytes) -> bytes:
    """The name, if it is absolute or the origin is known.  Raises ZoneFileError."""
    if origin == _UNKNOWN and (token == b"@" or token[-1:] != b"."):
        return _UNKNOWN
    return absolute(token, origin)
