"""Coverage-guided fuzzing of DKIM key records: only RecordError, and keys as cryptography sees them.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris cryptography
    /tmp/fuzz/bin/python tests/fuzz/dkim.py -max_total_time=600 -max_len=2048 /tmp/corpus

The first octet chooses the function.  To get past base64 some inputs are taken as DER and encoded.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[0] = str(ROOT)  # instead of this folder, whose modules are called like those under test

with atheris.instrument_imports(include=["generator.records"]):
    from generator.records.dkim import Key, check, from_base64, is_private, parse, read_key
    from generator.records.error import RecordError

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: E402
from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: E402

counts = {"executions": 0, "accepted": 0}


def one(data: bytes) -> None:
    counts["executions"] += 1
    if counts["executions"] % 50_000 == 0:
        print(counts, file=sys.stderr)
    if not data:
        return
    choice, rest = data[0], data[1:]
    text = rest.decode("utf-8", "replace")
    is_private(text)
    try:
        if choice % 4 == 0:
            record = parse(text)
            assert parse(str(record)) == record, text
            assert all(map(str.strip, (*record.flags, *record.hashes, *record.services)))
            read, key = check(text)
            assert read == record
            assert key is None or key == record.key()
        elif choice % 4 == 1:
            read_key("ed25519" if choice & 4 else "rsa", text)
        elif choice % 4 == 2:
            made = from_base64(text)
            assert parse(str(made)) == made
            made.key()
        else:
            agrees(rest, read_key("rsa", base64.b64encode(rest).decode("ascii")))
    except RecordError as error:
        placed(error, text if choice % 4 < 3 else base64.b64encode(rest).decode("ascii"))
        return
    counts["accepted"] += 1


def placed(error: RecordError, text: str) -> None:
    assert error.message.isprintable(), error.message
    assert 0 <= error.offset <= error.offset + error.length <= len(text), (error, text)


def agrees(der: bytes, key: Key) -> None:
    """A SubjectPublicKeyInfo that both read has the same size in both."""
    try:
        judged = load_der_public_key(der)
    except Exception:  # whatever it is, it does not judge
        return
    assert isinstance(judged, RSAPublicKey), der.hex()
    assert judged.key_size == key.bits, (judged.key_size, key)


def main() -> None:
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
