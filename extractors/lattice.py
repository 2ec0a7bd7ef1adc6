"""A network of rules -> a lattice: an elementary box of every pair of neighbouring rules, boxes that no rule parts merged."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from extractors.native import Bools, Floats, Ints
from extractors.order import order_by
from extractors.tables import Box, Cell

SNAP = 2.5  # rules closer than this (points) are one
JOIN = 3.0  # fragments of one line closer than this are one; rules this near to each other meet
COVER = 0.6  # a side counts as ruled where rules cover this share of it
MAX_BOXES = 250_000  # elementary boxes of one grid; more is a pattern, no table
CHUNK = 1000  # rules compared with all rows at once


@dataclass(slots=True)
class Grid:
    """One table's part on one page. `cells` count rows and columns from 0 within this grid."""

    page: int
    bbox: Box
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: list[Cell] = field(default_factory=list)
    shaded_rows: frozenset[int] = frozenset()
    doubled: int = 0
    by_rules: bool = True  # False: only the edges of coloured areas
    overflows: set[int] = field(default_factory=set)  # indices of cells whose words run over a rule
    rows_cut: int = 0  # rows found by their amounts, not by rules
    page_last: int | None = None  # where pages side by side were joined, the last of them
    # those of its first rows, kept by header_rows:
    first_texts: list[tuple[str, ...]] | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def n_rows(self) -> int:
        return len(self.ys) - 1

    @property
    def n_columns(self) -> int:
        return len(self.xs) - 1


@dataclass(slots=True)
class Slots:
    """The cells of a grid before they hold text, in reading order.

    `spans` (n, 4): row, row end, column, column end; `rects` (n, 4): between the rules; `regions`: the number of the cell that
    each elementary box belongs to (-1: none).
    """

    spans: Ints
    rects: Floats
    regions: Ints


def lattice(horizontal: Floats, vertical: Floats, page: int) -> tuple[Grid, Slots] | None:
    """The grid of one network and its cells, without text."""
    (h_at, *h_ends), (v_at, *v_ends) = horizontal.T.tolist(), vertical.T.tolist()
    ys, xs = _positions(h_at, *v_ends), _positions(v_at, *h_ends)
    if len(ys) < 2 or len(xs) < 2 or (len(ys) - 1) * (len(xs) - 1) > MAX_BOXES:
        return None
    open_y = (ys[0] < min(h_at) - JOIN, ys[-1] > max(h_at) + JOIN)
    open_x = (xs[0] < min(v_at) - JOIN, xs[-1] > max(v_at) + JOIN)
    across = _covered(ys, xs, horizontal, open_y)
    down = _covered(xs, ys, vertical, open_x).T  # [row, x]
    boxes = _enclosed(_rectangles(across, down), across, down)
    boxes = boxes.take(order_by(boxes[:, 0], boxes[:, 2]), axis=0)
    (keep_y, r0, r1), (keep_x, c0, c1) = _renumbered(boxes[:, :2], len(ys)), _renumbered(boxes[:, 2:], len(xs))
    if len(keep_x) < 3:  # one column: a frame, or prose in boxes
        return None
    grid_xs, grid_ys = tuple(xs[i] for i in keep_x), tuple(ys[i] for i in keep_y)
    grid = Grid(page, (grid_xs[0], grid_ys[0], grid_xs[-1], grid_ys[-1]), grid_xs, grid_ys)
    x, y = np.array([round(v, 2) for v in grid_xs]), np.array([round(v, 2) for v in grid_ys])
    spans, rects = np.array([r0, r1, c0, c1]).T, np.array([x[c0], y[r0], x[c1], y[r1]]).T
    return grid, Slots(spans, rects, _numbered(spans, grid.n_rows, grid.n_columns))


def _positions(places: list[float], starts: list[float], ends: list[float]) -> list[float]:
    """Distinct rule positions, with the outermost ends of the crossing rules where they reach beyond the last rule."""
    values = sorted(places)
    result = values[:1]
    for value in values[1:]:
        if value - result[-1] > SNAP:
            result.append(value)
    low, high = min(starts), max(ends)
    if low < result[0] - 2 * JOIN:
        result.insert(0, low)
    if high > result[-1] + 2 * JOIN:
        result.append(high)
    return result


def _covered(positions: list[float], cross: list[float], rules: Floats, ends_open: tuple[bool, bool]) -> Bools:
    """`[i, j]`: is position i ruled between cross j and j + 1."""
    edges = np.array(cross)
    lengths = edges[1:] - edges[:-1]
    result = np.zeros((len(positions), len(edges) - 1))
    for start in range(0, len(rules), CHUNK):
        some = rules[start : start + CHUNK]
        nearest = np.abs(np.array(positions)[None, :] - some[:, :1]).argmin(axis=1)
        overlap = np.minimum(edges[1:], some[:, 2:]) - np.maximum(edges[:-1], some[:, 1:2])
        np.add.at(result, nearest, np.maximum(overlap, 0))
    ruled: Bools = result >= np.minimum(COVER * lengths, lengths - 2 * SNAP)[None, :]
    if ends_open[0]:
        ruled[0] = True
    if ends_open[1]:
        ruled[-1] = True
    return ruled


def _rectangles(across: Bools, down: Bools) -> Ints:
    """(row, row end, column, column end) of the regions of elementary boxes that no rule parts; a region that is no rectangle
    is cut into bands of rows.

    `across[i, c]`: a rule above row i in column c. `down[r, j]`: a rule left of column j in row r.
    """
    rows, columns = down.shape[0], across.shape[1]
    joined = _joined(across, down)
    alone = np.ones(rows * columns, dtype=np.bool_)  # most boxes are a cell by themselves
    found: list[tuple[int, int, int, int]] = []
    for region in joined.values():
        alone[region] = False
        down_to, along = [box // columns for box in region], [box % columns for box in region]
        r0, r1, c0, c1 = min(down_to), max(down_to) + 1, min(along), max(along) + 1
        whole = (r1 - r0) * (c1 - c0) == len(region)
        found += [(r0, r1, c0, c1)] if whole else _bands(np.array(down_to), np.array(along))
    row, column = np.divmod(alone.nonzero()[0], columns)
    single: Ints = np.array([row, row + 1, column, column + 1]).T
    return np.concatenate([single, np.array(found)]) if found else single


def _joined(across: Bools, down: Bools) -> dict[int, list[int]]:
    """Elementary boxes (counted row by row) that no rule parts from a neighbour, by the first of their region."""
    columns = across.shape[1]
    upper = (~across[1:-1]).ravel().nonzero()[0]
    row, column = (~down[:, 1:-1]).nonzero()
    left = row * columns + column
    first: dict[int, int] = {}  # of each box that is not the first of its region: one before it

    def first_of(box: int) -> int:
        found = box
        while found in first:
            found = first[found]
        if found != box:
            first[box] = found
        return found

    for one, two in zip(
        [*upper.tolist(), *left.tolist()], [*(upper + columns).tolist(), *(left + 1).tolist()], strict=True
    ):
        one, two = first_of(one), first_of(two)
        if one != two:
            first[max(one, two)] = min(one, two)
    regions: dict[int, list[int]] = {}
    for box in list(first):
        home = first_of(box)
        regions.setdefault(home, [home]).append(box)
    return regions


def _bands(rows: Ints, columns: Ints) -> list[tuple[int, int, int, int]]:
    runs: list[tuple[int, int, int, int]] = []
    open_runs: dict[tuple[int, int], int] = {}
    last = int(rows.max()) + 1
    for row in range(int(rows.min()), last + 1):
        here = np.sort(columns[rows == row])
        cut = (np.diff(here) > 1).nonzero()[0]
        pieces = [(int(p[0]), int(p[-1]) + 1) for p in np.split(here, cut + 1) if len(p)]
        for piece, since in list(open_runs.items()):
            if piece not in pieces:
                runs.append((since, row, *piece))
                del open_runs[piece]
        for piece in pieces:
            open_runs.setdefault(piece, row)
    return runs


def _enclosed(boxes: Ints, across: Bools, down: Bools) -> Ints:
    """The boxes that have rules on at least three sides (a stepped table's empty corner has not)."""
    along = np.zeros((across.shape[0], across.shape[1] + 1), dtype=np.int64)  # ruled columns to the left, by rule
    across.cumsum(axis=1, out=along[:, 1:])
    below = np.zeros((down.shape[0] + 1, down.shape[1]), dtype=np.int64)  # ruled rows above, by row
    down.cumsum(axis=0, out=below[1:])
    r0, r1, c0, c1 = boxes.T
    half_wide, half_high = (c1 - c0) / 2, (r1 - r0) / 2
    sides = (along[r0, c1] - along[r0, c0] >= half_wide).astype(np.int64)
    sides += along[r1, c1] - along[r1, c0] >= half_wide
    sides += below[r1, c0] - below[r0, c0] >= half_high
    sides += below[r1, c1] - below[r0, c1] >= half_high
    enclosed: Ints = boxes[sides >= 3]
    return enclosed


def _renumbered(ends: Ints, count: int) -> tuple[list[int], Ints, Ints]:
    """Which of `count` positions the boxes use, and the ends (n, 2) of the boxes counted among these alone."""
    used = np.zeros(count, dtype=np.bool_)
    used[ends] = True
    number = used.cumsum() - 1
    return used.nonzero()[0].tolist(), number[ends[:, 0]], number[ends[:, 1]]


def _numbered(spans: Ints, n_rows: int, n_columns: int) -> Ints:
    """The number of the cell that each elementary box belongs to, -1 for none."""
    regions = np.full((n_rows, n_columns), -1, dtype=np.int64)
    regions[spans[:, 0], spans[:, 2]] = np.arange(len(spans))
    wider = ((spans[:, 1] - spans[:, 0] > 1) | (spans[:, 3] - spans[:, 2] > 1)).nonzero()[0]
    for number, (a, b, c, d) in zip(wider.tolist(), spans[wider].tolist(), strict=True):
        regions[a:b, c:d] = number
    return regions
