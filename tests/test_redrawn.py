"""The same page drawn in another way gives the same cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from extractors.read import read_pdf
from extractors.tables import Reading
from tests.tiny_pdf import A4, TinyPage, fill, grid, line, text, write_pdf

XS, YS = [40, 70, 230, 330, 430, 500], [780, 750, 720, 690, 660, 630]
ROWS = [
    ["No", "Uraian", "Anggaran", "Realisasi", "%"],
    ["1", "Belanja Pegawai", "1.250.000,00", "1.000.000,00", "80,00"],
    ["2", "Belanja Barang", "750.000,00", "750.000,00", "100,00"],
    ["3", "Belanja Modal", "2.000.000,00", "500.000,00", "25,00"],
    ["", "Jumlah", "4.000.000,00", "2.250.000,00", "56,25"],
]
PAGE = grid(XS, YS) + fill(XS, YS, ROWS)


def turned(quarter: int) -> TinyPage:
    """The page printed sideways (or on its head), without a word of it in the page's /Rotate."""
    wide, high = A4
    matrix = {1: f"0 1 -1 0 {high} 0", 2: f"-1 0 0 -1 {wide} {high}", 3: f"0 -1 1 0 0 {wide}"}[quarter]
    return TinyPage(f"q {matrix} cm {PAGE} Q", (high, wide) if quarter % 2 else A4)


def cells(reading: Reading) -> list[tuple[int, int, str]]:
    (table,) = reading.tables
    return [(cell.row, cell.column, cell.text) for cell in table.cells]


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_page_that_reads_sideways(tmp_path: Path, quarter: int) -> None:
    plain = read_pdf(write_pdf(tmp_path / "plain.pdf", PAGE))
    reading = read_pdf(write_pdf(tmp_path / "turned.pdf", turned(quarter)))
    assert cells(reading) == cells(plain)
    assert "turned" in reading.pages[0].flags
    wide, high = A4
    place: dict[int, Callable[[float, float], tuple[float, float]]] = {
        1: lambda x, y: (y, wide - x),
        2: lambda x, y: (wide - x, high - y),
        3: lambda x, y: (high - y, x),
    }
    for one, two in zip(plain.tables[0].cells, reading.tables[0].cells, strict=True):
        a, b = place[quarter](*one.bbox[:2]), place[quarter](*one.bbox[2:])
        expected = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        assert two.bbox == pytest.approx(expected, abs=0.1)
    assert all(0 <= v <= max(A4) for v in reading.tables[0].bbox)


def without(xs: list[int], ys: list[int], rows: list[int]) -> str:
    """Of the grid only the horizontal rules at these heights."""
    return "".join(line(xs[0], ys[i], xs[-1], ys[i]) for i in rows) + fill(xs, ys, ROWS)


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param(without(XS, YS, [0, 1, 2, 3, 4, 5]), id="row rules alone"),
        pytest.param(without(XS, YS, [0, 1, 5]), id="rules of the header and the foot"),
        pytest.param(grid(XS, [YS[0], YS[1], YS[5]]) + fill(XS, YS, ROWS), id="column rules, no row rules"),
        pytest.param(grid(XS, YS[:2]) + without(XS, YS, [2, 3, 4, 5]), id="column rules in the header alone"),
        pytest.param(grid(XS, YS[:2]) + without(XS, YS, [5]), id="a ruled header and one rule at the foot"),
    ],
)
def test_fewer_rules_give_the_same_cells(tmp_path: Path, drawn: str) -> None:
    plain = read_pdf(write_pdf(tmp_path / "plain.pdf", PAGE))
    fewer = read_pdf(write_pdf(tmp_path / "fewer.pdf", drawn))
    assert {c for c in cells(fewer) if c[2]} == {c for c in cells(plain) if c[2]}


GROUPS_X, GROUPS_Y = [40, 160, 220, 280, 340, 400, 460, 520], [780, 750, 720, 690, 660]
GROUPS = [
    ["Indikator", "2022", "2023", "2024", "2022", "2023", "2024"],
    ["Nilai", "61", "62", "63", "60", "61", "64"],
    ["Indeks", "71", "72", "73", "70", "71", "74"],
]


def test_headings_of_groups_share_the_columns_below_them(tmp_path: Path) -> None:
    rows = [["", *[""] * 6], *GROUPS]
    drawn = "".join(line(40, y, 520, y) for y in GROUPS_Y if y != 750) + line(160, 750, 520, 750)
    drawn += fill(GROUPS_X, GROUPS_Y, rows) + text(230, 762, "Target") + text(405, 762, "Realisasi")
    (table,) = read_pdf(write_pdf(tmp_path / "groups.pdf", drawn)).tables
    spans = {cell.text: (cell.column, cell.colspan) for cell in table.cells if cell.row == 0 and cell.text}
    assert spans == {"Indikator": (0, 1), "Target": (1, 3), "Realisasi": (4, 3)}


def test_labels_and_their_amounts_in_one_ruled_cell(tmp_path: Path) -> None:
    rows = [["Kegiatan", "Pagu"], *[["Program", "Belanja pegawai"], ["", "Belanja barang"], ["", "Belanja modal"]]]
    xs, ys = [40, 200, 420], [780, 750, 720, 690, 660]
    amounts = [": 1.250.000", ": 750.000", ": -"]
    drawn = grid(xs, ys) + fill(xs, ys, rows)
    drawn += "".join(text(330, y - 12, amount) for y, amount in zip(ys[1:], amounts, strict=False))
    (table,) = read_pdf(write_pdf(tmp_path / "labels.pdf", drawn)).tables
    assert [cell.text for cell in table.cells if cell.column == 2 and cell.row] == amounts


def test_prose_between_rules_of_one_width_is_no_table(tmp_path: Path) -> None:
    prose = "Badan didukung oleh pegawai negeri yang sebagian besar bergolongan III dan berpendidikan"
    drawn = "".join(line(40, y, 520, y) for y in (780, 640, 500))
    drawn += "".join(text(44, y - 14 * i, prose) for y in (765, 625) for i in range(6))
    assert read_pdf(write_pdf(tmp_path / "prose.pdf", drawn)).tables == []


def test_columns_that_nothing_closes(tmp_path: Path) -> None:
    drawn = "".join(line(x, YS[0], x, YS[-1]) for x in XS) + fill(XS, YS, ROWS)
    plain = read_pdf(write_pdf(tmp_path / "plain.pdf", PAGE))
    fewer = read_pdf(write_pdf(tmp_path / "fewer.pdf", drawn))
    assert {c for c in cells(fewer) if c[2]} == {c for c in cells(plain) if c[2]}
