"""A project makes rules weigh more in its defaults, for the declarations beneath."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.catalogue import load as load_catalogue
from generator.declaration import load
from generator.declaration.model import Domain
from generator.declaration.severity import raised
from generator.finding import Finding, Place
from generator.rules import RULES, Severity
from tests.support import TODAY, Sandbox

E, W = Severity.ERROR, Severity.WARNING


def loaded(sandbox: Sandbox) -> tuple[dict[str, Domain], list[tuple[str, Severity]], bool]:
    """The domains by name, what reading them found, and whether one of them is broken."""
    domains: dict[str, Domain] = {}
    broken = []

    def take(domain: Domain, fault: bool) -> None:
        domains[domain.name] = domain
        broken.append(fault)

    done = load(sandbox.root, load_catalogue(sandbox.root), TODAY, take)
    return domains, [(found.rule, found.severity) for found in done.findings], any(broken)


def test_what_the_defaults_say_reaches_the_domains_beside_and_below(sandbox):
    sandbox.write("zones/_defaults.yaml", "severity: {spf-ptr: error}\n")
    sandbox.write("zones/a.yaml", "domains: [a.example, b.example]\nstage: parked\n")
    sandbox.write("zones/in/_defaults.yaml", "severity: {dkim-rsa-1024: error}\n")
    sandbox.write(
        "zones/in/c.yaml",
        "domain: c.example\nstage: parked\nsubdomains: {news: {}}\n",
    )
    domains, found, _ = loaded(sandbox)
    assert found == []
    assert {name: dict(one.severities) for name, one in domains.items()} == {
        "a.example": {"spf-ptr": E},
        "b.example": {"spf-ptr": E},
        "c.example": {"spf-ptr": E, "dkim-rsa-1024": E},
        "news.c.example": {"spf-ptr": E, "dkim-rsa-1024": E},
    }


def test_a_folder_without_defaults_of_its_own_changes_nothing_for_its_neighbours(sandbox):
    sandbox.write("zones/strict/_defaults.yaml", "severity: {spf-ptr: error}\n")
    sandbox.write("zones/strict/a.yaml", "domain: a.example\nstage: parked\n")
    sandbox.write("zones/b.yaml", "domain: b.example\nstage: parked\n")
    domains, _, _ = loaded(sandbox)
    assert domains["a.example"].severities
    assert not domains["b.example"].severities


def test_severity_is_no_key_of_the_declarations_that_it_is_merged_under(sandbox):
    sandbox.write("zones/_defaults.yaml", "severity: {spf-ptr: error}\nstage: parked\n")
    sandbox.write("zones/a.yaml", "domain: a.example\n")
    domains, found, _ = loaded(sandbox)
    assert found == []
    assert domains["a.example"].stage.name == "parked"


@pytest.mark.parametrize("rule", ["waiver-expired", "declaration-empty"])
def test_what_is_found_while_reading_is_raised_too(rule, sandbox):
    sandbox.write("zones/_defaults.yaml", f"severity: {{{rule}: error}}\n")
    day = TODAY - timedelta(days=1)
    sandbox.write(
        "zones/a.yaml",
        f"domain: a.example\nstage: parked\nwaive: {{spf-ptr: {{because: old, until: {day}}}}}\n",
    )
    sandbox.write("zones/b.yaml", "# nothing\n")
    _, found, broken = loaded(sandbox)
    weights = {"waiver-expired": W, "declaration-empty": W} | {rule: E}
    assert dict(found) == weights
    assert not broken  # the records can be looked at all the same


def test_the_severities_of_the_whole_project_are_those_of_its_top_folder(sandbox):
    sandbox.write("zones/_defaults.yaml", "severity: {orphan: error}\n")
    sandbox.write("zones/in/_defaults.yaml", "severity: {spf-ptr: error}\n")
    sandbox.write("zones/in/a.yaml", "domain: a.example\nstage: parked\n")
    done = load(sandbox.root, load_catalogue(sandbox.root), TODAY, lambda domain, broken: None)
    assert done.severities == {"orphan": E}


def test_faults_in_the_mapping_change_nothing_but_are_told(sandbox):
    sandbox.write("zones/_defaults.yaml", "severity: {no-such-rule: error, spf-ptr: error}\n")
    sandbox.write("zones/a.yaml", "domain: a.example\nstage: parked\n")
    domains, found, _ = loaded(sandbox)
    assert found == [("severity", E)]
    assert domains["a.example"].severities == {"spf-ptr": E}


def of(rules: Iterable[tuple[str, Severity]]) -> list[Finding]:
    return [Finding(rule, severity, "x", Place("f", 1, 1), "y") for rule, severity in rules]


def test_nothing_is_copied_where_nothing_is_raised():
    findings = of([("spf-ptr", W)])
    assert raised(findings, {}) is findings
    assert raised(findings, {"dkim-rsa-1024": E})[0] is findings[0]


@given(
    st.lists(st.tuples(st.sampled_from(sorted(RULES)[:9]), st.sampled_from(Severity))),
    st.dictionaries(st.sampled_from(sorted(RULES)[:9]), st.sampled_from([W, E])),
)
def test_raising_makes_no_finding_lighter_and_changes_nothing_else(rules, severities):
    before = of(rules)
    after = raised(before, severities)
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        assert new.severity == max(old.severity, severities.get(old.rule, old.severity))
        assert (new.rule, new.message, new.where, new.help) == (
            old.rule, old.message, old.where, old.help,
        )  # fmt: skip


def test_a_raised_warning_stops_a_build(sandbox):
    declaration = (
        "domain: example.com\nstage: monitor\nservices: [google-workspace]\n"
        "dmarc: {reports: [valimail]}\n"
    )
    sandbox.write("zones/a.yaml", declaration)
    assert sandbox.run("build", "--check", "--serial-by-hand").exit_code == 4
    sandbox.write("zones/_defaults.yaml", "severity: {dkim-missing: error}\n")
    done = sandbox.run("build", "--check", "--serial-by-hand")
    assert done.exit_code == 1
    assert "error[dkim-missing]" in done.stderr
