"""mailzone schema."""

from __future__ import annotations

import json

from tests.support import ROOT, call


def test_it_prints_the_committed_schema_octet_for_octet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no project: no services of its own
    committed = (ROOT / "schemas/declaration.schema.json").read_bytes()
    assert call("schema").stdout_bytes == committed


def test_it_is_json(sandbox):
    assert json.loads(sandbox.run("schema").stdout)["title"] == "mailzone declaration"
