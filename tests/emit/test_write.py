"""Files written all together or not at all, and only over what mailzone wrote itself."""

from __future__ import annotations

import ctypes
import os
import resource
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.emit.write import WriteError, alone
from tests.support import ROOT

ROOTLY = os.geteuid() == 0
PR_CAPBSET_DROP = 24
POWERS = (0, 1, 2, 3)  # CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER


def two(sandbox, stage="parked"):
    """Two domains; the second one's file is much larger."""
    sandbox.write("zones/a.yaml", f"domain: a.example\nstage: {stage}\n")
    texts = ", ".join(f"'{i} {'x' * 200}'" for i in range(30))
    sandbox.write(
        "zones/b.yaml",
        f"domain: b.example\nstage: {stage}\nrecords: [{{name: t, type: TXT, value: [{texts}]}}]\n",
    )


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refused(sandbox, code: int, *words: str) -> None:
    """A build that fails with these words and changes no file at all."""
    before = sandbox.files()
    done = sandbox.run("build", "--serial-by-hand")
    assert done.exit_code == code, done.output
    for word in (*words, "nothing was written"):
        assert word in done.stderr
    assert sandbox.files() == before


@pytest.mark.parametrize(
    "content",
    [b"", b"example.com. 60 IN A 192.0.2.1\n", b"\xff\xfe\x00", b"\n; Written by mailzone"],
)
def test_a_file_without_the_header_is_never_overwritten_nor_any_other_written(sandbox, content):
    two(sandbox)
    sandbox.write("build/b.example.inc", content)
    refused(sandbox, 1, "b.example.inc was not written by mailzone")
    assert not (sandbox.root / "build/a.example.inc").exists()


def test_a_hand_kept_whole_zone_is_never_overwritten(sandbox):
    sandbox.write(
        "zones/x.yaml",
        "domain: c.example\nstage: parked\nzone: {mode: zone, ns: [ns.a.example], mx: none}\n",
    )
    sandbox.write("build/c.example.zone", "$TTL 60\n@ SOA ns h 1 1 1 1 1\n")
    refused(sandbox, 1, "c.example.zone was not written by mailzone")


def test_a_symbolic_link_is_not_followed(sandbox):
    two(sandbox)
    target = sandbox.write("elsewhere.txt", "; Written by mailzone from x\n")
    (sandbox.root / "build").mkdir()
    (sandbox.root / "build/b.example.inc").symlink_to(target)
    refused(sandbox, 5, "symbolic link")
    (sandbox.root / "build/b.example.inc").unlink()
    (sandbox.root / "build/b.example.inc").symlink_to("nowhere")
    refused(sandbox, 5, "symbolic link")


def test_a_folder_in_the_way_is_refused(sandbox):
    two(sandbox)
    (sandbox.root / "build/b.example.inc").mkdir(parents=True)
    refused(sandbox, 5, "b.example.inc")


def test_a_pipe_in_the_way_is_refused_without_waiting_for_a_writer(sandbox):
    two(sandbox)
    (sandbox.root / "build").mkdir()
    os.mkfifo(sandbox.root / "build/b.example.inc")
    done = sandbox.run("build")
    assert done.exit_code == 5
    assert not (sandbox.root / "build/a.example.inc").exists()


def test_a_file_in_place_of_the_folder_is_refused(sandbox):
    two(sandbox)
    sandbox.write("build", "a file")
    refused(sandbox, 5, "build")
    assert sandbox.run("build", "--out", str(sandbox.root / "build")).exit_code == 2


def test_the_longest_domain_that_can_have_a_policy_gets_its_file(sandbox):
    name = ".".join(["x" * 63, "y" * 63, "z" * 63, "w" * 46]) + ".example"
    assert len(f"_dmarc.{name}") == 253
    sandbox.write("zones/long.yaml", f"domain: {name}\nstage: parked\n")
    assert sandbox.run("build").exit_code == 0
    assert list(files_in(sandbox.root / "build")) == [f"{name}.inc"]


def build(sandbox, *arguments: str, plain: bool = False, limit: int | None = None):
    """Run a build in a process of its own, as a plain user or with a limit on file sizes."""

    libc = ctypes.CDLL(None, use_errno=True)

    def before() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        # Root without its powers over files is a user like any other, and unlike `nobody` can
        # still run an interpreter that lies in a private folder.
        for power in POWERS if plain and ROOTLY else ():
            if libc.prctl(PR_CAPBSET_DROP, power, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "cannot drop a capability")

    return subprocess.run(
        [sys.executable, "-B", "-m", "generator", "build", "--project", sandbox.root, *arguments],
        cwd=ROOT,
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("mode", [0o555, 0o000])
@pytest.mark.parametrize("named", [False, True], ids=["by default", "by option"])
def test_an_unwritable_folder_is_an_outside_failure(sandbox, mode, named):
    two(sandbox)
    out = sandbox.root / "build"
    out.mkdir()
    option = ("--out", str(out)) if named else ()
    out.chmod(mode)
    done = build(sandbox, *option, plain=True)
    out.chmod(0o755)
    assert done.returncode == 5, done.stderr
    assert "Permission denied" in done.stderr
    assert "nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(out.iterdir())


def test_a_file_that_cannot_be_read_is_an_outside_failure(sandbox):
    two(sandbox)
    assert build(sandbox).returncode == 0
    before = files_in(sandbox.root / "build")
    secret = sandbox.root / "build/b.example.inc"
    secret.chmod(0)
    two(sandbox, "audit")
    done = build(sandbox, plain=True)
    assert done.returncode == 5, done.stderr
    assert f"{secret} cannot be read: Permission denied; nothing was written" in done.stderr
    secret.chmod(0o644)
    assert files_in(sandbox.root / "build") == before


@pytest.mark.parametrize(("locked", "code"), [("zones", 1), ("zones/a.yaml", 1), (".", 5)])
def test_a_project_that_may_not_be_read_is_said_without_a_traceback(sandbox, locked, code):
    two(sandbox)
    place = sandbox.root / locked
    mode = place.stat().st_mode
    place.chmod(0)
    done = build(sandbox, "--out", str(sandbox.root.parent / "out"), plain=True)
    place.chmod(mode)
    assert done.returncode == code, done.stderr
    assert "Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (sandbox.root.parent / "out").exists()


def test_a_disk_that_fills_up_half_way_leaves_everything_as_it_was(sandbox):
    two(sandbox)
    assert build(sandbox).returncode == 0
    out = sandbox.root / "build"
    before = files_in(out)
    small, large = (len(before[f"{name}.example.inc"]) for name in "ab")
    assert small < 2000 < large
    two(sandbox, "audit")
    done = build(sandbox, limit=2000)
    assert done.returncode == 5, done.stderr
    assert "b.example.inc cannot be written" in done.stderr
    assert "nothing was written" in done.stderr
    assert files_in(out) == before, "neither a changed file, nor a partial one, nor one of staging"
    assert build(sandbox, "--check").returncode == 4
    assert build(sandbox).returncode == 0
    assert build(sandbox, "--check").returncode == 0


def test_a_disk_that_is_full_at_the_first_build_leaves_no_file_behind(sandbox):
    two(sandbox)
    assert build(sandbox, limit=2000).returncode == 5
    assert not list((sandbox.root / "build").iterdir())


def test_an_interrupted_write_leaves_no_staged_file(sandbox, monkeypatch):
    from generator.emit import write

    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(write.os, "fsync", interrupted)
    change = write.Change(sandbox.root / "x.inc", None, "text")
    with pytest.raises(KeyboardInterrupt):
        write.apply([change])
    assert not list(sandbox.root.glob("*x.inc*"))
    assert not list(sandbox.root.glob(".x*"))


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o027, 0o640)])
def test_the_mode_of_a_new_file_follows_the_umask(sandbox, umask, mode):
    two(sandbox)
    old = os.umask(umask)
    try:
        assert sandbox.run("build").exit_code == 0
    finally:
        os.umask(old)
    for path in (sandbox.root / "build").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_replaced_file_keeps_its_mode(sandbox, mode):
    two(sandbox)
    sandbox.run("build")
    path = sandbox.root / "build/a.example.inc"
    path.chmod(mode)
    before = path.read_bytes()
    two(sandbox, "audit")
    sandbox.run("build")
    assert path.read_bytes() != before
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(not ROOTLY, reason="only root can give files away")
def test_a_replaced_file_keeps_its_owner_and_group(sandbox):
    two(sandbox)
    sandbox.run("build")
    path = sandbox.root / "build/a.example.inc"
    os.chown(path, 1234, 2345)
    path.chmod(0o640)
    two(sandbox, "audit")
    sandbox.run("build")
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (1234, 2345, 0o640)


@pytest.mark.skipif(not ROOTLY, reason="only root can give files away")
@pytest.mark.parametrize(("mode", "code"), [(0o640, 5), (0o644, 0)])
def test_a_build_that_would_lock_the_name_server_out_is_refused(sandbox, mode, code):
    two(sandbox)
    assert build(sandbox).returncode == 0
    out = sandbox.root / "build"
    os.chown(out / "a.example.inc", -1, 2345)  # a group that is not the builder's to give
    (out / "a.example.inc").chmod(mode)
    before = files_in(out)
    two(sandbox, "audit")
    done = build(sandbox, plain=True)
    assert done.returncode == code, done.stderr
    assert (files_in(out) == before) == (code == 5)


def test_a_missing_out_folder_is_made_with_those_above_it(sandbox):
    two(sandbox)
    out = sandbox.root / "one/two/three"
    assert sandbox.run("build", "--out", str(out)).exit_code == 0
    assert sorted(files_in(out)) == ["a.example.inc", "b.example.inc"]


@pytest.mark.parametrize("folder", ["out", "new/deep/out"])
def test_a_build_waits_until_another_one_into_its_folder_has_ended(sandbox, tmp_path, folder):
    sandbox.write("zones/example.com.yaml", "domain: example.com\nstage: parked\n")
    out = tmp_path / folder
    command = [sys.executable, "-m", "generator", "build", "--serial-by-hand", "--out", str(out)]
    with alone(out):
        process = subprocess.Popen(
            [*command, "--project", str(sandbox.root)], cwd=ROOT, stdout=subprocess.DEVNULL
        )
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        assert not out.exists()
    assert process.wait(60) == 0
    assert [path.name for path in out.iterdir()] == ["example.com.inc"]


def test_a_build_gives_up_on_another_one_that_does_not_end(tmp_path):
    with alone(tmp_path / "out"):
        start = time.monotonic()
        with pytest.raises(WriteError, match="another build"), alone(tmp_path / "out", 0.2):
            pass
        assert time.monotonic() - start >= 0.2
    with alone(tmp_path / "out", 0):
        pass
