"""Virtual environments for what is measured: our wheel, and the peers."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from measure import Candidate, Unmeasured, clean_environment, run

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "build" / "bench"
PEERS = Path(__file__).with_name("peers.txt")
TASKS = Path(__file__).with_name("tasks.py")


def wheel() -> Path:
    """The environment that holds mailzone as its wheel, made anew when a source changes.

    Raises Unmeasured.
    """
    parts = ["generator", "schemas", "templates", "providers.yaml", "pyproject.toml"]
    digest = _digest([ROOT / part for part in [*parts, "hatch_build.py", "requirements.lock"]])
    folder = BENCH / f"wheel-{digest}"
    if not (folder / "ready").exists():
        for old in BENCH.glob("wheel-*"):
            shutil.rmtree(old)
        _make(folder)
        dist = folder / "dist"
        _call([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", dist])
        _install(folder, "--require-hashes", "-r", ROOT / "requirements.lock")
        _install(folder, "--no-deps", next(dist.glob("*.whl")))
        (folder / "ready").touch()
    return folder


def peers() -> Path:
    """The environment that holds the peers.  Raises Unmeasured."""
    folder = BENCH / f"peers-{_digest([PEERS])}"
    if not (folder / "ready").exists():
        for old in BENCH.glob("peers-*"):
            shutil.rmtree(old)
        _make(folder)
        _install(folder, "-r", PEERS)
        (folder / "ready").touch()
    return folder


def joint(wheel: Path) -> Path:
    """An environment that holds both: the wheel's content and the peers.  Raises Unmeasured."""
    folder = BENCH / f"joint-{_digest([PEERS])}-{wheel.name.removeprefix('wheel-')}"
    if not (folder / "ready").exists():
        for old in BENCH.glob("joint-*"):
            shutil.rmtree(old)
        _make(folder)
        _install(folder, "--require-hashes", "-r", ROOT / "requirements.lock")
        _install(folder, "-r", PEERS)
        _install(folder, "--no-deps", next((wheel / "dist").glob("*.whl")))
        (folder / "ready").touch()
    return folder


def full_package(environment: Path) -> tuple[Path, int, int]:
    """A folder with a copy of the installed package whose catalogue has full size.

    Also how many services the shipped catalogue has, and the full one.  Raises Unmeasured.
    """
    folder = environment / "full"
    installed = next(environment.glob("lib/python*/site-packages/generator"))
    if not folder.exists():
        shutil.copytree(installed, folder / "generator")  # with the compiled modules
    argv = [environment / "bin" / "python", TASKS, "catalogue", installed, folder / "generator"]
    sizes = run(Candidate(argv, reports=True)).figures
    return folder, int(sizes["shipped"]), int(sizes["full"])


def commit(project: Path) -> None:
    """Commit all that the project holds, packed as after a clone.  Raises Unmeasured."""
    git = ["git", "-C", project, "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    git += ["-c", "gc.auto=0", "-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null"]
    _call([*git, "init", "--quiet"])
    _call([*git, "add", "--all"])
    _call([*git, "commit", "--quiet", "--message=work"])
    _call([*git, "gc", "--quiet"])


def versions(environment: Path) -> dict[str, str]:
    """Every distribution in the environment, with its version."""
    found = {}
    for info in environment.glob("lib/python*/site-packages/*.dist-info"):
        name, _, version = info.name.removesuffix(".dist-info").partition("-")
        found[name.replace("_", "-").lower()] = version
    return dict(sorted(found.items()))


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _make(folder: Path) -> None:
    # Without pip, whose companion setuptools runs code at every start of the interpreter.
    _call([sys.executable, "-m", "venv", "--clear", "--without-pip", folder])


def _install(folder: Path, *arguments: str | Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    _call([*pip, "--python", folder / "bin" / "python", "install", "--compile", *arguments])


def _call(argv: Iterable[str | Path]) -> None:
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise Unmeasured(f"{words[0]}: {error.strerror}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().split("\n")[-1]
        raise Unmeasured(f"`{' '.join(words[1:4])}` failed: {said[:200]}")
