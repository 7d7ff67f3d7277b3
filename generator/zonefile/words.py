"""Words of a master file: escapes, names, TTLs and strings (RFC 1035 5.1, RFC 3597 5)."""

from __future__ import annotations

import re

MAX_TTL = 2**31 - 1  # RFC 2181 8; BIND makes 0 of more, dnspython keeps it

TTL_FORM = re.compile(rb"(?:\d+[wdhms])+|\d+", re.IGNORECASE)
_TTL_PART = re.compile(rb"(\d+)([wdhms]?)", re.IGNORECASE)
_UNITS = {b"w": 604800, b"d": 86400, b"h": 3600, b"m": 60, b"s": 1, b"": 1}
_PLAIN_NAME = re.compile(rb"""(?:[^.\\@$"\x80-\xff]{1,63}(?:\.|\Z))+""")
_OCTET = re.compile(rb"\\\d{3}|\\?.", re.DOTALL)  # of a word, perhaps escaped
_ESCAPE = re.compile(rb"\\(?:(\d{3})|([^\d]))")


class ZoneFileError(ValueError):
    """The text is no master file that can be read safely.

    ``line`` counts from 1, ``rule`` is the rule that a single record breaks.
    """

    def __init__(self, message: str, line: int, rule: str = "zone-file") -> None:
        super().__init__(f"line {line}: {message}")
        self.message = message
        self.line = line
        self.rule = rule


def unescape(token: bytes, line: int = 1) -> bytes:
    """The octets that a word or quoted string stands for (RFC 1035 5.1).  Raises ZoneFileError."""
    if token[:1] == b'"':
        token = token[1:-1]
    if b"\\" not in token:
        return token

    def plain(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return found[2]
        if int(found[1]) > 255:
            raise ZoneFileError(f"\\{found[1].decode()} is no octet", line, "zone-escape")
        return bytes([int(found[1])])

    if b"\\" in _ESCAPE.sub(b"", token):
        message = "a backslash before digits takes three of them"
        raise ZoneFileError(message, line, "zone-escape")
    return _ESCAPE.sub(plain, token)


def generic_data(tokens: tuple[bytes, ...], line: int) -> bytes | None:
    r"""The octets of data in the form ``\# length hex`` (RFC 3597 5), None for any other form."""
    if tokens[0] != b"\\#":
        return None
    try:
        octets = bytes.fromhex(b"".join(tokens[2:]).decode("latin-1"))
    except ValueError:
        octets = None
    if octets is None or len(tokens) < 2 or tokens[1] != b"%d" % len(octets):
        raise ZoneFileError("\\# takes a length and as many octets in hexadecimal", line)
    return octets


def texts(tokens: tuple[bytes, ...], line: int) -> tuple[bytes, ...]:
    """The character-strings of TXT data.  Raises ZoneFileError."""
    generic = generic_data(tokens, line)
    made = [] if generic is not None else [unescape(token, line) for token in tokens]
    at = 0
    while generic and at < len(generic):
        made.append(generic[at + 1 : at + 1 + generic[at]])
        if len(made[-1]) < generic[at]:
            raise ZoneFileError("\\# data that are no strings", line)
        at += 1 + generic[at]
    if any(len(text) > 255 for text in made):
        raise ZoneFileError("a string of more than 255 octets", line, "zone-string-length")
    return tuple(made)


def absolute(token: bytes, origin: bytes, line: int = 1) -> bytes:
    """A name as an absolute one in lower case, each octet spelt as dnspython spells it.

    Raises ZoneFileError for malformed names, and for such as name servers read differently.
    """
    if token in (b"@", b"."):
        return origin if token == b"@" else token
    if _PLAIN_NAME.fullmatch(token):
        name = token.lower()
        complete = name[-1:] == b"."
    else:
        labels = _labels(token, line)
        name = b".".join(labels)
        complete = not labels[-1]
    if not complete:
        name += b"." + origin if origin != b"." else origin
    # On the wire each label's dot becomes its length, and the root adds one octet.
    if len(name) > 254 and len(_ESCAPE.sub(b"x", name)) > 254:
        raise ZoneFileError("a name of more than 255 octets", line, "zone-name-length")
    return name


def _labels(token: bytes, line: int) -> list[bytes]:
    """The labels of a name; the last one is empty if the name is absolute."""
    if token[:1] == b'"':
        raise ZoneFileError("a name in quotes", line)
    if not token.isascii():  # BIND takes the octets, dnspython makes an A-label of them
        message = "a name beyond ASCII; write it as A-labels (xn--...)"
        raise ZoneFileError(message, line, "zone-u-label")
    labels: list[list[bytes]] = [[]]
    for spelt in _OCTET.findall(token):
        if spelt == b".":
            labels.append([])
            continue
        if spelt == b"\\[" and not labels[-1]:  # a bit string once; BIND still refuses it
            raise ZoneFileError("a label that begins with \\[", line)
        octet = unescape(spelt, line).lower()
        if octet in b'"().;\\@$':
            octet = b"\\" + octet
        labels[-1].append(octet if b" " < octet < b"\x7f" else b"\\%03d" % octet[0])
    if not all(labels[:-1]):
        raise ZoneFileError(f"empty label in {token[:80].decode('ascii')}", line)
    if any(len(label) > 63 for label in labels):
        raise ZoneFileError("a label of more than 63 octets", line, "zone-name-length")
    return [b"".join(label) for label in labels]


def inside(name: bytes, zone: bytes) -> bool:
    """True if the name is the zone's or below it; both are absolute."""
    if zone in (name, b"."):
        return True
    above = name[: -len(zone)]
    if above[-1:] != b"." or not name.endswith(zone):
        return False
    return (len(above) - len(above[:-1].rstrip(b"\\"))) % 2 == 1  # the dot is not escaped


def ttl(text: bytes) -> int | None:
    """Seconds of a TTL, with BIND's units too; None if the text is none or over 31 bits."""
    if len(text) > 40 or not TTL_FORM.fullmatch(text):
        return None
    seconds = sum(int(n) * _UNITS[unit.lower()] for n, unit in _TTL_PART.findall(text))
    return seconds if seconds <= MAX_TTL else None
