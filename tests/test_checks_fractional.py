"""Computations with one unknown number: a value that holds is never left out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.fractional import Fractional, Undecided, X
from pipeline.checks.percent import change_ratio, difference, negative_change_ratio, product, ratio, shortfall_ratio
from pipeline.checks.relations import Compute, add

AMOUNTS = st.integers(-(10**14), 10**14).map(lambda n: Decimal(n) / 100)
FORMULAS = [ratio, change_ratio, negative_change_ratio, shortfall_ratio, difference, product, add]


def run(how: Compute, values: Sequence[Decimal | Fractional]) -> Decimal | Fractional | None:
    return how(values)  # type: ignore[arg-type]


@given(st.sampled_from(FORMULAS), AMOUNTS, AMOUNTS, st.integers(0, 1), st.sampled_from([Decimal("0.005"), Decimal(1)]))
def test_a_value_that_holds_comes_near(
    how: Compute, one: Decimal, other: Decimal, unknown: int, apart: Decimal
) -> None:
    values = [one, other]
    result = run(how, values)
    expected = run(how, [X if place == unknown else value for place, value in enumerate(values)])
    if isinstance(result, Decimal) and isinstance(expected, Fractional):
        for found in (result, -result, result + apart, result - apart):
            assert expected.comes_near(found, apart)(float(values[unknown]))


@pytest.mark.parametrize(
    ("how", "values", "found", "near", "far"),
    [
        pytest.param(ratio, [X, Decimal(80)], Decimal("75.00"), 60, 61, id="top of a ratio"),
        pytest.param(ratio, [Decimal(60), X], Decimal("75.00"), 80, 81, id="bottom of a ratio"),
        pytest.param(change_ratio, [Decimal(120), X], Decimal("20.00"), 100, 101, id="twice in a change"),
    ],
)
def test_a_value_far_off_is_left_out(
    how: Compute, values: list[Decimal | Fractional], found: Decimal, near: float, far: float
) -> None:
    expected = run(how, values)
    assert isinstance(expected, Fractional)
    may_be = expected.comes_near(found, Decimal("0.01"))
    assert may_be(near) and not may_be(far)


def test_the_square_of_the_unknown_is_undecided() -> None:
    with pytest.raises(Undecided):
        run(product, [X, X])
