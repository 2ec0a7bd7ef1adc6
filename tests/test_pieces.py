"""A document read in pieces gives what it gives in one go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from extractors import pieces
from extractors.pieces import count_pages, join_pieces, read_piece, read_piece_file, write_piece
from extractors.read import read_pdf
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
