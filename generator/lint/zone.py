"""Checks of records as DNS: what may stand beside what."""

from __future__ import annotations

from collections.abc import Iterator

from generator.finding import Finding, finding
from generator.lint.subject import Records, Subject
from generator.records import dmarc, mx, spf
from generator.values import Kind, Value

_NULL_MX = str(mx.NULL)
# DNSSEC's own records stand beside a CNAME (RFC 2181 10.1), and have the TTLs of what they sign.
_SIGNATURES = frozenset({"RRSIG", "NSEC", "NSEC3", "SIG", "KEY", "NXT"})
_ACTIVE_DIRECTORY = "gc._msdcs."  # the one name with an underscore that BIND lets have addresses


def beside(subject: Records) -> Iterator[Finding]:
    """One SPF, one DMARC, one key at a name; a CNAME alone; one TTL in a set."""
    for name, values in subject.several.items():
        if any(value.type == "CNAME" for value in values):
            alone = [value for value in values if value.type not in _SIGNATURES]
            if name != subject.apex and len(alone) > 1:
                yield _cname(name, alone)
        else:
            if name not in subject.exchanges or len(subject.exchanges[name]) < len(values):
                yield from _single(name, values)
            yield from _ttl(name, values)
    for value in subject.aliases:
        if value.name == subject.apex:
            message = f"{value.name} is the apex of its zone and cannot be a CNAME"
            yield finding("zone-cname-other", message, value.where)


def host_names(subject: Records) -> Iterator[Finding]:
    """Names with addresses or mail are host names: no underscore (RFC 1123 2.1, check-names)."""
    for name in subject.exchanges:
        if "_" in name:
            yield _no_host(subject.exchanges[name][0])
    for value in subject.other:
        if value.type not in ("A", "AAAA") or "_" not in value.name:
            continue
        if not value.name.startswith(_ACTIVE_DIRECTORY):
            yield _no_host(value)


def _no_host(value: Value) -> Finding:
    message = f"{value.name} holds an underscore and has {value.type} data"
    help = "name servers with check-names on refuse the zone; use a hyphen"
    return finding("zone-host-name", message, value.where, help)


def _cname(name: str, values: list[Value]) -> Finding:
    first, second = values[0], values[1]
    who = [value.by for value in (first, second) if value.by]
    if "._domainkey." in name and len(set(who)) == 2:
        message = (
            f"selector {name.partition('._domainkey.')[0]} is claimed by {who[0]} and by {who[1]}"
        )
        help = "only one of them can have it; one vendor must be given another selector"
        return finding("dkim-selector-clash", message, second.where, help)
    others = " and ".join(sorted({value.type for value in values if value.type != "CNAME"}))
    message = f"a CNAME at {name} beside {others or 'another CNAME'}"
    return finding("zone-cname-other", message, values[-1].where, _first(values))


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
    ttls: dict[str, int] = {}
    odd: dict[str, Value] = {}
    for value in values:
        if ttls.setdefault(value.type, value.ttl) != value.ttl and value.type not in _SIGNATURES:
            odd.setdefault(value.type, value)
    for type, value in odd.items():
        seen = sorted({v.ttl for v in values if v.type == type})
        message = f"{type} records at {name} have TTL {' and '.join(map(str, seen))}"
        yield finding("zone-rrset-ttl", message, value.where, "give them one TTL")


def mail_exchanges(subject: Records) -> Iterator[Finding]:
    """A null MX stands alone (RFC 7505 3)."""
    if "zone-null-mx-mixed" in subject.expected:
        return
    for name, exchanges in subject.exchanges.items():
        null = [value for value in exchanges if value.text == _NULL_MX]
        others = [value.text for value in exchanges if value.text != _NULL_MX]
        if null and others:
            message = f"{name} has a null MX beside `{min(others)}`"
            yield finding("zone-null-mx-mixed", message, null[0].where, "keep one or the other")


def receivers(subject: Subject) -> Iterator[Finding]:
    """Mail goes to one service, or to none at all."""
    domain = subject.domain
    if domain.null_mx is not None and domain.stage.name != "parked":
        message = f"{domain.display} is not parked, but its null MX says that it has nothing to do with mail"
        yield finding(
            "zone-null-mx-sender", message, domain.null_mx, "`stage: parked`, or no null_mx"
        )
    seen: dict[str, str] = {}
    for use in domain.services:
        for at in use.at if use.receives else ():
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
    if any(use.receives and domain.name in use.at for use in domain.services):
        return  # its MX may not be derivable, which is said already
    if not any(value.type == "MX" for value in subject.by_name.get(f"{domain.name}.", ())):
        message = f"the whole zone {domain.display} has no MX: it would lose its incoming mail"
        help = "`receives: true` on the service that takes the mail, an MX under records, or `zone: {mx: none}`"
        yield finding("zone-no-mail-in", message, domain.zone.where, help)


def wildcards(subject: Records) -> Iterator[Finding]:
    """A wildcard TXT is also the answer about DMARC or keys of names without any."""
    for name in subject.wild:
        if name.startswith(("*._domainkey.", "*._report.")):
            continue
        texts = [v for v in subject.by_name[name] if v.type == "TXT" and v.kind is Kind.PLAIN]
        if texts:
            message = f"the wildcard TXT {name} also answers for names like _dmarc"
            yield finding("zone-wildcard-underscore", message, texts[0].where)


def shadowed(subject: Subject) -> Iterator[Finding]:
    """A name that the declaration makes is no longer answered by a wildcard (RFC 4592 2.2.2)."""
    for name in subject.wild:
        if name.startswith(("*._domainkey.", "*._report.")) or name not in subject.exchanges:
            continue
        for other, cause in _hosts_below(name[2:], subject).items():
            if not any(value.type == "MX" for value in subject.by_name.get(other, ())):
                message = f"{other} takes its name away from {name} MX: its mail would be lost"
                help = f"restate the MX at {other} under records"
                yield finding("zone-wildcard-shadowed", message, cause.where, help)


def _hosts_below(parent: str, subject: Records) -> dict[str, Value]:
    """Names below a wildcard's parent that could take mail, each with a value that makes it exist.

    A name exists as soon as anything stands below it (RFC 4592 2.2.2): a key at
    s1._domainkey.mg takes mg away, too.  Nobody writes to a name with an underscore.
    """
    hosts: dict[str, Value] = {}
    for name, values in subject.by_name.items():
        if not name.endswith(f".{parent}"):
            continue
        labels = name[: -len(parent) - 1].split(".")
        for start in range(len(labels)):
            rest = labels[start:]
            if not any(label.startswith("_") or label == "*" for label in rest):
                hosts.setdefault(f"{'.'.join(rest)}.{parent}", values[0])
    return hosts


def name_servers(subject: Subject) -> Iterator[Finding]:
    """A name server inside the whole zone needs its address there, or the zone does not load."""
    domain = subject.domain
    if domain.zone.mode != "zone" or domain.parent:
        return
    for server in domain.zone.ns:
        there = subject.by_name.get(f"{server}.", ())
        if server.endswith(f".{domain.name}") and not any(v.type in ("A", "AAAA") for v in there):
            message = f"name server {server} lies in the zone, which holds no address of it"
            help = f"add its A or AAAA record under records: `name: {server.removesuffix('.' + domain.name)}`"
            yield finding("zone-apex", message, domain.zone.where, help)


def report_wildcards(subject: Records) -> Iterator[Finding]:
    """`com._report._dmarc` comes to exist with `a.com._report._dmarc` (RFC 4592 3.3.1)."""
    for tail in (name[2:] for name in subject.wild if name.startswith("*._report._dmarc.")):
        for name, values in subject.by_name.items():
            if name.endswith(f".{tail}") and not name.startswith("*."):
                message = (
                    f"{name} takes all names below {name.partition('.')[2]} away from *.{tail}"
                )
                yield finding("rua-authority-shadowed", message, values[0].where)


RECORDS = (beside, host_names, mail_exchanges, wildcards, report_wildcards)
DECLARED = (receivers, way_in, shadowed, name_servers)
