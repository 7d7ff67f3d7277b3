"""Report addresses: the URIs of DMARC (RFC 9989 4.8) and TLS-RPT (RFC 8460 3) records.

Both take RFC 3986 URIs in which comma, semicolon and exclamation mark are percent-encoded.
"""

from __future__ import annotations

import re
from functools import lru_cache

from generator.records.error import RecordError, shown

_PLAIN = r"[A-Za-z0-9._~$&'*+()=:-]|%[0-9A-Fa-f]{2}"
_PCHAR = rf"(?:{_PLAIN}|@)"
_REST = rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:\#(?:{_PCHAR}|[/?])*)?"
_AUTHORITY = rf"(?P<user>(?:{_PLAIN})*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|(?:{_PLAIN.replace(':', '')})*)(?::\d*)?"
_URI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*:(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/?(?:{_PCHAR}+(?:/{_PCHAR}*)*)?){_REST}",
    re.ASCII,
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
_LABEL = r"[A-Za-z0-9_-]{1,63}"
# RFC 6068 2: the atoms of an address, in the characters that a URI leaves them.  `&` and `=` should
# be encoded too, but every reader takes them as they are.
_ATOM = r"(?:[A-Za-z0-9_~$&'*+=-]|%[0-9A-Fa-f]{2})+"
_MAILTO = re.compile(
    rf"mailto:{_ATOM}(?:\.{_ATOM})*@({_LABEL}(?:\.{_LABEL})*)(?:\?(?:{_PCHAR}|[/?])*)?",
    re.IGNORECASE | re.ASCII,
)
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?|\[.*\]", re.ASCII)
_SIZE = re.compile(r"!(\d+[kmgt]?)\Z", re.IGNORECASE | re.ASCII)
_RAW = re.compile(r"[,;!]")
_EXAMPLE = "mailto:name@example.com"


def split_size(uri: str) -> tuple[str, str]:
    """A report address and its size limit, as in `mailto:a@example.com!10m`; empty if it has none.

    The limit is an obsolete addition of RFC 7489; reporters ignore it (RFC 9989 4.8).
    """
    found = _SIZE.search(uri)
    return (uri[: found.start()], found[1]) if found else (uri, "")


@lru_cache(maxsize=4096)
def mailto_host(uri: str) -> str:
    """The host of a mailto: address, in lower case.

    Raises RecordError: ``rua-smtputf8``, ``rua-encoding`` or ``rua-scheme``.
    """
    _check_ascii(uri)
    if uri[:7].lower() != "mailto:":
        help = f"mailto:{uri}" if _MAILTO.fullmatch(f"mailto:{uri}") else _EXAMPLE
        message = f"`{shown(uri)}` is no mailto: address"
        raise RecordError("rua-scheme", message, 0, help, len(uri))
    _check_encoding(uri)
    found = _MAILTO.fullmatch(uri)
    if found is None:
        message = f"`{shown(uri)}` is no mail address"
        raise RecordError("rua-scheme", message, 7, _EXAMPLE, len(uri) - 7)
    return found[1].lower()


@lru_cache(maxsize=4096)
def check_uri(uri: str) -> str:
    """The scheme of a URI, in lower case; one with mailto: must hold an address.

    Raises RecordError: ``rua-smtputf8``, ``rua-encoding`` or ``rua-scheme``.
    """
    scheme = _SCHEME.match(uri)
    if scheme is None or scheme[1].lower() == "mailto":
        mailto_host(uri)
        return "mailto"
    _check_ascii(uri)
    _check_encoding(uri)
    found = _URI.fullmatch(uri)
    if found is None or not _sound_host(found["host"] or ""):
        raise RecordError("rua-scheme", f"`{shown(uri)}` is no URI", 0, _EXAMPLE, len(uri))
    return scheme[1].lower()


def host(uri: str) -> str:
    """The host of a URI that `check_uri` has let pass, in lower case.

    Empty if it has none, or something else than a DNS name or an IPv6 address in brackets; also
    with a user's name before it, which an https: URI may not have (RFC 9110 4.2.4).
    """
    found = _URI.fullmatch(uri)
    if found is None or found["user"] is not None:
        return ""
    name = (found["host"] or "").lower()
    return name if _HOST.fullmatch(name) else ""


def _check_ascii(uri: str) -> None:
    if not uri.isascii():
        at = next(at for at, char in enumerate(uri) if not char.isascii())
        message = f"`{shown(uri)}` is not ASCII"
        raise RecordError("rua-smtputf8", message, at, "RFC 8616 section 6", 1)


def _check_encoding(uri: str) -> None:
    found = _RAW.search(uri)
    if found is not None:
        help = f"percent-encode it: %{ord(found[0]):02X}"
        message = f"raw `{found[0]}` in a report address"
        raise RecordError("rua-encoding", message, found.start(), help, 1)


def _sound_host(text: str) -> bool:
    """False for brackets around what is no IPv6 address."""
    if not text.startswith("["):
        return True
    import ipaddress

    try:
        ipaddress.IPv6Address(text[1:-1])
    except ValueError:
        return False
    return True
