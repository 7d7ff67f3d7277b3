"""Records about transport and brand by themselves: MTA-STS, TLS-RPT, CAA, TLSA, BIMI."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from generator.finding import Severity
from generator.lint.fault import Fault, of_error
from generator.records import mta_sts, tls_rpt
from generator.records.error import RecordError

# RFC 9495 4: a domain name of LDH labels, then parameters.
_ISSUER = re.compile(
    r"[ \t]*(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)?[ \t]*"
    r"(?:;[ \t]*(?:[A-Za-z0-9][A-Za-z0-9-]*[ \t]*=[ \t]*[!-:<-~]*[ \t;]*)*)?",
    re.ASCII,
)
_AGE = re.compile(r"^max_age", re.MULTILINE)


def _parsed(parse: Callable[[str], object], text: str) -> tuple[Fault, ...]:
    try:
        parse(text)
    except RecordError as error:
        return (of_error(error),)
    return ()


@lru_cache(maxsize=256)
def mta_sts_faults(text: str) -> tuple[Fault, ...]:
    """What is wrong with an MTA-STS record; or with a policy file, if the text is one."""
    if not text.lstrip().lower().startswith("version:"):
        return _parsed(mta_sts.parse, text)
    try:
        policy = mta_sts.parse_policy(text)
    except RecordError as error:
        return (of_error(error),)
    if policy.mode == "enforce" and policy.max_age < mta_sts.DAY:
        message = f"max_age {policy.max_age} is less than a day: a short outage ends the protection"
        found = _AGE.search(text)
        start = found.start() if found else 0
        length = len(text[start:].partition("\n")[0].rstrip())
        fault = Fault("mta-sts-policy", message, "some weeks", Severity.WARNING, "", start, length)
        return (fault,)
    return ()


@lru_cache(maxsize=256)
def tls_rpt_faults(text: str) -> tuple[Fault, ...]:
    """What is wrong with a TLS-RPT record."""
    return _parsed(tls_rpt.parse, text)


def bimi_faults(text: str) -> tuple[Fault, ...]:
    """What is wrong with a BIMI record (draft 12): v first, l and a are empty or https."""
    tags: dict[str, str] = {}
    for piece in text.split(";"):
        name, equals, value = piece.strip().partition("=")
        if not equals:
            if piece.strip():
                message = f"`{piece.strip()[:40]}` is no tag=value"
                return (Fault("bimi-record", message),)
            continue
        tags[name.strip().lower()] = value.strip()
    if next(iter(tags), "") != "v" or tags["v"] != "BIMI1":
        return (Fault("bimi-record", "v=BIMI1 does not come first, spelt exactly so"),)
    if "l" not in tags:
        return (Fault("bimi-record", "the record has no l=", "`l=;` declines to take part"),)
    for name in ("l", "a"):
        value = tags.get(name, "")
        if value and not value.lower().startswith("https://"):
            message = f"{name}={value[:60]} is no https: address"
            return (Fault("bimi-record", message),)
    return ()


def caa_faults(data: str) -> tuple[Fault, ...]:
    """What is wrong with CAA data, if it is about mail certificates (RFC 9495 4)."""
    parts = data.split(None, 2)
    if len(parts) != 3 or parts[1].lower() != "issuemail":
        return ()
    value = parts[2].strip('"')
    if _ISSUER.fullmatch(value) is not None:
        return ()
    message = f"issuemail `{value[:60]}` is malformed: no authority may issue"
    return (Fault("caa-issuemail", message, "a name of letters, digits and hyphens"),)


def tlsa_faults(data: str) -> tuple[Fault, ...]:
    """What is unwise in TLSA data for SMTP (RFC 7672 3.1)."""
    usage, _, matching, *_ = [*data.split(), "", "", ""]
    if usage in ("0", "1"):
        message = f"usage {usage}: senders need not know the authority; RFC 7672 wants 2 or 3"
        return (Fault("dane-params", message, "3 1 1 with the hash of the key"),)
    if matching == "0":
        message = "matching type 0 puts the whole certificate into DNS"
        return (Fault("dane-params", message, "matching type 1, a SHA-256 hash"),)
    return ()
