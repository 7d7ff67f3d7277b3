"""What crosses domains: names declared twice, and reports that one domain takes for another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from generator.finding import Finding, finding
from generator.names import MAX_NAME, display
from generator.policy import policy_names
from generator.values import (
    AUTHORISATION,
    Compiled,
    Kind,
    Reason,
    Value,
    Values,
    report_wildcard,
    written,
)


def _nothing(name: str) -> bool:
    return False


def join(compiled: list[Compiled], known: Callable[[str], bool] = _nothing) -> list[Finding]:
    """Find what two domains both declare, and give report destinations their authorisations.

    ``known`` tells of a name whether its TXT records were seen; then it is for others to say
    whether a destination agrees.

    Changes the values of domains that take the reports of others (RFC 9990 4), and adds to the
    findings of single domains; returns those about several.
    """
    findings: list[Finding] = []
    by_name: dict[str, Compiled] = {}
    for one in compiled:
        first = by_name.setdefault(one.domain.name, one)
        if first is not one:
            place = first.domain.where.place()
            message = f"{one.domain.display} is declared twice"
            help = f"first in {place.path}:{place.line}"
            findings.append(finding("domain-twice", message, one.domain.where, help))
    nested = _nested(by_name)
    findings += _shared_names(nested)
    findings += _below_cuts(nested)
    for one in by_name.values():
        if one.domain.parent and one.domain.policy and not one.domain.release:
            findings += _between(one, by_name)
    _authorise(by_name, findings, known)
    return findings


def _between(one: Compiled, by_name: dict[str, Compiled]) -> Iterator[Finding]:
    """What a subdomain's own policy does to services that its parents declare below it."""
    domain = one.domain
    inside = f".{domain.name}"
    above = by_name.get(domain.parent)
    while above is not None:
        for use in above.domain.services if not above.domain.release else ():
            below = [at for at in use.at if at == domain.name or at.endswith(inside)]
            if not use.sends or not below:
                continue
            outside = [s for s in use.senders if s != domain.name and not s.endswith(inside)]
            if domain.tag("psd") == "n" and outside:
                message = (
                    f"psd=n makes {domain.display} an Organizational Domain of its own: "
                    f"{use.provider.id} at {below[0]} no longer aligns with {outside[0]}"
                )
                yield finding("dmarc-psd-n-sub", message, domain.tags["psd"].where)
            lower = [s for s in use.senders if s.endswith(inside)]
            if lower:
                message = (
                    f"the policy of {domain.display} does not reach {lower[0]}, where "
                    f"{use.provider.id} sends; that of the Organizational Domain does"
                )
                help = f"declare {lower[0]} with a stage of its own"
                yield finding("dmarc-intermediate", message, use.where, help)
        above = by_name.get(above.domain.parent) if above.domain.parent else None


def _nested(by_name: dict[str, Compiled]) -> list[Compiled]:
    """The domains above or below another one: all names that a domain makes lie within it, so only
    those can make the same."""
    nested: set[str] = set()
    for name in by_name:
        _, _, above = name.partition(".")
        while above:
            if above in by_name:
                nested.update((name, above))
            _, _, above = above.partition(".")
    return [one for name, one in by_name.items() if name in nested]


def _shared_names(compiled: Iterable[Compiled]) -> list[Finding]:
    findings: list[Finding] = []
    owners: dict[str, Compiled] = {}
    for one in compiled:
        shared: dict[str, list[Value]] = {}
        for value in one.values:
            first = owners.setdefault(value.name, one)
            if first is not one:
                shared.setdefault(first.domain.name, []).append(value)
        for values in shared.values():
            # One mistake, one finding: whoever declares a name twice makes all its records twice.
            first = owners[values[0].name]
            more = len({value.name for value in values}) - 1
            message = (
                f"{values[0].name} is made by {one.domain.display} and by {first.domain.display}"
            )
            own = values[0].name == f"{one.domain.name}."
            where = one.domain.where if own else values[0].where
            help = "declare everything at this name in one place"
            if more:
                help += f"; the same holds for {more} more name{'s' if more > 1 else ''}"
            findings.append(finding("name-twice", message, where, help))
    return findings


def _below_cuts(compiled: Sequence[Compiled]) -> Iterator[Finding]:
    """Domains in a zone where another one hands their names to other servers (RFC 1034 4.2.1)."""
    cuts: dict[str, Compiled] = {}
    for one in compiled:
        for value in one.values:
            if value.type == "NS" and value.name != f"{one.domain.zone.name}.":
                cuts.setdefault(value.name, one)
    for one in compiled if cuts else ():
        domain, at = one.domain, one.domain.name
        # A zone of its own, at the cut or below it, is what the cut is for.
        while at and at != domain.zone.name:
            above = cuts.get(f"{at}.")
            # At the very name both make records, which is said already.
            told = at == domain.name and any(value.name == f"{at}." for value in one.values)
            if above is not None and above is not one and one.values and not told:
                message = (
                    f"{domain.display} lies where {above.domain.display} hands {at} to other "
                    "servers by NS: nobody would see its records"
                )
                help = f"if {domain.zone.name} is not its zone, name it: `zone: {{name: ...}}`"
                yield finding("zone-below-cut", message, domain.where, help)
                break
            at = at.partition(".")[2]


def _authorise(
    by_name: dict[str, Compiled], findings: list[Finding], known: Callable[[str], bool]
) -> None:
    """Records by which a destination agrees to take another domain's reports (RFC 9990 4)."""
    extra: dict[str, Values] = {}
    for one in by_name.values():
        for address in one.domain.reports:
            for policy in policy_names(one.domain):
                host = address.host
                target = by_name.get(host)
                nowhere = target is not None and target.domain.null_mx is not None
                if nowhere and not one.domain.release:
                    message = f"{host} takes no mail (null MX), so no reports either"
                    one.findings.append(finding("rua-dead-host", message, address.where))
                    break
                if host == policy or host.endswith("." + policy):
                    continue
                holder = _holder(host, by_name)
                if holder is None:
                    consent = f"{policy}._report._dmarc.{host}"
                    if address.what == address.uri and not known(consent):
                        what = f'{consent} TXT "{AUTHORISATION}"'
                        message = (
                            f"{host} is not declared here; it must publish the authorisation itself"
                        )
                        one.findings.append(
                            finding("rua-unauthorised", message, address.where, what)
                        )
                    continue
                if holder.domain.release:
                    continue
                any_ = holder.domain.accepts_reports == "any"
                name = report_wildcard(host) if any_ else f"{policy}._report._dmarc.{host}."
                if len(name) > MAX_NAME + 1:
                    message = (
                        f"{name[:60]}... is too long: {host} cannot agree to take these reports"
                    )
                    findings.append(finding("rua-authority-length", message, address.where))
                    continue
                what = "any domain" if any_ else display(policy)
                reason = Reason(
                    f"{host} takes DMARC reports about {what} (RFC 9990 4)", address.where
                )
                made = extra.setdefault(holder.domain.name, Values(holder.domain))
                made.add(name, "TXT", AUTHORISATION, Kind.REPORT, (reason,))
    for name, made in extra.items():
        target = by_name[name]
        there = {(value.name, value.type, value.text) for value in target.values}
        added = [v for v in made.sorted() if (v.name, v.type, v.text) not in there]
        target.values = sorted([*target.values, *added], key=written)
        target.findings += made.findings


def _holder(host: str, by_name: dict[str, Compiled]) -> Compiled | None:
    """The declared domain that the host is or lies in; the most specific one."""
    name = host
    while name:
        if name in by_name:
            return by_name[name]
        name = name.partition(".")[2]
    return None
