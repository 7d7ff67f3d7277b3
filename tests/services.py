"""Every service of the catalogue as a declaration may use it, made of the entry's own examples."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from generator.catalogue import Catalogue, load
from generator.catalogue.model import Carries, DkimStyle, Provider, Purpose
from tests.cases import with_keys
from tests.support import ROOT

Data = dict[str, Any]

# Services whose host names cannot be derived for a domain that holds a hyphen, as A-labels do.
UNDERIVED = frozenset({"microsoft-365", "microsoft-365-godaddy", "dynamics-365-marketing"})


@cache
def catalogue() -> Catalogue:
    return load()


def senders() -> Iterator[tuple[str, str]]:
    """Id and region of every service that takes no reports, and of each of its regions."""
    for id in catalogue():
        provider = catalogue().get(id)
        if provider.sends:
            yield id, ""
            yield from ((id, region) for region in provider.regions)


@cache
def consoles() -> dict[str, dict[str, str]]:
    """`dkim-pasted.yaml`, its keys filled in."""
    text = (ROOT / "tests/data/dkim-pasted.yaml").read_text(encoding="utf-8")
    data: dict[str, dict[str, str]] = yaml.load(with_keys(text), yaml.CBaseLoader)
    return data


def examples(provider: Provider) -> dict[str, Any]:
    """The example of every parameter, as JSON would hold it."""
    return {
        name: list(p.example) if isinstance(p.example, tuple) else p.example
        for name, p in provider.parameters.items()
    }


def needed(provider: Provider, receives: bool = False) -> set[str]:
    """Parameters without which the service's usual records cannot be made."""
    names = {name for name, p in provider.parameters.items() if p.required}
    for shape in provider.dkim.records:
        names |= shape.parameters
    terms = provider.spf.terms if provider.spf.needed == "from-domain" else ()
    if terms and all(term.parameters for term in terms):
        names |= terms[0].parameters
    for entry in provider.other:
        inbound = entry.purpose is Purpose.INBOUND_MX
        if receives if inbound else entry.required:
            names |= entry.record.parameters
    return (names & set(provider.parameters)) - provider.defaulted


def derived(provider: Provider) -> dict[str, str]:
    """The targets that follow from the examples, by selector."""
    given = {name: p.example for name, p in provider.parameters.items()}
    given = {"domain": "example.com", "region": "us-east-1", **given}
    found: dict[str, str] = {}
    for record in provider.dkim.records:
        names, values = record.name.fill(given), record.value.fill(given)
        for name, value in zip(names * (len(values) // len(names)), values, strict=True):
            found[name.partition("._domainkey")[0].lower()] = value
    return found


def pasted(provider: Provider) -> dict[str, str]:
    """What the customer would copy from the console, as ``dkim:`` takes it; empty if nothing."""
    styles = provider.dkim.styles
    if provider.id in consoles():
        return consoles()[provider.id]
    if DkimStyle.CNAME in styles:
        return derived(provider) or {"selector1": "selector1.dkim.vendor.example"}
    if DkimStyle.TXT in styles:
        selector = provider.dkim.selectors[0] if provider.dkim.selectors else "selector1"
        return {selector: with_keys("<rsa2048>")}
    return {}


def least(id: str, region: str = "") -> Data:
    """The service with what it cannot do without."""
    provider = catalogue().get(id, region)
    use: Data = {"use": id, **({"region": region} if region else {})}
    wanted = needed(provider)
    for name, value in examples(provider).items():
        if name in wanted and name not in use:
            use[name] = value
    if not provider.dkim.records and pasted(provider):
        use["dkim"] = pasted(provider)
    return use


def most(id: str, region: str = "") -> Data:
    """The service with everything that can be said of it, its keys pasted."""
    provider = catalogue().get(id, region)
    use: Data = {"use": id, **({"region": region} if region else {})}
    for name, value in examples(provider).items():
        if name != "region" or provider.parameters[name].required:
            use.setdefault(name, value)
    if pasted(provider) and provider.dkim.styles != (DkimStyle.DELEGATION,):
        use["dkim"] = pasted(provider)
    if provider.has(Purpose.INBOUND_MX):
        use["receives"] = True
    if provider.has(Purpose.TRACKING):
        use["tracking"] = True
    if provider.spf.terms:
        use["spf"] = {"force": True}
    return use


def stands_alone(provider: Provider) -> bool:
    """False for a service whose mail others sign, or that does not sign at all."""
    return provider.carries is Carries.OWN and provider.dkim.aligned
