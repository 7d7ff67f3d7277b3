"""What others wrote: whole zone files, octoDNS's YAML, and records as texts.

The texts are the files below ``tests/data/lint``; `tests.lint.lintcases` describes their form.
"""

from __future__ import annotations

import pytest
import yaml

from generator.finding import Severity
from generator.lint import zonetext
from generator.lint.others import lint_octodns, lint_zone
from generator.lint.texts import KINDS, lint_text
from generator.lint.zonetext import MAX_LINE, MAX_REFUSED
from tests.cases import keys, with_keys
from tests.lint.lintcases import FOLDER, Text, agrees, described, texts
from tests.support import ROOT

ZONES = texts("zones")
OCTODNS = texts("octodns")
VECTORS = yaml.safe_load((FOLDER / "texts.yaml").read_text(encoding="utf-8"))
HAND_MADE = sorted((ROOT / "tests" / "data" / "zones").glob("*.zone"))


@pytest.mark.parametrize("text", ZONES, ids=lambda text: text.name)
def test_a_zone_file_brings_up_what_it_says_at_its_end(text: Text):
    agrees(text, lint_zone(text.raw, "example.com.", f"{text.name}.zone", {}))


@pytest.mark.parametrize("text", OCTODNS, ids=lambda text: text.name)
def test_an_octodns_file_brings_up_what_it_says_at_its_end(text: Text):
    agrees(text, lint_octodns(text.raw, "example.com.", f"{text.name}.yaml", {}))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['kind']} {vector['text']}")
def test_a_text_brings_up_its_faults_at_their_columns(vector):
    found = lint_text(vector["kind"], with_keys(vector["text"]))
    said = [f"{' '.join(described(one))} {one.message}" for one in found]
    assert said == vector["found"]


def test_every_kind_of_text_has_vectors():
    assert {vector["kind"] for vector in VECTORS} == set(KINDS)


# What is wrong in the zones that the reader is tested with; the others are sound.
MISTAKES = {
    "dkim": ["dkim-p-invalid", "dkim-p-type"],
    "hosting": ["dkim-p-invalid"],
    "startup": ["dmarc-wrong-owner", "dmarc-value", "zone-unquoted-semicolon"],
}


@pytest.mark.parametrize("path", HAND_MADE, ids=lambda path: path.stem)
def test_zones_as_people_keep_them_have_no_errors_where_they_are_sound(path):
    found = lint_zone(path.read_bytes(), f"{path.stem}.", path.name, {})
    errors = sorted((f for f in found if f.severity is Severity.ERROR), key=lambda f: f.order)
    assert [one.rule for one in errors] == MISTAKES.get(path.stem.partition(".")[0], [])


def test_a_key_is_cut_short_in_the_line_that_is_shown():
    key = keys()["rsa2048"]
    raw = f'$TTL 1\nk._domainkey TXT "v=DKIM1; t=y; p={key[:200]}" "{key[200:]}"\n'.encode()
    (found,) = [f for f in lint_zone(raw, "example.com.", "f", {}) if f.rule == "dkim-test-flag"]
    place = found.place
    assert place is not None
    assert key[:48] not in place.text
    assert place.text[place.shown - 1 :][: place.width] == place.text.strip()
    assert place.end_column == len(raw.splitlines()[1]) + 1


def test_of_a_very_long_line_the_beginning_is_shown():
    raw = b'$TTL 1\nw TXT "' + b"a b " * 60 + b'" \\9\n'
    (found,) = lint_zone(raw, "example.com.", "f", {})
    assert found.place is not None
    assert found.place.text.endswith("...")
    assert len(found.place.text) == MAX_LINE + 3


def test_a_file_full_of_faults_is_given_up_and_that_is_said():
    raw = b"$TTL 1\n" + b"x\n" * 1000
    found = lint_zone(raw, "example.com.", "f", {})
    assert len(found) == MAX_REFUSED
    assert "from here on nothing is checked" in found[-1].message
    assert [f.place.line for f in found] == list(range(2, MAX_REFUSED + 2))


def test_of_a_large_file_fewer_faults_are_told_so_that_it_comes_to_an_end(monkeypatch):
    raw = b"$TTL 1\n" + b"x\n" * 1000
    monkeypatch.setattr(zonetext, "MAX_REREAD", 9 * len(raw) // 2)
    found = lint_zone(raw, "example.com.", "f", {})
    assert len(found) == 5
    assert "from here on nothing is checked" in found[-1].message


@pytest.mark.parametrize(
    "raw", ["\ufeff$TTL 1\na A 8.8.8.8\n".encode("utf-16"), b"\0\0\0\2raw zone"]
)
def test_what_is_no_text_is_told_once(raw):
    (found,) = lint_zone(raw, "example.com.", "f", {})
    assert (found.rule, found.severity) == ("file-encoding", Severity.ERROR)


def test_an_octodns_file_that_is_no_utf_8_is_told_of():
    (found,) = lint_octodns(b"a: {type: TXT, value: \xff}\n", "example.com.", "f", {})
    assert found.rule == "file-encoding"


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("@ MX 10 mx.news", ["zone-missing-dot"]),  # news is a top-level domain
        ("@ MX 10 mx.news.example.com.", []),  # said in full, it is meant so
        ("@ MX 10 mx.news\nmx.news A 8.8.8.8", []),  # there is such a host
        ("@ MX 10 mx.news\nnews NS ns.example.net.", []),  # others know
        ("@ MX 10 mx.news\n*.news A 8.8.8.8", []),
        ("@ MX 10 mx", []),
        ("www CNAME www.vendor.co.uk", ["zone-missing-dot"]),
    ],
)
def test_a_target_lacks_its_dot_only_if_it_was_written_without(line, rules):
    raw = f"$TTL 1\n@ SOA ns h 1 1h 10m 2w 1h\n{line}\n".encode()
    assert [f.rule for f in lint_zone(raw, "example.com.", "f", {})] == rules


def test_an_owner_may_be_the_zones_name_twice_where_that_is_one_label():
    raw = b"$TTL 1\nx.com.com. A 8.8.8.8\n"
    assert lint_zone(raw, "com.", "f", {}) == []


def test_costs_that_are_known_are_counted():
    raw = b'$TTL 1\n@ TXT "v=spf1 include:a.example.net include:b.example.net -all"\n'
    costs = {"include:a.example.net": 6, "include:b.example.net": 5}
    found = lint_zone(raw, "example.com.", "f", costs)
    assert [one.rule for one in found] == ["spf-lookup-limit"]
    assert [f.rule for f in lint_text("spf", "v=spf1 include:a.example.net -all", costs)] == []


@pytest.mark.parametrize("zone", ["example.com.", "com.", "."])
def test_records_of_any_zone_can_be_read(zone):
    raw = b'$TTL 1\n_dmarc.example.com. TXT "v=DMARC1; p=block"\n'
    assert [f.rule for f in lint_zone(raw, zone, "f", {})] == ["dmarc-value"]
