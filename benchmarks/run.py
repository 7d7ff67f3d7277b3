"""`make bench`: measures everything in one run, prints the table, writes docs/benchmarks.md.

The short table in README.md, between two comments, is renewed as well.

python benchmarks/run.py [--quick] [--full] [--only ROW]...
"""

from __future__ import annotations

import argparse
import platform
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import environments
from candidates import Bench, Sizes
from measure import Runs, Unmeasured
from rows import Outcome, Row, rows

PAGE = environments.ROOT / "docs" / "benchmarks.md"
TRIAL = environments.BENCH / "benchmarks.md"  # of a run that is not for publishing
README = environments.ROOT / "README.md"
MARKED = re.compile(r"(?<=<!-- speed -->\n).*?(?=<!-- /speed -->)", re.DOTALL)
METHOD = Path(__file__).with_name("method.md")

NORMAL = Sizes(10_000, 1_000, 10_000, (1_000, 3_000, 10_000), rounds=5, start_rounds=25)
FULL = Sizes(10_000, 1_000, 10_000, (1_000, 10_000, 100_000), rounds=5, start_rounds=25)
QUICK = Sizes(2_000, 1_000, 1_000, (500, 1_000, 2_000), rounds=3, start_rounds=9)

Judged = list[tuple[Row, Outcome]]


def main() -> int:
    """Exit code 0 even where a goal is missed: figures are judged by people."""
    options = _options()
    sizes = FULL if options.full else QUICK if options.quick else NORMAL
    bench = Bench(sizes)
    try:
        chosen = _chosen(rows(bench), options.only)
        judged = _measure(bench, chosen)
        print("\n".join(_table(judged)))
        for line in _details(judged):
            print(line)
        whole = not options.only and not options.quick
        page = PAGE if whole else TRIAL
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(_page(bench, judged), encoding="utf-8")
        print(f"written: {page.relative_to(environments.ROOT)}", file=sys.stderr)
        if whole:
            text = README.read_text(encoding="utf-8")
            README.write_text(readme(text, judged), encoding="utf-8")
    finally:
        bench.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Speed and memory, as ratios in one run.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small input, three rounds; a trial")
    size.add_argument("--full", action="store_true", help="marginal cost up to 100,000 domains")
    parser.add_argument("--only", action="append", metavar="ROW", help="only this row; repeatable")
    return parser.parse_args()


def _chosen(known: list[Row], only: list[str] | None) -> list[Row]:
    slugs = [row.slug for row in known]
    unknown = [slug for slug in only or () if slug not in slugs]
    if unknown:
        sys.exit(f"no row {', '.join(unknown)}; there are {', '.join(slugs)}")
    return [row for row in known if not only or row.slug in only]


def _measure(bench: Bench, chosen: list[Row]) -> Judged:
    runs = Runs()
    needed = {name for row in chosen for name in row.needs}
    for group, makers in bench.groups().items():
        candidates = {}
        for name, make in makers.items():
            if name not in needed:
                continue
            try:
                candidates[name] = make()
            except Unmeasured as reason:
                runs.missing[name] = str(reason)
        if candidates:
            runs.take(candidates, bench.rounds(group), group != "memory", _progress(group))
    judged = []
    for row in chosen:
        try:
            judged.append((row, row.judge(runs, bench)))
        except Unmeasured as reason:
            judged.append((row, Outcome(f"not measured: {reason}", None)))
    return judged


def _progress(group: str) -> Callable[[str], None]:
    return lambda text: print(f"{group}: {text}", file=sys.stderr, flush=True)


def _table(judged: Judged) -> list[str]:
    lines = ["| what | goal | measured | met |", "|---|---|---|---|"]
    for row, outcome in judged:
        met = {True: "yes", False: "**no**", None: "-"}[outcome.met]
        lines.append(f"| {row.what} | {row.goal} | {_cell(outcome)} | {met} |")
    return lines


def _cell(outcome: Outcome) -> str:
    return outcome.measured.replace("|", "\\|")


def readme(text: str, judged: Judged) -> str:
    """README's text with its short table renewed.  Exits if it lacks the two comments."""
    lines = ["| what | measured | goal |", "|---|---|---|"]
    for row, outcome in judged:
        if row.short:
            goal = row.goal if outcome.met is not False else f"{row.goal}: missed"
            lines.append(f"| {row.short} | {_cell(outcome)} | {goal} |")
    table = "\n".join(["", *lines, "", ""])
    renewed, found = MARKED.subn(lambda _: table, text)
    if found != 1:
        sys.exit(f"{README.name} needs <!-- speed --> and <!-- /speed -->, once")
    return renewed


def _details(judged: Judged) -> list[str]:
    return [f"- {row.slug}: {detail}" for row, outcome in judged for detail in outcome.details]


def _page(bench: Bench, judged: Judged) -> str:
    parts = [
        "# Speed and memory",
        "",
        f"Written by `make bench` on {datetime.now(UTC).date()}. F is a whole process in which "
        f"PyYAML's CSafeLoader only parses the same {bench.sizes.domains:,} files.",
        "",
        *_table(judged),
        "",
        *([*lines, ""] if (lines := _details(judged)) else []),
        METHOD.read_text(encoding="utf-8").strip(),
        "",
        "## Versions",
        "",
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}. "
        f"mailzone's environment: {_versions(lambda: bench.wheel)}. "
        f"The peers': {_versions(lambda: bench.peers)}.",
    ]
    return "\n".join(parts) + "\n"


def _versions(environment: Callable[[], Path]) -> str:
    try:
        found: Iterable[tuple[str, str]] = environments.versions(environment()).items()
    except Unmeasured:
        return "not installed"
    return ", ".join(f"{name} {version}" for name, version in found)


if __name__ == "__main__":
    sys.exit(main())
