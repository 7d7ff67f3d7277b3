"""The shipped catalogue: compiled once in a checkout, packed into a wheel."""

from __future__ import annotations

import shutil

import pytest
import yaml

from generator import resources
from generator.catalogue import load
from generator.catalogue.packed import pack, unpack
from generator.catalogue.shipped import compile_shipped
from tests.support import ROOT

SHIPPED = (ROOT / "providers.yaml").read_bytes()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of its own, so that its cache can be spoiled."""
    root = tmp_path / "checkout"
    root.mkdir()
    shutil.copy(ROOT / "providers.yaml", root)
    shutil.copytree(ROOT / "schemas", root / "schemas")
    monkeypatch.setattr(resources, "root", root)
    monkeypatch.setattr(resources, "installed", False)
    return root


def kept(checkout):
    """The one file of the cache."""
    (file,) = (checkout / "build/.cache").iterdir()
    return file


def test_the_cache_holds_what_the_YAML_says(checkout):
    first = load()
    file = kept(checkout)
    packed, _, text = file.read_bytes().partition(b"\0")
    assert text == SHIPPED
    assert unpack(packed) == first.entries == compile_shipped(SHIPPED)
    before = file.stat().st_mtime_ns
    second = load()
    assert second.entries == first.entries
    assert file.stat().st_mtime_ns == before
    assert [second.get(id) for id in second] == [first.get(id) for id in first]


def test_another_text_of_the_catalogue_is_compiled_anew(checkout):
    load()
    file = checkout / "providers.yaml"
    file.write_text(file.read_text().replace("name: Mailchimp", "name: Another"))
    assert load().get("mailchimp").name == "Another"
    assert load().get("mailchimp").name == "Another"
    kept(checkout)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: b"",
        lambda raw: b"{",
        lambda raw: b"\0" + SHIPPED,
        lambda raw: b"[]\0" + SHIPPED,
        lambda raw: b"{}\0" + SHIPPED,
        lambda raw: b"\xff\0" + SHIPPED,
        lambda raw: b'{"ids":["a"],"aliases":{},"costs":{}}\0' + SHIPPED,
        lambda raw: raw[:-1],
        lambda raw: raw.replace(b"\0", b""),
    ],
)
def test_a_spoilt_cache_is_made_anew(checkout, spoil):
    wanted = load().entries
    good = kept(checkout).read_bytes()
    kept(checkout).write_bytes(spoil(good))
    assert load().entries == wanted
    assert kept(checkout).read_bytes() == good


def test_a_cache_that_cannot_be_written_does_not_matter(checkout):
    wanted = compile_shipped(SHIPPED)
    (checkout / "build").write_text("a file where the folder should be")
    assert load().entries == wanted
    (checkout / "build").unlink()
    assert load().entries == wanted
    cached = kept(checkout)
    cached.unlink()
    cached.mkdir()
    assert load().entries == wanted
    assert kept(checkout) == cached, "nothing is left lying about"


def test_an_installed_wheel_reads_what_was_packed(checkout, monkeypatch):
    monkeypatch.setattr(resources, "installed", True)
    (checkout / "catalogue.json").write_bytes(pack(compile_shipped(SHIPPED)))
    (checkout / "providers.yaml").unlink()
    assert load().entries == compile_shipped(SHIPPED)
    assert not (checkout / "build").exists()


def test_a_fault_of_the_shipped_catalogue_is_an_error_of_ours():
    with pytest.raises(ValueError, match="stray brace"):
        compile_shipped(SHIPPED.replace(b'"include:_spf.google.com"', b'"include:{"'))


def test_the_YAML_of_the_catalogue_means_the_same_to_other_readers():
    """No scalar in it is read differently by PyYAML's own loader."""
    assert yaml.safe_load(SHIPPED)["services"] == compile_shipped(SHIPPED)
