"""The benchmarks' own parts: their input is sound, their rows have what they need."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from generator.diff.compare import compare
from generator.diff.states import state_of
from generator.finding import Severity
from generator.project import Project, assemble
from generator.zonefile import Reader
from tests.support import ROOT, TODAY

FOLDER = ROOT / "benchmarks"


@pytest.fixture(autouse=True)
def path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The benchmarks are scripts beside one another; they are importable for one test only."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(FOLDER)
    yield
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "").parent == FOLDER:
            del sys.modules[name]


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The rows of a normal run, and the names of all candidates."""
    import environments

    monkeypatch.setattr(environments, "BENCH", tmp_path)
    import run
    from candidates import Bench
    from rows import rows

    bench = Bench(run.NORMAL)
    candidates = {name for group in bench.groups().values() for name in group}
    return SimpleNamespace(all=rows(bench), candidates=candidates, run=run)


def sound(folder: Path) -> Project:
    project = assemble(folder, TODAY)
    assert not project.errors
    return project


def test_every_row_needs_candidates_that_there_are_and_all_are_needed(rows):
    assert {name for row in rows.all for name in row.needs} == rows.candidates


def test_the_method_names_every_row(rows):
    method = (FOLDER / "method.md").read_text()
    listed = method.partition("for one row: ")[2].partition(")")[0].replace("\n", " ")
    assert listed.split(", ") == [row.slug for row in rows.all]


def test_the_short_table_stands_between_two_comments_of_the_readme(rows):
    from rows import Outcome

    text = (ROOT / "README.md").read_text()
    judged = [(row, Outcome(f"{n} a|b", n != 1)) for n, row in enumerate(rows.all)]
    made = rows.run.readme(text, judged)
    before, _, rest = made.partition("<!-- speed -->")
    table, _, after = rest.partition("<!-- /speed -->")
    assert text.startswith(before)
    assert text.endswith(after)
    lines = table.strip().splitlines()[2:]
    assert len(lines) == sum(bool(row.short) for row in rows.all) > 5
    assert lines[0].endswith(f"| 0 a\\|b | {rows.all[0].goal} |")
    assert lines[1].endswith(f"| {rows.all[1].goal}: missed |")
    assert rows.run.readme(made, judged) == made
    with pytest.raises(SystemExit, match="speed"):
        rows.run.readme(before, judged)


def test_changes_are_sound_and_each_is_one(tmp_path: Path):
    import inputs

    for name in ("old", "new"):
        inputs.write_project(tmp_path / name, 40)
    inputs.write_changes(tmp_path / "new", 40, 20)
    states = [state_of(sound(tmp_path / name), name) for name in ("old", "new")]
    found = {one.name for one in compare(*states, TODAY).domains}
    assert found == {inputs.domain_name(number) for number in range(0, 40, 2)}


def test_portfolio_and_senders_are_sound(tmp_path: Path):
    import inputs

    inputs.write_portfolio(tmp_path / "portfolio", 3)
    inputs.write_senders(tmp_path / "senders", 3)
    assert {len(one.values) for one in sound(tmp_path / "portfolio").compiled} == {6}
    assert len(sound(tmp_path / "senders").compiled) == 3
    zone = Reader("example.").read((tmp_path / "senders" / "example.zone").read_bytes())
    assert len(zone) == 2 + 2 * 3 + inputs.NESTED


def test_the_input_brings_up_no_error_and_no_warning(tmp_path: Path):
    import inputs

    inputs.write_project(tmp_path, 200)
    found = assemble(tmp_path, TODAY + timedelta(days=2000)).at_least(Severity.WARNING)
    assert [(one.rule, one.message) for one in found] == []
