"""A document read in pieces gives what it gives in one go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractors import pieces
from extractors.pieces import count_pages, join_pieces, likely_pictures, read_piece, read_piece_file, write_piece
from extractors.read import PageReading, PictureLater, last_grid, read_number, read_pdf
from extractors.tables import Reading, Trouble
from extractors.witnesses import call_witnesses

RAW = Path(__file__).parent.parent / "data" / "raw"
REPORT = RAW / "rkt-2024-bkpsdm-way-kanan.pdf"  # its pages are turned: a witness reads them again


def cut(path: Path, length: int, folder: Path, witness: str = "auto") -> list[pieces.Piece]:
    """Pieces that have been on disk."""
    count, result = count_pages(path), []
    for first in range(1, count + 1, length):
        file = folder / f"{first}.json"
        write_piece(read_piece(path, range(first, min(first + length, count + 1)), witness=witness), file)
        result.append(read_piece_file(file))
    return result


@pytest.fixture(scope="module")
def whole() -> Reading:
    return call_witnesses(REPORT, read_pdf(REPORT))


@pytest.mark.parametrize("length", [4, 100])
def test_pieces_make_the_same_reading(length: int, whole: Reading, tmp_path: Path) -> None:
    assert join_pieces(REPORT, cut(REPORT, length, tmp_path)) == whole


def test_pictures_that_are_left_for_later_know_the_page_before(
    whole: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pages stand for pictures: what they and the pages behind them knew of the page before is the same at the end."""
    real, left = read_number, {5, 6, 12}
    grids: dict[int, object] = {}

    def some_later(document: Any, number: int, watch: Any, before: Any, shown: bool = True) -> PageReading:
        if number in left and not shown:
            raise PictureLater
        grids[number] = before
        return real(document, number, watch, before)

    monkeypatch.setattr(pieces, "read_number", some_later)
    one = read_piece(REPORT, range(1, 13), pictures=False)
    assert one.later == [5, 6, 12] and one.blind == [7] and grids[7] is None
    write_piece(one, tmp_path / "1.json")
    again = read_piece_file(tmp_path / "1.json")
    run = read_piece(REPORT, range(5, 7), before=again)
    assert run.blind == [] and grids[5] == last_grid(one.pages[3]) and not run.later
    last, rest = read_piece(REPORT, range(12, 13), before=again), read_piece(REPORT, range(13, 22), pictures=False)
    assert last.blind == [] and rest.blind == [13]
    assert join_pieces(REPORT, [again, rest, run, last]) == whole


def test_a_page_that_carries_on_a_table_is_read_again(tmp_path: Path) -> None:
    parts = cut(REPORT, 6, tmp_path, "never")
    whole = read_pdf(REPORT)
    page = next(page for part in parts[1:] for page in part.pages[:1] if page.part is not None and page.part.grids)
    assert page.part is not None
    page.part.grids, page.open_above = [], True  # as where only the table of the page before shows its columns
    assert join_pieces(REPORT, parts, witness="never") == whole


def test_a_document_whose_fonts_need_it_is_read_in_one_go(whole: Reading, tmp_path: Path) -> None:
    parts = cut(REPORT, 12, tmp_path)
    parts[1] = replace(parts[1], pages=parts[1].pages[:1], in_one_go=True)
    assert join_pieces(REPORT, parts) == whole
    parts = [*parts[:1], replace(parts[1], in_one_go=False, heard=[Trouble(13, "no_witness", "it stumbled")])]
    assert join_pieces(REPORT, parts) == whole


def test_pages_that_are_likely_pictures(tmp_path: Path) -> None:
    from PIL import Image

    large, small = (Image.new("L", (size, size), 255) for size in (1200, 300))
    large.save(tmp_path / "p.pdf", save_all=True, append_images=[small, large])
    assert likely_pictures(tmp_path / "p.pdf") == [1, 2, 3]
    small.save(tmp_path / "small.pdf")
    assert likely_pictures(tmp_path / "small.pdf") == []  # no large picture in the file: nothing is looked at
    assert likely_pictures(REPORT) == []
