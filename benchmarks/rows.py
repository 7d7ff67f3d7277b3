"""The rows of the table: which processes each one needs, and how it judges them."""

from __future__ import annotations

import hashlib
import os
import shutil
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import environments
import inputs
from measure import Candidate, Runs, Unmeasured, run

TASKS = Path(__file__).with_name("tasks.py")
INPUTS = Path(__file__).with_name("inputs.py")
X = "\N{MULTIPLICATION SIGN}"


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

    @cached_property
    def wheel(self) -> Path:
        return environments.wheel()

    @cached_property
    def peers(self) -> Path:
        return environments.peers()

    def close(self) -> None:
        shutil.rmtree(self.output, ignore_errors=True)

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
            },
            "bulk": {
                "floor": lambda: self._task("floor", self.sizes.domains),
                "build": lambda: self._task("build", self.sizes.domains),
                "write": lambda: self._build(self.sizes.domains),
                "schema": lambda: self._task("schema", self.sizes.domains, True),
                "small": lambda: self._task("build", small),
                "middle": lambda: self._task("build", middle),
                "large": lambda: self._task("build", large),
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
        full = environments.full_package(self.wheel)
        return Candidate(self._show().argv, extra={"PYTHONPATH": str(full)})

    def _build(self, domains: int, *options: str, code: int = 0) -> Candidate:
        argv = [self._mailzone, "build", "--project", self._project(domains), "--out", self.output]
        return Candidate([*argv, "--serial-by-hand", *options], before=self.close, code=code)

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
        return Candidate([tool, *options, "*", "config"], before=self.close)

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


# --- rows ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured, in words, and whether it meets the goal."""

    measured: str
    met: bool | None
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.  ``judge`` raises Unmeasured if a candidate has no runs."""

    slug: str
    what: str
    goal: str
    needs: tuple[str, ...]
    judge: Callable[[Runs, Bench], Outcome]


def _version(runs: Runs, bench: Bench) -> Outcome:
    times = runs.ratio("version", "bare")
    return Outcome(f"{times:.1f} {X}", times <= 4.5)


def _show(runs: Runs, bench: Bench) -> Outcome:
    full, shipped = runs.ratio("show-full", "bare"), runs.ratio("show", "bare")
    number, size = environments.catalogue_sizes(bench.wheel)
    detail = f"{shipped:.1f} {X} with the shipped catalogue of {number}, {full:.1f} {X} with {size}"
    return Outcome(f"{full:.1f} {X}", full <= 10, (detail,))


def _against_floor(name: str, limit: float, figure: str = "") -> Callable[[Runs, Bench], Outcome]:
    def judge(runs: Runs, bench: Bench) -> Outcome:
        times = runs.ratio(name, "floor", figure)
        return Outcome(f"{times:.2f} {X} F", times <= limit)

    return judge


def _octodns(runs: Runs, bench: Bench) -> Outcome:
    sync, dump = runs.ratio("sync", "check"), runs.ratio("dump", "build-peers")
    return Outcome(f"{sync:.0f} {X} / {dump:.0f} {X}", sync >= 8 and dump >= 20)


def _memory(runs: Runs, bench: Bench) -> Outcome:
    ours, theirs = runs.peak("build-memory"), runs.peak("sync-memory")
    share = ours / theirs
    measured = f"{share:.2f} {X} ({ours:.0f} of {theirs:.0f} MB, {bench.sizes.peer_memory:,} zones)"
    return Outcome(measured, share <= 0.6)


def _marginal(runs: Runs, bench: Bench) -> Outcome:
    small, middle, large = bench.sizes.steps
    times = [runs.median(name) for name in ("small", "middle", "large")]
    first = (times[1] - times[0]) / (middle - small)
    second = (times[2] - times[1]) / (large - middle)
    if first <= 0:
        raise Unmeasured("the machine was too busy to tell the sizes apart")
    change = second / first - 1
    return Outcome(f"{change:+.0%}", change <= 0.2)


def _merge(runs: Runs, bench: Bench) -> Outcome:
    times = runs.ratio("zones", "zones", "peer_write", "merge")
    return Outcome(f"{times:.1f} {X} faster", times >= 5)


def _reader(runs: Runs, bench: Bench) -> Outcome:
    times = runs.ratio("zones", "zones", "peer_read", "read")
    return Outcome(f"{times:.1f} {X} faster", times >= 10)


def _bombs(runs: Runs, bench: Bench) -> Outcome:
    details = []
    worst_time = worst_peak = 0.0
    refused = 0
    for name in bench.bomb_names:
        try:
            made = runs.of(f"bomb {name}")
        except Unmeasured as reason:
            details.append(f"{name}: {reason}")
            continue
        errors = made[0].errors
        if "Traceback" in errors or "error[" not in errors:
            details.append(f"{name}: ended with 1, but not by a finding")
            continue
        refused += 1
        rule = errors.partition("error[")[2].partition("]")[0]
        seconds = statistics.median(one.seconds for one in made)
        peak = max(one.megabytes for one in made)
        worst_time, worst_peak = max(worst_time, seconds), max(worst_peak, peak)
        details.append(f"{name}: {rule}, {seconds:.2f} s, {peak:.0f} MB")
    every = refused == len(bench.bomb_names)
    count = "all" if every else f"{refused} of {len(bench.bomb_names)}"
    measured = f"{count} refused; at most {worst_time:.2f} s, {worst_peak:.0f} MB"
    return Outcome(measured, every and worst_time <= 1 and worst_peak <= 150, tuple(details))


def rows(bench: Bench) -> list[Row]:
    sizes = bench.sizes
    small, middle, large = sizes.steps
    many, some = f"{sizes.domains:,}", f"{sizes.peers:,}"
    bombs = tuple(f"bomb {name}" for name in bench.bomb_names)
    return [
        Row(
            "version",
            "`mailzone --version` on an installed wheel",
            f"≤ 4.5 {X} a bare interpreter",
            ("bare", "version"),
            _version,
        ),
        Row(
            "show",
            f"`mailzone show` of one domain, catalogue of {inputs.CATALOGUE_SIZE} services",
            f"≤ 10 {X} a bare interpreter",
            ("bare", "show", "show-full"),
            _show,
        ),
        Row(
            "build",
            f"build of {many} in memory, one process: read, parse, validate, compile, join, lint, text",
            f"≤ 2 {X} F; stretch 1.2",
            ("floor", "build"),
            _against_floor("build", 2),
        ),
        Row(
            "write",
            f"`mailzone build` of {many}, writing new files"
            + (", on tmpfs" if bench.on_tmpfs else ", on disk (no room on tmpfs)"),
            f"≤ 3 {X} F",
            ("floor", "write"),
            _against_floor("write", 3),
        ),
        Row(
            "octodns",
            f"against `octodns-sync` dry run / `octodns-dump`, the same records, {some} zones",
            f"≥ 8 {X} / ≥ 20 {X} faster",
            ("check", "sync", "build-peers", "dump"),
            _octodns,
        ),
        Row(
            "memory",
            "peak memory of `mailzone build` against `octodns-sync`",
            f"≤ 0.6 {X}",
            ("build-memory", "sync-memory"),
            _memory,
        ),
        Row(
            "schema",
            "schema validation alone",
            f"≤ 0.1 {X} F",
            ("floor", "schema"),
            _against_floor("schema", 0.1, "schema"),
        ),
        Row(
            "marginal",
            f"marginal cost a domain, {middle:,} to {large:,} against {small:,} to {middle:,}",
            "within 20 %",
            ("small", "middle", "large"),
            _marginal,
        ),
        Row(
            "merge",
            "merge into 1,000 zones of 200 records, against dnspython reading and writing them",
            f"≥ 5 {X} faster",
            ("zones",),
            _merge,
        ),
        Row(
            "reader",
            "zone reader against `dns.zone.from_text`",
            f"≥ 10 {X} faster",
            ("zones",),
            _reader,
        ),
        Row(
            "bombs",
            "each YAML bomb through `mailzone validate`",
            "refused in ≤ 1 s and ≤ 150 MB",
            bombs,
            _bombs,
        ),
    ]
