"""Ruling lines -> grids with spans -> cell text.

The way: join line fragments, find connected networks of horizontal and vertical rules, make an elementary box of every
pair of neighbouring rules, and merge boxes that no rule parts: what is left are the cells, merged ones included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np

from extractors.boxes import fitted_boxes
from extractors.lines import Laid
from extractors.native import Bools, Floats, Ints
from extractors.order import order_by, starts_of
from extractors.overflow import keep_words_whole
from extractors.pages import Chars, PageContent
from extractors.shaded import column_rules, columns_below, parts_text
from extractors.tables import Box, Cell

SNAP = 2.5  # rules closer than this (points) are one
JOIN = 3.0  # fragments of one line closer than this are one; rules this near to each other meet
SHORTEST = 4.0  # a joined rule shorter than this rules nothing
COVER = 0.6  # a side counts as ruled where rules cover this share of it
SURE = 0.99  # confidence of a cell whose text stands between its rules
OVERFLOWN = 0.9  # confidence of a cell whose words run over a rule
CHUNK = 1000  # rules or areas compared with all rows at once
MAX_BOXES = 250_000  # elementary boxes of one grid; more is a pattern, no table


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
    first_texts: list[tuple[str, ...]] | None = field(default=None, init=False, compare=False, repr=False)  # by stitch

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


@dataclass(slots=True)
class Found:
    """Grids of a page, which characters they took, and the joined rules that belong to no grid."""

    grids: list[Grid]
    taken: Bools
    loose_horizontal: Floats
    loose_vertical: Floats


def find_grids(content: PageContent) -> Found:
    """All ruled tables of a page, top to bottom, with the text of their cells."""
    chars = content.chars
    taken = np.zeros(len(chars), dtype=np.bool_)
    horizontal, vertical = join_rules(content.horizontal), join_rules(content.vertical)
    networks = _networks(horizontal, vertical)
    outside = _fills_outside(content.fills, networks, horizontal, vertical)
    if len(outside):
        more_h, more_v = _fill_edges(outside)
        horizontal = join_rules(np.concatenate([content.horizontal, more_h]))
        vertical = join_rules(np.concatenate([content.vertical, more_v]))
        networks = _networks(horizontal, vertical)
        tops = [float(vertical[v, 1].min()) for _, v in networks]
        longer = [
            columns_below(horizontal, vertical[v], tops, content.chars.box)
            for _, v in networks
            if not _has_rules(vertical[v], content.vertical)
        ]
        if any(len(one) for one in longer):
            vertical = join_rules(np.concatenate([vertical, *longer]))
            networks = _networks(horizontal, vertical)
    grids: list[Grid] = []
    used_h, used_v = np.zeros(len(horizontal), dtype=np.bool_), np.zeros(len(vertical), dtype=np.bool_)
    for which_h, which_v in networks:
        by_rules = not len(outside) or _has_rules(vertical[which_v], content.vertical)
        grid = _grid(horizontal[which_h], vertical[which_v], content, taken, by_rules)
        if grid is None:
            continue
        used_h[which_h], used_v[which_v] = True, True
        grids.append(grid)
    grids.sort(key=lambda g: (round(g.bbox[1]), g.bbox[0]))
    return Found(grids, taken, horizontal[~used_h], vertical[~used_v])


def carried_on(content: PageContent, found: Found, earlier: Grid) -> Found:
    """A page whose rows have rules and whose columns have none, below a table of the page before: its columns go on.

    Most of the page's rules must be as wide as that table; a page that already has grids is left alone.
    """
    rules = found.loose_horizontal
    left, right = earlier.xs[0], earlier.xs[-1]
    wide = (
        (np.abs(rules[:, 1] - left) < 4) & (np.abs(rules[:, 2] - right) < 4)
        if len(rules)
        else np.zeros(0, dtype=np.bool_)
    )
    within = (rules[:, 1] > left - 4) & (rules[:, 2] < right + 4) if len(rules) else wide
    if found.grids or earlier.n_columns < 3 or wide.sum() < 3 or within.sum() < 0.9 * len(rules):
        return found
    top, bottom = float(rules[within, 0].min()), float(rules[within, 0].max())
    vertical = np.array([(x, top, bottom) for x in earlier.xs])
    if not parts_text(vertical, content.chars.box):
        return found
    taken = found.taken.copy()
    grid = _grid(rules[within], vertical, content, taken, True)
    return found if grid is None else Found([grid], taken, rules[~within], found.loose_vertical)


def drawn_grid(horizontal: Floats, vertical: Floats, content: PageContent, taken: Bools) -> Grid | None:
    """A grid of rules of which some are not printed; marks the characters that it takes in `taken`."""
    return _grid(horizontal, vertical, content, taken, True)


def _grid(horizontal: Floats, vertical: Floats, content: PageContent, taken: Bools, by_rules: bool) -> Grid | None:
    """One network as a grid with text."""
    laid_out = _lattice(horizontal, vertical, content.page)
    if laid_out is None and len(horizontal) > 2 and len(content.fills):
        coloured = column_rules(content.fills, horizontal, vertical)
        if len(coloured):
            vertical = np.concatenate([vertical, coloured])
            laid_out = _lattice(horizontal, vertical, content.page)
    if laid_out is None:
        return None
    grid, slots = laid_out
    grid.by_rules = by_rules
    which, column, laid = _laid(grid, slots, content.chars, taken)
    if not _fill_cells(grid, slots, _boxes(slots, column, laid), laid):
        return None
    taken[which] = True
    grid.shaded_rows = _shaded(grid, content.fills)
    return grid


def join_rules(rules: Floats) -> Floats:
    """Fragments on one line joined, near-parallel rules snapped. `(n, 3)`: position, start, end."""
    if not len(rules):
        return rules
    ordered: list[tuple[float, float, float]] = sorted(map(tuple, rules.tolist()), key=itemgetter(0))
    joined: list[tuple[float, float, float]] = []
    first = 0
    for i in range(1, len(ordered) + 1):
        if i == len(ordered) or ordered[i][0] - ordered[first][0] > SNAP:
            joined += _joined(ordered[first:i])
            first = i
    long = [rule for rule in joined if rule[2] - rule[1] >= SHORTEST]
    return np.array(long, dtype=np.float64).reshape(-1, 3)


def _joined(rules: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Rules on (nearly) one line as one each where they meet, at their mean place."""
    if len(rules) == 1:
        ((at, start, end),) = rules
        weight = max(end - start, 0.01)
        return [(at * weight / weight, start, end)]  # the mean of one, to the last bit
    weights = [max(end - start, 0.01) for _, start, end in rules]
    place = sum(at * weight for (at, _, _), weight in zip(rules, weights, strict=True)) / sum(weights)
    joined: list[tuple[float, float, float]] = []
    rules = sorted(rules, key=itemgetter(1))
    low, high = rules[0][1:]
    for _, start, end in rules[1:]:
        if start > high + JOIN:
            joined.append((place, low, high))
            low, high = start, end
        elif end > high:
            high = end
    return [*joined, (place, low, high)]


def _networks(horizontal: Floats, vertical: Floats) -> list[tuple[Ints, Ints]]:
    """Connected networks of rules that meet, as index arrays; those that can make a cell (two rules each way)."""
    if len(horizontal) < 2 or len(vertical) < 2:
        return []
    meets = (
        (vertical[None, :, 0] >= horizontal[:, None, 1] - JOIN)
        & (vertical[None, :, 0] <= horizontal[:, None, 2] + JOIN)
        & (horizontal[:, None, 0] >= vertical[None, :, 1] - JOIN)
        & (horizontal[:, None, 0] <= vertical[None, :, 2] + JOIN)
    )
    met = [int.from_bytes(row.tobytes(), "big") for row in np.packbits(meets, axis=1)]  # as bits, by horizontal rule
    left = [h for h, crossing in enumerate(met) if crossing]
    found: list[tuple[Ints, Ints]] = []
    while left:
        own, left, crossed = left[:1], left[1:], met[left[0]]
        while more := [h for h in left if met[h] & crossed]:
            own += more
            left = [h for h in left if not met[h] & crossed]
            for h in more:
                crossed |= met[h]
        which_v = np.logical_or.reduce(meets[own]).nonzero()[0]
        if len(own) >= 2 and len(which_v) >= 2:
            found.append((np.array(sorted(own)), which_v))
    return found


def _fills_outside(fills: Floats, networks: list[tuple[Ints, Ints]], horizontal: Floats, vertical: Floats) -> Floats:
    """Coloured areas that do not lie inside a ruled network: cells without rules, perhaps."""
    if not len(fills):
        return fills
    outside = ((fills[:, 2] - fills[:, 0]) > 8) & ((fills[:, 3] - fills[:, 1]) > 6)
    middle_x, middle_y = (fills[:, 0] + fills[:, 2]) / 2, (fills[:, 1] + fills[:, 3]) / 2
    for which_h, which_v in networks:
        h, v = horizontal[which_h], vertical[which_v]
        inside = (middle_x >= min(h[:, 1].min(), v[:, 0].min())) & (middle_x <= max(h[:, 2].max(), v[:, 0].max()))
        inside &= (middle_y >= min(v[:, 1].min(), h[:, 0].min())) & (middle_y <= max(v[:, 2].max(), h[:, 0].max()))
        outside &= ~inside
    return fills[outside]


def _has_rules(joined: Floats, drawn: Floats) -> bool:
    """Some rule of the network was drawn as a rule, not as the edge of a coloured area."""
    if not len(drawn):
        return False
    near = np.abs(joined[:, None, 0] - drawn[None, :, 0]) <= SNAP
    overlap = (joined[:, None, 1] < drawn[None, :, 2]) & (joined[:, None, 2] > drawn[None, :, 1])
    return bool((near & overlap).any())


def _fill_edges(fills: Floats) -> tuple[Floats, Floats]:
    x0, top, x1, bottom = fills.T
    horizontal = np.concatenate([np.stack([top, x0, x1], 1), np.stack([bottom, x0, x1], 1)])
    vertical = np.concatenate([np.stack([x0, top, bottom], 1), np.stack([x1, top, bottom], 1)])
    return horizontal, vertical


def _positions(places: Floats, extents: Floats) -> list[float]:
    """Distinct rule positions, with the outermost ends of the crossing rules where they reach beyond the last rule."""
    values = sorted(places.tolist())
    result = values[:1]
    for value in values[1:]:
        if value - result[-1] > SNAP:
            result.append(value)
    low, high = float(extents[:, 1].min()), float(extents[:, 2].max())
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


def _lattice(horizontal: Floats, vertical: Floats, page: int) -> tuple[Grid, Slots] | None:
    """The grid of one network and its cells, without text."""
    ys = _positions(horizontal[:, 0], vertical)
    xs = _positions(vertical[:, 0], horizontal)
    if len(ys) < 2 or len(xs) < 2 or (len(ys) - 1) * (len(xs) - 1) > MAX_BOXES:
        return None
    open_y = (ys[0] < horizontal[:, 0].min() - JOIN, ys[-1] > horizontal[:, 0].max() + JOIN)
    open_x = (xs[0] < vertical[:, 0].min() - JOIN, xs[-1] > vertical[:, 0].max() + JOIN)
    across = _covered(ys, xs, horizontal, open_y)
    down = _covered(xs, ys, vertical, open_x).T  # [row, x]
    boxes = _enclosed(_rectangles(_regions(across, down)), across, down)
    boxes = boxes.take(order_by(boxes[:, 0], boxes[:, 2]), axis=0)
    (keep_y, r0, r1), (keep_x, c0, c1) = _renumbered(boxes[:, :2], len(ys)), _renumbered(boxes[:, 2:], len(xs))
    if len(keep_x) < 3:  # one column: a frame, or prose in boxes
        return None
    grid_xs, grid_ys = tuple(xs[i] for i in keep_x), tuple(ys[i] for i in keep_y)
    grid = Grid(page, (grid_xs[0], grid_ys[0], grid_xs[-1], grid_ys[-1]), grid_xs, grid_ys)
    x, y = np.array([round(v, 2) for v in grid_xs]), np.array([round(v, 2) for v in grid_ys])
    spans, rects = np.array([r0, r1, c0, c1]).T, np.array([x[c0], y[r0], x[c1], y[r1]]).T
    return grid, Slots(spans, rects, _numbered(spans, grid.n_rows, grid.n_columns))


def _renumbered(ends: Ints, count: int) -> tuple[list[int], Ints, Ints]:
    """Which of `count` positions the boxes use, and the ends (n, 2) of the boxes counted among these alone."""
    used = np.zeros(count, dtype=np.bool_)
    used[ends] = True
    number = np.cumsum(used) - 1
    return used.nonzero()[0].tolist(), number[ends[:, 0]], number[ends[:, 1]]


def _numbered(spans: Ints, n_rows: int, n_columns: int) -> Ints:
    """The number of the cell that each elementary box belongs to, -1 for none."""
    regions = np.full((n_rows, n_columns), -1, dtype=np.int64)
    regions[spans[:, 0], spans[:, 2]] = np.arange(len(spans))
    wider = ((spans[:, 1] - spans[:, 0] > 1) | (spans[:, 3] - spans[:, 2] > 1)).nonzero()[0]
    for number, (a, b, c, d) in zip(wider.tolist(), spans[wider].tolist(), strict=True):
        regions[a:b, c:d] = number
    return regions


def _regions(across: Bools, down: Bools) -> Ints:
    """Elementary boxes joined where no rule parts them.

    `across[i, c]`: a rule above row i in column c. `down[r, j]`: a rule left of column j in row r.
    """
    rows, columns = down.shape[0], across.shape[1]
    label = np.arange(rows * columns, dtype=np.int64)
    upper = np.flatnonzero(~across[1:-1])
    row, column = np.nonzero(~down[:, 1:-1])
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
    label[list(first)] = [first_of(box) for box in list(first)]
    return label.reshape(rows, columns)


def _rectangles(region: Ints) -> Ints:
    """(row, row end, column, column end) of every region; one that is no rectangle is cut into bands of rows."""
    order = np.argsort(region, axis=None, kind="stable")
    flat = region.ravel()[order]
    rows, columns = np.divmod(order, region.shape[1])
    starts = starts_of(flat)
    sizes = np.diff(starts, append=len(flat))
    r0, r1 = np.minimum.reduceat(rows, starts), np.maximum.reduceat(rows, starts) + 1
    c0, c1 = np.minimum.reduceat(columns, starts), np.maximum.reduceat(columns, starts) + 1
    boxes: Ints = np.array([r0, r1, c0, c1]).T
    whole = (r1 - r0) * (c1 - c0) == sizes
    if whole.all():
        return boxes
    bands: list[tuple[int, int, int, int]] = []
    for i in (~whole).nonzero()[0].tolist():
        own = slice(int(starts[i]), int(starts[i] + sizes[i]))
        bands += _bands(rows[own], columns[own])
    return np.concatenate([boxes[whole], np.array(bands, dtype=np.int64).reshape(-1, 4)])


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
    np.cumsum(across, axis=1, out=along[:, 1:])
    below = np.zeros((down.shape[0] + 1, down.shape[1]), dtype=np.int64)  # ruled rows above, by row
    np.cumsum(down, axis=0, out=below[1:])
    r0, r1, c0, c1 = boxes.T
    half_wide, half_high = (c1 - c0) / 2, (r1 - r0) / 2
    sides = (along[r0, c1] - along[r0, c0] >= half_wide).astype(np.int64)
    sides += along[r1, c1] - along[r1, c0] >= half_wide
    sides += below[r1, c0] - below[r0, c0] >= half_high
    sides += below[r1, c1] - below[r0, c1] >= half_high
    enclosed: Ints = boxes[sides >= 3]
    return enclosed


def _laid(grid: Grid, slots: Slots, chars: Chars, taken: Bools) -> tuple[Ints, Ints, Laid]:
    """Which characters stand in the grid (by their middle), the column of each, and all laid out by cell."""
    x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
    row = np.array(grid.ys).searchsorted(y, side="right") - 1
    column = np.array(grid.xs).searchsorted(x, side="right") - 1
    inside = (row >= 0) & (row < grid.n_rows) & (column >= 0) & (column < grid.n_columns) & ~taken
    cell = np.full(len(chars), -1, dtype=np.int64)
    cell[inside] = slots.regions[row[inside], column[inside]]
    cell, grid.overflows = keep_words_whole(chars, cell, grid.xs)
    which = ((cell >= 0) & ~taken).nonzero()[0]
    place = np.minimum(np.maximum(column.take(which), 0), grid.n_columns - 1)
    return which, place, Laid(chars.take(which), cell.take(which))


def _boxes(slots: Slots, column: Ints, laid: Laid) -> list[Box]:
    """Boxes that hold their cell's characters and no neighbour's. `column`: that of each character."""
    box, base = laid.chars.box.take(laid.order, axis=0), laid.chars.base.take(laid.order, axis=0)
    upright, place = laid.chars.turn.take(laid.order) == 0, (laid.group, column.take(laid.order))
    return fitted_boxes(slots.rects, slots.spans, slots.regions, box, base, upright, place)


def _fill_cells(grid: Grid, slots: Slots, boxes: list[Box], laid: Laid) -> bool:
    """Makes the cells with their text; False where the grid holds no text in two columns (a frame, a drawing)."""
    numbers, texts = laid.texts()
    if len(set(slots.spans[:, 2].take(numbers).tolist())) < 2:
        return False
    if grid.n_rows == 1 and not grid.by_rules:  # coloured bars of a page's foot
        return False
    held, page = [""] * len(boxes), grid.page
    for number, text in zip(numbers.tolist(), texts, strict=True):
        held[number] = text
    grid.cells = [
        Cell(r0, c0, page, box, text, r1 - r0, c1 - c0, SURE)
        for (r0, r1, c0, c1), box, text in zip(slots.spans.tolist(), boxes, held, strict=True)
    ]
    for number in grid.overflows:
        if held[number]:
            grid.cells[number].confidence = OVERFLOWN
    grid.doubled = laid.doubled
    return True


def _shaded(grid: Grid, fills: Floats) -> frozenset[int]:
    """Rows whose whole width is covered by coloured areas."""
    if not len(fills):
        return frozenset()
    x, y = np.array(grid.xs), np.array(grid.ys)
    middle_x, middle_y = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    fills = fills[(fills[:, 1] <= y[-1]) & (fills[:, 3] >= y[0]) & (fills[:, 0] <= x[-1]) & (fills[:, 2] >= x[0])]
    covered = np.zeros((len(middle_y), len(middle_x)), dtype=np.bool_)
    for start in range(0, len(fills), CHUNK):
        x0, top, x1, bottom = (side[:, None] for side in fills[start : start + CHUNK].T)
        columns = (middle_x >= x0) & (middle_x <= x1)
        rows = (middle_y >= top) & (middle_y <= bottom)
        covered |= rows.T.astype(np.float32) @ columns.astype(np.float32) > 0
    return frozenset(np.logical_and.reduce(covered, axis=1).nonzero()[0].tolist())
