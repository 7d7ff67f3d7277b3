"""Checks of records as DNS: what may stand beside what."""

from __future__ import annotations

from collections.abc import Iterator

from generator.finding import Finding, finding
from generator.lint.subject import Subject
from generator.records import dmarc, mx, spf
from generator.values import Kind, Value


def beside(subject: Subject) -> Iterator[Finding]:
    """One SPF, one DMARC, one key at a name; a CNAME alone; one TTL in a set."""
    for name, values in subject.by_name.items():
        if len(values) > 1:
            yield from _cname(name, values)
            yield from _single(name, values)
            yield from _ttl(name, values)
    apex = [v for v in subject.by_name.get(f"{subject.domain.zone.name}.", ()) if v.type == "CNAME"]
    for value in apex:
        message = f"{value.name} is the apex of its zone and cannot be a CNAME"
        yield finding("zone-cname-other", message, value.where)


def _cname(name: str, values: list[Value]) -> Iterator[Finding]:
    aliases = [value for value in values if value.type == "CNAME"]
    if not aliases:
        return
    first, second = values[0], values[1]
    who = [value.by for value in (first, second) if value.by]
    if "._domainkey." in name and len(set(who)) == 2:
        message = (
            f"selector {name.partition('._domainkey.')[0]} is claimed by {who[0]} and by {who[1]}"
        )
        help = "only one of them can have it; one vendor must be given another selector"
        yield finding("dkim-selector-clash", message, second.where, help)
    else:
        others = " and ".join(sorted({value.type for value in values if value.type != "CNAME"}))
        message = f"a CNAME at {name} beside {others or 'another CNAME'}"
        yield finding("zone-cname-other", message, values[-1].where, _first(values))


def _single(name: str, values: list[Value]) -> Iterator[Finding]:
    texts = [value for value in values if value.type == "TXT"]
    groups = (
        ("spf-multiple-records", "SPF records", [v for v in texts if spf.is_spf(v.text)]),
        (
            "dmarc-multiple",
            "DMARC records",
            [v for v in texts if name.startswith("_dmarc.") and dmarc.is_dmarc(v.text)],
        ),
        ("dkim-multiple-keys", "keys", [v for v in texts if "._domainkey." in name]),
    )
    for rule, what, found in groups:
        if len(found) < 2:
            continue
        who = [value.by for value in found if value.by]
        if rule == "dkim-multiple-keys" and len(set(who)) > 1:
            selector = name.partition("._domainkey.")[0]
            message = f"selector {selector} is claimed by {who[0]} and by {who[1]}"
            yield finding("dkim-selector-clash", message, found[1].where, _first(found))
        else:
            yield finding(rule, f"{len(found)} {what} at {name}", found[1].where, _first(found))


def _first(values: list[Value]) -> str:
    where = values[0].where
    if where is None:
        return ""
    place = where.place()
    return f"the first one is from {place.path}:{place.line}"


def _ttl(name: str, values: list[Value]) -> Iterator[Finding]:
    ttls: dict[str, Value] = {}
    for value in values:
        first = ttls.setdefault(value.type, value)
        if first.ttl != value.ttl:
            message = f"{value.type} records at {name} have TTL {first.ttl} and {value.ttl}"
            yield finding("zone-rrset-ttl", message, value.where, "give them one TTL")
            return


def mail_exchanges(subject: Subject) -> Iterator[Finding]:
    domain = subject.domain
    for name, values in subject.by_name.items():
        exchanges = [value for value in values if value.type == "MX"]
        null = [value for value in exchanges if value.text == str(mx.NULL)]
        if null and len(exchanges) > 1:
            other = next(value for value in exchanges if value not in null)
            message = f"{name} has a null MX beside `{other.text}`"
            yield finding("zone-null-mx-mixed", message, null[0].where)
    receivers = [use for use in domain.services if use.receives]
    if domain.null_mx is not None and domain.stage.name != "parked":
        message = f"{domain.display} is not parked, but its null MX says that it has nothing to do with mail"
        yield finding(
            "zone-null-mx-sender", message, domain.null_mx, "`stage: parked`, or no null_mx"
        )
    seen: dict[str, str] = {}
    for use in receivers:
        for at in use.at:
            first = seen.setdefault(at, use.provider.id)
            if first != use.provider.id:
                message = f"{first} and {use.provider.id} both receive the mail of {at}"
                yield finding(
                    "zone-two-receivers", message, use.where, "`receives` belongs to one of them"
                )


def way_in(subject: Subject) -> Iterator[Finding]:
    """A whole zone replaces everything, so an MX that it lacks is lost."""
    domain = subject.domain
    if domain.zone.mode != "zone" or domain.zone.mx_none or domain.parent:
        return
    if not any(value.type == "MX" for value in subject.by_name.get(f"{domain.name}.", ())):
        message = f"the whole zone {domain.display} has no MX: it would lose its incoming mail"
        help = "`receives: true` on the service that takes the mail, an MX under records, or `zone: {mx: none}`"
        yield finding("zone-no-mail-in", message, domain.zone.where, help)


def wildcards(subject: Subject) -> Iterator[Finding]:
    """A created name is no longer answered by a wildcard (RFC 4592 2.2.2)."""
    zone = f".{subject.domain.zone.name}."
    for name, values in subject.by_name.items():
        if not name.startswith("*.") or name.startswith(("*._domainkey.", "*._report.")):
            continue
        parent = name[1:]
        for value in values:
            if value.type == "TXT" and value.kind is Kind.PLAIN:
                message = f"the wildcard TXT {name} also answers for names like _dmarc"
                yield finding("zone-wildcard-underscore", message, value.where)
            if value.type != "MX":
                continue
            for other, there in subject.by_name.items():
                direct = (
                    other.endswith(parent)
                    and not other.startswith(("*.", "_"))
                    and other != parent[1:]
                )
                if direct and other.endswith(zone) and not any(v.type == "MX" for v in there):
                    message = f"{other} takes its name away from {name} MX: its mail would be lost"
                    help = f"restate the MX at {other} under records"
                    yield finding("zone-wildcard-shadowed", message, there[0].where, help)


def report_wildcards(subject: Subject) -> Iterator[Finding]:
    """`com._report._dmarc` comes to exist with `a.com._report._dmarc` (RFC 4592 3.3.1)."""
    wild = [name[2:] for name in subject.by_name if name.startswith("*._report._dmarc.")]
    for tail in wild:
        for name, values in subject.by_name.items():
            if name.endswith(f".{tail}") and not name.startswith("*."):
                message = (
                    f"{name} takes all names below {name.partition('.')[2]} away from *.{tail}"
                )
                yield finding("rua-authority-shadowed", message, values[0].where)


CHECKS = (beside, mail_exchanges, way_in, wildcards, report_wildcards)
