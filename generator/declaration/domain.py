"""One merged declaration to `Domain`."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from generator.declaration.context import Context
from generator.declaration.dmarc import read_reports, read_tags
from generator.declaration.merge import Merged
from generator.declaration.model import Domain, Soa, Waiver, ZoneOptions
from generator.declaration.records import read_records
from generator.declaration.services import read_services
from generator.finding import Locatable
from generator.ladder import SPF_ALL, STAGES
from generator.names import display
from generator.records import spf
from generator.records.error import RecordError
from generator.rules import RULES
from generator.schema import suggest
from generator.suffixes import organizational_domain

DEFAULT_TTL = 3600
# sp and np mean nothing below the Organizational Domain, psd belongs to one name alone.
_INHERITED_TAGS = ("adkim", "aspf", "fo")


def read_domain(
    name: str, where: Locatable, file: str, merged: Merged, context: Context
) -> list[Domain]:
    """The domain and its subdomains; faults go to the context.  Empty if nothing can be made."""
    whole = context.host(name, where)
    if whole is None:
        return []
    organizational = organizational_domain(whole) == whole
    return _read(whole, where, file, merged, context, None, organizational)


def _read(
    name: str,
    where: Locatable,
    file: str,
    merged: Merged,
    context: Context,
    parent: Domain | None,
    organizational: bool,
) -> list[Domain]:
    data = merged.data
    stage = STAGES.get(data.get("stage", parent.stage.name if parent else ""))
    if stage is None:
        if merged.incomplete:
            return []  # the stage may stand in the defaults that could not be read
        help = "a new domain begins at `stage: monitor`, one that sends nothing at `stage: parked`"
        context.fault("missing-key", f"{display(name)} needs `stage`", where, help)
        return []
    stage_where: Locatable = merged.at("stage") if "stage" in data else where
    if parent is not None and "stage" not in data:
        stage_where = parent.stage_where
    own_policy = parent is None or "stage" in data or "dmarc" in data or not parent.organizational
    tags = read_tags(merged, context)
    if parent is not None:
        inherited = {key: tag for key, tag in parent.tags.items() if key in _INHERITED_TAGS}
        tags = inherited | tags
    waivers, lapsed = _waivers(merged, context) if "waive" in data else ((), ())
    domain = Domain(
        name=name,
        display=display(name),
        file=file,
        where=where,
        stage=stage,
        stage_where=stage_where,
        zone=parent.zone if parent else _zone(merged, name, where, context),
        ttl=data.get("ttl", parent.ttl if parent else DEFAULT_TTL),
        since=context.date(data["since"], merged.at("since")) if "since" in data else None,
        because=str(data.get("because", "")),
        goal=data.get("goal", parent.goal if parent else "enforce"),
        parent=parent.name if parent else "",
        policy=own_policy,
        organizational=organizational,
        services=read_services(merged, name, context),
        also=_also(merged, context),
        spf_all=SPF_ALL.get(data.get("spf", {}).get("all") or "", ""),
        spf_where=merged.at("spf", "all") if data.get("spf", {}).get("all") else None,
        spf_indirect=merged.at("spf", "indirect") if data.get("spf", {}).get("indirect") else None,
        helo=_helo(merged, name, context),
        tags=tags,
        dmarc_where=merged.at("dmarc", key=True) if "dmarc" in data else None,
        reports=tuple(
            read_reports(merged, name, context, parent.reports if parent is not None else ())
        ),
        accepts_reports=data.get("accepts_reports", "declared"),
        **_transport(merged, context),
        records=read_records(merged, name, context),
        null_mx=merged.at("null_mx") if data.get("null_mx") else None,
        revoke_dkim=merged.at("revoke_dkim") if data.get("revoke_dkim") else None,
        release=data.get("release", False),
        adopt=tuple(data.get("adopt") or ()),
        waivers=waivers,
        lapsed=lapsed,
    )
    domains = [domain]
    for label, inner in (data.get("subdomains") or {}).items():
        spot = merged.at("subdomains", label, key=True)
        sub = context.inside(label, name, spot)
        if sub == name:
            context.fault("domain-name", f"`{label}` is no subdomain of {display(name)}", spot)
        elif sub is not None:
            body = merged.inner(inner or {}, "subdomains", label)
            domains += _read(sub, spot, file, body, context, domain, False)
    return domains


def _transport(merged: Merged, context: Context) -> dict[str, Any]:
    """The keys of `Domain` that few declarations ask for."""
    if "mta_sts" not in merged.data and "tls_rpt" not in merged.data:
        return {}
    from generator.declaration.transport import read_mta_sts, read_tls_rpt

    return {"mta_sts": read_mta_sts(merged, context), "tls_rpt": read_tls_rpt(merged, context)}


def _zone(merged: Merged, name: str, where: Locatable, context: Context) -> ZoneOptions:
    data: dict[str, Any] = merged.data.get("zone") or {}
    mode = data.get("mode", "fragment")
    zone = name
    if "name" in data:
        spot = merged.at("zone", "name")
        given = context.host(data["name"], spot)
        if given is not None and given != name and not name.endswith("." + given):
            context.fault("name-outside", f"{display(name)} does not lie in zone {given}", spot)
        elif given is not None:
            zone = given
    if mode in ("zone", "merge") and zone != name:
        help = "declare the zone's own name with the zone file, this one as a subdomain of it"
        context.fault(
            "conflicting-keys",
            "a zone file has the domain's own name",
            merged.at("zone", "name", key=True),
            help,
        )
    names: list[str] = []
    for index, text in enumerate(_list(data.get("ns"))):
        server = context.host(text, merged.at("zone", "ns", index))
        names += [server] if server else []
    for key, wanted in (("ns", "zone"), ("soa", "zone"), ("mx", "zone"), ("file", "merge")):
        if key in data and mode != wanted:
            message = f"`zone.{key}` belongs to `mode: {wanted}`"
            spot = merged.at("zone", key, key=True)
            context.fault("conflicting-keys", message, spot, _MODES[wanted])
    soa = None
    if mode == "zone":
        if not data.get("ns"):
            help = "name servers in full: `ns: [ns1.example.net, ns2.example.net]`"
            context.fault(
                "zone-apex",
                f"the whole zone {display(name)} needs `zone.ns`",
                merged.at("zone"),
                help,
            )
        soa = _soa(data.get("soa") or {}, merged, name, names, context)
    if mode == "zone" and merged.data.get("release"):
        help = "a zone file without SOA and name servers cannot be loaded; remove the declaration"
        context.fault(
            "conflicting-keys",
            "a whole zone cannot be released",
            merged.at("release", key=True),
            help,
        )
    return ZoneOptions(
        mode,
        zone,
        tuple(names),
        soa,
        data.get("mx") == "none",
        _file(merged, data, mode, context),
        merged.at("zone") if data else where,
    )


_MODES = {
    "zone": "`mode: zone` writes whole zone files",
    "merge": "`mode: merge` writes a copy of a zone file with our records in it",
}


def _file(merged: Merged, data: dict[str, Any], mode: str, context: Context) -> str:
    """The zone file to merge into: a plain path inside the project."""
    if mode != "merge":
        return ""
    if "file" not in data:
        help = "the zone file that is kept by hand: `file: dns/example.com.zone`"
        context.fault("missing-key", "`mode: merge` needs `file`", merged.at("zone"), help)
        return ""
    text: str = data["file"]
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not text.isprintable() or not path.name:
        help = "a path from the project's folder downwards"
        context.fault("wrong-value", f"`{text[:60]}` leads out of the project",
                      merged.at("zone", "file"), help)  # fmt: skip
        return ""
    return str(path)


def _soa(
    data: dict[str, Any], merged: Merged, name: str, ns: list[str], context: Context
) -> Soa | None:
    mname = ns[0] if ns else ""
    if "mname" in data:
        mname = context.host(data["mname"], merged.at("zone", "soa", "mname")) or ""
    rname = f"hostmaster.{name}"
    if "rname" in data:
        spot = merged.at("zone", "soa", "rname")
        local, at, rest = data["rname"].rpartition("@")
        if at and ("." in local or not local):
            help = "a mailbox without a dot before the @"
            context.fault(
                "wrong-value", f"`{data['rname'][:60]}` is no mailbox for SOA", spot, help
            )
            return None
        rname = context.host(f"{local}.{rest}" if at else data["rname"], spot) or ""
    times = {key: data[key] for key in ("refresh", "retry", "expire", "minimum") if key in data}
    return Soa(mname, rname, **times, serial=data.get("serial", "date"))


def _also(merged: Merged, context: Context) -> tuple[tuple[str, Locatable], ...]:
    terms: list[tuple[str, Locatable]] = []
    for index, text in enumerate((merged.data.get("spf") or {}).get("also") or ()):
        spot = merged.at("spf", "also", index)
        if len(text.split()) > 1 or ("," in text and "%" not in text):
            message = f"`{text[:60]}` is more than one term"
            context.fault("spf-syntax", message, spot, "give each term an entry of its own")
            continue
        try:
            term = spf.parse_term(text)
        except RecordError as error:
            plain = "" if text.isascii() else "SPF is ASCII: write names as A-labels (xn--...)"
            context.fault(error.rule, error.message, spot, error.help or plain)
            continue
        if isinstance(term, spf.Modifier) and term.name == "redirect":
            help = "the stage ends the record in `all`; use include: to borrow another record"
            context.fault("spf-after-all", "`redirect=` cannot stand beside `all`", spot, help)
        elif isinstance(term, spf.Modifier) and term.name != "exp":
            message = f"receivers know no modifier `{term.name[:40]}=` and ignore it"
            context.fault("spf-syntax", message, spot)
        elif isinstance(term, spf.Modifier):
            if any(text.startswith("exp=") and text != str(term) for text, _ in terms):
                context.fault("spf-modifier-twice", "exp= appears twice", spot)
            else:
                terms.append((str(term), spot))
        elif term.kind == "all":
            help = "the stage decides it; `spf: {all: softfail}` deviates"
            context.fault("spf-after-all", "`all` does not belong in spf.also", spot, help)
        else:
            terms.append((str(term), spot))
    return tuple(terms)


def _helo(merged: Merged, name: str, context: Context) -> tuple[tuple[str, Locatable], ...]:
    hosts: list[tuple[str, Locatable]] = []
    given = merged.data.get("helo")
    for index, text in enumerate(_list(given)):
        spot = merged.at("helo", index) if isinstance(given, list) else merged.at("helo")
        whole = context.whole_or_label(text, name, spot)
        if whole is None:
            continue
        if whole != name and not whole.endswith("." + name):
            help = "declare it with the domain that it belongs to"
            context.fault("name-outside", f"{whole} lies outside {display(name)}", spot, help)
        else:
            hosts.append((whole, spot))
    return tuple(hosts)


def _waivers(merged: Merged, context: Context) -> tuple[tuple[Waiver, ...], tuple[Waiver, ...]]:
    """The waivers that count, and those whose date has passed."""
    waivers: list[Waiver] = []
    lapsed: list[Waiver] = []
    for rule, data in (merged.data.get("waive") or {}).items():
        spot = merged.at("waive", rule, key=True)
        known = RULES.get(rule)
        if known is None:
            context.fault("waiver", f"unknown rule `{rule[:60]}`", spot, suggest(rule, RULES))
        elif not known.waivable:
            why = "it is about the declaration" if known.source == "format" else known.source
            context.fault("waiver", f"{rule} cannot be waived ({why})", spot)
        else:
            until = context.date(data["until"], merged.at("waive", rule, "until"))
            if until is None:
                continue
            waiver = Waiver(rule, data["because"], until, spot)
            if until < context.today:
                message = f"the waiver of {rule} ended on {until}"
                context.fault("waiver-expired", message, spot)
                lapsed.append(waiver)
            else:
                waivers.append(waiver)
    return tuple(waivers), tuple(lapsed)


def _list(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)
