"""Ruled columns without ruled rows: where lines of several amounts stand side by side in one tall cell, find the rows.

Report writers (Crystal Reports, SIMDA) rule the columns only. Rows are then seen by their amounts: two columns or more
print amounts on the same base lines. One column of amounts with several lines is left alone: it may be one cell that
prints several quantities.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from extractors.native import Floats
from extractors.tables import Box, Cell, Line

AMOUNT = re.compile(r"\(?-?(?:Rp\.?\s*)?(?:\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?|\d+[.,]\d{2})(?:,-)?\)?")
CODE = re.compile(r"[0-9IVX](?:[0-9IVX. ]*[0-9IVX.])?")
SAME_BASE = 3.0  # lines whose feet are this near (points) stand side by side
AGREE = 0.7  # share of a column's lines that must stand beside amounts


def hidden_rows(cells: list[Cell], lines: dict[int, list[Line]]) -> list[tuple[float, Box]]:
    """Where rows begin that no rule parts: (height on the page, box of the band it crosses).

    `lines` gives the visual lines of each cell that has text, by the cell's index.
    """
    if sum(len(found) > 1 for found in lines.values()) < 2:
        return []
    amounts = {index: [line for line in found if AMOUNT.fullmatch(line.text)] for index, found in lines.items()}
    cuts: list[tuple[float, Box]] = []
    done: list[Box] = []
    for index in sorted(lines):
        if len(lines[index]) < 2 or not _wants_rows(index, cells, lines, amounts):
            continue
        band = _band(cells[index].bbox, [cells[i].bbox for i in lines])
        if any(band[1] < other[3] and other[1] < band[3] for other in done):
            continue
        done.append(band)
        cuts.extend((y, band) for y in _cuts(band, cells, lines, amounts))
    return cuts


def _wants_rows(index: int, cells: list[Cell], lines: dict[int, list[Line]], amounts: dict[int, list[Line]]) -> bool:
    """The cell prints several amounts that stand beside amounts of another column, or several codes beside them."""
    own = amounts[index]
    several = len(own) >= 2 and len(own) >= AGREE * len(lines[index])
    if not several:
        own = [line for line in lines[index] if CODE.fullmatch(line.text)]
        if len(own) < 2 or len(own) < AGREE * len(lines[index]):
            return False
    cell = cells[index]
    beside: dict[int, int] = {}
    for other, found in amounts.items():
        far = cells[other]
        if far.column >= cell.column + cell.colspan or far.column + far.colspan <= cell.column:
            hits = sum(any(abs(line.bbox[3] - mine.bbox[3]) <= SAME_BASE for mine in own) for line in found)
            if hits and far.bbox[1] < cell.bbox[3] and cell.bbox[1] < far.bbox[3]:
                beside[far.column] = beside.get(far.column, 0) + hits
    good = [column for column, hits in beside.items() if hits >= max(2, AGREE * len(own) if several else 2)]
    return len(good) >= (1 if several else 2)


def _band(box: Box, boxes: list[Box]) -> Box:
    """The rows that the cells beside this one reach over, too."""
    top, bottom = box[1], box[3]
    while True:
        touching = [b for b in boxes if b[1] < bottom - 1 and b[3] > top + 1]
        new_top, new_bottom = min(b[1] for b in touching), max(b[3] for b in touching)
        if new_top >= top - 0.01 and new_bottom <= bottom + 0.01:
            return (min(b[0] for b in boxes), top, max(b[2] for b in boxes), bottom)
        top, bottom = min(top, new_top), max(bottom, new_bottom)


def _cuts(band: Box, cells: list[Cell], lines: dict[int, list[Line]], amounts: dict[int, list[Line]]) -> list[float]:
    inside = [i for i in lines if cells[i].bbox[1] >= band[1] - 1 and cells[i].bbox[3] <= band[3] + 1]
    feet = _grouped([line.bbox[3] for i in inside for line in amounts[i]])
    first = min(cells[i].column for i in inside)
    codes = [line.bbox[3] for i in inside if cells[i].column == first for line in lines[i] if CODE.fullmatch(line.text)]
    if sum(any(abs(code - foot) <= SAME_BASE for foot in feet) for code in codes) >= AGREE * min(len(codes), len(feet)):
        feet = _grouped([*feet, *codes]) if codes else feet
    every = [line for i in inside for line in lines[i]]
    result: list[float] = []
    for above, foot in pairwise(feet):
        tops = [line.bbox[1] for line in every if abs(line.bbox[3] - foot) <= SAME_BASE]
        before = [line.bbox[3] for line in every if above - SAME_BASE <= line.bbox[3] < foot - SAME_BASE]
        result.append((min(tops) + max(before)) / 2)
    return result


def _grouped(feet: list[float]) -> list[float]:
    result: list[float] = []
    for foot in sorted(feet):
        if not result or foot - result[-1] > SAME_BASE:
            result.append(foot)
    return result


def as_rules(cuts: list[tuple[float, Box]]) -> Floats:
    """The cuts as horizontal rules `(n, 3)`: y, x0, x1."""
    return np.array([(y, box[0] - 2, box[2] + 2) for y, box in cuts], dtype=np.float64).reshape(-1, 3)
