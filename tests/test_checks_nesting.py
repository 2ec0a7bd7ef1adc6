"""Totals over lines that are the sums of others, without codes or levels."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks import check_document
from pipeline.checks.nesting import nested
from tests.tables_by_hand import column, statuses, table


@pytest.mark.parametrize(
    ("amounts", "highest", "parts"),
    [
        pytest.param([900, 400, 500, 200], [0, 3], {0: [1, 2]}, id="one-sum"),
        pytest.param([900, 400, 400, 500, 200], [0, 4], {0: [1, 3], 1: [2]}, id="a-part-of-the-same-amount"),
        pytest.param([400, 500, 200], [0, 1, 2], {}, id="flat"),
        pytest.param([900, 400, None, 500], [0], {0: [1, 2, 3]}, id="a-line-without-an-amount"),
        pytest.param([0, 0, 0], [0, 1, 2], {}, id="noughts"),
    ],
)
def test_nested(amounts: list[int | None], highest: list[int], parts: dict[int, list[int]]) -> None:
    assert nested([None if a is None else Decimal(a * 1000) for a in amounts]) == (highest, parts)


def test_two_equal_lines_may_stand_side_by_side() -> None:
    amounts = [Decimal(400_000), Decimal(400_000)]
    assert nested(amounts) == ([0], {0: [1]})
    assert nested(amounts, single=False) == ([0, 1], {})


def test_small_amounts_tell_nothing() -> None:
    assert nested([Decimal(9), Decimal(4), Decimal(5)]) == ([0, 1, 2], {})


@given(st.lists(st.lists(st.integers(100_000, 10**12), min_size=2, max_size=4), min_size=1, max_size=6))
def test_the_highest_lines_add_up_to_all_that_is_below(groups: list[list[int]]) -> None:
    amounts = [Decimal(a) for group in groups for a in (sum(group), *group)]
    highest, parts = nested(amounts)
    assert all(sum(amounts[i] for i in below) == amounts[place] for place, below in parts.items())
    assert sorted([*highest, *(i for below in parts.values() for i in below)]) == list(range(len(amounts)))


ROWS = ["1.400.000", "900.000", "400.000", "500.000", "500.000", "300.000", "200.000"]


def test_a_total_takes_up_the_highest_lines_alone() -> None:
    meant = table([column(0, "target")], [("other", "Line", [a]) for a in ROWS] + [("total", "JUMLAH", ["1.400.000"])])
    checks = check_document([meant], []).checks
    assert {c.verdict for c in checks} == {"holds"}
    assert set(statuses(meant).values()) == {"verified"}


def test_nothing_is_in_conflict_where_it_is_not_known_what_a_total_takes_up() -> None:
    meant = table(
        [column(0, "target")], [("other", "Line", [a]) for a in ROWS[1:]] + [("total", "JUMLAH", ["1.700.000"])]
    )
    assert "conflict" not in statuses(meant).values()


def test_a_misprinted_total_is_told_although_some_lines_happen_to_add_up() -> None:
    amounts = ["300.000.000", "100.000.000", "200.000.000", "50.000.000"]
    meant = table(
        [column(0, "target")], [("other", "Line", [a]) for a in amounts] + [("total", "JUMLAH", ["605.000.000"])]
    )
    assert [c.verdict for c in check_document([meant], []).checks] == ["fails"]
