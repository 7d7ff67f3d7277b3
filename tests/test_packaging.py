"""The distribution: metadata, locks, Makefile; and, slow, wheels that run without the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from generator import __version__
from generator.catalogue.packed import unpack
from generator.catalogue.shipped import compile_shipped
from tests.support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def run(*command, code: int = 0, **more) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **more
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


# --- what can be read off ------------------------------------------------------------------------


def test_the_version_is_kept_in_one_place():
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert ROOT / PROJECT["tool"]["hatch"]["version"]["path"] == ROOT / "generator/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def requirements(lock: str) -> list[str]:
    """The lock's entries, continuation lines joined."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    return [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_by_hash_and_names_no_place(lock):
    entries = requirements(lock)
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,-]+\])?==[^ ]+ ", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links|(?<![\w.])/\w+/", text)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", name)[0]).lower()


def test_locks_hold_every_declared_dependency_and_agree_with_each_other():
    pinned = {lock: dict(e.split()[0].split("==") for e in requirements(lock)) for lock in LOCKS}
    plain, dev = ({normal(k): v for k, v in pinned[lock].items()} for lock in LOCKS)
    assert {normal(d) for d in PROJECT["project"]["dependencies"]} <= set(plain)
    extra = PROJECT["project"]["optional-dependencies"]["octodns"]
    group = PROJECT["dependency-groups"]["dev"]
    assert {normal(d) for d in extra + group} <= set(dev)
    assert {name: dev.get(name) for name in plain} == plain


def make(*arguments, cwd=ROOT) -> subprocess.CompletedProcess[str]:
    return run("make", "--no-print-directory", *arguments, cwd=cwd)


TARGETS = [
    "run",
    "test",
    "quick",
    "lint",
    "format",
    "bench",
    "lock",
    "docs",
    "clean",
    "help",
    "servers",
]


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_exists_and_does_something(target):
    said = make("-n", target).stdout
    assert said.strip()
    assert "Nothing to be done" not in said


def test_every_phony_target_is_tested_here():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(phony[1].split()) == sorted(TARGETS)


def test_help_lists_every_target_that_people_call():
    listed = {line.split()[0] for line in make("help").stdout.splitlines()}
    assert listed == set(TARGETS) - {"servers"}


def test_run_builds_every_example():
    said = make("-n", "run").stdout
    for folder in ROOT.glob("examples/*/zones"):
        assert f"examples/{folder.parent.name}" in said


def test_ci_runs_what_make_test_runs():
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert script.read_text().rstrip().splitlines()[-1] == "exec make test"


# --- built, installed and run --------------------------------------------------------------------


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The files that git knows or would take, in a folder of their own."""
    folder = tmp_path_factory.mktemp("copy") / "mailzone"
    names = run(
        "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():  # git still lists what was just removed
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def pip_wheel(source: Path, into: Path) -> Path:
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        into,
        source,
    )
    (wheel,) = into.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(copy, tmp_path_factory) -> Path:
    return pip_wheel(copy, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(copy, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=copy)
    (made,) = folder.glob("*.tar.gz")
    return made


def environment() -> dict[str, str]:
    """Nothing that could lead an installed mailzone back to the checkout."""
    kept = ("SOURCE_DATE_EPOCH",)
    return {"PATH": "/usr/bin:/bin"} | {key: os.environ[key] for key in kept if key in os.environ}


def members(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel):
    assert wheel.name == f"mailzone-{__version__}-py3-none-any.whl"
    held = members(wheel)
    info = f"mailzone-{__version__}.dist-info"
    wanted = {
        f"generator/_data/{path.relative_to(ROOT)}"
        for folder in ("schemas", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    wanted |= {str(path.relative_to(ROOT)) for path in (ROOT / "generator").rglob("*.py")}
    wanted |= {"generator/py.typed", "generator/_data/catalogue.json"}
    examples = (ROOT / "generator/rules/examples").glob("*.yaml")
    wanted |= {str(path.relative_to(ROOT)) for path in examples}
    wanted |= {f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")}
    wanted |= {f"{info}/licenses/LICENSE"}
    assert set(held) == wanted
    assert held[f"{info}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert b"mailzone = generator.cli:main" in held[f"{info}/entry_points.txt"]
    assert f"\nVersion: {__version__}\n" in held[f"{info}/METADATA"].decode()


@pytest.mark.slow
def test_the_wheels_catalogue_is_the_compiled_providers_yaml(wheel):
    compiled = dict(unpack(members(wheel)["generator/_data/catalogue.json"]))
    assert compiled == compile_shipped((ROOT / "providers.yaml").read_bytes())
    assert compiled


@pytest.mark.slow
def test_the_sdist_makes_the_same_wheel(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert {"pyproject.toml", "hatch_build.py", "providers.yaml", "LICENSE", "README.md"} <= names
    assert not any(name.startswith(("build/", ".venv")) for name in names)
    assert members(pip_wheel(sdist, tmp_path)) == members(wheel)


@pytest.mark.slow
def test_building_leaves_nothing_behind(copy, wheel, sdist, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "out", cwd=copy)
    assert not list((tmp_path / "tmp").iterdir())
    assert not (copy / "generator/_data").exists()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """mailzone as a user gets it: a new environment, locked dependencies, the wheel."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    run(sys.executable, "-m", "venv", folder)
    pip = [folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock")
    run(*pip, "--no-deps", "--no-index", wheel)

    def mailzone(*arguments, cwd: Path, code: int = 0) -> str:
        program = folder / "bin/mailzone"
        return run(program, *arguments, cwd=cwd, env=environment(), code=code).stdout

    return mailzone


@pytest.mark.slow
def test_an_installed_mailzone_runs_without_the_checkout(installed, tmp_path, monkeypatch):
    assert installed("--version", cwd=tmp_path) == f"mailzone {__version__}\n"
    installed("init", "p", "--domain", "example.net", cwd=tmp_path)
    project = tmp_path / "p"
    assert "1 domain in 1 file" in installed("validate", cwd=project)
    assert "1 file written" in installed("build", cwd=project)
    assert "v=spf1 ip4:192.0.2.25 ~all" in (project / "build/example.net.inc").read_text()
    assert "example.net at stage monitor" in installed("show", "example.net", cwd=project)
    listed = json.loads(installed("services", "list", "--format", "json", cwd=tmp_path))
    shipped = [service["id"] for service in listed]
    assert shipped == sorted(compile_shipped((ROOT / "providers.yaml").read_bytes()))
    assert sorted(path.name for path in project.iterdir()) == [
        ".gitignore",
        "README.md",
        "build",
        "schemas",
        "zones",
    ]

    # The same bytes as the checkout makes, for every example.
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795262400")
    for zones in ROOT.glob("examples/*/zones"):
        name = zones.parent.name
        installed("build", "--project", zones.parent, "--out", tmp_path / name, cwd=tmp_path)
        run(
            sys.executable,
            "-m",
            "generator",
            "build",
            "--project",
            zones.parent,
            "--out",
            tmp_path / "here" / name,
            cwd=ROOT,
        )
        made = {p.name: p.read_bytes() for p in (tmp_path / name).iterdir()}
        assert made == {p.name: p.read_bytes() for p in (tmp_path / "here" / name).iterdir()}


@pytest.mark.slow
def test_make_run_on_a_fresh_copy_builds_zones_and_every_example(copy, tmp_path):
    fresh = tmp_path / "fresh"
    shutil.copytree(copy, fresh)
    said = make("run", cwd=fresh)
    for folder in [Path(), *(p.parent for p in sorted(fresh.glob("examples/*/zones")))]:
        out = fresh / "build" / (folder.relative_to(fresh) if folder.parts else folder)
        assert [p for p in out.iterdir() if p.suffix in (".inc", ".zone")], out
    assert said.stdout.count("== ") == 1 + len(list(fresh.glob("examples/*/zones")))
    again = make("run", cwd=fresh).stdout
    assert " 0 files written" in again
    assert not re.search(r"[1-9]\d* files? written", again)


@pytest.mark.slow
def test_what_needs_no_extra_runs_without_the_extras(installed, tmp_path):
    """octoDNS, dkimpy and the like are not in the environment of the wheel."""
    installed("init", "p", "--domain", "example.net", cwd=tmp_path)
    project = tmp_path / "p"
    installed("build", "--serial-by-hand", cwd=project)
    file = project / "zones/example.net.yaml"
    file.write_text(file.read_text().replace("stage: monitor", "stage: audit"))
    assert "would be written" in installed("build", "--check", cwd=project, code=4)
    for command in ("show", "simulate", "stages"):
        assert "example.net" in installed(command, "example.net", cwd=project)
    installed("lint", "--spf", "v=spf1 +all", cwd=project, code=1)
