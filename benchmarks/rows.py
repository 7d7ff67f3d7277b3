"""The rows of the table: which candidates each one needs, and how it judges them."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace

import inputs
from candidates import DELAY, Bench
from measure import Runs, Unmeasured
from tasks import FEW

X = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured, in words, and whether it meets the goal."""

    measured: str
    met: bool | None
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.  ``judge`` raises Unmeasured if a candidate has no runs.

    ``short`` is what README.md calls it; without, it does not stand there.
    """

    slug: str
    what: str
    goal: str
    needs: tuple[str, ...]
    judge: Callable[[Runs, Bench], Outcome]
    short: str = ""


def _version(runs: Runs, bench: Bench) -> Outcome:
    times = runs.ratio("version", "bare")
    return Outcome(f"{times:.1f} {X}", times <= 4.5)


def _show(runs: Runs, bench: Bench) -> Outcome:
    full, shipped = runs.ratio("show-full", "bare"), runs.ratio("show", "bare")
    _, number, size = bench.full
    detail = f"{shipped:.1f} {X} with the shipped catalogue of {number}, {full:.1f} {X} with {size}"
    return Outcome(f"{full:.1f} {X}", full <= 10, (detail,))


def _against_floor(name: str, limit: float, figure: str = "") -> Callable[[Runs, Bench], Outcome]:
    def judge(runs: Runs, bench: Bench) -> Outcome:
        times = runs.ratio(name, "floor", figure)
        return Outcome(f"{times:.2f} {X} F", times <= limit)

    return judge


def _build(runs: Runs, bench: Bench) -> Outcome:
    outcome = _against_floor("build", 2)(runs, bench)
    try:
        share = runs.ratio("states", "floor", "lint")
    except Unmeasured:
        return outcome
    return replace(outcome, details=(f"the lint of the declarations is {share:.2f} {X} F of it",))


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


def _diff(runs: Runs, bench: Bench) -> Outcome:
    outcome = _against_floor("states", 0.1, "compare_few")(runs, bench)
    many = runs.ratio("states", "floor", "compare")
    return replace(outcome, details=(f"{many:.2f} {X} F with {bench.changes} changed",))


def _import(runs: Runs, bench: Bench) -> Outcome:
    times = runs.ratio("import-mail", "import-octodns", "import", "import")
    return Outcome(f"{times:.2f} {X}", times <= 1.2)


def _plan(runs: Runs, bench: Bench) -> Outcome:
    times = runs.ratio("mail", "plain", "plan", "plan")
    few = bench.sizes.peers // 4
    told = []
    for name, who in (("mail", "mailzone"), ("plain", "plain octoDNS")):
        more = runs.ratio(name, f"{name}-few", "plan", "plan") * few / bench.sizes.peers - 1
        told.append(f"{who} {more:+.0%}")
    detail = f"a zone among {bench.sizes.peers:,} against one among {few:,}: {', '.join(told)}"
    return Outcome(f"{times:.2f} {X}", times <= 1.5, (detail,))


def _plan_memory(runs: Runs, bench: Bench) -> Outcome:
    ours, theirs = runs.peak("mail"), runs.peak("plain")
    share = ours / theirs
    return Outcome(f"{share:.2f} {X} ({ours:.0f} against {theirs:.0f} MB)", share <= 1.3)


def _spf(runs: Runs, bench: Bench) -> Outcome:
    times = runs.ratio("spf", "spf", "theirs", "ours")
    return Outcome(f"{times:.1f} {X}", times >= 0.3)


def _lock(runs: Runs, bench: Bench) -> Outcome:
    times = runs.ratio("lock", "lock", "one_by_one", "lock")
    return Outcome(f"{times:.0f} {X} faster", times >= 20)


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
            "`mailzone --version`, in starts of Python",
        ),
        Row(
            "show",
            f"`mailzone show` of one domain, catalogue of {inputs.CATALOGUE_SIZE} services",
            f"≤ 10 {X} a bare interpreter",
            ("bare", "show", "show-full"),
            _show,
            "`mailzone show` of one domain, the same",
        ),
        Row(
            "build",
            f"build of {many} in memory, one process: read, parse, validate, compile, join, lint, text",
            f"≤ 2 {X} F; stretch 1.2",
            ("floor", "build", "states"),
            _build,
            f"building {many} domains in memory",
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
            f"dry run / writing, against octoDNS on the same {some} zones",
        ),
        Row(
            "memory",
            "peak memory of `mailzone build` against `octodns-sync`",
            f"≤ 0.6 {X}",
            ("build-memory", "sync-memory"),
            _memory,
            "memory of a build, against octoDNS",
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
            "merging into zone files, against dnspython",
        ),
        Row(
            "reader",
            "zone reader against `dns.zone.from_text`",
            f"≥ 10 {X} faster",
            ("zones",),
            _reader,
        ),
        Row(
            "import",
            "import of the classes for octoDNS against octoDNS's own of the same kinds",
            f"≤ 1.2 {X}",
            ("import-octodns", "import-mail"),
            _import,
        ),
        Row(
            "plan",
            f"octoDNS planning {some} zones with 46 foreign record sets each, against a plain plan",
            f"≤ 1.5 {X}",
            ("plain", "mail", "plain-few", "mail-few"),
            _plan,
            "planning through octoDNS, against octoDNS alone",
        ),
        Row(
            "plan-memory",
            "peak memory of the same",
            f"≤ 1.3 {X}",
            ("plain", "mail"),
            _plan_memory,
        ),
        Row(
            "diff",
            f"diff of two compiled states of {many} domains, {FEW} of them changed",
            f"≤ 0.1 {X} F",
            ("floor", "states"),
            _diff,
        ),
        Row(
            "diff-git",
            f"`mailzone diff` of two git revisions of {many}, {bench.changed_files} files changed",
            f"≤ 0.5 {X} F",
            ("floor", "revisions"),
            _against_floor("revisions", 0.5),
            f"diff of two git revisions of {many} domains",
        ),
        Row(
            "diff-markdown",
            f"Markdown of the diff of {bench.changes} domains",
            f"≤ 0.2 {X} F",
            ("floor", "states"),
            _against_floor("states", 0.2, "markdown"),
        ),
        Row(
            "spf",
            "SPF checks a second, against pyspf over the same records",
            f"≥ 0.3 {X}",
            ("spf",),
            _spf,
            "SPF checks a second, against pyspf",
        ),
        Row(
            "lock",
            f"lock of 1,000 domains, a name server {DELAY} ms away, against look-ups one by one",
            f"≥ 20 {X} faster",
            ("lock",),
            _lock,
            "locking what vendors publish, against look-ups one by one",
        ),
        Row(
            "bombs",
            "each YAML bomb through `mailzone validate`",
            "refused in ≤ 1 s and ≤ 150 MB",
            bombs,
            _bombs,
        ),
    ]
