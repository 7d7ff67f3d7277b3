"""TLS-RPT records (RFC 8460 3): where reports about encrypted delivery go."""

from __future__ import annotations

from dataclasses import dataclass

from generator.records import fields
from generator.records.error import RecordError, shown
from generator.records.uri import check_uri, host

VERSION = "TLSRPTv1"
SCHEMES = ("mailto", "https")

_RULE = "tlsrpt-record"
_SPACES = " \t"


@dataclass(frozen=True, slots=True)
class TlsRpt:
    """The TXT record at ``_smtp._tls``.

    ``rua`` are the URIs that reports go to, mailto: or https:.  ``extensions`` are fields that the
    standard does not know.
    """

    rua: tuple[str, ...]
    extensions: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        parts = [f"v={VERSION}", f"rua={','.join(self.rua)}"]
        return "; ".join([*parts, *(f"{name}={value}" for name, value in self.extensions)])


def is_tls_rpt(text: str) -> bool:
    """True if senders take the TXT record at a _smtp._tls name for TLS-RPT (RFC 8460 3)."""
    return fields.begins(text, VERSION)


def parse(text: str) -> TlsRpt:
    """The record that the text is; several rua fields are one list.

    Raises RecordError (``tlsrpt-record``).
    """
    addresses: list[str] = []
    extensions: dict[str, str] = {}
    for field in fields.parse(text, VERSION, _RULE):
        if field.name == "rua":
            addresses += _addresses(field)
            continue
        if field.name in extensions:
            message = f"field {field.name}= appears twice"
            raise RecordError(_RULE, message, field.offset, length=len(field.name))
        fields.check_extension(field, _RULE)
        extensions[field.name] = field.value
    if not addresses:
        raise RecordError(_RULE, "the record has no rua=", len(text), "rua=mailto:tls@example.com")
    return TlsRpt(tuple(addresses), tuple(extensions.items()))


def check_address(uri: str) -> str:
    """The scheme of a report address.  Raises RecordError (``tlsrpt-record``)."""
    try:
        scheme = check_uri(uri)
    except RecordError as error:
        raise error.moved(0, _RULE) from None
    if scheme not in SCHEMES:
        message = f"`{shown(uri)}` is neither a mailto: nor an https: address"
        raise RecordError(_RULE, message, 0, "mailto:tls@example.com", len(uri))
    if scheme == "https" and not host(uri):
        message = f"`{shown(uri)}` names no host"
        raise RecordError(_RULE, message, 0, "https://tls.example.com/report", len(uri))
    return scheme


def _addresses(field: fields.Field) -> list[str]:
    found: list[str] = []
    offset = field.value_offset
    for piece in field.value.split(","):
        uri = piece.strip(_SPACES)
        start = offset + len(piece) - len(piece.lstrip(_SPACES))
        if not uri:
            raise RecordError(_RULE, "an address is missing beside a comma", start)
        try:
            check_address(uri)
        except RecordError as error:
            raise error.moved(start) from None
        found.append(uri)
        offset += len(piece) + 1
    return found
