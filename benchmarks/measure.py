"""Whole processes, timed in turn: every candidate runs once per round.

What disturbs a shared machine then disturbs all of them alike, and the ratio within a round says
more than any figure of its own.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LIMIT = 600  # seconds for one process


class Unmeasured(Exception):
    """A figure that could not be taken, and why."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process from start to end.  ``figures`` is what it printed about itself, if asked."""

    seconds: float
    megabytes: float
    code: int
    errors: str
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A command to be timed.

    ``before`` makes the ground ready and is not timed.  ``reports`` means that it prints a JSON
    object of figures.  Any other exit code than ``code`` is a failure, and so is taking more than
    ``limit`` seconds.
    """

    argv: Sequence[str | Path]
    before: Callable[[], object] | None = None
    reports: bool = False
    code: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)
    limit: float = LIMIT


def clean_environment() -> dict[str, str]:
    """The environment without what would change how Python and git run."""
    strange = ("PYTHON", "VIRTUAL_ENV", "GIT_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(strange)}
    return kept | {"LC_ALL": "C.UTF-8"}


def run(candidate: Candidate) -> Run:
    """Run it once.  Raises Unmeasured if it fails.

    The peak is the kernel's ru_maxrss.  It is never below the size of the process that starts
    the other, so this one stays small (some 30 MB): what takes memory is done by other processes.
    """
    if candidate.before is not None:
        candidate.before()
    gc.collect()
    argv = [str(part) for part in candidate.argv]
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output if candidate.reports else subprocess.DEVNULL,
            stderr=errors,
            env=clean_environment() | candidate.extra,
        )
        timer = threading.Timer(candidate.limit, os.kill, [process.pid, signal.SIGKILL])
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        text = _tail(errors)
        if process.returncode != candidate.code:
            if process.returncode == -signal.SIGKILL and seconds >= candidate.limit:
                raise Unmeasured(f"not done after {candidate.limit:.0f} s")
            last = text.strip().split("\n")[-1][:200]
            command = " ".join([Path(argv[0]).name, *(Path(part).name for part in argv[1:])])
            raise Unmeasured(f"`{command}` ended with {process.returncode}: {last}")
        output.seek(0)
        figures = json.loads(output.read()) if candidate.reports else {}
    # Kibibytes on Linux, octets on macOS.
    megabytes = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return Run(seconds, megabytes, process.returncode, text, figures)


def _tail(stream: IO[bytes]) -> str:
    stream.seek(0, os.SEEK_END)
    stream.seek(max(0, stream.tell() - 20_000))
    return stream.read().decode("utf-8", "replace")


class Runs:
    """The counted runs of all candidates, by name; or why a candidate has none."""

    def __init__(self) -> None:
        self._runs: dict[str, list[Run]] = {}
        self.missing: dict[str, str] = {}

    def take(
        self,
        candidates: Mapping[str, Candidate],
        rounds: int,
        warm: bool = True,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """So many rounds over all the candidates in turn, after one that does not count."""
        going = dict(candidates)
        for number in range(-1 if warm else 0, rounds):
            say(f"round {number + 1} of {rounds}" if number >= 0 else "warm-up")
            for name, candidate in list(going.items()):
                try:
                    made = run(candidate)
                except Unmeasured as reason:
                    self.missing[name] = str(reason)
                    self._runs.pop(name, None)
                    del going[name]
                    continue
                if number >= 0:
                    self._runs.setdefault(name, []).append(made)

    def of(self, name: str) -> list[Run]:
        """The runs of a candidate.  Raises Unmeasured if there are none."""
        if name not in self._runs:
            raise Unmeasured(self.missing.get(name, "it was not run"))
        return self._runs[name]

    def seconds(self, name: str, figure: str = "") -> list[float]:
        """The time of each round: of the whole process, or a figure that it reported."""
        return [run.figures[figure] if figure else run.seconds for run in self.of(name)]

    def median(self, name: str, figure: str = "") -> float:
        return statistics.median(self.seconds(name, figure))

    def ratio(self, name: str, base: str, figure: str = "", base_figure: str = "") -> float:
        """The median over the rounds of one time divided by the other."""
        return ratio(self.seconds(name, figure), self.seconds(base, base_figure))

    def peak(self, name: str) -> float:
        """The median of the rounds' peaks, in MB."""
        return statistics.median(run.megabytes for run in self.of(name))


def ratio(times: Sequence[float], base: Sequence[float]) -> float:
    """The median of the ratios, pair by pair."""
    return statistics.median(a / b for a, b in zip(times, base, strict=True))
