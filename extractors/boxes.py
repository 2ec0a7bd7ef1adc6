"""The box of each cell: all of its own characters, and none of a neighbour's that reach over the rule.

Rows printed lower than their font (spreadsheets do it) let tall character boxes of one row reach into the next. A reader who
cuts the page at a cell's box should find the cell's text and no more, so the box gives way to the neighbour's characters,
up to the middle of its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from extractors.tables import Box

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
INSET = 1.5  # points inside the middle of the rules (sideways half of it)
APART = 0.05  # points between the box and a neighbour's character
CAPITAL = 0.66  # height of capitals and digits, in ems (the low end, so that ems are not underrated)
DESCENT = 0.25  # how far readers let a character's box reach below its base line, in ems
MIDDLE = 0.3  # how far a box may give way into its own characters, in ems


def fitted_boxes(
    rects: Floats, spans: Ints, regions: Ints, box: Floats, base: Floats, upright: npt.NDArray[np.bool_], place: Ints
) -> list[Box]:
    """Boxes of the cells of one grid.

    `rects` (n, 4): the cells' rectangles between rules; `spans` (n, 4): their row, row end, column, column end; `regions`:
    cell number of each elementary box. Characters: `box` (m, 4), `base` (m, 2), `upright`, and `place` (m, 3): the cell that
    has each (ascending), and row and column of the elementary box that its middle stands in.
    """
    cell = place[:, 0]
    wide, high = rects[:, 2] - rects[:, 0], rects[:, 3] - rects[:, 1]
    inset = np.column_stack([np.minimum(INSET / 2, 0.1 * wide), np.minimum(INSET, 0.1 * high)])
    fit = np.column_stack([rects[:, :2] + inset, rects[:, 2:] - inset])
    if len(box):
        starts = np.concatenate([[0], np.flatnonzero(cell[1:] != cell[:-1]) + 1])
        em = np.zeros(len(rects))
        em[cell[starts]] = np.maximum.reduceat(np.where(upright, (base[:, 1] - box[:, 1]) / CAPITAL, 0.0), starts).clip(
            0
        )
        own = _extent(len(rects), box, cell, starts)
        reach = _foreign(rects, spans, regions, _tall(box, base, upright, em[cell]), place)
        fit[:, 1] = np.maximum(fit[:, 1], np.minimum(reach[:, 0] + APART, own[:, 0] + MIDDLE * em))
        fit[:, 3] = np.minimum(fit[:, 3], np.maximum(reach[:, 1] - APART, own[:, 1] - MIDDLE * em))
    boxes: list[Box] = [(a, b, c, d) for a, b, c, d in fit.round(2).tolist()]
    return boxes


def _tall(box: Floats, base: Floats, upright: npt.NDArray[np.bool_], em: Floats) -> Floats:
    """The full line height that other readers give a character: (m, 2) top, bottom. Sideways ones keep their own box."""
    top = np.where(upright, np.minimum(base[:, 1] - em, box[:, 1]), box[:, 1])
    bottom = np.where(upright, np.maximum(base[:, 1] + DESCENT * em, box[:, 3]), box[:, 3])
    return np.column_stack([top, bottom])


def _extent(n: int, box: Floats, cell: Ints, starts: Ints) -> Floats:
    """Top and bottom of the characters of each cell (n, 2); infinite the wrong way round where a cell has none."""
    own = np.tile(np.array([np.inf, -np.inf]), (n, 1))
    own[cell[starts], 0] = np.minimum.reduceat(box[:, 1], starts)
    own[cell[starts], 1] = np.maximum.reduceat(box[:, 3], starts)
    return own


def _foreign(rects: Floats, spans: Ints, regions: Ints, tall: Floats, place: Ints) -> Floats:
    """How far characters of the cells above reach down, and of those below up: (n, 2), infinite for none."""
    cell, column = place[:, 0], place[:, 2]
    reach = np.tile(np.array([-np.inf, np.inf]), (len(rects), 1))
    steps = (
        (0, tall[:, 1] > rects[:, 3].take(cell), spans[:, 1].take(cell), tall[:, 1], np.maximum),
        (1, tall[:, 0] < rects[:, 1].take(cell), spans[:, 0].take(cell) - 1, tall[:, 0], np.minimum),
    )
    for side, over, at_row, value, reduce in steps:
        which = np.flatnonzero(over & (at_row >= 0) & (at_row < regions.shape[0]))
        other = regions[at_row[which], column[which]]
        which, other = which[other >= 0], other[other >= 0]
        reduce.at(reach[:, side], other, value[which])
    return reach
