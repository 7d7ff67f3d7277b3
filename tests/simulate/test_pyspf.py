"""Agreement with pyspf on generated worlds; every difference is explained in a data file.

``WORLDS=10000 pytest tests/simulate/test_pyspf.py`` is the long form.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from generator.simulate.client import Client
from generator.simulate.spf import Verdict, check
from generator.simulate.world import Records
from tests.simulate import pyspf, worlds
from tests.support import ROOT

DATA = ROOT / "tests" / "data" / "simulate" / "pyspf-differences.yaml"
DIFFERENCES: list[dict[str, Any]] = yaml.safe_load(DATA.read_text())
NUMBER = int(os.environ.get("WORLDS", "300"))
LEAST_SPEED = 0.3  # checks a second, as a share of pyspf's


def same(ours: Verdict, theirs: pyspf.Theirs) -> bool:
    if ours.result != theirs.result:
        return False
    return ours.result != "fail" or (ours.explanation or pyspf.DEFAULT) == theirs.explanation


def explained(world: worlds.World, client: Client, theirs: pyspf.Theirs) -> list[str]:
    """The names of the differences that this one may be."""
    texts = [text for held in world.records.table.values() for text in held.get("TXT", ())]
    return [
        one["name"]
        for one in DIFFERENCES
        if "records" in one
        and theirs.result in one["theirs"]
        and re.search(one["problem"], theirs.problem)
        and re.match(one.get("sender", ""), client.sender)
        and any(re.search(one["records"], text) for text in texts)
    ]


def test_pyspf_agrees_on_generated_worlds():
    differences: Counter[str] = Counter()
    results: Counter[str] = Counter()
    spent = [0.0, 0.0]

    @settings(
        max_examples=NUMBER,
        database=None,
        derandomize="WORLDS" not in os.environ,
        phases=[Phase.generate],  # a smaller world that differs may differ for another reason
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds.cases())
    def compare(case: tuple[worlds.World, Client]) -> None:
        world, client = case
        start = time.process_time()
        ours = check(world, client)
        middle = time.process_time()
        theirs = pyspf.check(world, client)
        spent[0] += middle - start
        spent[1] += time.process_time() - middle
        results[ours.result] += 1
        if not same(ours, theirs):
            names = explained(world, client, theirs)
            assert names, (world, client, ours, theirs)
            differences[names[0]] += 1

    compare()
    told = f"{results.total()} worlds: {dict(results)}; differences: {dict(differences)}; "
    told += f"{spent[1] / spent[0]:.1f} times pyspf's speed"
    print(told)
    assert {"pass", "fail", "softfail", "neutral", "none", "permerror"} <= set(results), told
    assert differences.total() <= results.total() / 20, told
    assert spent[0] * LEAST_SPEED <= spent[1], told


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda one: one["name"])
def test_a_difference_is_as_described(difference):
    example = difference["example"]
    table = {
        name: {type: tuple(data) for type, data in held.items()}
        for name, held in example["zone"].items()
    }
    broken = frozenset(map(tuple, example.get("broken", ())))
    world = worlds.World(Records(table), broken)
    client = Client(**example["client"])
    ours, theirs = check(world, client), pyspf.check(world, client)
    assert (ours.result, theirs.result) == (example["ours"], example["theirs"])
    if "explanations" in example:
        assert [ours.explanation, theirs.explanation] == example["explanations"]
    if "records" in difference:
        assert difference["name"] in explained(world, client, theirs)


def test_the_documentation_names_every_difference():
    page = (ROOT / "docs" / "simulate.md").read_text()
    listed = re.findall(r"^\| ([a-z]+(?:-[a-z]+)+) \|", page, re.MULTILINE)
    assert listed == [one["name"] for one in DIFFERENCES]
