"""Tables whose rows are years, quarters, months or roles."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from normalizers.codes import CodeResolver
from normalizers.headers import find_header
from normalizers.numbers import infer_style
from normalizers.row_roles import RowRole
from normalizers.row_times import Time, time_of
from normalizers.setting import Setting
from normalizers.table_meaning import TableMeaning, settle
from normalizers.textjoin import Lexicon
from pipeline.facts import Fact
from pipeline.opening import open_table
from pipeline.table_facts import mean_table
from tests.grids import grid, table

FIRST, SECOND = ["400.000.000", "390.000.000", "97,50"], ["500.000.000", "450.000.000", "90,00"]
MONEY = ["Anggaran (Rp)", "Realisasi (Rp)", "%"]


def facts_of(rows: Sequence[Sequence[str]]) -> list[Fact]:
    opened = open_table(table(rows, ["Tabel 3.1 Perkembangan"], (0,)), "t1", Setting(2023, doc_type="lkjip"))
    coder = CodeResolver("kepmendagri-900.1.15.5-1317-2023", [])
    return mean_table(opened, "0" * 64, coder, infer_style([]), Lexicon()).facts


def meant(rows: Sequence[Sequence[str]]) -> TableMeaning:
    shown = grid(rows)
    header = find_header(shown)
    body = tuple(i for i in range(len(rows)) if i not in header.rows)
    return settle(shown, header, body, Setting(2023, doc_type="lkjip"))


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
            0, {1: 2021, 2: 2021, 3: 2022}, id="several-rows-a-year"),
    ],
)  # fmt: skip
def test_the_year_is_that_of_the_row(rows: Sequence[Sequence[str]], column: int, years: dict[int, int]) -> None:
    found = meant(rows)
    assert found.columns[column].kind in ("name", "text")
    assert {c.year for c in found.columns if c.kind == "quantity"} == {None}
    assert {row: time.year for row, time in found.times.items()} == years


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([["Uraian", *MONEY], ["Belanja 2021", *FIRST]] * 2, id="words-beside-the-year"),
        pytest.param([["No", "Uraian", "Nilai"], ["1", "Jumlah siswa", "2021"], ["2", "Jumlah guru", "2019"]], id="counts"),
    ],
)  # fmt: skip
def test_numbers_that_are_no_years_of_rows(rows: Sequence[Sequence[str]]) -> None:
    assert not meant(rows).times


@pytest.mark.parametrize(
    ("rows", "times"),
    [
        pytest.param(
            [["Triwulan", *MONEY], ["I", *FIRST], ["II", *SECOND]], {1: Time(None, "tw1"), 2: Time(None, "tw2")}, id="quarters"),
        pytest.param(
            [["No", "Bulan", *MONEY], ["1", "Januari", *FIRST], ["2", "s/d Februari", *SECOND], ["", "Jumlah", *SECOND]],
            {1: Time(None, "b01"), 2: Time(None, "sd_b02")}, id="months-and-a-total"),
        pytest.param(
            [["Uraian", *MONEY], ["Tahun 2022", "<", "<", "<"], ["Program A", *FIRST], ["Tahun 2023", "<", "<", "<"],
             ["Program A", *SECOND]],
            {2: Time(2022), 4: Time(2023)}, id="groups"),
        pytest.param(
            [["Uraian", *MONEY], ["Triwulan I 2022", *FIRST], ["Triwulan II 2022", *SECOND]],
            {1: Time(2022, "tw1"), 2: Time(2022, "tw2")}, id="quarters-of-a-year"),
    ],
)  # fmt: skip
def test_the_period_is_that_of_the_row(rows: Sequence[Sequence[str]], times: dict[int, Time]) -> None:
    assert meant(rows).times == times


@pytest.mark.parametrize("text", ["Januari 2023 sampai Maret", "IV.a", "Tahunan", "2.021", "Triwulan I Belanja", ""])
def test_what_is_no_time(text: str) -> None:
    assert time_of(text) is None


def test_rows_that_name_roles_over_columns_of_years() -> None:
    rows = [
        ["Uraian", "2022", "2023"],
        ["Target", "70", "72"],
        ["Realisasi", "68", "71"],
        ["Capaian (%)", "97,14", "98,61"],
    ]
    assert meant(rows).roles == {
        1: RowRole("target", "kinerja", False), 2: RowRole("realisasi", None, False),
        3: RowRole("tingkat_realisasi", "kinerja", True),
    }  # fmt: skip
    assert not meant([["Uraian", "Anggaran", "Realisasi"], *rows[1:]]).roles
    assert not meant([rows[0], ["Realisasi PAD", "70", "72"], ["Target kota", "68", "71"]]).roles


def test_rows_of_later_years_are_of_the_indicator_that_spans_them() -> None:
    rows = [
        ["No", "Indikator Kinerja", "Tahun", "Target", "Realisasi"],
        ["1", "Nilai SAKIP", "2021", "70", "68"],
        ["^", "^", "2022", "72", "71"],
    ]
    facts = facts_of(rows)
    assert [(f.indicator, f.level, f.year, f.role) for f in facts] == [
        ("Nilai SAKIP", "indikator", 2021, "target"), ("Nilai SAKIP", "indikator", 2021, "realisasi"),
        ("Nilai SAKIP", "indikator", 2022, "target"), ("Nilai SAKIP", "indikator", 2022, "realisasi"),
    ]  # fmt: skip


def test_rows_of_roles_over_months_are_of_the_reports_year() -> None:
    rows = [
        ["Uraian", "Januari", "Februari"],
        ["Target Fisik (%)", "5,00", "10,00"],
        ["Realisasi Keuangan (Rp)", "90.000.000", "210.000.000"],
    ]
    assert [(f.role, f.year, f.period) for f in facts_of(rows)] == [
        ("target", 2023, "b01"), ("target", 2023, "b02"), ("realisasi", 2023, "b01"), ("realisasi", 2023, "b02"),
    ]  # fmt: skip


PACKETS = [["Paket A", "400.000.000", "Maret"], ["Paket B", "500.000.000", "Mei"]]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([["Nama Paket", "Pagu", "Waktu Pelaksanaan"], *PACKETS], id="schedule"),
        pytest.param(
            [["Nama Barang", "Tahun Perolehan", "Jumlah"], ["Meja", "2015", "12"], ["Kursi", "2016", "20"]], id="bought-in"
        ),
        pytest.param(
            [["No", "Uraian", "Pagu", "Ket"], ["1", "Program A", "400.000.000", ""], ["", "", "", "Triwulan I"],
             ["2", "Program B", "500.000.000", ""]], id="a-note",
        ),
    ],
)  # fmt: skip
def test_times_of_something_else(rows: Sequence[Sequence[str]]) -> None:
    assert not meant(rows).times


def test_a_total_of_several_groups_has_no_time() -> None:
    rows = [
        ["Uraian", *MONEY],
        ["TRIWULAN I", "<", "<", "<"], ["Jumlah terminal", *FIRST], ["TRIWULAN II", "<", "<", "<"], ["Program A", *SECOND],
        ["JUMLAH", "900.000.000", "840.000.000", "93,33"],
    ]  # fmt: skip
    assert meant(rows).times == {2: Time(None, "tw1"), 4: Time(None, "tw2")}


def test_what_was_reached_where_no_row_says_what_was_done() -> None:
    rows = [["Uraian", "2022", "2023"], ["Target", "70", "72"], ["Capaian", "68", "71"]]
    assert [one.role for one in meant(rows).roles.values()] == ["target", "realisasi"]
