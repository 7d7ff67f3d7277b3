"""A project from its files to findings: order, defaults by folder, what one mistake brings up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from generator.finding import Finding
from generator.rules import RULES, Severity
from tests.cases import with_keys
from tests.support import ROOT, TODAY, Sandbox

PARKED = "stage: parked\ndmarc: {reports: [valimail]}\n"


@pytest.mark.parametrize(
    "project",
    [*sorted(p.parent for p in ROOT.glob("examples/*/zones")), ROOT],
    ids=lambda p: p.name,
)
def test_the_projects_that_come_along_have_neither_errors_nor_warnings(project: object) -> None:
    from generator.project import assemble

    found = assemble(project, TODAY)  # type: ignore[arg-type]
    assert [f.message for f in found.findings if f.severity > Severity.ADVICE] == []
    assert found.compiled


def found_in(sandbox: Sandbox, today: date = TODAY) -> list[Finding]:
    """All findings but that the facts about a service are disputed."""
    found = sandbox.assemble(today).findings
    return [one for one in found if one.rule != "service-facts-doubtful"]


def test_findings_come_in_the_order_of_files_and_lines(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/b.yaml", "domain: example.com\nstage: x\n---\ndomain: a b\nstage: parked\n"
    )
    sandbox.write("zones/a.yaml", "domain: example.org\nstage: y\nttl: z\n")
    places = [(f.place.path, f.place.line) for f in found_in(sandbox) if f.place]
    assert places == [
        ("zones/a.yaml", 2),
        ("zones/a.yaml", 3),
        ("zones/b.yaml", 2),
        ("zones/b.yaml", 4),
    ]


def test_domains_are_found_by_name_and_files_are_counted(sandbox: Sandbox) -> None:
    sandbox.write("zones/sub/a.yaml", "domain: bücher.example\n" + PARKED)
    sandbox.write("zones/b.yaml", "domain: Example.COM.\n" + PARKED)
    sandbox.write("zones/_ignored.yaml", "this: is not read")
    project = sandbox.assemble()
    assert project.files == 2
    assert project.find("xn--bcher-kva.example") is not None
    assert project.find("example.com") is not None
    assert project.find("example.org") is None
    shown = {one.domain.display for one in project.compiled}
    assert shown == {"bücher.example", "example.com"}


def test_a_u_label_and_its_a_label_are_one_domain(sandbox: Sandbox) -> None:
    sandbox.write("zones/a.yaml", "domain: bücher.example\n" + PARKED)
    first = sandbox.records()
    sandbox.write("zones/a.yaml", "domain: xn--bcher-kva.example\n" + PARKED)
    assert sandbox.records() == first


def test_defaults_of_a_subfolder_stand_over_those_above_and_under_the_declaration(
    sandbox: Sandbox,
) -> None:
    sandbox.write("zones/_defaults.yaml", "stage: parked\nttl: 1\ndmarc: {reports: [valimail]}\n")
    sandbox.write("zones/x/_defaults.yaml", "ttl: 2\n")
    sandbox.write("zones/x/y/_defaults.yaml", "ttl: 3\n")
    sandbox.write("zones/a.yaml", "domain: a.example\n")
    sandbox.write("zones/x/b.yaml", "domain: b.example\n")
    sandbox.write("zones/x/y/c.yaml", "domain: c.example\n---\ndomain: d.example\nttl: 4\n")
    ttls = {one.domain.name: one.domain.ttl for one in sandbox.assemble().compiled}
    assert ttls == {"a.example": 1, "b.example": 2, "c.example": 3, "d.example": 4}


@pytest.mark.parametrize(
    ("days", "rules"), [(0, []), (1, ["dkim-missing", "waiver-expired"]), (-1, [])]
)
def test_a_waiver_holds_to_the_end_of_its_last_day(
    days: int, rules: list[str], sandbox: Sandbox
) -> None:
    sandbox.write(
        "zones/a.yaml",
        f"""\
        domain: example.com
        stage: monitor
        services: [google-workspace]
        dmarc: {{reports: [valimail]}}
        waive:
          dkim-missing: {{because: on its way, until: {TODAY}}}
        """,
    )
    assert [f.rule for f in found_in(sandbox, TODAY + timedelta(days))] == rules


def test_a_waiver_silences_one_rule_of_one_domain(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: monitor
        services: [google-workspace]
        spf: {also: ["ip4:10.1.2.3"]}
        dmarc: {reports: [valimail]}
        waive: {dkim-missing: {because: on its way, until: 2099-01-01}}
        subdomains:
          shop: {services: [google-workspace]}
        """,
    )
    found = found_in(sandbox)
    assert [(f.rule, f.place.line) for f in found if f.place] == [
        ("spf-ip-private", 4),
        ("dkim-missing", 8),
    ]


def test_a_target_that_looks_foreign_may_be_waived(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: monitor
        services: [{use: mailchimp, dkim: {k2: dkim.mcsv.example}}]
        dmarc: {reports: [valimail]}
        waive: {dkim-target: {because: "the vendor confirmed it", until: 2099-01-01}}
        """,
    )
    assert sandbox.rules() == []


def test_a_shadowed_wildcard_may_be_restated_or_waived(sandbox: Sandbox) -> None:
    text = (
        "domain: example.com\nstage: monitor\nservices: [{use: mailchimp, at: news}]\n"
        "dmarc: {reports: [valimail]}\n"
        'records:\n  - {name: "*", type: MX, value: 10 mail.example.net}\n'
    )
    sandbox.write("zones/a.yaml", text)
    assert sandbox.errors() == ["zone-wildcard-shadowed"]
    sandbox.write("zones/a.yaml", text + "  - {name: news, type: MX, value: 10 mail.example.net}\n")
    assert sandbox.errors() == []
    waiver = "waive: {zone-wildcard-shadowed: {because: no mail there, until: 2099-01-01}}\n"
    sandbox.write("zones/a.yaml", text + waiver)
    assert sandbox.errors() == []


def test_keys_at_a_wildcards_own_level_take_no_mail_away(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: monitor
        services: [mailchimp]
        dmarc: {reports: [valimail]}
        records: [{name: "*", type: MX, value: 10 mail.example.net}]
        """,
    )
    assert sandbox.rules() == []


@pytest.mark.parametrize(
    ("stage", "severity"),
    [("monitor", Severity.WARNING), ("fence", Severity.WARNING)]
    + [(s, Severity.ERROR) for s in ("quarantine-test", "quarantine", "reject-test", "enforce")],
)
@pytest.mark.parametrize("service", ["google-workspace", "{use: mailchimp, dkim: pending}"])
def test_a_missing_key_is_an_error_from_quarantine_test_on_and_said_once(
    stage: str, severity: Severity, service: str, sandbox: Sandbox
) -> None:
    sandbox.write(
        "zones/a.yaml",
        f"domain: example.com\nstage: {stage}\nservices: [{service}]\n"
        "dmarc: {reports: [valimail]}\n",
    )
    found = [f for f in found_in(sandbox) if f.severity > Severity.ADVICE]
    assert [(f.rule, f.severity) for f in found] == [("dkim-missing", severity)]


@pytest.mark.parametrize("stage", ["quarantine-test", "reject", "enforce"])
def test_a_retiring_service_stands_outside_the_gates(stage: str, sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml",
        f"""\
        domain: example.com
        stage: {stage}
        services: [{{use: mailchimp, from: example.org, dkim: pending, retiring: 2027-01-01}}]
        dmarc: {{reports: [valimail]}}
        """,
    )
    assert [f.rule for f in found_in(sandbox)] == []


@pytest.mark.parametrize(("days", "said"), [(7, False), (8, True)])
def test_a_retired_service_may_be_removed_after_seven_days(
    days: int, said: bool, sandbox: Sandbox
) -> None:
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: monitor
        services: [{use: mailchimp, retiring: 2026-12-01}]
        dmarc: {reports: [valimail]}
        """,
    )
    found = found_in(sandbox, date(2026, 12, 1) + timedelta(days))
    assert ("retiring-past" in [f.rule for f in found]) is said


@pytest.mark.parametrize(
    ("stage", "goal", "severity"),
    [
        ("monitor", "enforce", Severity.ERROR),
        ("quarantine", "enforce", Severity.ERROR),
        ("reject", "reject", Severity.ADVICE),
        ("enforce", "enforce", Severity.ADVICE),
        ("parked", "enforce", Severity.ADVICE),
    ],
)
def test_reports_are_needed_until_the_rollout_has_ended(
    stage: str, goal: str, severity: Severity, sandbox: Sandbox
) -> None:
    sandbox.write("zones/a.yaml", f"domain: example.com\nstage: {stage}\ngoal: {goal}\n")
    found = found_in(sandbox)
    assert [(f.rule, f.severity) for f in found] == [("rua-missing", severity)]


def test_an_audit_asks_for_nothing(sandbox: Sandbox) -> None:
    sandbox.write("zones/a.yaml", "domain: example.com\nstage: audit\n")
    assert found_in(sandbox) == []


def test_a_domain_with_a_fault_is_not_checked_for_its_consequences(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: reject
        zone: {mode: zone, ns: [ns.example.net]}
        services: [{use: gogle-workspace, receives: true}]
        dmarc: {reports: [valimial]}
        """,
    )
    assert sandbox.errors() == ["unknown-service", "unknown-service"]


def test_a_released_domain_is_not_checked(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml",
        "domain: example.com\nstage: enforce\nrelease: true\nservices: [google-workspace]\n",
    )
    assert found_in(sandbox) == []


def test_every_from_domain_needs_a_path_of_its_own(
    sandbox: Sandbox,
) -> None:
    text = """\
        domain: example.com
        stage: reject
        services:
          - {use: google-workspace, at: "@", from: [example.com, example.org], dkim: {google: <rsa2048>}}
        dmarc: {reports: [valimail]}
        """
    sandbox.write("zones/a.yaml", with_keys(text))
    assert sandbox.errors() == ["rollout-service-unauthenticated"]


def test_every_rule_says_why_it_matters_and_where_it_comes_from() -> None:
    for rule in RULES.values():
        assert len(rule.reason.split()) > 3
        assert rule.reason.endswith(".")
        assert rule.source in ("tool", "format") or rule.source.startswith("RFC ")


def test_errors_of_a_standard_cannot_be_waived_and_all_that_is_judgement_can() -> None:
    assert not RULES["spf-lookup-limit"].waivable
    assert not RULES["private-key"].waivable
    assert not RULES["waiver-unused"].waivable
    assert RULES["dkim-target"].waivable
    assert RULES["zone-wildcard-shadowed"].waivable
    assert RULES["spf-ptr"].waivable
