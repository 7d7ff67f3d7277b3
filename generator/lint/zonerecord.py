"""One record of a zone file: its data in canonical form, and what is lost in how it is written."""

from __future__ import annotations

import ipaddress
import re
from itertools import pairwise
from typing import NamedTuple

from generator.records import spf
from generator.records.error import RecordError
from generator.zonefile import Record, ZoneFileError

_HOSTED = frozenset({"CNAME", "NS", "PTR", "DNAME"})
_ADDRESSES = {"A": ipaddress.IPv4Address, "AAAA": ipaddress.IPv6Address}
# `v=DMARC1; p=none` without quotes: what follows the semicolon is a comment.
_TAGS = re.compile(rb"[ \t]*;[ \t]*[A-Za-z]{1,6}[ \t]*=", re.ASCII)
_MAIL = (b"v=dmarc1", b"v=dkim1", b"k=rsa", b"k=ed25519", b"v=stsv1", b"v=tlsrptv1", b"v=bimi1")


class Read(NamedTuple):
    """A record's data as `Value.text`, and (rule, message, help) of what its writing loses.

    Where something is lost, ``text`` is what was meant.  ``relative``: it leads to a name that
    was written without its final dot.
    """

    text: str
    lost: tuple[tuple[str, str, str], ...] = ()
    relative: bool = False


def read(record: Record, text: bytes) -> Read:
    """Read the data; names are made absolute.  Raises ZoneFileError.

    ``text`` is the file that the record stands in.
    """
    type, tokens = record.type, record.tokens
    if type in ("TXT", "SPF"):
        return _text(record, tokens, text)
    try:
        leads = type in _HOSTED or type == "MX"
        return Read(_data(record, type, tokens), relative=leads and tokens[-1][-1:] != b".")
    except ZoneFileError as error:
        rule = "zone-record" if error.rule == "zone-file" else error.rule
        raise ZoneFileError(error.message, error.line, rule) from None


def _data(record: Record, type: str, tokens: tuple[bytes, ...]) -> str:
    if tokens[0] == b"\\#":
        return _generic(record, tokens)
    if type in _HOSTED:
        _require(len(tokens) == 1, f"{type} data are one name", record)
        return record.name(0).decode("ascii")
    if type == "MX":
        _require(len(tokens) == 2, "MX data are a preference and a name", record)
        number = tokens[0]
        sound = number.isdigit() and len(number) <= 5 and int(number) < 1 << 16
        _require(sound, f"preference {_shown(number)} is no number up to 65535", record)
        return f"{int(number)} {record.name(1).decode('ascii')}"
    if type in _ADDRESSES:
        given = _shown(tokens[0])
        try:
            _require(len(tokens) == 1 and "%" not in given, f"{type} data are one address", record)
            return str(_ADDRESSES[type](given))
        except ValueError as error:
            if isinstance(error, ZoneFileError):
                raise
            raise ZoneFileError(f"`{given}` is no {type} data", record.line) from None
    return b" ".join(tokens).decode("ascii", "backslashreplace")


def _require(sound: bool, message: str, record: Record) -> None:
    if not sound:
        raise ZoneFileError(message, record.line)


def _shown(token: bytes) -> str:
    return token[:60].decode("ascii", "backslashreplace")


def _generic(record: Record, tokens: tuple[bytes, ...]) -> str:
    r"""Data as ``\# length hex`` (RFC 3597 5) in the type's own form; dnspython knows them all."""
    import dns.exception
    import dns.name
    import dns.rdata

    raw = b" ".join(tokens).decode("ascii", "backslashreplace")
    try:
        made = dns.rdata.from_text("IN", record.type, raw, origin=dns.name.root, relativize=False)
    except (dns.exception.DNSException, ValueError, ArithmeticError):
        message = f"the octets behind \\# are no {record.type} data"
        raise ZoneFileError(message, record.line) from None
    return str(made.to_text()).lower() if record.type in (*_HOSTED, "MX") else made.to_text()


# --- texts -----------------------------------------------------------------------------------


def _text(record: Record, tokens: tuple[bytes, ...], text: bytes) -> Read:
    strings = record.texts()
    last = tokens[-1]
    if last[:1] != b'"' and last.lower().startswith(_MAIL) and _TAGS.match(text, record.data_end):
        end = text.find(b"\n", record.data_end)
        behind = text[record.data_end : end if end >= 0 else len(text)]
        message = "the text ends at the semicolon: what follows is a comment"
        lost = ("zone-unquoted-semicolon", message, "put the text in quotes")
        return Read(_decoded(b"".join(strings) + behind.rstrip()), (lost,))
    joined = _joined(strings) if len(strings) > 1 and _begins(strings) else ""
    if joined:
        message = f"the strings join to `{joined[:60]}`: nothing stands between them"
        help = "begin the second string with a space"
        if all(token[:1] != b'"' for token in tokens):
            help = "put the whole record in quotes"
        return Read(_decoded(b" ".join(strings)), (("spf-join-space", message, help),))
    return Read(_decoded(b"".join(strings)))


def _decoded(octets: bytes) -> str:
    """TXT holds octets; what is not ASCII is UTF-8 more often than not."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _begins(strings: tuple[bytes, ...]) -> bool:
    return strings[0][: len(spf.VERSION)].lower() == spf.VERSION.encode("ascii")


def _joined(strings: tuple[bytes, ...]) -> str:
    """What two terms of SPF become where one string ends and the next begins; or nothing."""
    for before, after in pairwise(strings):
        left, right = before.rpartition(b" ")[2], after.partition(b" ")[0]
        if left and right and _is_term(left) and _is_term(right):
            return (left + right).decode("ascii", "replace")
    return ""


def _is_term(octets: bytes) -> bool:
    text = octets.decode("ascii", "replace")
    if text.lower() == spf.VERSION:
        return True
    try:
        spf.parse_term(text)
    except RecordError:
        return False
    return True
