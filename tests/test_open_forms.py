"""Forms as offices print them without rules: coloured heads, numbering rows, lists side by side, pages that go on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest

from extractors.columns_of_space import numbered_edges
from extractors.heading_groups import Span, spread
from extractors.read import read_pdf
from extractors.tables import Table
from extractors.words_of_space import Word
from tests.tiny_pdf import TinyPage, text, write_pdf

WIDE = (842, 595)


def read(tmp_path: Path, *pages: TinyPage | str) -> tuple[Table, ...]:
    return tuple(read_pdf(write_pdf(tmp_path / "page.pdf", *pages)).tables)


def rows_of(table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row].append(cell.text)
    return rows


def lines(xs: Sequence[float], top: float, step: float, rows: Sequence[Sequence[str]], size: float = 10) -> str:
    """Rows of texts that begin at `xs`, the first at height `top`."""
    return "".join(
        text(x, top - i * step, value, size)
        for i, row in enumerate(rows)
        for x, value in zip(xs, row, strict=True)
        if value
    )


def coloured(xs: Sequence[float], top: float, bottom: float) -> str:
    """A row of coloured cells that abut."""
    boxes = "".join(f"{a} {bottom} {b - a} {top - bottom} re f " for a, b in itertools.pairwise(xs))
    return f"0.8 0.85 0.9 rg {boxes} 0 g "


SIDES = [50, 120, 300, 400, 500]
AT = [55, 125, 310, 410]
NUMBERS = ["1", "2", "3", "4"]
TARGETS = [
    ["1.01", "Nilai akuntabilitas", "72", "71"],
    ["1.02", "Indeks kepuasan", "84", "85"],
    ["1.03", "Opini", "3", "3"],
]


def test_plain_numbers_hang_below_a_coloured_head(tmp_path: Path) -> None:
    head = coloured(SIDES, 720, 700) + coloured(SIDES, 700, 684)
    drawn = lines(AT, 706, 0, [["Kode", "Indikator", "Target", "Realisasi"]]) + lines(AT, 688, 0, [NUMBERS])
    body = lines(AT, 670, 26, TARGETS) + text(125, 632, "masyarakat") + text(125, 606, "atas laporan")
    (table,) = read(tmp_path, head + drawn + body)
    named = [["1.02", "Indeks kepuasan\nmasyarakat", "84", "85"], ["1.03", "Opini\natas laporan", "3", "3"]]
    assert rows_of(table) == [["Kode", "Indikator", "Target", "Realisasi"], NUMBERS, TARGETS[0], *named]


def test_prose_below_a_coloured_head_is_no_body(tmp_path: Path) -> None:
    head = coloured(SIDES, 720, 700) + lines(AT, 706, 0, [["Kode", "Indikator", "Target", "Realisasi"]])
    prose = "Anggaran tahun 2024 sebesar 12.500.000 naik 1.250.000 dari 11.250.000 pada tahun 2023 karena"
    (*tables,) = read(tmp_path, head + "".join(text(55, 680 - 14 * i, prose) for i in range(4)))
    assert not any("12.500.000" in cell.text for table in tables for cell in table.cells)


def test_labels_far_before_amounts_are_a_column_below_one_heading(tmp_path: Path) -> None:
    sides, at = [50, 120, 280, 480, 580], [55, 125, 285, 490]
    head = coloured(sides, 720, 700) + lines(at, 706, 0, [["Kode", "Uraian", "Pagu Indikatif", "Prakiraan"]])
    kinds = ["Belanja operasi :", "Belanja pegawai :", "Belanja barang :", "Belanja modal :"]
    body = lines([55, 125], 680, 0, [["5.01", "Program penunjang"]])
    for i, kind in enumerate(kinds):
        body += lines([285, 420, 490], 680 - 16 * i, 0, [[kind, f"{i + 1}.000.000", f"{i + 1}.500.000"]])
    (table,) = read(tmp_path, TinyPage(head + body, (650, 842)))
    assert [row[2:] for row in rows_of(table)[1:]] == [
        [kind, f"{i + 1}.000.000", f"{i + 1}.500.000"] for i, kind in enumerate(kinds)
    ]


def test_a_numbering_row_under_groups_makes_no_columns(tmp_path: Path) -> None:
    """`3` stands between the two columns of its group; `5 =` and `4/3*100` are one."""
    heads = text(150, 742, "Uraian") + text(322, 742, "Renstra") + text(442, 742, "Renja") + text(550, 742, "Tingkat")
    heads += lines([310, 355, 430, 475], 726, 0, [["K", "Rp.", "K", "Rp."]]) + text(555, 708, "5 =")
    heads += lines([70, 160, 335, 455], 702, 0, [["1", "2", "3", "4"]]) + text(545, 696, "4/3*100")
    body = [[f"5.{i}", f"Kegiatan {i}", "12", f"{i}.000.000", "11", f"{i}.500.000", "91,67"] for i in range(1, 6)]
    (table,) = read(tmp_path, TinyPage(heads + lines([60, 130, 308, 340, 428, 460, 552], 680, 18, body), (650, 842)))
    assert rows_of(table)[-5:] == body
    numbering = [cell for cell in table.cells if cell.text == "3"]
    assert [(cell.column, cell.colspan) for cell in numbering] == [(2, 2)]


def test_two_numbers_of_a_numbering_row_prove_two_columns() -> None:
    def word(string: str, x0: float, x1: float) -> Word:
        return Word(string, x0, 0, x1, 10, 8, 0, 1.0, ())

    labels = [[word(string, x, x + 5)] for string, x in (("1", 20), ("2", 70), ("3", 120))]
    body = [[word("Jumlah", 0, 40), word("10", 60, 72), word("Desa", 74, 90), word("5.000", 110, 130)]] * 3
    (border,) = set(numbered_edges([0, 100, 140], labels, body)) - {0, 100, 140}
    assert 40 < border < 60


def test_a_heading_does_not_stand_over_the_same_years_twice() -> None:
    years = ["2021", "2022", "2023", "2024"] * 2
    edges = [float(40 * i) for i in range(10)]
    leaves = [Span(i + 1, i + 2, edges[i + 1] + 8, edges[i + 2] - 8, 20, 30, year) for i, year in enumerate(years)]
    empty = Span(0, 1, 10, 30, 20, 30, "IKK")
    target, done = Span(2, 4, 70, 170, 0, 10, "Target"), Span(6, 8, 240, 320, 0, 10, "Realisasi")
    spread([target, done, empty, *leaves], edges, [])
    assert (target.column, target.end, done.column, done.end) == (1, 5, 5, 9)


def test_rows_that_number_on_begin_with_the_first(tmp_path: Path) -> None:
    """Graded words stand in the first rows; `Inovatif` stays in its own row although a number stands close above."""
    grades = ["B", "BB", "75%", "100%", "Inovatif", "80%", "95%", "63"]
    rows = [[str(i + 1), f"Indikator kinerja khusus {i + 1}", grade, "Seluruh OPD"] for i, grade in enumerate(grades)]
    heads = [["NO", "URAIAN", "TARGET 2024", "OPD"]]
    (table,) = read(tmp_path, lines([50, 80, 300, 400], 700, 0, heads) + lines([50, 80, 300, 400], 684, 13, rows))
    assert rows_of(table) == [*heads, *rows]


def test_codes_set_flush_right_stay_in_their_column(tmp_path: Path) -> None:
    rows = [
        ["4", "PENDAPATAN"],
        ["4.1", "PENDAPATAN ASLI"],
        ["4.1.01", "Pajak"],
        ["5", "BELANJA"],
        ["5.1.01", "Pegawai"],
    ]
    drawn = text(60, 700, "KODE") + text(160, 700, "URAIAN") + text(320, 700, "ANGGARAN") + text(420, 700, "REALISASI")
    expected = []
    for i, (code, name) in enumerate(rows):
        x = 60 if code.count(".") == 2 else 127 - 5.3 * len(code)
        drawn += lines([x, 130, 320, 420], 680 - 16 * i, 0, [[code, name, f"{i + 1}.000.000", f"{i + 1}.500.000"]])
        expected.append([code, name, f"{i + 1}.000.000", f"{i + 1}.500.000"])
    (table,) = read(tmp_path, drawn)
    assert rows_of(table)[1:] == expected


def test_two_lists_side_by_side_are_two_tables(tmp_path: Path) -> None:
    """The names wrap in different rows."""
    one = [("1", ["Gaji", "pegawai"]), ("2", ["Listrik"]), ("3", ["Air"]), ("4", ["Sewa", "gedung"])]
    two = [("5", ["Surat"]), ("6", ["Perjalanan", "dinas"]), ("7", ["Rapat", "kerja"]), ("8", ["Cetak"])]
    drawn, expected = "", []
    for left, rows in ((50.0, one), (320.0, two)):
        drawn += lines([left, left + 25, left + 140], 700, 0, [["No", "Kegiatan", "Pagu (Rp)"]])
        y, held = 684.0, [["No", "Kegiatan", "Pagu (Rp)"]]
        for number, names in rows:
            drawn += text(left, y, number) + text(left + 140, y, f"{number}.500.000")
            for name in names:
                drawn += text(left + 25, y, name)
                y -= 13
            held.append([number, "\n".join(names), f"{number}.500.000"])
        expected.append(held)
    assert [rows_of(table) for table in read(tmp_path, drawn)] == expected


LEDGER = [[f"5.1.0{i}", f"Belanja urusan {i}", f"{i}.000.000", f"{i}.500.000"] for i in range(1, 9)]


def ledger_page() -> TinyPage:
    heads = lines([60, 200, 450, 600], 120, 0, [["Kode", "Uraian", "Anggaran", "Realisasi"]])
    return TinyPage(heads + lines([60, 200, 450, 600], 104, 12, LEDGER), WIDE)


def test_the_last_row_of_a_table_on_a_page_of_its_own(tmp_path: Path) -> None:
    rest = [["5.1.09", "Belanja lainnya", "900.000", "850.000"]]
    (table,) = read(tmp_path, ledger_page(), TinyPage(lines([60, 200, 450, 600], 560, 0, rest), WIDE))
    assert table.pages == (1, 2)
    assert rows_of(table)[-2:] == [LEDGER[-1], *rest]


@pytest.mark.parametrize(
    "below",
    [
        pytest.param(["Sisa anggaran 900.000 dan 850.000 akan digunakan pada tahun berikutnya"], id="prose"),
        pytest.param(["Sukamaju, 12 Januari 2024", "Kepala Badan", "NIP 19700101 199003 1 004"], id="signature"),
    ],
)
def test_what_follows_a_table_is_no_row_of_it(tmp_path: Path, below: list[str]) -> None:
    page = TinyPage("".join(text(300, 560 - 14 * i, words) for i, words in enumerate(below)), WIDE)
    tables = read(tmp_path, ledger_page(), page)
    assert not any(cell.page == 2 for table in tables for cell in table.cells)


def captioned(caption: str) -> str:
    drawn = text(200, 700, caption) + text(370, 682, "Realisasi")
    drawn += lines([50, 80, 250, 330, 420, 520], 670, 0, [["No", "Uraian", "Target", "Th 2022", "Th 2023", "Capaian"]])
    return drawn + lines([52, 80, 255, 338, 428, 525], 652, 0, [["1", "Opini BPK", "90", "88", "89", "98,9"]])


def test_one_row_below_a_caption_and_headings_is_a_table(tmp_path: Path) -> None:
    """The heading of two columns stands over the white between them."""
    below = text(50, 634, "Sumber: Bagian Keuangan, 2023") + text(50, 616, "Capaian 98,9 persen naik dari 97,1 persen.")
    (table,) = read(tmp_path, captioned("Tabel 3.1 Capaian Kinerja") + below)
    assert rows_of(table)[-1] == ["1", "Opini BPK", "90", "88", "89", "98,9"]
    assert {cell.text for cell in table.cells if cell.column in (3, 4) and cell.row < 2} == {
        "Realisasi", "Th 2022", "Th 2023",
    }  # fmt: skip


def test_one_row_without_a_caption_is_none(tmp_path: Path) -> None:
    assert not read(tmp_path, captioned("Hasil pengukuran"))
