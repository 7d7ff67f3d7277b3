"""The official test suite of RFC 7208, all of it."""

from __future__ import annotations

import pytest

from generator.simulate.client import Client
from generator.simulate.spf import check
from tests.simulate import official

CASES = list(official.cases())


def test_the_suite_is_all_there():
    assert len(CASES) == 203
    assert sum(len(case.results) > 1 for case in CASES) == 6


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case):
    verdict = check(official.Zone(case.zone), Client(**case.client))
    assert verdict.result in case.results, verdict
    if case.explanation is not None:
        assert (verdict.explanation or "DEFAULT") == case.explanation
