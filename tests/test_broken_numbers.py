"""Numbers that narrow columns break over lines."""

from __future__ import annotations

import pytest

from normalizers.broken_numbers import measures_one, rejoined


@pytest.mark.parametrize(
    ("text", "money", "single", "whole"),
    [
        pytest.param("547.411.098,0\n0", True, True, "547.411.098,00", id="decimals"),
        pytest.param("12,721,613.0\n0", True, True, "12,721,613.00", id="english-decimals"),
        pytest.param("941,9\n00", True, True, "941,900", id="inside-a-group"),
        pytest.param("Rp.613.535.45\n3.071", True, True, "Rp.613.535.453.071", id="group-and-more"),
        pytest.param("(66.067.169.2\n28)", True, True, "(66.067.169.228)", id="parentheses"),
        pytest.param("Rp -\n66.067.169.228", True, False, "Rp -66.067.169.228", id="minus-behind-rp"),
        pytest.param("-\n1.500.000", True, True, "-1.500.000", id="minus"),
        pytest.param("-\n1.500.000", True, False, "-\n1.500.000", id="nothing-for-the-first-of-two"),
        pytest.param("56,2\n4", False, True, "56,24", id="performance"),
        pytest.param("89.7\n4%", False, True, "89.74%", id="rate"),
        pytest.param("56,2\n4", False, False, "56,2\n4", id="two-indicators"),
        pytest.param("12\n5", False, True, "12\n5", id="two-whole-numbers"),
        pytest.param("1.500.000\n250.000", True, True, "1.500.000\n250.000", id="two-amounts"),
        pytest.param("1.500.000,00\n2", True, True, "1.500.000,00\n2", id="a-whole-amount"),
        pytest.param("80\nDokumen", False, True, "80\nDokumen", id="unit"),
    ],
)
def test_rejoined(text: str, money: bool, single: bool, whole: str) -> None:
    assert rejoined(text, money, single) == whole


@pytest.mark.parametrize(
    ("text", "one"),
    [("Nilai SAKIP", True), ("1. Cakupan 2. Persentase", False), ("Cakupan; Persentase", False), (None, True)],
)
def test_measures_one(text: str | None, one: bool) -> None:
    assert measures_one(text) is one
