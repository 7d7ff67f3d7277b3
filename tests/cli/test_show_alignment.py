"""mailzone show --alignment: at receivers of both generations."""

from __future__ import annotations

import json

import jsonschema
import pytest

from generator.alignment import alignments
from generator.project import assemble
from generator.resources import schema_text
from generator.simulate.planned import Planned
from generator.simulate.routes import routes
from tests.support import ROOT, TODAY, call

SCHEMA = json.loads(schema_text("alignment"))
PROJECTS = [ROOT, *sorted(path.parent for path in ROOT.glob("examples/*/zones"))]
KEY = "pdk1._domainkey.9d876.dkim1.mailgun.com"
PARTED = f"""\
domain: example.com
stage: monitor
dmarc: {{reports: [valimail]}}
subdomains:
  news:
    dmarc: {{psd: n}}
    services:
      - {{use: mailgun, from: [example.com, news.example.com], dkim: {{pdk1: {KEY}}}}}
"""


def shown(sandbox, text, domain="example.com", *more):
    sandbox.write("zones/a.yaml", text)
    done = sandbox.run("show", domain, "--alignment", *more)
    assert done.exit_code == 0, done.output
    return done.stdout


def data(sandbox, text, domain="example.com"):
    made = json.loads(shown(sandbox, text, domain, "--format", "json"))
    jsonschema.Draft202012Validator(SCHEMA).validate(made)
    return made


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_where_a_record_parts_a_subdomain_the_generations_differ(sandbox):
    lines = shown(sandbox, PARTED, "news.example.com").splitlines()
    assert [line.split() for line in lines if line.startswith("mailgun")] == [
        ["mailgun", "@", "example.com", *["RFC", "7489", "only"] * 3],
        ["mailgun", "@", "@", "aligned", "aligned", "pass"],
    ]
    assert lines[-1] == (
        "  news.example.com: news.example.com by the walk, example.com by the list"
    )
    assert max(map(len, lines)) <= 80


def test_json_has_both_verdicts_and_what_they_come_from(sandbox):
    first, second = data(sandbox, PARTED, "news.example.com")["paths"]
    assert (first["from"], first["envelope"], first["signers"]) == (
        "example.com", "news.example.com", ["news.example.com"],
    )  # fmt: skip
    assert [(one["standard"], one["result"], one["aligned"]) for one in first["dmarc"]] == [
        ("RFC 9989", "fail", {"spf": False, "dkim": False}),
        ("RFC 7489", "pass", {"spf": True, "dkim": True}),
    ]
    assert [one["organizational_domain"] for one in second["dmarc"]] == [
        "news.example.com", "example.com",
    ]  # fmt: skip


def test_of_several_names_the_one_that_fits_both_generations_is_taken(sandbox):
    text = PARTED.replace("psd: n", "aspf: s").replace(
        "{use: mailgun,", "{use: mailgun, at: [m, '@'],"
    )
    first, second = data(sandbox, text, "news.example.com")["paths"]
    assert (second["from"], second["at"]) == ("news.example.com", "news.example.com")
    # The policy of the From domain counts, not that of the place where the service is declared.
    assert [(one["adkim"], one["aspf"]) for one in first["dmarc"]] == [("r", "r")] * 2
    assert [(one["adkim"], one["aspf"]) for one in second["dmarc"]] == [("r", "s")] * 2


def test_what_does_not_align_fails_and_has_no_signer(sandbox):
    text = PARTED.partition("subdomains")[0] + "services: [{use: mailchimp, dkim: pending}]\n"
    (path,) = data(sandbox, text)["paths"]
    assert (path["envelope"], path["signers"]) == (None, [])
    assert {one["result"] for one in path["dmarc"]} == {"fail"}
    assert shown(sandbox, text).splitlines()[-1].split() == [
        "mailchimp", "@", "@", "no", "no", "FAIL",
    ]  # fmt: skip


def test_a_table_that_is_too_wide_becomes_a_list(sandbox):
    sender = f"{'a' * 60}.example.com"
    text = PARTED.replace("from: [example.com,", f"from: ['{sender}',")
    lines = shown(sandbox, text, "news.example.com").splitlines()
    assert f"mailgun, at @, From {sender}" in lines
    assert "  SPF aligned, DKIM aligned, DMARC pass" in lines


def test_a_domain_without_senders_says_so(sandbox):
    text = "domain: example.com\nstage: parked\n"
    assert shown(sandbox, text).endswith("no service sends\n")
    assert data(sandbox, text)["paths"] == []


@pytest.mark.parametrize("options", [("--format", "bind"), ("--spf-tree",)])
def test_views_exclude_each_other(sandbox, options):
    sandbox.write("zones/a.yaml", PARTED)
    assert sandbox.run("show", "example.com", "--alignment", *options).exit_code == 2


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_the_suffix_list_agrees_with_what_lint_goes_by(project):
    found = assemble(project, TODAY)
    world = Planned(found.compiled)
    for one in found.compiled:
        seen = [(r.at, r.sender, r.old.spf, r.old.dkim) for r in routes(one.domain, world)]
        assert seen == [(a.at, a.sender, a.spf, a.dkim) for a in alignments(one.domain)]
        done = call("show", one.domain.name, "--alignment", "--project", str(project))
        assert max(map(len, done.stdout.splitlines())) <= 80
