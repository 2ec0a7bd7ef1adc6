"""Sorting of a page's characters by several keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.order import STEP, median, order_by, quantile, starts_of

ROWS = st.lists(
    st.tuples(st.integers(-5, 900), st.integers(-90_000, 90_000), st.integers(-90_000, 90_000)), max_size=60
)


@given(ROWS)
def test_keys_sort_as_one_after_the_other(rows: list[tuple[int, int, int]]) -> None:
    group, across, along = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    keys = (group, across * STEP, along * STEP)
    assert order_by(*keys).tolist() == np.lexsort(keys[::-1]).tolist()


@pytest.mark.parametrize(
    "along",
    [
        pytest.param([3e300, -1.0, 2.0], id="too far apart"),
        pytest.param([np.inf, 1.0, 0.5], id="infinite"),
        pytest.param([7.0, 7.0, 7.0], id="all the same"),
    ],
)
def test_keys_that_do_not_fit(along: list[float]) -> None:
    keys = (np.array([2, 1, 1]), np.array(along))
    assert order_by(*keys).tolist() == np.lexsort(keys[::-1]).tolist()


def test_what_is_nearer_than_a_step_keeps_its_order() -> None:
    assert order_by(np.array([0.4 * STEP, 0.0, -2.0])).tolist() == [2, 0, 1]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_median(values: list[float]) -> None:
    assert median(np.array(values)) == np.median(values)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.sampled_from([0.0, 0.05, 0.1, 0.5, 1.0]))
def test_quantile(values: list[float], share: float) -> None:
    assert quantile(values, share) == np.quantile(values, share)


@given(st.lists(st.integers(0, 3), max_size=30))
def test_starts_of_runs(numbers: list[int]) -> None:
    starts = [i for i, number in enumerate(numbers) if i == 0 or number != numbers[i - 1]]
    assert starts_of(np.array(numbers, dtype=np.int64)).tolist() == starts
