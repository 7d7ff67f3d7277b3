"""The reader of simple YAML against libyaml: the same data, or none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.inputs import declaration
from generator.source import Source, SourceError, YamlPath
from generator.source.libyaml import documents
from generator.source.simple import simple
from tests.support import ROOT

DATA = ROOT / "tests" / "data"
SCALARS = yaml.safe_load((DATA / "yaml-scalars.yaml").read_text(encoding="utf-8"))
REFUSED = yaml.safe_load((DATA / "yaml-refused.yaml").read_text(encoding="utf-8"))
FILES = sorted(
    path
    for folder in ("zones", "examples", "tests/data", "generator/rules/examples")
    for path in (ROOT / folder).rglob("*.yaml")
)
EXAMPLES = [path.read_text() for path in sorted((ROOT / "examples").glob("*/zones/[a-z]*.yaml"))]


def by_libyaml(text: str) -> list[Any] | None:
    """Its documents; None if it refuses the text."""
    try:
        return documents(Source("f.yaml", text))[0]
    except SourceError:
        return None


def agree(text: str) -> Any:
    """What the simple reader makes of a text, once it is seen to be libyaml's data, or nothing.

    Every value, and every key, must stand where libyaml sees it.
    """
    data = simple(text)
    if data is not None:
        found = by_libyaml(text)
        assert found == [data]
        assert repr(found) == repr([data])  # true is not 1
        ours, theirs = Source("f.yaml", text, simple=True), Source("f.yaml", text)
        for path in paths(data, (0,)):
            for key in (False, True):
                assert ours.locate(path, key) == theirs.locate(path, key), (path, key)
    return data


def paths(data: Any, here: YamlPath) -> Iterator[YamlPath]:
    """The paths of all values below, and of some that are not there."""
    yield from (here, (*here, "absent"), (*here, 99), (*here, "absent", 0))
    if isinstance(data, dict | list):
        for step, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from paths(value, (*here, step))


# -- texts made to be simple -------------------------------------------------------------------------

KEYS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,8}", fullmatch=True)
WORDS = st.sampled_from(
    ["true", "False", "null", "0", "7", "007", "1e3", "no", "2026-11-21", "ip4:x"]
)
PLAIN = st.from_regex(r"[A-Za-z0-9_/]([!-~]| (?=[!-~])){0,12}", fullmatch=True).filter(
    lambda text: (
        " #" not in text and ": " not in text and not text.endswith(":") and "#" not in text
    )
)
FLOW_PLAIN = st.from_regex(r"[A-Za-z0-9_/][A-Za-z0-9_./@+=-]{0,8}", fullmatch=True)
DOUBLE = st.from_regex(r"[ !#-\[\]-~]{0,12}", fullmatch=True).map(lambda text: f'"{text}"')
SINGLE = st.from_regex(r"[ -&(-~]{0,12}", fullmatch=True).map(lambda text: f"'{text}'")
GAPS = st.sampled_from(["", "", "", "\n", "# a comment: [x\n", "   # für {alle}\n"])
ENDS = st.sampled_from(["", "", "", " ", "  # why", " # \u00e4: ]"])


def flow(item: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(KEYS, item), max_size=3, unique_by=lambda pair: pair[0])
    return st.one_of(
        st.lists(item, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        pairs.map(lambda entries: f"{{{', '.join(f'{k}: {v}' for k, v in entries)}}}"),
        st.lists(item, min_size=1, max_size=3).map(lambda items: f"[ {' ,  '.join(items)} ]"),
    )


SCALAR = st.one_of(PLAIN, WORDS, DOUBLE, SINGLE)
IN_FLOW = st.one_of(FLOW_PLAIN, DOUBLE, SINGLE)
VALUE = st.one_of(SCALAR, SCALAR, flow(IN_FLOW), flow(flow(IN_FLOW)))


@st.composite
def block(draw: st.DrawFn, column: int = 0, depth: int = 3) -> list[str]:
    """Lines of a mapping or list that begins in the column."""
    pad = " " * column
    lines = []
    listed = draw(st.booleans())
    names = draw(st.lists(KEYS, min_size=1, max_size=3, unique=True))
    for name in names:
        head = f"{pad}-{' ' * draw(st.integers(1, 3))}" if listed else f"{pad}{name}:"
        nested = depth > 0 and draw(st.booleans())
        if not nested:
            value = "" if not listed and draw(st.integers(0, 5)) == 0 else draw(VALUE)
            joint = " " if value and not listed else ""
            lines.append(f"{head}{joint}{value}{draw(ENDS)}\n")
        elif listed:
            inner = draw(block(len(head), 0))
            if inner[0].lstrip().startswith("- "):
                continue  # a list in a list
            lines += [head + inner[0][len(head) :], *inner[1:]]
        else:
            inner = draw(block(column + draw(st.integers(1, 3)), depth - 1))
            lines += [f"{head}{draw(ENDS)}\n", *inner]
        lines.append(draw(GAPS))
    return lines or [f"{pad}{names[0]}: x\n"]


SIMPLE = block().map("".join)


@given(SIMPLE)
def test_a_simple_text_is_read_as_libyaml_reads_it(text):
    data = agree(text)
    if data is None:  # not simple after all: then only because libyaml has its doubts, or by a list
        assert by_libyaml(text) is None or "- - " in text or "#" in text


SPOILING = [
    *":#-?[]{},&*!|>'\"%@`\\ \n\t\r\x85\u2028\u00a0\ufeff\x7f\x00~",
    *("  ", "- ", ": ", " #", "\n ", "\n- ", "---\n", "...\n", "<<: ", "? ", "\n  x", ""),
]


@given(SIMPLE, st.data())
def test_a_spoilt_text_is_left_to_libyaml_or_read_alike(text, data):
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    inserted = data.draw(st.sampled_from(SPOILING))
    agree(text[:at] + inserted + text[at + cut :])


@given(st.text(st.sampled_from(list("ab1:#-[]{}, '\"\n\n  ")), max_size=24))
@example("a:\n- b\nc: d\n")
@example("a:\n  - b\n - c\n")
@example("- a: b\n  c: d\n - e\n")
@example("a: b\n  c\n")
@example("a: b\n  - c\n")
@example("a: 'b' c\n")
@example("a: [b\n  ]\n")
@example("# x\x85a: b\nc: d\n")
def test_any_text_is_left_to_libyaml_or_read_alike(text):
    agree(text)


# -- real texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_of_this_repository_is_read_alike_or_not_at_all(path):
    agree(path.read_bytes().decode("utf-8", "replace"))


@pytest.mark.parametrize("vector", SCALARS, ids=lambda v: v["text"] or "empty")
@pytest.mark.parametrize("form", ["k: {}\n", "- {}\n", "k: [{}]\n", "k: {{a: {}}}\n", "k:\n  {}\n"])
def test_a_scalar_is_read_alike_or_not_at_all(vector, form):
    agree(form.format(vector["text"]))


@pytest.mark.parametrize("vector", REFUSED, ids=lambda v: v["text"][:40])
def test_what_is_refused_is_not_simple(vector):
    assert simple(vector["text"]) is None


@pytest.mark.parametrize(
    "text",
    [
        *(declaration(number) for number in range(40)),
        *(text for text in EXAMPLES if "\n---" not in text),
        "a: b",
        "a:\n- b\n- c: d\n  e:\n  - f\ng:\n",
        "a: b\u00fccher.example\nb: [\u00fc, '\u00e9']\n",
        "a: 'it is # this'  # that\n",
        "\n# Übersicht\n\na: b # für später\n# end",
    ],
)
def test_a_declaration_as_people_write_it_is_simple(text):
    assert agree(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "a: b\na: c\n",
        "a: {b: c, b: d}\n",
        "a: &b c\n",
        "a: *b\n",
        "a: !!str b\n",
        "--- \na: b\n",
        "a: |\n  b\n",
        "a: b\n c: d\n",
        "  a: b\n",
        "a: b\r\nc: d\r\n",
        "a: \u4e2d\n",
        'a: "\\n"\n',
        "a: " + "[" * 11 + "]" * 11,
        "".join(" " * n + "a:\n" for n in range(30)),
        "x" * 500_000 + "\t",
        "a: [" + "b, " * 200_000,
        "a" + ": b" * 200_000,
        " " * 500_000,
        "\n" * 500_000,
        "\n" * 500_000 + "\t",
        "a: [" + "] # " * 200_000 + "\t",
        "a: " + "x " * 200_000 + "\t",
        "a: b\n" * 200_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_not_simple_is_left_alone_at_once(text):
    assert simple(text) is None


def test_a_place_costs_the_same_in_a_long_file():
    """A portfolio in one file may have a finding for each of its domains."""

    def seconds(count: int) -> float:
        text = "domains:\n" + "".join(f"  - d{number}.example\n" for number in range(count))
        source = Source("f.yaml", text, simple=True)
        started = time.process_time()
        places = [source.locate((0, "domains", number)) for number in range(count)]
        assert [place.line for place in places] == list(range(2, count + 2))
        return time.process_time() - started

    few = min(seconds(1000) for _ in range(3))
    assert seconds(16_000) < 16 * 5 * few  # quadratic would be 256 times as long
