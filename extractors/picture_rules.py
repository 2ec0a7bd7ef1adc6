"""Ruling lines and cells from the picture of a page: thin straight dark bars, mended where they are broken, and the
white regions that they enclose.

A cell is a region, not a product of coordinates: so spans need no guessing, and a curled page does no harm. All
lengths are given in points and multiplied by the picture's `unit` (pixels per point).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .picture import Gray
from .picture_bars import LONG, bars_of, each_bar, turned
from .picture_lost import Point, broken_uprights, lost_rules
from .picture_mended import mended

Labels = npt.NDArray[np.int32]

LEAST_CELL = 4.0  # points: a region less wide or high is the gap of a double rule
FULL = 0.55  # a cell fills at least this share of its box


@dataclass(frozen=True, slots=True)
class Region:
    """A white region enclosed by rules: its box in pixels and its number in `Rules.labels`."""

    label: int
    x0: int
    top: int
    x1: int
    bottom: int
    full: float  # share of its box that it fills


@dataclass(slots=True)
class Rules:
    """The rules of a picture. `mask` is 1 on rules; `labels` numbers the regions between them; `regions` are the
    cells; `loose` (n, 3) are long level rules `y, x0, x1` in pixels that enclose nothing."""

    mask: Gray
    labels: Labels
    regions: list[Region]
    loose: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))


def find_rules(flat: Gray, unit: float) -> Rules:
    """The rules and the regions that they enclose in a straight, evenly lit picture."""
    level = bars_of(flat, unit)
    upright = turned(bars_of(turned(flat), unit))
    if not level.any() and not upright.any():  # a page of prose
        return Rules(level, np.ones(flat.shape, np.int32), [])
    level, upright = mended(flat, level, upright, unit)
    mask = _without_lonely(np.maximum(level, upright), level, upright, unit)
    if not mask.any():
        return Rules(mask, np.ones(flat.shape, np.int32), [], _loose(level, mask, unit))
    labels, regions = _regions(mask, unit)
    if missing := broken_uprights(flat, mask, labels, regions, unit):
        labels, regions = _drawn(mask, missing, unit)
    if missing := lost_rules(flat, regions, unit):
        labels, regions = _drawn(mask, missing, unit)
    return Rules(mask, labels, regions, _loose(level, mask, unit))


def _drawn(mask: Gray, missing: list[tuple[Point, Point]], unit: float) -> tuple[Labels, list[Region]]:
    """The regions after rules were drawn into the mask."""
    import cv2

    for start, stop in missing:
        cv2.line(mask, start, stop, 1, 2)
    return _regions(mask, unit)


def _loose(level: Gray, mask: Gray, unit: float) -> npt.NDArray[np.float64]:
    """Long level bars outside the nets of rules."""
    import cv2

    alone = np.where(cv2.dilate(mask, np.ones((5, 5), np.uint8)) > 0, 0, level).astype(np.uint8)
    long = [(bar.middle, bar.x, bar.x + bar.wide) for bar in each_bar(alone) if bar.wide >= LONG * unit]
    return np.array(long, dtype=np.float64).reshape(-1, 3)


def _without_lonely(mask: Gray, level: Gray, upright: Gray, unit: float) -> Gray:
    """Nets of rules only: an underline or a margin line that crosses nothing encloses nothing and is left in the
    text."""
    import cv2

    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    both = np.zeros((count, 2), np.bool_)
    both[labels[level > 0], 0] = True
    both[labels[upright > 0], 1] = True
    keep = both.all(axis=1) & (stats[:, 2:4].max(axis=1) >= LONG * unit)  # less is a large letter
    keep[0] = False
    return np.asarray(keep[labels] * joined, np.uint8)


def _regions(mask: Gray, unit: float) -> tuple[Labels, list[Region]]:
    """The enclosed white regions that may be cells: no double-rule gaps, no rings around other regions."""
    import cv2

    barrier = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    barrier[0], barrier[-1], barrier[:, 0], barrier[:, -1] = 0, 0, 0, 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - barrier, connectivity=4)
    outside = int(labels[0, 0])
    regions = []
    for number in range(1, count):
        x, y, wide, high, area = (int(value) for value in stats[number])
        full = area / max(1, wide * high)
        if number != outside and min(wide, high) >= LEAST_CELL * unit and full >= FULL:
            regions.append(Region(number, x, y, x + wide, y + high, full))
    return np.asarray(labels, np.int32), regions
