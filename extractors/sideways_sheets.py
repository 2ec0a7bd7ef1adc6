"""A sheet too wide for its page, printed on several pages side by side: the pages are joined again, row by row.

A spreadsheet prints the columns that do not fit on pages of their own, below all rows (down, then over) or behind each page
(over, then down). Rows of a sheet are as high on every page: where a later page has the same row borders at the same heights,
rows of different heights or a numbering row that counts on, it is the right neighbour.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.lattice import Grid
from extractors.tables import Cell

if TYPE_CHECKING:
    from extractors.stitch import PagePart

SAME = 1.2  # points: row borders of one sheet on two pages
EDGE = 6.0  # points: both pages begin at the same margin
MOST_PAGES = 60  # how far behind the right neighbour is looked for
COMMON = 0.75  # share of the row borders that both pages show; a merged heading hides some
ROWS = 4  # rows at least
HEIGHTS = 3  # so many different row heights are no chance
SURE = 0.95
COUNTED = re.compile(r"\(?(\d{1,2})\)?")


def join_sheets(parts: list[PagePart]) -> list[PagePart]:
    """The pages without those that were joined to their left neighbours; the same list where there are none."""
    grids = {i: part.grids[0] for i, part in enumerate(parts) if len(part.grids) == 1 and part.grids[0].by_rules}
    joined: dict[int, Grid] = {}
    gone: set[int] = set()
    above: tuple[int, list[int]] | None = (
        None  # the left page before, and how many pages behind it those beside it stand
    )
    for i in grids:
        if i in gone:
            continue
        whole = last = grids[i]
        steps: list[int] = []
        for j in range(i + 1, min(len(parts), i + MOST_PAGES)):
            if j not in grids or j in gone:
                continue
            common = _same_rows(last, grids[j])
            if common and (_beside(last, grids[j], common) or _below(above, i, j, grids)):
                whole, last = _joined(whole, grids[j]), grids[j]
                gone.add(j)
                steps.append(j - i)
        above = (i, steps)
        if steps:
            joined[i] = whole
    if not joined:
        return parts
    return [replace(part, grids=[joined[i]]) if i in joined else part for i, part in enumerate(parts) if i not in gone]


def _below(above: tuple[int, list[int]] | None, i: int, j: int, grids: Mapping[int, Grid]) -> bool:
    """Two pages stand to each other as those above them do, with the same columns."""
    if above is None or j - i not in above[1]:
        return False
    return _same_columns(grids[above[0]], grids[i]) and _same_columns(grids[above[0] + j - i], grids[j])


def _beside(left: Grid, right: Grid, common: Sequence[float]) -> bool:
    """Whether the second grid goes on with the rows of the first; `common` are the row borders of both."""
    if len(common) <= ROWS or _first_column(left) == _first_column(right):
        return False  # names that are printed again on each page: a table by itself
    if _counts_on(left, right):
        return True
    heights = [b - a for a, b in itertools.pairwise(common)]
    different = len({round(height / (2 * SAME)) for height in heights})
    return different >= HEIGHTS and not _same_columns(left, right) and not _numbers(right)


def _same_rows(left: Grid, right: Grid) -> list[float]:
    """The row borders of both grids where they begin and end alike and most borders are of both; else none."""
    if (
        abs(left.ys[0] - right.ys[0]) > SAME or abs(left.ys[-1] - right.ys[-1]) > SAME
    ):  # as most pages: asked of sixty each
        return []
    if abs(left.xs[0] - right.xs[0]) > EDGE:
        return []
    common = [y for y in left.ys if any(abs(y - other) <= SAME for other in right.ys)]
    return common if len(common) >= COMMON * (len(left.ys) + len(right.ys) - len(common)) else []


def _same_columns(one: Grid, other: Grid) -> bool:
    return len(one.xs) == len(other.xs) and all(abs(a - b) < EDGE for a, b in zip(one.xs, other.xs, strict=True))


def _first_column(grid: Grid) -> list[str]:
    return [cell.text for cell in grid.cells if cell.column == 0 and cell.text.strip()]


def _counts_on(left: Grid, right: Grid) -> bool:
    """The numbering row of the second grid goes on where that of the first ends, at the same height."""
    ends = [(y, numbers[-1]) for y, numbers in _numbers(left)]
    begins = [(y, numbers[0]) for y, numbers in _numbers(right)]
    return any(abs(y - at) <= SAME and first == last + 1 for y, last in ends for at, first in begins)


def _numbers(grid: Grid) -> list[tuple[float, list[int]]]:
    """Rows that count their columns one by one, with their heights on the page."""
    found: list[tuple[float, list[int]]] = []
    for row in range(min(grid.n_rows, 12)):
        texts = [cell.text.strip() for cell in grid.cells if cell.row == row]
        matches = [COUNTED.fullmatch(text) for text in texts]
        numbers = [int(match[1]) for match in matches if match]
        if len(numbers) == len(texts) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            found.append((grid.ys[row], numbers))
    return found


def _joined(left: Grid, right: Grid) -> Grid:
    """One grid of both: all row borders, the columns of the second behind those of the first."""
    ys = sorted([*left.ys, *(y for y in right.ys if all(abs(y - other) > SAME for other in left.ys))])
    xs = (*left.xs, *(left.xs[-1] + x - right.xs[0] for x in right.xs[1:]))
    cells = [*_on(left, ys, 0), *_on(right, ys, left.n_columns)]
    overflows = left.overflows | {len(left.cells) + index for index in right.overflows}
    found = Grid(left.page, left.bbox, xs, tuple(ys), _whole_headings(cells, left.n_columns), by_rules=True)
    found.doubled, found.rows_cut = left.doubled + right.doubled, left.rows_cut
    found.overflows, found.page_last = overflows, right.page
    return found


def _on(grid: Grid, ys: list[float], offset: int) -> list[Cell]:
    """The cells of a grid on other row borders, `offset` columns to the right."""
    at = [min((abs(other - y), i) for i, other in enumerate(ys))[1] for y in grid.ys]
    return [
        replace(
            cell, row=at[cell.row], rowspan=at[cell.row + cell.rowspan] - at[cell.row], column=cell.column + offset,
            confidence=min(cell.confidence, SURE),
        )
        for cell in grid.cells
    ]  # fmt: skip


def _whole_headings(cells: list[Cell], border: int) -> list[Cell]:
    """Headings that the end of the page has cut in two (`Rencana Ta` | `hun 2025`) as one."""
    ends = {(c.row, c.rowspan): i for i, c in enumerate(cells) if c.column + c.colspan == border and c.text.strip()}
    result: list[Cell | None] = list(cells)
    for i, cell in enumerate(cells):
        one = ends.get((cell.row, cell.rowspan)) if cell.column == border else None
        before = cells[one] if one is not None else None
        if one is not None and before is not None and cell.text[:1].islower() and before.colspan + cell.colspan > 2:
            text = before.text + cell.text
            result[one] = replace(before, colspan=before.colspan + cell.colspan, text=text)
            result[i] = None
    return [cell for cell in result if cell is not None]
