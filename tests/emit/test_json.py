"""JSON output: the documented form, and the truth."""

from __future__ import annotations

import json

import jsonschema
import pytest

from generator.resources import schema_text
from tests.support import ROOT, call

SCHEMA = json.loads(schema_text("records"))
PROJECTS = [ROOT, *sorted(path.parent for path in ROOT.glob("examples/*/zones"))]


def validate(data) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_build_prints_a_list_that_fits_the_schema(project):
    done = call("build", "--format", "json", "--project", str(project))
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    assert isinstance(data, list)
    assert data
    validate(data)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "example.com"},
        {"ttl": -1},
        {"ttl": "3600"},
        {"value": None},
        {"because": "so"},
        {"because": []},
        {"type": "txt"},
    ],
)
def test_the_schema_refuses_a_record_that_is_not_as_documented(change):
    record = {
        "name": "a.example.",
        "type": "A",
        "ttl": 1,
        "value": "192.0.2.1",
        "because": [{"what": "x", "file": None, "line": None}],
    }
    validate({"domain": "a.example", "stage": "audit", "records": [record]})
    with pytest.raises(jsonschema.ValidationError):
        validate({"domain": "a.example", "stage": "audit", "records": [{**record, **change}]})


def test_values_are_joined_and_unescaped_and_reasons_point_into_declarations(sandbox):
    text = 'a "quoted" \\ ' + "x" * 300
    sandbox.write(
        "zones/x.yaml",
        f"domain: example.com\nstage: audit\nrecords:\n  - {{name: t, type: TXT, value: '{text}'}}\n",
    )
    data = json.loads(sandbox.run("show", "example.com", "--format", "json").stdout)
    (record,) = [r for r in data["records"] if r["name"] == "t.example.com."]
    assert record["value"] == text
    assert record["because"] == [
        {"what": "declared under records", "file": "zones/x.yaml", "line": 4}
    ]
    assert data["stage"] == "audit"


def test_json_is_the_same_every_time_and_ends_in_a_newline(sandbox):
    sandbox.write("zones/x.yaml", "domains: [b.example, a.example]\nstage: parked\n")
    first = sandbox.run("build", "--format", "json").stdout
    assert first.endswith("]\n")
    assert sandbox.run("build", "--format", "json").stdout == first
    assert not (sandbox.root / "build").exists()
