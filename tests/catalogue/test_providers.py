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
from tests.services import least
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
    jsonschema.Draft202012Validator(json.loads(text)).validate(
        {"services": dict(CATALOGUE.entries)}
    )


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
    assert all(url.startswith("https://") for url in provider.docs)
    if provider.spf.cost is not None:
        assert provider.spf.terms
        assert re.fullmatch(r"20\d\d(-\d\d)?(-\d\d)?", provider.spf.cost.as_of)
        assert provider.spf.cost.source


@each_place
def test_a_service_that_sends_says_how_it_authenticates(id, region):
    """Nothing is left to a default of the form: what is unknown is said to be unknown."""
    provider = CATALOGUE.get(id, region)
    entry = CATALOGUE.entries[id]
    if not provider.sends:
        assert not ({"spf", "dkim", "other", "recognise"} & entry.keys())
        return
    assert {"needed", "aligned"} <= entry["spf"].keys()
    assert entry["dkim"]["styles"]
    spf, dkim = provider.spf, provider.dkim
    assert dkim.exists is dkim.aligned
    assert not dkim.exists or dkim.find
    assert (spf.aligned == "with-custom-return-path") == ("return_path" in provider.parameters)
    assert spf.needed == "never" or spf.terms
    assert (spf.needed == "bounce-subdomain") == (spf.at.text == "{return_path}")
    if spf.aligned == "never":
        assert spf.needed == "never"  # a term that cannot align is published on request only
    if spf.aligned == "unknown":
        assert provider.disputed or provider.warnings


def known_cost(id: str) -> bool:
    """True if the build can count what the terms of a service cost, for its examples."""
    provider = CATALOGUE.get(id)
    region = str(values(provider, "")["region"])
    terms = CATALOGUE.get(id, region).spf.terms
    texts = [text for term in terms for text in term.fill(values(provider, region))]
    return all(t in CATALOGUE.term_costs() for t in texts if t.startswith("include:"))


def test_what_a_term_costs_is_known_or_said_to_be_unknown(sandbox):
    """At the limit the build says so; it never takes an unknown cost for one look-up in silence."""
    publishing = [id for id in CATALOGUE if CATALOGUE.get(id).spf.needed == "from-domain"]
    unknown = {id for id in publishing if not known_cost(id)}
    assert len(publishing) - len(unknown) > 20
    documents = [
        json.dumps({"domain": f"s{n}.example", "stage": "audit", "services": [least(id)]})
        for n, id in enumerate(publishing)
    ]
    sandbox.write("zones/a.yaml", "\n---\n".join(documents))
    found = [f for f in sandbox.assemble().findings if f.rule == "spf-cost-unknown"]
    # A line for each document, and one between.
    assert {publishing[f.place.line // 2] for f in found if f.place} == unknown
    assert len(found) == len(unknown)


def test_one_term_costs_the_same_wherever_it_is_named():
    costs: dict[str, set[int]] = {}
    for id, region in PLACES:
        spf = CATALOGUE.get(id, region).spf
        if spf.cost is not None and len(spf.terms) == 1:
            costs.setdefault(spf.terms[0].text, set()).add(spf.cost.lookups)
    assert len(costs) > 25
    assert {term: found for term, found in costs.items() if len(found) > 1} == {}


def test_the_file_is_in_order():
    """By category, then by id: so a new entry has one place."""
    places = [(entry["category"], id) for id, entry in CATALOGUE.entries.items()]
    order = list(dict.fromkeys(category for category, _ in places))
    assert places == sorted(places, key=lambda place: (order.index(place[0]), place[1]))


def test_no_alias_is_claimed_twice():
    names_ = [name for id in CATALOGUE for name in (id, *CATALOGUE.get(id).aliases)]
    assert len(names_) == len(set(names_))


@pytest.mark.parametrize(
    "name", ["cloudflare", "godaddy", "porkbun", "sender", "microsoft", "amazon", "zendesk-sell"]
)
def test_a_name_of_several_products_leads_to_none_of_them(name):
    assert CATALOGUE.id_of(name) is None


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
        "mailgun-txt": "mailgun",
        "ses-byodkim": "amazon-ses",
        "lettermint-txt": "lettermint",
        "mailersend-legacy": "mailersend",
        "zoho": "zoho-mail",
        "mandrillapp": "mandrill",
        "pardot": "account-engagement",
        "gohighlevel": "highlevel",
        "avanan": "checkpoint-harmony-email",
        "red-sift": "ondmarc",
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
    "amazon-ses": ("bounce-subdomain", "with-custom-return-path", ["include:amazonses.com"], 1, ["cname", "txt"]),
    "postmark": ("never", "with-custom-return-path", ["include:spf.mtasv.net"], 1, ["txt"]),
    "valimail": ("never", "never", [], None, ["none"]),
    "dmarcian": ("never", "never", [], None, ["none"]),
    "zoho-mail": ("from-domain", "always", ["include:zohomail.com"], None, ["txt"]),
    "fastmail": ("from-domain", "always", ["include:spf.messagingengine.com"], None, ["cname"]),
    "icloud-mail": ("from-domain", "always", ["include:icloud.com"], None, ["cname"]),
    "mimecast": ("from-domain", "always", ["include:{region}._netblocks.mimecast.com"], None, ["txt"]),
    "proofpoint-essentials": ("from-domain", "always", ["a:dispatch-us.ppe-hosted.com"], 1, ["txt"]),
    "exclaimer": ("from-domain", "always", ["include:spf.{region}.exclaimer.net"], None, ["none"]),
    "mandrill": ("never", "with-custom-return-path", ["include:spf.mandrillapp.com"], None, ["cname"]),
    "mailjet": ("from-domain", "with-custom-return-path", ["include:spf.mailjet.com"], None, ["txt"]),
    "resend": ("bounce-subdomain", "with-custom-return-path", ["include:amazonses.com"], 1, ["txt"]),
    "brevo": ("never", "never", ["include:spf.brevo.com"], 1, ["cname", "txt"]),
    "hubspot": ("never", "never", ["include:{hub_id}.{spf_cluster}.hubspotemail.net"], None, ["cname", "txt"]),
    "klaviyo": ("never", "with-custom-return-path", [], None, ["ns-delegation"]),
    "salesforce": ("from-domain", "unknown", ["include:_spf.salesforce.com"], 2, ["cname"]),
    "zendesk": ("from-domain", "always", ["include:mail.zendesk.com"], 1, ["cname"]),
    "freshdesk": ("never", "with-custom-return-path", ["include:email.freshdesk.com"], 7, ["cname"]),
    "shopify": ("never", "with-custom-return-path", [], None, ["cname"]),
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
    assert provider.dkim.exists is (styles != ["none"])


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


def test_mail_is_received_by_those_who_can():
    """By category: who hosts mailboxes or forwards takes mail; an entry that cannot says why."""
    without = {
        id
        for id in CATALOGUE
        if CATALOGUE.get(id).category in ("mailbox", "forwarding")
        and not CATALOGUE.get(id).has(Purpose.INBOUND_MX)
    }
    assert without == {"appriver-hosted-exchange", "cloudflare-email-routing"}
    assert all("MX" in " ".join(CATALOGUE.get(id).warnings) for id in without)
    others = {
        id
        for id in CATALOGUE
        if CATALOGUE.get(id).category in ("marketing", "crm", "helpdesk", "commerce", "saas")
        and CATALOGUE.get(id).has(Purpose.INBOUND_MX)
    }
    assert others == {
        "dotdigital", "e-shot", "highlevel", "kajabi", "salesforce-marketing-cloud-self-hosted",
    }  # fmt: skip


@each_place
def test_records_of_a_service_stand_at_names_of_their_own(id, region):
    """Nothing takes the name where mail arrives, the policy's name, or another record's CNAME."""
    provider = CATALOGUE.get(id, region)
    given = values(provider, region)
    types: dict[str, list[str]] = {}
    for record in [*provider.dkim.records, *(o.record for o in provider.other)]:
        for name in record.name.fill(given):
            types.setdefault(name, []).append(record.type)
    assert "CNAME" not in types.get("@", ())
    assert "NS" not in types.get("@", ())
    assert not any(name.startswith("_dmarc") for name in types)
    assert all(len(found) == 1 for found in types.values() if "CNAME" in found)
