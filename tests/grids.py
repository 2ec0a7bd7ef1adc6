"""Tables written as literal rows of text: `<` goes on with the cell at its left, `^` with the one above."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.tables import Cell, Table
from normalizers.grid import Grid

WIDTH, HEIGHT = 60.0, 12.0  # points


def cells(rows: Sequence[Sequence[str]], page_starts: Sequence[int] = (0,)) -> list[Cell]:
    found = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text in ("<", "^"):
                continue
            wide, high = 1, 1
            while c + wide < len(row) and row[c + wide] == "<":
                wide += 1
            while r + high < len(rows) and rows[r + high][c] == "^":
                high += 1
            box = (c * WIDTH, r * HEIGHT, (c + wide) * WIDTH, (r + high) * HEIGHT)
            page = sum(start <= r for start in page_starts)
            found.append(Cell(r, c, page, box, text, high, wide))
    return found


def grid(rows: Sequence[Sequence[str]], page_starts: Sequence[int] = (0,)) -> Grid:
    return Grid(cells(rows, page_starts), len(rows), len(rows[0]))


def table(rows: Sequence[Sequence[str]], above: Sequence[str] = (), page_starts: Sequence[int] = (0,)) -> Table:
    """A table over as many pages as `page_starts` tells."""
    pages = tuple(range(1, len(page_starts) + 1))
    box = (0.0, 0.0, len(rows[0]) * WIDTH, len(rows) * HEIGHT)
    return Table(pages=pages, bbox=box, n_rows=len(rows), n_columns=len(rows[0]), cells=tuple(cells(rows)),
                 above=tuple(above), page_starts=tuple(page_starts))  # fmt: skip
