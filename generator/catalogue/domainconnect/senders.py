"""SPF of a template: its SPFM records, and TXT records that are SPF."""

from __future__ import annotations

import re

from generator.catalogue.domainconnect.draft import Draft
from generator.catalogue.domainconnect.parameters import Clash, Kind
from generator.catalogue.domainconnect.template import Record
from generator.catalogue.domainconnect.variables import Text, Variable
from generator.records import spf
from generator.records.error import RecordError

_ALL = re.compile(r"[+?~-]?all", re.IGNORECASE)
_SAMPLES = {Kind.IPV4: "192.0.2.25", Kind.IPV6: "2001:db8::25"}


def senders(draft: Draft, records: list[Record]) -> None:
    """Put the terms of the records into the draft's SPF."""
    if not records:
        return
    place = str(records[0].host)
    at = draft.below(records[0].host)
    terms: list[str] = []
    for record in records:
        if str(record.host) != place:
            draft.leave(record, f"SPF of a service stands at one name, here {place}")
            continue
        for token in _tokens(record.value):
            try:
                term = _term(draft, record, token)
            except Clash as error:
                draft.left.append(f"record {record.number}, term `{str(token)[:60]}`: {error}")
                continue
            if term and term not in terms:
                terms.append(term)
    if terms:
        draft.spf["needed"] = "from-domain" if place == "@" else "bounce-subdomain"
        draft.spf["terms"] = terms
        if place != "@":
            draft.spf["at"] = at


def _tokens(text: Text) -> list[Text]:
    """The words of an SPF record, each with the variables in it."""
    tokens: list[list[str | Variable]] = [[]]
    for piece in text.pieces:
        if isinstance(piece, Variable):
            tokens[-1].append(piece)
            continue
        first, *others = piece.split(" ")
        tokens[-1].append(first)
        tokens += [[other] for other in others]
    whole = [tuple(piece for piece in token if piece) for token in tokens]
    return [Text(pieces) for pieces in whole if pieces]


def _term(draft: Draft, record: Record, token: Text) -> str:
    """A term's shape; empty if it is none, and why is said."""
    if token.alone is not None:
        called = "spf_terms" if token.alone.lower() in ("spf", "spfdata", "spfvalue") else ""
        name = draft.parameters.use(token.alone, Kind.TERMS, called, list=True)
        draft.check.append(f"{name}: the SPF terms of the vendor, without v=spf1 and all")
        return f"{{{name}}}"
    text = str(token)
    if text.lower() == spf.VERSION:
        return ""
    if _ALL.fullmatch(text):
        return ""  # the stage decides it
    if "{" in text:
        draft.check.append(f"`{text[:60]}` uses a macro of SPF: see that it is meant so")
    kind = Kind.HOST
    if text.lower().startswith(("ip4:", "ip6:")):
        kind = Kind.IPV4 if text[2] == "4" else Kind.IPV6
    sample = _SAMPLES.get(kind, "vendor.example")
    try:
        parsed = spf.parse_term(token.filled(lambda _: sample))
    except RecordError as error:
        draft.left.append(f"record {record.number}, term `{text[:60]}`: {error.message}")
        return ""
    if isinstance(parsed, spf.Modifier):
        why = "a redirect or exp would speak for the whole domain"
        draft.left.append(f"record {record.number}, term `{text[:60]}`: {why}")
        return ""
    if token.constant is not None:
        return str(parsed)
    whole = len(token.variables) == 1 and text.endswith("%") and ":%" in text
    part = kind if whole else Kind.PART
    called = kind.value if whole and kind in _SAMPLES else ""
    return token.filled(
        lambda v: f"{{{draft.parameters.use(v, part, called, list=kind in _SAMPLES)}}}"
    )
