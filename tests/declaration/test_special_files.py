"""Files of a project that are no plain files are refused, never waited for."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support import ROOT


@pytest.mark.parametrize("name", ["zones/a.yaml", "zones/_defaults.yaml", "providers.d/a.yaml"])
def test_a_pipe_is_refused_and_not_waited_for(sandbox, name):
    sandbox.write("zones/b.yaml", "domain: b.example\nstage: parked\n")
    (sandbox.root / name).parent.mkdir(exist_ok=True)
    os.mkfifo(sandbox.root / name)
    command = [sys.executable, "-m", "generator", "validate", "--project", str(sandbox.root)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert f"{name} is no plain file" in done.stderr


def test_a_folder_in_place_of_the_defaults_is_refused(sandbox):
    (sandbox.root / "zones" / "_defaults.yaml").mkdir()
    assert sandbox.errors() == ["file-unreadable"]
