"""Columns that only colour shows: coloured cells that abut, in a frame with rules between the rows alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from extractors.native import Floats

TOUCH = 1.0  # coloured areas whose sides are this near (points) abut
NARROWEST = 12.0  # borders nearer to each other than this are one (the padding of a cell is coloured apart)
FARTHEST = 250.0  # points: rules farther below the last one are another table's
WITHIN = 0.4  # points: how far a rule must stand inside a character to cut it
CUT = 0.003  # share of a table's characters that its columns may cut
FULL = 0.85  # share of the coloured height that a border must part


def column_rules(fills: Floats, horizontal: Floats, vertical: Floats) -> Floats:
    """Vertical rules `(n, 3)` x, top, bottom at the borders that coloured cells show in a network of rules.

    A border parts coloured areas over the whole height of (nearly) every coloured row; the shading of a paragraph
    inside a cell leaves strips of padding above and below, and so parts less.
    """
    top, bottom = float(horizontal[:, 0].min()), float(horizontal[:, 0].max())
    left, right = float(vertical[:, 0].min()), float(vertical[:, 0].max())
    middle = (fills[:, 1] + fills[:, 3]) / 2
    inside = (fills[:, 0] > left - 3) & (fills[:, 2] < right + 3) & (middle > top) & (middle < bottom)
    fills = fills[inside]
    if len(fills) < 4:
        return np.zeros((0, 3))
    height = _length(fills[:, [1, 3]])
    support = [(parted, x) for x in _sides(fills, left, right) if (parted := _parted(fills, x)) >= FULL * height]
    chosen: list[float] = []
    for _, x in sorted(support, key=lambda pair: (-round(pair[0], 1), pair[1])):
        if all(abs(x - other) >= NARROWEST for other in chosen):
            chosen.append(x)
    return np.array([(x, top, bottom) for x in sorted(chosen)], dtype=np.float64).reshape(-1, 3)


def columns_below(horizontal: Floats, edges: Floats, tops: Sequence[float], boxes: Floats) -> Floats:
    """The columns of a coloured header, drawn down over the rules between the rows below it.

    `edges` (n, 3) x, top, bottom: sides of the header's coloured cells. Rows ruled by horizontal lines alone that stand below
    it, within its width, belong to the same table, down to the next coloured header (`tops`). Gives vertical rules
    `(n, 3)`; none where no such rows follow.
    """
    none: Floats = np.zeros((0, 3))
    bottom = float(edges[:, 2].max())
    xs = _apart(np.unique(edges[:, 0]))
    if len(xs) < 4:
        return none
    within = (horizontal[:, 1] > xs[0] - 4) & (horizontal[:, 2] < xs[-1] + 4) & (horizontal[:, 0] > bottom + TOUCH)
    last, rows = bottom, 0
    end = min((top for top in tops if top > bottom + TOUCH), default=np.inf)
    for y in np.unique(horizontal[within, 0]).tolist():
        if y - last > FARTHEST or y >= end - TOUCH:
            break
        last, rows = y, rows + 1
    rules = np.array([(x, bottom, last) for x in xs.tolist()])
    return rules if rows >= 2 and parts_text(rules, boxes) else none


def parts_text(rules: Floats, boxes: Floats) -> bool:
    """Whether vertical rules `(n, 3)` run between the characters (boxes `(m, 4)`) of their height, not through them.

    Prose and captions between two tables would be cut; a word that runs over its column cuts a character or two.
    """
    top, bottom = float(rules[:, 1].min()), float(rules[:, 2].max())
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    inside = boxes[(middle > top) & (middle < bottom)]
    xs = np.sort(rules[:, 0])
    cut = np.searchsorted(xs, inside[:, 0] + WITHIN) != np.searchsorted(xs, inside[:, 2] - WITHIN)
    return bool(cut.sum() <= max(1, CUT * len(inside)))


def _apart(xs: Floats) -> Floats:
    """Positions at least a cell's padding apart; of near ones the first."""
    kept: list[float] = []
    for x in xs.tolist():
        if not kept or x - kept[-1] >= NARROWEST / 2:
            kept.append(x)
    return np.array(kept)


def _sides(fills: Floats, left: float, right: float) -> list[float]:
    sides = np.unique(np.round(fills[:, [0, 2]].ravel(), 1)).tolist()
    result: list[float] = []
    for x in sides:
        if left + NARROWEST / 2 < x < right - NARROWEST / 2 and (not result or x - result[-1] > TOUCH):
            result.append(x)
    return result


def _parted(fills: Floats, x: float) -> float:
    """Over how much height coloured areas end at x on the left and begin on the right."""
    ends = fills[np.abs(fills[:, 2] - x) <= TOUCH][:, [1, 3]]
    begins = fills[np.abs(fills[:, 0] - x) <= TOUCH][:, [1, 3]]
    if not len(ends) or not len(begins):
        return 0.0
    low = np.maximum(ends[:, None, 0], begins[None, :, 0]).ravel()
    high = np.minimum(ends[:, None, 1], begins[None, :, 1]).ravel()
    meet = np.stack([low, high], axis=1)[high > low]
    return _length(meet)


def _length(spans: Floats) -> float:
    """Length of the union of spans."""
    total, reached = 0.0, -np.inf
    for low, high in sorted(spans.tolist()):
        if high > reached:
            total += high - max(low, reached)
            reached = high
    return total
