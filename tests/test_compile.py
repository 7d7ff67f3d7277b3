"""What sound projects compile to: every record, exactly.

The projects are the files below ``tests/data/declaration-compiled``; `tests.cases` describes
their form.
"""

from __future__ import annotations

import pytest

from generator.records import dkim, dmarc, spf
from generator.values import Kind, Value
from tests.cases import COMPILED, Case, cases
from tests.support import Sandbox

CASES = cases(COMPILED)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_project_compiles_to_exactly_these_records(case: Case, sandbox: Sandbox) -> None:
    case.write(sandbox)
    project = sandbox.assemble()
    assert project.errors == []
    values = [value for one in project.compiled for value in one.values]
    lines = [f"{value.name} {value.ttl} {value.type} {value.text}" for value in values]
    assert sorted(lines) == sorted(case.records)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_value_has_a_reason_with_a_place_and_stands_in_the_order_of_kinds(
    case: Case, sandbox: Sandbox
) -> None:
    case.write(sandbox)
    for one in sandbox.assemble().compiled:
        assert [v.kind for v in one.values] == sorted(v.kind for v in one.values)
        for value in one.values:
            assert value.because
            assert all(reason.what for reason in value.because)
            assert value.where is not None
            assert value.where.place().path in case.files
            assert value.where.place().line >= 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_name_lies_within_its_domain(case: Case, sandbox: Sandbox) -> None:
    """`join` compares only domains above and below each other."""
    case.write(sandbox)
    for one in sandbox.assemble().compiled:
        for value in one.values:
            assert f".{value.name}".endswith(f".{one.domain.name}."), value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_text_is_canonical(case: Case, sandbox: Sandbox) -> None:
    case.write(sandbox)
    for one in sandbox.assemble().compiled:
        for value in one.values:
            assert reparsed(value) == value.text


def reparsed(value: Value) -> str:
    """The text of a mail record, read and written again."""
    if value.kind is Kind.SPF:
        return str(spf.parse(value.text))
    if value.kind is Kind.DMARC:
        return str(dmarc.parse(value.text))
    if value.kind is Kind.DKIM and value.type == "TXT":
        return str(dkim.parse(value.text))
    return value.text


def _value(sandbox: Sandbox, name: str, type: str) -> Value:
    found = [
        value
        for one in sandbox.assemble().compiled
        for value in one.values
        if (value.name, value.type) == (name, type)
    ]
    assert len(found) == 1
    return found[0]


def test_reasons_name_the_service_the_stage_and_the_deviation_at_their_own_lines(
    sandbox: Sandbox,
) -> None:
    sandbox.write("zones/_defaults.yaml", "stage: enforce\ndmarc: {reports: [valimail]}\n")
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        services:
          - {use: microsoft-365, tenant: contoso}
        spf:
          also: [mx]
        dmarc:
          sp: null
        """,
    )
    record = _value(sandbox, "example.com.", "TXT")
    said = [(r.what, r.where.place().path, r.where.place().line) for r in record.because if r.where]
    assert said == [
        ("mx: declared under spf.also", "zones/a.yaml", 5),
        (
            "include:spf.protection.outlook.com: Microsoft 365 sends for example.com",
            "zones/a.yaml",
            3,
        ),
        ("stage enforce ends SPF in -all", "zones/_defaults.yaml", 1),
    ]
    policy = _value(sandbox, "_dmarc.example.com.", "TXT")
    said = [(r.what, r.where.place().path, r.where.place().line) for r in policy.because if r.where]
    assert said == [
        ("stage enforce asks receivers for p=reject", "zones/_defaults.yaml", 1),
        ("sp is left out: declared under dmarc", "zones/a.yaml", 7),
        ("rua: reports go to Valimail Monitor", "zones/_defaults.yaml", 2),
    ]


def test_a_record_given_twice_keeps_what_it_is_for_and_both_reasons(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: parked
        null_mx: true
        dmarc: {reports: [valimail]}
        records: [{name: "@", type: MX, value: 0 .}]
        """,
    )
    value = _value(sandbox, "example.com.", "MX")
    assert value.kind is Kind.MX
    assert len(value.because) == 2


def test_a_shape_with_a_list_stands_beside_one_without_in_either_direction(
    sandbox: Sandbox,
) -> None:
    sandbox.write(
        "providers.d/acme.yaml",
        """\
        services:
          acme-mail:
            name: Acme
            category: crm
            parameters:
              keys: {help: keys, example: [a], pattern: "[a-z]+", list: true, required: true}
            dkim:
              styles: [cname]
              aligned: when-configured
              records: [{name: "{keys}._domainkey", type: CNAME, value: one.acme.example}]
            other:
              - {purpose: verification, name: "@", type: TXT, value: "acme={keys}"}
        """,
    )
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: monitor
        services: [{use: acme-mail, keys: [a, b]}]
        dmarc: {reports: [valimail]}
        """,
    )
    records = sandbox.records()
    for key in ("a", "b"):
        assert (f"{key}._domainkey.example.com.", "CNAME", "one.acme.example.") in records
        assert ("example.com.", "TXT", f"acme={key}") in records
