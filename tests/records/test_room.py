"""The room as a whole: every rule of a parser has a vector, and nothing heavy is imported."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

from generator.rules import RULES
from tests.support import ROOT

MODULES = sorted((ROOT / "generator" / "records").glob("*.py"))
RULE = re.compile(r'"((?:spf|dkim|dmarc|rua|mta-sts|tlsrpt|zone)-[a-z0-9-]+)"')
HEAVY = (
    "dns",
    "idna",
    "cryptography",
    "ipaddress",
    "hashlib",
    "difflib",
    "yaml",
    "generator.rules",
)


def vectors() -> set[str]:
    """The rules that the vectors name."""
    rules: set[str] = set()
    for path in (ROOT / "tests" / "data").glob("*.yaml"):
        rules |= set(re.findall(r"\brule: ([a-z0-9-]+)", path.read_text(encoding="utf-8")))
    return rules


def yielded() -> set[str]:
    return {rule for path in MODULES for rule in RULE.findall(path.read_text(encoding="utf-8"))}


def test_every_rule_that_a_parser_yields_is_registered_and_has_a_vector():
    assert len(yielded()) > 15
    assert yielded() <= set(RULES)
    assert yielded() <= vectors()


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_importing_a_module_brings_in_nothing_heavy(path):
    name = f"generator.records.{path.stem}".removesuffix(".__init__")
    code = f"import sys, {name}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert yaml.safe_load(done.stdout) == []
