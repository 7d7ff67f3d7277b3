"""Master files (RFC 1035 5.1): the only reader, fast, and with every record's place in the text.

It knows directives, blank owners, parentheses, quotes, escapes and comments.  What it accepts means
exactly what BIND and dnspython read.  Where these differ, or where the text is more likely a slip
than meant, it refuses: a wrong guess would be a changed record.  Data are kept as words; only TXT
data and names have a meaning here.  tests/zonefile holds it to the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from generator.zonefile.tokens import TOKEN, Entry, Token, entries, entry
from generator.zonefile.words import (
    TTL_FORM,
    ZoneFileError,
    absolute,
    generic_data,
    inside,
    texts,
    ttl,
    unescape,
)

MAX_INCLUDES = 20  # levels
MAX_DATA = 1 << 18  # octets of text: 65,535 octets of data, each written as \DDD

_SKIP = re.compile(rb"(?:[ \t]*+(?:;[^\r\n]*+)?\r?\n)+")
# A record on one line, in ASCII, without parentheses and escapes: nearly every record there is.
_ITEM = rb"""(?:[^\x00-\x20\x7f-\xff;()"\\]++|"[^"\\\x00-\x08\x0a-\x1f\x7f]*+")"""
_SIMPLE = re.compile(
    rb"""(?P<owner>(?!\$)[^\x00-\x20\x7f-\xff;()"\\]++)?
    [ \t]++(?:(?P<ttl>\d\w*+)[ \t]++)?(?:[iI][nN][ \t]++)?(?:(?P<ttl2>\d\w*+)[ \t]++)?
    (?P<type>[A-Za-z][A-Za-z0-9-]*+)[ \t]++(?P<data>%b(?:[ \t]++%b)*)
    [ \t]*+(?:;[^\r\n]*+)?(?:\r?\n|\Z)"""
    % (_ITEM, _ITEM),
    re.VERBOSE,
)
_SIMPLE_DATA = 255  # octets; longer data are looked at closely
# Other types (TYPE16, SOA, words that are classes) are looked at closely, too.
_SIMPLE_TYPES = {
    b"A": "A", b"AAAA": "AAAA", b"CAA": "CAA", b"CNAME": "CNAME", b"DS": "DS", b"MX": "MX",
    b"NAPTR": "NAPTR", b"NS": "NS", b"PTR": "PTR", b"SRV": "SRV", b"TLSA": "TLSA", b"TXT": "TXT",
}  # fmt: skip
_TYPE = re.compile(rb"[A-Za-z][A-Za-z0-9-]*+")
_NUMBERED = re.compile(rb"TYPE(\d{1,5})", re.IGNORECASE)
_CLASS = re.compile(
    rb"CLASS\d+|IN|CH|HS|CS|ANY|NONE|CHAOS|HESIOD|INTERNET|RESERVED0", re.IGNORECASE
)
_UNSURE = -1  # a TTL that name servers do not agree on


@dataclass(slots=True, eq=False)
class Record:
    """A record of a master file.

    ``owner`` is absolute, in lower case, with its final dot.  ``ttl`` is in seconds.  ``origin`` is
    what relative names in the data refer to.  ``start`` and ``end`` span the whole lines of the
    record, ``data_start`` and ``data_end`` its data from the first word to the last, with what
    parentheses and comments stand between them.
    """

    _text: bytes
    owner: bytes
    ttl: int
    type: str
    origin: bytes
    blank: bool
    line: int
    start: int
    end: int
    data_start: int
    data_end: int

    def text_is(self, text: bytes) -> bool:
        """True if the record stands in this very text, not in an included one."""
        return self._text is text

    @property
    def meaning(self) -> tuple[bytes, int, str, bytes, tuple[bytes, ...]]:
        """Equal for two records only if they are the same record."""
        return (self.owner, self.ttl, self.type, self.origin, self.tokens)

    @property
    def tokens(self) -> tuple[bytes, ...]:
        """The data as words and quoted strings."""
        return tuple(
            found[0]
            for found in TOKEN.finditer(self._text, self.data_start, self.data_end)
            if found.lastgroup in ("word", "quoted")
        )

    def texts(self) -> tuple[bytes, ...]:
        """The character-strings of TXT data, unescaped.  Raises ZoneFileError."""
        return texts(self.tokens, self.line)

    def name(self, index: int) -> bytes:
        """The token at ``index`` as an absolute name.  Raises ZoneFileError."""
        tokens = self.tokens
        if index >= len(tokens) or tokens[0] == b"\\#":
            raise ZoneFileError(f"{self.type} data without a name in place {index + 1}", self.line)
        return absolute(tokens[index], self.origin, self.line)


def _head(made: Entry) -> tuple[bytes | None, int]:
    """The TTL that a record states, and the index of its type, where there may be none."""
    given: bytes | None = None
    seen_class = False
    at = 0 if made.blank else 1
    while at < len(made.tokens):
        word = made.tokens[at].text
        if given is None and ttl(word) is not None:
            given = word
        elif not seen_class and _CLASS.fullmatch(word):
            if word.upper() not in (b"IN", b"CLASS1"):
                raise ZoneFileError(f"class {word.decode('ascii')}; only IN is read", made.line)
            seen_class = True
        else:
            break
        at += 1
    return given, at


def _type(word: bytes, line: int) -> str:
    """The type that a word names, by its mnemonic if it has one."""
    numbered = _NUMBERED.fullmatch(word)
    if numbered:
        import dns.rdatatype as types

        number = int(numbered[1])
        if 0 < number < 1 << 16 and not types.is_metatype(types.RdataType.make(number)):
            return types.to_text(types.RdataType.make(number))
    elif _TYPE.fullmatch(word) and not _CLASS.fullmatch(word):
        return word.upper().decode("ascii")
    raise ZoneFileError(f"{word[:40].decode('ascii', 'replace')} is no type of record", line)


@dataclass(slots=True)
class _State:
    """What one record leaves behind for the next (RFC 1035 5.1, RFC 2308 4)."""

    origin: bytes
    owner: bytes | None
    default: int | None = None  # $TTL
    last: int | None = None  # the TTL that was stated last
    minimum: int | None = None  # of an SOA without a TTL: the default of files older than $TTL

    def implied(self, line: int) -> int:
        """The TTL of a record that states none."""
        if self.default is not None:
            return self.default
        seconds = self.last
        if self.minimum is not None:
            # BIND stays with the minimum, dnspython takes what was stated last.
            seconds = self.minimum if self.last in (None, self.minimum) else _UNSURE
        if seconds is None:
            raise ZoneFileError("no TTL: neither here, nor before, nor by $TTL", line)
        if seconds == _UNSURE:
            raise ZoneFileError("name servers differ on the TTL here; write it, or use $TTL", line)
        return seconds


class Reader:
    """Reads one master file and what it includes.

    ``include`` returns the text of a file that $INCLUDE names, or raises ZoneFileError; without
    it, included files are passed over and `skipped` lists them.  `outside` holds the records that
    are not in the zone, which name servers ignore.
    """

    def __init__(self, origin: str, include: Callable[[str], bytes] | None = None) -> None:
        self.zone = origin.encode("ascii").lower()
        self.include = include
        self.skipped: list[str] = []
        self.outside: list[Record] = []
        self.records: list[Record] = []
        self._ttls: dict[tuple[bytes, str], int] = {}

    def read(self, text: bytes) -> list[Record]:
        """The records of the zone, in the order of the file.  Raises ZoneFileError."""
        self.skipped, self.outside, self.records, self._ttls = [], [], [], {}
        self._read(text, _State(self.zone, None), 0)
        return self.records

    def _read(self, text: bytes, state: _State, level: int) -> None:
        position, line, size = 0, 1, len(text)
        after_include = False
        while position < size:
            empty = _SKIP.match(text, position)
            if empty is not None:
                line += empty[0].count(b"\n")
                position = empty.end()
                continue
            simple = _SIMPLE.match(text, position)
            if simple is not None and not after_include and self._simple(text, simple, line, state):
                position = simple.end()
                line += 1
                continue
            made, position, line = entry(text, position, line)
            if made is None:
                continue
            if made.directive:
                bare_include = made.directive == b"$INCLUDE" and len(made.tokens) == 2
                if text[position - 1] != 0x0A and not bare_include:
                    raise ZoneFileError("BIND wants a line end after the directive", made.line)
                after_include = self._directive(made, state, level) or after_include
                continue
            if after_include and made.blank:
                raise ZoneFileError("a record without an owner right after $INCLUDE", made.line)
            after_include = False
            self._entry(text, made, state)

    def _simple(self, text: bytes, found: re.Match[bytes], line: int, state: _State) -> bool:
        """Take over a record that `_SIMPLE` found, unless it needs a closer look."""
        owner, given, given2, kind, data = found.group("owner", "ttl", "ttl2", "type", "data")
        type = _SIMPLE_TYPES.get(kind.upper())
        if type is None or (given and given2) or len(data) > _SIMPLE_DATA:
            return False
        if owner:
            state.owner = absolute(owner, state.origin, line)
        spans = (*found.span(), *found.span("data"))
        self._add(text, line, state, given or given2, type, not owner, spans)
        return True

    def _entry(self, text: bytes, made: Entry, state: _State) -> None:
        given, at = _head(made)
        words = made.tokens[at + 1 :]
        if not words:
            raise ZoneFileError("no record: an owner, a type and data are needed", made.line)
        type = _type(made.tokens[at].text, made.line)
        data = tuple(word.text for word in words)
        if sum(map(len, data)) > MAX_DATA:
            raise ZoneFileError(f"data of more than {MAX_DATA} characters", made.line)
        if not made.blank:
            state.owner = absolute(made.tokens[0].text, state.origin, made.line)
        for word in words:
            unescape(word.text, word.line)
            if not word.quoted and not word.text.isascii():  # it may be a name, see `_labels`
                raise ZoneFileError(
                    "an octet beyond ASCII outside quotes", word.line, "zone-u-label"
                )
        generic_data(data, made.line)
        if type == "TXT":
            texts(data, made.line)
        if type == "SOA":
            if state.owner not in (self.zone, None):
                message = "an SOA record that is not at the top of the zone"
                raise ZoneFileError(message, made.line, "zone-soa")
            if data[0] != b"\\#" and (len(data) != 7 or not all(map(TTL_FORM.fullmatch, data[2:]))):
                raise ZoneFileError("SOA data are two names and five numbers", made.line)
            if (given, state.default, state.last, state.minimum) == (None, None, None, None):
                state.minimum = ttl(data[-1])
        spans = (made.start, made.end, words[0].start, words[-1].end)
        self._add(text, made.line, state, given, type, made.blank, spans)

    def _add(
        self, text: bytes, line: int, state: _State, given: bytes | None, type: str, blank: bool,
        spans: tuple[int, int, int, int],
    ) -> None:  # fmt: skip
        if state.owner is None:
            raise ZoneFileError("the first record has no owner", line)
        seconds = state.implied(line) if given is None else ttl(given)
        if seconds is None:
            message = f"TTL {(given or b'')[:40].decode('ascii')} is malformed"
            raise ZoneFileError(message, line, "zone-ttl")
        record = Record(text, state.owner, seconds, type, state.origin, blank, line, *spans)
        in_zone = inside(state.owner, self.zone)
        (self.records if in_zone else self.outside).append(record)
        if given is not None and seconds != state.last:
            # BIND remembers the TTL of a record outside the zone, dnspython does not.
            state.last = seconds if in_zone else _UNSURE
        if state.default is None and self._ttls.setdefault((state.owner, type), seconds) != seconds:
            state.last = _UNSURE  # BIND gives what follows the TTL that it knows of this RRset

    def _directive(self, made: Entry, state: _State, level: int) -> bool:
        """Obey a directive; True if it was $INCLUDE."""
        name, line = made.directive, made.line
        given = [token.text for token in made.tokens[1:]]
        if name == b"$ORIGIN" and len(given) == 1:
            state.origin = absolute(given[0], state.origin, line)
        elif name == b"$TTL" and len(given) == 1:
            state.default = ttl(given[0])
            if state.default is None:
                raise ZoneFileError("$TTL takes a number of seconds", line)
        elif name == b"$INCLUDE" and len(given) in (1, 2):
            origin = absolute(given[1], state.origin, line) if len(given) == 2 else state.origin
            self._include(_file(made), origin, state, level, line)
        elif name == b"$GENERATE":
            raise ZoneFileError("$GENERATE is not read; write its records out", line)
        else:
            shown = name[:40].decode("ascii", "replace")
            raise ZoneFileError(f"directive {shown} is malformed or unknown", line)
        return name == b"$INCLUDE"

    def _include(self, file: str, origin: bytes, state: _State, level: int, line: int) -> None:
        """Read an included file.  Origin and owner end with it; on TTLs name servers differ."""
        if self.include is None:
            self.skipped.append(file)
            state.last = _UNSURE
            return
        if level >= MAX_INCLUDES:
            raise ZoneFileError("$INCLUDE nested too deeply", line)
        try:
            text = self.include(file)
        except ZoneFileError as error:
            raise ZoneFileError(error.message, line) from None
        shown = file.encode("utf-8", "replace").decode("utf-8")
        inner = _State(origin, state.owner, state.default, state.last, state.minimum)
        try:
            self._read(text, inner, level + 1)
        except ZoneFileError as error:
            raise ZoneFileError(f"in {shown}, {error}", line) from None
        if inner.default != state.default:
            message = f"{shown} sets $TTL: name servers differ on what that means here"
            raise ZoneFileError(message, line)
        if (inner.last, inner.minimum) != (state.last, state.minimum):
            state.last = _UNSURE  # BIND goes on with the included file's TTL, dnspython does not


def _file(made: Entry) -> str:
    """The file that an $INCLUDE directive names."""
    name = made.tokens[1].text
    if b"\\" in name:  # name servers do not unescape it
        raise ZoneFileError("a backslash in a file name", made.line)
    return name.strip(b'"').decode("utf-8", "surrogateescape")


def soa_serial(text: bytes) -> Token:
    """The serial of the file's SOA record.  Raises ZoneFileError if there is not exactly one."""
    found: Token | None = None
    for made in entries(text):
        at = len(made.tokens) if made.directive else _head(made)[1]
        if at + 3 >= len(made.tokens) or made.tokens[at].text.upper() != b"SOA":
            continue
        if found is not None:
            raise ZoneFileError("a second SOA record", made.line)
        found = made.tokens[at + 3]
        if not found.text.isdigit() or len(found.text) > 10 or int(found.text) >> 32:
            shown = found.text[:40].decode("ascii", "replace")
            raise ZoneFileError(f"the serial {shown} is no number of at most 32 bits", made.line)
    if found is None:
        raise ZoneFileError("no SOA record", 1)
    return found


def includes(text: bytes) -> list[str]:
    """The file names that the file's $INCLUDE directives give.  Raises ZoneFileError."""
    directives = [made for made in entries(text) if made.directive == b"$INCLUDE"]
    return [_file(made) for made in directives if len(made.tokens) > 1]
