"""`mailzone build --format octodns`: files that octoDNS itself takes, beside the owner's."""

from __future__ import annotations

import json
import warnings

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.emit.octodns import natural
from tests.octodns.runs import TOKENS, declaration, octodns

ZONE = "example.com."


@pytest.fixture
def folder(sandbox):
    """A YamlProvider's directory with a zone of the owner's, and a project."""
    sandbox.write("zones/a.yaml", yaml.safe_dump(declaration(ZONE)))
    sandbox.write(
        "config/example.com.yaml",
        """\
        '':
          - type: A
            value: 192.0.2.1
          - type: TXT
            values:
              - google-site-verification=abc
              - !include mailzone/example.com.spf.yml
        www:
          type: CNAME
          value: example.com.
        """,
    )
    return sandbox.root / "config"


def build(sandbox, folder, *more):
    return sandbox.run("build", "--format", "octodns", "--out", str(folder), *more)


def config(folder, escaped=True, **more):
    """An octoDNS configuration with the directory as its source."""
    path = folder.parent / "octodns.yaml"
    source = {
        "class": "octodns.provider.yaml.YamlProvider",
        "directory": str(folder),
        "split_extension": ".",
        "escaped_semicolons": escaped,
        **more,
    }
    out = {
        "class": "octodns.provider.yaml.YamlProvider",
        "directory": str(folder.parent / "published"),
        "escaped_semicolons": False,
    }
    made = {
        "providers": {"config": source, "out": out},
        "zones": {ZONE: {"sources": ["config"], "targets": ["out"]}},
    }
    path.write_text(yaml.safe_dump(made))
    return path


def published(folder):
    """What octoDNS makes of the directory, by name and type."""
    path = config(folder)
    octodns("sync", "--config-file", str(path), "--doit", "--force").ok()
    data = yaml.safe_load((folder.parent / "published" / "example.com.yaml").read_text())
    return {
        (name, record["type"]): record.get("values", [record.get("value")])
        for name, records in data.items()
        for record in (records if isinstance(records, list) else [records])
    }


def test_octodns_publishes_our_records_beside_the_owners(sandbox, folder):
    result = build(sandbox, folder)
    assert result.exit_code == 0, result.output
    found = published(folder)
    assert found["", "TXT"] == [TOKENS[0], "v=spf1 ip4:192.0.2.10 ~all"]
    assert found["www", "CNAME"] == ["example.com."]
    assert found["_dmarc", "TXT"] == ["v=DMARC1; p=none; rua=mailto:d@example.com;"]
    assert found["k2._domainkey", "CNAME"] == ["k2.vendor.example."]
    again = build(sandbox, folder)
    assert "0 files written, 2 unchanged" in again.output


@pytest.mark.parametrize("semicolons", ["escaped", "plain"])
def test_octodns_validates_them(sandbox, folder, semicolons):
    assert build(sandbox, folder, "--semicolons", semicolons).exit_code == 0
    path = config(folder, escaped=semicolons == "escaped")
    octodns("validate", "--config-file", str(path)).ok()
    # The other setting is refused, not published wrongly.
    path = config(folder, escaped=semicolons != "escaped")
    octodns("validate", "--config-file", str(path)).stops("escaped ;")


def test_they_fit_octodns_own_schema(sandbox, folder):
    import jsonschema

    build(sandbox, folder)
    schema = json.loads(octodns("schema", "--kind", "zone").ok().text)
    data = yaml.safe_load((folder / "example.com." / "mailzone.yaml").read_text())
    jsonschema.validate(data, schema)
    assert set(data) == {"_dmarc", "k2._domainkey", "k3._domainkey", "s1._domainkey"}


def test_records_of_every_type_arrive(sandbox, folder):
    records = [
        {"name": "mg", "type": "A", "value": ["192.0.2.80", "192.0.2.81"]},
        {"name": "mg", "type": "AAAA", "value": "2001:db8::80"},
        {"name": "mg10", "type": "MX", "value": ["10 mxa.vendor.example", "20 mxb.vendor.example"]},
        {"name": "mg9", "type": "A", "value": "192.0.2.82"},
        {"name": "_imaps._tcp", "type": "SRV", "value": "0 1 993 imap.vendor.example"},
        {"name": "mg", "type": "CAA", "value": '0 issue "ca.example"'},
        {"name": "_25._tcp.mg", "type": "TLSA", "value": f"3 1 1 {'ab' * 32}"},
        {"name": "_domainkey.mg", "type": "NS", "value": "ns1.vendor.example"},
        {"name": "*.wild", "type": "TXT", "value": "it's a text"},
    ]
    sandbox.write("zones/a.yaml", yaml.safe_dump(declaration(ZONE, records=records)))
    assert build(sandbox, folder).exit_code == 0
    found = published(folder)
    assert found["mg", "A"] == ["192.0.2.80", "192.0.2.81"]
    assert found["*.wild", "TXT"] == ["it's a text"]
    assert [one["exchange"] for one in found["mg10", "MX"]] == [
        "mxa.vendor.example.",
        "mxb.vendor.example.",
    ]
    assert found["_imaps._tcp", "SRV"][0]["port"] == 993
    assert found["_25._tcp.mg", "TLSA"][0]["certificate_association_data"] == "ab" * 32


def test_without_a_file_of_the_owner_nothing_is_written(sandbox, folder):
    (folder / "example.com.yaml").unlink()
    result = build(sandbox, folder)
    assert result.exit_code == 1
    assert "octoDNS would delete everything else" in result.output
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("where", ["file", "directory"])
def test_a_second_spf_record_in_the_owners_files_is_refused(sandbox, folder, where):
    kept = "'':\n  type: TXT\n  values: [token, v=spf1 mx ~all, !include x.yml]\n"
    path = folder / ("example.com.yaml" if where == "file" else "example.com./zone.yaml")
    path.parent.mkdir(exist_ok=True)
    path.write_text(kept)
    before = sandbox.files()
    result = build(sandbox, folder)
    assert result.exit_code == 1
    assert "replace `v=spf1 mx ~all` by the include" in result.output
    assert sandbox.files() == before


def test_a_split_directory_of_the_owner_is_joined(sandbox, folder):
    (folder / "example.com.").mkdir()
    (folder / "example.com.yaml").rename(folder / "example.com." / "zone.yaml")
    text = (folder / "example.com." / "zone.yaml").read_text()
    (folder / "example.com." / "zone.yaml").write_text(text.replace("mailzone/", "../mailzone/"))
    result = build(sandbox, folder)
    assert result.exit_code == 0
    assert "note:" not in result.output
    assert published(folder)["", "TXT"][1].startswith("v=spf1")


def test_a_fragment_that_nobody_takes_in_is_told_of(sandbox, folder):
    (folder / "example.com.yaml").write_text("www:\n  type: A\n  value: 192.0.2.1\n")
    result = build(sandbox, folder)
    assert result.exit_code == 0
    assert "`- !include mailzone/example.com.spf.yml`" in result.output


def test_a_set_that_the_owner_has_too_is_an_error_in_octodns(sandbox, folder):
    kept = (folder / "example.com.yaml").read_text()
    more = "_dmarc:\n  type: TXT\n  value: v=DMARC1\\; p=none\\;\n"
    (folder / "example.com.yaml").write_text(kept.replace("www:", more + "www:"))
    build(sandbox, folder)
    octodns("validate", "--config-file", str(config(folder))).stops("Duplicate record _dmarc")


def test_a_file_that_mailzone_did_not_write_is_left_alone(sandbox, folder):
    kept = folder / "example.com." / "mailzone.yaml"
    kept.parent.mkdir()
    kept.write_text("mine: {type: A, value: 192.0.2.1}\n")
    result = build(sandbox, folder)
    assert result.exit_code == 1
    assert "was not written by mailzone" in result.output
    assert kept.read_text().startswith("mine")


def test_release_leaves_nothing_of_ours_and_a_vanished_declaration_is_told_of(sandbox, folder):
    build(sandbox, folder)
    sandbox.write("zones/a.yaml", yaml.safe_dump(declaration(ZONE, release=True)))
    assert "has no declaration" in build(sandbox, folder).output  # the fragment
    assert yaml.safe_load((folder / "example.com." / "mailzone.yaml").read_text()) is None
    (sandbox.root / "zones" / "a.yaml").unlink()
    sandbox.write("zones/b.yaml", yaml.safe_dump(declaration("example.net.", release=True)))
    result = build(sandbox, folder)
    assert "example.com./mailzone.yaml has no declaration any more" in result.output


def test_check_writes_nothing(sandbox, folder):
    before = sandbox.files()
    assert build(sandbox, folder, "--check").exit_code == 4
    assert sandbox.files() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "octodns"],
        ["--format", "octodns", "--out", "x", "--serial-by-hand"],
        ["--semicolons", "plain"],
    ],
)
def test_wrong_usage(sandbox, arguments):
    assert sandbox.run("build", *arguments).exit_code == 2


@given(st.lists(st.from_regex(r"[a-z0-9_.*-]{1,12}", fullmatch=True), unique=True))
def test_names_are_in_the_order_that_octodns_enforces(names):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from natsort import natsort_keygen
    key = natsort_keygen()
    assert sorted(names, key=natural) == sorted(names, key=key)
