"""Rules that worn toner or a pale scan lost between two cells: neighbours end where they should run, and a trace shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]
Point = tuple[int, int]
Labels = npt.NDArray[np.int32]
Marks = npt.NDArray[np.bool_]
Boxes = npt.NDArray[np.int64]  # (n, 4) x0, top, x1, bottom in pixels

BESIDE = 4.0  # points between a cell and its neighbour: the rule between them
INSIDE = 4.0  # points from a cell's own borders: nearer there is no room for a row
SHORT, LONG = 12.0, 24.0  # points: the least length of a rule that both neighbours show, or one; stems are shorter
TRACE = 5.0  # of 255: paper is darker by this much, on the average over a few points, where a rule was
BLUR = 4.0  # points over which it is averaged along the rule
SHARE = 0.75  # of the cell's width on which the trace shows; letters show on less
WANDER = 1.2  # points up and down in which it is looked for
LOWEST = 3.0  # points: a lower piece of a cell is no row
LETTER = 6.5  # points: in a lower row a letter's stem reaches from rule to rule
ROW = 14.0  # points: in a lower row of words a stem may be half as long as a rule, but keeps off the rules
THROUGH, DASHES, FEW_DASHES = 0.97, 0.5, 0.25  # share of a row's height that a broken upright rule darkens
BROKEN = 0.3  # share of a row's height on which a rule is drawn that ends in it: no true rule does
RECTANGLE = 0.95  # a cell that fills less of its box lost a rule
CLEAR = 4.0  # points of paper on one side of a rule: words have no gap so wide
MANY = 40.0  # points: the height of all rows together that shows a rule of dashes
SPECKS, STROKES = 0.05, 0.2  # share of the height with ink there; share of the dashes at which a stroke begins


class Placed(Protocol):
    """A region of white between rules."""

    @property
    def label(self) -> int: ...
    @property
    def x0(self) -> int: ...
    @property
    def top(self) -> int: ...
    @property
    def x1(self) -> int: ...
    @property
    def bottom(self) -> int: ...


def broken_uprights(
    flat: Gray, mask: Gray, labels: Labels, regions: Sequence[Placed], unit: float
) -> list[tuple[Point, Point]]:
    """(start, end) in pixels of upright rules of which only dashes are left in a row, or which are no longer than a letter:
    at a border of columns that other rows have too, with paper on one side and no stroke that begins at them.

    A cell whose shape is no rectangle lost a rule: there few dashes are enough.
    """
    import cv2

    if len(regions) < 2:
        return []
    strong = float(np.median(255.0 - flat[cv2.erode(mask, np.ones((3, 3), np.uint8)) > 0])) if mask.any() else 255.0
    borders = np.sort(np.array([x for region in regions for x in (region.x0, region.x1)], dtype=np.int64))
    edge, reach = round(2.5 * unit), round(WANDER * unit)
    apart = np.flatnonzero(np.diff(borders) > 1.2 * BESIDE * unit) + 1
    known = [int(part[0] + part[-1]) // 2 for part in np.split(borders, apart)]
    dashes = _columns_of_dashes(flat, labels, regions, 0.4 * strong, unit)
    known += [x for x in dashes if min(abs(x - at) for at in known) > reach]
    found: list[tuple[Point, Point]] = []
    for region in regions:
        for at in known:
            low, high = max(at - reach, region.x0 + edge), min(at + reach + 1, region.x1 - edge)
            if low >= high:
                continue
            own = labels[region.top : region.bottom, region.x0 : region.x1] == region.label
            beside = own[:, low - region.x0 - 1] | own[:, high - region.x0]
            runs = np.flatnonzero(np.diff(np.concatenate([[0], beside.astype(np.int8), [0]])))
            for start, stop in zip(runs[::2].tolist(), runs[1::2].tolist(), strict=True):
                part = slice(region.top + start, region.top + stop), slice(region.x0, region.x1)
                between = low - region.x0, high - region.x0
                x = _dashes(flat[part], own[start:stop], mask[part], between, 0.4 * strong, unit)
                if x is not None:
                    rows = np.flatnonzero(own[start:stop, x]) + region.top + start
                    found.append(((region.x0 + x, int(rows[0]) - 3), (region.x0 + x, int(rows[-1]) + 3)))
    return found


def _columns_of_dashes(flat: Gray, labels: Labels, regions: Sequence[Placed], least: float, unit: float) -> list[int]:
    """Where rules stand of which dashes alone are left in every row: the same columns are dark in many rows, and the
    dashes reach the rules above or below, which letters do not."""
    seen: list[tuple[int, int, bool]] = []  # column, height of its row, whether it reaches a rule
    edge = round(CLEAR * unit)
    for region in regions:
        high, wide = region.bottom - region.top, region.x1 - region.x0
        if high < LETTER * unit or wide < 3 * edge:
            continue
        part = slice(region.top, region.bottom), slice(region.x0, region.x1)
        dark = (255.0 - flat[part] > least) & (labels[part] == region.label)
        dense = np.flatnonzero(dark[:, edge:-edge].mean(axis=0) >= DASHES) + edge
        rim = max(2, round(0.7 * unit))
        for run in np.split(dense, np.flatnonzero(np.diff(dense) > 1) + 1):
            if len(run):
                x = int(run[len(run) // 2])
                seen.append((region.x0 + x, high, bool(dark[:rim, x].any() or dark[-rim:, x].any())))
    seen.sort()
    at = np.array([one[0] for one in seen], dtype=np.int64)
    groups = np.split(np.arange(len(seen)), np.flatnonzero(np.diff(at) > WANDER * unit) + 1)
    found = []
    for group in groups:
        reach = sum(seen[i][1] for i in group if seen[i][2])
        if reach >= MANY * unit and 2 * reach > sum(seen[i][1] for i in group):
            found.append(int(np.median(at[group])))
    return found


def _dashes(flat: Gray, own: Marks, mask: Gray, between: tuple[int, int], least: float, unit: float) -> int | None:
    """The column `between` two of a cell on which the dashes of a rule stand, or a rule of the `mask` that breaks off."""
    low, high = between
    dark = (255.0 - flat > least) & own
    near = dark[:, low:high].copy()
    near[:, 1:] |= dark[:, low : high - 1]
    near[:, :-1] |= dark[:, low + 1 : high]
    rows, drawn = own[:, low:high].sum(axis=0), mask[:, low:high].sum(axis=0)
    share = near.sum(axis=0) / np.maximum(rows, 1)
    dense = drawn if drawn.max() > BROKEN * len(own) else share
    x = low + int(np.median(np.flatnonzero(dense >= 0.95 * dense.max())))
    height = int(rows[x - low])
    if drawn[x - low] > BROKEN * len(own):
        wanted = 0.0 if height else 1.1
    elif height > 0.9 * len(own) and float(own.mean()) > RECTANGLE:
        wanted = DASHES if height >= LETTER * unit else THROUGH
    else:
        wanted = FEW_DASHES if height >= LOWEST * unit else 1.1
    if share[x - low] < wanted:
        return None
    thick, off = round(0.8 * unit) + 1, round(CLEAR * unit)
    sides = [dark[:, max(0, x - off) : max(0, x - thick)], dark[:, x + thick : x + off]]
    blank = [float(side.any(axis=1).mean()) if side.size else 0.0 for side in sides]
    first = near[:, x - low]
    ends = np.flatnonzero(own[:, x])[[0, -1]]
    if wanted == DASHES and height < ROW * unit and not (first[: ends[0] + 2].any() or first[ends[1] - 1 :].any()):
        return None
    first[: ends[0] + height // 5], first[ends[1] - height // 5 :] = False, False  # the rules above and below
    touch = [dark[first, x - thick : x - thick + 2], dark[first, x + thick - 1 : x + thick + 1]]
    strokes = [float(side.any(axis=1).mean()) if side.size else 0.0 for side in touch]
    return x if min(blank) < SPECKS and max(strokes) < STROKES else None


def lost_rules(flat: Gray, regions: Sequence[Placed], unit: float) -> list[tuple[Point, Point]]:
    """(start, end) in pixels of rules that go on through a region where those beside it end, and of which a trace is
    seen on its whole width."""
    import cv2

    if not regions:
        return []
    box = np.array([(r.x0, r.top, r.x1, r.bottom) for r in regions], dtype=np.int64).reshape(-1, 4)
    level = _level(flat, box, unit)
    upright = _level(np.asarray(cv2.transpose(flat), np.uint8), box[:, [1, 0, 3, 2]], unit)
    turned: list[tuple[Point, Point]] = [((a[1], a[0]), (b[1], b[0])) for a, b in upright]
    return level + turned


def _level(flat: Gray, box: Boxes, unit: float) -> list[tuple[Point, Point]]:
    found: list[tuple[Point, Point]] = []
    tall = np.flatnonzero(box[:, 3] - box[:, 1] > 2 * INSIDE * unit)
    for x0, top, x1, bottom in box[tall].tolist():
        left = np.abs(box[:, 2] - x0) <= BESIDE * unit
        right = np.abs(box[:, 0] - x1) <= BESIDE * unit
        high = (box[:, 3] > top + INSIDE * unit) & (box[:, 3] < bottom - INSIDE * unit)
        for y in _heights(box[(left | right) & high, 3], unit):
            here = high & (np.abs(box[:, 3] - y) <= 2 * unit)
            both = bool((left & here).any() and (right & here).any())
            if x1 - x0 < (SHORT if both else LONG) * unit:
                continue
            seen = _trace(flat, x0, x1, y, unit)
            if seen is not None:
                found.append(((x0 - 2, seen), (x1 + 2, seen)))
    return found


def _heights(ends: Boxes, unit: float) -> list[int]:
    """Heights at which neighbours end, those of both sides taken together."""
    if not len(ends):
        return []
    order = np.sort(ends)
    parts = np.split(order, np.flatnonzero(np.diff(order) > 2 * unit) + 1)
    return [round(float(np.median(part))) + round(0.5 * unit) for part in parts]


def _trace(flat: Gray, x0: int, x1: int, y: int, unit: float) -> int | None:
    """The height near `y` at which paper is darker than above and below on most of the way from x0 to x1."""
    import cv2

    edge, away = round(unit), max(3, round(1.6 * unit))
    reach = round(WANDER * unit)
    low, high = y - reach - away, y + reach + away + 1
    if low < 0 or high > flat.shape[0] or x1 - x0 < 4 * edge:
        return None
    part = 255.0 - flat[low:high, x0 + edge : x1 - edge].astype(np.float32)
    dark = cv2.blur(part, (max(1, min(round(BLUR * unit), part.shape[1] // 10)), 1))
    rows = np.arange(away, dark.shape[0] - away)
    excess = dark[rows] - np.maximum(dark[rows - away], dark[rows + away])
    seen = excess > TRACE
    share = seen.mean(axis=1)
    best, end = int(share.argmax()), max(2, part.shape[1] // 7)
    meets = min(seen[best, :end].mean(), seen[best, -end:].mean()) >= 0.5  # letters keep off the rules around them
    return low + int(rows[best]) if share[best] >= SHARE and meets else None
