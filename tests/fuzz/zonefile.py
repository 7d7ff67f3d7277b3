"""Coverage-guided fuzzing of the master-file reader, with dnspython as the judge.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris dnspython
    /tmp/fuzz/bin/python tests/fuzz/zonefile.py -max_total_time=600 -max_len=4096 \
        -dict=tests/fuzz/zonefile.dict /tmp/corpus tests/data/zones

A find is an exception other than ZoneFileError, or a text that dnspython reads otherwise or not at
all, apart from the data's meaning.  An input that begins with
the octet 0 is a recipe: each further octet stands for a piece of text that is likely to matter.
"""

from __future__ import annotations

import contextlib
import sys
from itertools import pairwise
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[0] = str(ROOT)  # instead of this folder, whose modules are called like those under test

with atheris.instrument_imports(include=["generator.zonefile"]):
    from generator.zonefile import ZoneFileError, includes, soa_serial

from tests.zonefile.judges import Refused, our_skeleton, reader, skeleton  # noqa: E402

counts = {"executions": 0, "accepted": 0, "compared": 0}

# Octets up to 127 stand for themselves, those above for these.
PIECES = [
    *(piece.encode() for piece in (
        " ", "\n", "\n", "\n ", "\n@ ", "\r\n", "\t", "(", ")", " (", ") ", "(\n", "\n)", ";", "; c\n",
        '"', '""', '"a;b"', '" "', "\\", "\\\\", '\\"', "\\;", "\\.", "\\046", "\\065", "\\999",
        "\\(", "\\@", "\\[", "\\#", "\\ ", "@", ".", "..", "$", "*", "a", "A", "b.", "a.b", "x" * 63,
        "example.com.", "other.net.", "IN", "in", "CH", "ANY", "CLASS1", "0", "60", "300", "1h", "1W2d",
        "2147483647", "2147483648", "TXT", "txt", "MX", "SOA", "NS", "CNAME", "TYPE1", "TYPE16",
        "TYPE65280", " A 192.0.2.1\n", " TXT a\n", " TXT (\na )\n", " IN A 192.0.2.1", " 60 TXT x\n",
        " MX 10 a\n", " CNAME b\n", " NS a.\n", " TXT \\# 2 0161\n", " TYPE16 \\# 2 0161\n",
        " A \\# 4 c0000201\n", " TXT a\\;b\n", ' TXT "a" "b"\n', ' TXT "a""b"\n', " IN 60 A 192.0.2.1\n",
        "$TTL 60\n", "$TTL 1h\n", "$ORIGIN ", "$ORIGIN a\n", "$ORIGIN example.com.\n", "$INCLUDE a\n",
        "@ SOA a b 1 2 3 4 5\n", "@ 9 SOA a b 1 2 3 4 5\n", "@ 60 IN SOA a b ( 1 2\n3 4 5 )\n",
        "c.org. 5 TXT x\n", "\n 7 A 192.0.2.7\n", "\nd A 192.0.2.8\n", "e 8 TXT x\n", "e 9 TXT x\n",
    )),
    b"\xc3\xbc", b'"\xc3\xbc"', b"\xff", b"\x00", b"\x7f", b"\r",
]  # fmt: skip


def one(data: bytes) -> None:
    counts["executions"] += 1
    if counts["executions"] % 50_000 == 0:
        print(counts, file=sys.stderr)
    if data[:1] == b"\0":
        data = b"".join(
            bytes([octet]) if octet < 128 else PIECES[(octet - 128) % len(PIECES)]
            for octet in data[1:]
        )
    for function in (soa_serial, includes):
        with contextlib.suppress(ZoneFileError):
            function(data)
    try:
        records = reader().read(data)
    except ZoneFileError:
        return
    counts["accepted"] += bool(records)
    spans = [(record.start, record.end) for record in records]
    assert all(a[1] <= b[0] for a, b in pairwise(spans)), spans
    found = our_skeleton(data)
    try:
        expected = skeleton(data)
    except Refused as refused:
        # It takes a comment for the whole entry if it comes first between parentheses.
        if "expected EOL or EOF" in str(refused):
            return
        raise AssertionError(f"only dnspython refuses: {refused}") from refused
    counts["compared"] += bool(found)
    assert found == expected, f"{found} != {expected}"


def main() -> None:
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
