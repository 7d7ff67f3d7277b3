"""Checks of DMARC records where they stand, and of where reports go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.finding import Finding, Locatable, Severity, finding
from generator.lint.subject import Records, Subject, found
from generator.lint.texts.dmarc import MAX_ADDRESSES, SIZE_ADVISED, faults, size
from generator.policy import governs_subdomains, policy_names, policy_text, stage_tags
from generator.records import dmarc
from generator.records.error import RecordError
from generator.suffixes import is_public_suffix, organizational_domain
from generator.values import Kind, Value

# Said of a declaration by checks that know the stage and the lines of it.
_DECLARED = frozenset({"dmarc-np-absent", "rua-missing", "rua-many"})


def records(subject: Records) -> Iterator[Finding]:
    """Every DMARC record; of those that a declaration makes only the size is in question."""
    wild = _wild(subject) if subject.wild else {}
    for value in subject.policies:
        name = value.name.removeprefix("_dmarc.").removesuffix(".")
        if len(value.text) > SIZE_ADVISED:
            for fault in size(value.text):
                yield found(value, fault, f"DMARC of {name}")
        if value.kind is Kind.DMARC:
            continue
        for fault in faults(value.text):
            if fault.rule == "dmarc-psd-y" and is_public_suffix(name):
                continue
            yield found(value, fault, f"DMARC of {name}")
        yield from _below(name, value)
        yield from _never(wild, value)


def _below(name: str, value: Value) -> Iterator[Finding]:
    """sp and np count only in the record of an Organizational Domain, which psd=n makes it."""
    top = organizational_domain(name)
    if top == name:
        return
    try:
        record = dmarc.parse(value.text)
    except RecordError:
        return
    for tag in ("sp", "np"):
        if record.get(tag) and record.get("psd") != "n":
            message = f"{tag} counts for nothing at {name}"
            help = f"below the Organizational Domain the record of {top} decides; remove it"
            yield finding("dmarc-sp-on-sub", message, value.where, help)


def _wild(subject: Records) -> dict[str, str]:
    """For each name at or above a wildcard's parent the first wildcard there."""
    found: dict[str, str] = {}
    for wild in sorted(subject.wild):
        name = wild[2:]
        while name:
            found.setdefault(name, wild)
            name = name.partition(".")[2]
    return found


def _never(wild: Mapping[str, str], value: Value) -> Iterator[Finding]:
    """np is for names that do not exist; below a wildcard every name does."""
    first = wild.get(value.name.removeprefix("_dmarc."))
    if first is None:
        return
    try:
        record = dmarc.parse(value.text)
    except RecordError:
        return
    if record.get("np") and record.nonexistent_policy != record.subdomain_policy:
        below = first[2:]
        message = (
            f"np={record.get('np')} never applies below {below}: {first} makes all names exist"
        )
        yield finding("dmarc-np-dead", message, value.where, f"sp={record.get('np')} covers them")


def tags(subject: Subject) -> Iterator[Finding]:
    """What the declared tags make of the record."""
    domain = subject.domain
    names = policy_names(domain)
    if not names:
        return
    if subject.wild:
        wild = _wild(subject)
        for value in subject.policies:
            if value.kind is Kind.DMARC:
                yield from _never(wild, value)
    failures = any(address.tag == "ruf" for address in domain.reports)
    if not domain.tags and not failures:
        return  # the stage's own tags have no faults
    for fault in faults(policy_text(domain)):
        if fault.rule not in _DECLARED:
            declared = domain.tags.get(fault.term)
            where: Locatable | None = declared.where if declared else domain.dmarc_where
            yield finding(
                fault.rule, fault.message, where or domain.stage_where, fault.help, fault.severity
            )


def reports(subject: Subject) -> Iterator[Finding]:
    """Addresses for aggregate reports: some, and not too many."""
    domain = subject.domain
    if domain.stage.name == "audit" or not policy_names(domain):
        return
    rua = [address for address in domain.reports if address.tag == "rua"]
    where = domain.dmarc_where or domain.stage_where
    if not rua:
        final = domain.stage.name in ("enforce", "parked") or domain.stage.name == domain.goal
        message = f"{domain.display} is at stage {domain.stage.name} without an address for reports"
        help = "`dmarc: {reports: [mailto:dmarc@example.com]}`, or a report service by name"
        yield finding(
            "rua-missing", message, where, help, severity=Severity.ADVICE if final else None
        )
    elif len(rua) > MAX_ADDRESSES:
        message = f"{len(rua)} report addresses; reporters may serve only the first two"
        yield finding("rua-many", message, rua[MAX_ADDRESSES].where)


def deviations(subject: Subject) -> Iterator[Finding]:
    """Tags and SPF endings other than the stage's, and tags that count for nothing."""
    domain = subject.domain
    if not domain.tags and not domain.spf_all:
        return
    stage = domain.stage
    usual = stage_tags(domain)
    governs = governs_subdomains(domain)
    for name in ("sp", "np"):
        tag = domain.tags.get(name)
        if tag is None:
            continue
        if not governs:
            if tag.value is not None:
                message = f"{name} counts for nothing at {domain.display}, so it is not written"
                top = organizational_domain(domain.name)
                help = f"below the Organizational Domain the record of {top} decides; leave it out here"
                yield finding("dmarc-sp-on-sub", message, tag.where, help)
        elif tag.value != usual.get(name):
            what = "is left out" if tag.value is None else f"is {tag.value}"
            message = f"{name} {what}; stage {stage.name} says {usual.get(name, 'nothing')}"
            yield finding("stage-deviation", message, tag.where)
    if domain.spf_all and domain.spf_all != stage.all:
        message = f"SPF ends in {domain.spf_all}all; stage {stage.name} says {stage.all}all"
        yield finding("stage-deviation", message, domain.spf_where)
        if domain.spf_all == "-" and not stage.at_least("reject"):
            message = f"SPF hard fail at stage {stage.name}"
            help = "mail that DKIM would save may be refused before DKIM is looked at, unseen in reports"
            yield finding("rollout-hardfail-early", message, domain.spf_where, help)


RECORDS = (records,)
DECLARED = (tags, reports, deviations)
