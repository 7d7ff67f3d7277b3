"""The lock file: what is written is what is read, and nothing else is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given

from generator.finding import Severity
from generator.lock import FILE, Lock, load
from generator.lock.read import of_text
from generator.lock.text import text
from tests.lock.worlds import lock, locks
from tests.support import ROOT

VECTORS = yaml.safe_load((ROOT / "tests/data/lock-invalid.yaml").read_text())

SAMPLE = lock(
    {
        "example.net": {"A": ["192.0.2.1", "192.0.2.2"], "AAAA": [], "MX": "10 mail.example.net"},
        "vendor.example": "v=spf1 include:_spf.vendor.example ~all",
        "_spf.vendor.example": "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8:: a:gone.vendor.example -all",
        "gone.vendor.example": {"A": "-", "AAAA": "-"},
        "s1.vendor.example": "k=rsa; p=MIGf",
    }
)

TEXT = """\
# Written by `mailzone lock`: what the declarations depend on outside, as DNS answered.
# Review it like code, and change it by that command only.
format: 1
seen: 2026-11-21
names:
  vendor.example:
    first: 2026-11-21
    lookups: 3
    void: 1
    TXT:
      ttl: 300
      spf:
        - include:_spf.vendor.example
        - ~all
  _spf.vendor.example:
    first: 2026-11-21
    lookups: 2
    void: 1
    TXT:
      ttl: 300
      spf:
        - ip4:192.0.2.0/24
        - "ip6:2001:db8::"
        - a:gone.vendor.example
        - -all
  gone.vendor.example:
    first: 2026-11-21
    A:
      status: nxdomain
    AAAA:
      status: nxdomain
  s1.vendor.example:
    first: 2026-11-21
    TXT:
      ttl: 300
      data:
        - "k=rsa; p=MIGf"
  example.net:
    first: 2026-11-21
    A:
      ttl: 300
      data:
        - 192.0.2.1
        - 192.0.2.2
    AAAA:
      status: nodata
    MX:
      ttl: 300
      data:
        - "10 mail.example.net"
"""


def test_a_lock_is_one_block_a_name_and_one_term_a_line():
    assert text(SAMPLE) == TEXT


def test_the_text_is_read_again():
    loaded = of_text(TEXT.encode())
    assert loaded.findings == []
    assert loaded.lock == SAMPLE


@given(locks())
def test_every_lock_comes_back_as_it_was_written(made: Lock):
    written = text(made)
    loaded = of_text(written.encode())
    assert loaded.findings == []
    assert loaded.lock == made
    assert text(loaded.lock) == written


@given(locks())
def test_other_yaml_readers_see_the_same_texts(made: Lock):
    read = yaml.safe_load(text(made))
    for name, entry in made.entries.items():
        for type, held in entry.sets.items():
            there = read["names"][name][type]
            if held.answer.status != "ok":
                assert there == {"status": held.answer.status}
            elif "spf" in there:
                assert (" ".join(["v=spf1", *there["spf"]]),) == held.answer.data
            else:
                assert tuple(there["data"]) == held.answer.data


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_what_is_no_lock_is_refused_at_its_line(vector):
    loaded = of_text(vector["text"].encode())
    found = [
        (f.severity.label, f.rule, f"{f.place.line}:{f.place.column}" if f.place.line else "-")
        for f in loaded.findings
    ]
    assert found == [tuple(one.split()) for one in vector["found"]], loaded.findings
    assert vector["says"] in loaded.findings[0].message
    graves = [f for f in loaded.findings if f.severity is Severity.ERROR]
    assert (loaded.lock is None) is bool(graves)
    assert loaded.sound is not bool(graves)


def test_a_lock_out_of_order_is_written_in_order_again():
    head, names = TEXT.split("names:\n")
    blocks = ["  " + block for block in names.split("\n  ") if block]
    entries: list[str] = []
    for line in names.splitlines(keepends=True):
        if line.startswith("  ") and line[2] != " ":
            entries.append("")
        entries[-1] += line
    assert len(entries) == 5 < len(blocks)
    loaded = of_text((head + "names:\n" + "".join(reversed(entries))).encode())
    assert [f.severity for f in loaded.findings] == [Severity.WARNING]
    assert text(loaded.lock) == TEXT


def test_a_project_without_a_lock_has_none(tmp_path: Path):
    (tmp_path / "zones").mkdir()
    loaded = load(tmp_path)
    assert (loaded.lock, loaded.findings, loaded.sound) == (None, [], True)


def test_a_lock_is_read_from_the_project(tmp_path: Path):
    (tmp_path / "zones").mkdir()
    (tmp_path / FILE).write_text(TEXT)
    assert load(tmp_path).lock == SAMPLE


def test_a_link_is_not_followed(tmp_path: Path):
    (tmp_path / "zones").mkdir()
    (tmp_path / "elsewhere.yaml").write_text(TEXT)
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere.yaml")
    loaded = load(tmp_path)
    assert loaded.lock is None
    assert [f.rule for f in loaded.findings] == ["file-link"]


def test_a_pipe_a_folder_and_a_huge_file_are_refused(tmp_path: Path):
    (tmp_path / "zones").mkdir()
    file = tmp_path / FILE
    os.mkfifo(file)
    found = [load(tmp_path).findings[0].rule]
    file.unlink()
    file.mkdir()
    found.append(load(tmp_path).findings[0].rule)
    file.rmdir()
    with file.open("wb") as stream:
        stream.truncate(1 << 40)
    found.append(load(tmp_path).findings[0].rule)
    assert found == ["file-unreadable", "file-unreadable", "file-too-large"]


def test_a_merge_conflict_is_named_as_such(tmp_path: Path):
    (tmp_path / "zones").mkdir()
    conflict = "<<<<<<< HEAD\nseen: 2026-11-20\n=======\nseen: 2026-11-21\n>>>>>>> branch\n"
    (tmp_path / FILE).write_text(TEXT.replace("seen: 2026-11-21\n", conflict))
    loaded = load(tmp_path)
    assert loaded.lock is None
    assert [(f.rule, f.place.line) for f in loaded.findings] == [("yaml-syntax", 4)]
    assert "merge conflict" in loaded.findings[0].message
