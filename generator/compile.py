"""`Domain` to owned values: pure, one domain at a time; `join` does what crosses domains."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from generator.catalogue.model import APEX, OtherRecord, Purpose, RecordShape, SpfNeed
from generator.catalogue.shape import Shape, ShapeError
from generator.declaration.model import Domain, ServiceUse
from generator.declaration.records import canonical
from generator.finding import Finding, Locatable, finding, mask
from generator.names import MAX_LABEL, MAX_NAME, display
from generator.records import dmarc, mx, spf
from generator.records.error import RecordError
from generator.values import Compiled, Kind, Reason, Value

AUTHORISATION = f"v={dmarc.VERSION};"  # RFC 9990 4; older reporters want the semicolon

_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.|\*\.)+", re.ASCII)
_HOSTED = frozenset({"CNAME", "NS", "MX"})

# RFC 7208 10.1.1: cheap terms first.
_SPF_ORDER = {
    kind: rank for rank, kind in enumerate(("ip4", "ip6", "a", "mx", "include", "exists", "ptr"))
}
_SPF_ORDER["ip6"] = _SPF_ORDER["ip4"]

Terms = dict[str, list[tuple[str, Reason]]]


def compile_domain(domain: Domain) -> Compiled:
    """All values of one domain, in the order in which they are written.

    What cannot be made becomes a finding; values are then incomplete and must not be published.
    """
    if domain.release:
        return Compiled(domain, ())
    made = _Values(domain)
    _spf(domain, made)
    _dmarc(domain, made)
    for use in domain.services:
        for at in use.at:
            _service(use, at, made)
    _parked(domain, made)
    for record in domain.records:
        reason = Reason("declared under records", record.where)
        made.add(f"{record.name}.", record.type, record.text, Kind.PLAIN, (reason,), ttl=record.ttl)
    if domain.accepts_reports == "any":
        reason = Reason(
            "accepts_reports: reports about any domain are welcome (RFC 9990 4)", domain.where
        )
        made.add(_wildcard(domain.name), "TXT", AUTHORISATION, Kind.REPORT, (reason,))
    for server in domain.zone.ns:
        reason = Reason("name server of the zone", domain.zone.where)
        made.add(f"{domain.name}.", "NS", f"{server}.", Kind.NS, (reason,))
    return Compiled(domain, made.sorted(), made.findings)


class _Values:
    """Values under construction: equal ones are merged, names and texts are checked."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.findings: list[Finding] = []
        self._values: dict[tuple[str, str, str], Value] = {}

    def add(
        self,
        name: str,
        type: str,
        text: str,
        kind: Kind,
        because: tuple[Reason, ...],
        by: str = "",
        ttl: int | None = None,
    ) -> None:
        key = (name, type, text)
        old = self._values.get(key)
        if old is not None:
            because = old.because + tuple(reason for reason in because if reason not in old.because)
            by, kind = old.by, old.kind
        value = Value(name, type, self.domain.ttl if ttl is None else ttl, text, kind, because, by)
        if len(name) > MAX_NAME + 1 or not _NAME.fullmatch(name):
            problem = _name_problem(name)
            # One label makes several names; its service is told once.
            if not any(f.where is value.where for f in self.findings):
                self.findings.append(finding("zone-name-length", problem, value.where))
        elif not (text.isascii() and text.isprintable()):
            message = f"the {type} data at {mask(name)} is not printable ASCII on one line"
            self.findings.append(finding("zone-text", message, value.where))
        elif type in _HOSTED and not _names_a_host(type, text):
            message = f"`{mask(text)[:80]}` is no host name for the {type} at {name}"
            self.findings.append(finding("domain-name", message, value.where))
        else:
            self._values[key] = value

    def fault(self, rule: str, message: str, where: Locatable | None, help: str = "") -> None:
        self.findings.append(finding(rule, message, where, help))

    def sorted(self) -> tuple[Value, ...]:
        return tuple(sorted(self._values.values(), key=_written))


def _name_problem(name: str) -> str:
    """Why no record can have the name."""
    if len(name) > MAX_NAME + 1:
        return f"{mask(name)[:60]}... has {len(name) - 1} characters; a name has at most {MAX_NAME}"
    bad = next((label for label in name[:-1].split(".") if not _NAME.fullmatch(f"{label}.")), "")
    if len(bad) > MAX_LABEL:
        return f"label {bad[:20]}... of {mask(name)[:80]} has {len(bad)} characters; at most 63 are legal"
    return f"`{mask(name)[:80]}` is no name for a record: label `{mask(bad)[:40]}`"


def _names_a_host(type: str, text: str) -> bool:
    """True for a host name, behind a preference in MX data, and for the null MX."""
    name = text.partition(" ")[2] if type == "MX" else text
    return text == str(mx.NULL) or _NAME.fullmatch(name) is not None


def _written(value: Value) -> int:
    return value.kind


def _stage_reason(domain: Domain, what: str) -> Reason:
    return Reason(f"stage {domain.stage.name} {what}", domain.stage_where)


# --- SPF -------------------------------------------------------------------------------------


def _spf(domain: Domain, made: _Values) -> None:
    terms: Terms = {domain.name: []}
    for use in domain.services:
        for at in use.at if use.sends else ():
            _service_terms(use, at, terms, made)
    for text, where in domain.also:
        terms[domain.name].append((text, Reason(f"{text}: declared under spf.also", where)))
    for name, listed in terms.items():
        kept: dict[str, list[Reason]] = {}
        for text, reason in listed:
            kept.setdefault(text, []).append(reason)
        ordered = _order(list(kept))
        ending = f"{domain.all_qualifier}all"
        if domain.spf_all:
            last = Reason(f"{ending}: declared under spf.all", domain.spf_where)
        else:
            last = _stage_reason(domain, f"ends SPF in {ending}")
        because = (*(reason for text in ordered for reason in kept[text]), last)
        made.add(f"{name}.", "TXT", " ".join([spf.VERSION, *ordered, ending]), Kind.SPF, because)
    for host, where in domain.helo:
        if host in terms:
            help = f"let {host} send by `spf: {{also: [a]}}`, or give the host a name of its own"
            made.fault("spf-multiple-records", f"{host} has an SPF record already", where, help)
            continue
        reason = Reason(f"{host} sends mail under its own name (RFC 7208 10.1.3)", where)
        made.add(f"{host}.", "TXT", f"{spf.VERSION} a -all", Kind.SPF, (reason,))


def _service_terms(use: ServiceUse, at: str, terms: Terms, made: _Values) -> None:
    facts = use.provider.spf
    if facts.needed is SpfNeed.NEVER and not use.forced:
        return
    values = _fill_in(use, at)
    # Force adds a term at the name itself; the return path, whose SPF counts, keeps its own.
    places = [facts.at] if facts.needed is SpfNeed.BOUNCE_SUBDOMAIN else [APEX]
    places += [APEX] if use.forced and APEX not in places else []
    # Without a return path of the customer's own, the envelope is the vendor's.
    places = [place for place in places if place.parameters <= values.keys()]
    for shape in facts.terms:
        if not shape.parameters <= values.keys():
            continue
        for name in (name for place in places for name in _filled(place, values, use, made)):
            owner = at if name == "@" else f"{name}.{at}"
            for text in _filled(shape, values, use, made):
                try:
                    term = str(spf.parse_term(text))
                except ValueError as error:
                    made.fault(
                        "spf-syntax", f"{use.provider.id}: `{text[:80]}`: {error}", use.where
                    )
                    continue
                reason = Reason(f"{term}: {use.provider.name} sends for {display(at)}", use.where)
                terms.setdefault(owner.lower(), []).append((term, reason))


def _order(terms: list[str]) -> list[str]:
    """Cheap terms first, unless a qualifier makes the order meaningful (RFC 7208 4.6.2)."""
    parsed = [(text, spf.parse_term(text)) for text in terms]
    if any(isinstance(term, spf.Mechanism) and term.qualifier != "+" for _, term in parsed):
        return terms
    return [
        t for t, _ in sorted(parsed, key=lambda p: _SPF_ORDER.get(getattr(p[1], "kind", ""), 9))
    ]


# --- DMARC -----------------------------------------------------------------------------------


def policy_names(domain: Domain) -> tuple[str, ...]:
    """The names at which the domain publishes a DMARC record.

    Below the Organizational Domain a record does not govern the names below it (RFC 9989 4.10.1),
    so there every sending name has its own.
    """
    names = [domain.name] if domain.policy else []
    if not domain.organizational and domain.policy:
        names += [at for use in domain.services if use.sends for at in use.at if at != domain.name]
    return tuple(dict.fromkeys(names))


def governs_subdomains(domain: Domain) -> bool:
    """True where sp and np count: at an Organizational Domain, which psd=n makes any name."""
    return domain.organizational or domain.tag("psd") == "n"


def stage_tags(domain: Domain) -> dict[str, str]:
    """The DMARC tags that the stage gives this domain."""
    tags = domain.stage.tags
    if not domain.organizational:
        tags = {name: value for name, value in tags.items() if name not in ("sp", "np")}
    return tags


def policy_record(domain: Domain) -> dmarc.Dmarc:
    """The domain's DMARC record: its stage's tags, with the declared deviations."""
    tags = stage_tags(domain)
    for name, declared in domain.tags.items():
        if declared.value is None or (name in ("sp", "np") and not governs_subdomains(domain)):
            tags.pop(name, None)
        else:
            tags[name] = declared.value
    for tag in ("rua", "ruf"):
        uris = dict.fromkeys(address.uri for address in domain.reports if address.tag == tag)
        if uris:
            tags[tag] = ",".join(uris)
    return dmarc.build(tags)


def _dmarc(domain: Domain, made: _Values) -> None:
    names = policy_names(domain)
    if not names:
        return
    record = policy_record(domain)
    because = [_stage_reason(domain, f"asks receivers for p={record.policy}")]
    unwritten = () if governs_subdomains(domain) else ("sp", "np")
    because += [
        Reason(
            f"{name} is left out: declared under dmarc"
            if tag.value is None
            else f"{name}={tag.value}: declared under dmarc",
            tag.where,
        )
        for name, tag in domain.tags.items()
        if name not in unwritten
    ]
    because += [Reason(f"{r.tag}: reports go to {r.what}", r.where) for r in domain.reports]
    for name in names:
        made.add(f"_dmarc.{name}.", "TXT", str(record), Kind.DMARC, tuple(because))


# --- services --------------------------------------------------------------------------------


def _fill_in(use: ServiceUse, at: str) -> dict[str, str | tuple[str, ...]]:
    """The service's parameters at a name, with the defaults that depend on the name."""
    values: dict[str, str | tuple[str, ...]] = {**use.values, "domain": at}
    for name, parameter in use.provider.parameters.items():
        if name not in values and isinstance(parameter.default, Shape):
            try:
                values[name] = parameter.default.fill(values)[0]
            except (ShapeError, KeyError):
                continue  # said where a record needs it
    return values


def _filled(
    shape: Shape, values: Mapping[str, str | tuple[str, ...]], use: ServiceUse, made: _Values
) -> list[str]:
    try:
        return shape.fill(values)
    except ShapeError as error:
        _underivable(use, str(error), made)
    return []


def _underivable(use: ServiceUse, why: str, made: _Values) -> None:
    help = f"give its targets under `dkim:`; {use.provider.dkim.find}"
    message = f"{use.provider.id}: its host name {why.removeprefix('it ')}"
    if not any(f.message == message and f.where is use.where for f in made.findings):
        made.fault("service-derivation", message, use.where, help)


def _service(use: ServiceUse, at: str, made: _Values) -> None:
    provider = use.provider
    values = _fill_in(use, at)
    if use.sends:
        _dkim(use, at, values, made)
    for entry in provider.other:
        if not _wanted(entry, use):
            continue
        if not entry.record.parameters <= values.keys():
            for missing in sorted(entry.record.parameters - values.keys()):
                parameter = provider.parameters[missing]
                # Without a default it was missed when the declaration was read.
                if entry.required and parameter.default is not None:
                    message = (
                        f"{provider.id} needs `{missing}` for {display(at)}: it cannot be derived"
                    )
                    made.fault("service-derivation", message, use.where, parameter.help)
                    break
            continue
        inbound = entry.purpose in (Purpose.INBOUND_MX, Purpose.BOUNCE_MX)
        kind = Kind.MX if inbound and entry.record.type == "MX" else Kind.SERVICE
        reason = Reason(f"{_PURPOSES[entry.purpose]} of {provider.name}", use.where)
        _record(entry.record, values, at, kind, reason, use, made)


_PURPOSES = {
    Purpose.RETURN_PATH: "return path",
    Purpose.BOUNCE_MX: "takes the bounces",
    Purpose.INBOUND_MX: "incoming mail",
    Purpose.AUTODISCOVER: "mail client set-up",
    Purpose.TRACKING: "link tracking",
    Purpose.VERIFICATION: "proof of ownership",
}


def _wanted(entry: OtherRecord, use: ServiceUse) -> bool:
    if entry.purpose in (Purpose.INBOUND_MX, Purpose.AUTODISCOVER):
        return use.receives
    if entry.purpose is Purpose.TRACKING:
        return use.tracking
    if entry.purpose is Purpose.VERIFICATION:
        return entry.required or bool(entry.record.parameters)
    return use.sends and (entry.required or bool(entry.record.parameters))


def _dkim(
    use: ServiceUse, at: str, values: Mapping[str, str | tuple[str, ...]], made: _Values
) -> None:
    for entry in use.dkim:
        text = entry.value if entry.type == "TXT" else f"{entry.value}."
        retiring = f", retiring on {entry.retiring}" if entry.retiring else ""
        reason = Reason(f"{use.provider.name} signs for {display(at)}{retiring}", entry.where)
        name = f"{entry.selector}._domainkey.{at}."
        made.add(name, entry.type, text, Kind.DKIM, (reason,), use.provider.id)
    if use.dkim_given:
        return
    reason = Reason(f"{use.provider.name} signs for {display(at)}", use.where)
    for shape in use.provider.dkim.records:
        if not shape.parameters <= values.keys():
            continue  # the missing parameter was said when the declaration was read
        _record(shape, values, at, Kind.DKIM, reason, use, made)


def _record(
    shape: RecordShape,
    values: Mapping[str, str | tuple[str, ...]],
    at: str,
    kind: Kind,
    reason: Reason,
    use: ServiceUse,
    made: _Values,
) -> None:
    names, texts = _filled(shape.name, values, use, made), _filled(shape.value, values, use, made)
    if len(names) != len(texts):
        # A shape without a list parameter stands beside every element of the other one.
        names, texts = (
            names * (len(texts) if len(names) == 1 else 1),
            texts * (len(names) if len(texts) == 1 else 1),
        )
    for name, text in zip(names, texts, strict=False):
        whole = f"{at}." if name == "@" else f"{name}.{at}.".lower()
        if shape.type in _HOSTED:
            text = text.lower().removesuffix(".") + "."
        if shape.type == "MX":
            text = str(mx.Mx(shape.priority or 0, text))
        elif shape.type == "SRV":
            try:
                text = canonical("SRV", text, whole)
            except RecordError as error:
                made.fault(error.rule, f"{use.provider.id}: {error.message}", use.where)
                continue
        made.add(whole, shape.type, text, kind, (reason,), use.provider.id)


def _wildcard(host: str) -> str:
    """The name that authorises reports about any domain."""
    return f"*._report._dmarc.{host}."


def _parked(domain: Domain, made: _Values) -> None:
    if domain.null_mx is not None:
        reason = Reason("null_mx: the domain takes no mail (RFC 7505)", domain.null_mx)
        made.add(f"{domain.name}.", "MX", str(mx.NULL), Kind.MX, (reason,))
    if domain.revoke_dkim is not None:
        reason = Reason("revoke_dkim: no signature of the domain counts", domain.revoke_dkim)
        made.add(f"*._domainkey.{domain.name}.", "TXT", "v=DKIM1; p=", Kind.DKIM, (reason,))


# --- what crosses domains --------------------------------------------------------------------


def join(compiled: list[Compiled]) -> list[Finding]:
    """Find what two domains both declare, and give report destinations their authorisations.

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
    findings += _shared_names(by_name.values())
    _authorise(by_name, findings)
    return findings


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


def _authorise(by_name: dict[str, Compiled], findings: list[Finding]) -> None:
    """Records by which a destination agrees to take another domain's reports (RFC 9990 4)."""
    extra: dict[str, _Values] = {}
    for one in by_name.values():
        for address in one.domain.reports:
            for policy in policy_names(one.domain):
                host = address.host
                if host == policy or host.endswith("." + policy):
                    continue
                holder = _holder(host, by_name)
                if holder is None:
                    if address.what == address.uri:
                        what = f'{policy}._report._dmarc.{host} TXT "{AUTHORISATION}"'
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
                name = _wildcard(host) if any_ else f"{policy}._report._dmarc.{host}."
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
                made = extra.setdefault(holder.domain.name, _Values(holder.domain))
                made.add(name, "TXT", AUTHORISATION, Kind.REPORT, (reason,))
    for name, made in extra.items():
        target = by_name[name]
        there = {(value.name, value.type, value.text) for value in target.values}
        added = [v for v in made.sorted() if (v.name, v.type, v.text) not in there]
        target.values = sorted([*target.values, *added], key=_written)
        target.findings += made.findings


def _holder(host: str, by_name: dict[str, Compiled]) -> Compiled | None:
    """The declared domain that the host is or lies in; the most specific one."""
    name = host
    while name:
        if name in by_name:
            return by_name[name]
        name = name.partition(".")[2]
    return None
