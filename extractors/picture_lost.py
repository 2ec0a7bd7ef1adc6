"""Rules that worn toner or a pale scan lost between two cells: neighbours end where they should run, and a trace shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]
Point = tuple[int, int]
Boxes = npt.NDArray[np.int64]  # (n, 4) x0, top, x1, bottom in pixels

BESIDE = 4.0  # points between a cell and its neighbour: the rule between them
INSIDE = 4.0  # points from a cell's own borders: nearer there is no room for a row
SHORT, LONG = 12.0, 24.0  # points: the least length of a rule that both neighbours show, or one; stems are shorter
TRACE = 5.0  # of 255: paper is darker by this much, on the average over a few points, where a rule was
BLUR = 4.0  # points over which it is averaged along the rule
SHARE = 0.75  # of the cell's width on which the trace shows; letters show on less
WANDER = 1.2  # points up and down in which it is looked for


class Placed(Protocol):
    """A region of white between rules."""

    @property
    def x0(self) -> int: ...
    @property
    def top(self) -> int: ...
    @property
    def x1(self) -> int: ...
    @property
    def bottom(self) -> int: ...


def lost_rules(flat: Gray, regions: Sequence[Placed], unit: float) -> list[tuple[Point, Point]]:
    """(start, end) in pixels of rules that go on through a region where those beside it end, and of which a trace is
    seen on its whole width."""
    box = np.array([(r.x0, r.top, r.x1, r.bottom) for r in regions], dtype=np.int64).reshape(-1, 4)
    level = _level(flat, box, unit)
    upright = _level(np.ascontiguousarray(flat.T), box[:, [1, 0, 3, 2]], unit)
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
