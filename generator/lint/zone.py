"""Checks of records as DNS: what may stand beside what."""

from __future__ import annotations

from collections.abc import Iterator

from generator.finding import Finding, finding
from generator.lint.subject import Subject
from generator.records import dmarc, mx, spf
from generator.values import Kind, Value


def beside(subject: Subject) -> Iterator[Finding]:
    """One SPF, one DMARC, one key at a name; a CNAME alone; one TTL in a set."""
    apex = f"{subject.domain.zone.name}."
    for name, values in subject.by_name.items():
        if len(values) == 1 and name != apex:
            continue
        aliases = [value for value in values if value.type == "CNAME"]
        if aliases and name == apex:
            message = f"{name} is the apex of its zone and cannot be a CNAME"
            yield finding("zone-cname-other", message, aliases[0].where)
        elif aliases and len(values) > 1:
            yield _cname(name, values)
        elif len(values) > 1:
            yield from _single(name, values)
            yield from _ttl(name, values)


def host_names(subject: Subject) -> Iterator[Finding]:
    """Names with addresses or mail are host names: no underscore (RFC 1123 2.1, check-names)."""
    for name, values in subject.by_name.items():
        if "_" not in name:
            continue
        for value in values:
            if value.type in ("A", "AAAA", "MX"):
                message = f"{name} holds an underscore and has {value.type} data"
                help = "name servers with check-names on refuse the zone; use a hyphen"
                yield finding("zone-host-name", message, value.where, help)
                break


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
    ttls: dict[str, Value] = {}
    for value in values:
        first = ttls.setdefault(value.type, value)
        if first.ttl != value.ttl:
            message = f"{value.type} records at {name} have TTL {first.ttl} and {value.ttl}"
            yield finding("zone-rrset-ttl", message, value.where, "give them one TTL")
            return


def mail_exchanges(subject: Subject) -> Iterator[Finding]:
    domain = subject.domain
    if domain.null_mx is not None and domain.stage.name != "parked":
        message = f"{domain.display} is not parked, but its null MX says that it has nothing to do with mail"
        yield finding(
            "zone-null-mx-sender", message, domain.null_mx, "`stage: parked`, or no null_mx"
        )
        return
    exchangers = {
        value.name: subject.by_name[value.name] for value in subject.values if value.type == "MX"
    }
    for name, values in exchangers.items():
        exchanges = [value for value in values if value.type == "MX"]
        null = [value for value in exchanges if value.text == str(mx.NULL)]
        if null and len(exchanges) > 1:
            other = next(value for value in exchanges if value not in null)
            message = f"{name} has a null MX beside `{other.text}`"
            yield finding("zone-null-mx-mixed", message, null[0].where)
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


def wildcards(subject: Subject) -> Iterator[Finding]:
    """A created name is no longer answered by a wildcard (RFC 4592 2.2.2)."""
    for name, values in subject.by_name.items():
        if not name.startswith("*.") or name.startswith(("*._domainkey.", "*._report.")):
            continue
        texts = [v for v in values if v.type == "TXT" and v.kind is Kind.PLAIN]
        if texts:
            message = f"the wildcard TXT {name} also answers for names like _dmarc"
            yield finding("zone-wildcard-underscore", message, texts[0].where)
        if not any(value.type == "MX" for value in values):
            continue
        for other, cause in _hosts_below(name[2:], subject).items():
            if not any(value.type == "MX" for value in subject.by_name.get(other, ())):
                message = f"{other} takes its name away from {name} MX: its mail would be lost"
                help = f"restate the MX at {other} under records"
                yield finding("zone-wildcard-shadowed", message, cause.where, help)


def _hosts_below(parent: str, subject: Subject) -> dict[str, Value]:
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


CHECKS = (beside, host_names, mail_exchanges, way_in, name_servers, wildcards, report_wildcards)
