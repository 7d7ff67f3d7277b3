"""A template to an entry of the catalogue, and to what a person must know about it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from generator.catalogue.domainconnect.draft import Draft
from generator.catalogue.domainconnect.keys import keys
from generator.catalogue.domainconnect.parameters import Clash, Kind, Parameters
from generator.catalogue.domainconnect.roles import Role, guessed, is_spf, role
from generator.catalogue.domainconnect.senders import senders
from generator.catalogue.domainconnect.template import Record, Template
from generator.catalogue.shape import ShapeError, parse

_PURPOSES = (
    Role.RETURN_PATH,
    Role.BOUNCE,
    Role.INBOUND,
    Role.AUTODISCOVER,
    Role.TRACKING,
    Role.VERIFICATION,
)
_ALWAYS = frozenset({Role.RETURN_PATH, Role.BOUNCE, Role.INBOUND, Role.VERIFICATION})
_MAIL = re.compile(r"mail|smtp|dkim|spf|dmarc", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Conversion:
    """An entry, and the words that go with it.

    ``check``: what was guessed or is not in the template.  ``left``: what the entry does not hold,
    each with the reason.  ``entry`` is empty if nothing was worth one; ``refused`` says why.
    """

    id: str
    template: str
    version: str
    entry: dict[str, Any]
    check: tuple[str, ...]
    left: tuple[str, ...]
    refused: str = ""

    def comment(self) -> list[str]:
        """The paragraphs of the comment above the entry, for its reviewer."""
        version = f", version {self.version}" if self.version else ""
        said = [f"Domain Connect template {self.template}{version}; not reviewed yet. Check:"]
        said += [f"- {text}" for text in self.check]
        if self.left:
            said += ["Left out:", *(f"- {text}" for text in self.left)]
        return said


def convert(template: Template, id: str = "", groups: Collection[str] = ()) -> Conversion:
    """Make an entry of a template.

    ``groups`` chooses among the template's groups; records without a group always belong to it.
    Never raises: what cannot be represented is listed.
    """
    chosen = [r for r in template.records if not groups or not r.group or r.group in groups]
    optional = not groups and len(template.groups) > 1
    draft = Draft(Parameters(template.variables, _labels(template)))
    spf_hosts = frozenset(str(r.host) for r in chosen if is_spf(r))
    roles: dict[Role, list[Record]] = {}
    for record in chosen:
        what, reason = role(record, spf_hosts)
        if what is Role.LEFT:
            draft.leave(record, _dmarc(record) or reason)
        elif what in (Role.SPF, Role.DKIM) or draft.claim(record):
            roles.setdefault(what, []).append(record)
    if Role.INBOUND not in roles:
        for record in roles.pop(Role.AUTODISCOVER, []):
            draft.leave(record, "for mail clients of mailboxes, and no record brings mail to them")
    senders(draft, roles.get(Role.SPF, []))
    keys(draft, roles.get(Role.DKIM, []))
    for what in _PURPOSES:
        for record in roles.get(what, []):
            try:
                _other(draft, record, what, optional)
            except Clash as error:
                draft.leave(record, str(error))
    refused = _refused(template, roles, draft)
    if not refused:
        _align(draft, roles)
    return Conversion(
        id=id or default_id(template),
        template=template.id,
        version=template.version,
        entry={} if refused else _entry(template, draft, roles),
        check=() if refused else (*_general(template, roles, optional), *draft.check),
        left=tuple(draft.left),
        refused=refused,
    )


def _labels(template: Template) -> frozenset[str]:
    """The labels that stand in the template's host names as they are."""
    hosts = [piece for record in template.records for piece in record.host.pieces]
    own = [piece.lower() for piece in hosts if isinstance(piece, str)]
    return frozenset(label for piece in own for label in piece.split("."))


def default_id(template: Template) -> str:
    """An id of the vendor's and the service's names: lower-case words joined by hyphens."""
    provider = _slug(template.provider_name) or _slug(template.provider)
    service = _slug(template.service)
    if not service or provider == service or provider.endswith(f"-{service}"):
        return provider or "service"
    return service if service.startswith(f"{provider}-") else f"{provider}-{service}"


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:60].strip("-")


def _other(draft: Draft, record: Record, what: Role, optional: bool) -> None:
    returns = what in (Role.RETURN_PATH, Role.BOUNCE)
    name = draft.below(record.host) if returns else draft.shape(record.host, Kind.LABEL)
    if record.type == "TXT":
        value = draft.shape(record.value, Kind.TEXT, "verification")
    elif record.type == "SRV":
        value = " ".join([*map(str, record.numbers), draft.host(record.value)])
    else:
        account = what is Role.RETURN_PATH and record.type == "CNAME"
        value = draft.host(record.value, "account_host" if account else "")
    row: dict[str, Any] = {"purpose": what.value, "name": name, "type": record.type, "value": value}
    if record.type == "MX":
        row["priority"] = record.numbers[0]
    used = (parse(name).parameters | parse(value).parameters) - {"domain"}
    sparing = what is Role.VERIFICATION or (optional and what is not Role.INBOUND)
    if what in _ALWAYS and not (used and sparing):
        row["required"] = True
    if row in draft.other:
        draft.leave(record, "the same as a record before it")
        return
    draft.other.append(row)
    if guessed(record):
        draft.check.append(
            f"record {record.number} says nowhere what it is for: purpose is a guess"
        )
    if record.type == "TXT" and record.mode in ("All", "Prefix"):
        what_else = f"that begin with `{record.prefix}`" if record.mode == "Prefix" else "beside it"
        draft.check.append(
            f"the template would delete other TXT records at {record.host} {what_else};"
            " mailzone deletes nothing of others"
        )


def _dmarc(record: Record) -> str:
    """What a template's DMARC record asks for, in words; empty for other records."""
    if not str(record.host).startswith("_dmarc") or record.type != "TXT":
        return ""
    policy = "DMARC follows from the declaration's stage; the template publishes"
    addresses = re.findall(r"mailto:[^\s,;!]+", str(record.value))
    hint = f"; for its reports: `dmarc: {{reports: ['{addresses[0]}']}}`" if addresses else ""
    return f"{policy} `{record.value}`{hint}"


def _refused(template: Template, roles: dict[Role, list[Record]], draft: Draft) -> str:
    if draft.spf or draft.dkim:
        return ""
    if not draft.other:
        return "no record of the template can be part of an entry"
    if {Role.INBOUND, Role.BOUNCE} & roles.keys():
        return ""
    said = (template.service, template.service_name, template.provider_name, template.description)
    if not any(map(_MAIL.search, said)):
        return "no record of the template is about mail"
    return ""


def _align(draft: Draft, roles: dict[Role, list[Record]]) -> None:
    """How far SPF aligns, as far as records can tell; in doubt it does not."""
    if Role.RETURN_PATH in roles or draft.spf.get("needed") == "bounce-subdomain":
        draft.spf.setdefault("needed", "never")
        draft.spf["aligned"] = "with-custom-return-path"
        return
    if not draft.spf:
        return
    mailbox = any(str(r.host) == "@" for r in roles.get(Role.INBOUND, ()))
    draft.spf["aligned"] = "always" if mailbox else "unknown"
    if not mailbox:
        draft.check.append(
            "spf.aligned: `always` if bounces come to the domain, `never` if they do not; unknown"
            " counts as never"
        )


def _entry(template: Template, draft: Draft, roles: dict[Role, list[Record]]) -> dict[str, Any]:
    mailbox = Role.INBOUND in roles and draft.spf and not template.host_required
    entry: dict[str, Any] = {
        "name": _name(template),
        "category": "mailbox" if mailbox else "saas",
    }
    parts = (("spf", draft.spf), ("dkim", draft.dkim), ("other", draft.other))
    body: dict[str, Any] = {key: part for key, part in parts if part}
    parameters = draft.parameters.entry(_used(body))
    if parameters:
        entry["parameters"] = parameters
    entry |= body
    warnings = []
    if template.host_required:
        warnings.append("Only for a subdomain: declare it with at.")
    if template.several:
        warnings.append("May be set up several times for a domain, each with values of its own.")
    if warnings:
        entry["warnings"] = warnings
    version = f", version {template.version}" if template.version else ""
    entry["confidence"] = "template"
    entry["evidence"] = [f"Domain Connect template {template.id}{version}"]
    return entry


def _used(part: Any) -> frozenset[str]:
    """Every parameter that a shape of the entry names."""
    if isinstance(part, str):
        try:
            return parse(part).parameters
        except ShapeError:
            return frozenset()
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return frozenset().union(*map(_used, inner))


def _name(template: Template) -> str:
    provider, service = template.provider_name, template.service_name
    if not service or not provider:
        return service or provider or template.id
    if provider.lower() in service.lower():
        return service
    return provider if service.lower() in provider.lower() else f"{provider} {service}"


def _general(template: Template, roles: dict[Role, list[Record]], optional: bool) -> list[str]:
    """What to check of every import."""
    said = ["category and name, and that every record is still what the vendor asks for"]
    if Role.SPF in roles:
        said.append("spf.cost is missing: how many look-ups the terms cost")
    if optional:
        said.append(f"groups {', '.join(template.groups)} are all in it; --group chooses")
    if template.host_required:
        said.append("the template is for a subdomain: declare the service with `at`")
    if template.phishing:
        said.append("the template itself warns of phishing: be sure where it comes from")
    return said
