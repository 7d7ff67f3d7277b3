"""Coverage-guided fuzzing of `generator.source.parse`: whatever the bytes, only SourceError.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris PyYAML
    /tmp/fuzz/bin/python tests/fuzz/source.py -max_total_time=600 -max_len=4096 /tmp/corpus zones

Findings must have a place in the text; what was read must have one for each of its values, the one
that libyaml tells, and be what libyaml's own constructor reads, but for the meaning of plain scalars.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import atheris
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[0] = str(ROOT)  # instead of this folder, whose modules are called like those under test

with atheris.instrument_imports(include=["generator"]):
    # The modules named first are imported late otherwise, and not instrumented.
    from generator.source import Source, SourceError, YamlPath, libyaml, marks, parse  # noqa: F401

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # those of YAML 1.1

counts = {"executions": 0, "accepted": 0}


def one(data: bytes) -> None:
    counts["executions"] += 1
    if counts["executions"] % 50_000 == 0:
        print(counts, file=sys.stderr)
    try:
        source = parse(data, "fuzz.yaml")
    except SourceError as error:
        check(error, data)
        return
    counts["accepted"] += 1
    other = Source(source.path, source.text)  # of which libyaml alone tells the places
    for index, document in enumerate(source.documents):
        walk(source, other, (index,), document)
    bare = list(yaml.load_all(source.text, yaml.CBaseLoader))
    assert alike(source.documents, bare), (source.documents, bare)


def check(error: SourceError, data: bytes) -> None:
    assert error.findings
    lines = len(BREAK.split(data.decode("utf-8", "replace")))
    for found in error.findings:
        assert found.message
        assert found.place is not None
        assert 0 <= found.place.line <= lines, found


def alike(value: Any, text: Any) -> bool:
    if isinstance(value, list) and isinstance(text, list):
        return len(value) == len(text) and all(map(alike, value, text))
    if isinstance(value, dict) and isinstance(text, dict):
        return value.keys() == text.keys() and all(alike(value[key], text[key]) for key in value)
    if value is None:
        return text in ("", "~", "null", "Null", "NULL")
    if isinstance(value, bool):
        return str(value).lower() == text.lower()
    return str(value) == text


def walk(source: Source, other: Source, path: YamlPath, value: Any) -> None:
    place = source.locate(path)
    assert place == other.locate(path), path
    assert place.line >= 1, path
    assert place.column >= 1, path
    if isinstance(value, dict):
        for key, inner in value.items():
            assert isinstance(key, str)
            inside = (*path, key)
            assert source.locate(inside, key=True) == other.locate(inside, key=True), inside
            walk(source, other, inside, inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            walk(source, other, (*path, index), inner)
    else:
        assert value is None or isinstance(value, (str, int)), type(value)


def main() -> None:
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
