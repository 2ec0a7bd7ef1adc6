"""Tables whose rows are years."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from normalizers.column_meaning import Setting
from normalizers.headers import find_header
from normalizers.row_years import row_years
from normalizers.table_meaning import settle
from tests.grids import grid

FIRST, SECOND = ["400.000.000", "390.000.000", "97,50"], ["500.000.000", "450.000.000", "90,00"]
MONEY = ["Anggaran (Rp)", "Realisasi (Rp)", "%"]


@pytest.mark.parametrize(
    ("rows", "column", "years"),
    [
        pytest.param(
            [["No", "Tahun", *MONEY], ["1", "2021", *FIRST], ["2", "2022", *SECOND]],
            1, {1: 2021, 2: 2022}, id="numbers"),
        pytest.param(
            [["Uraian", *MONEY], ["Tahun 2021", *FIRST], ["TA 2022", *SECOND],
             ["Rata-rata", "450.000.000", "420.000.000", "93,33"]],
            0, {1: 2021, 2: 2022}, id="words-and-an-average"),
        pytest.param(
            [["Tahun", "Program", *MONEY], ["2021", "Program A", *FIRST], ["", "Program B", "1.000.000", "900.000", "90,00"],
             ["2022", "Program A", *SECOND], ["", "Jumlah", "901.000.000", "840.900.000", "93,33"]],
            0, {1: 2021, 2: 2021, 3: 2022, 4: 2022}, id="several-rows-a-year"),
    ],
)  # fmt: skip
def test_the_year_is_that_of_the_row(rows: Sequence[Sequence[str]], column: int, years: dict[int, int]) -> None:
    shown = grid(rows)
    header = find_header(shown)
    body = tuple(i for i in range(len(rows)) if i not in header.rows)
    columns = settle(shown, header, body, Setting(2023, doc_type="lkjip")).columns
    assert [c.index for c in columns if c.row_years] == [column]
    assert {c.year for c in columns if c.kind == "quantity"} == {None}
    assert row_years(shown, columns[column], body) == years


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([["Uraian", *MONEY], ["Belanja 2021", *FIRST]] * 2, id="words-beside-the-year"),
        pytest.param([["No", "Uraian", "Nilai"], ["1", "Jumlah siswa", "2021"], ["2", "Jumlah guru", "2019"]], id="counts"),
    ],
)  # fmt: skip
def test_numbers_that_are_no_years_of_rows(rows: Sequence[Sequence[str]]) -> None:
    shown = grid(rows)
    header = find_header(shown)
    body = tuple(i for i in range(len(rows)) if i not in header.rows)
    assert not any(c.row_years for c in settle(shown, header, body, Setting(2023)).columns)
