"""The schema for editors: takes what the run-time checks take, and knows every service."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from generator.catalogue import load
from generator.declaration.editor import editor_schema, editor_schema_text
from generator.source import parse
from tests.cases import COMPILED, Case, cases
from tests.strategies import Project, projects
from tests.support import ROOT

CATALOGUE = load()
SCHEMA: dict[str, Any] = editor_schema(CATALOGUE)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_it_is_a_valid_schema_and_the_one_that_is_shipped() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    shipped = ROOT / "schemas" / "declaration.schema.json"
    assert shipped.read_text(encoding="utf-8") == editor_schema_text(CATALOGUE)


def test_every_key_has_a_description() -> None:
    for name in ("document", "override", "subdomain", "spf", "dmarc", "zone", "soa", "record"):
        for key, value in SCHEMA["$defs"][name]["properties"].items():
            target = value
            if "$ref" in value:
                target = {**SCHEMA["$defs"][value["$ref"].rpartition("/")[2]], **value}
            assert "description" in target or "title" in target, f"{name}.{key}"


def test_it_knows_every_service_by_all_its_names_with_its_parameters() -> None:
    known = {word for then in SCHEMA["$defs"]["service"]["anyOf"][1]["allOf"]
             for word in then["if"]["properties"]["use"]["enum"]}  # fmt: skip
    senders = [CATALOGUE.get(id) for id in CATALOGUE if CATALOGUE.get(id).sends]
    assert known == {name for one in senders for name in (one.id, *one.aliases)}


@pytest.mark.parametrize("case", cases(COMPILED), ids=lambda case: case.name)
def test_it_accepts_what_compiles(case: Case) -> None:
    for name, text in case.files.items():
        if name.endswith("_defaults.yaml"):
            continue
        for document in parse(text.encode(), name).documents:
            assert [error.message for error in VALIDATOR.iter_errors(document)] == []


@settings(max_examples=30, deadline=None)
@given(projects())
def test_it_accepts_every_sound_declaration(project: Project) -> None:
    for name, documents in project.files.items():
        for document in documents if "_defaults" not in name else ():
            assert [error.message for error in VALIDATOR.iter_errors(document)] == []


@pytest.mark.parametrize(
    "service",
    [
        "gogle-workspace",
        {"use": "microsoft-365", "tenent": "contoso"},
        {"use": "mailchimp", "tenant": "contoso"},
        {"use": "valimail"},
        {"at": "mg"},
    ],
)
def test_it_refuses_a_misspelt_service_or_parameter(service: object) -> None:
    document = {"domain": "example.com", "stage": "monitor", "services": [service]}
    assert not VALIDATOR.is_valid(document)
