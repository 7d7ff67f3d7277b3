"""Checks of SPF records where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from generator.catalogue.model import SpfNeed
from generator.finding import Finding, finding
from generator.lint.subject import Records, Subject, found
from generator.lint.texts.spf import cost_faults, faults, size


def records(subject: Records) -> Iterator[Finding]:
    """Every SPF record by itself, with what its terms cost and how large its answer is."""
    for value in subject.spf:
        name = value.name
        others = len(name)
        if name in subject.several:
            there = subject.by_name[name]
            others += sum(len(v.text) for v in there if v.type == "TXT" and v is not value)
        for fault in (
            *faults(value.text),
            *cost_faults(value.text, subject.costs),
            *size(value.text, others),
        ):
            if fault.rule not in subject.expected:
                yield found(value, fault, f"SPF of {name[:-1]}")


def useless(subject: Subject) -> Iterator[Finding]:
    """A term asked for where the service's envelope never is."""
    for use in subject.domain.services:
        if use.forced and use.sends and use.provider.spf.needed is not SpfNeed.FROM_DOMAIN:
            message = (
                f"the SPF term of {use.provider.id} cannot align there; it only costs look-ups"
            )
            yield finding("spf-useless-include", message, use.where, "remove `spf: {force: true}`")


RECORDS = (records,)
DECLARED = (useless,)
