"""Which answers are taken without asking anybody, and which only when somebody accepts them.

A vendor's record that loses its addresses loses its customers' mail; one that lets everybody pass
lets everybody be its customers.  Both have happened, by mistake and by hijacked domains.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from generator.lock.model import Entry
from generator.lock.tree import spf_texts
from generator.records import dkim, dmarc, spf
from generator.records.error import RecordError, shown
from generator.simulate.world import Answer

MOST_LOST = 0.30  # of what was there; more needs somebody's word
MOST_OCTETS = 4096  # of one text; SPF and DKIM records have some hundred
MOST_RECORDS = 100  # of one name and type


def broken(name: str, type: str, answer: Answer) -> str:
    """Why the answer cannot be what anybody means to publish; empty if it can."""
    if len(answer.data) > MOST_RECORDS:
        return f"{len(answer.data)} {type} records at one name"
    for text in answer.data:
        if len(text) > MOST_OCTETS:
            return f"a {type} record of {len(text):,} octets"
        stray = next((c for c in text if not " " <= c <= "~" and c != "\t"), None)
        if stray is not None:
            return f"octet 0x{ord(stray):02x} in a {type} record that begins `{shown(text, 20)}`"
    return ""


def objections(old: Entry | None, new: Entry) -> list[str]:
    """Why a new answer needs to be accepted by hand; nothing if it may be taken."""
    found: list[str] = []
    for type, held in new.sets.items():
        before = old.answer(type) if old is not None else None
        found += _objections(type, before, held.answer)
    return found


def _objections(type: str, old: Answer | None, new: Answer) -> list[str]:
    if type == "TXT":
        before = spf_texts(old) if old is not None else ()
        after = spf_texts(new)
        if after and everybody(after) and not everybody(before):
            return ["its SPF lets everybody pass"]
        if before:
            return _spf(before, after)
    if old is None or not _alive(old):
        return []
    if not _alive(new):
        gone = "its key is revoked" if new.status == "ok" else f"its {type} record is gone"
        return [f"{gone} ({new.status})" if new.status != "ok" else gone]
    if (len(old.data) - len(new.data)) / len(old.data) > MOST_LOST:
        return [f"{len(old.data)} {type} records became {len(new.data)}"]
    return []


def _alive(answer: Answer) -> bool:
    """True if there is something; a revoked key counts as none (RFC 6376 6.1.2)."""
    return any(not _revoked(text) for text in answer.data)


def _revoked(text: str) -> bool:
    if dmarc.is_dmarc(text):
        return False
    try:
        return dkim.parse(text).revoked
    except RecordError:
        return False


def _spf(before: tuple[str, ...], after: tuple[str, ...]) -> list[str]:
    old, new = _read(before), _read(after)
    if old is None:
        return []
    if not after:
        return ["its SPF record is gone"]
    if new is None:
        return ["its SPF record is no longer valid"]
    found: list[str] = []
    for version in (4, 6):
        share = lost(ranges(old.terms, version), ranges(new.terms, version))
        if share > MOST_LOST:
            found.append(f"{share:.0%} of its IPv{version} addresses are gone")
    terms = {str(term) for term in old.terms if not _is_range(term) and _counts(term)}
    gone = terms - {str(term) for term in new.terms}
    if terms and len(gone) / len(terms) > MOST_LOST:
        found.append(f"{', '.join(sorted(gone))} {'is' if len(gone) == 1 else 'are'} gone")
    return found


def _read(texts: tuple[str, ...]) -> spf.Spf | None:
    try:
        return spf.parse(texts[0]) if len(texts) == 1 else None
    except RecordError:
        return None


def _is_range(term: spf.Term) -> bool:
    return isinstance(term, spf.Mechanism) and term.kind in ("ip4", "ip6")


def _counts(term: spf.Term) -> bool:
    """True for terms by which somebody passes: neither `all` nor modifiers but redirect."""
    return bool(term.lookups)


Ranges = list[tuple[int, int]]  # first and last address, ascending, without overlaps


def ranges(terms: Iterable[spf.Term], version: int) -> Ranges:
    """The addresses of a version that pass by ip4 and ip6 mechanisms."""
    kind = f"ip{version}"
    spans: list[tuple[int, int]] = []
    for term in terms:
        if isinstance(term, spf.Mechanism) and term.kind == kind and term.qualifier == "+":
            bits = term.prefix4 if version == 4 else term.prefix6
            text = term.value if bits is None else f"{term.value}/{bits}"
            network = ipaddress.ip_network(text, strict=False)
            spans.append((int(network.network_address), int(network.broadcast_address)))
    merged: Ranges = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def lost(old: Ranges, new: Ranges) -> float:
    """The share of the old addresses that the new ranges leave out."""
    total = sum(last - first + 1 for first, last in old)
    if not total:
        return 0.0
    kept, at = 0, 0
    for first, last in old:
        while at < len(new) and new[at][1] < first:
            at += 1
        index = at
        while index < len(new) and new[index][0] <= last:
            kept += min(last, new[index][1]) - max(first, new[index][0]) + 1
            index += 1
    return (total - kept) / total


def everybody(texts: tuple[str, ...]) -> bool:
    """True if an SPF record by itself lets every address of a version pass."""
    record = _read(texts)
    if record is None:
        return False
    ending = record.all
    if ending is not None and ending.qualifier == "+":
        return True
    return ranges(record.terms, 4) == [(0, 2**32 - 1)] or ranges(record.terms, 6) == [
        (0, 2**128 - 1)
    ]
