"""A document read in ranges of pages, by several processes if need be, and joined: the same Reading as in one go.

Pages are read one by one and know of each other only where a page without a lattice may carry on the last table of the page
before. So a range is read as if nothing stood before it, and where that mattered its first pages are read again when the
ranges are joined. Pages that are pictures take seconds each, and may become pieces of their own. Fonts are judged by the first
page that uses them (`glyphs`): a document with one that lies is read in one go.
"""

from __future__ import annotations

import ctypes
import json
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

import pypdfium2.raw as raw

from extractors.glyphs import GlyphWatch
from extractors.lattice import Grid
from extractors.pages import open_pdf
from extractors.read import PageReading, PictureLater, last_grid, metadata_of, read_number, read_pdf, reading_of
from extractors.stitch import PagePart
from extractors.tables import Box, Cell, Line, PageInfo, Reading, SecondReading, Table, Trouble
from extractors.witnesses import call_witnesses

LARGE = 1000  # pixels of width: a page at 120 dpi
MOST_OF_PAGE = 0.7
FIRST_OBJECTS = 30  # of a page: scans have their picture among them
PICTURE_HEAD = re.compile(rb"/Subtype\s*/Image\b")
PICTURE_WIDTH = re.compile(rb"/Width\s+(\d{1,6})\b")


@dataclass(slots=True)
class Piece:
    """What was read of a range of pages, and what witnesses said of its cells (`heard`: their Troubles)."""

    pages: list[PageReading]
    metadata: dict[str, str] = field(default_factory=dict)
    heard: list[Trouble] = field(default_factory=list)
    in_one_go: bool = False  # what its fonts gave depends on the pages before
    later: list[int] = field(default_factory=list)  # pages that are pictures, left to pieces of their own
    blind: list[int] = field(default_factory=list)  # pages read without knowing the page before


def count_pages(path: Path, password: str | None = None) -> int:
    """How many pages a PDF has. Raises what read_pdf raises."""
    with open_pdf(path, password) as document:
        return len(document)


def likely_pictures(path: Path, password: str | None = None) -> list[int]:
    """Pages (from 1) on which a picture covers most: scans, most likely. A guess, to plan by; costs a millisecond a page, and
    nothing where the file holds no large picture. Raises what read_pdf raises."""
    if not _holds_large_picture(path):
        return []
    found = []
    with open_pdf(path, password) as document:
        for index in range(len(document)):
            page = raw.FPDF_LoadPage(document.raw, index)
            if page:
                if _covered_by_picture(page):
                    found.append(index + 1)
                raw.FPDF_ClosePage(page)
    return found


def _holds_large_picture(path: Path) -> bool:
    """Seen from the bytes: dictionaries of pictures are never packed or encrypted (ISO 32000-2, 7.5.7 and 7.6.1)."""
    data = path.read_bytes()
    for match in PICTURE_HEAD.finditer(data):
        head = data[max(0, match.start() - 1000) : match.end() + 1000]
        if any(int(number) >= LARGE for number in PICTURE_WIDTH.findall(head)):
            return True
    return False


def _covered_by_picture(page: Any) -> bool:
    area = raw.FPDF_GetPageWidthF(page) * raw.FPDF_GetPageHeightF(page)
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for index in range(min(FIRST_OBJECTS, raw.FPDFPage_CountObjects(page))):
        item = raw.FPDFPage_GetObject(page, index)
        if raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_IMAGE:
            continue
        if raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
            wide, high = right.value - left.value, top.value - bottom.value
            if wide * high >= MOST_OF_PAGE * area:
                return True
    return False


def read_piece(
    path: Path,
    pages: range,
    password: str | None = None,
    witness: str = "auto",
    before: Piece | None = None,
    pictures: bool = True,
) -> Piece:
    """Pages of a document (from 1), witnesses called. Raises what read_pdf raises.

    `before`: a piece that may hold the page before. Without `pictures`, pages that are pictures are left out: a page takes
    seconds, and others can share them.
    """
    read, later, blind = list[PageReading](), list[int](), list[int]()
    known = {page.info.page: page for page in before.pages} if before is not None else {}
    with open_pdf(path, password) as document, closing(GlyphWatch()) as watch:
        for number in pages:
            above = known.get(number - 1)
            try:
                page = read_number(document, number, watch, last_grid(above) if above else None, pictures)
            except PictureLater:
                later.append(number)
                continue
            if above is None and number > 1:
                blind.append(number)
            known[number] = page
            read.append(page)
        piece = Piece(read, metadata_of(document), [], any(watch.verdicts.values()), later, blind)
    piece.heard = _call_witnesses(path, read, password, witness)
    return piece


def join_pieces(path: Path, pieces: Sequence[Piece], password: str | None = None, witness: str = "auto") -> Reading:
    """The Reading of the whole document from pieces that hold all its pages, in any order."""
    heard = [trouble for piece in pieces for trouble in piece.heard]
    if any(piece.in_one_go for piece in pieces) or any(trouble.kind == "no_witness" for trouble in heard):
        return call_witnesses(path, read_pdf(path, password), password, witness)
    pages = sorted((page for piece in pieces for page in piece.pages), key=lambda page: page.info.page)
    blind = {number for piece in pieces for number in piece.blind}
    starts = [i for i, page in enumerate(pages) if i and page.info.page in blind]
    again = _read_again(path, pages, starts, password)
    if again:
        heard = [trouble for trouble in heard if trouble.page not in again]
        heard += _call_witnesses(path, [page for page in pages if page.info.page in again], password, witness)
    reading = reading_of(pages, pieces[0].metadata if pieces else {})
    reading.troubles += sorted(heard, key=lambda trouble: trouble.page)
    return reading


def _read_again(path: Path, pages: list[PageReading], starts: Sequence[int], password: str | None) -> set[int]:
    """Reads pages that were read blindly again, in place, where the page before has a table that may go on. Gives which."""
    again: set[int] = set()
    wanted = [i for i in starts if pages[i].open_above and last_grid(pages[i - 1]) is not None]
    if not wanted:
        return again
    with open_pdf(path, password) as document, closing(GlyphWatch()) as watch:
        for start in wanted:
            i, changed = start, True
            while changed and i < len(pages) and pages[i].open_above:
                before = last_grid(pages[i])
                pages[i] = read_number(document, pages[i].info.page, watch, last_grid(pages[i - 1]))
                again.add(pages[i].info.page)
                changed = last_grid(pages[i]) != before
                i += 1
    return again


def _call_witnesses(path: Path, pages: Sequence[PageReading], password: str | None, mode: str) -> list[Trouble]:
    """Witnesses read the cells of these pages again, in place; gives their Troubles."""
    grids = [grid for page in pages if page.part is not None for grid in page.part.grids]
    for grid in grids:
        grid.cells.sort(key=attrgetter("row", "column"))
    tables = [Table(tuple(grid.cells), grid.n_rows, grid.n_columns, (grid.page,), (0,)) for grid in grids]
    told = [trouble for page in pages for trouble in page.troubles]
    reading = Reading(pages=[page.info for page in pages], tables=tables, troubles=told)
    witnessed = call_witnesses(path, reading, password, mode)
    if witnessed is reading:
        return []
    for grid, table in zip(grids, witnessed.tables, strict=True):
        grid.cells = list(table.cells)
    return witnessed.troubles[len(told) :]


# -- on disk --------------------------------------------------------------------------


def write_piece(piece: Piece, file: Path) -> None:
    """Writes a piece as JSON."""
    whole = {
        "pages": [_page(page) for page in piece.pages],
        "metadata": piece.metadata,
        "heard": [_trouble(trouble) for trouble in piece.heard],
        "in_one_go": piece.in_one_go,
        "later": piece.later,
        "blind": piece.blind,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(whole, default=lambda value: value.item()), encoding="ascii")


def read_piece_file(file: Path) -> Piece:
    """The piece that `write_piece` wrote."""
    whole = json.loads(file.read_text(encoding="ascii"))
    heard = [_as_trouble(row) for row in whole["heard"]]
    pages = [_as_page(row) for row in whole["pages"]]
    return Piece(pages, whole["metadata"], heard, whole["in_one_go"], whole["later"], whole["blind"])


def _page(page: PageReading) -> list[Any]:
    info, part = page.info, page.part
    told = [info.page, info.kind, info.width, info.height, info.rotation, info.flags]
    held = None
    if part is not None:
        own = None if part.lines is page.lines else [_line(line) for line in part.lines]
        held = [part.page, part.height, [_grid(grid) for grid in part.grids], own]
    lines, troubles = [_line(line) for line in page.lines], [_trouble(trouble) for trouble in page.troubles]
    return [told, held, lines, troubles, page.open_above]


def _as_page(row: list[Any]) -> PageReading:
    told, held, rows, troubles, open_above = row
    lines = [_as_line(line) for line in rows]
    part = None
    if held is not None:
        page, height, grids, own = held
        outside = lines if own is None else [_as_line(line) for line in own]
        part = PagePart(page, height, [_as_grid(grid) for grid in grids], outside)
    info = PageInfo(told[0], told[1], told[2], told[3], told[4], tuple(told[5]))
    return PageReading(info, part, lines, [_as_trouble(trouble) for trouble in troubles], open_above)


def _grid(grid: Grid) -> list[Any]:
    cells = [
        [c.row, c.column, c.page, c.bbox, c.text, c.rowspan, c.colspan, c.confidence, c.method]
        + ([[[o.text, o.method, o.confidence] for o in c.others]] if c.others else [])
        for c in grid.cells
    ]
    about = [sorted(grid.shaded_rows), grid.doubled, grid.by_rules, sorted(grid.overflows), grid.rows_cut]
    return [grid.page, grid.bbox, grid.xs, grid.ys, cells, *about]


def _as_grid(row: list[Any]) -> Grid:
    page, bbox, xs, ys, rows, shaded, doubled, by_rules, overflows, rows_cut = row
    cells = [
        Cell(
            r,
            c,
            p,
            tuple(box),
            text,
            high,
            wide,
            sure,
            method,
            tuple(SecondReading(*o) for o in others[0]) if others else (),
        )
        for r, c, p, box, text, high, wide, sure, method, *others in rows
    ]
    about = (frozenset(shaded), doubled, by_rules, set(overflows), rows_cut)
    return Grid(page, tuple(bbox), tuple(xs), tuple(ys), cells, *about)


def _line(line: Line) -> list[Any]:
    return [line.page, line.bbox, line.text, line.size]


def _as_line(row: list[Any]) -> Line:
    return Line(row[0], tuple(row[1]), row[2], row[3])


def _trouble(trouble: Trouble) -> list[Any]:
    return [trouble.page, trouble.kind, trouble.text, trouble.severity, trouble.bbox]


def _as_trouble(row: list[Any]) -> Trouble:
    box: Box | None = None if row[4] is None else tuple(row[4])
    return Trouble(row[0], row[1], row[2], row[3], box)
