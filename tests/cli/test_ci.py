"""The pipelines that `mailzone init --ci` writes: their steps run in repositories made for it."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import __version__
from tests.diff.repository import Repo
from tests.support import ROOT, call

REPORTS = "dmarc: {reports: [valimail]}\n"
MAIN = "from generator.cli import main; main()"


@pytest.fixture
def project(tmp_path: Path) -> Repo:
    """A new project with its first commit on main, as its clone `origin` knows it."""
    repo = Repo(tmp_path / "project")
    repo.root.mkdir()
    return repo


def begin(repo: Repo, ci: str) -> dict[str, Any]:
    """Initialise the project; returns its pipeline."""
    done = call("init", str(repo.root), "--ci", ci)
    assert done.exit_code == 0, done.stderr
    # Without a service whose key is pending, it may go to any stage.
    repo.write("zones/example.com.yaml", "domain: example.com\nstage: monitor\n" + REPORTS)
    repo.git("init", "-q", "-b", "main")
    repo.commit(day="2026-01-01")
    path = {"github": ".github/workflows/mail.yml", "gitlab": ".gitlab-ci.yml"}[ci]
    text = (repo.root / path).read_text()
    assert f"mailzone=={__version__}" in text
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def propose(repo: Repo, **changes: str) -> None:
    """A branch with a change, main gone on, and the two merged, as CI systems check out."""
    repo.git("checkout", "-q", "-b", "feature")
    path = repo.root / "zones/example.com.yaml"
    text = path.read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    repo.git("mv", "zones/example.com.yaml", "zones/renamed.yaml")
    repo.commit()
    repo.git("commit", "-q", "--amend", "-m", "pushed by force")
    repo.git("checkout", "-q", "main")
    repo.write("zones/other.yaml", "domain: example.net\nstage: parked\n")
    repo.commit()
    repo.git("update-ref", "refs/remotes/origin/main", "main")
    repo.git("checkout", "-q", "--detach", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "feature")


def run(repo: Repo, script: str, bin: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A step as a runner runs it: bash that stops at the first failure."""
    bin.mkdir(exist_ok=True)
    tool = bin / "mailzone"
    tool.write_text(
        f"#!{sys.executable} -P\nimport sys; sys.path.insert(0, {str(ROOT)!r})\n{MAIN}\n"
    )
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    environment = {
        "PATH": f"{bin}:{os.environ['PATH']}",
        "HOME": str(bin),
        "SOURCE_DATE_EPOCH": "1795262400",
        **variables,
    }
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=repo.root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def steps(pipeline: dict[str, Any]) -> dict[str, str]:
    listed = pipeline["jobs"]["mail"]["steps"]
    return {step["name"]: step["run"] for step in listed if "run" in step}


def github(
    repo: Repo, tmp_path: Path, pipeline: dict[str, Any], comment: str = ""
) -> dict[str, Any]:
    """Every step of GitHub's pipeline but the installation; what each did."""
    gh = tmp_path / "bin/gh"
    gh.parent.mkdir(exist_ok=True)
    gh.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/gh.log\ncase "$*" in *--jq*) echo "{comment}";; esac\n'
    )
    gh.chmod(0o755)
    variables = {
        "BASE": "origin/main",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_REPOSITORY": "o/r",
        "NUMBER": "7",
    }
    done = {}
    for name, script in steps(pipeline).items():
        if name == "Install":
            continue
        assert "${{" not in script  # what others wrote reaches a script by variables only
        done[name] = run(repo, script, tmp_path / "bin", **variables)
    return done


def test_a_harmless_change_passes_on_github(project, tmp_path):
    pipeline = begin(project, "github")
    propose(project)
    done = github(project, tmp_path, pipeline)
    assert {name: step.returncode for name, step in done.items()} == dict.fromkeys(done, 0), done
    assert (tmp_path / "summary.md").read_text().startswith("<!-- mailzone diff -->")
    log = (tmp_path / "gh.log").read_text().splitlines()
    assert log[-1] == "api --method POST repos/o/r/issues/7/comments -F body=@mail.md"
    assert (project.root / "build/example.com.inc").is_file()


def test_a_danger_stops_at_the_gate_and_is_in_the_comment(project, tmp_path):
    pipeline = begin(project, "github")
    propose(project, **{"stage: monitor": "stage: enforce"})
    done = github(project, tmp_path, pipeline, comment="99")
    codes = {name: step.returncode for name, step in done.items()}
    assert codes.pop("Gate") == 3
    assert set(codes.values()) == {0}
    assert "::error file=zones/renamed.yaml" in done["Gate"].stdout
    assert "rollout-stage-skipped" in (tmp_path / "summary.md").read_text()
    log = (tmp_path / "gh.log").read_text().splitlines()
    assert log[-1] == "api --method PATCH repos/o/r/issues/comments/99 -F body=@mail.md"


def test_rights_are_few_and_nobody_elses_code_gets_them(project):
    pipeline = begin(project, "github")
    assert pipeline["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in pipeline[True]  # YAML 1.1 reads `on` as true
    assert set(pipeline[True]) == {"pull_request", "push"}
    comment = next(s for s in pipeline["jobs"]["mail"]["steps"] if s.get("name") == "Comment")
    assert "head.repo.full_name == github.repository" in comment["if"]


@pytest.mark.parametrize("stage", ["monitor", "enforce"])
def test_gitlab(project, tmp_path, stage):
    pipeline = begin(project, "gitlab")
    propose(project, **{"stage: monitor": f"stage: {stage}"})
    base = project.git("merge-base", "origin/main", "HEAD")
    script = "\n".join(pipeline["mail:check"]["script"])
    done = run(project, script, tmp_path / "bin", CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.returncode == (0 if stage == "monitor" else 3), done.stderr
    assert (project.root / "mail.md").read_text().startswith("<!-- mailzone diff -->")
    build = "\n".join(pipeline["mail:build"]["script"])
    assert run(project, build, tmp_path / "bin").returncode == 0


def test_on_main_gitlab_compares_nothing(project, tmp_path):
    pipeline = begin(project, "gitlab")
    script = "\n".join(pipeline["mail:check"]["script"])
    assert run(project, script, tmp_path / "bin").returncode == 0
    assert not (project.root / "mail.md").exists()


def with_push(repo: Repo, path: str) -> dict[str, Any]:
    """The pipeline with the first # taken off the lines that push, as its comment says."""
    text = (repo.root / path).read_text()
    before, mark, behind = text.partition("off these lines.\n")
    assert mark
    indent = behind[: behind.index("#")]
    lines = [
        line.replace(f"{indent}# ", indent, 1).removesuffix("#") for line in behind.splitlines()
    ]
    data: dict[str, Any] = yaml.safe_load(before + mark + "\n".join(lines) + "\n")
    return data


def test_pushing_on_main_is_prepared_and_left_to_the_user(project, tmp_path):
    plain = begin(project, "github")
    assert "Push" not in steps(plain)
    pushing = with_push(project, ".github/workflows/mail.yml")
    assert list(steps(pushing)) == [*steps(plain), "Push"]
    step = next(s for s in pushing["jobs"]["mail"]["steps"] if s.get("name") == "Push")
    assert step["if"] == "github.event_name == 'push' && github.ref == 'refs/heads/main'"
    assert "${{" not in step["run"]
    assert step["env"] == {"DNS_TOKEN": "${{ secrets.DNS_TOKEN }}"}
    install, push = step["run"].splitlines()
    assert f'"mailzone[octodns]=={__version__}"' in install
    # There is no configuration yet, which is no wrong usage.
    done = run(project, push, tmp_path / "bin")
    assert done.returncode == 1
    assert "octodns.yaml" in done.stderr


def test_pushing_the_default_branch_is_prepared_on_gitlab_too(project, tmp_path):
    plain = begin(project, "gitlab")
    pushing = with_push(project, ".gitlab-ci.yml")
    assert set(pushing) == {*plain, "mail:push"}
    job = pushing["mail:push"]
    assert job["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]
    assert f'"mailzone[octodns]=={__version__}"' in job["script"][0]
    assert run(project, job["script"][1], tmp_path / "bin").returncode == 1


def test_hooks_of_pre_commit(project, tmp_path):
    begin(project, "github")
    hooks = {
        hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    }
    for hook in hooks.values():
        assert hook["pass_filenames"] is False
        assert re.search(hook["files"], "zones/a.yaml")
        assert re.search(hook["files"], "dns/providers.d/a.yaml")
        assert not re.search(hook["files"], "readme.md")
        assert run(project, hook["entry"], tmp_path / "bin").returncode == 0
    path = project.root / "zones/example.com.yaml"
    path.write_text(path.read_text().replace("stage: monitor", "stage: enforce"))
    assert run(project, hooks["mailzone-validate"]["entry"], tmp_path / "bin").returncode == 0
    assert run(project, hooks["mailzone-diff"]["entry"], tmp_path / "bin").returncode == 3
