"""Layouts of newly typed reports that were misread: each leaves its smallest case here."""

from __future__ import annotations

from pathlib import Path

from extractors.header_rows import repeats
from normalizers.setting import Setting
from pipeline.opening import open_table
from tests.grids import table
from tests.test_open_forms import coloured, lines, read, rows_of
from tests.test_table_facts import facts
from tests.test_unseen_forms import columns_of, rule
from tests.tiny_pdf import text


def upright(xs: list[float], top: float, bottom: float) -> str:
    return "".join(f"{x} {bottom} m {x} {top} l S " for x in xs)


def test_column_rules_that_stop_at_a_label_part_its_row(tmp_path: Path) -> None:
    xs = [50.0, 100.0, 260.0, 350.0, 440.0]
    drawn = "".join(rule(50, 440, y) for y in (720, 700, 600)) + upright([50, 350, 440], 720, 600)
    drawn += upright([100, 260], 720, 700) + upright([100, 260], 685, 600)
    drawn += lines([55, 105, 265, 355], 706, 0, [["Kode", "Uraian", "Target", "Pagu"]])
    drawn += lines([55, 355], 690, 0, [["DINAS SOSIAL DAN PEMBERDAYAAN", "9.000.000"]])
    rows = [["1.06.02", "Program A", "10", "4.000.000"], ["1.06.04", "Program B", "7", "5.000.000"]]
    (one,) = read(tmp_path, drawn + lines([x + 5 for x in xs[:-1]], 672, 16, rows))
    assert rows_of(one)[1:] == [["DINAS SOSIAL DAN PEMBERDAYAAN", "9.000.000"], *rows]


def test_headings_again_below_the_rows_of_another_table(tmp_path: Path) -> None:
    ys = [740, 720, 700, 680, 660, 640, 620, 600]
    drawn = "".join(rule(50, 500, y) for y in ys)
    first = [
        ["No", "Sasaran", "Indikator", "Target"],
        ["1", "Jalan", "Kemantapan", "72,35"],
        ["2", "Air", "Luas", "45"],
    ]
    second = [
        ["No", "Program", "Anggaran", "Sumber"],
        ["1", "Jalan", "5.000.000", "APBD"],
        ["2", "Air", "7.000.000", "APBD"],
    ]
    drawn += lines([55, 100, 250, 400], 726, 20, first) + lines([55, 100, 250, 400], 646, 20, second)
    found = [rows_of(one) for one in read(tmp_path, drawn + text(230, 666, "ANGGARAN DINAS"))]
    assert found == [first, second]


def test_a_title_and_headings_begin_a_table_of_space(tmp_path: Path) -> None:
    at = [55, 250, 350, 450]
    rows = [["Beban Pegawai", "407.000.000", "665.226.539", "38,82"], ["Beban Jasa", "351.000.000", "515.186.260", "31,87"],
            ["Beban Persediaan", "401.500.000", "615.294.937", "34,75"]]  # fmt: skip
    head = ["URAIAN", "2022", "2021", "SELISIH"]
    drawn = (
        lines(at, 720, 14, [head, *rows]) + text(211, 664, "LAPORAN OPERASIONAL") + lines(at, 650, 14, [head, *rows])
    )
    assert [len(rows_of(one)) for one in read(tmp_path, drawn)] == [4, 4]


def test_amounts_and_rates_flush_in_one_ruled_column(tmp_path: Path) -> None:
    rows = [["198.683.653", "39,14"], ["66.360.269", "42,65"], ["127.581.161", "57,03"]]
    drawn = "".join(rule(50, 300, y) for y in (720, 700, 680, 660, 640)) + upright([50, 150, 300], 720, 640)
    drawn += lines([55, 155], 706, 0, [["Program", "Realisasi"]])
    for i, (amount, rate) in enumerate(rows):
        wide = 5.56 * sum(c.isdigit() for c in amount) + 2.78 * amount.count(".")
        drawn += (
            text(55, 686 - 20 * i, "Jalan") + text(220 - wide, 686 - 20 * i, amount) + text(223.5, 686 - 20 * i, rate)
        )
    (one,) = read(tmp_path, drawn)
    assert rows_of(one)[1:] == [["Jalan", *row] for row in rows]


def test_thousands_parted_by_blanks_and_ranges_stay_whole(tmp_path: Path) -> None:
    drawn = "".join(rule(50, 300, y) for y in (720, 700, 680, 660, 640)) + upright([50, 150, 300], 720, 640)
    drawn += lines([55, 155], 706, 0, [["Program", "Penduduk"]])
    for rows in (
        [["A", "76 102"], ["B", "81 234"], ["C", "90 511"]],
        [["A", "325 - 400"], ["B", "250 - 324"], ["C", "10 - 99"]],
    ):
        (one,) = read(tmp_path, drawn + lines([55, 155], 686, 20, rows))
        assert rows_of(one)[1:] == rows


def test_a_heading_whose_last_line_a_page_cuts_off() -> None:
    row = ("Kode", "RealisasiTargetKinerjaHasils/dTahun2022", "Rp")
    cut = ("Kode", "RealisasiTargetKinerjaHasils/d", "Rp")
    assert repeats([row, ("1", "2", "3")], [cut, ("1", "2", "3")]) == 2
    assert repeats([("Kode", "Target", "Rp"), ("1", "2", "3")], [("Kode", "Target2", "Rp"), ("x", "y", "z")]) == 0


def test_targets_beside_what_was_done_and_beside_the_budget() -> None:
    until = "Realisasi s/d Triwulan II"
    rows = [
        ["Program", "Pagu Anggaran (Rp)", until, "<", "<", "<"],
        ["^", "^", "Fisik (%)", "<", "Keuangan", "<"],
        ["^", "^", "Target", "Realisasi", "Target (Rp)", "Realisasi (Rp)"],
        ["A", "12.000.000", "55,00", "41,14", "6.000.000", "5.500.000"],
    ]
    found = columns_of(rows, "Laporan Realisasi Fisik dan Keuangan Triwulan II Tahun 2023")
    assert found[f"{until} > Fisik (%) > Target"] == ("target", "kinerja", 2023, "sd_tw2")
    assert found[f"{until} > Fisik (%) > Realisasi"] == ("realisasi", "kinerja", 2023, "sd_tw2")
    assert found[f"{until} > Keuangan > Target (Rp)"][:2] == ("target", "anggaran")
    assert found["Pagu Anggaran (Rp)"][0] == "anggaran"


def test_a_total_set_with_wide_letters() -> None:
    rows = [["Program", "Pagu"], ["A", "12.000.000"], ["B", "10.000.000"], ["J U M L A H", "22.000.000"]]
    assert [f.level for f in facts(rows, "Rencana Kerja 2024", "renja")][-1] == "total"


def test_amounts_below_a_heading_of_words_are_told() -> None:
    rows = [["Program", "Pagu", "Keterangan"], ["A", "12.000.000", "1.000.000"], ["B", "10.000.000", "2.000.000"]]
    opened = open_table(table(rows, ["Rencana 2024"]), "t1", Setting(2024))
    assert [c.kind for c in opened.meaning.columns if c.label == "Keterangan"] != ["quantity"]
    assert [p.kind for p in opened.problems] == ["garbled_heading"]


def test_years_in_one_cell_over_their_columns() -> None:
    rows = [
        ["Program", "2024 2025", "<", "<", "<"],
        ["^", "Target", "Rp", "Target", "Rp"],
        ["A", "5", "1.000.000", "6", "2.000.000"],
    ]
    found = columns_of(rows, "Rencana Program", "renstra")
    assert [column[2] for column in found.values()] == [2024, 2024, 2025, 2025]


def test_a_label_in_the_column_of_the_codes() -> None:
    rows = [["Kode", "Program", "Pagu"], ["1.01.02", "A", "12.000.000"], ["1.01.03", "B", "10.000.000"],
            ["Jumlah Anggaran", "", "22.000.000"]]  # fmt: skip
    last = facts(rows, "Rencana Kerja 2024", "renja")[-1]
    assert (last.level, last.name_raw, last.code_raw) == ("total", "Jumlah Anggaran", None)


def test_a_white_line_of_totals_below_coloured_rows(tmp_path: Path) -> None:
    xs = [50.0, 200.0, 300.0, 400.0, 500.0]
    at = [55, 205, 305, 405]
    drawn = coloured(xs, 720, 700) + coloured(xs, 680, 660) + coloured(xs, 640, 620)
    rows = [["Program", "Indikator", "Pagu", "Realisasi"], ["A", "x", "1.000.000", "900.000"], ["B", "y", "2.000.000", "190.000"],
            ["C", "z", "4.000.000", "3.900.000"], ["D", "z", "5.000.000", "4.900.000"]]  # fmt: skip
    drawn += lines(at, 706, 20, rows) + lines([55, 305, 405], 606, 0, [["TOTAL", "12.000.000", "11.600.000"]])
    (one,) = read(tmp_path, drawn)
    assert [text for text in rows_of(one)[-1] if text] == ["TOTAL", "12.000.000", "11.600.000"]


def test_rows_that_say_what_their_numbers_are() -> None:
    rows = [
        ["No", "Indikator Kinerja", "Satuan", "Uraian", "2022", "2023"],
        ["1", "Angka harapan hidup", "Tahun", "Target", "70", "71"],
        ["", "", "", "Realisasi", "69", "72"],
        ["", "", "", "Capaian (%)", "98,57", "101,41"],
    ]
    found = facts(rows, "Tabel 3.4 Perbandingan", "lkjip")
    assert [(f.role, f.unit, f.year) for f in found] == [
        ("target", "Tahun", 2022), ("target", "Tahun", 2023), ("realisasi", "Tahun", 2022), ("realisasi", "Tahun", 2023),
        ("tingkat_realisasi", "Persen", 2022), ("tingkat_realisasi", "Persen", 2023),
    ]  # fmt: skip
    assert {f.indicator for f in found} == {"Angka harapan hidup"}


def test_a_count_has_no_decimals() -> None:
    rows = [["Program", "Pagu", "Target"], ["A", "1,250,000.00", "2.750 Orang"], ["B", "2,250,000.00", "5,75 Orang"]]
    assert [str(f.value) for f in facts(rows, "Rencana 2024", "renja") if f.column_no == 2] == ["2750", "5.75"]


def test_a_year_beside_n_tells_which_year_n_is() -> None:
    rows = [
        ["Program", "Realisasi Tahun Lalu (n-2) 2023", "<"],
        ["^", "Target Tahun (n-2)", "Realisasi Tahun (n-2)"],
        ["A", "5", "6"],
    ]
    opened = open_table(table(rows, ["Evaluasi Hasil Renja"]), "t1", Setting(2025, doc_type="renja", evaluates=True))
    assert [c.year for c in opened.meaning.columns if c.kind == "quantity"] == [2023, 2023]


def test_a_heading_that_reaches_down_beside_groups_on_one_rule(tmp_path: Path) -> None:
    xs = [55, 155, 225, 295, 365, 435, 505]
    drawn = rule(50, 570, 720) + rule(150, 430, 700) + rule(150, 570, 680)
    drawn += "".join(rule(50, 570, 660 - 20 * i) for i in range(5))
    drawn += text(240, 706, "Kerangka Pendanaan") + text(445, 706, "Kondisi Akhir Periode")
    drawn += text(205, 686, "2028") + text(345, 686, "2029") + text(55, 666, "Program")
    drawn += lines(xs[1:], 666, 0, [["Target", "Rp", "Target", "Rp", "Target", "Rp"]])
    drawn += lines(xs, 646, 20, [[name, "60", "7.757.780", "61", "8.757.780", "62", "9.757.780"] for name in "ABCD"])
    (one,) = read(tmp_path, drawn)
    years = {cell.text: (cell.column, cell.colspan) for cell in one.cells if cell.text in ("2028", "2029")}
    assert years == {"2028": (1, 2), "2029": (3, 2)}


def test_thousands_by_hand_beside_amounts_of_a_spreadsheet() -> None:
    rows = [
        ["Program", "Target", "Pagu (Rp)"],
        ["A", "39.000 Ton", "1,250,000,000.00"],
        ["B", "25 Ton", "2,250,000,000.00"],
    ]
    assert [f.raw for f in facts(rows, "Rencana Kerja 2024", "renja")] == [
        "1,250,000,000.00",
        "25 Ton",
        "2,250,000,000.00",
    ]


def test_goals_in_one_column_with_their_numbers() -> None:
    rows = [
        ["No Sasaran Strategis", "Anggaran (Rp)", "Realisasi (Rp)"],
        ["1 Meningkatnya akuntabilitas", "12.000.000", "11.000.000"],
    ]
    assert [f.level for f in facts(rows, "Realisasi Anggaran per Sasaran 2024", "lkjip")] == ["sasaran", "sasaran"]
