"""The box of each cell: all of its own characters, and none of a neighbour's that reach over the rule.

Rows printed lower than their font (spreadsheets do it) let tall character boxes of one row reach into the next. A reader who
cuts the page at a cell's box should find the cell's text and no more, so the box gives way to the neighbour's characters,
up to the middle of its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from extractors.order import starts_of
from extractors.tables import Box

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
INSET = 1.5  # points inside the middle of the rules (sideways half of it)
APART = 0.05  # points between the box and a neighbour's character
CAPITAL = 0.66  # height of capitals and digits, in ems (the low end, so that ems are not underrated)
DESCENT = 0.25  # how far readers let a character's box reach below its base line, in ems
MIDDLE = 0.3  # how far a box may give way into its own characters, in ems


def fitted_boxes(
    rects: Floats,
    spans: Ints,
    regions: Ints,
    box: Floats,
    base: Floats,
    upright: npt.NDArray[np.bool_],
    place: tuple[Ints, Ints],
) -> list[Box]:
    """Boxes of the cells of one grid.

    `rects` (n, 4): the cells' rectangles between rules; `spans` (n, 4): their row, row end, column, column end; `regions`:
    cell number of each elementary box. Characters: `box` (m, 4), `base` (m, 2), `upright`, and `place`: the cell that has each
    (ascending), and the column of the elementary box that its middle stands in.
    """
    x0, y0, x1, y1 = rects.T
    wide, high = np.minimum(INSET / 2, 0.1 * (x1 - x0)), np.minimum(INSET, 0.1 * (y1 - y0))
    top, bottom = y0 + high, y1 - high
    if len(box):
        cell = place[0]
        starts = starts_of(cell)
        holding = cell.take(starts)
        em = np.zeros(len(rects))
        ems = np.where(upright, (base[:, 1] - box[:, 1]) / CAPITAL, 0.0)
        em[holding] = np.maximum(np.maximum.reduceat(ems, starts), 0)
        above, below = _foreign(rects, spans, regions, _tall(box, base, upright, em.take(cell)), place)
        if above is not None:
            first = np.full(len(rects), np.inf)  # of the cell's own characters
            first[holding] = np.minimum.reduceat(box[:, 1], starts)
            top = np.maximum(top, np.minimum(above + APART, first + MIDDLE * em))
        if below is not None:
            last = np.full(len(rects), -np.inf)
            last[holding] = np.maximum.reduceat(box[:, 3], starts)
            bottom = np.minimum(bottom, np.maximum(below - APART, last - MIDDLE * em))
    return list(zip(*np.array([x0 + wide, top, x1 - wide, bottom]).round(2).tolist(), strict=True))


def _tall(box: Floats, base: Floats, upright: npt.NDArray[np.bool_], em: Floats) -> tuple[Floats, Floats]:
    """Top and bottom of the full line height that other readers give a character. Sideways ones keep their own box."""
    top = np.where(upright, np.minimum(base[:, 1] - em, box[:, 1]), box[:, 1])
    bottom = np.where(upright, np.maximum(base[:, 1] + DESCENT * em, box[:, 3]), box[:, 3])
    return top, bottom


def _foreign(
    rects: Floats, spans: Ints, regions: Ints, tall: tuple[Floats, Floats], place: tuple[Ints, Ints]
) -> tuple[Floats | None, Floats | None]:
    """How far characters of the cells above reach down into each cell, and of those below up; infinite for none, None where
    none reaches into another."""
    cell, column = place
    found: list[Floats | None] = []
    steps = (
        (-np.inf, tall[1] > rects[:, 3].take(cell), spans[:, 1], tall[1], np.maximum),
        (np.inf, tall[0] < rects[:, 1].take(cell), spans[:, 0] - 1, tall[0], np.minimum),
    )
    for none, over, beside, value, extreme in steps:
        which = over.nonzero()[0]
        if not len(which):
            found.append(None)
            continue
        row = beside.take(cell.take(which))
        within = (row >= 0) & (row < regions.shape[0])
        which, row = which[within], row[within]
        other = regions[row, column.take(which)]
        reach = np.full(len(rects), none)
        extreme.at(reach, other[other >= 0], value.take(which[other >= 0]))
        found.append(reach)
    return found[0], found[1]
