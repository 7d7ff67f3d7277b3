"""Lint: what is wrong with records that could be made.

Each module holds the checks of one family; a check is a function from a compiled domain to
findings, and every finding is of a rule in ``generator.rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from generator.catalogue import doubt
from generator.finding import Finding, finding
from generator.lint import dkim, dmarc, rollout, spf, zone
from generator.lint.subject import Records, Subject
from generator.rules import RULES
from generator.values import Compiled, Value

if TYPE_CHECKING:
    from generator.lock import Lock

__all__ = ["lint", "lint_records"]


def _transport(subject: Records) -> Iterable[Finding]:
    if not any("_" in value.name or value.type == "CAA" for value in subject.other):
        return ()
    from generator.lint.transport import records  # few domains have any

    return records(subject)


def _policy_host(subject: Subject) -> Iterable[Finding]:
    if subject.domain.mta_sts is None:
        return ()
    from generator.lint.transport import host

    return host(subject)


# What shows in any records, whoever wrote them.
RECORDS: tuple[Callable[[Records], Iterable[Finding]], ...] = (
    *spf.RECORDS,
    *dkim.RECORDS,
    *dmarc.RECORDS,
    *zone.RECORDS,
    _transport,
)
# What takes the declaration to see.
DECLARED: tuple[Callable[[Subject], Iterable[Finding]], ...] = (
    *spf.DECLARED,
    *dkim.DECLARED,
    *dmarc.DECLARED,
    *zone.DECLARED,
    _policy_host,
    *rollout.DECLARED,
)

# What only the zone file shows that a domain is merged into.
_OF_A_MERGE = frozenset({"zone-dynamic", "zone-signed", "zone-wildcard-shadowed"})


def lint(
    compiled: Compiled, costs: Mapping[str, int], today: date, lock: Lock | None = None
) -> list[Finding]:
    """All findings about one domain, those of its compilation included, less what it waives.

    ``costs`` are the look-ups of known SPF terms; ``lock`` is what vendors publish, if pinned.
    """
    if compiled.domain.release:
        return list(compiled.findings)  # nothing is published that could be wrong
    subject = Subject(compiled, costs, today)
    findings = list(compiled.findings)
    for check in RECORDS:
        findings += check(subject)
    for declared in DECLARED:
        findings += declared(subject)
    if lock is not None:
        from generator.lint import locked

        for held in locked.RECORDS:
            findings += held(subject, lock)
    if not compiled.domain.waivers:
        return findings
    waivers = {waiver.rule: waiver for waiver in compiled.domain.waivers}
    kept = [f for f in findings if f.rule not in waivers or not RULES[f.rule].waivable]
    silenced = {f.rule for f in findings} - {f.rule for f in kept}
    elsewhere = _OF_A_MERGE if compiled.domain.zone.mode == "merge" else frozenset()
    for rule in waivers.keys() - silenced - elsewhere:
        if RULES[rule].needs or rule == doubt.RULE:
            continue  # what it silences shows elsewhere: in a diff, beside a lock, once a project
        message = f"{rule} is waived for {compiled.domain.display}, but nothing is found"
        kept.append(finding("waiver-unused", message, waivers[rule].where, "remove the waiver"))
    return kept


def lint_records(
    values: Sequence[Value],
    apex: str,
    costs: Mapping[str, int],
    *,
    partial: bool = False,
    whole: bool = True,
    relative: Sequence[Value] = (),
) -> list[Finding]:
    """All findings about records that others wrote: a zone, or a part of it.

    ``apex`` is the zone's name with its final dot, ``costs`` the look-ups of known SPF terms.
    For ``partial``, ``whole`` and ``relative`` see `Records`.
    """
    from generator.lint import strangers

    subject = Records(values, apex, costs)
    subject.partial, subject.whole, subject.relative = partial, whole, relative
    return [found for check in (*RECORDS, *strangers.RECORDS) for found in check(subject)]
