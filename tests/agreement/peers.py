"""What other libraries say of a record, without any look-up in DNS.

Each function takes a record's text and returns what the peer makes of it, or None where it refuses
the text.  Whatever else a peer raises passes through and fails the test.
"""

from __future__ import annotations

import base64
import importlib
import os
from types import ModuleType
from typing import Any
from unittest import mock

import pytest


def need(name: str) -> ModuleType:
    """A library to compare with.  Tests without it are skipped, but where CI is set they fail."""
    return importlib.import_module(name) if os.environ.get("CI") else pytest.importorskip(name)


# -- checkdmarc -------------------------------------------------------------------------------------


def checkdmarc_dmarc(text: str) -> dict[str, Any] | None:
    """The tags and values that checkdmarc reads, defaults left out."""
    module = need("checkdmarc.dmarc")
    nobody = mock.patch.multiple(
        module, verify_dmarc_report_destination=mock.DEFAULT, get_mx_records=_no_answer
    )
    with nobody:
        try:
            found = module.parse_dmarc_record(text, "sender.invalid")
        except module.DMARCError:
            return None
    return {name: tag["value"] for name, tag in found["tags"].items() if tag["explicit"]}


def checkdmarc_spf(text: str) -> list[tuple[str, str]] | None:
    """The mechanisms before the first `all` as checkdmarc reads them: what to do, kind."""
    module = need("checkdmarc.spf")
    if not module._is_spf_record(text):
        return None
    offline = mock.patch.multiple(
        module,
        query_spf_record=_some_spf_record,
        get_txt_records=_no_answer,
        get_a_records=_some_address,
        get_mx_records=_some_exchange,
        query_dns=_no_answer,
    )
    with offline:
        try:
            found = module.parse_spf_record(text, "sender.invalid", ignore_too_many_lookups=True)
        except module.SPFSyntaxError:
            return None
        except (module.SPFIncludeLoop, module.SPFRedirectLoop):
            return []  # the text is sound, whatever it leads to
    return [(term["action"], term["mechanism"]) for term in found["parsed"]["mechanisms"]]


def checkdmarc_mta_sts(text: str) -> str | None:
    """The id that checkdmarc reads."""
    module = need("checkdmarc.mta_sts")
    try:
        return str(module.parse_mta_sts_record(text)["tags"]["id"])
    except module.MTASTSError:
        return None


def checkdmarc_policy(text: str) -> dict[str, Any] | None:
    """The policy file that checkdmarc reads."""
    module = need("checkdmarc.mta_sts")
    try:
        return dict(module.parse_mta_sts_policy(text)["policy"])
    except module.MTASTSError:
        return None


def checkdmarc_covers(patterns: tuple[str, ...], host: str) -> bool:
    return bool(need("checkdmarc.mta_sts").mx_in_mta_sts_patterns(host, list(patterns)))


def checkdmarc_tls_rpt(text: str) -> list[str] | None:
    """The addresses that checkdmarc reads."""
    module = need("checkdmarc.smtp_tls_reporting")
    try:
        return list(module.parse_smtp_tls_reporting_record(text)["tags"]["rua"]["value"])
    except module.SMTPTLSReportingError:
        return None


def _no_answer(*_: Any, **__: Any) -> list[str]:
    return []


def _some_address(*_: Any, **__: Any) -> list[str]:
    return ["192.0.2.1"]


def _some_exchange(*_: Any, **__: Any) -> list[dict[str, Any]]:
    return [{"hostname": "mx.sender.invalid", "preference": 10}]


def _some_spf_record(*_: Any, **__: Any) -> dict[str, Any]:
    return {"record": "v=spf1 -all", "warnings": []}


# -- pyspf ------------------------------------------------------------------------------------------


def pyspf(text: str) -> list[tuple[str, str, int]] | None:
    """The mechanisms that pyspf reads: result, kind, prefix length for IPv4 senders."""
    module = need("spf")
    raw = text.encode("utf-8", "surrogateescape")
    if not module.RE_SPF.match(raw):
        return None
    seen: list[tuple[str, str, int]] = []

    class Offline(module.query):  # type: ignore[misc, name-defined]
        """A query that sees every term of the record and asks nobody."""

        def dns(self, *_: Any, **__: Any) -> list[Any]:
            return []

        def dns_spf(self, domain: str) -> str:
            return "v=spf1"

        def check_lookups(self) -> None:
            pass

        def validate_mechanism(self, mech: str) -> Any:
            found = super().validate_mechanism(mech)
            _, kind, _, length, result = found
            seen.append((result, kind, length))
            return found

    asked = Offline(i="192.0.2.1", s="somebody@sender.invalid", h="helo.invalid", strict=True)
    try:
        result = asked.check(spf=module.to_ascii(raw))[0]
    except module.PermError:
        return None
    return None if result in ("permerror", "none") else seen


# -- DKIM -------------------------------------------------------------------------------------------


def dkimpy(text: str) -> tuple[str, int] | None:
    """Type and size of the key that dkimpy reads from a record."""
    need("nacl")  # what it reads Ed25519 keys with
    module = need("dkim")
    try:
        key, bits, kind, _ = module.evaluate_pk("selector", text.encode("ascii"))
    except (module.KeyFormatError, UnicodeEncodeError, ValueError, AssertionError):
        return None  # it asserts the form of a key's parameters
    return None if key is None else (kind.decode(), bits)


def cryptography(text: str) -> tuple[str, int] | None:
    """Type and size of an RSA key as cryptography reads it from base64."""
    module = need("cryptography.hazmat.primitives.serialization")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        made = module.load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return ("rsa", made.key_size) if isinstance(made, RSAPublicKey) else None
