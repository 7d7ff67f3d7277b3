"""Equal things as one object."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator import pool
from generator.pool import Pool


@given(st.lists(st.text(max_size=3)))
def test_a_thing_comes_back_as_the_first_one_equal_to_it(texts):
    made: Pool[tuple[str]] = Pool()
    first: dict[str, tuple[str]] = {}
    for text in texts:
        thing = (text,)
        kept = first.setdefault(text, thing)
        assert made[thing] is kept


def test_a_full_pool_takes_no_more_and_still_answers(monkeypatch):
    monkeypatch.setattr(pool, "_LIMIT", 2)
    made: Pool[tuple[int]] = Pool()
    held = [made[(number,)] for number in range(2)]
    late = (2,)
    assert made[late] is late
    assert len(made) == 2
    assert [made[(number,)] for number in range(2)] == held
