"""One table over many pages: what is joined, what is not, and what is marked as repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.header_rows import is_numbering
from extractors.read import read_pdf
from extractors.tables import Table
from tests.tiny_pdf import fill, grid, text, write_pdf

XS = [50, 150, 250, 350]
HEADER = [["Kode", "Uraian", "Pagu"], ["1", "2", "3"]]
FIRST = [["5.03", "Program", "9.000"], ["5.03.01", "Kegiatan", "4.000"]]
SECOND = [["5.03.02", "Kegiatan dua", "5.000"], ["5.03.03", "Kegiatan tiga", "6.000"]]


def part(rows: list[list[str]], top: int = 700, xs: list[float] | None = None) -> str:
    places = list(XS) if xs is None else xs
    ys = [top - 20 * i for i in range(len(rows) + 1)]
    return grid(places, ys) + fill(places, ys, rows)


def tables(tmp_path: Path, *pages: str) -> list[Table]:
    return read_pdf(write_pdf(tmp_path / "report.pdf", *pages)).tables


def texts(table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row].append(cell.text)
    return rows


@pytest.mark.parametrize(
    ("again", "repeated"),
    [
        pytest.param(HEADER, {4, 5}, id="header repeated"),
        pytest.param(HEADER[1:], {4}, id="numbering row repeated"),
        pytest.param([], set(), id="nothing repeated"),
    ],
)
def test_a_table_goes_on_over_the_page(tmp_path: Path, again: list[list[str]], repeated: set[int]) -> None:
    first = text(50, 720, "Tabel 2.1 Rencana Kerja") + part(HEADER + FIRST) + text(300, 30, "7")
    found = tables(tmp_path, first, part(again + SECOND, top=790) + text(300, 30, "8"))
    assert len(found) == 1
    table = found[0]
    assert texts(table) == HEADER + FIRST + again + SECOND
    assert (table.pages, table.page_starts) == ((1, 2), (0, 4))
    assert table.repeated_rows == repeated
    assert table.above == ("Tabel 2.1 Rencana Kerja",)
    assert {cell.page for cell in table.cells if cell.row >= 4} == {2}


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(text(50, 800, "Tabel 2.2 Sarana") + part(SECOND, top=790), id="new caption"),
        pytest.param(part(SECOND, top=790, xs=[50, 90, 200, 350]), id="other columns"),
        pytest.param(part([r[:2] for r in SECOND], top=790, xs=[50, 200, 350]), id="fewer columns elsewhere"),
        pytest.param(part([["No", "Nama", "Jumlah"], ["1", "2", "3"], *SECOND], top=790), id="another header"),
    ],
)
def test_another_table_is_not_joined(tmp_path: Path, second: str) -> None:
    found = tables(tmp_path, part(HEADER + FIRST), second)
    assert [table.pages for table in found] == [(1,), (2,)]


def test_text_under_the_table_ends_it(tmp_path: Path) -> None:
    found = tables(tmp_path, part(HEADER + FIRST) + text(50, 400, "Uraian selanjutnya."), part(SECOND, top=790))
    assert len(found) == 2


def test_running_heads_and_continuation_marks_do_not_part(tmp_path: Path) -> None:
    head = text(50, 815, "Renja Dinas Contoh 2024")
    pages = [head + part((HEADER + FIRST) if i == 0 else SECOND) + text(300, 30, f"Halaman {i}") for i in range(3)]
    assert len(tables(tmp_path, *pages)) == 1
    marked = part(HEADER + FIRST), text(50, 805, "Lanjutan Tabel 2.1") + part(SECOND, top=790)
    assert len(tables(tmp_path, *marked)) == 1


def test_spread_code_columns_align_with_the_single_one(tmp_path: Path) -> None:
    wide = [50, 70, 90, 110, 150, 250, 350]
    first = part([["5", "03", "01", "2", "Program", "9.000"]], xs=wide)
    found = tables(tmp_path, first, part([["5.03.01", "Kegiatan", "4.000"]], top=790))
    assert len(found) == 1
    spans = [(c.row, c.column, c.colspan) for c in found[0].cells]
    assert spans == [(0, i, 1) for i in range(6)] + [(1, 0, 4), (1, 4, 1), (1, 5, 1)]


def test_a_page_shifted_sideways_still_aligns(tmp_path: Path) -> None:
    found = tables(tmp_path, part(HEADER + FIRST), part(SECOND, top=790, xs=[x + 30 for x in XS]))
    assert len(found) == 1
    assert found[0].n_columns == 3


def test_two_tables_on_one_page_keep_their_captions(tmp_path: Path) -> None:
    page = text(50, 720, "Tabel 1") + part(HEADER + FIRST) + text(50, 590, "Tabel 2") + part(HEADER + SECOND, top=580)
    found = tables(tmp_path, page)
    assert [table.above for table in found] == [("Tabel 1",), ("Tabel 2",)]


def test_a_caption_left_on_the_page_before(tmp_path: Path) -> None:
    found = tables(tmp_path, text(50, 400, "Uraian.") + text(50, 380, "Tabel 3.1 Pagu"), part(HEADER + FIRST, top=790))
    assert found[0].above[-1] == "Tabel 3.1 Pagu"


def test_a_title_row_inside_the_frame_begins_a_new_table(tmp_path: Path) -> None:
    def page(unit: str) -> str:
        titled = grid([50, 350], [760, 740]) + text(53, 748, f"Unit Organisasi : {unit}")
        return titled + part([["Kode", "Uraian", "Pagu"], *FIRST], top=740)

    assert [t.pages for t in tables(tmp_path, page("Dinas A"), page("Dinas B"))] == [(1,), (2,)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("1", "2", "3", "4"), True),
        (("(1)", "(2)", "(3)"), True),
        (("1", "2", "3", "8=7/6*100", "9"), True),
        (("5", "12", "3"), False),
        (("1", "Program", "3"), False),
        (("1", "2"), False),
    ],
)
def test_numbering_rows(row: tuple[str, ...], expected: bool) -> None:
    assert is_numbering(row) is expected
