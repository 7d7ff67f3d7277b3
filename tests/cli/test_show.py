"""mailzone show."""

from __future__ import annotations

import json

import dns.zone
import pytest

from tests.emit.test_json import validate
from tests.servers.bind import parent_zone
from tests.support import ROOT, call

PARKED = ROOT / "examples/parked"


def test_the_table_shows_each_record_with_the_line_it_comes_from(sandbox):
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: monitor
        services:
          - use: google-workspace
            dkim: pending
        dmarc:
          reports: ["mailto:d@example.com"]
        """,
    )
    lines = sandbox.run("show", "example.com").stdout.splitlines()
    assert lines[0] == "example.com at stage monitor: soft-fail; reports come in"
    at = lines.index("example.com. 3600 TXT")
    assert lines[at + 1] == "  v=spf1 include:_spf.google.com ~all"
    assert lines[at + 2].endswith("Google Workspace sends for example.com (zones/a.yaml:4)")
    assert lines[at + 3] == "    stage monitor ends SPF in ~all (zones/a.yaml:2)"
    assert "  v=DMARC1; p=none; rua=mailto:d@example.com;" in lines
    assert not any(line != line.rstrip() for line in lines)


@pytest.mark.parametrize(
    "written",
    [
        "bücher.example",
        "BÜCHER.example",
        "xn--bcher-kva.example",
        "XN--BCHER-KVA.EXAMPLE",
        "bücher.example.",
    ],
)
def test_an_international_name_is_found_however_it_is_written(written):
    done = call("show", written, "--project", str(PARKED))
    assert done.exit_code == 0
    assert done.stdout.startswith("bücher.example (xn--bcher-kva.example) at stage parked")


def test_json_fits_the_schema_and_says_the_same_as_build():
    one = json.loads(
        call("show", "example.net", "--format", "json", "--project", str(PARKED)).stdout
    )
    validate(one)
    all_ = json.loads(call("build", "--format", "json", "--project", str(PARKED)).stdout)
    assert one in all_
    assert one["domain"] == "example.net"
    assert {r["type"] for r in one["records"]} == {"TXT", "MX"}


def test_bind_prints_lines_of_a_zone_file():
    done = call("show", "example.net", "--format", "bind", "--project", str(PARKED))
    zone = dns.zone.from_text(
        parent_zone("example.net") + done.stdout, "example.net", relativize=False
    )
    assert str(zone.find_rrset("example.net.", "MX")[0]) == "0 ."
    assert len(done.stdout.splitlines()) == 4


def test_a_subdomain_can_be_shown():
    done = call("show", "payroll.example.org", "--project", str(ROOT / "examples/company"))
    assert done.stdout.startswith("payroll.example.org at stage quarantine")


def test_an_unknown_domain_suggests_the_nearest():
    done = call("show", "exampel.net", "--project", str(PARKED))
    assert done.exit_code == 1
    assert done.stderr == (
        "mailzone: exampel.net is not declared in this project; did you mean `example.net`?\n"
    )


@pytest.mark.parametrize(
    "name",
    ["", ".", "com", "a..b", "x" * 64 + ".com", "192.0.2.1", "a b.com", "exa\x1bmple.com", "☃"],
)
def test_what_is_no_domain_is_refused_in_words(name):
    done = call("show", name, "--project", str(PARKED))
    assert done.exit_code == 1
    assert done.stderr.startswith("mailzone: ")
    assert "\x1b" not in done.stderr
    assert "not declared" not in done.stderr


def test_a_project_with_errors_shows_nothing(sandbox):
    sandbox.write(
        "zones/a.yaml", "domain: a.example\nstage: parked\n---\ndomain: b.example\nstage: x\n"
    )
    done = sandbox.run("show", "a.example")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "zones/a.yaml:5:8" in done.stderr
    assert "written" not in done.stderr
