"""octoDNS's records and ours: their values as texts in the form of `Value.text`, and back."""

from __future__ import annotations

from typing import Any

from generator.octodns.model import Rrset

_TEXTS = frozenset({"TXT", "SPF"})
_AS_THEY_ARE = frozenset({"A", "AAAA", "ALIAS", "CNAME", "DNAME", "NS", "PTR"})


def values(record: Any) -> list[Any]:
    """The value objects of an octoDNS record, whether it has one or several."""
    found = getattr(record, "values", None)
    return list(found) if found is not None else [record.value]


def text(type: str, value: Any) -> str:
    """One value of an octoDNS record as text.

    octoDNS holds TXT with each semicolon as ``\\;`` and defines nothing else; what a provider makes
    of backslashes and quotes is its own affair, which is why such values are never rewritten.
    """
    if type in _TEXTS:
        return str(value).replace("\\;", ";")
    if type in _AS_THEY_ARE:
        return str(value).lower()
    if type == "MX":
        return f"{int(value.preference)} {value.exchange}".lower()
    if type == "SRV":
        return f"{value.priority} {value.weight} {value.port} {value.target}".lower()
    return _rdata(type, value)


def rrset(record: Any) -> Rrset:
    """An octoDNS record as plain data."""
    type = record._type
    special = ""
    if getattr(record, "dynamic", None) or getattr(record, "geo", None):
        special = "answered by place or health, not by plain records"
    return Rrset(record.ttl, tuple(text(type, value) for value in values(record)), special)


def data(type: str, ttl: int, texts: list[str]) -> dict[str, Any]:
    """What `Record.new` takes for a record set of these texts.  Names always end in a dot."""
    made = [_datum(type, one) for one in texts]
    if type == "CNAME":
        (target,) = made
        return {"type": type, "ttl": ttl, "value": target}
    return {"type": type, "ttl": ttl, "values": made}


def internal(text: str) -> str:
    """TXT in octoDNS's internal form."""
    return text.replace(";", "\\;")


def _datum(type: str, text: str) -> Any:
    if type == "TXT":
        return internal(text)
    parts = text.split()
    if type == "MX":
        return {"preference": int(parts[0]), "exchange": parts[1]}
    if type == "SRV":
        priority, weight, port = (int(part) for part in parts[:3])
        return {"priority": priority, "weight": weight, "port": port, "target": parts[3]}
    if type == "CAA":
        flags, tag, value = text.split(" ", 2)
        return {"flags": int(flags), "tag": tag, "value": value.strip('"')}
    if type == "TLSA":
        usage, selector, matching = (int(part) for part in parts[:3])
        return {
            "certificate_usage": usage,
            "selector": selector,
            "matching_type": matching,
            "certificate_association_data": "".join(parts[3:]),
        }
    return text


def _rdata(type: str, value: Any) -> str:
    """Presentation form as dnspython prints it; octoDNS's own where dnspython cannot read it."""
    import dns.exception
    import dns.rdata
    import dns.rdataclass
    from octodns.record.base import value_to_rdata_text

    try:
        raw = str(value_to_rdata_text(value))
    except Exception:  # a third party's type without a presentation form
        raw = str(value)
    try:
        return dns.rdata.from_text(dns.rdataclass.IN, type, raw).to_text()
    except (dns.exception.DNSException, ValueError, ArithmeticError):
        return raw
