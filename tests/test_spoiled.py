"""Glued, gapped and private-use text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.spoiled import is_number, readable_codes, split_glued


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("(200.464.664,00)(100,00)", ["(200.464.664,00)", "(100,00)"], id="parentheses"),
        pytest.param(
            "1.218.570.045.931,001.218.994.660.218,34", ["1.218.570.045.931,00", "1.218.994.660.218,34"], id="2"
        ),
        pytest.param("1.167.635.926,00(36,19)", ["1.167.635.926,00", "(36,19)"], id="plain then negative"),
        pytest.param("4.811.172.650", ["4.811.172.650"], id="lone number is never cut"),
        pytest.param("4.1.2.01.08.", ["4.1.2.01.08."], id="account code"),
        pytest.param("2017-2022", ["2017-2022"], id="years"),
        pytest.param("10=(5+7+9)", ["10=(5+7+9)"], id="formula"),
        pytest.param("1.234.567890", ["1.234.567890"], id="no certain end, no cut"),
    ],
)
def test_glued_numbers_are_cut_only_between_whole_numbers(text: str, parts: list[str]) -> None:
    cuts = split_glued(text)
    assert [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)] == parts


def test_a_jump_in_the_file_parts_two_whole_numbers() -> None:
    assert split_glued("12.516104.01", frozenset({6})) == [6]
    assert split_glued("12.516", frozenset({4})) == []


@given(st.integers(min_value=1000, max_value=10**13), st.integers(min_value=1000, max_value=10**13))
def test_two_amounts_glued_come_apart_again(one: int, two: int) -> None:
    first, second = (f"{n:,}".replace(",", ".") + ",00" for n in (one, two))
    assert split_glued(first + second) == [len(first)]
    assert split_glued(f"({first})({second})") == [len(first) + 2]


@given(st.integers(min_value=0, max_value=10**15))
def test_a_number_by_itself_is_whole(number: int) -> None:
    for text in (f"{number:,}", f"{number:,}".replace(",", "."), f"{number:,}".replace(",", " "), f"({number:,})"):
        assert is_number(text)
        assert split_glued(text) == []


def test_symbol_fonts_become_readable() -> None:
    codes = np.array([0xF031, 0xF02E, 0xF0B7, 0x41, 0xE001])
    assert readable_codes(codes).tolist() == [0x31, 0x2E, 0x2022, 0x41, 0xE001]
