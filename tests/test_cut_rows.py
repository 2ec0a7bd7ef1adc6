"""Rows cut in two by a page end."""

from __future__ import annotations

from normalizers.columns import Column
from normalizers.cut_rows import cut_rows, joined
from tests.grids import grid

KINDS = ("number", "name", "indicator", "quantity", "quantity")
COLUMNS = [Column(i, kind, kind) for i, kind in enumerate(KINDS)]


def rows(last: list[str], first: list[str]) -> list[list[str]]:
    return [
        ["1", "Program Pelayanan", "Cakupan", "80%", "1.000.000"],
        ["2", "Program Sarana", "Persentase", "70%", "2.000.000"],
        last,
        first,
        ["4", "Program Disiplin", "Nilai", "60", "3.000.000"],
    ]


def cuts(last: list[str], first: list[str]) -> dict[int, int]:
    return cut_rows(grid(rows(last, first)), COLUMNS, range(5), (0, 3))


def test_lower_case_goes_on() -> None:
    assert cuts(["3", "Peningkatan sarana", "Jumlah", "2", "500.000"], ["", "dan prasarana", "", "", ""]) == {3: 2}


def test_a_name_without_its_number_goes_on() -> None:
    last, first = (
        ["3", "PROGRAM SARANA", "Nilai SAKIP", "12", "500.000"],
        ["", "PRASARANA", "Perangkat Daerah", "Nilai", ""],
    )
    assert cuts(last, first) == {3: 2}
    text = joined(grid(rows(last, first)), {3: 2})
    assert text.text(2, 1) == "PROGRAM SARANA PRASARANA" and text.text(2, 3) == "12 Nilai"


def test_the_rest_of_an_amount_goes_on() -> None:
    assert cuts(["3", "Peningkatan sarana", "Jumlah", "2", "1.500."], ["", "dan prasarana", "", "", "000"]) == {3: 2}


def test_a_second_indicator_is_a_row() -> None:
    assert cuts(["3", "Program Sarana", "Jumlah", "2", "500.000"], ["", "", "Persentase kepuasan", "90%", ""]) == {}


def test_a_row_with_its_own_number_is_a_row() -> None:
    assert cuts(["3", "Program Sarana", "Jumlah", "2", "500.000"], ["4", "dan lain-lain", "", "", ""]) == {}


def test_the_middle_of_a_page_is_left_alone() -> None:
    table = rows(["3", "Peningkatan sarana", "", "2", "1"], ["", "dan prasarana", "", "", ""])
    assert cut_rows(grid(table), COLUMNS, range(5), (0,)) == {}
