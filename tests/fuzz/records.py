"""Coverage-guided fuzzing of the record parsers but DKIM's: only RecordError, and stable texts.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris
    /tmp/fuzz/bin/python tests/fuzz/records.py -max_total_time=600 -max_len=512 \
        -dict=tests/fuzz/records.dict /tmp/corpus

The first octet chooses the parser; the rest is its text, behind the beginning that it asks for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[0] = str(ROOT)  # instead of this folder, whose modules are called like those under test

with atheris.instrument_imports(include=["generator.records"]):
    from generator.records import dmarc, macro, mta_sts, mx, spf, tls_rpt, uri
    from generator.records.error import RecordError

counts = {"executions": 0, "accepted": 0}

# What a text begins with half of the time, and how it is parsed.
PARSERS: list[tuple[str, Callable[[str], Any]]] = [
    ("v=spf1 ", spf.parse),
    ("include:", spf.parse_term),
    ("v=DMARC1;", dmarc.parse),
    ("v=DMARC1; rua=", dmarc.parse),
    ("v=STSv1; id=1;", mta_sts.parse),
    ("version: STSv1\nmode: none\nmax_age: 1\n", mta_sts.parse_policy),
    ("v=TLSRPTv1; rua=", tls_rpt.parse),
    ("10 ", mx.parse),
]


def one(data: bytes) -> None:
    counts["executions"] += 1
    if counts["executions"] % 100_000 == 0:
        print(counts, file=sys.stderr)
    if not data:
        return
    text = data[1:].decode("utf-8", "surrogateescape" if data[0] & 64 else "replace")
    beginning, parse = PARSERS[data[0] % len(PARSERS)]
    others(text)
    if data[0] & 128:
        text = beginning + text
    try:
        record = parse(text)
    except RecordError as error:
        check(error, text)
        return
    counts["accepted"] += 1
    assert parse(str(record)) == record, text
    assert str(parse(str(record))) == str(record), text


def others(text: str) -> None:
    """What is no record: macro strings and URIs."""
    for explanation in (False, True):
        try:
            parts = macro.parse(text, explanation)
        except RecordError as error:
            check(error, text)
        else:
            assert macro.parse(macro.join(parts), explanation) == parts, text
    try:
        assert text.lower().startswith(uri.check_uri(text))
    except RecordError as error:
        check(error, text)


def check(error: RecordError, text: str) -> None:
    assert (error.message + error.help).isprintable(), (error.message, error.help)
    assert 0 <= error.offset <= error.offset + error.length <= len(text), (error, text)


def main() -> None:
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
