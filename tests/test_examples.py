"""zones/ and examples/*/zones: each builds as it is, and shows what it is there to show."""

from __future__ import annotations

import re

import pytest

from generator.project import assemble
from generator.source import parse
from tests.support import ROOT, TODAY, call

PROJECTS = [ROOT, *sorted(path.parent for path in ROOT.glob("examples/*/zones"))]
DECLARATIONS = sorted(path for project in PROJECTS for path in project.glob("zones/**/*.yaml"))

FILES = {
    "main": ["ctmartin.me.inc"],
    "company": ["example.org.inc"],
    "hand-kept": ["example.com.zone"],
    "octodns": ["example.com.inc"],
    "parked": [
        "example.biz.inc",
        "example.info.inc",
        "example.net.inc",
        "reports.example.inc",
        "xn--bcher-kva.example.inc",
    ],
    "soft-fail": ["ctmartin.me.inc"],
    "two-mailbox-services": ["example.com.inc"],
    "whole-zone": ["example.edu.zone"],
}


def label(project) -> str:
    return "main" if project == ROOT else project.name


def texts(project) -> dict[str, list[str]]:
    """Owner name to TXT of a project."""
    found: dict[str, list[str]] = {}
    for one in assemble(project, TODAY).compiled:
        for value in one.values:
            if value.type == "TXT":
                found.setdefault(value.name, []).append(value.text)
    return found


def test_every_example_is_known_here():
    assert {label(project) for project in PROJECTS} == set(FILES)


@pytest.mark.parametrize("project", PROJECTS, ids=label)
def test_it_builds_without_errors_or_warnings(project, tmp_path):
    done = call("build", "--project", str(project), "--out", str(tmp_path), "--serial-by-hand")
    assert done.exit_code == 0
    assert done.stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES[label(project)]


@pytest.mark.parametrize("path", DECLARATIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_tells_the_editor_where_its_schema_is_and_the_reader_what_it_shows(path):
    first, second = path.read_text().splitlines()[:2]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert (path.parent / found[1]).resolve() == ROOT / "schemas/declaration.schema.json"
    assert re.match(r"# \w", second)


def test_the_published_set_up_is_hard_fail_and_reject():
    assert texts(ROOT) == {
        "ctmartin.me.": ["v=spf1 include:spf.protection.outlook.com -all"],
        "_dmarc.ctmartin.me.": ["v=DMARC1; p=reject; rua=mailto:dmarc_agg@vali.email;"],
    }


def test_its_beginning_is_soft_fail_and_none():
    assert texts(ROOT / "examples/soft-fail") == {
        "ctmartin.me.": ["v=spf1 include:spf.protection.outlook.com ~all"],
        "_dmarc.ctmartin.me.": ["v=DMARC1; p=none; rua=mailto:dmarc_agg@vali.email;"],
    }


def test_two_mailbox_services_share_one_spf_record():
    found = texts(ROOT / "examples/two-mailbox-services")["example.com."]
    assert found == ["v=spf1 include:_spf.google.com include:spf.protection.outlook.com ~all"]


def test_parked_names_refuse_everything_and_their_reports_are_welcome():
    found = texts(ROOT / "examples/parked")
    for name in ("example.net", "example.info", "xn--bcher-kva.example"):
        assert found[f"{name}."] == ["v=spf1 -all"]
        assert found[f"_dmarc.{name}."] == [
            "v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:dmarc@reports.example;"
        ]
        assert found[f"*._domainkey.{name}."] == ["v=DKIM1; p="]
        assert found[f"{name}._report._dmarc.reports.example."] == ["v=DMARC1;"]


def test_the_company_has_one_spf_record_at_each_name_that_sends():
    found = texts(ROOT / "examples/company")
    spf = {name: [t for t in listed if t.startswith("v=spf1")] for name, listed in found.items()}
    assert all(len(listed) <= 1 for listed in spf.values())
    assert spf["payroll.example.org."] == ["v=spf1 ip4:203.0.113.40 ~all"]
    assert spf["mg.example.org."] == ["v=spf1 include:mailgun.org ~all"]


def test_no_shipped_file_declares_the_same_key_twice_or_uses_an_alias():
    for path in DECLARATIONS:
        assert parse(path.read_bytes(), path.name).documents
