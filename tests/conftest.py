"""Fixtures that all tests share; `tests.support` has the rest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import ROOT, Sandbox

settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("default")


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    (tmp_path / "project" / "zones").mkdir(parents=True)
    return Sandbox(tmp_path / "project")


@pytest.fixture
def fresh_python() -> Callable[[str], str]:
    """Run a Python statement in a new interpreter; returns what it prints."""

    def run(code: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout

    return run
