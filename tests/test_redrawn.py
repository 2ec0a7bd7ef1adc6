"""The same page drawn in another way gives the same cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from extractors.read import read_pdf
from extractors.tables import Reading
from tests.tiny_pdf import A4, TinyPage, fill, grid, write_pdf

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
