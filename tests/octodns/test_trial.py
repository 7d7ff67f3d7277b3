"""A random trial: strangers' TXT sets of every kind, our SPF record put in, changed and taken out.

What counts is that not one foreign octet changes.  ``MAILZONE_TRIALS`` sets how many zones the long
trial has on each server, ``MAILZONE_SEED`` which ones.
"""

from __future__ import annotations

import os
import random

import pytest
import yaml

from tests.octodns.hosts import Bind, wire

TRIALS = int(os.environ.get("MAILZONE_TRIALS", "300"))
SEED = int(os.environ.get("MAILZONE_SEED", "20261121"))

PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789=-_. ;:/+"
ODD = '\\\\"";;\'`$%{}()@ \t'


def string(rng: random.Random, text_only: bool) -> bytes:
    """One character-string: plain, full of syntax, UTF-8, or any octets at all."""
    length = rng.choice([0, 1, 2, 5, 20, 60, 254, 255])
    kind = rng.choice(["plain", "plain", "plain", "odd", "quoted", "utf8", "raw"])
    if kind == "plain":
        return "".join(rng.choices(PLAIN, k=max(1, length))).encode()
    if kind == "odd":
        return "".join(rng.choices(PLAIN + ODD * 3, k=length)).encode()
    if kind == "quoted":
        return f'"{"".join(rng.choices(PLAIN, k=min(length, 200)))}"'.encode()
    if kind == "utf8" or text_only:
        return "".join(rng.choices("aé漢\u0007\u007f ", k=length // 3)).encode()
    return bytes(rng.randrange(256) for _ in range(length))


def quoted(octets: bytes) -> str:
    """A character-string in presentation form (RFC 1035 5.1)."""
    return '"' + "".join(chr(o) if chr(o) in PLAIN else f"\\{o:03d}" for o in octets) + '"'


def value(rng: random.Random, text_only: bool) -> str:
    strings = [string(rng, text_only) for _ in range(rng.choice([1, 1, 1, 1, 2, 3]))]
    return " ".join(quoted(one) for one in strings)


def harmless(rng: random.Random) -> str:
    """A text as verification tokens are, some at the edge of what fits into one string."""
    length = rng.choice([1, 7, 40, 253, 254, 255])
    return quoted("".join(rng.choices(PLAIN, k=length)).encode())


def zone_of(rng: random.Random, zone: str, text_only: bool):
    """A zone with strangers' texts at its apex, where ours will join them, and elsewhere."""
    mild = rng.random() < 0.4
    apex = {harmless(rng) if mild else value(rng, text_only) for _ in range(rng.randrange(1, 5))}
    ttl = rng.choice([60, 300, 3600])
    made = [(zone, "TXT", ttl, one) for one in sorted(apex)]
    return [*made, (f"other.{zone}", "TXT", 60, value(rng, text_only))]


@pytest.mark.parametrize("trials", [30, pytest.param(TRIALS, marks=pytest.mark.slow)])
def test_no_foreign_octet_changes(host, zone, setup, trials):
    rng = random.Random(SEED + trials)
    text_only = isinstance(host, Bind)  # its provider cannot read a zone with other octets
    names = [f"t{number}.{zone}" for number in range(trials)]
    zones = {name: zone_of(rng, name, text_only) for name in names}
    for name, records in zones.items():
        host.add(name, records)
    before = {name: wire(host, name) for name in names}
    made = setup(host, zone, overlay={"on_conflict": "skip"})
    entry = made.whole()["zones"][zone]
    made.config = {"zones": dict.fromkeys(names, entry)}
    applied: set[str] = set()
    for term in ("ip4:9.9.9.9", "ip4:9.9.9.10", None):
        spf = f"v=spf1 {term} ?all"
        wanted = {"stage": "audit", "spf": {"also": [term]}} if term else {"release": True}
        wanted.setdefault("stage", "audit")
        document = {"domains": [name.rstrip(".") for name in names], **wanted}
        (made.root / "zones" / "all.yaml").write_text(yaml.safe_dump(document))
        made.sync(force=True).ok()
        for name in names:
            after = wire(host, name)
            ours = {record for record in after - before[name] if record[0] != f"_mailzone.{name}"}
            assert before[name] <= after, (name, zones[name])
            texts = {record[3][1:].decode() for record in ours if record[0] == name}
            assert texts == set() or (term and texts == {spf}), (name, zones[name])
            applied |= {name} if texts else set()
        again = made.sync(force=True).ok()
        assert "No changes were planned" in again.text
    assert {name: wire(host, name) for name in names} == before
    assert len(applied) >= trials / 10, "hardly any trial came to a rewrite"
    assert len(applied) < trials, "no trial was refused"
