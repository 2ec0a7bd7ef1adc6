"""Faults found with newly typed reports (spreadsheets, browsers, word processors): each leaves its smallest case here."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from extractors.pages import open_pdf, read_page
from extractors.tables import PageInfo, Reading
from normalizers.headers import find_header
from normalizers.numbers import infer_style, parse_cell
from normalizers.scales import caption_scale
from normalizers.setting import Setting
from pipeline.meaning import mean
from pipeline.opening import open_table
from tests.grids import grid, table
from tests.test_open_forms import coloured, lines, read, rows_of
from tests.test_table_facts import facts
from tests.tiny_pdf import text, write_pdf


def rule(x0: float, x1: float, y: float) -> str:
    return f"{x0} {y} m {x1} {y} l S "


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        pytest.param("Rp1,2 M", "1200000000", id="miliar"),
        pytest.param("Rp 0,75 T", "750000000000", id="triliun"),
        pytest.param("Rp 2,5 juta", "2500000", id="juta"),
    ],
)
def test_letters_that_scale_an_amount(printed: str, value: str) -> None:
    (part,) = parse_cell(printed, infer_style([]), "anggaran")
    assert (part.value, part.unit, part.problem) == (Decimal(value), "Rp", None)


def test_m_is_a_metre_where_nothing_is_money() -> None:
    (part,) = parse_cell("12 M", infer_style([]), "kinerja")
    assert (part.value, part.unit) == (Decimal(12), "M")


@pytest.mark.parametrize("printed", ["1 IV", "2 III", "3 III/d"])
def test_a_rank_is_no_unit(printed: str) -> None:
    (part,) = parse_cell(printed, infer_style([]), "kinerja")
    assert part.value is None
    assert part.problem


def test_what_prints_a_unit_of_its_own_is_no_rupiah() -> None:
    rows = [["Kegiatan", "Pagu Anggaran"], ["Evaluasi Kinerja", "6 Dokumen"], ["Perencanaan", "45.678.900"]]
    found = facts(rows, "Rencana Kerja", "renja")
    assert [(f.value, f.unit, f.quantity) for f in found] == [
        (Decimal(6), "Dokumen", "kinerja"),
        (Decimal(45678900), "Rupiah", "anggaran"),
    ]


def test_numbering_of_a_sheet_that_goes_on_sideways() -> None:
    found = find_header(
        grid([["Pagu Indikatif", "Sumber Dana", "Target"], ["6", "7", "8"], ["45.000.000", "APBD", "4"]])
    )
    assert found.numbering_row == 1
    assert found.rows == {0, 1}


def test_every_other_row_coloured_from_the_first_on() -> None:
    rows = [["Indikator", "Target", "Realisasi"], ["Predikat", "A", "BB"], ["Opini", "WTP", "WTP"], ["Nilai", "B", "B"]]
    assert find_header(grid(rows), shaded_rows=frozenset({0, 1, 3})).rows == {0}


def test_rules_about_the_heading_and_below_the_last_row(tmp_path: Path) -> None:
    rows = [
        ["Indeks layanan", "85", "82,5", "97,06"],
        ["Rasio kejadian", "0,35", "0,31", "111,43"],
        ["Nilai", "BB", "BB", "100"],
    ]
    at = [55, 260, 350, 440]
    drawn = rule(50, 520, 720) + rule(50, 520, 700) + rule(50, 520, 640)
    drawn += lines(at, 706, 0, [["Indikator", "Target", "Realisasi", "Capaian"]]) + lines(at, 686, 18, rows)
    (found,) = read(tmp_path, text(55, 740, "Tabel 3.1 Capaian Kinerja") + drawn)
    assert rows_of(found)[1:] == rows


def test_amounts_close_beside_each_other_are_two_columns(tmp_path: Path) -> None:
    heads = text(55, 720, "Tabel 3.4 Realisasi Anggaran") + lines(
        [55, 205, 288, 400], 700, 0, [["Program", "Anggaran", "Realisasi", "%"]]
    )
    rows = [
        ["Penunjang", "8.125.430.000", "7.905.112.345", "97,29"],
        ["Lalu lintas", "3.450.000.000", "3.312.775.500", "96,02"],
        ["Jumlah", "11.575.430.000", "11.217.887.845", "96,91"],
    ]
    (found,) = read(tmp_path, heads + lines([55, 205, 280, 400], 680, 16, rows))
    assert rows_of(found)[-3:] == rows


CLAIMED = [
    ["Program", "Anggaran", "Realisasi", "%"],
    ["Penunjang", "12.345.678", "11.998.765", "97,19"],
    ["Arsip", "865.432", "843.210", "97,43"],
    ["Jumlah", "13.211.110", "12.841.975", "97,21"],
]


@pytest.mark.parametrize(
    ("said", "scale"),
    [
        pytest.param("(dalam ribuan)", 1000, id="dalam ribuan"),
        pytest.param("(dalam ribu Rp)", 1000, id="dalam ribu rp"),
        pytest.param("(Rp.000,-)", 1000, id="three noughts and a dash"),
        pytest.param("(juta rupiah)", 1_000_000, id="juta rupiah"),
        pytest.param("(Rp. dalam jutaan)", 1_000_000, id="rp dalam jutaan"),
        pytest.param("(dalam miliar rupiah)", 10**9, id="miliar"),
        pytest.param("Belanja naik sebesar 2,5 juta rupiah (Rp 2,5 miliar)", 1, id="prose"),
        pytest.param("(dalam ribuan jiwa)", 1, id="persons"),
    ],
)
def test_scales_that_captions_claim(said: str, scale: int) -> None:
    assert caption_scale(f"Tabel 3.1 Realisasi Anggaran {said}".lower()) == (None if scale == 1 else scale)


def test_money_of_a_caption_is_the_money_of_every_column() -> None:
    found = facts(
        [["Program", "Anggaran", "Realisasi", "%"], ["Penunjang", "345", "299", "86,67"]], "Tabel 3.6 Belanja (Rp juta)"
    )
    assert [(f.value, f.unit) for f in found[:2]] == [(345_000_000, "Rupiah"), (299_000_000, "Rupiah")]


def test_a_heading_in_billions() -> None:
    rows = [["Program", "Anggaran (Rp. Miliar)"], ["Penunjang", "12,35"], ["Arsip", "1,20"]]
    assert [f.value for f in facts(rows, "Tabel 3.1 Anggaran")] == [12_350_000_000, 1_200_000_000]


@pytest.mark.parametrize(
    ("rows", "caption", "value", "status"),
    [
        pytest.param(CLAIMED, "Tabel 1 Anggaran (dalam ribuan rupiah)", 12_345_678_000, "verified", id="thousands"),
        pytest.param(
            [*CLAIMED[:1], ["Penunjang", "12.500.000", "12.000.000", "96,00"], ["Arsip", "8.500.000", "8.500.000", "100,00"],
             ["Jumlah", "21.000.000", "20.500.000", "97,62"]],
            "Tabel 1 Anggaran (dalam ribuan rupiah)", 12_500_000, "unverified", id="most probably full rupiah",
        ),
        pytest.param(
            [*CLAIMED[:1], ["Penunjang", "12.345,68", "11.998,77", "97,19"], ["Arsip", "865,43", "843,21", "97,43"],
             ["Jumlah", "13.211,11", "12.841,98", "97,21"]],
            "Tabel 1 Anggaran", "12345.68", "unverified", id="a scale that nothing says",
        ),
    ],
)  # fmt: skip
def test_amounts_below_a_claimed_scale(rows: list[list[str]], caption: str, value: int | str, status: str) -> None:
    reading = Reading(pages=[PageInfo(1, "ruled", 595, 842)], tables=[table(rows, [caption])])
    (found,) = mean(reading, "0" * 64, "lkjip-2023.pdf").tables
    assert (found.facts[0].value, found.facts[0].status) == (Decimal(value), status)


def test_headings_run_together_over_two_years_prove_nothing() -> None:
    rows = [
        ["SKPD", "31 Desember 2023 31 Desember 2022", "<", "Kenaikan"],
        ["Dinas Pendidikan", "12.345.678", "2.345.678", "10.000.000"],
        ["Dinas Kesehatan", "1.500.000", "500.000", "1.000.000"],
        ["Jumlah", "13.845.678", "2.845.678", "11.000.000"],
    ]
    reading = Reading(pages=[PageInfo(1, "ruled", 595, 842)], tables=[table(rows, ["Tabel 5.2 Kas"])])
    harvest = mean(reading, "0" * 64, "lkpd-2023.pdf")
    assert {f.status for f in harvest.tables[0].facts if f.column_no in (1, 2)} == {"unverified"}
    assert "garbled_heading" in {problem.kind for problem in harvest.problems}


def test_headings_side_by_side_with_little_white_between(tmp_path: Path) -> None:
    heads = lines([55, 200, 265, 330], 720, 0, [["Dinas", "Tahun 2023 (Rp)", "", ""]]) + text(
        280.2, 720, "Tahun 2022 (Rp)"
    )
    heads += text(360.2, 720, "Kenaikan/(Penurunan)")
    rows = [
        ["Dinas Pendidikan Nasional", "12.345.678", "345.000", "12.000.678"],
        ["Dinas Kesehatan dan Gizi", "1.500.000", "500.000", "1.000.000"],
        ["Jumlah dari dua dinas", "13.845.678", "845.000", "13.000.678"],
    ]
    (found,) = read(tmp_path, heads + lines([55, 215, 300, 400], 700, 16, rows))
    assert rows_of(found) == [["Dinas", "Tahun 2023 (Rp)", "Tahun 2022 (Rp)", "Kenaikan/(Penurunan)"], *rows]


def test_a_first_row_whose_numbers_stand_in_the_middle_of_its_name(tmp_path: Path) -> None:
    body = text(55, 690, "Persentase ketersediaan") + lines(
        [55, 260, 350], 677, 0, [["angkutan umum yang", "85", "82,5"]]
    )
    body += text(55, 664, "laik jalan") + text(55, 648, "Rasio kecelakaan lalu")
    body += lines([260, 350], 641.5, 0, [["0,35", "0,31"]]) + text(55, 635, "lintas per kendaraan")
    body += lines([55, 260, 350], 619, 0, [["Indeks kepuasan", "80", "81"]])
    heads = text(55, 730, "Tabel 3.2 Capaian") + lines([55, 260, 350], 710, 0, [["Indikator", "Target", "Realisasi"]])
    (found,) = read(tmp_path, heads + body)
    assert rows_of(found) == [
        ["Indikator", "Target", "Realisasi"],
        ["Persentase ketersediaan\nangkutan umum yang\nlaik jalan", "85", "82,5"],
        ["Rasio kecelakaan lalu\nlintas per kendaraan", "0,35", "0,31"],
        ["Indeks kepuasan", "80", "81"],
    ]


def test_quarters_below_a_heading_that_names_its_unit() -> None:
    rows = [
        ["Program", "Anggaran per Triwulan (Rp)", "<", "Realisasi Fisik", "<"],
        ["^", "I", "II", "Realisasi (%)", "Tertimbang (%)"],
        ["Penunjang", "150.000.000", "400.000.000", "72,00", "18,25"],
    ]
    found = facts(rows, "Rencana Aksi", "perjanjian_kinerja")
    assert [(f.role, f.period) for f in found][:2] == [("anggaran", "tw1"), ("anggaran", "tw2")]
    assert found[3].role == "bobot"


def test_a_column_of_running_numbers_without_a_heading() -> None:
    rows = [
        ["", "Program", "Anggaran"],
        ["1.", "Penunjang", "Rp. 6.125.000,-"],
        ["2.", "Arsip", "Rp. 425.000,-"],
        ["Total", "<", "Rp. 6.550.000,-"],
    ]
    assert [f.value for f in facts(rows, "Perjanjian Kinerja", "perjanjian_kinerja")] == [6_125_000, 425_000, 6_550_000]


def test_an_activity_before_the_account() -> None:
    rows = [
        ["Kode", "<", "Uraian", "Anggaran (Rp)"],
        ["", "4.", "PENDAPATAN", "9.500.000"],
        ["", "4.1.", "Pendapatan Asli", "9.500.000"],
        ["", "5.", "BELANJA", "6.500.000"],
        ["1.1.01.", "5.1.", "Belanja Pegawai", "6.500.000"],
    ]
    assert [f.account for f in facts(rows, "Anggaran Pendapatan dan Belanja", "apbd")] == ["4", "4.1", "5", "5.1"]


def sheet(xs: list[int], ys: list[int], rows: list[list[str]]) -> str:
    """A ruled sheet: cells between `xs`, rows from the top down between `ys`."""
    drawn = "".join(rule(xs[0], xs[-1], y) for y in ys) + "".join(f"{x} {ys[0]} m {x} {ys[-1]} l S " for x in xs)
    return drawn + "".join(lines([x + 3 for x in xs[:-1]], y - 11, 0, [row]) for y, row in zip(ys, rows, strict=False))


SHEET = [780, 760, 744, 714, 698, 654, 638]
LEFT = [
    ["Kode", "Kegiatan"],
    ["1", "2"],
    ["5.01", "Perencanaan"],
    ["5.02", "Evaluasi"],
    ["5.03", "Arsip"],
    ["5.04", "Data"],
]
RIGHT = [["Target", "Pagu (Rp)"], ["3", "4"], ["4", "25.000"], ["2", "20.000"], ["7", "31.000"], ["9", "12.000"]]


@pytest.mark.parametrize(
    ("right", "tables"),
    [
        pytest.param(RIGHT, 1, id="the numbering goes on"),
        pytest.param([RIGHT[0], ["", ""], *RIGHT[2:]], 1, id="rows of the same different heights"),
        pytest.param(
            [["Kode", "Pagu"], *[[a[0], b[1]] for a, b in zip(LEFT[1:], RIGHT[1:], strict=True)]], 2, id="names again"
        ),
        pytest.param([RIGHT[0], ["1", "2"], *RIGHT[2:]], 2, id="another table"),
    ],
)
def test_a_sheet_cut_over_pages_side_by_side(tmp_path: Path, right: list[list[str]], tables: int) -> None:
    found = read(tmp_path, sheet([40, 100, 300], SHEET, LEFT), sheet([40, 90, 180], SHEET, right))
    assert len(found) == tables
    if tables == 1:
        assert rows_of(found[0]) == [one + other for one, other in zip(LEFT, right, strict=True)]
        assert {cell.page for cell in found[0].cells} == {1, 2}


def test_two_sheets_that_go_over_and_then_down(tmp_path: Path) -> None:
    lower = [780, 764, 740, 724]
    more = [["5.05", "Gaji"], ["5.06", "Kantor"], ["5.07", "Umum"]], [["5", "15.000"], ["8", "18.000"], ["3", "13.000"]]
    sides = ([40, 100, 300], [40, 90, 180])
    pages = [sheet(xs, SHEET, rows) for xs, rows in zip(sides, (LEFT, RIGHT), strict=True)]
    pages += [sheet(xs, lower, rows) for xs, rows in zip(sides, more, strict=True)]
    (found,) = read(tmp_path, *pages)
    assert rows_of(found)[-3:] == [one + other for one, other in zip(*more, strict=True)]


def test_the_money_beside_a_target_is_of_its_plan() -> None:
    rows = [["Program", "Tahun 2025", "<", "Tahun 2026", "<"], ["^", "Target", "Rp", "Target", "Rp"],
            ["Penunjang", "80 %", "150.000.000", "85 %", "160.000.000"]]  # fmt: skip
    found = facts(rows, "Tabel 6.1 Program dan Pendanaan", "other")
    assert {f.role for f in found} == {"target"}
    assert [f.year for f in found] == [2025, 2025, 2026, 2026]


def test_a_second_table_whose_headings_stand_below_white_space(tmp_path: Path) -> None:
    last, total = ["3", "Nilai evaluasi", "80,10 (A)"], ["Total", "6.675.430.250", ""]
    one = [
        ["No", "Indikator", "Target"],
        ["(1)", "(2)", "(3)"],
        ["1", "Indeks kepuasan", "88,50 Poin"],
        ["2", "Desa", "46,15 %"],
    ]
    two = [
        ["Program", "Anggaran", "Keterangan"],
        ["Penunjang", "6.125.430.250", "APBD"],
        ["Pelayanan", "425.000.000", "APBD"],
    ]
    drawn = lines([55, 120, 400], 734, 14, [*one, last])
    drawn += lines([100, 250, 470], 640, 14, [*two, ["Umum", "125.000.000", "APBD"], total])
    assert [rows_of(found)[-1] for found in read(tmp_path, drawn)] == [last, total]


def test_headings_in_rows_higher_than_their_text(tmp_path: Path) -> None:
    heads = text(55, 780, "Tabel T-C.30") + lines(
        [60, 160, 300, 440], 745, 0, [["NO", "Indikator", "Target Renstra", "Realisasi"]]
    )
    heads += lines([280, 350, 440], 715, 0, [["Tahun 2023", "Tahun 2024", "Tahun 2023"]])
    heads += lines([62, 175, 300, 370, 460], 685, 0, [["(1)", "(2)", "(3)", "(4)", "(5)"]])
    rows = [
        ["1", "Angka kematian", "102", "98", "110,5"],
        ["2", "Stunting", "18,5", "16", "19,1"],
        ["3", "Cakupan", "98", "99", "96,4"],
    ]
    (found,) = read(tmp_path, heads + lines([62, 160, 300, 370, 460], 665, 16, rows))
    assert rows_of(found)[-3:] == rows
    assert ["Tahun 2023", "Tahun 2024"] in rows_of(found)


def test_a_text_that_fills_its_column_to_the_next(tmp_path: Path) -> None:
    heads = lines([55, 105, 265, 400], 740, 0, [["Kode", "Program", "Indikator", "Target"]])
    rows = [[f"1.{n:02}", "Sumber Daya Kesehatan", "Rasio tenaga", f"{60 + n}"] for n in range(2, 20)]
    full = "Penunjang Urusan Pemerintahan"  # ends a blank before the indicators begin
    body = lines([55, 114.5], 720, 0, [["1.01", full]]) + lines([265, 400], 720, 0, [["Persentase layanan", "95"]])
    (found,) = read(tmp_path, heads + body + lines([55, 114.5, 265, 400], 704, 16, rows))
    assert rows_of(found)[1:] == [["1.01", full, "Persentase layanan", "95"], *rows]


def test_a_word_close_behind_amounts_is_a_column(tmp_path: Path) -> None:
    heads = lines([55, 160, 222, 300], 720, 0, [["Target", "Pagu", "Sumber", "Prakiraan"]])
    pagu = ["6.120.457.300", "4.545.678.900", "2.525.678.900", "2.020.000.000"]
    rows = [[f"{n} Dokumen", amount, "APBD", f"7.{n}21.000.000"] for n, amount in enumerate(pagu, 2)]
    (found,) = read(tmp_path, heads + lines([55, 160, 227.6, 300], 700, 16, rows))
    assert rows_of(found)[-4:] == rows


def test_years_below_a_caption_of_realisation_and_the_nation_beside() -> None:
    rows = [
        ["Indikator Kinerja", "Satuan", "2021", "2022", "Realisasi Nasional"],
        ["Indeks Ketahanan", "Indeks", "0,48", "0,52", "0,47"],
    ]
    found = facts(rows, "Tabel 3.2 Perbandingan Realisasi Kinerja Tahun 2021-2022")
    assert [(f.role, f.year) for f in found[:2]] == [("realisasi", 2021), ("realisasi", 2022)]
    assert found[2].role == "nilai"


TWO = [
    ["Indeks ketahanan", "0,50", "0,52", "104,00"],
    ["Nilai kinerja", "70", "71", "101,43"],
    ["Cakupan layanan", "95", "90", "94,74"],
]


def test_rules_below_each_row_and_none_above_the_headings(tmp_path: Path) -> None:
    heads = text(264.2, 760, "Tabel 3.1") + text(246.4, 745, "Capaian Sasaran") + text(262, 731, "Target")
    heads += lines([55, 350, 440], 725, 0, [["Indikator", "Realisasi", "Capaian (%)"]]) + text(262, 719, "2024")
    drawn = heads + lines([55, 262, 350, 440], 696, 20, TWO) + "".join(rule(50, 520, 712 - 20 * i) for i in range(4))
    (found,) = read(tmp_path, drawn)
    assert rows_of(found)[0] == ["Indikator", "Target\n2024", "Realisasi", "Capaian (%)"]
    assert rows_of(found)[1:] == TWO


def test_one_rule_below_the_headings_of_each_table(tmp_path: Path) -> None:
    drawn = ""
    for n, top in enumerate((760, 560)):
        drawn += text(240, top, f"Tabel 3.{n + 1}") + lines(
            [55, 262, 350, 440], top - 30, 0, [["Indikator", "Target", "Realisasi", "%"]]
        )
        drawn += rule(50, 520, top - 36) + lines([55, 262, 350, 440], top - 50, 16, TWO)
        drawn += text(
            55, top - 110, "Berdasarkan tabel di atas dapat dijelaskan bahwa capaian kinerja tahun 2022 meningkat"
        )
    assert [rows_of(found)[1:] for found in read(tmp_path, drawn)] == [TWO, TWO]


def test_a_title_below_its_number_is_no_heading(tmp_path: Path) -> None:
    heads = text(264.2, 760, "Tabel 3.1") + text(229.4, 746, "Capaian Kinerja Sasaran")
    heads += lines([55, 262, 350, 440], 726, 0, [["Indikator", "Target", "Realisasi", "Capaian"]])
    (found,) = read(tmp_path, heads + lines([55, 262, 350, 440], 708, 16, TWO))
    assert rows_of(found)[0] == ["Indikator", "Target", "Realisasi", "Capaian"]


def test_two_rows_below_headings_that_stand_near_each_other(tmp_path: Path) -> None:
    heads = text(55, 760, "Tabel 3.3 Perbandingan")
    heads += lines(
        [55, 160, 232, 335, 420],
        730,
        0,
        [["Indikator", "Realisasi 2022", "Target Akhir Renstra", "Kemajuan", "Nasional"]],
    )
    rows = [["Indeks", "0,52", "0,70", "74,29%", "0,48"], ["Nilai", "70,20", "80", "87,75%", "71"]]
    (found,) = read(tmp_path, heads + lines([55, 180, 275, 340, 430], 712, 16, rows))
    assert rows_of(found)[1:] == rows


def test_the_last_row_is_white_where_every_other_is_coloured(tmp_path: Path) -> None:
    xs, at = [50, 250, 340, 430, 520], [55, 262, 350, 440]
    drawn = coloured(xs, 720, 704) + coloured(xs, 704, 688) + coloured(xs, 672, 656)
    rows = [*TWO, ["Predikat", "A", "BB", "98,00"]]
    drawn += lines(at, 708, 16, [["Indikator", "Target", "Realisasi", "Capaian"], *rows])
    assert rows_of(read(tmp_path, drawn)[0])[1:] == rows


def columns_of(
    rows: list[list[str]], caption: str, doc_type: str = "lkjip"
) -> dict[str, tuple[str, str, int | None, str]]:
    """Label -> role, quantity, year and period of each quantity column."""
    setting = Setting(2023, (2021, 2026), doc_type)
    columns = open_table(table(rows, [caption]), "t1", setting).meaning.columns
    return {c.label: (str(c.role), str(c.quantity), c.year, c.period) for c in columns if c.kind == "quantity"}


def test_short_months() -> None:
    rows = [
        ["Program", "Pagu", "Realisasi Bulan", "<"],
        ["^", "^", "Jan", "Agust"],
        ["A", "12.000.000", "1.000.000", "2.000.000"],
    ]
    found = columns_of(rows, "Realisasi Anggaran Tahun 2023")
    assert [found[f"Realisasi Bulan > {month}"][3] for month in ("Jan", "Agust")] == ["b01", "b08"]


def test_money_below_a_heading_of_finance() -> None:
    head = [
        ["Program", "Kinerja", "<", "Keuangan", "<", "<"],
        ["^", "Target", "Capaian", "Target", "Realisasi", "Capaian"],
    ]
    rows = [*head, ["A", "100 %", "95,00", "12.000.000", "11.000.000", "91,67"]]
    found = columns_of(rows, "Capaian Kinerja dan Keuangan 2023")
    assert found["Keuangan > Target"][:2] == ("target", "anggaran")
    assert found["Keuangan > Capaian"][:2] == ("tingkat_realisasi", "anggaran")
    assert found["Kinerja > Target"][:2] == ("target", "kinerja")


def test_rates_by_the_number_of_the_year() -> None:
    rate = "Rasio antara Realisasi dan Anggaran Tahun ke-"
    top = ["Uraian", "Anggaran pada Tahun ke-", "<", "Realisasi Anggaran pada Tahun ke-", "<", rate, "<"]
    head = [top, ["^", "1", "2", "1", "2", "1", "2"]]
    rows = [*head, ["Belanja", "12.000.000", "13.000.000", "11.000.000", "12.000.000", "91,67", "92,31"]]
    found = columns_of(rows, "Tabel T-C.24 Anggaran dan Realisasi Pendanaan Tahun 2019-2020", "renstra")
    assert found[f"{rate} > 2"][:3] == ("tingkat_realisasi", "anggaran", 2020)
    assert found["Anggaran pada Tahun ke- > 1"][2] == 2019
    before = columns_of(rows, "Tabel T-C.24 Anggaran dan Realisasi Pendanaan", "renstra")
    assert {column[2] for column in before.values()} == {None}  # done before the plan's first year


def test_a_ratio_without_a_percent_sign_is_no_percentage() -> None:
    rows = [["Uraian", "Anggaran", "Realisasi", "Rasio Realisasi"], ["Belanja", "12.000.000", "11.000.000", "0,92"]]
    assert [f.unit for f in facts(rows, "Realisasi Anggaran 2023", "lkjip")] == ["Rupiah", "Rupiah", "Rasio"]


def test_a_tick_measures_nothing() -> None:
    rows = [["Indikator", "Target", "Realisasi"], ["Opini", "WTP", "√"], ["Indeks", "80", "78,5"]]
    assert [f.raw for f in facts(rows, "Capaian Kinerja 2023", "lkjip")] == ["WTP", "80", "78,5"]


def test_efficiency_is_no_rate_of_what_was_spent() -> None:
    rows = [
        ["Sasaran", "% Capaian Kinerja", "% Penyerapan Anggaran", "Tingkat Efisiensi (%)"],
        ["A", "100", "90,00", "10,00"],
    ]
    assert columns_of(rows, "Tabel 3.4 Efisiensi")["Tingkat Efisiensi (%)"][0] == "nilai"


def test_letters_number_the_columns() -> None:
    rows = [["Kode", "Program", "Target", "Pagu"], ["a", "b", "c", "d"], ["1.01", "A", "5 Dokumen", "12.000.000"]]
    assert find_header(grid(rows)).rows == {0, 1}
    assert find_header(grid([*rows[:1], ["a", "b", "d", "c"], *rows[2:]])).numbering_row is None


def test_a_total_below_headings_without_amounts() -> None:
    rows = [
        ["Kode", "Program", "Pagu (Rp)"],
        ["1", "URUSAN PEMERINTAHAN WAJIB YANG BERKAITAN DENGAN PELAYANAN DASAR", ""],
        ["1.02", "URUSAN PEMERINTAHAN BIDANG KESEHATAN", ""],
        ["1.02.01", "PROGRAM PENUNJANG URUSAN PEMERINTAHAN DAERAH KABUPATEN/KOTA", "12.345.678.000"],
        ["1.02.02", "PROGRAM PEMENUHAN UPAYA KESEHATAN PERORANGAN DAN UPAYA KESEHATAN MASYARAKAT", "2.000.111.000"],
        ["", "JUMLAH", "14.354.789.000"],
    ]
    info = PageInfo(1, "native", 842.0, 595.0, 0)
    reading = Reading([info], [table(rows, ["Rencana Program dan Kegiatan Tahun 2024"])])
    (check,) = [c for c in mean(reading, "0" * 64, "renja-2024.pdf").checks if c.kind == "hierarchy_sum"]
    assert (check.verdict, check.expected) == ("fails", Decimal(14345789000))


def test_captions_between_coloured_headings_part_tables(tmp_path: Path) -> None:
    at, sides = [55, 110, 300, 400], [50, 500]
    rows = [["1", "Indeks layanan", "85", "82,5"], ["2", "Nilai", "71", "75"], ["3", "Rasio kejadian", "0,35", "0,31"]]
    page = ""
    for top, number in ((760, "3.1"), (600, "3.2"), (440, "3.3")):
        page += text(200, top + 12, f"Tabel {number} Capaian kinerja dan anggaran dinas") + coloured(
            sides, top, top - 20
        )
        page += lines(at, top - 14, 0, [["No", "Indikator", "Target", "Realisasi"]]) + lines(at, top - 34, 16, rows)
    tables = read(tmp_path, page)
    assert [rows_of(one) for one in tables] == [[["No", "Indikator", "Target", "Realisasi"], *rows]] * 3


def test_numbers_in_step_a_little_apart(tmp_path: Path) -> None:
    sides = [50, 200, 300]
    at = [55, 205, 236, 267]
    rows = [["Indeks", "2,10", "2,40", "2,70"], ["Persentase", "59,85", "68,4", "76,9"], ["Nilai", "14", "16", "18"]]
    drawn = "".join(rule(50, 300, y) for y in (720, 700, 680, 660, 640))
    drawn += "".join(f"{x} 640 m {x} 720 l S " for x in sides)
    drawn += lines([55, 205], 706, 0, [["Indikator", "Realisasi"]]) + lines(at, 686, 20, rows)
    (one,) = read(tmp_path, drawn)
    assert rows_of(one)[1:] == rows


def test_a_number_that_the_side_of_the_page_cuts_off(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "page.pdf", text(545, 700, "508.103.185 12") + text(50, 700, "12.000"))
    with open_pdf(path) as document:
        content = read_page(document, 1)
    assert "".join(map(chr, content.chars.code)) in ("508.103.18512.000", "12.000508.103.185")
    assert "cut_off" in content.doubted
