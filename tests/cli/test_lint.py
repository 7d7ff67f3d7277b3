"""``mailzone lint``: files, texts, formats, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.catalogue import load
from generator.cli import lint as module
from generator.cli.group import mailzone
from generator.report import FORMATS
from tests.support import ROOT, call

SOUND = '$TTL 3600\n@ TXT "v=spf1 mx -all"\n'
BAD = '$TTL 3600\n@ TXT "v=spf1 mx -all\n_dmarc TXT v=DMARC1; p=none; rua=mailto:d@example.com; np=reject\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.com.zone").write_text(SOUND)
    (tmp_path / "bad.example.zone").write_text(BAD)
    return tmp_path


def piped(text: bytes, *arguments: str) -> Result:
    return CliRunner().invoke(mailzone, ["lint", *arguments], input=text, prog_name="mailzone")


def test_what_is_sound_is_said_to_be(folder):
    done = call("lint", "example.com.zone")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "1 text checked: no errors, no warnings\n"


def test_everything_wrong_in_all_files_is_told_in_one_run(folder):
    done = call(
        "lint", "example.com.zone", "bad.example.zone", "--spf", "v=spf1 +all", "--dmarc", "p=none"
    )
    assert done.exit_code == 1
    assert [line for line in done.stderr.splitlines() if line[:5] == "error"] == [
        "error[dmarc-version]: a DMARC record begins with v=DMARC1;",
        "error[spf-pass-all]: `all` lets everybody pass",
        "error[zone-escape]: a string without its closing quote",
        "error[zone-unquoted-semicolon]: the text ends at the semicolon: what follows is a comment",
    ]
    assert "--> bad.example.zone:2:1\n" in done.stderr
    assert done.stdout == "4 texts checked: 4 errors\n"


def test_warnings_alone_end_in_success(folder):
    done = call("lint", "--spf", "v=spf1 mx")
    assert done.exit_code == 0
    assert "warning[spf-no-terminator]" in done.stderr
    assert done.stdout == "1 text checked: 1 warning\n"


def test_advice_can_be_left_out():
    text = "v=DMARC1; p=none; rua=mailto:d@example.com"
    assert "advice[dmarc-np-absent]" in call("lint", "--dmarc", text).stderr
    done = call("lint", "--dmarc", text, "--no-advice")
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("option", "text", "rule"),
    [
        ("--spf", "v=spf1 mx mx:", "spf-domain-spec"),
        ("--dmarc", "v=DMARC1; p=block", "dmarc-value"),
        ("--dkim", "v=DKIM1; p=x", "dkim-p-invalid"),
        ("--mta-sts", "v=STSv1; id=-", "mta-sts-record"),
        ("--tls-rpt", "v=TLSRPTv1;", "tlsrpt-record"),
        ("--spf", "", "spf-version"),
    ],
)
def test_a_text_is_checked_by_its_kind(option, text, rule):
    done = call("lint", option, text)
    assert done.exit_code == 1
    assert f"error[{rule}]" in done.stderr
    assert f"--> <{option[2:]}>:1:" in done.stderr


def test_nothing_to_check_is_wrong_usage():
    done = call("lint")
    assert done.exit_code == 2
    assert "nothing to check" in done.stderr


def test_the_catalogue_knows_what_terms_cost():
    term, lookups = max(load().term_costs().items(), key=lambda item: item[1])
    more = " ".join(f"a:h{number}.example.com" for number in range(11 - lookups))
    assert "costs 11 look-ups" in call("lint", "--spf", f"v=spf1 {term} {more} -all").stderr


def test_services_of_the_project_are_known_too(folder):
    (folder / "zones").mkdir()
    (folder / "providers.d").mkdir()
    (folder / "providers.d" / "own.yaml").write_text(
        """\
services:
  acme-mail:
    name: Acme
    category: crm
    spf:
      needed: from-domain
      aligned: always
      terms: ["include:spf.acme.example"]
      cost: {lookups: 3, void: 0, as_of: "2026-11-01", source: dig}
"""
    )
    text = "v=spf1 include:spf.acme.example -all"
    assert call("lint", "--spf", text).stderr == ""
    elsewhere = call("lint", "--spf", text, "--project", str(ROOT))
    assert "spf-cost-unknown" in elsewhere.stderr


# --- which zone ------------------------------------------------------------------------------


def test_standard_input_is_a_zone_file():
    done = piped(BAD.encode(), "-", "--origin", "example.com")
    assert done.exit_code == 1
    assert "--> <stdin>:2:1\n" in done.stderr


def test_a_file_that_does_not_say_its_zone_does_not_hide_the_others(folder):
    (folder / "hosts").write_text(SOUND)
    done = call("lint", "hosts", "bad.example.zone")
    assert done.exit_code == 1
    assert "error[zone-file]: nothing says which zone hosts is about" in done.stderr
    assert "error[zone-escape]" in done.stderr
    assert call("lint", "hosts", "--origin", "Example.COM.").exit_code == 0


def test_an_origin_counts_more_than_the_name_of_the_file(folder):
    (folder / "example.com.zone").write_text('$TTL 1\n_dmarc.example.org. TXT "v=DMARC1"\n')
    assert "no record lies in example.com" in call("lint", "example.com.zone").stderr
    done = call("lint", "example.com.zone", "--origin", "example.org")
    assert "DMARC of example.org: p is missing" in done.stderr


def test_an_origin_may_be_written_as_people_read_it(folder):
    (folder / "z").write_text('$TTL 1\n_dmarc TXT "v=DMARC1"\n')
    done = call("lint", "z", "--origin", "b\u00fccher.example")
    assert "DMARC of xn--bcher-kva.example: p is missing" in done.stderr


@pytest.mark.parametrize("origin", ["", "a b", "..", "x" * 300, "\x00", "a\nb"])
def test_an_origin_that_is_no_name_is_refused(folder, origin):
    done = call("lint", "example.com.zone", "--origin", origin)
    assert done.exit_code == 1
    assert done.stderr.startswith("mailzone: --origin: ")
    assert "\n" not in done.stderr.rstrip("\n")


# --- what a FILE may be ----------------------------------------------------------------------


def test_yaml_is_octodns(folder):
    (folder / "example.com.YAML").write_text("_dmarc: {type: TXT, value: 'v=DMARC1\\; p=block'}\n")
    done = call("lint", "example.com.YAML")
    assert done.exit_code == 1
    assert "DMARC of example.com: p=block" in done.stderr
    assert "--> example.com.YAML:1:" in done.stderr


def test_a_part_of_an_octodns_zone_is_named_by_its_folder(folder):
    (folder / "example.org.").mkdir()
    part = folder / "example.org." / "mail.sub.yaml"
    part.write_text("_mta-sts: {type: TXT, value: v=STSv1\\; id=1}\n")
    done = call("lint", "example.org./mail.sub.yaml")
    assert done.exit_code == 0
    assert "warning[mta-sts-host]: mta-sts.example.org has no address" in done.stderr
    assert (
        "error[mta-sts-host]"
        in call("lint", "--origin", "example.net", str(part.rename("x.yaml"))).stderr
    )


def test_an_mta_sts_policy_is_checked_as_one(folder):
    path = folder / "mta-sts.txt"
    path.write_bytes(
        b"version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"
    )
    assert call("lint", "mta-sts.txt").exit_code == 0
    path.write_bytes(
        b"version: STSv1\r\nmode: enforced\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"
    )
    done = call("lint", "mta-sts.txt")
    assert done.exit_code == 1
    assert "error[mta-sts-policy]" in done.stderr
    assert "--> mta-sts.txt:2:7\n" in done.stderr


def unreadable(folder: Path) -> dict[str, str]:
    (folder / "inside").mkdir()
    os.mkfifo(folder / "pipe.example.zone")
    (folder / "dangling.example.zone").symlink_to("nowhere")
    return {
        "missing.example.zone": "no such file",
        "inside": "a folder; name the files in it",
        "pipe.example.zone": "no plain file",
        "dangling.example.zone": "no such file",
        "example.com.zone/x": "no such file",
        "x" * 300: "File name too long",
    }


def test_files_that_cannot_be_read_are_findings_among_others(folder):
    cases = unreadable(folder)
    done = call("lint", *cases, "bad.example.zone")
    assert done.exit_code == 1
    for name, why in cases.items():
        assert f"error[file-unreadable]: {name} cannot be read: {why}\n" in done.stderr
    assert "error[zone-escape]" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root reads all")
def test_a_file_without_permission_is_a_finding(folder):
    path = folder / "example.com.zone"
    path.chmod(0)
    command = [sys.executable, "-m", "generator", "lint", str(path)]
    if os.geteuid() == 0:
        folder.chmod(0o755)
        for parent in folder.parents[:-1]:
            if not os.stat(parent).st_mode & 0o005:
                pytest.skip(f"{parent} is closed to others")
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be read: Permission denied" in done.stderr


def test_a_huge_file_is_refused_unread(folder, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 1 << 20)
    with (folder / "example.com.zone").open("wb") as file:
        file.truncate(1 << 20)
    assert "is larger than" not in call("lint", "example.com.zone").stderr
    with (folder / "example.com.zone").open("wb") as file:
        file.truncate((1 << 20) + 1)
    done = call("lint", "example.com.zone")
    assert done.exit_code == 1
    assert "error[file-too-large]: example.com.zone is larger than 1 MiB" in done.stderr
    assert "is larger than" in piped(b" " * ((1 << 20) + 1), "-").stderr


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"\x80 A 8.8.8.8\n", b"", b"\n", b"\x1b[2J"])
def test_octets_of_any_kind_are_answered(folder, raw):
    path = folder / "example.com.zone"
    path.write_bytes(raw)
    done = call("lint", "example.com.zone")
    assert done.exit_code == (0 if not raw.strip() else 1)
    assert "\x1b" not in done.output
    assert "Traceback" not in done.output


def test_a_comment_may_hold_any_octets(folder):
    (folder / "example.com.zone").write_bytes(b'$TTL 1\n; caf\xe9\n@ TXT "v=spf1 -all" ; \xff\n')
    assert call("lint", "example.com.zone").exit_code == 0


def test_a_name_that_is_no_utf_8_is_shown_all_the_same(folder):
    path = os.fsencode(folder) + b"/caf\xe9.example.zone"
    with open(path, "wb") as file:
        file.write(BAD.encode())
    for form in FORMATS:
        command = [
            sys.executable,
            "-m",
            "generator",
            "lint",
            "--format",
            form,
            "--origin",
            "a.example",
            path,
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr


def test_the_same_file_twice_is_checked_once(folder):
    done = call("lint", "bad.example.zone", "bad.example.zone", "--format", "json")
    assert json.loads(done.stdout)["errors"] == 2


# --- formats ---------------------------------------------------------------------------------


def test_every_format_says_the_same(folder):
    texts = ("lint", "bad.example.zone", "--spf", "v=spf1 +all")
    found = json.loads(call(*texts, "--format", "json").stdout)
    assert (found["errors"], found["warnings"]) == (3, 0)
    assert [(f["rule"], f["path"], f["line"], f["column"]) for f in found["findings"]] == [
        ("spf-pass-all", "<spf>", 1, 8),
        ("zone-escape", "bad.example.zone", 2, 1),
        ("zone-unquoted-semicolon", "bad.example.zone", 3, 1),
    ]
    sarif = json.loads(call(*texts, "--format", "sarif").stdout)["runs"][0]["results"]
    assert [one["ruleId"] for one in sarif] == [f["rule"] for f in found["findings"]]
    assert ["locations" in one for one in sarif] == [False, True, True]
    lines = call(*texts, "--format", "github").stdout.splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("::error file=bad.example.zone,line=2,endLine=2,col=1,endColumn=22,")


@pytest.mark.parametrize("form", FORMATS)
def test_the_exit_code_does_not_depend_on_the_format(folder, form):
    assert call("lint", "bad.example.zone", "--format", form).exit_code == 1
    assert call("lint", "example.com.zone", "--format", form).exit_code == 0


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"text"}))
def test_programs_get_nothing_but_the_format_on_standard_output(folder, form):
    done = call("lint", "bad.example.zone", "--format", form)
    assert done.stderr == ""
    assert "checked" not in done.stdout


def test_the_help_names_the_exit_code():
    assert "Exits with 1" in " ".join(call("lint", "--help").output.split())
