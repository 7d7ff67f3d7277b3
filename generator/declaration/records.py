"""The ``records:`` part: plain records, checked as strictly as our own."""

from __future__ import annotations

import ipaddress
import re

from generator.declaration.context import Context
from generator.declaration.merge import Merged
from generator.declaration.model import PlainRecord
from generator.names import NameProblem, owner
from generator.records import dkim, dmarc, mx, spf
from generator.records.error import RecordError

_PRINTABLE = re.compile(r"[ -~]*", re.ASCII)
_SRV = re.compile(r"(\d{1,5}) +(\d{1,5}) +(\d{1,5}) +(\S+)", re.ASCII)


def read_records(merged: Merged, domain: str, context: Context) -> tuple[PlainRecord, ...]:
    """Every plain record whose name and data are sound; faults go to the context."""
    records: list[PlainRecord] = []
    for index, entry in enumerate(merged.data.get("records") or ()):
        if entry is None:
            continue  # refused by the schema
        name = context.inside(
            entry["name"], domain, merged.at("records", index, "name"), wildcard=True
        )
        given = entry["value"]
        for number, raw in enumerate([given] if isinstance(given, str) else given):
            spot = merged.at("records", index, "value")
            spot = spot if isinstance(given, str) else merged.at("records", index, "value", number)
            try:
                text = canonical(entry["type"], raw, name or domain)
            except RecordError as error:
                context.fault(error.rule, error.message, spot, error.help)
                continue
            if name is not None:
                records.append(PlainRecord(name, entry["type"], entry.get("ttl"), text, spot))
    return tuple(records)


def canonical(type: str, raw: str, name: str) -> str:
    """The data in canonical presentation form (TXT: the text itself).  Raises RecordError."""
    if type == "TXT":
        return _text(raw, name)
    if type == "MX":
        record = mx.parse(raw)
        return str(record) if record.null else f"{record.preference} {_host(record.host)}"
    if type in ("CNAME", "NS"):
        return _host(raw)
    if type in ("A", "AAAA"):
        try:
            made = ipaddress.IPv4Address(raw) if type == "A" else ipaddress.IPv6Address(raw)
        except ValueError:
            raise RecordError("zone-record", f"`{raw[:60]}` is no {type} data") from None
        if "%" in raw:
            raise RecordError("zone-record", "an address in DNS has no zone index")
        return str(made)
    if type == "SRV":
        found = _SRV.fullmatch(raw.strip())
        if found is None or any(int(found[i]) > 65535 for i in (1, 2, 3)):
            raise RecordError(
                "zone-record", f"`{raw[:60]}` is no SRV data", help="0 1 443 host.example.com"
            )
        target = "." if found[4] == "." else _host(found[4])
        return f"{int(found[1])} {int(found[2])} {int(found[3])} {target}"
    return _by_dnspython(type, raw)


def _text(raw: str, name: str) -> str:
    """TXT of a mail record is parsed as that record; any other text is only printable ASCII."""
    if dkim.is_private(raw):
        raise RecordError("private-key", "this is a private key", help="DNS takes the public key")
    if not _PRINTABLE.fullmatch(raw):
        at = next(i for i, c in enumerate(raw) if not " " <= c <= "~")
        raise RecordError("zone-text", f"character U+{ord(raw[at]):04X} in a TXT record", at)
    if raw[:6].lower() == spf.VERSION:
        return str(spf.parse(raw))
    first = name.partition(".")[0]
    if first == "_dmarc" and dmarc.is_dmarc(raw):
        return str(dmarc.parse(raw))
    if "._domainkey." in f".{name}." and not first.startswith("_"):
        record = dkim.parse(raw)
        if not record.revoked:
            record.key()
        return str(record)
    return raw


def _host(raw: str) -> str:
    """An absolute host name with its final dot."""
    text = raw.strip()
    try:
        name = owner(text)
    except NameProblem as problem:
        raise RecordError("domain-name", str(problem)) from None
    if "." not in name:
        help = f"host names are written in full: {name}.example.com"
        raise RecordError("domain-name", f"`{name[:60]}` is a single label", help=help)
    return name + "."


def _by_dnspython(type: str, raw: str) -> str:
    import dns.exception
    import dns.rdata
    import dns.rdataclass

    if not _PRINTABLE.fullmatch(raw):
        raise RecordError("zone-text", "the data is not printable ASCII on one line")
    try:
        made = dns.rdata.from_text(dns.rdataclass.IN, type, raw)
    except (dns.exception.DNSException, ValueError, ArithmeticError) as error:
        reason = str(error) or error.__class__.__name__
        raise RecordError("zone-record", f"`{raw[:60]}` is no {type} data: {reason}") from None
    return made.to_text()
