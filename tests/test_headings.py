"""Headings that were not read soundly: the numbers below them are not called verified."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extractors.tables import Cell, PageInfo, Reading, Table, Trouble
from pipeline.facts import Harvest
from pipeline.meaning import mean

WIDTH = 100.0
SOUND = ("Uraian", "Target Tahun 2024 (Rp)", "Realisasi Tahun 2024 (Rp)", "Selisih (Rp)", "Keterangan")
ROWS = [
    ("Belanja Operasi", "3.000.000", "2.500.000", "500.000", ""),
    ("Belanja Pegawai", "1.000.000", "900.000", "100.000", ""),
    ("Belanja Barang dan Jasa", "2.000.000", "1.600.000", "400.000", ""),
    ("Jumlah", "3.000.000", "2.500.000", "500.000", ""),
]


def lattice(heads: list[tuple[str, ...]], page: int, shift: float = 0.0, above: tuple[str, ...] = ()) -> Table:
    """A table whose last header row prints column numbers and a formula that proves its amounts."""
    rows = [*heads, ("1", "2", "3", "4=2-3", "5"), *ROWS]
    cells = []
    for r, texts in enumerate(rows):
        for c, text in enumerate(texts):
            box = (shift + WIDTH * c, 20.0 * r, shift + WIDTH * (c + 1), 20.0 * r + 20)
            cells.append(Cell(r, c, page, box, text))
    return Table(tuple(cells), len(rows), len(SOUND), (page,), (0,), above=above)


def meant(*tables: Table, troubles: tuple[Trouble, ...] = (), kind: str = "ruled") -> Harvest:
    pages = [PageInfo(table.pages[0], kind, 595.0, 842.0, 0) for table in tables]
    reading = Reading(pages=pages, tables=list(tables), lines=[], troubles=list(troubles), metadata={})
    return mean(reading, "0" * 64, "lkjip-2024.pdf", {"doc_type": "lkjip", "fiscal_year": "2024"})


def verified(harvest: Harvest, table: int = 0) -> set[int]:
    """Columns (from 0) with verified numbers."""
    by_label = {column.label: column.index for column in harvest.tables[table].columns}
    facts = harvest.tables[table].facts
    return {by_label[fact.column_label] for fact in facts if fact.status == "verified"}


def garbled(harvest: Harvest) -> list[str]:
    return [problem.text for problem in harvest.problems if problem.kind == "garbled_heading"]


def with_head(column: int, text: str) -> tuple[str, ...]:
    return (*SOUND[:column], text, *SOUND[column + 1 :])


def test_sound_headings_change_nothing() -> None:
    harvest = meant(lattice([SOUND], 1))
    assert verified(harvest) == {1, 2, 3} and not garbled(harvest)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Target Tahun 2024 Kinderajn (Rp)", id="exchanged letters"),
        pytest.param("TargetTahun 2024 (Rp)", id="words run together"),
        pytest.param("Target \ufffd\ufffdhun 2024 (Rp)", id="replaced characters"),
        pytest.param("( )", id="no letters"),
        pytest.param("", id="nothing"),
        pytest.param("Target \ue014 Tahun 2024 (Rp)", id="private use"),
    ],
)
def test_garbled_letters(text: str) -> None:
    harvest = meant(lattice([with_head(1, text)], 1))
    assert verified(harvest) == {2, 3} and len(garbled(harvest)) == 1


def test_a_strange_word_that_stands_elsewhere_too_is_one() -> None:
    table = lattice([with_head(1, "Target Kinderajn Tahun 2024 (Rp)")], 1)
    said = replace(
        table, cells=tuple(replace(c, text="kinderajn") if c.text == "Belanja Operasi" else c for c in table.cells)
    )
    assert verified(meant(said)) == {1, 2, 3}


def test_letters_of_a_scan_are_its_own_trouble() -> None:
    assert verified(meant(lattice([with_head(1, "Tarqet Tahun 2024 (Rp)")], 1), kind="scan")) == {1, 2, 3}


def test_letters_that_stand_on_each_other() -> None:
    table = lattice([SOUND], 1)
    box = next(cell.bbox for cell in table.cells if cell.text == SOUND[2])
    harvest = meant(table, troubles=(Trouble(1, "overprinted", "different letters on one place", "warn", box),))
    assert verified(harvest) == {1, 3} and garbled(harvest) == [SOUND[2]]


def test_a_column_that_lost_its_own_heading() -> None:
    """`Anggaran 2024 (Rp)` stands over two columns, and only one of them says which it is."""
    above = ("Uraian", "Anggaran Tahun 2024 (Rp)", "Anggaran Tahun 2024 (Rp)", "Selisih (Rp)", "Keterangan")
    both, one = (meant(lattice([above, ("", "Target", third, "", "")], 1)) for third in ("Realisasi", ""))
    assert not garbled(both)
    assert garbled(one) == ["Anggaran Tahun 2024 (Rp)"] and 2 not in verified(one)


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        pytest.param("Target Tahun 2024 (Rp)", False, id="the same"),
        pytest.param("Target Tahun 2025 (Rp)", False, id="of another year"),
        pytest.param("Prakiraan Maju Tahun 2025 (Rp)", True, id="of something else"),
    ],
)
def test_the_next_page_heads_a_column_otherwise(text: str, doubted: bool) -> None:
    harvest = meant(lattice([SOUND], 1), lattice([with_head(1, text)], 2))
    columns = {2, 3} if doubted else {1, 2, 3}
    assert [verified(harvest, 0), verified(harvest, 1)] == [columns, columns]
    for other in (
        lattice([with_head(1, text)], 2, shift=30.0),  # its columns stand elsewhere: another table
        lattice([with_head(1, text)], 2, above=("Tabel 3.2 Prakiraan Maju",)),
        lattice([with_head(1, text)], 4),
    ):
        assert verified(meant(lattice([SOUND], 1), other), 0) == {1, 2, 3}
