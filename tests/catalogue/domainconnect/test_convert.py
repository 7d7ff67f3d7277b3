"""Templates to entries: vectors, and what holds for every template."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.catalogue.check import compile_source
from generator.catalogue.domainconnect import convert, read_template
from generator.catalogue.edit import block
from generator.catalogue.load import Catalogue
from generator.catalogue.packed import pack, unpack
from generator.cli.services.example import example
from generator.source import SourceError, parse
from tests.support import ROOT, TODAY

VECTORS = sorted((ROOT / "tests/data/domainconnect").glob("*.json"))
each_vector = pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)


def made(path, **options):
    return convert(read_template(path.read_bytes(), path.name), **options)


def sound(conversion, least: bool = True) -> None:
    """The catalogue of the entry as it would be written; it passes every check, and compiles."""
    text = "services:\n" + block(conversion.id, conversion.entry, conversion.comment())
    findings, entries = compile_source(parse(text.encode(), "own.yaml"))
    assert [f.message for f in findings] == []
    assert entries == {conversion.id: conversion.entry}
    catalogue = Catalogue(unpack(pack(entries)))
    shown = example(catalogue, catalogue.get(conversion.id), TODAY)
    assert [f.message for f in shown.findings] == []
    assert shown.records or not least


@each_vector
def test_a_template_becomes_the_entry_beside_it(path):
    conversion = made(path)
    wanted = yaml.safe_load(path.with_suffix(".yaml").read_text())
    assert conversion.id == wanted["id"]
    assert list(conversion.left) == wanted["left"]
    assert conversion.refused == wanted.get("refused", "")
    assert conversion.entry == wanted.get("entry", {})
    assert list(conversion.check) == wanted.get("check", [])


@each_vector
def test_an_entry_passes_all_checks_and_compiles(path):
    conversion = made(path)
    if not conversion.refused:
        sound(conversion)


@each_vector
def test_every_record_is_in_the_entry_or_left_out_with_a_reason(path):
    template = read_template(path.read_bytes(), path.name)
    conversion = convert(template)
    if conversion.refused:
        return
    left = {int(text.split(",")[0].split()[1]) for text in conversion.left if ", term " not in text}
    whole = json.dumps(conversion.entry)
    for record in template.records:
        if record.number in left or record.type == "SPFM":
            continue
        # A constant part of what the record says stands in the entry.
        parts = [p for p in record.value.pieces if isinstance(p, str) and p != "@"]
        if parts and parts[0].startswith("v=spf1"):
            parts = parts[0].split()[1:-1]
        pasted = "find" in conversion.entry.get("dkim", {})
        assert pasted or not parts or any(p.strip(".").lower() in whole.lower() for p in parts)


def test_a_DMARC_record_is_never_part_of_an_entry():
    for path in VECTORS:
        assert "_dmarc" not in json.dumps(made(path).entry)


# -- groups -------------------------------------------------------------------------------------------

CHOICES = ROOT / "tests/data/domainconnect/choices.json"


def test_groups_choose_records():
    conversion = made(CHOICES, groups=["pointer", "proof-cname", "incoming"])
    entry = conversion.entry
    assert entry["dkim"]["styles"] == ["cname"]
    assert conversion.left == ()
    assert [(o["type"], o.get("required")) for o in entry["other"]] == [
        ("MX", True),
        ("CNAME", None),
    ]
    assert not any("--group" in text for text in conversion.check)
    sound(conversion)


def test_records_without_a_group_always_belong_to_it():
    raw = json.dumps(
        {
            "providerId": "v.example",
            "serviceId": "mail",
            "records": [
                {"type": "SPFM", "host": "@", "spfRules": "include:a.example"},
                {
                    "type": "MX",
                    "host": "@",
                    "pointsTo": "mx.v.example",
                    "priority": 1,
                    "groupId": "x",
                },
            ],
        }
    )
    conversion = convert(read_template(raw.encode(), "t"), groups=["y"])
    assert "spf" in conversion.entry
    assert "other" not in conversion.entry


def test_an_id_can_be_given():
    assert made(CHOICES, id="ours").id == "ours"


# -- single questions ---------------------------------------------------------------------------------


def single(*records, **more):
    data = {"providerId": "v.example", "serviceId": "mail", "records": list(records), **more}
    return convert(read_template(json.dumps(data).encode(), "t.json"))


def test_an_example_is_no_name_that_the_template_hands_to_other_servers():
    conversion = single(
        {"type": "SPFM", "host": "@", "spfRules": "include:v.example"},
        {"type": "CNAME", "host": "%bounce%", "pointsTo": "v.example"},
        {"type": "NS", "host": "bounce", "pointsTo": "ns.v.example"},
    )
    assert conversion.entry["parameters"]["return_path"]["example"] != "bounce"
    sound(conversion)


@pytest.mark.parametrize(
    ("names", "id"),
    [
        ({"providerName": "Vendor", "serviceId": "mail"}, "vendor-mail"),
        ({"providerName": "Vendor", "serviceId": "vendor-mail"}, "vendor-mail"),
        ({"providerName": "Good Mail", "serviceId": "mail"}, "good-mail"),
        ({"providerName": "Mail", "serviceId": "mail"}, "mail"),
        ({"providerId": "v.example", "serviceId": "E_Mail v2"}, "v-example-e-mail-v2"),
        (
            {"providerName": "\u90f5\u4fbf", "providerId": "\u90f5.example", "serviceId": "x"},
            "example-x",
        ),
        ({"providerName": "\u90f5", "providerId": "\u90f5", "serviceId": "\u4fbf"}, "service"),
    ],
)
def test_the_id_is_made_of_the_names(names, id):
    conversion = single({"type": "SPFM", "host": "@", "spfRules": "include:a.example"}, **names)
    assert conversion.id == id
    sound(conversion)


@pytest.mark.parametrize(
    ("record", "purpose"),
    [
        ({"host": "%bounceHost%"}, "return-path"),
        ({"host": "r%x%", "groupId": "mailfrom"}, "return-path"),
        ({"host": "click"}, "tracking"),
        ({"host": "x", "groupId": "open-tracking"}, "tracking"),
        ({"host": "autoconfig"}, "autodiscover"),
        ({"host": "%verificationHost%"}, "verification"),
        ({"host": "%anything%"}, "verification"),
        ({"host": "anything"}, "tracking"),
    ],
)
def test_the_purpose_of_a_CNAME_is_told_by_the_vendor_s_words(record, purpose):
    mx = {"type": "MX", "host": "@", "pointsTo": "mx.v.example", "priority": 1}
    row = {"type": "CNAME", "pointsTo": "x.v.example", **record}
    others = single(mx, row).entry["other"]
    assert [o["purpose"] for o in others if o["type"] == "CNAME"] == [purpose]


def test_an_MX_below_the_domain_takes_bounces_only_where_SPF_or_its_name_says_so():
    def purposes(*more):
        rows = [{"type": "MX", "host": "in", "pointsTo": "mx.v.example", "priority": 1}, *more]
        return [o["purpose"] for o in single(*rows).entry["other"]]

    assert purposes() == ["inbound-mx"]
    assert purposes({"type": "SPFM", "host": "in", "spfRules": "a:v.example"}) == ["bounce-mx"]


def test_SPF_aligns_only_where_records_show_it():
    spf = {"type": "SPFM", "host": "@", "spfRules": "include:a.example"}
    mx = {"type": "MX", "host": "@", "pointsTo": "mx.v.example", "priority": 1}
    path = {"type": "CNAME", "host": "bounce", "pointsTo": "b.v.example"}
    assert single(spf).entry["spf"]["aligned"] == "unknown"
    assert single(spf, mx).entry["spf"]["aligned"] == "always"
    assert single(spf, path).entry["spf"]["aligned"] == "with-custom-return-path"
    assert single(path, mx).entry["spf"] == {
        "needed": "never",
        "aligned": "with-custom-return-path",
    }


def test_a_key_that_stands_below_a_subdomain_is_a_record_and_others_are_pasted():
    key = {"type": "TXT", "host": "k._domainkey", "data": "v=DKIM1; p=%key%"}
    deep = {"type": "TXT", "host": "k._domainkey.mg", "data": "v=DKIM1; p=%key%"}
    assert "records" not in single(key).entry["dkim"]
    (record,) = single(deep).entry["dkim"]["records"]
    assert record == {"name": "k._domainkey.mg", "type": "TXT", "value": "v=DKIM1; p={key}"}


def test_a_constant_pointer_needs_nothing_of_the_customer():
    conversion = single({"type": "CNAME", "host": "k1._domainkey", "pointsTo": "k1.v.example"})
    assert conversion.entry["dkim"]["records"] == [
        {"name": "k1._domainkey", "type": "CNAME", "value": "k1.v.example"}
    ]
    assert "parameters" not in conversion.entry


def test_help_is_what_the_template_says_of_a_variable():
    spf = {"type": "SPFM", "host": "@", "spfRules": "include:%one% include:%two% include:%three%"}
    said = "%one%: the first; %two%: second, with a comma, three = last."
    parameters = single(spf, variableDescription=said).entry["parameters"]
    assert [p["help"] for p in parameters.values()] == ["the first", "second, with a comma", "last"]


# -- whatever a template holds ------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["@", "", "a", "mg", "%a%", "%b%x", "%host%", "%fqdn%", "x.%domain%", "k._domainkey", "_domainkey",
     "%dkim1%._domainkey", "%dkim2%._domainkey.mg", "_dmarc", "_dmarc.mg", "www", "bounce", "%bounce%",
     "a.", "a..b", "-", "*", "{a}", "{domain}", "_mta-sts", "spf", "%spf%", "%at%", "%region%"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["v.example", "V.Example.", "@", "%a%", "%b%.v.example", "%a%.%b%.v.example", "%domain%.v.example",
     "v=spf1 include:x.example -all", "include:x.example ip4:%a% %c%", "v=DKIM1; p=%key%", "%key%", "{a}",
     "v=spf1", "all", "redirect=x.example", "exists:%{i}.x.example", "x y", "%spf%", "10.1.1.1", "-.-", "%use%"]
)  # fmt: skip
RECORDS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["CNAME", "TXT", "MX", "NS", "SPFM", "SRV", "A", "REDIR301"]),
        "host": NAMES,
        "pointsTo": VALUES,
        "data": VALUES,
        "spfRules": VALUES,
        "target": VALUES,
        "priority": st.integers(0, 65535),
        "weight": st.just(0),
        "port": st.just(587),
        "service": st.just("_submission"),
        "protocol": st.just("_tcp"),
    },
    optional={
        "groupId": st.sampled_from(["g", "h", "track", "dkim"]),
        "txtConflictMatchingMode": st.sampled_from(["None", "All", "Prefix"]),
        "txtConflictMatchingPrefix": st.sampled_from(["v=spf1", "x\n- y: {z", "\u2028a: b"]),
    },
)


@given(
    st.lists(RECORDS, min_size=1, max_size=6),
    st.fixed_dictionaries(
        {},
        optional={
            "providerName": st.text(max_size=12),
            "serviceName": st.text("a: #'\"{}[]&*!|>%@`\n-", max_size=12),
            "variableDescription": st.text("%ab:;=, ", max_size=30),
            "hostRequired": st.booleans(),
        },
    ),
    st.sampled_from([(), ("g",), ("g", "track")]),
)
def test_any_template_is_refused_or_becomes_a_sound_entry(records, more, groups):
    data = {"providerId": "v.example", "serviceId": "mail", "records": records, **more}
    try:
        template = read_template(json.dumps(data).encode(), "t.json")
    except SourceError:
        return
    conversion = convert(template, groups=groups)
    assert bool(conversion.refused) != bool(conversion.entry)
    if not conversion.refused:
        sound(conversion, least=False)
