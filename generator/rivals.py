"""Which foreign record may not stand beside which of ours, and when the two mean the same.

A name has one SPF record, one DMARC record, one key at a selector; a CNAME stands alone; mail goes to
one set of hosts.  Whatever else is at a name is somebody else's business.
"""

from __future__ import annotations

from generator.records import dkim, dmarc, mta_sts, spf, tls_rpt
from generator.records.error import RecordError
from generator.values import Value

# DNSSEC's own records stand beside a CNAME by design (RFC 2181 10.1).
_BESIDE_CNAME = frozenset({"RRSIG", "NSEC", "NSEC3"})


def rival(value: Value, type: str, text: str) -> bool:
    """True if a foreign record at the value's name excludes the value.

    ``text`` is canonical as in `Value`.  An equal record is no rival.
    """
    if (type, text) == (value.type, value.text):
        return False
    if "CNAME" in (value.type, type):
        return type not in _BESIDE_CNAME
    if type != value.type:
        return False
    if type == "MX":
        return True
    if type != "TXT":
        return False
    if spf.is_spf(value.text):
        return spf.is_spf(text) or text[:6].lower() == spf.VERSION
    if value.name.startswith("_dmarc.") or "._report._dmarc." in value.name:
        return dmarc.is_dmarc(text)
    if value.name.startswith("_mta-sts."):
        return mta_sts.is_mta_sts(text)
    if value.name.startswith("_smtp._tls."):
        return tls_rpt.is_tls_rpt(text)
    return "._domainkey." in value.name


def same(value: Value, type: str, text: str) -> bool:
    """True if a foreign record says the same as the value, term for term, however it is spelt."""
    if type != value.type:
        return False
    if text == value.text:
        return True
    return type == "TXT" and _meaning(value, text) == _meaning(value, value.text)


def difference(value: Value, text: str) -> str:
    """What a rival has that the value has not, and the other way round, term by term."""
    theirs, ours = _terms(value, text), _terms(value, value.text)
    lines = []
    only_there = [term for term in theirs if term not in ours]
    only_here = [term for term in ours if term not in theirs]
    if only_there:
        lines.append("only in the zone: " + " ".join(only_there))
    if only_here:
        lines.append("only declared: " + " ".join(only_here))
    return "\n".join(lines) or "the same terms in another order"


def _meaning(value: Value, text: str) -> object:
    """Something that is equal for texts that say the same; the text itself if it is malformed."""
    try:
        if spf.is_spf(text):
            return spf.parse(text)
        if value.name.startswith("_dmarc.") and dmarc.is_dmarc(text):
            return dmarc.parse(text)
        if "._domainkey." in value.name:
            return frozenset(dkim.parse(text).tags)
    except RecordError:
        pass
    return text


def _terms(value: Value, text: str) -> list[str]:
    if value.type != "TXT":
        return [text]
    if spf.is_spf(text):
        return text.lower().split()
    return [part.strip() for part in text.split(";") if part.strip()]
