"""What mailzone writes passes its own lint, and findings depend on no order of files and keys."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.catalogue import load
from generator.emit.bind import files, render
from generator.finding import Finding, Severity
from generator.lint.others import lint_zone
from generator.lint.texts import lint_text
from generator.project import Project, assemble
from generator.records import spf
from generator.values import Value
from tests.cases import COMPILED, cases
from tests.servers.bind import NOW
from tests.strategies import dump, projects
from tests.support import ROOT, TODAY, Sandbox

PROJECTS = [ROOT, *sorted(path.parent for path in ROOT.glob("examples/*/zones"))]
COSTS = load().term_costs()
SOUND = cases(COMPILED)


def errors(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.rule, one.message) for one in found if one.severity is Severity.ERROR]


def of_files(project: Project) -> Iterator[tuple[str, str]]:
    """Errors that lint finds in the zone files that the project makes."""
    for file in files(project.compiled):
        text = render(file, None, NOW) if not file.source else _block(file.members)
        zone = f"{file.members[0].domain.zone.name}."
        yield from errors(lint_zone(text.encode(), zone, file.name, COSTS))


def _block(members: Any) -> str:
    """The records of a merge, which stands in a file by another hand."""
    from generator.emit.bind import line

    return "".join(f"{line(value)}\n" for one in members for value in one.values)


def kind_of(value: Value) -> str:
    """The option of ``mailzone lint`` that the value's text is for; empty if there is none."""
    if value.type != "TXT":
        return ""
    if spf.is_spf(value.text):
        return "spf"
    starts = {"_dmarc.": "dmarc", "_mta-sts.": "mta-sts", "_smtp._tls.": "tls-rpt"}
    for start, kind in starts.items():
        if value.name.startswith(start):
            return kind
    return "dkim" if "._domainkey." in value.name else ""


def of_values(project: Project) -> Iterator[tuple[str, str]]:
    for one in project.compiled:
        for value in one.values:
            if kind := kind_of(value):
                yield from errors(lint_text(kind, value.text, COSTS))


def unreported(project: Project) -> list[tuple[str, str]]:
    """Errors in what the project makes, of rules that checking it says nothing of."""
    told = {found.rule for found in project.findings}
    told |= {waiver.rule for one in project.compiled for waiver in one.domain.waivers}
    assert not project.errors, errors(project.findings)
    return [one for one in (*of_files(project), *of_values(project)) if one[0] not in told]


@given(projects())
def test_records_of_any_sound_project_pass(project):
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(Path(folder))
        for name, text in project.texts().items():
            sandbox.write(name, text.encode())
        assert unreported(sandbox.assemble()) == []


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_records_of_every_compiled_case_pass(case, sandbox):
    case.write(sandbox)
    assert unreported(sandbox.assemble()) == []


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_records_of_every_example_pass(project):
    assert unreported(assemble(project, TODAY)) == []


# --- order -----------------------------------------------------------------------------------


def said(found: list[Finding]) -> Counter[tuple[str, int, str, str]]:
    """What is found and in which file; lines move with the keys."""
    return Counter(
        (one.rule, one.severity, one.message, "" if one.place is None else one.place.path)
        for one in found
    )


def turned(data: Any, by: random.Random) -> Any:
    """The same data with the keys of all mappings in another order."""
    if isinstance(data, dict):
        keys = list(data)
        by.shuffle(keys)
        return {key: turned(data[key], by) for key in keys}
    if isinstance(data, list):
        return [turned(entry, by) for entry in data]
    return data


class _Text(yaml.SafeLoader):
    """Scalars as they are written, but for those that mailzone takes for something else."""


_Text.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if not tag.endswith((":timestamp", ":float"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def shuffled(texts: dict[str, str], seed: int) -> dict[str, str]:
    """The files, each with its keys in another order, to be written in another order."""
    by = random.Random(seed)
    names = list(texts)
    by.shuffle(names)
    documents = {name: list(yaml.load_all(texts[name], _Text)) for name in names}
    return {name: dump([turned(one, by) for one in documents[name]]) for name in names}


def findings(files: dict[str, str]) -> Counter[tuple[str, int, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(Path(folder))
        (sandbox.root / "zones").mkdir()
        for name, text in files.items():
            sandbox.write(name, text.encode())
        return said(sandbox.assemble().findings)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_findings_about_an_example_depend_on_no_order(project, seed, tmp_path):
    texts = {
        str(path.relative_to(project)): path.read_text(encoding="utf-8")
        for path in sorted(project.glob("zones/**/*.yaml"))
    }
    found = findings(texts)
    assert found == findings(shuffled(texts, seed))
    assert found == said(assemble(project, TODAY).findings)


@given(projects(), st.integers(0, 9))
def test_findings_about_any_project_depend_on_no_order(project, seed):
    texts = project.texts()
    assert findings(texts) == findings(shuffled(texts, seed))


def test_all_examples_together_are_findings_of_each(tmp_path):
    """Beside each other, in one project, under other file names: the clashes are told, once each."""
    first, second = tmp_path / "one", tmp_path / "two"
    for target, order in ((first, PROJECTS[1:]), (second, PROJECTS[:0:-1])):
        for project in order:
            shutil.copytree(project / "zones", target / "zones" / project.name)
    rules = [
        Counter((one.rule, one.message) for one in assemble(target, TODAY).findings)
        for target in (first, second)
    ]
    assert rules[0] == rules[1]
    assert rules[0]
