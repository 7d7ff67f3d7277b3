"""The shipped catalogue: every shape fills, every example fits, and the facts are the facts."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from generator import names
from generator.catalogue import load
from generator.catalogue.model import DkimStyle, Provider, Purpose, SpfAlignment, SpfNeed
from generator.catalogue.shape import Shape
from generator.records import dmarc, mx, spf
from tests.support import ROOT

CATALOGUE = load()
PLACES = [
    (id, region)
    for id in CATALOGUE
    for region in ("", *(CATALOGUE.entries[id].get("regions") or ()))
]
each_place = pytest.mark.parametrize(("id", "region"), PLACES)


def values(provider: Provider, region: str) -> dict[str, str | tuple[str, ...]]:
    """The example of every parameter."""
    found = {name: p.example for name, p in provider.parameters.items()}
    return {**found, "domain": "example.com", "region": region or found.get("region", "eu-west-1")}


def shapes(provider: Provider) -> list[Shape]:
    records = [*provider.dkim.records, *(o.record for o in provider.other)]
    found = [*provider.spf.terms, provider.spf.at, provider.rua, provider.ruf]
    found += [shape for record in records for shape in (record.name, record.value)]
    return [shape for shape in found if shape is not None]


def test_the_schema_accepts_the_catalogue():
    """As jsonschema judges, not only as the library that is used at run time."""
    text = (ROOT / "schemas/catalogue.schema.json").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(json.loads(text)).validate({"services": CATALOGUE.entries})


@each_place
def test_every_shape_fills_for_the_examples(id, region):
    provider = CATALOGUE.get(id, region)
    for shape in shapes(provider):
        filled = shape.fill(values(provider, region))
        assert filled
        assert all(text and "{" not in re.sub(r"%\{[^}]*\}", "", text) for text in filled)


@each_place
def test_every_example_matches_its_pattern(id, region):
    for parameter in CATALOGUE.get(id, region).parameters.values():
        examples = (
            parameter.example if isinstance(parameter.example, tuple) else (parameter.example,)
        )
        assert examples
        assert isinstance(parameter.example, tuple) == parameter.list
        for example in examples:
            assert parameter.pattern.fullmatch(example), parameter.name
        assert parameter.help


@each_place
def test_every_default_matches_its_pattern(id, region):
    for parameter in CATALOGUE.get(id, region).parameters.values():
        default = parameter.default
        if isinstance(default, Shape):
            default = tuple(default.fill({"domain": "example.com", "region": region or "us"}))
        for value in default or ():
            assert parameter.pattern.fullmatch(value), parameter.name


@each_place
def test_what_the_shapes_make_are_records(id, region):
    """SPF terms, owner names, host names, MX data and report addresses all parse."""
    provider = CATALOGUE.get(id, region)
    given = values(provider, region)
    for shape in provider.spf.terms:
        for text in shape.fill(given):
            assert str(spf.parse_term(text)) == text
    for record in [*provider.dkim.records, *(o.record for o in provider.other)]:
        for text in record.name.fill(given):
            names.inside(text, "example.com")
        for text in record.value.fill(given):
            if record.type == "MX":
                mx.parse(f"{record.priority} {text}")
            if record.type in ("CNAME", "MX"):
                assert "." in names.owner(text)
    for shape in (provider.rua, provider.ruf):
        if shape is not None:
            assert all(dmarc.check_address(text) for text in shape.fill(given))


@each_place
def test_derived_DKIM_targets_match_the_vendor_s_pattern(id, region):
    provider = CATALOGUE.get(id, region)
    for record in provider.dkim.records:
        for text in record.value.fill(values(provider, region)):
            assert provider.dkim.target is not None
            assert provider.dkim.target.fullmatch(text)


@pytest.mark.parametrize("id", list(CATALOGUE))
def test_every_service_says_where_its_facts_come_from(id):
    provider = CATALOGUE.get(id)
    assert provider.confidence in ("vendor", "template", "secondary")
    assert provider.evidence
    if provider.spf.terms:
        assert provider.spf.cost is not None
        assert re.fullmatch(r"20\d\d(-\d\d)?(-\d\d)?", provider.spf.cost.as_of)


def test_no_alias_is_claimed_twice():
    names_ = [name for id in CATALOGUE for name in (id, *CATALOGUE.get(id).aliases)]
    assert len(names_) == len(set(names_))


def test_aliases_lead_to_services():
    wanted = {
        "g-suite": "google-workspace",
        "office-365": "microsoft-365",
        "protonmail": "proton-mail",
        "postfix": "self-hosted",
        "mg": "mailgun",
        "twilio-sendgrid": "sendgrid",
        "intuit-mailchimp": "mailchimp",
        "ses": "amazon-ses",
        "postmarkapp": "postmark",
        "valimail-monitor": "valimail",
    }
    assert {alias: CATALOGUE.id_of(alias) for alias in wanted} == wanted


# name: SPF need, SPF alignment, terms, look-ups, DKIM styles
FACTS = {
    "google-workspace": ("from-domain", "always", ["include:_spf.google.com"], 1, ["txt"]),
    "microsoft-365": ("from-domain", "always", ["include:spf.protection.outlook.com"], 1, ["cname"]),
    "proton-mail": ("from-domain", "always", ["include:_spf.protonmail.ch"], 2, ["cname"]),
    "self-hosted": ("from-domain", "always", ["ip4:{ipv4}", "ip6:{ipv6}"], 0, ["txt", "cname"]),
    "mailgun": ("from-domain", "always", ["include:mailgun.org"], 5, ["cname", "txt"]),
    "sendgrid": ("never", "with-custom-return-path", ["include:sendgrid.net"], 2, ["cname"]),
    "mailchimp": ("never", "never", ["include:servers.mcsv.net"], 1, ["cname"]),
    "amazon-ses": ("bounce-subdomain", "with-custom-return-path", ["include:amazonses.com"], 1, ["cname"]),
    "postmark": ("never", "with-custom-return-path", ["include:spf.mtasv.net"], 1, ["txt"]),
    "valimail": ("never", "never", [], None, ["none"]),
    "dmarcian": ("never", "never", [], None, ["none"]),
}  # fmt: skip


@pytest.mark.parametrize("id", FACTS)
def test_the_facts_of_a_service(id):
    need, aligned, terms, lookups, styles = FACTS[id]
    provider = CATALOGUE.get(id)
    assert provider.spf.needed is SpfNeed(need)
    assert provider.spf.aligned is SpfAlignment(aligned)
    assert [t.text for t in provider.spf.terms] == terms
    assert (provider.spf.cost and provider.spf.cost.lookups) == lookups
    assert provider.dkim.styles == tuple(map(DkimStyle, styles))
    assert provider.sends is (id not in ("valimail", "dmarcian"))
    assert provider.dkim.exists is provider.sends


def made(id: str, region: str = "", **given: str | tuple[str, ...]) -> list[str]:
    """`name type value` of the records that a service's DKIM and other shapes make."""
    provider = CATALOGUE.get(id, region)
    found = values(provider, region) | given
    rows = []
    for record in [*provider.dkim.records, *(o.record for o in provider.other)]:
        value = record.value.fill(found)
        owners = record.name.fill(found) * (
            1 if len(record.name.fill(found)) == len(value) else len(value)
        )
        priority = "" if record.priority is None else f"{record.priority} "
        rows += [f"{n} {record.type} {priority}{v}" for n, v in zip(owners, value, strict=True)]
    return rows


def test_the_records_of_the_vendors():
    assert made("google-workspace") == ["@ MX 1 smtp.google.com"]
    assert made(
        "microsoft-365", tenant="contoso", mx_host="contoso-com.mail.protection.outlook.com"
    ) == [
        "selector1._domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com",
        "selector2._domainkey CNAME selector2-example-com._domainkey.contoso.onmicrosoft.com",
        "@ MX 0 contoso-com.mail.protection.outlook.com",
        "autodiscover CNAME autodiscover.outlook.com",
    ]
    assert made("sendgrid", account_host="u1.wl2.sendgrid.net", return_path="em7")[:3] == [
        "s1._domainkey CNAME s1.domainkey.u1.wl2.sendgrid.net",
        "s2._domainkey CNAME s2.domainkey.u1.wl2.sendgrid.net",
        "em7 CNAME u1.wl2.sendgrid.net",
    ]
    assert made("mailchimp") == [
        "k2._domainkey CNAME dkim2.mcsv.net",
        "k3._domainkey CNAME dkim3.mcsv.net",
    ]
    assert made("amazon-ses", "eu-west-1", tokens=("a", "b"), return_path="bounce") == [
        "a._domainkey CNAME a.dkim.amazonses.com",
        "b._domainkey CNAME b.dkim.amazonses.com",
        "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com",
        "@ MX 10 inbound-smtp.eu-west-1.amazonaws.com",
    ]
    assert made("amazon-ses", "eu-south-1", tokens=("a",))[0] == (
        "a._domainkey CNAME a.dkim.eu-south-1.amazonses.com"
    )
    assert made("postmark", return_path="pm-bounces")[0] == "pm-bounces CNAME pm.mtasv.net"
    assert made("mailgun", "eu") == [
        "email CNAME eu.mailgun.org",
        "@ MX 10 mxa.eu.mailgun.org",
        "@ MX 10 mxb.eu.mailgun.org",
    ]
    assert made("mailgun")[0] == "email CNAME mailgun.org"
    assert len(made("proton-mail")) == 6
    assert made("self-hosted", mx_host="mail.example.com") == ["@ MX 10 mail.example.com"]


def test_the_national_clouds_of_microsoft_have_their_own_include():
    terms = {
        r: CATALOGUE.get("microsoft-365", r).spf.terms[0].text
        for r in CATALOGUE.get("microsoft-365").regions
    }
    assert terms == {
        "worldwide": "include:spf.protection.outlook.com",
        "gcc-high": "include:spf.protection.office365.us",
        "china-21vianet": "include:spf.protection.partner.outlook.cn",
    }
    assert CATALOGUE.get("microsoft-365", "gcc-high").dkim.records == ()


def test_report_addresses_follow_region_and_token():
    assert CATALOGUE.get("valimail").rua.fill({}) == ["mailto:dmarc_agg@vali.email"]
    assert CATALOGUE.get("valimail").ruf is None
    assert CATALOGUE.get("dmarcian").rua.fill({"token": "abc123"}) == [
        "mailto:abc123@ag.dmarcian.com"
    ]
    eu = CATALOGUE.get("dmarcian", "eu")
    assert eu.rua.fill({"token": "abc123"}) == ["mailto:abc123@ag.eu.dmarcian.com"]
    assert eu.ruf.fill({"token": "abc123"}) == ["mailto:abc123@fr.eu.dmarcian.com"]


def test_parameters_that_dkim_makes_unnecessary():
    wanted = {
        "microsoft-365": {"tenant"},
        "sendgrid": {"selectors"},
        "proton-mail": {"token"},
        "amazon-ses": {"tokens"},
        "mailchimp": set(),
    }
    assert {id: set(CATALOGUE.get(id).dkim_parameters) for id in wanted} == wanted


def test_mail_is_received_by_those_who_can():
    receivers = {id for id in CATALOGUE if CATALOGUE.get(id).has(Purpose.INBOUND_MX)}
    assert receivers == {
        "google-workspace", "microsoft-365", "proton-mail", "self-hosted", "mailgun", "sendgrid",
        "amazon-ses", "postmark",
    }  # fmt: skip
