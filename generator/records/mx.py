"""MX data (RFC 1035 3.3.9), the null MX of RFC 7505 included."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.records.error import RecordError

# A DNS name of any printable labels; whether a host should be called so is not decided here.
_LABEL = r"[^\s.;()\"\\]{1,63}"
_NAME = re.compile(rf"\.|(?:{_LABEL}\.)*{_LABEL}\.?")
_FORM = re.compile(r"(\d{1,5})[ \t]+(\S+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mx:
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
    found = _FORM.fullmatch(text.strip())
    if found is None or int(found[1]) > 65535:
        raise RecordError("zone-record", f"`{text[:60]}` is no MX data", 0, "10 mx.example.com")
    host = found[2].lower()
    printable = host.isascii() and host.isprintable()
    if not printable or not _NAME.fullmatch(host) or len(host.removesuffix(".")) > 253:
        raise RecordError("zone-record", f"`{host[:60]}` is no host name", text.find(found[2]))
    record = Mx(int(found[1]), host if host.endswith(".") else host + ".")
    if record.null and record.preference:
        raise RecordError("zone-null-mx-mixed", "a null MX has preference 0", 0, "0 .")
    return record
