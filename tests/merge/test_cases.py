"""Merges as data: a zone file, a declaration, and what comes of it.

A folder below ``tests/data/merge`` is a project.  ``declaration.yaml`` is its declaration, in the
form of `tests.cases`; the rest lies as in the project.  ``after.zone`` is what a build must write;
without one the declaration names findings at its top.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.emit.block import restore
from generator.emit.build import plan
from generator.emit.handkept import check
from generator.finding import Severity
from tests.cases import Case, read
from tests.servers.bind import NOW
from tests.support import ROOT, Sandbox

FOLDERS = sorted(path for path in (ROOT / "tests" / "data" / "merge").iterdir() if path.is_dir())
SOUND = [path for path in FOLDERS if (path / "after.zone").exists()]
WRONG = [path for path in FOLDERS if read(path / "declaration.yaml").fails]
SOURCE = "dns/example.com.zone"
BUILT = "build/example.com.zone"

# Errors that only a merge can bring up.
RULES = {
    "zone-below-cut", "zone-dynamic", "zone-file", "zone-merge", "zone-output", "zone-rival",
    "zone-signed", "adopt-unused",
}  # fmt: skip


def set_up(folder: Path, sandbox: Sandbox) -> Case:
    case = read(folder / "declaration.yaml")
    leave = shutil.ignore_patterns("declaration.yaml", "after.zone")
    shutil.copytree(folder, sandbox.root, ignore=leave, dirs_exist_ok=True)
    case.write(sandbox)
    return case


def found_by_check(sandbox: Sandbox) -> list[tuple[str, str, str, int, int]]:
    project = sandbox.assemble()
    assert not project.errors, [one.message for one in project.errors]
    found = sorted(check(project.compiled, sandbox.root, NOW), key=lambda one: one.order)
    places = [one.place for one in found]
    return [
        (one.severity.label, one.rule, place.path, place.line, place.column)
        for one, place in zip(found, places, strict=True)
        if place is not None
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_case_brings_up_exactly_the_findings_that_it_names(folder: Path, sandbox: Sandbox):
    case = set_up(folder, sandbox)
    wanted = [(e.severity, e.rule, e.path, e.line, e.column) for e in case.expected]
    assert found_by_check(sandbox) == wanted
    said = sandbox.run("validate")
    assert said.exit_code == (1 if case.fails else 0)
    assert "waiver-unused" not in said.stderr
    for expected in case.expected:
        assert expected.message in said.stderr
        assert expected.help in said.stderr


@pytest.mark.parametrize("folder", WRONG, ids=lambda path: path.name)
@pytest.mark.parametrize("options", [[], ["--check"]], ids=["build", "check"])
def test_a_build_says_what_is_wrong_and_writes_nothing(
    folder: Path, options: list[str], sandbox: Sandbox
):
    case = set_up(folder, sandbox)
    sandbox.write("zones/sound.yaml", "domain: example.org\nstage: parked\n")
    before = sandbox.files()
    done = sandbox.run("build", *options)
    assert done.exit_code == 1
    for expected in case.expected:
        assert f"error[{expected.rule}]: " in done.stderr
        assert expected.message in done.stderr
        at = (
            f"{expected.path}:{expected.line}:{expected.column}" if expected.line else expected.path
        )
        assert f"--> {at}\n" in done.stderr
    assert "nothing was written" in done.stderr
    assert done.stdout == ""
    assert sandbox.files() == before


@pytest.mark.parametrize("folder", SOUND, ids=lambda path: path.name)
def test_a_build_writes_the_text_of_the_case_and_a_second_one_changes_nothing(
    folder: Path, sandbox: Sandbox
):
    set_up(folder, sandbox)
    before = sandbox.files()
    done = sandbox.run("build")
    assert done.exit_code == 0, done.stderr
    after = (folder / "after.zone").read_bytes()
    assert (sandbox.root / BUILT).read_bytes() == after
    files = sandbox.files()
    assert files == {**before, BUILT: after}
    again = sandbox.run("build", "--check")
    assert again.exit_code == 0, again.stdout
    assert sandbox.files() == files


@pytest.mark.parametrize("folder", SOUND, ids=lambda path: path.name)
def test_in_place_the_same_text_comes_and_a_release_takes_it_back(folder: Path, sandbox: Sandbox):
    set_up(folder, sandbox)
    source = sandbox.root / SOURCE
    original = source.read_bytes()
    out = ["--out", str(source.parent)]
    journal = source.with_name(f"{source.name}.jnl")
    assert sandbox.run("build", *out).exit_code == 0
    merged = source.read_bytes()
    assert merged == (folder / "after.zone").read_bytes()
    assert sandbox.run("build", *out, "--check").exit_code == 0
    declaration = (sandbox.root / "zones/case.yaml").read_text()
    released = declaration.replace("stage:", "release: true\nstage:")
    released = released.replace("  news: {", "  news: {release: true, ")
    sandbox.write("zones/case.yaml", released)
    done = sandbox.run("build", *out)
    assert done.exit_code == 0, done.stderr
    assert without_serial(source.read_bytes()) == without_serial(original)
    assert serial(source.read_bytes()) > serial(merged) or serial(merged) > 2**31
    assert journal.exists() == (folder / SOURCE).with_name(journal.name).exists()


def serial(text: bytes) -> int:
    from generator.zonefile import soa_serial

    return int(soa_serial(text).text)


def without_serial(text: bytes) -> bytes:
    from generator.zonefile import soa_serial

    found = soa_serial(text)
    return text[: found.start] + text[found.end :]


def test_every_rule_of_a_merge_has_a_case():
    assert {
        one.rule for path in FOLDERS for one in read(path / "declaration.yaml").expected
    } >= RULES


def test_every_case_either_builds_or_fails():
    advice = [p for p in FOLDERS if p not in SOUND and p not in WRONG]
    for path in advice:
        (expected,) = read(path / "declaration.yaml").expected
        assert expected.severity == Severity.ADVICE.label
    assert len(SOUND) >= 6
    assert not set(SOUND) & set(WRONG)


@pytest.mark.parametrize("folder", SOUND, ids=lambda path: path.name)
def test_the_text_outside_the_block_is_the_text_by_hand_without_what_the_block_quotes(folder: Path):
    after = (folder / "after.zone").read_bytes()
    before = (folder / SOURCE).read_bytes()
    restored = restore(after)
    assert restored.merged
    assert not restored.touched
    assert without_serial(restored.text) == without_serial(before)


def test_the_plan_of_a_build_with_errors_cannot_be_written(sandbox: Sandbox):
    set_up(ROOT / "tests/data/merge/signed", sandbox)
    made = plan(sandbox.assemble().compiled, sandbox.root / "out", (), NOW, sandbox.root)
    assert [one.rule for one in made.findings] == ["zone-signed"]
    with pytest.raises(AssertionError):
        made.write()
    assert not (sandbox.root / "out").exists()
