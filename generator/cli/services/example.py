"""A service declared for example.com, and the records that really follow."""

from __future__ import annotations

import base64
import re
from datetime import date
from typing import NamedTuple

from generator import schema
from generator.catalogue import Catalogue
from generator.catalogue.model import Parameter, Provider, Purpose, SpfNeed
from generator.compile import compile_domain
from generator.declaration.context import Context
from generator.declaration.domain import read_domain
from generator.declaration.merge import Layer, merge
from generator.finding import Finding, Severity
from generator.source import SourceError, parse
from generator.values import Kind, Value

DOMAIN = "example.com"
KEY = "MIIB..."  # stands for a key that only the vendor knows
TARGET = "host.vendor.example"  # for such a CNAME target

# A declaration goes through the same readers as a user's, which want a whole key: an RSA key of
# 2,048 bits (RFC 3279 2.3.1) whose modulus is a text, so that nobody can sign with it.
_HEAD = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
_MODULUS = (b"\xc3" + b"an example, nobody's key; " * 10)[:255] + b"\x01"
_SAMPLE = base64.b64encode(_HEAD + _MODULUS + bytes.fromhex("0203010001")).decode("ascii")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./@+-]*")
_WORDS = frozenset({"true", "false", "null"})


class Shown(NamedTuple):
    """A record of the example, and what in the declaration brings it about, beyond the least."""

    value: Value
    when: str


class Example(NamedTuple):
    """``declaration`` is the least that declares the service; ``findings`` should be empty."""

    declaration: str
    records: list[Shown]
    findings: list[Finding]


def example(catalogue: Catalogue, provider: Provider, today: date) -> Example:
    """Declare the service, each time with more, and compile it."""
    shown: list[Shown] = []
    seen: set[tuple[str, str, str]] = set()
    findings: list[Finding] = []
    for when, lines in _variants(provider):
        values, found = _compiled(catalogue, provider, lines, today)
        findings += [f for f in found if f.severity is Severity.ERROR]
        for value in values:
            row = (value.name, value.type, value.text)
            if row not in seen:
                seen.add(row)
                shown.append(Shown(value, when))
    return Example("\n".join(_least(provider)), shown, findings)


def _variants(provider: Provider) -> list[tuple[str, list[str]]]:
    """The least declaration, and those with options; each with the option's words."""
    least = _least(provider)
    variants = [("", least)]
    if not provider.sends:
        return variants
    plain = least if len(least) > 1 else [f"- use: {provider.id}"]
    given = {line.strip().split(":")[0] for line in plain}
    more = [p for p in provider.parameters.values() if p.name not in given and p.default is None]
    if more and "receives: only" not in "".join(least):
        names = " and ".join(p.name for p in more)
        variants.append((names, [*plain, *map(_given, more)]))
    if "receives" not in given and provider.has(Purpose.INBOUND_MX):
        wanted = _with_more(provider, _parameters(provider, Purpose.INBOUND_MX))
        needed = [p for p in more if p.name in wanted]
        variants.append(("receives: true", [*plain, *map(_given, needed), "  receives: true"]))
    if provider.has(Purpose.TRACKING):
        wanted = _with_more(provider, _parameters(provider, Purpose.TRACKING))
        needed = [p for p in more if p.name in wanted]
        variants.append(("tracking: true", [*plain, *map(_given, needed), "  tracking: true"]))
    return variants


def _parameters(provider: Provider, purpose: Purpose) -> frozenset[str]:
    names = (o.record.parameters for o in provider.other if o.purpose is purpose)
    return frozenset().union(*names)


def _least(provider: Provider) -> list[str]:
    """The lines that declare the service, with example values and no more than it needs."""
    if not provider.sends:
        own = [f"{p.name}: {_value(p)}" for p in provider.parameters.values() if p.required]
        use = f"{{use: {provider.id}, {', '.join(own)}}}" if own else provider.id
        return [f"dmarc: {{reports: [{use}]}}"]
    lines = [f"- use: {provider.id}"]
    needed = _needed(provider)
    only = not provider.spf.terms and not provider.dkim.exists and provider.has(Purpose.INBOUND_MX)
    if only:
        needed |= _parameters(provider, Purpose.INBOUND_MX)
    lines += [
        _given(p)
        for p in provider.parameters.values()
        if p.required or (p.name in needed and p.default is None)
    ]
    if provider.dkim.exists and not provider.dkim.records:
        selector = provider.dkim.selectors[0] if provider.dkim.selectors else "selector"
        value = TARGET if provider.dkim.styles[0] == "cname" else f'"v=DKIM1; k=rsa; p={KEY}"'
        lines.append(f"  dkim: {{{selector}: {value}}}")
    elif only:
        lines.append("  receives: only")
    return lines if len(lines) > 1 else [f"- {provider.id}"]


_RETURNS = (Purpose.RETURN_PATH, Purpose.BOUNCE_MX)


def _needed(provider: Provider) -> frozenset[str]:
    """Parameters without which the service's sending records cannot be made."""
    needed: frozenset[str] = frozenset()
    for record in provider.dkim.records:
        needed |= record.parameters
    for entry in provider.other:
        if entry.required and entry.purpose is not Purpose.INBOUND_MX:
            needed |= entry.record.parameters
    return _with_more(provider, needed)


def _with_more(provider: Provider, given: frozenset[str]) -> frozenset[str]:
    """The parameters, and those that become necessary with them.

    Who names a return path wants all of its record, and the SPF terms there.
    """
    for entry in provider.other:
        path = entry.record.name.parameters if entry.purpose in _RETURNS else frozenset()
        if path and path <= given | provider.defaulted:
            given |= entry.record.parameters
    spf = provider.spf
    published = spf.needed is SpfNeed.FROM_DOMAIN or (
        spf.needed is SpfNeed.BOUNCE_SUBDOMAIN and spf.at.parameters <= given | provider.defaulted
    )
    if published and spf.terms and all(term.parameters for term in spf.terms):
        given |= spf.terms[0].parameters
    return given


def _given(parameter: Parameter) -> str:
    return f"  {parameter.name}: {_value(parameter)}"


def _value(parameter: Parameter) -> str:
    example = parameter.example
    if isinstance(example, tuple):
        return f"[{', '.join(map(_scalar, example))}]"
    return _scalar(example)


def _scalar(text: str) -> str:
    """The text as YAML, in quotes only where it needs them."""
    if _PLAIN.fullmatch(text) and text not in _WORDS:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _compiled(
    catalogue: Catalogue, provider: Provider, lines: list[str], today: date
) -> tuple[list[Value], list[Finding]]:
    """The records of the service for the example domain, in the order in which they are written."""
    body = "\n".join(lines).replace(f"p={KEY}", f"p={_SAMPLE}")
    if provider.sends:
        body = "services:\n" + body
    text = f"domain: {DOMAIN}\nstage: monitor\n{body}\n"
    try:
        source = parse(text.encode("utf-8"), f"the example of {provider.id}")
    except SourceError as error:
        return [], error.findings
    data = source.documents[0]
    found = schema.check(source, (0,), data, "declaration-structure")
    if found:
        return [], found
    context = Context(catalogue, today, [])
    where = source.spot(0, "domain")
    merged = merge([Layer(source, (0,), {k: v for k, v in data.items() if k != "domain"})])
    values: list[Value] = []
    for domain in read_domain(DOMAIN, where, source.path, merged, context):
        compiled = compile_domain(domain)
        context.findings.extend(compiled.findings)
        values += compiled.values
    # The sample key says nothing to a reader, so the placeholder stands for it again.
    shown = [value._replace(text=value.text.replace(_SAMPLE, KEY)) for value in values]
    return [value for value in shown if _of(provider, value)], context.findings


def _of(provider: Provider, value: Value) -> bool:
    """True for a record of the service, not one that every domain has."""
    if not provider.sends:
        return value.kind is Kind.DMARC
    bare = value.kind is Kind.SPF and value.text.count(" ") == 1  # v=spf1 ~all
    return value.kind is not Kind.DMARC and not bare
