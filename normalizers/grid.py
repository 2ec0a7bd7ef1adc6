"""A table as the normalizers see it: cells with spans, addressed by row and column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Protocol


class CellLike(Protocol):
    """What this package needs of a cell; boxes and methods are none of its business."""

    @property
    def row(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def rowspan(self) -> int: ...
    @property
    def colspan(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def page(self) -> int: ...


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """White space folded to single blanks. (Remembered: each cell is looked at many times.)"""
    return " ".join(text.split())


class Grid:
    """Cells by (row, column); a cell with spans is found at each place it covers."""

    def __init__(self, cells: Iterable[CellLike], n_rows: int, n_columns: int) -> None:
        self.n_rows, self.n_columns = n_rows, n_columns
        self.cells = sorted(cells, key=attrgetter("row", "column"))
        self._at: dict[tuple[int, int], CellLike] = {}
        self._own: dict[tuple[int, int], CellLike] = {}
        self._rows: dict[int, list[CellLike]] = {}
        at, own = self._at, self._own
        for cell in self.cells:
            top, left = place = (cell.row, cell.column)
            if place not in at:
                at[place] = own[place] = cell
                if left < n_columns:
                    self._rows.setdefault(top, []).append(cell)
            if cell.rowspan == 1 and cell.colspan == 1:
                continue
            for row in range(top, top + cell.rowspan):
                for column in range(left, left + cell.colspan):
                    at.setdefault((row, column), cell)
        self._texts: dict[int, list[str]] = {}

    def at(self, row: int, column: int) -> CellLike | None:
        """The cell that covers this place, or None."""
        return self._at.get((row, column))

    def own(self, row: int, column: int) -> CellLike | None:
        """The cell whose top left corner is at this place, or None."""
        return self._own.get((row, column))

    def owned(self, rows: Iterable[int], column: int) -> list[CellLike]:
        """The cells whose top left corners are in these rows of a column."""
        own = self._own.get
        return [cell for row in rows if (cell := own((row, column))) is not None]

    def text(self, row: int, column: int) -> str:
        """Folded text of the covering cell, empty where there is none."""
        known = self._texts.get(row)
        if known is not None and 0 <= column < self.n_columns:
            return known[column]
        cell = self._at.get((row, column))
        return fold(cell.text) if cell is not None else ""

    def row_cells(self, row: int) -> Sequence[CellLike]:
        """Cells that begin in this row, from left to right."""
        return self._rows.get(row, ())

    def row_texts(self, row: int) -> Sequence[str]:
        """Folded texts of all columns of a row; a spanning cell is repeated."""
        known = self._texts.get(row)
        if known is None:
            at = self._at.get
            cells = [at((row, column)) for column in range(self.n_columns)]
            known = self._texts[row] = [fold(cell.text) if cell is not None else "" for cell in cells]
        return known
