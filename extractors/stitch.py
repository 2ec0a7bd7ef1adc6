"""One table over many pages: grids that continue each other become one Table on a common grid of columns."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from extractors.header_rows import is_numbering, new_header, repeats, row_texts
from extractors.lattice import Grid
from extractors.sideways_sheets import join_sheets
from extractors.tables import Cell, Line, Table

SAME_X = 4.0  # column borders closer than this (points) are one
DRIFT = 12.0  # how far a border may drift between pages that have the same number of columns
SHARE = 0.75  # share of the inner borders of the poorer page that the richer one must have
ABOVE = 8  # lines kept as what stands above a table
MARGIN = 0.13  # page numbers stand in this share of the page's height, top or bottom
RUNNING_MARGIN = 0.2  # running heads and feet
POSTER = 48.0  # points: so tall a line is a mark across the page (DRAFT), no caption
CAPTION = re.compile(r"\s*(?:tabel|table|lampiran|grafik|gambar)\b", re.I)
PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:hal(?:aman)?\.?|page|p\.)?[-–—|:\s]*(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|-|dari|of)\s*\d{1,4})?[-–—|\s]*",
    re.I,
)
CONTINUED = re.compile(r"\b(?:lanjutan|lanjut|sambungan|continued)\b", re.I)


@dataclass(slots=True)
class PagePart:
    """What stitching needs of one page: its grids from top to bottom and the lines outside them."""

    page: int
    height: float
    grids: list[Grid]
    lines: list[Line]


def stitch(parts: list[PagePart], method: str = "ruled") -> list[Table]:
    """Tables in reading order; a grid that continues the last one of the page before joins its table.

    The cells of the parts are handed on as cells of the tables: parts are stitched once.
    """
    parts = join_sheets(parts)
    running = running_lines(parts)
    chains: list[list[Grid]] = []
    above: list[tuple[str, ...]] = []
    last: PagePart | None = None
    for part in parts:
        for i, grid in enumerate(part.grids):
            if (i == 0 and chains and last is not None and _continues(chains[-1], grid, last, part, running)) or (
                i > 0 and _begins_again(chains[-1], grid, part)
            ):
                chains[-1].append(grid)
            else:
                chains.append([grid])
                above.append(_above(part, i, last, running))
        if part.grids or any(not _is_running(line, part, running) for line in part.lines):
            last = part
    return [_table(chain, lines, method) for chain, lines in zip(chains, above, strict=True)]


def running_lines(parts: list[PagePart]) -> frozenset[tuple[str, int]]:
    """Texts (digits masked) and their height that come on three pages or more, near the page's top or bottom."""
    seen: Counter[tuple[str, int]] = Counter()
    for part in parts:
        lines = [line for line in part.lines if _in_margin(line, part.height, RUNNING_MARGIN)]
        seen.update({_mark(line) for line in lines if not CAPTION.match(line.text)})
    return frozenset(mark for mark, count in seen.items() if count >= (2 if "#" in mark[0] else 3))


def _mark(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text), round(line.bbox[1] / 4)


def _in_margin(line: Line, height: float, share: float) -> bool:
    return line.bbox[3] < share * height or line.bbox[1] > (1 - share) * height


def _is_running(line: Line, part: PagePart, running: frozenset[tuple[str, int]]) -> bool:
    if line.size >= POSTER or (PAGE_NUMBER.fullmatch(line.text.strip()) and _in_margin(line, part.height, MARGIN)):
        return True
    text, at = _mark(line)
    return _in_margin(line, part.height, RUNNING_MARGIN) and any((text, at + d) in running for d in (-1, 0, 1))


def _continues(
    chain: list[Grid], grid: Grid, last: PagePart, part: PagePart, running: frozenset[tuple[str, int]]
) -> bool:
    """The grid is the first on its page, no text of its own stands before it, and its columns agree."""
    before = chain[-1]
    if (
        before.page != last.page
        or before is not last.grids[-1]
        or grid.page <= before.page
        or grid.page > (before.page_last or before.page) + 2
    ):
        return False
    between = [
        line for line in last.lines if line.bbox[1] > before.bbox[3] - 2 and not _is_running(line, last, running)
    ]
    between += [line for line in part.lines if line.bbox[3] < grid.bbox[1] + 2 and not _is_running(line, part, running)]
    if any(not CONTINUED.search(line.text) for line in between):
        return False
    return columns_agree(chain, grid) and not new_header(chain[0], grid)


def _begins_again(chain: list[Grid], grid: Grid, part: PagePart) -> bool:
    """The same table goes on below on one page: the whole header printed again, no text between."""
    before = chain[-1]
    if any(before.bbox[3] - 2 < line.bbox[1] and line.bbox[3] < grid.bbox[1] + 2 for line in part.lines):
        return False
    header, rows = row_texts(chain[0]), row_texts(grid)
    again = repeats(header, rows)
    return columns_agree(chain, grid) and again >= 2 and any(is_numbering(row) for row in rows[:again])


def columns_agree(chain: list[Grid], grid: Grid) -> bool:
    """The outer borders agree (the page may be shifted), and most inner borders of the poorer of the two."""
    return any(_agree(earlier.xs, grid.xs) for earlier in (chain[-1], chain[0]))


def _agree(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    shift = _shift(one, two)
    if abs((one[-1] - one[0]) - (two[-1] - two[0])) > 2 * SAME_X:
        return False
    inner_one, inner_two = one[1:-1], [x + shift for x in two[1:-1]]
    poorer, richer = sorted((list(inner_one), list(inner_two)), key=len)
    if not poorer:
        return not richer
    hits = _met(poorer, richer)
    return hits >= SHARE * len(poorer)


def _shift(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    """How far the second page's table stands to the left of the first's: not at all, or as its sides say."""
    left, right = one[0] - two[0], one[-1] - two[-1]
    choices = [0.0, left, right, (left + right) / 2]
    hits: list[int] = []
    for shift in choices:
        hits.append(_met([x + shift for x in two], one))
        if hits[-1] == len(two):
            return shift
    return choices[hits.index(max(hits))]


def _met(some: Sequence[float], others: Sequence[float]) -> int:
    """How many of these borders stand near one of the others (which ascend)."""
    hits, count = 0, len(others)
    for x in some:
        after = bisect_left(others, x)
        if (after < count and others[after] - x <= SAME_X) or (after > 0 and x - others[after - 1] <= SAME_X):
            hits += 1
    return hits


def _above(part: PagePart, index: int, last: PagePart | None, running: frozenset[tuple[str, int]]) -> tuple[str, ...]:
    """The lines between the grid and what stands above it; from the foot of the page before where there are none."""
    grid = part.grids[index]
    top = max((g.bbox[3] for g in part.grids[:index] if g.bbox[3] <= grid.bbox[1] + 2), default=0.0)
    here = [line for line in part.lines if top - 2 <= line.bbox[1] and line.bbox[3] <= grid.bbox[1] + 3]
    here = [line for line in here if not PAGE_NUMBER.fullmatch(line.text.strip())]
    if all(_is_running(line, part, running) for line in here) and index == 0 and last and last.page == part.page - 1:
        foot = last.grids[-1].bbox[3] if last.grids else 0.0
        here += [line for line in last.lines if line.bbox[1] > foot - 2 and not _is_running(line, last, running)]
    return tuple(line.text for line in here[-ABOVE:])


def _places(chain: list[Grid]) -> tuple[int, list[list[int]]]:
    """How many columns the table has, and for each grid the common number of each of its borders."""
    shifts = [0.0, *(_shift(chain[0].xs, grid.xs) for grid in chain[1:])]
    richest = max(chain, key=lambda g: len(g.xs))
    same = [_column_by_column(richest, grid) for grid in chain]
    borders = [x + shifts[chain.index(richest)] for x in richest.xs]
    for grid, shift, by_number in zip(chain, shifts, same, strict=True):
        if by_number:
            continue
        for x in grid.xs:
            if all(abs(x + shift - border) > SAME_X for border in borders):
                borders.append(x + shift)
    order = sorted(borders)
    own = [_nearest(order, x + shifts[chain.index(richest)]) for x in richest.xs]
    places = [
        own if by_number else [_nearest(order, x + shift) for x in grid.xs]
        for grid, shift, by_number in zip(chain, shifts, same, strict=True)
    ]
    return len(order) - 1, places


def _column_by_column(one: Grid, two: Grid) -> bool:
    """As many columns, each roughly where the other's is (widths drift when a table is begun anew)."""
    if len(one.xs) != len(two.xs):
        return False
    shift = _shift(one.xs, two.xs)
    moved = [x + shift for x in two.xs]
    if all(
        abs(x - own) <= DRIFT and _nearest(one.xs, x) == i for i, (x, own) in enumerate(zip(moved, one.xs, strict=True))
    ):
        return True
    return repeats(row_texts(one), row_texts(two)) > 0 or repeats(row_texts(two), row_texts(one)) > 0


def _nearest(borders: Sequence[float], x: float) -> int:
    """The number of the border nearest to x; of the first where two are as near. `borders` ascend."""
    after = bisect_left(borders, x)
    if after > 0 and (after == len(borders) or x - borders[after - 1] <= borders[after] - x):
        after = bisect_left(borders, borders[after - 1])
    return after


def _table(chain: list[Grid], above: tuple[str, ...], method: str) -> Table:
    n_columns, places = _places(chain)
    header = row_texts(chain[0]) if len(chain) > 1 else []
    cells: list[Cell] = []
    pages: list[int] = []
    starts: list[int] = []
    repeated: set[int] = set()
    shaded: set[int] = set()
    offset = 0
    for grid, place in zip(chain, places, strict=True):
        if not pages or pages[-1] != grid.page:
            pages.append(grid.page)
            starts.append(offset)
        if grid is not chain[0]:
            repeated |= {offset + i for i in range(repeats(header, row_texts(grid)))}
        cells += _moved(grid, place, offset)
        shaded |= {offset + i for i in grid.shaded_rows}
        offset += grid.n_rows
    cells.sort(key=attrgetter("row", "column"))
    kinds = sorted({cell.method for cell in cells})
    return Table(
        tuple(cells),
        offset,
        n_columns,
        tuple(pages),
        tuple(starts),
        ", ".join(kinds) if kinds else method,
        above,
        frozenset(repeated),
        frozenset(shaded),
        tuple(round(v, 2) for v in chain[0].bbox),  # type: ignore[arg-type]
    )


def _moved(grid: Grid, place: list[int], offset: int) -> list[Cell]:
    """The cells of one page as cells of the whole table, `offset` rows down: the page's own, which nobody else holds now."""
    if offset or place != list(range(len(grid.xs))):
        for cell in grid.cells:
            first, end = place[cell.column], place[cell.column + cell.colspan]
            cell.row, cell.column, cell.colspan = cell.row + offset, first, max(1, end - first)
    return grid.cells
