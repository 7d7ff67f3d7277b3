"""--bump: the serial of a hand-kept zone, and not one octet more."""

from __future__ import annotations

import pytest

from tests.emit.conftest import EPOCH

PLAIN = """\
$TTL 3600
@ IN SOA ns1 hostmaster 2026112103 7200 900 86400 60
@ IN NS ns1
$INCLUDE a.example.inc
"""
# Where the serial stands, %s; everything around it is meant to mislead.
PARENTS = {
    "one line": b"@ IN SOA ns1 hostmaster %s 7200 900 86400 60\n$INCLUDE a.example.inc\n",
    "several lines": b"@ IN SOA ns1 hostmaster (\n\t%s ; serial 2020010101\n\t7200 900\n\t86400 60 )\n$INCLUDE a.example.inc\n",
    "crlf": b"$TTL 60\r\n@ IN SOA ns1 h (\r\n  %s\r\n  1 1 1 1 )\r\n$INCLUDE a.example.inc\r\n",
    "comments": b"; @ IN SOA ns1 h 1 2 3 4 5\n;$INCLUDE other.inc\n@ SOA ns1 h ( ; 99 (\n ; 98 )\n %s 1 1 1 1 ) ; $INCLUDE x\n$INCLUDE a.example.inc ; ours\n",
    "quoted": b'@ SOA ns1 h %s 1 1 1 1\n@ TXT "; not ( a comment" "a \\" quote;"\n$INCLUDE "a.example.inc"\n',
    "odd case": b"@ in soa ns1 h %s 1 1 1 1\n$include a.example.inc\n",
    "ttl and class": b"example.org. 1d IN SOA ns1 h %s 1 1 1 1\n$Include sub/dir/a.example.inc a.example.\n",
    "class and ttl": b"example.org. IN 86400 SOA ns1 h %s 1 1 1 1\n$INCLUDE /etc/bind/a.example.inc\n",
    "owner left out": b"$ORIGIN example.org.\n  SOA ns1 h %s 1 1 1 1\n\t$INCLUDE x\n$INCLUDE a.example.inc\n",
    "an owner called SOA": b"soa SOA soa soa %s 1 1 1 1\n$INCLUDE a.example.inc\n",
    "latin-1 comments": b"; gepflegt von J\xfcrgen\n@ SOA ns1 h %s 1 1 1 1 ; \xff\xfe\n$INCLUDE a.example.inc\n",
    "no final newline": b"@ SOA ns1 h %s 1 1 1 1\n$INCLUDE a.example.inc",
    "the same digits elsewhere": b"@ SOA ns1 h %s 2026112103 1 1 1\nx TXT 2026112103\n$INCLUDE a.example.inc\n",
}


def declare(sandbox, stage="parked"):
    sandbox.write("zones/a.yaml", f"domain: a.example\nstage: {stage}\n")


@pytest.fixture
def project(sandbox):
    declare(sandbox)
    return sandbox


def bump(sandbox, *more):
    return sandbox.run("build", "--bump", str(sandbox.root / "parent"), *more)


@pytest.mark.parametrize("text", PARENTS.values(), ids=PARENTS)
def test_only_the_digits_of_the_serial_change(project, text):
    project.write("parent", text % b"2026112103")
    done = bump(project)
    assert done.exit_code == 0, done.stderr
    assert (project.root / "parent").read_bytes() == text % b"2026112104"
    assert "changed parent" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (7, 8),
        (2026010199, 2026112101),
        (EPOCH - 5, EPOCH),
        (4294967295, 1),
        (2026112199, 2026112200),
    ],
)
def test_the_serial_rises_in_its_own_style(project, old, new):
    project.write("parent", PARENTS["one line"] % str(old).encode())
    assert bump(project).exit_code == 0
    assert (project.root / "parent").read_bytes() == PARENTS["one line"] % str(new).encode()


def test_the_serial_stays_while_no_included_fragment_changes(project):
    project.write("parent", PLAIN)
    bump(project)
    raised = (project.root / "parent").read_bytes()
    done = bump(project)
    assert "1 domain: 0 files written" in done.stdout
    assert (project.root / "parent").read_bytes() == raised
    declare(project, "audit")
    bump(project)
    assert (project.root / "parent").read_bytes() == raised.replace(b"03 7200", b"04 7200").replace(
        b"2026112104", b"2026112105"
    )


def test_a_parent_rises_only_for_fragments_that_it_includes(project):
    project.write("zones/b.yaml", "domain: b.example\nstage: parked\n")
    project.write("parent", PLAIN)
    bump(project)
    before = (project.root / "parent").read_bytes()
    project.write("zones/b.yaml", "domain: b.example\nstage: audit\n")
    done = bump(project)
    assert "changed build/b.example.inc" in done.stdout
    assert (project.root / "parent").read_bytes() == before
    assert "raise the serial" in done.stderr, "nobody raises the zone that includes b.example.inc"


def test_several_parents_rise_together(project):
    project.write("zones/b.yaml", "domain: b.example\nstage: parked\n")
    project.write("parent", PLAIN)
    project.write("other", PLAIN.replace("a.example", "b.example"))
    done = bump(project, "--bump", str(project.root / "other"))
    assert done.exit_code == 0
    assert done.stderr == ""
    for name in ("parent", "other"):
        assert " 2026112104 " in (project.root / name).read_text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"@ SOA ns1 h 1 1 1 1 1\n", "includes no file"),
        (b"@ SOA ns1 h 1 1 1 1 1\n$INCLUDE other.inc\n", "includes none of the files built here"),
        (b"$INCLUDE a.example.inc\n", "no SOA"),
        (b"@ SOA ns1 h 1 1 1 1 1\n@ SOA ns1 h 2 1 1 1 1\n$INCLUDE a.example.inc\n", "a second SOA"),
        (b"@ SOA ns1 h 1 1 1 1 1 )\n$INCLUDE a.example.inc\n", "line 1"),
        (b'@ SOA ns1 h 1 1 1 1 1\n\nx TXT "open\n$INCLUDE a.example.inc\n', "line 3"),
        (b"@ SOA ns1 h 99999999999 1 1 1 1\n$INCLUDE a.example.inc\n", "32 bits"),
        (b"", "no SOA"),
    ],
)
def test_a_parent_that_cannot_be_bumped_stops_the_build(project, text, words):
    project.write("parent", text)
    before = project.files()
    done = bump(project)
    assert done.exit_code == 1
    assert str(project.root / "parent") in done.stderr
    assert words in done.stderr
    assert "nothing was written" in done.stderr
    assert project.files() == before


def test_a_missing_parent_stops_the_build(project):
    done = bump(project)
    assert done.exit_code == 1
    assert "does not exist" in done.stderr
    assert not (project.root / "build").exists()


def test_a_parent_that_is_a_link_is_left_alone(project):
    project.write("real", PLAIN)
    (project.root / "parent").symlink_to("real")
    done = bump(project)
    assert done.exit_code == 5
    assert (project.root / "real").read_text() == PLAIN
    assert not (project.root / "build").exists()


def test_check_counts_the_parent_and_changes_nothing(project):
    project.write("parent", PLAIN)
    done = bump(project, "--check")
    assert done.exit_code == 4
    assert "changed parent" in done.stdout
    assert (project.root / "parent").read_text() == PLAIN
    bump(project)
    assert bump(project, "--check").exit_code == 0


def test_a_build_without_bump_reminds_of_the_serial_only_when_fragments_change(project):
    done = project.run("build")
    assert "raise the serial" in done.stderr
    assert "--bump PARENT" in done.stderr
    assert project.run("build").stderr == ""
    declare(project, "audit")
    assert project.run("build", "--serial-by-hand").stderr == ""


def test_whole_zones_need_no_reminder(sandbox):
    sandbox.write(
        "zones/w.yaml",
        "domain: w.example\nstage: parked\nzone: {mode: zone, ns: [ns.a.example], mx: none}\n",
    )
    assert sandbox.run("build").stderr == ""
