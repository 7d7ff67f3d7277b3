"""The pages about services: one for each, all found from the index, nothing taken for markup."""

from __future__ import annotations

import importlib.util
import re
import time

import pytest

from generator.catalogue import load
from generator.cli.services.facts import CATEGORIES
from tests.support import ROOT

CATALOGUE = load()
IDS = sorted(CATALOGUE)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("service_pages", ROOT / "docs/service_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    begin = time.monotonic()
    made = module.pages(CATALOGUE)
    assert time.monotonic() - begin < 20, "it is made at every `make docs` and by a test"
    assert set(module.MEANING) == set(CATEGORIES)
    return made


def test_every_service_has_a_page_and_the_index_leads_to_all(pages):
    assert set(pages) == {"services.md", *(f"services/{id}.md" for id in IDS)}
    index = pages["services.md"]
    assert sorted(re.findall(r"\]\(services/([a-z0-9-]+)\.md\)", index)) == IDS
    assert f"knows {len(IDS)} services" in index
    used = {CATALOGUE.get(id).category for id in IDS}
    wanted = [category.capitalize() for category in CATEGORIES if category in used]
    assert re.findall(r"^## (.*)$", index, re.MULTILINE) == wanted


def test_doubt_shows_in_the_index(pages):
    for row in re.findall(r"^\| \[.*$", pages["services.md"], re.MULTILINE):
        id = row.split("`")[1]
        provider = CATALOGUE.get(id)
        doubtful = provider.confidence == "secondary" or bool(provider.disputed)
        assert (") ? |" in row) is doubtful


def test_tables_have_the_cells_of_their_heading(pages):
    for text in pages.values():
        width = 0
        for line in text.splitlines():
            if not line.startswith("|"):
                width = 0
                continue
            cells = len(re.findall(r"(?<!\\)\|", line))
            width = width or cells
            assert cells == width, line


@pytest.mark.parametrize("id", IDS)
def test_a_page_tells_what_is_known(pages, id):
    provider = CATALOGUE.get(id)
    page = pages[f"services/{id}.md"]
    assert page.startswith(
        f"# {provider.name}\n\n`{id}`, {provider.category}; [all services](../services.md)\n"
    )
    plain = page.replace("\\", "").replace("&lt;", "<")
    for fact in (*provider.warnings, *provider.disputed, *provider.evidence):
        assert f"- {fact}" in plain
    for url in provider.docs:
        assert f"- <{url}>" in page
    for parameter in provider.parameters.values():
        assert f"| `{parameter.name}` |" in page
    assert "## Records for example.com\n\n```\n" in page
    assert page.count("```") % 2 == 0
    assert "<" not in re.sub(r"```\n.*?```|`[^`]*`|- <https://[^>]+>", "", page, flags=re.DOTALL)
