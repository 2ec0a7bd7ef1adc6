"""Grids drawn apart that are one table: header and body in frames of their own, close under each other."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from extractors.lattice import Grid
from extractors.ruled import Found
from extractors.tables import Cell, Line

APART = 16.0  # frames of one table stand no farther apart than this (points)
SAME_X = 4.0  # borders nearer than this are one
THIN_ROW = 5.0  # a row without text lower than this is the space of a double rule


def join_stacked(found: Found, lines: list[Line]) -> Found:
    """The grids with those joined that go on below each other in the same columns, no text between them."""
    grids: list[Grid] = []
    for grid in found.grids:
        if grids and _goes_on(grids[-1], grid, lines):
            grids[-1] = _joined(grids[-1], grid)
        else:
            grids.append(grid)
    return found if len(grids) == len(found.grids) else replace(found, grids=grids)


def _goes_on(upper: Grid, lower: Grid, lines: list[Line]) -> bool:
    gap = lower.bbox[1] - upper.bbox[3]
    if not -2 <= gap <= APART or abs(upper.xs[0] - lower.xs[0]) > SAME_X or abs(upper.xs[-1] - lower.xs[-1]) > SAME_X:
        return False
    if any(line.bbox[1] > upper.bbox[3] - 2 and line.bbox[3] < lower.bbox[1] + 2 for line in lines):
        return False
    foot = {upper.xs[c.column] for c in upper.cells if c.row + c.rowspan == upper.n_rows}
    inner = lower.xs[1:-1]
    return bool(inner) and all(any(abs(x - border) <= SAME_X for border in foot) for x in inner)


def _joined(upper: Grid, lower: Grid) -> Grid:
    place = [min(range(len(upper.xs)), key=lambda i: abs(upper.xs[i] - x)) for x in lower.xs]
    shift = upper.n_rows
    cells: list[Cell] = list(upper.cells)
    for cell in lower.cells:
        a, b = place[cell.column], place[cell.column + cell.colspan]
        cells.append(replace(cell, row=cell.row + shift, column=a, colspan=max(1, b - a)))
    border = (upper.ys[-1] + lower.ys[0]) / 2
    return replace(
        upper,
        bbox=(upper.bbox[0], upper.bbox[1], upper.bbox[2], lower.bbox[3]),
        ys=(*upper.ys[:-1], border, *lower.ys[1:]),
        cells=cells,
        shaded_rows=upper.shaded_rows | {row + shift for row in lower.shaded_rows},
        doubled=upper.doubled + lower.doubled,
        rows_cut=upper.rows_cut + lower.rows_cut,
    )


def drop_thin_rows(grid: Grid) -> Grid:
    """The grid without the empty rows between double rules; cells that stand in them begin or end a row later."""
    if all(two - one >= THIN_ROW for one, two in pairwise(grid.ys)):
        return grid
    starting: dict[int, list[Cell]] = {}
    for cell in grid.cells:
        starting.setdefault(cell.row, []).append(cell)
    thin = [
        row
        for row in range(grid.n_rows)
        if grid.ys[row + 1] - grid.ys[row] < THIN_ROW
        and all(not c.text or c.rowspan > 1 for c in starting.get(row, []))
        and all(not c.text for c in starting.get(row, []) if c.rowspan == 1)
    ]
    if not thin or len(thin) == grid.n_rows:
        return grid
    kept = [row for row in range(grid.n_rows) if row not in set(thin)]
    before = [sum(row < r for row in kept) for r in range(grid.n_rows + 1)]
    cells: list[Cell] = []
    for cell in grid.cells:
        first, end = before[cell.row], before[cell.row + cell.rowspan]
        if end > first:
            cells.append(replace(cell, row=first, rowspan=end - first))
    ys = (grid.ys[0], *(grid.ys[row + 1] for row in kept))
    shaded = frozenset(before[row] for row in grid.shaded_rows if row in kept)
    return replace(grid, ys=ys, cells=cells, shaded_rows=shaded)
