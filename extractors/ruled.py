"""Ruling lines -> grids with spans -> cell text.

The way: join line fragments, find connected networks of horizontal and vertical rules, make a lattice of each, and
give every cell the text between its rules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from operator import itemgetter

import numpy as np

from extractors.boxes import fitted_boxes
from extractors.lattice import JOIN, SNAP, Grid, Slots, lattice
from extractors.lines import Laid
from extractors.native import Bools, Floats, Ints
from extractors.overflow import keep_lines_whole, keep_words_whole
from extractors.pages import Chars, PageContent
from extractors.shaded import column_rules, columns_below, parts_text
from extractors.tables import Box, Cell

SHORTEST = 4.0  # a joined rule shorter than this rules nothing
SURE = 0.99  # confidence of a cell whose text stands between its rules
OVERFLOWN = 0.9  # confidence of a cell whose words run over a rule
INSIDE = 1.5  # points that the line box of a character may reach over the end of its row
CHUNK = 1000  # areas compared with all rows at once


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
    ends = _row_ends(horizontal, vertical, networks, chars.box)
    if len(ends):
        content = replace(content, horizontal=np.concatenate([content.horizontal, ends]))
        horizontal = join_rules(content.horizontal)
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
    laid_out = lattice(horizontal, vertical, content.page)
    if laid_out is None and len(horizontal) > 2 and len(content.fills):
        coloured = column_rules(content.fills, horizontal, vertical)
        if len(coloured):
            vertical = np.concatenate([vertical, coloured])
            laid_out = lattice(horizontal, vertical, content.page)
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


def _row_ends(horizontal: Floats, vertical: Floats, networks: list[tuple[Ints, Ints]], boxes: Floats) -> Floats:
    """Rules between rows that are not printed `(n, 3)`: where several column rules inside a network end together.

    Rows without rules, of which a label runs over several columns: their rules stop above the label and go on below it.
    """
    found: list[tuple[float, float, float]] = []
    own = np.full(len(vertical), -1)
    for number, (_, which_v) in enumerate(networks):
        own[which_v] = number
    x, top, bottom = vertical.T
    for number, (which_h, which_v) in enumerate(networks):
        level, among = horizontal[which_h, 0], x[which_v]
        x0, x1, first_rule, last_rule = among.min(), among.max(), level.min(), level.max()
        inside = ((own == number) | (own < 0)) & (x > x0 + JOIN) & (x < x1 - JOIN)
        inside &= (bottom > first_rule) & (top < last_rule)
        y, at = np.concatenate([top[inside], bottom[inside]]), np.concatenate([x[inside], x[inside]])
        if len(y) < 2:
            continue
        apart = (np.abs(y[:, None] - level[None, :]).min(axis=1) > JOIN) & (y > first_rule) & (y < last_rule)
        ends = sorted(zip(y[apart].tolist(), at[apart].tolist(), strict=True))
        first = 0
        for i in range(1, len(ends) + 1):
            if i < len(ends) and ends[i][0] - ends[first][0] <= SNAP:
                continue
            here = sum(end[0] for end in ends[first:i]) / max(i - first, 1)
            several = len({round(place) for _, place in ends[first:i]}) >= 2
            cut = (
                (boxes[:, 0] < x1) & (boxes[:, 2] > x0) & (boxes[:, 1] + INSIDE < here) & (boxes[:, 3] - INSIDE > here)
            )
            if several and not cut.any():
                found.append((here, float(x0), float(x1)))
            first = i
    return np.array(found) if found else np.zeros((0, 3))


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


def _laid(grid: Grid, slots: Slots, chars: Chars, taken: Bools) -> tuple[Ints, Ints, Laid]:
    """Which characters stand in the grid (by their middle), the column of each, and all laid out by cell."""
    x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
    row, column = np.array(grid.ys).searchsorted(y, side="right"), np.array(grid.xs).searchsorted(x, side="right")
    framed = np.full((grid.n_rows + 2, grid.n_columns + 2), -1, dtype=np.int64)  # what stands outside has no cell
    framed[1:-1, 1:-1] = slots.regions
    cell = framed.ravel().take(row * (grid.n_columns + 2) + column)
    cell[taken] = -1
    cell, grid.overflows = keep_words_whole(chars, cell, grid.xs)
    cell, moved = keep_lines_whole(chars, cell, slots.spans)
    grid.overflows |= moved
    which = ((cell >= 0) & ~taken).nonzero()[0]
    place = np.minimum(np.maximum(column.take(which) - 1, 0), grid.n_columns - 1)
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
    held = [""] * len(boxes)
    for number, text in zip(numbers.tolist(), texts, strict=True):
        held[number] = text
    row, row_end, column, column_end = slots.spans.T
    high, wide = (row_end - row).tolist(), (column_end - column).tolist()
    spans = repeat(grid.page), boxes, held, high, wide, repeat(SURE)
    grid.cells = list(map(Cell, row.tolist(), column.tolist(), *spans))
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
