"""Merges happen at one moment, so that serials can be told."""

from __future__ import annotations

import pytest

EPOCH = 1795262400  # 2026-11-21 12:00 UTC


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
