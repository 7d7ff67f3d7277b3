"""What vendors do differently from what one would expect, each held by a declaration."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from generator.alignment import Alignment, alignments
from generator.finding import Finding
from generator.records import spf
from tests.cases import keys
from tests.services import catalogue, examples, least, needed, senders
from tests.support import Sandbox

KEY = keys()["rsa2048"]
REPORTS = {"reports": ["valimail"]}


def declare(sandbox: Sandbox, *services: Any, domain: str = "example.com", **more: Any) -> None:
    document = {"domain": domain, "stage": "monitor", "services": list(services), "dmarc": REPORTS}
    sandbox.write("zones/a.yaml", json.dumps(document | more, indent=1, ensure_ascii=False))


def values(sandbox: Sandbox, type: str) -> dict[str, str]:
    """Name to text of all records of a type; a name has one here."""
    rows = [(name, text) for name, kind, text in sandbox.records() if kind == type]
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def keys_at(sandbox: Sandbox, type: str = "CNAME") -> dict[str, str]:
    return {n: t for n, t in values(sandbox, type).items() if "._domainkey." in n}


def own_spf(sandbox: Sandbox) -> str:
    """The domain's own SPF record."""
    texts = [t for n, k, t in sandbox.records() if n == "example.com." and t.startswith("v=spf1")]
    assert len(texts) == 1
    return texts[0]


def findings(sandbox: Sandbox, rule: str) -> list[Finding]:
    return [found for found in sandbox.assemble().findings if found.rule == rule]


def said(sandbox: Sandbox) -> list[str]:
    return [f"{f.rule}: {f.message}" for f in sandbox.assemble().errors]


# --- host names made of the domain -----------------------------------------------------------


def test_hubspot_doubles_a_hyphen_before_dots_become_hyphens(sandbox: Sandbox) -> None:
    declare(sandbox, least("hubspot"), domain="my-shop.co.example")
    assert set(keys_at(sandbox).values()) == {
        "my--shop-co-example.hs06a.dkim.hubspotemail.net.",
        "my--shop-co-example.hs06b.dkim.hubspotemail.net.",
    }


def test_dynamics_drops_the_dots_and_derives_nothing_where_a_hyphen_is(sandbox: Sandbox) -> None:
    use = {"use": "dynamics-365-marketing", "region": "eur"}
    declare(sandbox, {**use, "at": "promo"}, domain="contoso.com")
    assert keys_at(sandbox) == {
        "eurkey1._domainkey.promo.contoso.com.": "eurkey1promocontosocom.marketing.dynamics.com.",
        "eurkey2._domainkey.promo.contoso.com.": "eurkey2promocontosocom.marketing.dynamics.com.",
    }
    declare(sandbox, use, domain="my-shop.com")
    assert sandbox.errors() == ["service-derivation"]
    target = "eurkey1myshopcom.marketing.dynamics.com"
    declare(sandbox, {**use, "dkim": {"eurkey1": target}}, domain="my-shop.com")
    assert list(keys_at(sandbox).values()) == [f"{target}."]
    declare(sandbox, {**use, "label": "myshopcom"}, domain="my-shop.com")
    assert f"{target}." in keys_at(sandbox).values()


@pytest.mark.parametrize("id", ["microsoft-365", "microsoft-365-godaddy"])
def test_microsoft_s_new_targets_are_pasted_and_never_derived(sandbox: Sandbox, id: str) -> None:
    use = {"use": id, "tenant": "contoso"}
    declare(sandbox, use)
    assert all(text.endswith(".onmicrosoft.com.") for text in keys_at(sandbox).values())
    targets = {
        f"selector{n}": f"selector{n}-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
        for n in (1, 2)
    }
    declare(sandbox, {**use, "dkim": targets})
    assert sorted(keys_at(sandbox).values()) == [f"{text}." for text in targets.values()]
    assert sandbox.rules() == []
    declare(sandbox, {"use": id, "dkim": {"selector1": "selector1.dkim.mail.microsoft"}})
    assert sandbox.errors() == ["dkim-target"]
    declare(sandbox, use, domain="my-example.com")
    assert sandbox.errors() == ["service-derivation"]


def test_no_shape_of_the_catalogue_holds_a_character_that_microsoft_chooses() -> None:
    for id, region in senders():
        provider = catalogue().get(id, region)
        shapes = [*provider.dkim.records, *(o.record for o in provider.other)]
        assert not any("-v1." in shape.value.text for shape in shapes)


# --- SPF terms -------------------------------------------------------------------------------


def test_macros_come_out_as_they_went_in(sandbox: Sandbox) -> None:
    declare(
        sandbox,
        "proofpoint-hosted-spf",
        {"use": "cisco-secure-email-cloud", "allocation": "hc1-2.eu", "dkim": "pending"},
    )
    record = values(sandbox, "TXT")["example.com."]
    assert record == (
        "v=spf1 include:%{ir}.%{v}.%{d}.spf.has.pphosted.com"
        " exists:%{i}.spf.hc1-2.eu.iphmx.com ~all"
    )
    assert str(spf.parse(record)) == record


def test_whoever_shows_a_redirect_is_merged_as_an_include(sandbox: Sandbox) -> None:
    """`redirect` ends the evaluation, and beside the stage's `all` is never followed."""
    declare(
        sandbox,
        {"use": "vk-workspace", "dkim": {"mailru": KEY}},
        {"use": "icloud-mail", "verification": "AbCdEfGh12345678"},
    )
    assert own_spf(sandbox) == "v=spf1 include:_spf.mail.ru include:icloud.com ~all"
    terms = [t.text for id, r in senders() for t in catalogue().get(id, r).spf.terms]
    assert len(terms) > 150
    assert not [
        text for text in terms if text.startswith(("redirect", "exp", "v=")) or text[-3:] == "all"
    ]


@pytest.mark.parametrize(
    "term", ["redirect=_spf.acme.example", "-all", "~ALL", "exp=why.acme.example"]
)
def test_an_entry_cannot_speak_for_the_whole_domain(sandbox: Sandbox, term: str) -> None:
    sandbox.write(
        "providers.d/acme.yaml",
        json.dumps(
            {"services": {"acme": {"name": "A", "category": "crm", "spf": {"terms": [term]}}}}
        ),
    )
    declare(sandbox)
    [found] = findings(sandbox, "catalogue-entry")
    assert found.message == f"`{term}` would speak for the whole domain; its stage does"
    assert ("include" in found.help) is ("=" in term)


def test_a_term_that_begins_like_all_is_no_all(sandbox: Sandbox) -> None:
    declare(sandbox, {"use": "avature", "dkim": {"avature-ext": KEY}})
    assert own_spf(sandbox) == "v=spf1 include:all.spf.avature.net ~all"


USELESS = [
    "mailchimp", "brevo", "campaign-monitor", "marketo", "account-engagement", "zoho-campaigns",
    "keap", "hubspot", "sendgrid", "postmark", "mandrill", "sparkpost", "smtp2go", "mailtrap",
    "freshdesk", "lettr",
]  # fmt: skip


@pytest.mark.parametrize("id", USELESS)
def test_a_useless_include_is_published_on_request_only_and_said_to_be_useless(
    sandbox: Sandbox, id: str
) -> None:
    provider = catalogue().get(id)
    use = {**least(id), **{k: v for k, v in examples(provider).items() if k != "region"}}
    declare(sandbox, use)
    assert own_spf(sandbox) == "v=spf1 ~all"
    assert not findings(sandbox, "spf-useless-include")
    declare(sandbox, {**use, "spf": {"force": True}})
    assert own_spf(sandbox).startswith("v=spf1 include:")
    assert len(findings(sandbox, "spf-useless-include")) == 1


def test_a_term_asked_for_without_its_parameter_is_missed(sandbox: Sandbox) -> None:
    use = {"use": "hubspot", "hub_id": "1", "cluster": "hs01", "spf": {"force": True}}
    declare(sandbox, use)
    assert said(sandbox) == ["service-parameter: hubspot needs `spf_cluster`"]


def test_a_vendor_that_wants_a_hard_fail_says_so_until_it_has_one(sandbox: Sandbox) -> None:
    use = least("azure-communication-services")
    declare(sandbox, use)
    [found] = findings(sandbox, "service-wants-hardfail")
    assert found.severity.label == "advice"
    assert found.message == (
        "azure-communication-services accepts SPF of example.com only with -all; here it ends in ~all"
    )
    assert "spf: {all: fail}" in found.help
    declare(sandbox, use, spf={"all": "fail"})
    assert not findings(sandbox, "service-wants-hardfail")
    declare(sandbox, use, stage="enforce")
    assert not findings(sandbox, "service-wants-hardfail")
    declare(sandbox, "mailchimp", subdomains={"mail": {"services": [use], "spf": {"all": "fail"}}})
    assert not findings(sandbox, "service-wants-hardfail")
    declare(sandbox, {**use, "at": ["a", "b"]})
    assert len(findings(sandbox, "service-wants-hardfail")) == 2


LITERAL = {
    "account-engagement", "ahasend", "azure-communication-services", "elastic-email",
    "mailerlite", "mailersend", "mailjet", "marketo", "tencent-ses", "zendesk",
}  # fmt: skip


def test_a_console_that_looks_for_the_term_itself_is_marked(sandbox: Sandbox) -> None:
    """So that whoever shortens records leaves these terms alone; `services show` says it."""
    marked = {id for id in catalogue() if catalogue().get(id).spf.literal}
    assert marked == LITERAL
    assert "these very terms" in sandbox.run("services", "show", "zendesk").output
    assert "these very terms" not in sandbox.run("services", "show", "mailgun").output
    output = sandbox.run("services", "show", "azure-communication-services").output
    assert "no other ending than -all" in output


def test_what_is_unknown_is_shown_as_unknown_and_counts_as_unaligned(sandbox: Sandbox) -> None:
    declare(sandbox, {"use": "help-scout", "dkim": "pending"})
    assert [(a.spf, a.dkim) for a in judged(sandbox)] == [(False, False)]
    assert "aligns: unknown" in sandbox.run("services", "show", "help-scout").output


def test_a_region_s_own_terms_do_not_cost_what_the_entry_s_cost() -> None:
    worldwide = catalogue().get("microsoft-365", "worldwide").spf
    assert worldwide.cost is not None
    assert worldwide.cost == catalogue().get("microsoft-365").spf.cost
    assert catalogue().get("microsoft-365", "gcc-high").spf.cost is None
    regional = catalogue().get("mimecast", "global").spf.cost
    assert regional is not None
    assert regional.lookups == 6


# --- names that a vendor needs for itself ----------------------------------------------------

DELEGATED = {"use": "klaviyo", "return_path": "send"}


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"services": [DELEGATED, {"use": "mailchimp", "at": "send"}]}, "send.example.com."),
        ({"services": [DELEGATED, {"use": "mailgun", "at": "eu.send", "dkim": {"k1": KEY}}]}, "eu.send.example.com."),
        ({"services": [DELEGATED, {"use": "postmark", "return_path": "send", "dkim": "pending"}]}, "send.example.com."),
        ({"services": [DELEGATED], "helo": "mx.send.example.com"}, "mx.send.example.com."),
        ({"services": [DELEGATED], "records": [{"name": "x.send", "type": "TXT", "value": "a"}]}, "x.send.example.com."),
        ({"services": [], "records": [{"name": "_dmarc", "type": "NS", "value": "ns.vendor.example"}]}, "_dmarc.example.com."),
        ({"services": ["mailchimp"], "records": [{"name": "_domainkey", "type": "NS", "value": "ns.vendor.example"}]}, "k2._domainkey.example.com."),
    ],
)  # fmt: skip
def test_nothing_of_ours_can_stand_where_a_vendor_has_taken_over(
    sandbox: Sandbox, more: dict[str, Any], where: str
) -> None:
    declare(sandbox, **more)
    found = findings(sandbox, "zone-below-cut")
    assert [f.message.partition(" lies")[0] for f in found] == [where]
    assert found[0].severity.label == "error"
    assert found[0].place is not None


@pytest.mark.parametrize(
    "more",
    [
        {"services": [DELEGATED, {"use": "mailchimp", "at": "sender"}]},
        {"services": [DELEGATED], "records": [{"name": "ns.send", "type": "A", "value": "8.8.8.8"}]},
        {"services": [], "records": [{"name": "sub", "type": "NS", "value": "ns.vendor.example"}]},
        {"services": ["mailchimp"], "zone": {"mode": "zone", "ns": ["ns.vendor.example"], "mx": "none"}},
    ],
)  # fmt: skip
def test_beside_a_delegation_and_for_its_glue_there_is_room(
    sandbox: Sandbox, more: dict[str, Any]
) -> None:
    declare(sandbox, **more)
    assert said(sandbox) == []


def test_a_delegated_name_has_no_key_to_paste(sandbox: Sandbox) -> None:
    declare(sandbox, {**DELEGATED, "dkim": {"k1": KEY}})
    assert said(sandbox) == [
        "service-parameter: klaviyo serves its keys from a name that is handed to it by NS"
    ]


def test_a_managed_policy_beside_the_declared_one_is_an_error_at_its_line(
    sandbox: Sandbox,
) -> None:
    record = {"name": "_dmarc", "type": "CNAME", "value": "dmarc.vendor.example"}
    declare(sandbox, records=[record])
    [found] = findings(sandbox, "zone-cname-other")
    assert found.message == "a CNAME at _dmarc.example.com. beside TXT"


@pytest.mark.parametrize("name", ["_dmarc", "_dmarc.{label}"])
def test_no_entry_can_publish_a_policy(sandbox: Sandbox, name: str) -> None:
    parameter = {"help": "h", "example": "a", "pattern": "a"}
    record = {"purpose": "verification", "name": name, "type": "CNAME", "value": "x.example"}
    entry = {"name": "A", "category": "crm", "parameters": {"label": parameter}, "other": [record]}
    sandbox.write("providers.d/acme.yaml", json.dumps({"services": {"acme": entry}}))
    declare(sandbox)
    [found] = findings(sandbox, "catalogue-entry")
    assert found.message == "the record at `_dmarc` is the stage's to write, not a service's"


# --- Amazon SES and who resells it -----------------------------------------------------------

REGIONAL = {
    "af-south-1", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-5", "ca-west-1",
    "eu-central-2", "eu-south-1", "il-central-1", "me-central-1", "us-gov-east-1",
}  # fmt: skip
BY_TOKENS = {"amazon-ses", "noreply-so", "plunk", "posthog", "sending-dev", "smtpfast"}
ONE_HOST = {"amazon-workmail", "loops", "trustifi"}  # their regions have none of their own


def test_ses_s_dkim_hosts_follow_the_region_for_every_reseller() -> None:
    found = {
        id
        for id in catalogue()
        for record in catalogue().get(id).dkim.records
        if record.value.text == "{tokens}.dkim.amazonses.com"
    }
    assert found == BY_TOKENS | ONE_HOST
    for id in BY_TOKENS:
        assert set(catalogue().get(id).regions) == REGIONAL
        for region in REGIONAL:
            provider = catalogue().get(id, region)
            assert provider.parameters["region"].pattern.fullmatch(region)
            assert [r.value.text for r in provider.dkim.records] == [
                f"{{tokens}}.dkim.{region}.amazonses.com"
            ]
    for id in ONE_HOST:
        region = catalogue().get(id).parameters.get("region")
        assert region is None or not any(region.pattern.fullmatch(name) for name in REGIONAL)


@pytest.mark.parametrize(
    ("region", "host"), [("eu-west-1", "dkim"), ("eu-south-1", "dkim.eu-south-1")]
)
def test_a_region_decides_host_and_bounce_mx(sandbox: Sandbox, region: str, host: str) -> None:
    token = "hirjd4exampled5477y22yd23ettobi"
    declare(
        sandbox,
        {"use": "amazon-ses", "region": region, "return_path": "bounce", "tokens": [token]},
    )
    assert keys_at(sandbox) == {
        f"{token}._domainkey.example.com.": f"{token}.{host}.amazonses.com."
    }
    assert values(sandbox, "MX") == {
        "bounce.example.com.": f"10 feedback-smtp.{region}.amazonses.com."
    }


SES = {"use": "amazon-ses", "region": "eu-west-1", "return_path": "bounce", "dkim": {"k1": KEY}}


@pytest.mark.parametrize(
    ("other", "records"),
    [
        ({**SES, "region": "us-east-1", "dkim": {"k2": KEY}}, []),
        ({"use": "resend", "region": "us-east-1", "return_path": "bounce", "dkim": {"resend": KEY}}, []),
        ({"use": "google-workspace", "at": "bounce", "receives": True, "dkim": {"google": KEY}}, []),
        ("mailchimp", [{"name": "bounce", "type": "MX", "value": "10 mx.example.net"}]),
    ],
)  # fmt: skip
def test_a_bounce_name_has_one_mx(sandbox: Sandbox, other: Any, records: list[Any]) -> None:
    declare(sandbox, SES, other, records=records)
    [found] = findings(sandbox, "service-bounce-mx")
    assert found.message.startswith("bounce.example.com. takes the bounces of amazon-ses; ")
    assert sandbox.errors() == ["service-bounce-mx"]


@pytest.mark.parametrize(
    "other",
    [
        {**SES, "dkim": {"k2": KEY}},  # the very same MX
        {**SES, "region": "us-east-1", "return_path": "bounce-us", "dkim": {"k2": KEY}},
        {**SES, "at": "mg", "dkim": {"k2": KEY}},
        {"use": "greenhouse", "return_path": "gh", "dkim": {"mailo": KEY}},  # two MX of its own
    ],
)
def test_a_bounce_name_of_its_own_is_enough(sandbox: Sandbox, other: Any) -> None:
    declare(sandbox, SES, other)
    assert said(sandbox) == []


# --- parameters that only make sense together ------------------------------------------------

HALVES = [
    ("ahasend", {"return_path": "psrp", "dkim": {"k": KEY}}, "account_host"),
    ("ahasend", {"account_host": "a.b.example", "dkim": {"k": KEY}}, "return_path"),
    ("oracle-email-delivery", {"region": "emea", "selectors": "a", "site": "fra1", "return_path": "b"}, "account_host"),
    ("dynamics-365-marketing", {"region": "eur", "return_path": "bouncing"}, "account_host"),
    ("mailjet", {"verification": "12345678", "dkim": {"mailjet": KEY}}, "verification_host"),
    ("mailjet", {"verification_host": "abc", "dkim": {"mailjet": KEY}}, "verification"),
    ("highlevel", {"spf_host": "mailgun.org", "tracking": True, "dkim": {"k": KEY}}, "tracking_host"),
]  # fmt: skip


@pytest.mark.parametrize(("id", "given", "missing"), HALVES)
def test_half_of_an_optional_record_is_missed(
    sandbox: Sandbox, id: str, given: dict[str, Any], missing: str
) -> None:
    """It would not be published, and SPF of a return path would be taken for aligned."""
    declare(sandbox, {"use": id, **given})
    assert said(sandbox) == [f"service-parameter: {id} needs `{missing}`"]
    declare(sandbox, {"use": id, **given, missing: examples(catalogue().get(id))[missing]})
    assert said(sandbox) == []


def test_an_optional_return_path_may_be_left_out(sandbox: Sandbox) -> None:
    for id in ("amazon-ses", "postmark", "ahasend", "oracle-email-delivery", "mailjet"):
        provider = catalogue().get(id)
        assert "return_path" not in needed(provider)
        declare(sandbox, least(id))
        assert said(sandbox) == []
        assert [a.spf for a in judged(sandbox)] == [False]


# --- selectors that two services want --------------------------------------------------------


def fixed_targets() -> dict[str, dict[str, str]]:
    """Service to (selector, target) of keys that are alike for all customers."""
    found: dict[str, dict[str, str]] = {}
    for id in catalogue():
        for record in catalogue().get(id).dkim.records:
            if record.type == "CNAME" and not record.name.parameters:
                found.setdefault(id, {})[record.name.text] = record.value.text
    return found


def clashes() -> list[tuple[str, str]]:
    targets = fixed_targets()
    return [
        (a, b)
        for a, b in itertools.combinations(targets, 2)
        if any(targets[a][n] != targets[b][n] for n in targets[a].keys() & targets[b].keys())
    ]


def test_some_services_have_selectors_in_common() -> None:
    assert len(fixed_targets()) > 30
    assert {"tuta", "wix-email-marketing"} in [set(pair) for pair in clashes()]


@pytest.mark.parametrize(("first", "second"), clashes())
def test_two_services_that_want_one_selector_clash(
    sandbox: Sandbox, first: str, second: str
) -> None:
    declare(sandbox, least(first), least(second))
    errors = sandbox.errors()
    assert errors
    assert set(errors) <= {"dkim-selector-clash", "zone-cname-other"}
    assert "dkim-selector-clash" in errors
    declare(sandbox, least(first), {**least(second), "at": "news"})
    assert sandbox.errors() == []


@pytest.mark.parametrize(
    ("first", "second", "selector"),
    [
        (least("tuta"), least("sendgrid"), "s1"),
        (least("mailchimp"), {"use": "aweber", "dkim": {"k2": "k2.optin.com"}}, "k2"),
        ({"use": "account-engagement", "dkim": {"200608": KEY}}, {"use": "marketo", "dkim": {"200608": keys()["rsa2048-other"]}}, "200608"),
    ],
)  # fmt: skip
def test_known_rivals_clash_at_their_selector(
    sandbox: Sandbox, first: Any, second: Any, selector: str
) -> None:
    declare(sandbox, first, second)
    messages = [f.message for f in findings(sandbox, "dkim-selector-clash")]
    a, b = first["use"], second["use"]
    assert f"selector {selector} is claimed by {a} and by {b}" in messages


def test_one_key_that_two_products_share_is_no_clash(sandbox: Sandbox) -> None:
    other = {
        "use": "salesforce-marketing-cloud-self-hosted",
        "return_path": "bounce",
        "stack": "s7",
    }
    declare(
        sandbox,
        {"use": "account-engagement", "dkim": {"200608": KEY}},
        {**other, "dkim": {"200608": KEY}},
    )
    assert said(sandbox) == []
    assert list(keys_at(sandbox, "TXT")) == ["200608._domainkey.example.com."]


# --- whose mail it is ------------------------------------------------------------------------


def judged(sandbox: Sandbox) -> list[Alignment]:
    return [a for one in sandbox.assemble().compiled for a in alignments(one.domain)]


def test_a_relay_is_judged_with_the_service_that_wrote_the_mail(sandbox: Sandbox) -> None:
    relay = {"use": "exclaimer", "region": "eu"}
    declare(sandbox, relay, stage="reject")
    assert sandbox.errors() == ["dmarc-reject-spf-only"]
    writer = least("google-workspace")
    declare(sandbox, writer, relay, stage="enforce")
    assert sandbox.errors() == []
    assert "include:spf.eu.exclaimer.net" in own_spf(sandbox)
    # A writer for another name does not speak for this one.
    declare(sandbox, {**writer, "at": "people"}, relay, stage="reject")
    assert sandbox.errors() == ["dmarc-reject-spf-only"]


def test_a_gateway_that_can_sign_is_asked_for_its_key(sandbox: Sandbox) -> None:
    """It may rewrite what the writer signed; that it does not is for the operator to say."""
    gateway = {"use": "mimecast", "region": "eu"}
    declare(sandbox, least("google-workspace"), gateway, stage="quarantine")
    assert sandbox.errors() == ["dkim-missing"]
    waive = {"dkim-missing": {"because": "Google signs", "until": "2027-05-01"}}
    declare(sandbox, least("google-workspace"), gateway, stage="enforce", waive=waive)
    assert sandbox.errors() == []


@pytest.mark.parametrize(
    "id", ["namecheap-email-forwarding", "porkbun-email-forwarding", "improvmx"]
)
def test_a_forwarder_keeps_its_spf_and_is_not_judged(sandbox: Sandbox, id: str) -> None:
    declare(sandbox, {"use": id, "receives": True}, stage="enforce")
    assert sandbox.errors() == []
    assert judged(sandbox) == []
    assert "include:" in own_spf(sandbox)
    declare(sandbox, {"use": id, "receives": "only"})
    assert said(sandbox) == [
        f"service-parameter: {id} forwards with the domain in the envelope, and needs its SPF"
    ]


def test_strict_alignment_looks_at_the_name_that_signs(sandbox: Sandbox) -> None:
    strict = {"dmarc": {**REPORTS, "adkim": "s", "aspf": "s"}}
    for use in (
        {"use": "anypost", "account": "a1"},
        DELEGATED,
        {"use": "salesforce-marketing-cloud", "return_path": "mail"},
        least("clerk"),
    ):
        declare(sandbox, use)
        assert [a.dkim for a in judged(sandbox)] == [True]
        declare(sandbox, use, **strict)
        assert [(a.spf, a.dkim) for a in judged(sandbox)] == [(False, False)]
    # A From domain at the delegated name aligns even so.
    declare(sandbox, {**DELEGATED, "from": "send.example.com"}, **strict)
    assert [(a.spf, a.dkim) for a in judged(sandbox)] == [(True, True)]
    declare(sandbox, "mailchimp", **strict)
    assert [a.dkim for a in judged(sandbox)] == [True]


# --- regions, variants, several uses of one service ------------------------------------------


def test_two_accounts_of_one_service_at_two_names(sandbox: Sandbox) -> None:
    eu = {"pdk1": "pdk1._domainkey.9d876.dkim1.mailgun.com"}
    us = {"pdk1": "pdk1._domainkey.1a2b3.dkim1.mailgun.com"}
    declare(
        sandbox,
        {
            "use": "mailgun",
            "at": "mg",
            "region": "eu",
            "receives": True,
            "tracking": True,
            "dkim": eu,
        },
        {"use": "mailgun", "at": "news", "tracking": True, "dkim": us},
    )
    found = sandbox.records()
    assert keys_at(sandbox) == {
        "pdk1._domainkey.mg.example.com.": "pdk1._domainkey.9d876.dkim1.mailgun.com.",
        "pdk1._domainkey.news.example.com.": "pdk1._domainkey.1a2b3.dkim1.mailgun.com.",
    }
    assert ("email.mg.example.com.", "CNAME", "eu.mailgun.org.") in found
    assert ("email.news.example.com.", "CNAME", "mailgun.org.") in found
    assert {t for n, k, t in found if k == "MX"} == {
        "10 mxa.eu.mailgun.org.",
        "10 mxb.eu.mailgun.org.",
    }
    for name in ("mg", "news"):
        assert (f"{name}.example.com.", "TXT", "v=spf1 include:mailgun.org ~all") in found
    assert ("example.com.", "TXT", "v=spf1 ~all") in found


def test_one_service_at_several_names_says_the_same_at_each(sandbox: Sandbox) -> None:
    declare(sandbox, {**SES, "at": ["alerts", "billing"]})
    assert set(values(sandbox, "MX")) == {
        "bounce.alerts.example.com.",
        "bounce.billing.example.com.",
    }
    assert set(keys_at(sandbox, "TXT")) == {
        "k1._domainkey.alerts.example.com.",
        "k1._domainkey.billing.example.com.",
    }


def test_several_selectors_of_one_service_while_keys_roll(sandbox: Sandbox) -> None:
    other = keys()["rsa2048-other"]
    retiring = {"key": other, "retiring": "2027-01-31"}
    declare(sandbox, {"use": "google-workspace", "dkim": {"google": KEY, "g2025": retiring}})
    assert set(keys_at(sandbox, "TXT")) == {
        "google._domainkey.example.com.",
        "g2025._domainkey.example.com.",
    }
    assert sandbox.rules() == []


def test_two_entries_of_one_service_at_one_name_share_what_is_equal(sandbox: Sandbox) -> None:
    """Two stores, two accounts: other keys, one SPF term."""
    declare(
        sandbox,
        {"use": "scaleway-tem", "dkim": {"a": KEY}},
        {"use": "scaleway-tem", "dkim": {"b": keys()["rsa2048-other"]}},
    )
    assert own_spf(sandbox) == "v=spf1 include:_spf.tem.scaleway.com ~all"
    assert len(keys_at(sandbox, "TXT")) == 2


def test_two_entries_of_one_service_that_want_one_selector_are_told_apart(
    sandbox: Sandbox,
) -> None:
    declare(
        sandbox,
        {"use": "resend", "region": "us-east-1", "return_path": "a", "dkim": {"resend": KEY}},
        {"use": "resend", "region": "us-east-1", "return_path": "b", "dkim": {"resend": keys()["rsa2048-other"]}},
    )  # fmt: skip
    assert sandbox.errors() == ["dkim-multiple-keys"]


def test_one_service_in_two_regions_of_one_domain(sandbox: Sandbox) -> None:
    uses = [
        {"use": "autosend", "region": region, "return_path": path, "dkim": {"autosend": KEY}}
        for region, path in (("us-east-1", "asend-use1"), ("eu-central-1", "asend-euc1"))
    ]
    declare(sandbox, *uses)
    assert values(sandbox, "MX") == {
        "asend-use1.example.com.": "10 feedback-smtp.us-east-1.amazonses.com.",
        "asend-euc1.example.com.": "10 feedback-smtp.eu-central-1.amazonses.com.",
    }
    sites = [("americas", "iad1", "a"), ("emea", "fra1", "b")]
    declare(
        sandbox,
        *(
            {"use": "oracle-email-delivery", "region": region, "site": site, "selectors": selector}
            for region, site, selector in sites
        ),
    )
    assert own_spf(sandbox) == (
        "v=spf1 include:rp.oracleemaildelivery.com include:eu.rp.oracleemaildelivery.com ~all"
    )
    assert set(keys_at(sandbox).values()) == {
        "a.example.com.dkim.iad1.oracleemaildelivery.com.",
        "b.example.com.dkim.fra1.oracleemaildelivery.com.",
    }


def test_a_region_changes_nothing_but_itself(sandbox: Sandbox) -> None:
    """An entry made for one region must not leak into a use of another."""
    for order in (("eu", "us"), ("us", "eu")):
        declare(
            sandbox, *({"use": "zoho-mail", "at": r, "region": r, "dkim": "pending"} for r in order)
        )
        texts = values(sandbox, "TXT")
        assert texts["us.example.com."] == "v=spf1 include:zohomail.com ~all"
        assert texts["eu.example.com."] == "v=spf1 include:zohomail.eu ~all"


@pytest.mark.parametrize("selector", ["mlsend2", "ms1"])
def test_an_older_set_of_keys_is_the_same_service(sandbox: Sandbox, selector: str) -> None:
    target = f"{selector}._domainkey.mailersend.net"
    declare(sandbox, {"use": "mailersend", "return_path": "mta", "dkim": {selector: target}})
    assert keys_at(sandbox) == {f"{selector}._domainkey.example.com.": f"{target}."}


@pytest.mark.parametrize(
    ("id", "dkim"),
    [
        ("mailgun", {"k1": KEY}),
        ("lettermint", {"lettermint": KEY}),
        ("amazon-ses", {"mykey": KEY}),
        ("brevo", {"mail": KEY}),
    ],
)
def test_a_key_in_place_of_targets_is_the_same_service(
    sandbox: Sandbox, id: str, dkim: dict[str, str]
) -> None:
    use = {**least(id), "dkim": dkim}
    declare(sandbox, use)
    [selector] = dkim
    assert list(keys_at(sandbox, "TXT")) == [f"{selector}._domainkey.example.com."]
    assert keys_at(sandbox) == {}
