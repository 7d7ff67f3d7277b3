"""The examples of the rules are true: the bad one is found, and the good one is not.

Examples are what `mailzone rules` shows and what docs/rules.md is made of; here they are vectors.
"""

from __future__ import annotations

import re

import pytest

from generator.lint.others import lint_octodns, lint_zone
from generator.lint.texts import lint_text
from generator.rules import RULES
from generator.rules.example import KINDS, Example, examples
from tests.rules.not_yet import NOT_YET
from tests.support import Sandbox

EXAMPLES = examples()
EPOCH = "1795262400"  # 2026-11-21

# What a text cannot show, or no declaration can say yet: words will do, though nothing else is
# needed to decide them.
UNSHOWABLE = {
    "file-encoding", "file-link", "file-too-large", "file-unreadable",
    "rollout-bulk-minimum", "rollout-mandate", "template-invalid",
}  # fmt: skip

SKIP = pytest.mark.skip("no code yet")
SAID = re.compile(r"^(error|warning|advice)\[([a-z0-9-]+)\]", re.MULTILINE)


def cases(*kinds: str) -> list[object]:
    return [
        pytest.param(id, example, id=id, marks=SKIP if id in NOT_YET else ())
        for id, example in EXAMPLES.items()
        if example.kind in kinds
    ]


def test_every_rule_has_examples():
    assert list(EXAMPLES) == list(RULES)


@pytest.mark.parametrize(("id", "example"), EXAMPLES.items(), ids=list(EXAMPLES))
def test_an_example_is_whole(id: str, example: Example):
    assert example.kind in KINDS
    assert example.bad != example.good
    for texts in (example.bad, example.good):
        assert texts
        assert all(text.strip() for text in texts.values())
        assert not re.search(r"<(rsa|ed25519)", "".join(texts.values()))  # an unknown key
        assert all(texts) if example.kind == "declaration" else list(texts) == [""]


def test_words_stand_only_where_text_cannot_show_it():
    in_words = {id for id, example in EXAMPLES.items() if example.kind == "words"}
    assert {id for id in in_words if not RULES[id].needs} == UNSHOWABLE


def findings(files: dict[str, str], sandbox: Sandbox) -> set[tuple[str, str]]:
    """(severity, rule) of all that checking and then building the project says."""
    for name, text in files.items():
        sandbox.write(name, text.encode())
    said = sandbox.run("validate").stderr + sandbox.run("build", "--serial-by-hand").stderr
    return set(SAID.findall(said))


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)


@pytest.mark.parametrize(("id", "example"), cases("declaration"))
def test_the_bad_declaration_is_found(id: str, example: Example, sandbox: Sandbox):
    assert id in {rule for _, rule in findings(example.bad, sandbox)}


@pytest.mark.parametrize(("id", "example"), cases("declaration"))
def test_the_good_declaration_is_free_of_it_and_builds(id: str, example: Example, sandbox: Sandbox):
    found = findings(example.good, sandbox)
    assert id not in {rule for _, rule in found}
    assert not [rule for severity, rule in found if severity == "error"]


def rules_of(kind: str, text: str) -> set[str]:
    if kind == "zone":
        found = lint_zone(text.encode(), "example.com.", "example.com.zone", {})
    elif kind == "octodns":
        found = lint_octodns(text.encode(), "example.com.", "example.com.yaml", {})
    else:
        found = lint_text(kind, text)
    return {one.rule for one in found}


@pytest.mark.parametrize(
    ("id", "example"), cases(*(kind for kind in KINDS if kind not in ("declaration", "words")))
)
def test_the_bad_text_is_found_and_the_good_one_is_free_of_it(id: str, example: Example):
    assert id in rules_of(example.kind, example.bad[""])
    assert id not in rules_of(example.kind, example.good[""])
