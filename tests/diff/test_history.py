"""How long a domain has been at its stage, by git."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from generator.diff.git import repository
from generator.diff.history import History
from generator.diff.pair import Served
from tests.diff.repository import Repo, make
from tests.support import TODAY

BODY = "dmarc: {reports: [valimail]}\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = make(tmp_path / "repo")
    made.write("zones/a.yaml", f"domain: example.com\nstage: audit\n{BODY}")
    made.commit(day="2026-01-01")
    return made


def put(repo: Repo, stage: str, day: str, file: str = "zones/a.yaml", more: str = "") -> None:
    repo.write(file, f"domain: example.com\nstage: {stage}\n{BODY}{more}")
    repo.commit(day=day)


def since(repo: Repo, revision: str = "HEAD") -> Served:
    history = History(repository(repo.root), repository(repo.root).commit(revision), TODAY)
    domain = next(
        one.domain for one in repo.assemble().compiled if one.domain.name == "example.com"
    )
    return history.since(domain)


def test_the_day_of_the_commit_that_changed_the_stage(repo):
    put(repo, "monitor", "2026-03-01")
    put(repo, "monitor", "2026-05-01", more="ttl: 300\n")
    assert since(repo) == Served(date(2026, 3, 1), False, "by the history of git")


def test_the_declaration_comes_first(repo):
    put(repo, "monitor", "2026-03-01", more="since: 2026-02-02\n")
    assert since(repo) == Served(date(2026, 2, 2), False, "as declared")


def test_the_first_commit(repo):
    assert since(repo).since == date(2026, 1, 1)


def test_a_merge_counts_on_the_day_of_the_merge(repo):
    repo.git("checkout", "-q", "-b", "feature")
    put(repo, "monitor", "2026-03-01")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "x", "feature", day="2026-04-01")
    assert since(repo).since == date(2026, 4, 1)


def test_a_stage_that_was_left_and_entered_again(repo):
    put(repo, "monitor", "2026-02-01")
    put(repo, "fence", "2026-03-01")
    put(repo, "monitor", "2026-04-01")
    assert since(repo).since == date(2026, 4, 1)


def test_a_domain_that_moved_to_another_file(repo):
    put(repo, "monitor", "2026-03-01")
    repo.git("rm", "-q", "zones/a.yaml")
    put(repo, "monitor", "2026-06-01", file="zones/in/b.yaml")
    assert since(repo).since == date(2026, 3, 1)


def test_a_stage_that_stands_in_the_defaults(repo):
    repo.write("zones/a.yaml", f"domain: example.com\n{BODY}")
    repo.write("zones/_defaults.yaml", "stage: monitor\n")
    repo.commit(day="2026-03-01")
    repo.write("zones/_defaults.yaml", "stage: fence\n")
    repo.commit(day="2026-07-01")
    assert since(repo).since == date(2026, 7, 1)


def test_a_project_in_a_folder_of_its_repository(tmp_path):
    outer = Repo(tmp_path / "outer")
    outer.root.mkdir()
    outer.git("init", "-q", "-b", "main")
    inner = Repo(outer.root / "dns")
    for stage, day in (
        ("audit", "2026-01-01"),
        ("monitor", "2026-03-01"),
        ("monitor", "2026-05-01"),
    ):
        inner.write("zones/a.yaml", f"domain: example.com\nstage: {stage}\n# {day}\n{BODY}")
        outer.commit(day=day)
    assert since(inner).since == date(2026, 3, 1)


def test_a_shallow_history_goes_only_so_far(repo, tmp_path):
    put(repo, "monitor", "2026-03-01")
    put(repo, "monitor", "2026-09-01", more="ttl: 300\n")
    shallow = Repo(tmp_path / "shallow")
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(shallow.root))
    assert since(shallow) == Served(date(2026, 9, 1), True, "by the history of git")


def test_a_history_that_does_not_know_the_stage(repo):
    repo.write("zones/a.yaml", f"domain: example.com\nstage: monitor\n{BODY}")  # not committed
    assert since(repo).since is None


def test_a_file_that_was_broken_in_between(repo):
    put(repo, "monitor", "2026-03-01")
    repo.write("zones/a.yaml", "domain: [")
    repo.commit(day="2026-04-01")
    put(repo, "monitor", "2026-05-01")
    assert since(repo).since == date(2026, 5, 1)
