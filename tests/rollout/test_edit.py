"""Values of a YAML text replaced where they stand; everything else stays, octet for octet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.rollout.edit import EditError, set_values
from generator.source import parse

STEP = {"stage": "fence", "since": "2026-11-21", "because": None}


def edit(text: str, values: dict[str, str | None] = STEP, path=(0,)) -> str:
    return set_values(parse(text.encode(), "x"), path, values)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "domain: a.example\nstage: monitor\nttl: 60\n",
            "domain: a.example\nstage: fence\nsince: \"2026-11-21\"\nttl: 60\n",
        ),
        ("stage:   monitor  # why\n", 'stage:   fence  # why\nsince: "2026-11-21"\n'),
        ("stage: monitor", 'stage: fence\nsince: "2026-11-21"\n'),
        ("stage: monitor\r\nttl: 1\r\n", 'stage: fence\r\nsince: "2026-11-21"\r\nttl: 1\r\n'),
        ("stage: 'monitor'\n", "stage: 'fence'\nsince: \"2026-11-21\"\n"),
        ('stage: "monitor" # x\n', 'stage: "fence" # x\nsince: "2026-11-21"\n'),
        ("since: 2026-01-01\nstage: monitor\n", "since: \"2026-11-21\"\nstage: fence\n"),
        ("{stage: monitor, ttl: 60}\n", '{stage: fence, since: "2026-11-21", ttl: 60}\n'),
        ("{stage: monitor, because: 'x', ttl: 60}", '{stage: fence, since: "2026-11-21", ttl: 60}'),
        ("stage: monitor\nbecause: old # c\nttl: 1\n", 'stage: fence\nsince: "2026-11-21"\nttl: 1\n'),
        (
            "stage: monitor\nbecause: >\n  folded\n  text\nttl: 1\n",
            'stage: fence\nsince: "2026-11-21"\nttl: 1\n',
        ),
        ("ü: 1\nstage: monitor # ß\n", 'ü: 1\nstage: fence # ß\nsince: "2026-11-21"\n'),
        ("---\nstage: monitor\n...\n", '---\nstage: fence\nsince: "2026-11-21"\n...\n'),
        ("\"stage\": monitor\n", '"stage": fence\nsince: "2026-11-21"\n'),
    ],
)  # fmt: skip
def test_a_step(text, made):
    assert edit(text) == made.replace('"2026-11-21"', "2026-11-21")


def test_a_mapping_inside():
    text = "domains:\n  a.example:\n    stage: monitor\n\n  b.example: {stage: monitor}\n"
    made = edit(text, path=(0, "domains", "a.example"))
    assert made == text.replace("stage: monitor\n\n", "stage: fence\n    since: 2026-11-21\n\n")
    made = edit(text, path=(0, "domains", "b.example"))
    assert "b.example: {stage: fence, since: 2026-11-21}" in made


def test_the_second_document():
    text = "stage: monitor\n---\n# two\nstage: monitor\n"
    assert edit(text, path=(1,)) == "stage: monitor\n---\n# two\nstage: fence\nsince: 2026-11-21\n"


@pytest.mark.parametrize(
    ("reason", "written"),
    [
        ("plain", 'because: "plain"'),
        ("two words", 'because: "two words"'),
        ('a "quote" and \\ #x: y', 'because: "a \\"quote\\" and \\\\ #x: y"'),
        ("no", 'because: "no"'),
        ("ümlaut", 'because: "ümlaut"'),
        ("123", 'because: "123"'),
    ],
)
def test_a_reason(reason, written):
    made = edit("stage: monitor\n", {"stage": "fence", "because": reason})
    assert made == f"stage: fence\n{written}\n"
    assert parse(made.encode(), "x").documents == [{"stage": "fence", "because": reason}]


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "- stage: x\n",
        "{because: x, stage: monitor}\n",
        "? stage\n: monitor\n? because\n: x\n",
    ],
)
def test_what_cannot_be_changed_safely_is_refused(text):
    with pytest.raises(EditError):
        edit(text)


KEYS = st.sampled_from(["domain", "ttl", "services", "goal"])
VALUES = st.sampled_from(
    ["x", "'y z'", '"q\\"r"', "[a, {b: c}]", "{d: e}", "|\n  block\n  text", "~", "12"]
)
LINES = st.lists(
    st.one_of(
        st.builds(lambda k, v: f"{k}: {v}", KEYS, VALUES),
        st.sampled_from(["", "# a comment: {", "   # indented"]),
    ),
    max_size=6,
    unique_by=lambda line: line.split(":")[0] if line[:1].isalpha() else object(),
)


@given(LINES, LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_any_document_keeps_all_that_is_not_of_the_step(above, below, newline, since, because):
    below = [
        line
        for line in below
        if line.split(":")[0] not in {a.split(":")[0] for a in above} or line[:1] in "# "
    ]
    lines = [*above, "stage: monitor # s"]
    lines += ["since: 2026-01-01"] if since else []
    lines += ["because: old"] if because else []
    text = "\n".join([*lines, *below, ""]).replace("\n", newline)
    made = edit(text)
    kept = [line for line in made.split(newline) if not line.startswith(("stage:", "since:"))]
    wanted = [
        line
        for line in text.split(newline)
        if not line.startswith(("stage:", "since:", "because:"))
    ]
    assert kept == wanted
    before, after = parse(text.encode(), "x").documents[0], parse(made.encode(), "x").documents[0]
    before.pop("because", None)
    assert after == before | {"stage": "fence", "since": "2026-11-21"}
