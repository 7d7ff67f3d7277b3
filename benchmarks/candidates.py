"""The processes that are measured, in groups that take turns, and the input that they get."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import environments
import inputs
from environments import TASKS
from measure import Candidate, Unmeasured, run

HERE = Path(__file__).parent
INPUTS = HERE / "inputs.py"
DELAY = 20  # ms until a name server's answer is here
# The time of an import alone: the interpreter, which both sides need, would make them more alike.
IMPORT = """
import json, time
started = time.perf_counter()
import {}
print(json.dumps({{"import": time.perf_counter() - started}}))
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything; ``steps`` are the numbers of domains for the marginal cost."""

    domains: int
    peers: int
    peer_memory: int
    steps: tuple[int, int, int]
    rounds: int
    start_rounds: int


class Bench:
    """Makes input and candidates when they are asked for, below one folder."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        digest = hashlib.sha256(INPUTS.read_bytes() + TASKS.read_bytes()).hexdigest()[:12]
        self._inputs = environments.BENCH / f"input-{digest}"
        for old in environments.BENCH.glob("input-*"):
            if old != self._inputs:
                shutil.rmtree(old)
        self.output = self._tmpfs() / f"mailzone-bench-{os.getpid()}"
        self._bombs = inputs.bombs()
        self._nameserver: subprocess.Popen[str] | None = None

    @cached_property
    def wheel(self) -> Path:
        return environments.wheel()

    @cached_property
    def peers(self) -> Path:
        return environments.peers()

    @cached_property
    def joint(self) -> Path:
        return environments.joint(self.wheel)

    @cached_property
    def full(self) -> tuple[Path, int, int]:
        return environments.full_package(self.wheel)

    def clear(self) -> None:
        shutil.rmtree(self.output, ignore_errors=True)

    def close(self) -> None:
        self.clear()
        if self._nameserver is not None:
            self._nameserver.communicate()  # the end of its input ends it

    @property
    def on_tmpfs(self) -> bool:
        return not self.output.is_relative_to(environments.BENCH)

    def _tmpfs(self) -> Path:
        """A folder in memory with room for the output; else one on disk."""
        shared = Path("/dev/shm")
        needed = self.sizes.domains * 16_384
        if shared.is_dir() and os.access(shared, os.W_OK):
            space = os.statvfs(shared)
            if space.f_bavail * space.f_frsize > needed:
                return shared
        return environments.BENCH

    # --- candidates ---------------------------------------------------------------------

    def groups(self) -> dict[str, dict[str, Callable[[], Candidate]]]:
        """Candidates that take turns, by group; each is made only if a row needs it."""
        small, middle, large = self.sizes.steps
        return {
            "start": {
                "bare": lambda: Candidate([self._python, "-c", "pass"]),
                "version": lambda: Candidate([self._mailzone, "--version"]),
                "show": self._show,
                "show-full": self._show_full,
                "import-octodns": lambda: self._import(
                    "octodns.source.base, octodns.record, octodns.processor.base"
                ),
                "import-mail": lambda: self._import("generator.octodns"),
            },
            "bulk": {
                "floor": lambda: self._task("floor", self.sizes.domains),
                "build": lambda: self._task("build", self.sizes.domains),
                "write": lambda: self._build(self.sizes.domains),
                "schema": lambda: self._task("schema", self.sizes.domains, True),
                "small": lambda: self._task("build", small),
                "middle": lambda: self._task("build", middle),
                "large": lambda: self._task("build", large),
                "states": self._states,
                "revisions": self._revisions,
            },
            "peers": {
                "check": lambda: self._build(self.sizes.peers, "--check", code=4),
                "sync": lambda: self._sync(self.sizes.peers),
                "build-peers": lambda: self._build(self.sizes.peers),
                "dump": self._dump,
            },
            "memory": {
                "build-memory": lambda: self._build(self.sizes.peer_memory),
                "sync-memory": lambda: self._sync(self.sizes.peer_memory),
            },
            "zones": {"zones": lambda: self._task("zones", 1000, True)},
            "plan": {
                "plain": lambda: self._plan("plan_plain", self.sizes.peers),
                "mail": lambda: self._plan("plan_mail", self.sizes.peers),
                "plain-few": lambda: self._plan("plan_plain", self.sizes.peers // 4),
                "mail-few": lambda: self._plan("plan_mail", self.sizes.peers // 4),
            },
            "spf": {"spf": lambda: self._joint("spf", self._project(1000))},
            "lock": {"lock": self._lock},
            "bombs": {f"bomb {name}": (lambda name=name: self._bomb(name)) for name in self._bombs},
        }

    @property
    def bomb_names(self) -> list[str]:
        return list(self._bombs)

    def rounds(self, group: str) -> int:
        return {"start": self.sizes.start_rounds, "memory": 1}.get(group, self.sizes.rounds)

    @property
    def _python(self) -> Path:
        return self.wheel / "bin" / "python"

    @property
    def _mailzone(self) -> Path:
        return self.wheel / "bin" / "mailzone"

    def _task(self, task: str, domains: int, reports: bool = False) -> Candidate:
        argv = [self._python, TASKS, task, self._project(domains)]
        return Candidate(argv, reports=reports)

    def _show(self) -> Candidate:
        name = inputs.domain_name(0)
        return Candidate([self._mailzone, "show", name, "--project", self._project(1)])

    def _show_full(self) -> Candidate:
        folder, _, _ = self.full
        return Candidate(self._show().argv, extra={"PYTHONPATH": str(folder)})

    def _build(self, domains: int, *options: str, code: int = 0) -> Candidate:
        argv = [self._mailzone, "build", "--project", self._project(domains), "--out", self.output]
        return Candidate([*argv, "--serial-by-hand", *options], before=self.clear, code=code)

    def _bomb(self, name: str) -> Candidate:
        folder = self._inputs / "bombs" / str(self.bomb_names.index(name))
        zones = folder / "zones"
        zones.mkdir(parents=True, exist_ok=True)
        (zones / "example.org.yaml").write_text(self._bombs[name], encoding="utf-8")
        return Candidate([self._mailzone, "validate", "--project", folder], code=1, limit=20)

    def _sync(self, domains: int) -> Candidate:
        config = self._octodns(domains)
        tool = self.peers / "bin" / "octodns-sync"
        return Candidate([tool, "--quiet", "--config-file", config])

    def _dump(self) -> Candidate:
        config = self._octodns(self.sizes.peers)
        tool = self.peers / "bin" / "octodns-dump"
        options = ["--quiet", "--config-file", config, "--output-dir", self.output]
        return Candidate([tool, *options, "*", "config"], before=self.clear)

    def _import(self, modules: str) -> Candidate:
        python = self.joint / "bin" / "python"
        return Candidate([python, "-c", IMPORT.format(modules)], reports=True)

    def _joint(self, task: str, *arguments: str | Path) -> Candidate:
        argv = [self.joint / "bin" / "python", HERE / "joint.py", task, *arguments]
        return Candidate(argv, reports=True)

    def _plan(self, task: str, zones: int) -> Candidate:
        project = self._kept(
            f"portfolio-{zones}", lambda folder: inputs.write_portfolio(folder, zones)
        )
        return self._joint(task, str(zones), project)

    @property
    def changes(self) -> int:
        """How many of the domains differ between the two states: 500 of 10,000."""
        return self.sizes.domains // 20

    def _states(self) -> Candidate:
        domains = self.sizes.domains

        def make(folder: Path) -> None:
            inputs.write_project(folder, domains)
            inputs.write_changes(folder, domains, self.changes)

        changed = self._kept(f"{domains}-changed", make)
        old = self._task("states", domains)
        return Candidate([*old.argv, changed, str(self.changes)], reports=True)

    @property
    def changed_files(self) -> int:
        """How many files differ between the two revisions: 20 of 10,000."""
        return self.sizes.domains // 500

    def _revisions(self) -> Candidate:
        domains = self.sizes.domains

        def make(folder: Path) -> None:
            inputs.write_project(folder, domains)
            environments.commit(folder)
            inputs.write_changes(folder, domains, self.changed_files)
            environments.commit(folder)

        repository = self._kept(f"{domains}-git", make)
        return Candidate([self._mailzone, "diff", "HEAD~1", "HEAD", "--project", repository])

    def _lock(self) -> Candidate:
        project = self._kept("senders", lambda folder: inputs.write_senders(folder, 1000))
        argv = [sys.executable, HERE / "nameserver.py", project / "example.zone", str(DELAY)]
        pipe = subprocess.PIPE
        self._nameserver = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        assert self._nameserver.stdout is not None
        port = self._nameserver.stdout.readline().strip()
        if not port:
            said = self._nameserver.communicate()[1].strip().split("\n")[-1]
            raise Unmeasured(said or "the name server did not start")
        return Candidate([self._python, TASKS, "lock", project, port], reports=True)

    # --- input --------------------------------------------------------------------------

    def _project(self, domains: int) -> Path:
        return self._kept(f"{domains}", lambda folder: inputs.write_project(folder, domains))

    def _octodns(self, domains: int) -> Path:
        project = self._project(domains)
        if not (project / "octodns" / "config.yaml").exists():
            shutil.rmtree(project / "octodns", ignore_errors=True)
            run(self._task("octodns", domains, True))
        return project / "octodns" / "config.yaml"

    def _kept(self, name: str, make: Callable[[Path], object]) -> Path:
        folder = self._inputs / name
        if not folder.exists():
            unfinished = folder.with_name(f"{name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
        return folder
