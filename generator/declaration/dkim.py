"""The ``dkim:`` part of a service: what the vendor's console shows, checked and told apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from generator.catalogue.model import DkimStyle, Provider
from generator.declaration.context import Context
from generator.declaration.model import DkimEntry
from generator.finding import Locatable, mask
from generator.names import NameProblem, owner
from generator.records import dkim
from generator.records.error import RecordError

_HOST = re.compile(r"[A-Za-z0-9_*-]+(?:\.[A-Za-z0-9_-]+)+\.?", re.ASCII)
_SELECTOR_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_BETWEEN_STRINGS = re.compile(r'"\s*"')
_RECORD = re.compile(r"\s*[A-Za-z]\w*\s*=(?!=*\s*\Z)")


def read_dkim(
    given: Any, provider: Provider, at: Callable[..., Locatable], context: Context
) -> tuple[tuple[DkimEntry, ...], bool]:
    """The entries of a service's ``dkim:``, and whether the key is still pending."""
    if given is None or given == "pending":
        return (), given == "pending"
    if not provider.dkim.exists:
        message = f"{provider.id} is not known to sign with keys of the customer's domain"
        context.fault("service-parameter", message, at("dkim", key=True))
        return (), False
    entries: dict[str, DkimEntry] = {}
    for selector, value in given.items():
        name = _selector(selector, at, context)
        inner = isinstance(value, dict)
        where = at("dkim", selector, "key") if inner else at("dkim", selector)
        text = value["key"] if isinstance(value, dict) else value
        retiring = value.get("retiring") if isinstance(value, dict) else None
        until = retiring and context.date(retiring, at("dkim", selector, "retiring"))
        data = _data(text, provider, where, context)
        if name is not None and name in entries:
            message = f"selectors `{selector}` and `{name}` are one name in DNS"
            context.fault("dkim-multiple-keys", message, at("dkim", selector, key=True))
        elif name is not None and data is not None:
            entries[name] = DkimEntry(name, data[0], data[1], until, where)
    return tuple(entries.values()), False


def _selector(text: str, at: Callable[..., Locatable], context: Context) -> str | None:
    name = text.lower()
    if _SELECTOR_LABEL.fullmatch(name):
        return name
    where = at("dkim", text, key=True)
    if name.endswith("._domainkey"):
        help = f"write `{name.removesuffix('._domainkey')}`"
        context.fault(
            "dkim-selector", "the selector is only the part before ._domainkey", where, help
        )
        return None
    for label in name.split("."):
        if not _SELECTOR_LABEL.fullmatch(label):
            message = f"`{mask(text)[:80]}` is no selector: letters, digits and hyphens, 63 at most"
            context.fault("dkim-selector", message, where)
            return None
    return name


def _data(
    text: str, provider: Provider, where: Locatable, context: Context
) -> tuple[str, str] | None:
    """Record type and data; None after a fault."""
    text = _unquoted(text)
    if dkim.is_private(text):
        help = "remove it, and replace the key pair: it has been seen; DNS takes the public key"
        context.fault("private-key", "this is a private key", where, help)
        return None
    try:
        if _HOST.fullmatch(text):
            return _target(text, provider, where, context)
        record = dkim.parse(text) if _RECORD.match(text) else dkim.from_base64(text)
        if record.revoked:
            help = "remove the selector once nothing is signed with it; `retiring` announces that"
            context.fault("dkim-revoked-in-use", "p= is empty, which revokes the key", where, help)
            return None
        record.key()
    except RecordError as error:
        context.fault(error.rule, error.message, where, error.help or provider.dkim.find)
        return None
    if DkimStyle.TXT not in provider.dkim.styles:
        message = f"{provider.id} publishes its keys by CNAME, and this is a key"
        context.fault(
            "service-parameter", message, where, f"paste the target; {provider.dkim.find}"
        )
        return None
    return "TXT", str(record)


def _unquoted(text: str) -> str:
    """The text without the quotes of zone-file syntax: consoles show long keys as `"..." "..."`."""
    text = text.strip()
    return _BETWEEN_STRINGS.sub("", text).strip('"') if text.startswith('"') else text


def _target(
    text: str, provider: Provider, where: Locatable, context: Context
) -> tuple[str, str] | None:
    if DkimStyle.CNAME not in provider.dkim.styles:
        message = f"{provider.id} gives out keys, and this is a host name"
        context.fault("service-parameter", message, where, f"paste the key; {provider.dkim.find}")
        return None
    try:
        target = owner(text)
    except NameProblem as problem:
        context.fault("domain-name", str(problem), where)
        return None
    return "CNAME", target
