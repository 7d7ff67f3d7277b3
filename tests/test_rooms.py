"""The rooms import only from rooms above them, and no vendor is named in Python."""

from __future__ import annotations

import ast
import re

import pytest
import yaml

from tests.support import ROOT

# From top to bottom: a module may import its own room and the rooms before it.
ROOMS = [
    "rules",
    "finding",
    "resources",
    "names",
    "pool",
    "suffixes",
    "source",
    "schema",
    "records",
    "catalogue",
    "ladder",
    "declaration",
    "values",
    "policy",
    "compile",
    "join",
    "rivals",
    "serial",
    "zonefile",
    "alignment",
    "simulate",
    "lock",
    "lint",
    "project",
    "emit",
    "octodns",
    "live",
    "report",
    "diff",
    "rollout",
    "cli",
]
MODULES = sorted((ROOT / "generator").rglob("*.py"))


def room(dotted: str) -> str:
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_from_rooms_above(path):
    own = path.relative_to(ROOT).with_suffix("").parts
    if own[1] in ("__init__", "__main__"):
        return
    here = ROOMS.index(own[1])
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.split(".")[0] == "generator" and room(name):
                assert ROOMS.index(room(name)) <= here, f"{path}:{node.lineno} imports {name}"


def test_every_room_is_listed():
    found = {
        p.name.removesuffix(".py")
        for p in (ROOT / "generator").iterdir()
        if not p.name.startswith("_")
    }
    assert found - {"py.typed"} == set(ROOMS)


def test_no_vendor_is_named_in_python():
    entries = yaml.safe_load((ROOT / "providers.yaml").read_text())["services"]
    words = {
        name for id, e in entries.items() for name in (id, *e.get("aliases", ())) if len(name) > 3
    }
    words -= {"self-hosted", "own-server", "smtp-server"}
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, sorted(words))) + r")\b", re.IGNORECASE)
    hits = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in MODULES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert not hits
