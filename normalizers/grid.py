"""A table as the normalizers see it: cells with spans, addressed by row and column."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
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
        self.cells = sorted(cells, key=lambda c: (c.row, c.column))
        self._at: dict[tuple[int, int], CellLike] = {}
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.rowspan):
                for column in range(cell.column, cell.column + cell.colspan):
                    self._at.setdefault((row, column), cell)

    def at(self, row: int, column: int) -> CellLike | None:
        """The cell that covers this place, or None."""
        return self._at.get((row, column))

    def own(self, row: int, column: int) -> CellLike | None:
        """The cell whose top left corner is at this place, or None."""
        cell = self._at.get((row, column))
        return cell if cell is not None and (cell.row, cell.column) == (row, column) else None

    def text(self, row: int, column: int) -> str:
        """Folded text of the covering cell, empty where there is none."""
        cell = self._at.get((row, column))
        return fold(cell.text) if cell is not None else ""

    def row_cells(self, row: int) -> list[CellLike]:
        """Cells that begin in this row, from left to right."""
        found = (self.own(row, column) for column in range(self.n_columns))
        return [cell for cell in found if cell is not None]

    def row_texts(self, row: int) -> list[str]:
        """Folded texts of all columns of a row; a spanning cell is repeated."""
        return [self.text(row, column) for column in range(self.n_columns)]
