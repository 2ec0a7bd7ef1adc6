"""Headings that planning applications print (forms E.58 to E.81, Renstra, quarterly reports): role, year, period."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from normalizers.headers import find_header
from normalizers.plan_years import plan_years
from normalizers.setting import Setting
from normalizers.table_meaning import settle
from pipeline.meaning import EVALUATION
from tests.grids import grid

Told = list[tuple[str | None, int | None, str]]


def told(rows: Sequence[Sequence[str]], setting: Setting) -> Told:
    shown = grid(rows)
    header = find_header(shown)
    body = tuple(i for i in range(len(rows)) if i not in header.rows)
    return [(c.role, c.year, c.period) for c in settle(shown, header, body, setting).columns if c.kind == "quantity"]


NAMES = ["Kode", "Program/Kegiatan", "Indikator Kinerja"]
EVALUATED = Setting(2020, doc_type="rkpd", evaluates=True)
BODY = ["5.03.02", "PROGRAM KEPEGAWAIAN DAERAH", "Persentase"]
E81 = [
    [*NAMES, "Realisasi Capaian Kinerja Renstra s/d Tahun Lalu", "<",
     "Target Kinerja dan Anggaran Renja Tahun Berjalan 2022 yang dievaluasi", "<", "Realisasi Kinerja Pada Triwulan", "<"],
    ["^", "^", "^", "^", "^", "^", "^", "I", "<"],
    ["1", "2", "3", "4", "<", "5", "<", "6", "<"],
    ["^", "^", "^", "K", "Rp", "K", "Rp", "K", "Rp"],
    [*BODY, "80", "400.000.000", "90", "500.000.000", "20", "100.000.000"],
]  # fmt: skip


def test_a_row_below_the_numbering_row_parts_the_numbered_columns() -> None:
    header = find_header(grid(E81))
    assert header.rows == {0, 1, 2, 3} and header.numbering_row == 2
    assert header.paths[8] == ("Realisasi Kinerja Pada Triwulan", "I", "Rp")
    assert header.paths[0] == ("Kode",)


def test_last_year_is_the_one_before_the_running_year_that_the_heading_names() -> None:
    setting = Setting(2022, doc_type="renja", evaluates=True)
    assert told(E81, setting) == [
        ("realisasi_kumulatif", 2021, "sd_tahun"), ("realisasi_kumulatif", 2021, "sd_tahun"),
        ("target", 2022, "tahun"), ("target", 2022, "tahun"), ("realisasi", 2022, "tw1"), ("realisasi", 2022, "tw1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "setting", "year"),
    [
        pytest.param("Target RKPD Tahun berjalan (n-1) yang dievaluasi", EVALUATED, 2020, id="n-1-of-an-evaluation"),
        pytest.param("Target RKPD Tahun berjalan (n-1)", Setting(2020, doc_type="rkpd"), 2019, id="n-1-of-a-plan"),
        pytest.param("Target Renja Tahun Berjalan", Setting(2020, doc_type="renja"), 2019, id="running-year-of-a-plan"),
        pytest.param("Target Tahun Berjalan", Setting(2020, doc_type="lkjip"), 2020, id="running-year-of-an-account"),
        pytest.param("Realisasi Tahun Lalu", Setting(2020, doc_type="lra"), 2019, id="last-year-of-an-account"),
        pytest.param("Realisasi Renja Tahun Lalu", Setting(2020, doc_type="renja"), 2018, id="last-year-of-a-plan"),
        pytest.param("Realisasi Tahun Lalu", EVALUATED, 2019, id="last-year-of-an-evaluation"),
        pytest.param("Target Kenaikan terhadap Tahun Lalu", Setting(2020, doc_type="lkjip"), 2020, id="compared-with-last-year"),
    ],
)  # fmt: skip
def test_years_that_are_named_by_their_place(heading: str, setting: Setting, year: int) -> None:
    rows = [[*NAMES, heading], [*BODY, "90"], [*BODY, "80"]]
    assert [found for _, found, _ in told(rows, setting)] == [year]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("Tahun-1", "Tahun-2", id="dashes"),
        pytest.param("Tahun I", "Tahun II", id="roman"),
        pytest.param("Tahun ke-1", "Tahun ke-2", id="words"),
    ],
)
@pytest.mark.parametrize(("plan", "years"), [((2019, 2023), [2019, 2019, 2020, 2020]), (None, [None] * 4)])
def test_years_of_a_plan_are_counted_from_its_first(
    first: str, second: str, plan: tuple[int, int] | None, years: list[int | None]
) -> None:
    rows = [
        [*NAMES, "Target Kinerja Program dan Kerangka Pendanaan", "<", "<", "<"],
        ["^", "^", "^", first, "<", second, "<"],
        ["^", "^", "^", "Target", "Rp", "Target", "Rp"],
        [*BODY, "80", "400.000.000", "90", "500.000.000"],
    ]
    assert told(rows, Setting(2019, plan, "renstra")) == [("target_renstra", year, "tahun") for year in years]


def test_a_line_of_the_cover_names_the_years_of_the_plan() -> None:
    assert plan_years(["RENCANA STRATEGIS", "DINAS KESEHATAN", "TAHUN 2021-2026"]) == (2021, 2026)
    assert plan_years(["Tahun 2021-2026 terdapat kenaikan"]) is None


@pytest.mark.parametrize(
    ("rows", "roles"),
    [
        pytest.param(
            [["Indikator", "TARGET", "<", "REALISASI", "<"], ["^", "Target", "Anggaran", "Anggaran", "Kinerja"],
             ["Nilai SAKIP", "70", "400.000.000", "390.000.000", "71"]],
            ["target", "anggaran", "realisasi", "realisasi"], id="money-below-realisasi"),
        pytest.param(
            [["Uraian", "Realisasi Anggaran", "<", "<"], ["^", "Anggaran", "Realisasi", "%"],
             ["Belanja Pegawai", "400.000.000", "390.000.000", "97,50"]],
            ["anggaran", "realisasi", "tingkat_realisasi"], id="budget-below-realisasi-beside-what-was-spent"),
        pytest.param(
            [["Indikator", "Satuan", "Target 2023", "TW I Real", "TW I Capai"], ["Nilai SAKIP", "Nilai", "70", "35", "50,00"]],
            ["target", "realisasi", "tingkat_realisasi"], id="short-words"),
        pytest.param(
            [["Program", "Capaian Kinerja Program dan Kerangka Pendanaan", "<", "<", "<"], ["^", "2021", "<", "<", "<"],
             ["^", "target", "Rp", "Realisasi", "Capaian"], ["Program A", "80", "400.000.000", "40", "50,00"]],
            ["target", "target", "realisasi", "tingkat_realisasi"], id="done-below-a-plan"),
        pytest.param(
            [["Program", "Indikator Kinerja", "<"], ["^", "Hasil Program", "<"], ["^", "Tolok Ukur", "Target"],
             ["Program A", "Persentase layanan", "80"], ["Program B", "Persentase surat", "90"]],
            ["target"], id="target-of-a-result"),
        pytest.param(
            [["Kode", "Kegiatan", "Rencana Tahun 2024", "<", "<"], ["^", "^", "Target Capaian Kinerja", "<", "<"],
             ["^", "^", "Program", "Keluaran Sub Kegiatan", "Hasil Kegiatan"],
             ["5.03.02", "PROGRAM KEPEGAWAIAN DAERAH", "80", "12", "90"], ["5.03.02.2.01", "Pengadaan", "70", "10", "80"]],
            ["target", "target", "target"], id="targets-named-by-what-they-measure"),
        pytest.param(
            [["Program", "Realisasi Kinerja dan Anggaran", "<", "Tingkat Capaian (%)", "<"],
             ["^", "TW I", "<", "Kinerja", "Anggaran"],
             ["^", "Kinerja", "Anggaran", "^", "^"], ["Program A", "35", "390.000.000", "50,00", "97,50"]],
            ["realisasi", "realisasi", "tingkat_realisasi", "tingkat_realisasi"], id="money-beside-work"),
        pytest.param(
            [["Program", "Pagu Total", "Realisasi Keuangan", "Deviasi"],
             ["Program A", "400.000.000", "390.000.000", "10.000.000"]],
            ["anggaran", "realisasi", "selisih"], id="enacted-where-money-was-spent"),
        pytest.param(
            [["Program", "Jumlah Anggaran", "Persentase Realisasi", "<"], ["^", "^", "Anggaran", "Fisik"],
             ["Program A", "400.000.000", "97,50", "98,00"]],
            ["anggaran", "tingkat_realisasi", "tingkat_realisasi"], id="rates-of-money-and-work"),
        pytest.param(
            [["Uraian", "Anggaran", "Realisasi Belanja per Bulan", "<", "Total"], ["^", "^", "Jan", "Feb", "^"],
             ["Belanja Pegawai", "400.000.000", "100.000.000", "90.000.000", "190.000.000"]],
            ["anggaran", "realisasi", "realisasi", "realisasi"], id="total-of-months"),
        pytest.param(
            [["Uraian", "Rencana Per Bulan", "<", "Total RPD"], ["^", "Januari", "<", "^"], ["^", "RPD", "Real", "^"],
             ["Belanja Pegawai", "400.000.000", "390.000.000", "400.000.000"]],
            ["target", "realisasi", "target"], id="planned-by-month"),
    ],
)  # fmt: skip
def test_roles(rows: Sequence[Sequence[str]], roles: list[str]) -> None:
    assert [role for role, _, _ in told(rows, Setting(2023, doc_type="lkjip"))] == roles


def test_codes_below_a_heading_of_names_are_codes_where_another_column_names_the_lines() -> None:
    rows = [
        ["Akun", "Uraian", "Pagu"],
        ["5.1.01", "Belanja Pegawai", "400.000.000"],
        ["5.1.02", "Belanja Barang", "300.000.000"],
    ]
    shown = grid(rows)
    columns = settle(shown, find_header(shown), (1, 2), Setting(2023, doc_type="lra")).columns
    assert [c.kind for c in columns] == ["code", "name", "quantity"]


def test_this_month_and_the_last_are_counted_from_the_caption() -> None:
    rows = [
        ["Program/Kegiatan", "Anggaran", "Realisasi Keuangan", "<", "<"],
        ["^", "^", "s/d Bulan Lalu", "Bulan Ini", "s/d Bulan Ini"],
        ["Program A", "400.000.000", "100.000.000", "90.000.000", "190.000.000"],
    ]
    setting = Setting(2024, doc_type="other", caption="Laporan Kemajuan Kegiatan s/d Bulan September 2024")
    assert told(rows, setting)[1:] == [
        ("realisasi", 2024, "sd_b08"), ("realisasi", 2024, "b09"), ("realisasi", 2024, "sd_b09"),
    ]  # fmt: skip


def test_a_column_of_currency_marks_gives_no_numbers() -> None:
    rows = [
        ["Uraian", "Anggaran", "<", "Realisasi", "<"],
        ["Belanja Pegawai", "Rp", "400.000.000", "Rp", "390.000.000"],
        ["Belanja Barang", "Rp.", "500.000.000", "Rp.", "450.000.000"],
    ]
    assert told(rows, Setting(2023, doc_type="lkjip")) == [("anggaran", 2023, "tahun"), ("realisasi", 2023, "tahun")]


def test_the_period_of_the_caption_is_of_its_own_year() -> None:
    rows = [["Indikator", "Target", "Realisasi 2022", "Realisasi 2023"], ["Nilai SAKIP", "75", "71", "40"]]
    setting = Setting(2023, doc_type="lkjip", caption="Tabel 3.6 Capaian Semester I Tahun 2023")
    assert told(rows, setting) == [("target", 2023, "tahun"), ("realisasi", 2022, "tahun"), ("realisasi", 2023, "sm1")]


@pytest.mark.parametrize(
    ("caption", "heading", "period"),
    [
        pytest.param("Triwulan III Tahun 2024", "Realisasi s.d. Triwulan Ini", "sd_tw3", id="up-to"),
        pytest.param("Triwulan III Tahun 2024", "Realisasi Triwulan Lalu", "tw2", id="last"),
        pytest.param("Triwulan III Tahun 2024", "Realisasi s/d Bulan Lalu", "sd_b08", id="a-month-in-a-quarter"),
        pytest.param("Bulan September 2024", "Realisasi s.d Triwulan Ini", "sd_tw3", id="a-quarter-in-a-month"),
    ],
)
def test_periods_counted_from_the_caption(caption: str, heading: str, period: str) -> None:
    rows = [["Program", "Anggaran", heading], ["Program A", "400.000.000", "100.000.000"]]
    setting = Setting(2024, doc_type="other", caption=f"Laporan Realisasi Anggaran {caption}")
    assert told(rows, setting)[1] == ("realisasi", 2024, period)


def test_a_total_of_the_first_quarters_is_of_the_year_so_far() -> None:
    rows = [
        ["Uraian", "Anggaran", "Realisasi", "<", "<"], ["^", "^", "TW I", "TW II", "Jumlah"],
        ["Belanja Pegawai", "400.000.000", "100.000.000", "90.000.000", "190.000.000"],
    ]  # fmt: skip
    assert told(rows, Setting(2023, doc_type="lkjip"))[3] == ("realisasi", 2023, "sd_tw2")


def test_quarters_that_are_counted_are_no_years_of_the_plan() -> None:
    rows = [
        ["Indikator", "Target", "Realisasi Triwulan Ke-", "<"],
        ["^", "^", "1", "2"],
        ["Nilai SAKIP", "70", "20", "40"],
    ]
    setting = Setting(2023, (2021, 2026), "lkjip")
    assert told(rows, setting)[1:] == [("realisasi", 2023, "tw1"), ("realisasi", 2023, "tw2")]


def test_a_rate_of_one_year_is_none_of_the_plan() -> None:
    rows = [
        ["Indikator", "Target", "Realisasi", "Tingkat Capaian Realisasi 2023 terhadap Target 2023 (%)"],
        ["IKM", "70", "63", "90"],
    ]
    assert told(rows, Setting(2023, doc_type="lkjip"))[2][0] == "tingkat_realisasi"


@pytest.mark.parametrize(
    ("title", "evaluates"),
    [
        ("LAPORAN EVALUASI TRIWULAN II RENJA 2024", True),
        ("PENGENDALIAN DAN EVALUASI RENCANA KERJA", True),
        ("EVALUASI TERHADAP HASIL RKPD", True),
        ("LAPORAN HASIL EVALUASI AKIP DINAS SOSIAL", False),
        ("RENCANA KERJA (RENJA) DINAS SOSIAL TAHUN 2024", False),
    ],
)
def test_titles_of_evaluations(title: str, evaluates: bool) -> None:
    assert (EVALUATION.search(title.lower()) is not None) == evaluates
