"""Where a merge reads and writes, and which files it never replaces."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.emit import handkept
from tests.servers.bind import compiled_records, read_back, serving
from tests.support import Sandbox

ZONE = """\
$TTL 3600
@ SOA ns.example.net. hostmaster.example.net. 7 7200 900 1209600 300
  NS ns.example.net.
www A 192.0.2.80
"""
DECLARATION = """\
domain: example.com
stage: parked
zone: {mode: merge, file: dns/example.com.zone}
"""


@pytest.fixture
def project(sandbox: Sandbox) -> Sandbox:
    sandbox.write("zones/example.com.yaml", DECLARATION)
    sandbox.write("dns/example.com.zone", ZONE)
    return sandbox


def built(sandbox: Sandbox, *options: str) -> bytes:
    done = sandbox.run("build", *options)
    assert done.exit_code == 0, done.stderr
    return (sandbox.root / "build/example.com.zone").read_bytes()


def refused(sandbox: Sandbox, words: str, *options: str) -> None:
    """A build ends with code 1, says so in these words and changes nothing."""
    before = sandbox.files()
    done = sandbox.run("build", *options)
    assert done.exit_code == 1
    assert words in " ".join(done.stderr.split())
    assert "nothing was written" in done.stderr
    assert sandbox.files() == before


# --- what is written -----------------------------------------------------------------------------


def test_the_file_in_the_project_stays_and_the_output_has_its_name(project: Sandbox):
    project.write("zones/example.com.yaml", DECLARATION.replace("example.com.zone", "db.example"))
    (project.root / "dns/example.com.zone").rename(project.root / "dns/db.example")
    done = project.run("build")
    assert done.stdout.startswith("new     build/db.example\n1 domain: 1 file written")
    assert (project.root / "dns/db.example").read_text() == ZONE
    assert (project.root / "build/db.example").read_text().startswith(ZONE.replace(" 7 7", " 8 7"))


def test_no_reminder_of_serials_comes_for_a_merged_zone(project: Sandbox):
    project.write("zones/example.com.yaml", DECLARATION.replace("example.com.zone", "zone.inc"))
    (project.root / "dns/example.com.zone").rename(project.root / "dns/zone.inc")
    assert project.run("build").stderr == ""


def test_check_counts_a_merge_that_would_change_its_output(project: Sandbox):
    before = project.files()
    done = project.run("build", "--check")
    assert done.exit_code == 4
    assert "new     build/example.com.zone\n" in done.stdout
    assert project.files() == before


def test_an_edit_of_the_source_comes_through_and_raises_the_serial(project: Sandbox):
    built(project)
    project.write("dns/example.com.zone", ZONE + "new A 192.0.2.7\n")
    after = built(project)
    assert b"\nnew A 192.0.2.7\n; >>>" in after
    assert b" 9 7200" in after


def test_an_output_that_is_made_again_after_a_release_is_replaced(project: Sandbox):
    built(project)
    project.write("zones/example.com.yaml", DECLARATION + "release: true\n")
    assert built(project).decode() == ZONE.replace(" 7 7", " 9 7")
    project.write("zones/example.com.yaml", DECLARATION)
    assert b" 10 7200" in built(project)


def test_the_mode_of_a_file_that_is_merged_in_place_stays(project: Sandbox):
    source = project.root / "dns/example.com.zone"
    source.chmod(0o640)
    assert project.run("build", "--out", str(source.parent)).exit_code == 0
    assert source.stat().st_mode & 0o777 == 0o640
    assert b">>> mailzone" in source.read_bytes()


# --- what is never replaced ------------------------------------------------------------------------


def test_a_strangers_file_in_the_way_is_left_alone(project: Sandbox):
    project.write("build/example.com.zone", ZONE + "precious A 192.0.2.1\n")
    refused(project, "was not written by mailzone and is left alone")


def test_an_output_that_somebody_edited_is_left_alone(project: Sandbox):
    after = built(project)
    project.write("build/example.com.zone", b"precious 60 A 192.0.2.1\n" + after)
    refused(project, "was edited since mailzone wrote it; make the change in dns/example.com.zone")
    project.write("build/example.com.zone", after + b"precious 60 A 192.0.2.1\n")
    refused(project, "was edited since mailzone wrote it")


def test_an_output_whose_serial_somebody_raised_is_replaced_and_goes_on_from_it(project: Sandbox):
    after = built(project)
    project.write("build/example.com.zone", after.replace(b" 8 7200", b" 500 7200"))
    project.write("dns/example.com.zone", ZONE + "new A 192.0.2.7\n")
    assert b" 501 7200" in built(project)


def test_an_output_with_a_broken_block_is_left_alone(project: Sandbox):
    after = built(project)
    project.write("build/example.com.zone", after[: after.index(b"; <<<")])
    refused(project, "build/example.com.zone:5: the block of mailzone that begins here has no end")


def test_the_output_of_another_source_is_left_alone(project: Sandbox):
    built(project)
    project.write("elsewhere/example.com.zone", ZONE)
    project.write("zones/example.com.yaml", DECLARATION.replace("dns/", "elsewhere/"))
    refused(project, "was made from another file than elsewhere/example.com.zone")


def test_a_file_of_mailzones_own_in_the_way_is_left_alone(project: Sandbox):
    project.write("build/example.com.zone", "; Written by mailzone\n" + ZONE)
    refused(project, "was not written by mailzone")


def test_a_link_in_the_way_is_left_alone(project: Sandbox):
    (project.root / "build").mkdir()
    (project.root / "build/example.com.zone").symlink_to("../dns/example.com.zone")
    done = project.run("build")
    assert done.exit_code == 5
    assert "symbolic link" in done.stderr
    assert (project.root / "dns/example.com.zone").read_text() == ZONE


def test_one_wrong_merge_stops_every_other_file(project: Sandbox):
    built(project)
    project.write("dns/example.com.zone", ZONE + "new A 192.0.2.7\n")
    project.write("zones/b.yaml", DECLARATION.replace("example.com", "example.net"))
    project.write("zones/c.yaml", "domain: example.org\nstage: parked\n")
    refused(project, "dns/example.net.zone does not exist")


def test_a_file_is_not_merged_into_and_bumped_at_once(project: Sandbox):
    project.write("zones/c.yaml", "domain: www.example.com\nstage: parked\n")
    project.write("dns/example.com.zone", ZONE + "$INCLUDE www.example.com.inc\n")
    project.write("dns/www.example.com.inc", "; Written by mailzone\n")
    source = str(project.root / "dns/example.com.zone")
    refused(project, "drop --bump", "--out", str(project.root / "dns"), "--bump", source)


@pytest.mark.parametrize("place", ["dns", "build"])
def test_a_journal_beside_either_file_stops_the_build(project: Sandbox, place: str):
    built(project)
    project.write(f"{place}/example.com.zone.jnl", b"\0")
    refused(project, f"{place}/example.com.zone.jnl")


# --- what is read ----------------------------------------------------------------------------------


def test_a_link_on_the_way_to_the_file_is_refused(project: Sandbox, tmp_path: Path):
    (project.root / "dns").rename(tmp_path / "elsewhere")
    (project.root / "dns").symlink_to(tmp_path / "elsewhere")
    refused(project, "dns is a symbolic link")


def test_a_link_as_the_file_is_refused(project: Sandbox):
    (project.root / "dns/example.com.zone").rename(project.root / "dns/real")
    (project.root / "dns/example.com.zone").symlink_to("real")
    refused(project, "dns/example.com.zone is a symbolic link")


@pytest.mark.parametrize("what", ["folder", "pipe"])
def test_something_that_is_no_file_is_refused(project: Sandbox, what: str):
    source = project.root / "dns/example.com.zone"
    source.unlink()
    if what == "folder":
        source.mkdir()
    else:
        os.mkfifo(source)
    refused(project, "dns/example.com.zone is no plain file")


def test_a_huge_file_is_refused(project: Sandbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(handkept, "MAX_BYTES", len(ZONE) - 1)
    refused(project, "dns/example.com.zone has more than")


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("/etc/passwd", "/etc/passwd lies outside the project"),
        ("//etc/passwd", "//etc/passwd lies outside the project"),
        ("../../etc/passwd", "../etc/passwd lies outside the project"),
        ("link", "dns/link is a symbolic link"),
        ("no-such", "dns/no-such does not exist"),
        ("..", "no plain file"),
        (".", "dns is no plain file"),
        ("example.com.zone", "nested too deeply"),
        ("twice", "more than 1,000 files are included"),
    ],
)
def test_an_included_file_that_cannot_be_read_is_refused(project: Sandbox, named: str, words: str):
    (project.root / "dns/link").symlink_to("/etc/passwd")
    project.write("dns/twice", "$INCLUDE two0\n")
    for level in range(12):
        project.write(f"dns/two{level}", f"$INCLUDE two{level + 1}\n" * 2)
    project.write("dns/two12", "www A 192.0.2.80\n")
    project.write("dns/example.com.zone", f"$TTL 60\n$INCLUDE {named}\n" + ZONE)
    refused(project, words)


def test_an_included_file_with_octets_in_its_name_cannot_break_the_message(project: Sandbox):
    project.write("dns/example.com.zone", ZONE.encode() + b"$INCLUDE \xfc\xe2\x80\xae.inc\n")
    done = project.run("build")
    assert done.exit_code == 1
    assert "does not exist" in done.stderr
    assert "\u202e" not in done.stderr


def test_a_zone_that_lost_its_declaration_is_told_of(project: Sandbox):
    built(project)
    project.write("zones/example.com.yaml", "domain: example.org\nstage: parked\n")
    done = project.run("build", "--serial-by-hand")
    assert done.exit_code == 0
    assert "warning[orphan]: example.com.zone has no declaration any more" in done.stderr


# --- a real name server ----------------------------------------------------------------------------


def test_named_answers_with_what_was_there_and_what_was_merged(project: Sandbox, tmp_path: Path):
    project.write("dns/example.com.zone", ZONE + '@ 77 TXT "site-verification=1"\n')
    built(project)
    out = project.root / "build/example.com.zone"
    (one,) = project.assemble().compiled
    with serving({"example.com": out}, tmp_path) as server:
        (soa,) = server.rrset("example.com.", "SOA")
        assert soa.serial == 8
        (www,) = server.rrset("www.example.com.", "A")
        assert www.address == "192.0.2.80"
        both = server.rrset("example.com.", "TXT")
        assert {data.strings for data in both} == {(b"site-verification=1",), (b"v=spf1 -all",)}
        assert both.ttl == 77
        (dmarc,) = server.rrset("_dmarc.example.com.", "TXT")
        assert dmarc.strings[0].startswith(b"v=DMARC1; p=reject;")
    read = {row[:2] + row[3:] for row in read_back("example.com", out)}
    assert {row[:2] + row[3:] for row in compiled_records(one.values)} <= read
