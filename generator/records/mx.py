"""MX data (RFC 1035 3.3.9), the null MX of RFC 7505 included."""

from __future__ import annotations

import re
from typing import NamedTuple

from generator.records.error import RecordError, shown

# A DNS name of any printable labels; whether a host should be called so is not decided here.
_LABEL = r"[^\s.;()\"\\]{1,63}"
_NAME = re.compile(rf"\.|(?:{_LABEL}\.)*{_LABEL}\.?")
_FORM = re.compile(r"\s*(\d+)[ \t]+(\S+)\s*", re.ASCII)
_EXAMPLE = "10 mx.example.com"


class Mx(NamedTuple):
    """One mail exchange.  ``host`` is absolute, with its final dot; ``.`` means no mail."""

    preference: int
    host: str

    @property
    def null(self) -> bool:
        """RFC 7505: this domain accepts no mail."""
        return self.host == "."

    def __str__(self) -> str:
        return f"{self.preference} {self.host}"


NULL = Mx(0, ".")


def parse(text: str) -> Mx:
    """MX data as in a zone file, the host absolute with or without its final dot.

    Raises RecordError.  RFC 7505 3: a null MX has preference 0.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        message = f"`{shown(text)}` is no MX data"
        raise RecordError("zone-record", message, 0, _EXAMPLE, len(text))
    if len(found[1]) > 5 or int(found[1]) > 65535:
        message = f"preference {found[1][:20]} is more than 65535"
        raise RecordError("zone-record", message, found.start(1), _EXAMPLE, len(found[1]))
    host, at = found[2].lower(), found.start(2)
    printable = host.isascii() and host.isprintable()
    if not printable or not _NAME.fullmatch(host) or len(host.removesuffix(".")) > 253:
        message = f"`{shown(host)}` is no host name"
        raise RecordError("zone-record", message, at, "", len(found[2]))
    record = Mx(int(found[1]), host if host.endswith(".") else host + ".")
    if record.null and record.preference:
        message = "a null MX has preference 0"
        raise RecordError("zone-null-mx-mixed", message, found.start(1), "0 .", len(found[1]))
    return record
