"""Tables without row rules, without column rules, without any: one small page for each kind."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import pdfplumber
import pytest

from extractors.lattice import Grid
from extractors.read import read_pdf
from extractors.tables import Cell, Reading, Table
from extractors.unruled import crowded
from tests.tiny_pdf import TinyPage, fill, grid, line, text, write_pdf

WIDE = (842, 595)


def read(tmp_path: Path, *pages: TinyPage | str) -> Reading:
    return read_pdf(write_pdf(tmp_path / "page.pdf", *pages))


def rows_of(table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row].append(cell.text)
    return rows


def column(x: float, top: float, step: float, texts: Sequence[str]) -> str:
    return "".join(text(x, top - step * i, value) for i, value in enumerate(texts) if value)


XS = [50, 120, 300, 400, 500]
FRAME = grid(XS, [720, 700, 500])
HEADS = ["Kode", "Uraian", "Anggaran", "Realisasi"]
HEAD = fill(XS, [720], [HEADS])
BUDGET = [
    ["5.1.", "Belanja Operasi", "10.000.000,00", "9.000.000,00"],
    ["5.1.1.", "Belanja Pegawai yang dibayarkan\nsetiap bulan", "6.000.000,00", "5.500.000,00"],
    ["5.1.2.", "Belanja Barang", "4.000.000,00", "3.500.000,00"],
    ["5.2.", "Belanja Modal", "2.500.000,00", "(100.000,00)"],
]


def budget(shift: float = 0.0) -> str:
    """BUDGET from y 680 down; the last column stands `shift` points lower than the others."""
    drawn, y = "", 680.0
    for code, name, one, two in BUDGET:
        drawn += text(55, y, code) + text(320, y, one) + text(420, y - shift, two)
        for part in name.split("\n"):
            drawn += text(125, y, part)
            y -= 12
        y -= 6
    return drawn


@pytest.mark.parametrize("shift", [0.0, 1.5, 4.0, -2.0])
def test_rows_in_a_frame_with_column_rules_only(tmp_path: Path, shift: float) -> None:
    (table,) = read(tmp_path, FRAME + HEAD + budget(shift)).tables
    assert rows_of(table) == [HEADS, *BUDGET]
    assert {cell.method for cell in table.cells if cell.row} == {"space+rules"}


def test_amounts_beside_the_last_line_of_a_name(tmp_path: Path) -> None:
    drawn, y = "", 680.0
    for i in range(5):
        drawn += text(125, y, f"Belanja pemeliharaan gedung {i}") + text(125, y - 12, "dan bangunan lainnya")
        drawn += text(320, y - 12, f"{i + 1}.000.000") + text(420, y - 12, f"{i + 1}.500.000")
        y -= 30
    (table,) = read(tmp_path, grid(XS, [720, 500]) + drawn).tables
    expected = [
        ["", f"Belanja pemeliharaan gedung {i}\ndan bangunan lainnya", f"{i + 1}.000.000", f"{i + 1}.500.000"]
        for i in range(5)
    ]
    assert rows_of(table) == expected


def test_headings_without_amounts_are_rows_of_their_own(tmp_path: Path) -> None:
    names = ["ASET LANCAR", "Kas di Kas Daerah", "Piutang", "ASET TETAP", "Tanah", "Konstruksi dalam pengerjaan umum"]
    one = ["", "1.000.000", "2.000.000", "", "3.000.000", "4.000.000"]
    two = ["", "1.100.000", "2.100.000", "", "3.100.000", "4.100.000"]
    drawn = column(125, 680, 14, names) + column(320, 680, 14, one) + column(420, 680, 14, two)
    (table,) = read(tmp_path, grid(XS[1:], [720, 500]) + drawn).tables
    assert rows_of(table) == [list(row) for row in zip(names, one, two, strict=True)]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["5.03", "Indikator satu\nIndikator dua", "12 Dokumen\n3 Laporan", "500.000"], id="one amount"),
        pytest.param(["1", "Cakupan", "12\n15", "3\n4"], id="bare counts"),
        pytest.param(["1", "Nama kegiatan", "329.957.274,\n00", "400.957.274,\n00"], id="broken numbers"),
    ],
)
def test_cells_that_print_several_quantities_stay_whole(tmp_path: Path, cells: list[str]) -> None:
    drawn = fill(XS, [700], [[cell.replace("\n", "|") for cell in cells]])
    (table,) = read(tmp_path, grid(XS, [720, 700, 640]) + HEAD + drawn).tables
    assert rows_of(table)[1] == cells


def test_glued_negatives_go_to_their_own_columns(tmp_path: Path) -> None:
    drawn = ""
    for i in range(4):
        y = 680 - 18 * i
        drawn += text(125, y, f"Retribusi {i}") + text(320, y, f"{i + 2}.000.000,00")
        drawn += text(411, y, f"({i + 1}.464.664,00)(100,00)", size=10)
    xs = [120, 300, 400, 488, 540]
    (table,) = read(tmp_path, grid(xs, [720, 500]) + drawn).tables
    expected = [[f"Retribusi {i}", f"{i + 2}.000.000,00", f"({i + 1}.464.664,00)", "(100,00)"] for i in range(4)]
    assert rows_of(table) == expected


VILLAGES = [
    ["1. Mangaran", "6 145", "6 371", "12 516"],
    ["2. Sukamakmur", "5 306", "5 545", "10 851"],
    ["3. Ajung", "8 472", "8 588", "17 060"],
    ["4. Rowo", "53", "55", "108"],
]


def statistics(rules: bool) -> str:
    drawn = "".join(line(50, y, 450, y) for y in (740, 690, 672, 580)) if rules else ""
    drawn += text(60, 715, "Desa") + text(60, 703, "Village") + text(254, 725, "Jenis Kelamin / Gender")
    drawn += text(200, 703, "Laki-laki") + text(290, 703, "Perempuan") + text(380, 703, "Jumlah")
    drawn += "".join(text(x, 678, f"({i})") for i, x in enumerate((70, 210, 300, 390), 1))
    for i, row in enumerate(VILLAGES):
        y = 655 - 18 * i
        drawn += text(60, y, row[0])
        drawn += "".join(text(x - 5 * len(v), y, v) for x, v in zip((235, 325, 415), row[1:], strict=True))
    return drawn


@pytest.mark.parametrize("rules", [True, False], ids=["horizontal rules", "no rules"])
def test_columns_of_white_space_under_a_stacked_header(tmp_path: Path, rules: bool) -> None:
    caption = text(60, 770, "Jumlah penduduk menurut desa dan jenis kelamin di kecamatan tahun 2019")
    (table,) = read(tmp_path, caption + statistics(rules) + text(60, 560, "Sumber: BPS Kabupaten")).tables
    rows = rows_of(table)
    assert rows[-4:] == VILLAGES
    assert rows[-5] == ["(1)", "(2)", "(3)", "(4)"]
    gender = next(cell for cell in table.cells if "Gender" in cell.text)
    assert (gender.column, gender.colspan) == (1, 3)
    assert any("penduduk" in above for above in table.above)


def test_the_columns_go_on_over_the_page(tmp_path: Path) -> None:
    more = "".join(
        text(60, 780 - 18 * i, name) + text(205, 780 - 18 * i, "1 145") + text(295, 780 - 18 * i, "2 371")
        for i, name in enumerate(["5. Wiro", "6. Klompang"])
    )
    (table,) = read(tmp_path, statistics(True), more).tables
    assert table.pages == (1, 2)
    assert rows_of(table)[-1] == ["6. Klompang", "1 145", "2 371", ""]


def test_rows_between_rules_without_column_rules(tmp_path: Path) -> None:
    ys = [700 - 40 * i for i in range(6)]
    drawn = "".join(line(50, y, 450, y) for y in ys)
    for i, y in enumerate(ys[:-1]):
        drawn += text(60, y - 14, f"Penyediaan jasa {i}") + text(60, y - 28, "dan pemeliharaan")
        drawn += text(250, y - 14, f"{i + 1}.220.000,-") + text(380, y - 14, f"{70 + i}.79")
    (table,) = read(tmp_path, drawn).tables
    assert rows_of(table)[-4:] == [
        [f"Penyediaan jasa {i}\ndan pemeliharaan", f"{i + 1}.220.000,-", f"{70 + i}.79"] for i in range(1, 5)
    ]


PROSE = "Rencana kerja tahun 2024 memuat 12 program dan 30 kegiatan dengan pagu 1.250.000 rupiah."
NAMES = ["BAB I PENDAHULUAN", "BAB II HASIL", "BAB III TUJUAN", "BAB IV PENUTUP"]
SIGNED = ["Medan, 31 Desember 2019", "Kepala Badan", "Drs. Ahmad", "NIP. 19670717 199203 1 002"]


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param(column(60, 700, 14, [PROSE] * 12), id="prose"),
        pytest.param(column(60, 700, 20, NAMES) + column(450, 700, 20, ["1", "8", "20", "32"]), id="list of contents"),
        pytest.param(column(60, 700, 20, [f"{name} ......... {len(name)}" for name in NAMES]), id="leaders"),
        pytest.param(column(60, 700, 16, SIGNED) + column(350, 700, 16, SIGNED), id="signatures"),
        pytest.param(column(60, 700, 16, ["1.", "2.", "3.", "4."]) + column(80, 700, 16, [PROSE] * 4), id="list"),
        pytest.param(
            "".join(text(90 + 40 * i, 500 + 30 * i, f"{i + 2}.810") for i in range(5)), id="labels of a chart"
        ),
    ],
)
def test_what_is_no_table(tmp_path: Path, drawn: str) -> None:
    assert read(tmp_path, drawn).tables == []


def test_a_watermark_does_not_enter_the_numbers(tmp_path: Path) -> None:
    letters = "".join(
        f"BT /F 30 Tf 0.7 0.7 -0.7 0.7 {190 + 14 * i} {600 + 14 * i} Tm ({c}) Tj ET\n"
        for i, c in enumerate("bps.go.id")
    )
    (table,) = read(tmp_path, letters + statistics(True)).tables
    assert rows_of(table)[-4:] == VILLAGES


def test_the_box_of_a_cell_holds_its_text(tmp_path: Path) -> None:
    for name, drawn in (("ruled", FRAME + HEAD + budget(2.0)), ("open", statistics(True))):
        path = write_pdf(tmp_path / f"{name}.pdf", drawn)
        with pdfplumber.open(path) as document:
            page = document.pages[0]
            for cell in read_pdf(path).tables[0].cells:
                if cell.text:
                    seen = page.crop(cell.bbox).extract_text()
                    assert "".join(seen.split()) == "".join(cell.text.split())


def test_header_and_body_in_frames_of_their_own_are_one_table(tmp_path: Path) -> None:
    (table,) = read(tmp_path, grid(XS, [750, 730]) + fill(XS, [750], [HEADS]) + grid(XS, [722, 500]) + budget()).tables
    assert rows_of(table) == [HEADS, *BUDGET]


def test_the_space_of_a_double_rule_is_no_row(tmp_path: Path) -> None:
    double = grid(XS, [720, 700, 696, 676]) + HEAD + fill(XS, [696], [["1", "Belanja", "5.000.000", "4.000.000"]])
    (table,) = read(tmp_path, double).tables
    assert rows_of(table) == [HEADS, ["1", "Belanja", "5.000.000", "4.000.000"]]


def test_merged_text_beside_unruled_rows_stays_one_cell(tmp_path: Path) -> None:
    mission = ["Terwujud", "daerah yang", "maju dan", "sejahtera", "lahir batin"]
    drawn = column(52, 680, 12, mission) + column(125, 680, 40, ["Indeks satu", "Indeks dua", "Indeks tiga"])
    for x, texts in ((320, ["77", "90,4", "100,10"]), (420, ["80", "92,3", "100,20"]), (290, ["1", "2", "3"])):
        drawn += column(x, 680, 40, texts)
    (table,) = read(tmp_path, grid([50, 120, 280, 300, 400, 500], [720, 560]) + drawn).tables
    assert rows_of(table)[0] == ["\n".join(mission), "Indeks satu", "1", "77", "80"]
    assert rows_of(table)[1:] == [["Indeks dua", "2", "90,4", "92,3"], ["Indeks tiga", "3", "100,10", "100,20"]]


def test_numbers_side_by_side_in_one_ruled_column_get_columns_of_their_own(tmp_path: Path) -> None:
    ys = [720 - 20 * i for i in range(6)]
    drawn = grid([50, 200, 400], ys) + text(60, 706, "Jenjang") + text(255, 706, "Jumlah Guru per Tahun")
    for i, y in enumerate(ys[1:-1]):
        drawn += text(60, y - 14, f"Sekolah {i}") + text(230, y - 14, f"{76 + i}") + text(340, y - 14, f"{102 + i}")
    (table,) = read(tmp_path, drawn).tables
    assert rows_of(table)[0] == ["Jenjang", "Jumlah Guru per Tahun"]
    assert rows_of(table)[1:] == [[f"Sekolah {i}", f"{76 + i}", f"{102 + i}"] for i in range(4)]


SHORT = [["1", "Jalan Desa", "12 Km", "5 %"], ["2", "Jembatan", "3 Unit", "7 %"], ["3", "Irigasi", "9 Km", "8 %"]]


def rows_ruled(top: float, rows: list[list[str]]) -> str:
    """Rows of 20 points from `top` down, parted by horizontal lines alone."""
    drawn = line(50, top, 500, top)
    for i, row in enumerate(rows, 1):
        drawn += line(50, top - 20 * i, 500, top - 20 * i)
        drawn += "".join(text(x + 5, top - 20 * i + 6, word) for x, word in zip(XS, row, strict=False))
    return drawn


def coloured_header(y: float) -> str:
    bars = "".join(f"0.8 g {a} {y - 20} {b - a} 20 re f 0 g " for a, b in itertools.pairwise(XS))
    return bars + "".join(text(x + 5, y - 14, word) for x, word in zip(XS, HEADS, strict=False))


def test_a_coloured_header_gives_its_columns_to_rows_ruled_by_lines_alone(tmp_path: Path) -> None:
    first = coloured_header(720) + rows_ruled(700, SHORT)
    (table,) = read(tmp_path, first, rows_ruled(760, SHORT)).tables
    assert table.pages == (1, 2)
    assert rows_of(table) == [HEADS, *SHORT, *SHORT]


def test_columns_do_not_run_through_prose_between_two_tables(tmp_path: Path) -> None:
    prose = "".join(
        text(50, 630 - 12 * i, "Uraian panjang yang berjalan melewati semua kolom tabel di atasnya") for i in range(5)
    )
    page = coloured_header(720) + rows_ruled(700, SHORT) + prose + rows_ruled(560, SHORT)
    reading = read(tmp_path, page)
    assert [rows_of(table) for table in reading.tables] == [[HEADS, *SHORT], SHORT]
    assert [line.text for line in reading.lines] == [
        "Uraian panjang yang berjalan melewati semua kolom tabel di atasnya"
    ] * 5


def test_a_body_without_rules_below_ruled_headings(tmp_path: Path) -> None:
    foot = text(240, 560, "Jumlah Anggaran Kegiatan") + text(430, 560, "12.500.000,00")
    signed = text(420, 540, "Bitung, 3 Januari 2022") + text(420, 500, "NIP. 196902211995031002")
    (table,) = read(tmp_path, grid(XS, [720, 700]) + HEAD + budget() + foot + signed).tables
    assert rows_of(table)[:5] == [HEADS, *BUDGET]
    assert [text for text in rows_of(table)[5] if text] == ["Jumlah Anggaran Kegiatan", "12.500.000,00"]
    assert table.n_rows == 6


def test_amounts_that_do_not_keep_to_the_columns_of_a_heading_are_not_cut(tmp_path: Path) -> None:
    crossing = "".join(text(260, 680 - 20 * i, f"1{i}.000.000.000,00") + text(440, 680 - 20 * i, "5") for i in range(6))
    tables = read(tmp_path, grid(XS, [720, 700]) + HEAD + crossing).tables
    assert all("000.000.000,00" in cell.text for t in tables for cell in t.cells if ".000" in cell.text)


def test_a_caption_parts_two_tables_without_rules(tmp_path: Path) -> None:
    def drawn(y: float, caption: str) -> str:
        lines = (
            text(60, y, caption)
            + text(60, y - 16, "Uraian")
            + text(300, y - 16, "Anggaran")
            + text(420, y - 16, "Realisasi")
        )
        for i in range(4):
            at = y - 32 - 14 * i
            lines += (
                text(60, at, f"Belanja {i}") + text(300, at, f"{i + 1}.000.000") + text(420, at, f"{i + 1}.500.000")
            )
        return lines

    tables = read(tmp_path, drawn(700, "Tabel 1.1 Anggaran") + drawn(612, "Tabel 1.2 Perubahan")).tables
    assert [t.n_rows for t in tables] == [5, 5]


def test_amounts_that_are_no_numbers_are_no_rows() -> None:
    """Two kinds of separators in one amount, as damaged bytes print them."""
    box = (0.0, 0.0, 9.0, 9.0)
    part = Grid(1, box, (0, 9), (0, 9), [Cell(0, 0, 1, box, "1.234,567.890\n2.345,678.901")])
    assert not crowded(part, (0, 1))
