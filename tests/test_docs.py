"""The documentation is current, and what it shows works."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

from tests.support import ROOT, Sandbox

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`]*`")  # a regular expression may look like a link
LINK = re.compile(r"\]\(([^)#:]+)\)")


def blocks():
    for page in PAGES:
        for number, block in enumerate(YAML.findall(page.read_text()), 1):
            yield pytest.param(block, id=f"{page.name}-{number}")


def test_reference_pages_and_console_output_are_current():
    run = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("block", list(blocks()))
def test_every_yaml_block_is_valid(block, tmp_path):
    """Declarations build, catalogue entries load, parts of declarations fit into one."""
    (tmp_path / "zones").mkdir()
    sandbox = Sandbox(tmp_path)
    data = yaml.safe_load(block)
    if "services" in data and isinstance(data["services"], dict):
        sandbox.write("providers.d/own.yaml", block)
    elif block.startswith("# zones/_defaults.yaml"):
        sandbox.write("zones/_defaults.yaml", block)
        sandbox.write("zones/a.yaml", "domain: example.com\nstage: parked\n")
    elif "domain" in data or "domains" in data:
        sandbox.write("zones/a.yaml", block)
    else:
        whole = "domain: example.com\nstage: parked\n" + block
        sandbox.write("zones/a.yaml", whole)
    assert sandbox.errors() == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in LINK.findall(CODE.sub("", page.read_text())):
        assert (page.parent / target).exists(), target
