"""Builds repeat: the same declarations make the same bytes, and a second build changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support import ROOT

PROJECTS = [ROOT, *sorted(path.parent for path in ROOT.glob("examples/*/zones"))]


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def run(project, out, *arguments, **environment):
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "generator",
            "build",
            "--project",
            str(project),
            "--out",
            str(out),
            *arguments,
        ],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_any_hash_seed_and_any_folder_give_equal_bytes(project, tmp_path):
    for seed in ("0", "1", "424242"):
        done = run(project, tmp_path / seed, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
    first = content(tmp_path / "0")
    assert first
    assert content(tmp_path / "1") == first
    assert content(tmp_path / "424242") == first


@pytest.fixture
def built(sandbox):
    sandbox.write("zones/a.yaml", "domains: [a.example, b.example]\nstage: parked\n")
    sandbox.write(
        "zones/w.yaml",
        "domain: w.example\nstage: parked\nzone: {mode: zone, ns: [ns.a.example], mx: none}\n",
    )
    assert sandbox.run("build").exit_code == 0
    return sandbox


def stamps(sandbox):
    return {
        path.name: (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in (sandbox.root / "build").iterdir()
    }


def test_a_second_build_touches_no_file(built):
    before, times = built.files(), stamps(built)
    done = built.run("build")
    assert done.exit_code == 0
    assert "3 domains: 0 files written, 3 unchanged in build/" in done.stdout
    assert built.files() == before
    assert stamps(built) == times


def test_a_build_touches_only_the_files_that_change(built):
    times = stamps(built)
    built.write(
        "zones/a.yaml", "domains: {a.example: {stage: audit}, b.example: {}}\nstage: parked\n"
    )
    done = built.run("build")
    assert "changed build/a.example.inc" in done.stdout
    assert "1 file written, 2 unchanged" in done.stdout
    changed = {name for name, stamp in stamps(built).items() if stamp != times[name]}
    assert changed == {"a.example.inc"}


def test_check_passes_exactly_when_a_build_would_change_nothing(built):
    assert built.run("build", "--check").exit_code == 0
    built.write("zones/a.yaml", "domains: [a.example, b.example]\nstage: audit\n")
    before, times = built.files(), stamps(built)
    done = built.run("build", "--check")
    assert done.exit_code == 4
    assert "changed build/a.example.inc" in done.stdout
    assert "3 domains: 2 files would be written, 1 unchanged in build/" in done.stdout
    assert built.files() == before
    assert stamps(built) == times
    assert built.run("build").exit_code == 0
    assert built.run("build", "--check").exit_code == 0


def test_check_notices_a_file_that_is_missing_or_was_edited(built):
    path = built.root / "build/a.example.inc"
    path.write_text(path.read_text().replace("3600", "60"))
    assert built.run("build", "--check").exit_code == 4
    path.unlink()
    done = built.run("build", "--check")
    assert done.exit_code == 4
    assert "new     build/a.example.inc" in done.stdout
    assert not path.exists()


def test_check_of_a_project_never_built_makes_no_folder(sandbox):
    sandbox.write("zones/a.yaml", "domain: a.example\nstage: parked\n")
    assert sandbox.run("build", "--check").exit_code == 4
    assert not (sandbox.root / "build").exists()


def test_a_file_edited_by_hand_is_put_right_by_the_next_build(built):
    path = built.root / "build/a.example.inc"
    right = path.read_bytes()
    path.write_bytes(right + b"\xfc by hand\n")
    assert built.run("build").exit_code == 0
    assert path.read_bytes() == right


def test_errors_stop_a_build_before_anything_is_written(built):
    built.write("zones/a.yaml", "domains: [a.example, b.example]\nstage: audit\n")
    built.write("zones/w.yaml", "domain: w.example\nstage: nonsense\n")
    before = built.files()
    done = built.run("build")
    assert done.exit_code == 1
    assert "1 error; nothing was written" in done.stderr
    assert built.files() == before


def test_a_file_whose_declaration_is_gone_is_an_orphan_and_stays(built):
    built.write("zones/a.yaml", "domain: a.example\nstage: parked\n")
    built.write("build/hand.inc", "; kept by hand\n")
    built.write("build/b.example.txt", "; Written by mailzone, but no zone file\n")
    before = built.files()
    done = built.run("build")
    assert done.exit_code == 0
    assert "warning[orphan]: b.example.inc has no declaration any more" in done.stderr
    assert "release: true" in done.stderr
    assert done.stderr.count("warning[orphan]") == 1
    assert built.files() == before


def test_a_released_domain_is_no_orphan(built):
    built.write(
        "zones/a.yaml", "domains: {a.example: {}, b.example: {release: true}}\nstage: parked\n"
    )
    done = built.run("build")
    assert "orphan" not in done.stderr
    assert "changed build/b.example.inc" in done.stdout
