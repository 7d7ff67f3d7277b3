"""Temporary git repositories for tests."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support import Sandbox


@dataclass
class Repo(Sandbox):
    """A project that is a git repository; commits are made at given days."""

    def git(self, *arguments: str, day: str = "2026-11-21", input: bytes | None = None) -> str:
        environment = os.environ | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.com",
            "GIT_AUTHOR_DATE": f"{day}T12:00:00Z",
            "GIT_COMMITTER_DATE": f"{day}T12:00:00Z",
        }
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            capture_output=True, check=False, env=environment, input=input,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def commit(self, *, day: str = "2026-11-21") -> str:
        """Commit everything; returns the commit's id."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x", day=day)
        return self.git("rev-parse", "HEAD")


def make(folder: Path) -> Repo:
    (folder / "zones").mkdir(parents=True)
    repo = Repo(folder)
    repo.git("init", "-q", "-b", "main")
    return repo
