"""Cells of a scan whose picture tells that something was lost, whatever the readers say: a rule between two cells, or print
too small to be read."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .picture_text import GAP, Ink, InkLine, marks_lost
from .scan_grid import Slot
from .scan_votes import DISPUTED
from .tables import SecondReading

LOST_RULE = "a rule between two cells may be lost here: what stands in this cell may be several"
LOST_MARK = "something is printed in this cell that was not read"
MOST_TOLD = 30  # cells of a page told one by one; more are specks of dirt


def limit_of_rows(slot: Slot, found: Sequence[SecondReading], lines: Sequence[InkLine], ys: Sequence[float]) -> float:
    """How sure its numbers can be: a cell over several rows whose lines stand each in a row of its own may be cells
    whose rule was lost."""
    if not any(re.match(r"[-(]?\d", text) for one in found for text in one.text.split("\n")):
        return 1.0
    for y in ys[slot.row + 1 : slot.row + slot.rowspan]:
        above = sum(line.bottom <= y + 2 for line in lines)
        below = sum(line.top >= y - 2 for line in lines)
        if above and below and above + below == len(lines):
            return DISPUTED
    return 1.0


def limit_of_columns(slot: Slot, found: Sequence[SecondReading], lines: Sequence[InkLine], ink: Ink) -> float:
    """The same for a cell over several columns with a number far from what stands beside it."""
    if slot.colspan < 2 or not any(c.isdigit() for one in found for c in one.text):
        return 1.0
    return DISPUTED if any(_widest_gap(ink, line) > GAP * ink.letter for line in lines) else 1.0


def _widest_gap(ink: Ink, line: InkLine) -> float:
    box = ink.box[line.pieces]
    order = np.argsort(box[:, 0])
    reach = np.maximum.accumulate(box[order, 2])
    return float(np.max(box[order, 0][1:] - reach[:-1], initial=0.0))


def lost_marks(slot: Slot, lines: Sequence[InkLine], ink: Ink) -> bool:
    """Whether a cell without a line of text is not blank."""
    return not lines and marks_lost(ink, np.flatnonzero(ink.region == slot.region.label))
