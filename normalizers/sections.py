"""Forms that hold several tables in one frame (DPA, RKA, LRA by agency): where each begins, and the titles above it.

A title is a row whose one filled cell spans (nearly) the whole width. A section begins at a row of header words below the
top (`Kode Rekening | Uraian | Volume ...`), or below titles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from normalizers.column_meaning import column_kind
from normalizers.form_heads import label_of
from normalizers.grid import Grid, fold
from normalizers.headers import is_data_row

TITLE_WIDTH = 0.8  # share of the columns
HEADER_KINDS = ("code", "number", "name", "indicator", "unit", "quantity", "text")


@dataclass(frozen=True, slots=True)
class Section:
    """Grid rows [first, last) of one table, and the lines printed above it inside the frame."""

    first: int
    last: int
    titles: tuple[str, ...]


def is_title(grid: Grid, row: int) -> bool:
    """One filled cell over at least four fifths of the columns, and no other filled cell beside it."""
    filled = [c for c in grid.row_cells(row) if fold(c.text)]
    return grid.n_columns > 2 and len(filled) == 1 and filled[0].colspan >= TITLE_WIDTH * grid.n_columns


def is_header_row(grid: Grid, row: int) -> bool:
    """Three or more different cells, all of them header words of known kinds, no data, a key column among them."""
    if len(grid.row_cells(row)) < 3 or is_data_row(grid, row, False):
        return False
    texts = [text for c in grid.row_cells(row) if (text := fold(c.text))]
    if len(texts) < 3 or len(set(texts)) < 3 or max(map(len, texts)) > 120:
        return False
    kinds: list[str | None] = []
    strange = 0
    for text in texts:
        kinds.append(column_kind((text,)))
        strange += kinds[-1] not in HEADER_KINDS
        if strange > 0.25 * len(texts):
            return False
    return any(k in ("code", "name", "indicator") for k in kinds) and "quantity" in kinds


def find_sections(grid: Grid, body_rows: Sequence[int]) -> list[Section]:
    """The sections of a table, top to bottom; one section without titles for an ordinary table.

    `body_rows` are the rows that do not repeat the header; a repeated header begins no section.
    """
    rows = [row for row in body_rows if any(grid.row_texts(row))]
    starts: list[int] = []
    for row in rows:
        if is_header_row(grid, row) and (not starts or _begins_anew(grid, rows, starts[-1], row)):
            starts.append(row)
    tops = [_top(grid, rows, start) for start in starts]
    if not tops or (len(tops) == 1 and tops[0] == (rows[0], rows[0])):
        return [Section(0, grid.n_rows, ())]
    found = [Section(0, tops[0][0], ())] if tops[0][0] > rows[0] else []
    for index, (title, first) in enumerate(tops):
        last = tops[index + 1][0] if index + 1 < len(tops) else grid.n_rows
        titles = tuple(line for r in range(title, first) for line in _title_lines(grid, r))
        found.append(Section(first, last, titles))
    return found


def _is_above(grid: Grid, row: int) -> bool:
    """A title, or a line of a form's head: `Kegiatan | 2.16.03.2.02 - Pengelolaan e-government`."""
    return is_title(grid, row) or _labelled(grid, row) is not None


def _labelled(grid: Grid, row: int) -> str | None:
    texts = [text for c in grid.row_cells(row) if (text := fold(c.text)) not in ("", ":")]
    return f"{texts[0]} : {texts[1].lstrip(': ')}" if len(texts) == 2 and label_of(texts[0].rstrip(" :")) else None


def _title_lines(grid: Grid, row: int) -> list[str]:
    labelled = _labelled(grid, row)
    if labelled is not None:
        return [labelled]
    return [folded for c in grid.row_cells(row) for line in c.text.split("\n") if (folded := fold(line))]


def _begins_anew(grid: Grid, rows: list[int], start: int, row: int) -> bool:
    """Data stands between the two header rows, and the second is not the first one printed again at a page's top."""
    if not _has_data(grid, rows, start, row):
        return False
    head, first = grid.row_cells(row), grid.row_cells(start)
    again = [(c.column, fold(c.text)) for c in head] == [(c.column, fold(c.text)) for c in first]
    titled = any(is_title(grid, r) for r in rows if start < r < row and not _has_data(grid, rows, r, row))
    return titled or not again or head[0].page == first[0].page


def _has_data(grid: Grid, rows: list[int], start: int, row: int) -> bool:
    """True where data rows stand between two header rows: a header of two or three lines begins one section only."""
    return any(is_data_row(grid, r, False) for r in rows if start < r < row)


def _top(grid: Grid, rows: list[int], start: int) -> tuple[int, int]:
    """(first title row, first header row) of the section whose header words stand in row `start`.

    Header lines above it that are neither data nor titles belong to the header; titles directly above those are its titles.
    """
    above = [r for r in rows if r < start]
    first = start
    while above and not _is_above(grid, above[-1]) and not is_data_row(grid, above[-1], False):
        first = above.pop()
    title = first
    while above and _is_above(grid, above[-1]):
        title = above.pop()
    return title, first
