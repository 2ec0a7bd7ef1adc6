"""How changed reports are judged: a verified number is set beside what the whole file prints at its place."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.mutations import _other_page, judged

FACT: dict[str, Any] = {
    "bbox": [100.0, 50.0, 200.0, 60.0], "value": 100, "value_text": None, "role": "target", "quantity": "kinerja",
    "year": 2024, "period": "tahun", "unit": "Persen", "code": "5.03.01",
}  # fmt: skip
NEIGHBOUR = FACT | {"bbox": [200.0, 50.0, 300.0, 60.0], "value": 1}


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        pytest.param({}, "same", id="as it was"),
        pytest.param({"bbox": [90.0, 50.0, 200.0, 62.0]}, "same", id="a wider cell"),
        pytest.param({"value": 8}, "value", id="another value"),
        pytest.param({"value": 1}, "value", id="the neighbour's value"),
        pytest.param({"value": None, "value_text": "B"}, "value", id="a word"),
        pytest.param({"role": "realisasi"}, "meaning", id="another role"),
        pytest.param({"code": None}, "meaning", id="no code"),
        pytest.param({"code": "X.XX.01"}, "same", id="an open bidang"),
        pytest.param({"code": "5.04.01"}, "meaning", id="another bidang"),
        pytest.param({"code": "X.XX.02"}, "meaning", id="open, and another program"),
        pytest.param({"bbox": [100.0, 70.0, 200.0, 80.0]}, "place", id="elsewhere"),
    ],
)
def test_judged(changed: dict[str, Any], kind: str) -> None:
    assert judged(FACT | changed, [NEIGHBOUR, FACT]) == kind


def test_a_page_that_moved_is_known_by_nearly_all_its_facts() -> None:
    rows = [FACT | {"bbox": [100.0, 10.0 * n, 200.0, 10.0 * n + 9], "value": n} for n in range(10)]
    pages = {1: [NEIGHBOUR], 2: rows}
    assert _other_page(1, rows, pages) == 2
    assert _other_page(2, rows, pages) is None
    assert _other_page(1, [row | {"value": 99} for row in rows], pages) is None
