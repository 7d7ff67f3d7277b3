"""What the schemas forbid, explained at its place; and the schema files themselves."""

from __future__ import annotations

import json

import jsonschema
import pytest

from generator import schema
from generator.source import parse
from tests.support import ROOT

SCHEMAS = sorted((ROOT / "schemas").glob("*.json"))


def explain(text: str, name: str = "catalogue", part: str = "") -> list[tuple[str, str, str, str]]:
    """(rule, message, line:column, help) of every finding about a YAML text."""
    source = parse(text.encode(), "f.yaml")
    found = schema.check(source, (0,), source.documents[0], name, part)
    return [(f.rule, f.message, f"{f.place.line}:{f.place.column}", f.help) for f in found]


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda p: p.name)
def test_every_schema_is_a_schema(file):
    """The metaschema of 2020-12 accepts it, and all its references lead somewhere."""
    data = json.loads(file.read_text(encoding="utf-8"))
    assert data["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(data)

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [ref for value in node.values() for ref in references(value)]
        return (
            [ref for value in node for ref in references(value)] if isinstance(node, list) else []
        )

    for reference in references(data):
        assert reference.startswith("#/")
        target = data
        for step in reference[2:].split("/"):
            target = target[step]


def test_there_are_schemas():
    assert {f.name for f in SCHEMAS} >= {
        "catalogue.schema.json",
        "declaration.schema.json",
        "declaration-structure.schema.json",
        "records.schema.json",
    }


def test_sound_data_has_no_findings():
    text = "services:\n  x: {name: X, category: saas}\n"
    assert explain(text) == []
    assert schema.accepts({"services": {}}, "catalogue")
    assert not schema.accepts({}, "catalogue")


def test_an_unknown_key_is_found_at_itself_with_the_nearest_known_one():
    text = "services:\n  x: {name: X, categry: saas, category: saas}\n"
    assert explain(text) == [
        ("unknown-key", "unknown key `categry`", "2:16", "did you mean `category`?")
    ]


def test_an_unknown_key_near_none_gets_the_list():
    found = explain("rua: x\nzzz: y\n", part="reports")
    assert found == [("unknown-key", "unknown key `zzz`", "2:1", "known keys are rua, ruf")]


def test_every_unknown_key_is_found():
    found = explain("aaa: 1\nrua: x\nbbb: 2\n", part="reports")
    assert [row[1] for row in found] == ["unknown key `aaa`", "unknown key `bbb`"]


def test_every_missing_key_is_found_once():
    found = explain("type: TXT\n", part="record")
    assert sorted(row[:3] for row in found) == [
        ("missing-key", "the document needs `name`", "1:1"),
        ("missing-key", "the document needs `value`", "1:1"),
    ]


def test_a_missing_key_is_found_where_it_is_missing():
    found = explain("services:\n  x:\n    name: X\n")
    assert found == [("missing-key", "`services.x` needs `category`", "3:5", "")]


@pytest.mark.parametrize(
    ("text", "part", "row"),
    [
        ("[]", "", ("wrong-type", "the document must be a mapping, not a list", "1:1", "")),
        ("~", "spf", ("wrong-type", "the document must be a mapping, not empty", "1:1", "")),
        ("terms: x", "spf", ("wrong-type", "`terms` must be a list, not text", "1:8", "")),
        ("terms: [1]", "spf", ("wrong-type", "an entry of `terms` must be text, not a number", "1:9", "")),
        (
            "at: no\nterms: [true]",
            "spf",
            ("wrong-type", "an entry of `terms` must be text, not true or false", "2:9", 'write it in quotes: "true"'),
        ),
        (
            "name: a\ntype: MX\nvalue: b\npriority: low",
            "record",
            ("wrong-type", "`priority` must be a whole number, not text", "4:11", ""),
        ),
    ],
)  # fmt: skip
def test_a_wrong_type_is_found_at_the_value(text, part, row):
    assert explain(text, part=part) == [row]


@pytest.mark.parametrize(
    ("text", "part", "row"),
    [
        (
            "needed: nevr",
            "spf",
            ("wrong-value", "`needed` cannot be `nevr`", "1:9", "did you mean `never`?"),
        ),
        (
            "needed: xyz",
            "spf",
            ("wrong-value", "`needed` cannot be `xyz`", "1:9", "one of from-domain, bounce-subdomain, never"),
        ),
        ("at: ''", "spf", ("wrong-value", "`at`: at least 1 characters are needed", "1:5", "")),
        ("styles: []", "dkim", ("wrong-value", "`styles`: at least 1 entries are needed", "1:9", "")),
        (
            "{name: a, type: MX, value: b, priority: -1}",
            "record",
            ("wrong-value", "`priority`: must be at least 0", "1:41", ""),
        ),
        (
            "{name: a, type: MX, value: b, priority: 65536}",
            "record",
            ("wrong-value", "`priority`: must be at most 65535", "1:41", ""),
        ),
    ],
)  # fmt: skip
def test_a_wrong_value_is_found_with_what_is_allowed(text, part, row):
    assert explain(text, part=part) == [row]


def test_too_much_text_is_found():
    found = explain("at: " + "x " * 1500, part="spf")
    assert [row[1] for row in found] == ["`at`: at most 2000 characters are allowed"]


def test_of_several_forms_the_likeliest_is_explained():
    """`anyOf`: where the type fits one form, its faults are told; else all the types."""
    name = "declaration-structure"
    assert explain("s1: {retiring: 2026-12-01}", name, "dkim") == [
        ("missing-key", "`s1` needs `key`", "1:5", "")
    ]
    assert explain("s1: [x]", name, "dkim") == [
        ("wrong-type", "`s1` must be text or a mapping, not a list", "1:5", "")
    ]
    assert explain("pendign", name, "dkim") == [
        ("wrong-value", "the document cannot be `pendign`", "1:1", "did you mean `pending`?")
    ]


def test_an_unknown_stage_has_a_rule_of_its_own():
    found = explain("domain: example.com\nstage: monitr\n", "declaration-structure")
    assert ("unknown-stage", "unknown stage `monitr`", "2:8", "did you mean `monitor`?") in found


def test_a_place_inside_a_larger_document_counts_from_its_top():
    source = parse(b"a:\n  - terms: x\n", "f.yaml")
    found = schema.check(source, (0, "a", 0), source.documents[0]["a"][0], "catalogue", "spf")
    assert [(f.message, f.place.line, f.place.column) for f in found] == [
        ("`terms` must be a list, not text", 2, 12)
    ]


def test_a_value_in_a_message_is_masked():
    key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" * 3
    for text in (f"needed: {key}", f"{key}: 1"):
        found = explain(text, part="spf")
        assert key[10:40] not in str(found)


@pytest.mark.parametrize(
    ("word", "known", "help"),
    [
        ("servces", ["services", "stage"], "did you mean `services`?"),
        ("SERVICES", ["services"], "did you mean `services`?"),
        ("zzz", ["services"], ""),
        ("", ["services"], ""),
        ("x" * 100_000, ["services"], ""),
    ],
)
def test_a_misspelt_word_gets_the_nearest_known_one(word, known, help):
    assert schema.suggest(word, known) == help
