"""Checks of records by other hands, where no declaration says what is meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from generator.finding import Finding, Severity, finding
from generator.lint.dkim import NO_SELECTORS
from generator.lint.subject import Records
from generator.records import dmarc, mx, spf
from generator.records.error import RecordError
from generator.suffixes import looks_whole, organizational_domain
from generator.values import Value

_NULL_MX = str(mx.NULL)
_NOTHING = re.compile(r"v=spf1\s+-all\s*", re.IGNORECASE)
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


def wrong_places(subject: Records) -> Iterator[Finding]:
    """Texts at names where nobody looks for them, or of a type that nobody asks for."""
    for value in subject.other:
        if value.type == "SPF":
            message = f"{value.name} publishes SPF with the type SPF, which no receiver asks for"
            yield finding("spf-rrtype-99", message, value.where, "publish it as TXT")
        elif (
            value.type == "TXT"
            and dmarc.is_dmarc(value.text)
            and "._report._dmarc." not in value.name
        ):
            message = f"a DMARC record at {value.name}, where no receiver looks"
            yield finding("dmarc-wrong-owner", message, value.where, _dmarc_owner(value.name))


def _dmarc_owner(name: str) -> str:
    domain = name[6:] if name.startswith("dmarc.") else name
    return f"publish it at _dmarc.{domain}"


def selectors(subject: Records) -> Iterator[Finding]:
    """Selectors outside the grammar, and revoked wildcards that answer for live ones."""
    for value in (*subject.keys, *subject.aliases):
        selector, found, domain = value.name.partition("._domainkey.")
        if not found or selector in NO_SELECTORS:
            continue
        if selector == "*":
            if "p=" in value.text and _sends(subject, domain):
                message = f"*._domainkey.{domain} answers for every selector that is not there"
                help = "a service that begins to use a new selector fails at once; remove it"
                yield finding("dkim-wildcard-live", message, value.where, help)
        elif not _SELECTOR.fullmatch(selector):
            message = f"selector {selector} is not made of letters, digits and inner hyphens"
            help = "some verifiers refuse it" if "_" in selector else ""
            severity = Severity.WARNING if "_" in selector else None
            yield finding("dkim-selector", message, value.where, help, severity)


def _sends(subject: Records, name: str) -> bool:
    """False if SPF says that the name sends nothing, or may say so where it is not seen."""
    records = [value for value in subject.spf if value.name == name]
    if not records:
        return subject.whole and not subject.partial
    return not any(_NOTHING.fullmatch(value.text) for value in records)


def exchanges(subject: Records) -> Iterator[Finding]:
    """MX that name aliases, and null MX at names that send."""
    aliases = {value.name for value in subject.aliases}
    for name, values in subject.exchanges.items():
        for value in values:
            target = value.text.partition(" ")[2]
            if target in aliases:
                message = f"the MX of {name} names {target}, which is a CNAME"
                yield finding("zone-mx-alias", message, value.where, "name the host itself")
            if target == "." and value.text != _NULL_MX:
                message = f"the null MX of {name} has preference {value.text.partition(' ')[0]}"
                yield finding("zone-null-mx-mixed", message, value.where, f"`{_NULL_MX}`")
        null = next((value for value in values if value.text == _NULL_MX), None)
        if null is not None:
            own = [v.text for v in subject.spf if v.name == name and not _NOTHING.fullmatch(v.text)]
            if own:
                message = f"{name} takes no mail at all, yet `{min(own)[:60]}` lets it send"
                help = "bounces and replies are lost; `v=spf1 -all`, or an MX"
                yield finding("zone-null-mx-sender", message, null.where, help)


def parked(subject: Records) -> Iterator[Finding]:
    """A name that sends and receives nothing says so in SPF and in DMARC."""
    for value in subject.spf:
        name = value.name
        exchangers = subject.exchanges.get(name, ())
        sends_nothing = _NOTHING.fullmatch(value.text) is not None
        takes_none = len(exchangers) == 1 and exchangers[0].text == _NULL_MX
        if not (sends_nothing and takes_none) or name.startswith("*."):
            continue
        policy, record = _policy(subject, name)
        if not policy:
            continue
        if policy != "reject":
            severity = None if subject.whole else Severity.WARNING
            what = "no DMARC record" if policy == "missing" else f"p={policy}"
            message = f"{name} takes and sends no mail, but has {what}"
            help = "`v=DMARC1; p=reject;`"
            yield finding("parked-incomplete", message, value.where, help, severity)
        elif record is None:
            continue
        elif subject.wild and record.get("np") and record.subdomain_policy != "reject":
            message = f"{name} relies on np beside a wildcard, for which no name is missing"
            yield finding("parked-wildcard", message, value.where, "set sp=reject too")


def _policy(subject: Records, name: str) -> tuple[str, dmarc.Dmarc | None]:
    """What receivers apply to a name, and its own record, if it has one that can be read.

    "missing" if nothing covers the name; empty if that cannot be told: the record is an alias, or
    malformed, or stands in another zone.
    """
    own = f"_dmarc.{name}"
    if own in subject.by_name:
        record = _record(subject, own)
        return (record.policy, record) if record is not None else ("", None)
    top = f"{organizational_domain(name[:-1])}."
    if top != name and f"_dmarc.{top}" in subject.by_name:
        record = _record(subject, f"_dmarc.{top}")
        return (record.subdomain_policy if record is not None else "", None)
    outside = top != subject.apex and not top.endswith(f".{subject.apex}")
    return ("" if outside or subject.partial else "missing", None)


def _record(subject: Records, name: str) -> dmarc.Dmarc | None:
    """The one DMARC record at a name; None if there are several, or it is malformed."""
    found = [v.text for v in subject.by_name[name] if v.type == "TXT" and dmarc.is_dmarc(v.text)]
    try:
        return dmarc.parse(found[0]) if len(found) == 1 else None
    except RecordError:
        return None


def hosts(subject: Records) -> Iterator[Finding]:
    """Own sending hosts without SPF of their own, and names that a wildcard SPF leaves out."""
    covered = {value.name for value in subject.spf}
    addressed = {v.name for v in subject.other if v.type in ("A", "AAAA")}
    seen: set[str] = set()
    for value in subject.spf:
        try:
            record = spf.parse(value.text)
        except RecordError:
            continue
        for term in record.terms:
            if not isinstance(term, spf.Mechanism) or term.kind != "a" or not term.value:
                continue
            host = f"{term.value.removesuffix('.')}."
            if host in addressed and host not in covered and host not in seen:
                seen.add(host)
                message = f"{host} sends mail and has no SPF for its own name (HELO)"
                yield finding("spf-helo-missing", message, value.where, '"v=spf1 a -all"')
    wild = {value.name: value for value in subject.spf if value.name.startswith("*.")}
    for name, bare in _below(wild, addressed - covered):
        more = f" and {len(bare) - 1:,} more" if len(bare) > 1 else ""
        message = f"{name} SPF does not answer for {min(bare)}{more}, which exists"
        help = "give each an SPF record of its own"
        yield finding("spf-wildcard-gap", message, wild[name].where, help)


def dots(subject: Records) -> Iterator[Finding]:
    """Names that have the zone's name behind what looks like a whole name already."""
    apex = subject.apex
    for name, values in subject.by_name.items() if apex.count(".") > 1 else ():
        if name.endswith(f".{apex}{apex}"):
            message = f"{name} has the zone's name twice"
            help = f"if {name.removesuffix(apex)} is meant, end it with a dot"
            yield finding("zone-missing-dot", message, values[0].where, help)
    severity = Severity.WARNING if subject.partial or not subject.whole else None
    for value in subject.relative:
        target = value.text.rpartition(" ")[2]
        inner = target.removesuffix(f".{apex}")
        if inner == target or "\\" in inner or _answered(subject, target):
            continue
        if looks_whole(inner):
            message = f"{value.type} of {value.name} points at {target}"
            help = f"if {inner} is meant, end it with a dot"
            yield finding("zone-missing-dot", message, value.where, help, severity)


def _answered(subject: Records, name: str) -> bool:
    """True if the zone knows the name, by a wildcard too, or hands it to other servers."""
    if name in subject.by_name:
        return True
    while name and name != subject.apex:
        name = name.partition(".")[2]
        if f"*.{name}" in subject.by_name:
            return True
        if name != subject.apex and any(v.type == "NS" for v in subject.by_name.get(name, ())):
            return True
    return False


def below_wildcards(subject: Records) -> Iterator[Finding]:
    """Hosts whose mail a wildcard MX does not take, since they exist (RFC 4592 2.2.2)."""
    wild = {name for name in subject.wild if name in subject.exchanges}
    hosts = (name for name, values in subject.by_name.items() if _takes_no_mail(values))
    for name, bare in _below(wild, hosts):
        more = f" and {len(bare) - 1:,} more" if len(bare) > 1 else ""
        message = f"{name} MX does not answer for {min(bare)}{more}, which exists without an MX"
        help = "give it an MX of its own if it takes mail"
        where = subject.exchanges[name][0].where
        yield finding("zone-wildcard-shadowed", message, where, help, Severity.ADVICE)


def _below(wild: Collection[str], names: Iterable[str]) -> list[tuple[str, list[str]]]:
    """The wildcards, sorted, that have any of the names below their parents, with these."""
    found: dict[str, list[str]] = {}
    for name in names if wild else ():
        above = name.partition(".")[2]
        while above and name[0] != "*":
            if f"*.{above}" in wild:
                found.setdefault(f"*.{above}", []).append(name)
            above = above.partition(".")[2]
    return sorted(found.items())


def _takes_no_mail(values: list[Value]) -> bool:
    """True for a host with addresses and nothing that says where its mail goes."""
    types = {value.type for value in values}
    return bool(types & {"A", "AAAA"}) and not types & {"MX", "CNAME", "NS"}


def redirected(subject: Records) -> Iterator[Finding]:
    """Authorisations of others' reports that name another host (RFC 9990 4)."""
    for value in subject.other:
        if value.type != "TXT" or "._report._dmarc." not in value.name:
            continue
        host = value.name.partition("._report._dmarc.")[2].removesuffix(".")
        for other in _report_hosts(value):
            if other != host:
                message = f"{value.name} sends reports on to {other}; reporters do not follow"
                yield finding("rua-override-host", message, value.where, f"an address at {host}")


def outside(subject: Records) -> Iterator[Finding]:
    """Report hosts of one organisation that lie beside the policy's name and agree to nothing."""
    for value in subject.policies:
        name = value.name.removeprefix("_dmarc.").removesuffix(".")
        for host in _report_hosts(value):
            if host == name or host.endswith(f".{name}"):
                continue
            wanted = f"{name}._report._dmarc.{host}."
            same = organizational_domain(host) == organizational_domain(name)
            if same and not _answered(subject, wanted):
                message = f"reports about {name} go to {host}, which does not say it wants them"
                help = f'some reporters ask: {wanted} TXT "v=DMARC1;"'
                yield finding("rua-same-org-outside", message, value.where, help)


def _report_hosts(value: Value) -> list[str]:
    try:
        record = dmarc.parse(value.text)
    except RecordError:
        return []
    hosts = [uri.rpartition("@")[2].partition("?")[0].lower() for uri in record.addresses("rua")]
    return [host for host in hosts if host]


RECORDS = (
    wrong_places, selectors, exchanges, parked, hosts, dots, below_wildcards, redirected, outside,
)  # fmt: skip
