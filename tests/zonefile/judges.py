"""The same master file read three times: by us, by dnspython, and by BIND.

A row is a record as dnspython's objects: owner, TTL, type and data, which compare as DNS compares
them.  Rows come in the order of the file, except from BIND, which sorts and joins equal ones.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tokenizer
import dns.ttl
import dns.zonefile

from generator.zonefile import Reader, Record, ZoneFileError

ZONE = "example.com."
IN = dns.rdataclass.IN

_OCTET = re.compile(rb"\\[\x00-\x7f]|\\?([\x80-\xff])")

Row = tuple[dns.name.Name, int, dns.rdatatype.RdataType, dns.rdata.Rdata]
Skeleton = tuple[dns.name.Name, int, str, tuple[str, ...]]
Files = Mapping[str, bytes]
Key = tuple[str, str]  # of an RRset: owner and type


class Refused(Exception):
    """A judge does not read the text."""


def decoded(part: bytes, whole: bytes) -> str:
    """Part of a text as dnspython can read it.

    It takes UTF-8 only, where ISO-8859-1 is common in old comments; then it gets escapes instead.
    """
    try:
        whole.decode("utf-8")
        return part.decode("utf-8")
    except UnicodeDecodeError:
        return _OCTET.sub(lambda f: f[0] if f[1] is None else b"\\%03d" % f[1][0], part).decode(
            "ascii"
        )


# --- ours ------------------------------------------------------------------------------------


def reader(zone: str = ZONE, files: Files | None = None) -> Reader:
    """A reader that includes from ``files``."""

    def include(name: str) -> bytes:
        if files is None or name not in files:
            raise ZoneFileError(f"{name} does not exist", 1)
        return files[name]

    return Reader(zone, include)


def row(record: Record, whole: bytes = b"") -> Row:
    """A record of ours with its data read by dnspython, word by word as we saw them."""
    owner = dns.name.from_text(record.owner.decode("ascii"))
    origin = dns.name.from_text(record.origin.decode("ascii"))
    raw = decoded(b" ".join(record.tokens), whole)
    kind = dns.rdatatype.from_text(record.type)
    return owner, record.ttl, kind, dns.rdata.from_text(IN, kind, raw, origin, relativize=False)


def ours(text: bytes, zone: str = ZONE, files: Files | None = None) -> list[Row]:
    return [row(record, text) for record in reader(zone, files).read(text)]


# --- dnspython -------------------------------------------------------------------------------


class _Recorder:
    """What dnspython's reader takes for a transaction; keeps each record as it comes.

    dns.zone would join RRsets and thereby change TTLs.
    """

    def __init__(self, zone: str) -> None:
        self.manager = self
        self.origin = dns.name.from_text(zone)
        self.rows: list[Any] = []

    def origin_information(self) -> tuple[dns.name.Name, bool, dns.name.Name]:
        return self.origin, False, self.origin

    def check_put_rdataset(self, check: Any) -> None:
        pass

    def add_unicode(self, version: str) -> None:
        pass

    def _set_origin(self, origin: dns.name.Name) -> None:
        pass

    def add(self, name: dns.name.Name, ttl: int, rdata: Any) -> None:
        self.rows.append((name, ttl, rdata.rdtype, rdata))


def dnspython(text: bytes, zone: str = ZONE, files: Files | None = None) -> list[Row]:
    recorder = _Recorder(zone)
    _dnspython(recorder, text, zone, files)
    return recorder.rows


def _dnspython(recorder: _Recorder, text: bytes, zone: str, files: Files | None) -> None:
    tokenizer = dns.tokenizer.Tokenizer(decoded(text, text), "zone")
    with _folder(files) if files else contextlib.nullcontext():
        try:
            dns.zonefile.Reader(tokenizer, IN, recorder, allow_include=bool(files)).read()  # type: ignore[arg-type]
        except (dns.exception.DNSException, ValueError, OSError) as error:
            raise Refused(f"{type(error).__name__}: {error}") from error


class _Words:
    """Data as dnspython's tokens, whatever their type wants them to be."""

    def __init__(
        self, rdclass: Any, rdtype: Any, tokenizer: dns.tokenizer.Tokenizer, *_: Any
    ) -> None:
        self.rdtype = rdtype
        tokens = tokenizer.get_remaining()
        tokenizer.get_eol_as_token()
        self.words = tuple(f'"{t.value}"' if t.is_quoted_string() else t.value for t in tokens)

    @property
    def minimum(self) -> int:
        return dns.ttl.from_text(self.words[-1] if self.words else "")


def _any_type(text: str) -> dns.rdatatype.RdataType | str:
    try:
        return dns.rdatatype.RdataType.from_text(text)
    except (dns.rdatatype.UnknownRdatatype, ValueError):
        return text.upper()


def skeleton(text: bytes, zone: str = ZONE) -> list[Skeleton]:
    """What dnspython reads but for the meaning of types and data, which it takes as they come."""
    recorder = _Recorder(zone)
    with (
        mock.patch.object(dns.rdata, "from_text", _Words),
        mock.patch.object(dns.rdatatype, "from_text", _any_type),
    ):
        _dnspython(recorder, text, zone, None)
    found: list[Skeleton] = []
    for owner, ttl, kind, words in recorder.rows:
        assert isinstance(words, _Words)
        shown = kind if isinstance(kind, str) else dns.rdatatype.to_text(kind)
        found.append((owner, ttl, shown, words.words))
    return found


def our_skeleton(text: bytes, zone: str = ZONE) -> list[Skeleton]:
    return [
        (
            dns.name.from_text(record.owner.decode("ascii")),
            record.ttl,
            record.type,
            tuple(decoded(token, text) for token in record.tokens),
        )
        for record in reader(zone).read(text)
    ]


@contextlib.contextmanager
def _folder(files: Files | None) -> Any:
    """A new folder with these files, which is the working folder meanwhile."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, content in (files or {}).items():
            path = Path(os.fsdecode(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield Path(folder)


# --- BIND ------------------------------------------------------------------------------------

# Only reading is asked for, no advice.
_QUIET = [flag for letter in "iknrmMSTW" for flag in (f"-{letter}", "ignore")]
_QUIET[1] = "none"


def bind(text: bytes, zone: str = ZONE, files: Files | None = None) -> list[Row]:
    from tests.servers.bind import tool  # it needs pytest, which fuzzing does without

    with _folder({**(files or {}), "zone.in": text}):
        command = [tool("named-compilezone"), *_QUIET, "-o", "zone.out", zone, "zone.in"]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise Refused(done.stdout.decode("utf-8", "replace").strip())
        return dnspython(Path("zone.out").read_bytes(), zone)


# --- comparison ------------------------------------------------------------------------------


def joined(rows: list[Row], mixed: Collection[Key] = ()) -> set[tuple[Key, int, dns.rdata.Rdata]]:
    """The rows as a server holds them: a set, without the TTLs of the RRsets in ``mixed``."""
    keyed = [(key(row), *row) for row in rows]
    return {(one, -1 if one in mixed else ttl, rdata) for one, _, ttl, _, rdata in keyed}


def mixed(rows: list[Row]) -> set[Key]:
    """The RRsets with several TTLs, among which servers choose."""
    ttls: dict[Key, set[int]] = {}
    for row in rows:
        ttls.setdefault(key(row), set()).add(row[1])
    return {one for one, found in ttls.items() if len(found) > 1}


def key(row: Row) -> Key:
    return row[0].canonicalize().to_text(), dns.rdatatype.to_text(row[2])
