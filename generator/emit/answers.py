"""Answers that grow too large when our SPF joins the texts of other hands (RFC 7208 3.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from generator.emit.obstacles import Zone, canonical
from generator.finding import Finding, finding
from generator.lint.texts.spf import size
from generator.values import Kind
from generator.zonefile import Record

RULE = "spf-answer-size"
_SHOWN = 60  # characters of a text


def too_large(zone: Zone, moves: Collection[Record]) -> Iterator[Finding]:
    """TXT answers whose size is doubtful once the foreign texts beside our SPF are counted.

    ``moves`` are foreign records that the merge takes out.  What our own values come to is told by
    lint, and not again unless the whole is graver.
    """
    for value in zone.order.values:
        name = value.name
        if value.kind is not Kind.SPF or value.type != "TXT" or zone.order.waives(RULE, name):
            continue
        ours = {v.text for v in zone.order.values if (v.name, v.type) == (name, "TXT")}
        foreign = [
            text
            for record in zone.ours[name.encode("ascii")]
            if record.type == "TXT" and record not in moves
            for text in [canonical(record)]
            if text not in ours
        ]
        alone = len(name) + sum(map(len, ours)) - len(value.text)
        faults = size(value.text, alone + sum(map(len, foreign))) if foreign else ()
        known = {(one.rule, one.severity) for one in size(value.text, alone)}
        for fault in faults:
            if (fault.rule, fault.severity) not in known:
                longest = max(foreign, key=len)
                message = f"SPF of {name[:-1]}: {fault.message}"
                help = f"{len(foreign)} by other hands, as `{longest[:_SHOWN]}`\n{fault.help}"
                yield finding(fault.rule, message, value.where, help.strip(), fault.severity)
