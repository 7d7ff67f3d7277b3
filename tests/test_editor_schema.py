"""schemas/declaration.schema.json: what an editor completes and underlines."""

from __future__ import annotations

import copy
import json

import jsonschema
import jsonschema_rs
import pytest

from generator.catalogue import load
from generator.declaration.editor import editor_schema, editor_schema_text
from generator.source import parse
from tests.support import ROOT

COMMITTED = ROOT / "schemas/declaration.schema.json"
CATALOGUE = load()
SCHEMA = json.loads(editor_schema_text(CATALOGUE))
DECLARATIONS = sorted([*ROOT.glob("zones/**/*.yaml"), *ROOT.glob("examples/*/zones/**/*.yaml")])


def accepts(document, schema=SCHEMA) -> bool:
    slow = jsonschema.Draft202012Validator(schema).is_valid(document)
    fast = jsonschema_rs.Draft202012Validator(schema).is_valid(document)
    assert slow == fast, "two validators disagree"
    return slow


def domain(**more):
    return {"domain": "example.com", "stage": "audit", **more}


def test_it_is_a_schema_of_2020_12():
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_committed_one_is_current():
    assert COMMITTED.read_text(encoding="utf-8") == editor_schema_text(CATALOGUE), (
        "make docs regenerates it"
    )


def test_making_it_changes_nothing_that_is_shared():
    first = copy.deepcopy(editor_schema(CATALOGUE))
    assert editor_schema(CATALOGUE) == first


@pytest.mark.parametrize("path", DECLARATIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_accepts_what_is_shipped(path):
    documents = [d for d in parse(path.read_bytes(), path.name).documents if d is not None]
    assert documents
    if path.name.startswith("_"):
        # Defaults are a part of a declaration, not one: an editor checks their keys and values.
        documents = [domain(**document) for document in documents]
    for document in documents:
        errors = [e.message for e in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]
        assert not errors
        assert accepts(document)


@pytest.mark.parametrize(
    "wrong",
    [
        {"services": [{"use": "microsoft-365", "tennant": "contoso"}]},
        {"services": [{"use": "mailgun", "tenant": "contoso"}]},
        {"services": ["no-such-service"]},
        {"services": [{"use": "no-such-service"}]},
        {"services": ["valimail"]},  # takes reports, sends nothing
        {"dmarc": {"reports": ["mailgun"]}},
        {"dmarc": {"reports": [{"use": "dmarcian", "tokn": "x"}]}},
        {"dmarc": {"sp": "refuse"}},
        {"stage": "lockdown"},
        {"subdomains": {"a": {"services": ["no-such-service"]}}},
        {"subdomains": {"a": {"domain": "x.example"}}},
        {"servcies": []},
    ],
    ids=json.dumps,
)
def test_it_underlines_what_is_wrong(wrong):
    assert accepts(domain())
    assert not accepts(domain(**wrong))


@pytest.mark.parametrize("id", sorted(CATALOGUE))
def test_every_service_is_completed_by_all_its_names_and_parameters(id):
    provider = CATALOGUE.get(id)
    for name in (id, *provider.aliases):
        own = {
            p.name: list(p.example) if p.list else p.example for p in provider.parameters.values()
        }
        entry = {"use": name, **own}
        listed = {"services": [entry]} if provider.sends else {"dmarc": {"reports": [entry]}}
        assert accepts(domain(**listed))
        wrong = {**entry, "no_such_parameter": "x"}
        listed = {"services": [wrong]} if provider.sends else {"dmarc": {"reports": [wrong]}}
        assert not accepts(domain(**listed))


def test_every_parameter_and_every_top_level_key_is_described():
    properties = SCHEMA["$defs"]["document"]["properties"]
    for key, part in properties.items():
        while "$ref" in part and "description" not in part:
            part = SCHEMA["$defs"][part["$ref"].rsplit("/", 1)[1]]
        assert part.get("title") or part.get("description"), key
    for provider in map(CATALOGUE.get, CATALOGUE):
        for parameter in provider.parameters.values():
            assert parameter.help in COMMITTED.read_text(encoding="utf-8")
