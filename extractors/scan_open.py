"""Tables of scans that rules do not part: the recognised lines are read as characters at their places, and the readers of
born-digital pages (`choose`) find rows and columns among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .choose import choose
from .lattice import Grid
from .pages import Chars, PageContent
from .picture import Picture
from .picture_text import Ink, InkLine
from .ruled import Found
from .tables import Box, Line

FONT = 0.70  # a letter's height over that of its font
RISE, FALL = 0.95, 0.25  # of the font's height: how far its box reaches above and below the base line
UNREAD = 0.5  # confidence of a cell whose lines are not found again

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of ink, its text as decided, and how sure that is; `free`: it stands in no cell of the lattice."""

    line: InkLine
    text: str
    confidence: float
    free: bool


def choose_scanned(
    grids: list[Grid], lines: Sequence[ReadLine], ink: Ink, picture: Picture, levels: Floats, earlier: Grid | None,
    page: int,
) -> tuple[list[Grid], set[int]]:  # fmt: skip
    """The tables of a scanned page after every reading that fits it was tried, and the numbers of the free lines that
    went into tables. Grids that stay as they were are given back as they were.

    `grids` stand upright, in points; `levels` (n, 3) are level rules `y, x0, x1` in points that belong to no grid.
    """
    chars, owner = chars_of(lines, ink, picture.unit)
    if not len(chars):
        return grids, set()
    free = np.array([line.free for line in lines], dtype=np.bool_)[owner]
    height, width = picture.gray.shape
    none = np.zeros((0, 4))
    empty = chars.take(np.zeros(0, dtype=np.int64))
    content = PageContent(
        page, width / picture.unit, height / picture.unit, 0, chars, empty, levels, np.zeros((0, 3)), none, none
    )
    before = Found(grids, ~free, levels, np.zeros((0, 3)))
    outside = [_line(one, picture.unit, page) for one in lines if one.free]
    found = choose(content, before, _visual_lines(outside), earlier)
    if found is before or all(any(new is old for old in grids) for new in found.grids):
        return grids, set()
    taken = {int(i) for i in np.unique(owner[found.taken & free])}
    return [_sure_as_its_lines(grid, grids, lines, picture.unit) for grid in found.grids], taken


def _line(one: ReadLine, unit: float, page: int) -> Line:
    x0, top, x1, bottom = (round(value / unit, 2) for value in one.line.box)
    return Line(page, (x0, top, x1, bottom), one.text, round(bottom - top, 1))


def _visual_lines(lines: Sequence[Line]) -> list[Line]:
    """Lines that stand beside each other as one."""
    rows: list[Line] = []
    for line in sorted(lines, key=lambda one: (one.bbox[1] + one.bbox[3], one.bbox[0])):
        middle = (line.bbox[1] + line.bbox[3]) / 2
        if rows and rows[-1].bbox[1] < middle < rows[-1].bbox[3]:
            box = rows[-1].bbox
            wide = (min(box[0], line.bbox[0]), box[1], max(box[2], line.bbox[2]), box[3])
            rows[-1] = replace(rows[-1], bbox=wide, text=f"{rows[-1].text} {line.text}")
        else:
            rows.append(line)
    return rows


def chars_of(
    lines: Sequence[ReadLine], ink: Ink, unit: float
) -> tuple[Chars, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The characters of recognised lines in points, each word where its ink stands; and the line that each is of."""
    code: list[int] = []
    box: list[Box] = []
    base: list[tuple[float, float]] = []
    spaced: list[bool] = []
    owner: list[int] = []
    for number, one in enumerate(lines):
        words = one.text.split()
        foot, size = _foot_and_size(ink, one.line)
        top, bottom = (foot - RISE * size) / unit, (foot + FALL * size) / unit
        for word, (x0, x1) in zip(words, _places(ink, one.line, words), strict=True):
            step = (x1 - x0) / len(word) / unit
            for i, character in enumerate(word):
                left = x0 / unit + i * step
                code.append(ord(character))
                box.append((left, top, left + step, bottom))
                base.append((left, foot / unit))
                spaced.append(i == 0)
                owner.append(number)
    n = len(code)
    chars = Chars(
        np.array(code, dtype=np.int64), np.array(box, dtype=np.float64).reshape(n, 4),
        np.array(base, dtype=np.float64).reshape(n, 2), np.zeros(n, dtype=np.int64), np.array(spaced, dtype=np.bool_),
    )  # fmt: skip
    return chars, np.array(owner, dtype=np.int64)


def _foot_and_size(ink: Ink, line: InkLine) -> tuple[float, float]:
    """Base line and height of the font, in pixels."""
    box = ink.box[line.pieces]
    high = box[:, 3] - box[:, 1]
    tall = (high >= 0.55 * ink.letter) & (high <= 2.2 * ink.letter)
    foot = float(np.median(box[tall, 3])) if tall.any() else (line.top + line.bottom) / 2 + 0.5 * ink.letter
    return foot, ink.letter / FONT


def _places(ink: Ink, line: InkLine, words: Sequence[str]) -> list[tuple[float, float]]:
    """Where each word begins and ends: the line is parted at its widest gaps."""
    box = ink.box[line.pieces]
    order = np.argsort(box[:, 0])
    reach = np.maximum.accumulate(box[order, 2])
    gaps = box[order, 0][1:] - reach[:-1]
    parts = len(words) - 1
    if parts < 1:
        return [(line.x0, line.x1)] if words else []
    if parts > int((gaps > 0).sum()):
        return _evenly(line, words)
    cuts = np.sort(np.argsort(-gaps)[:parts])
    starts = [line.x0, *(float(box[order, 0][i + 1]) for i in cuts)]
    stops = [*(float(reach[i]) for i in cuts), line.x1]
    return list(zip(starts, stops, strict=True))


def _evenly(line: InkLine, words: Sequence[str]) -> list[tuple[float, float]]:
    step = (line.x1 - line.x0) / max(1, sum(map(len, words)) + len(words) - 1)
    places, at = [], line.x0
    for word in words:
        places.append((at, at + step * len(word)))
        at += step * (len(word) + 1)
    return places


def _sure_as_its_lines(grid: Grid, before: list[Grid], lines: Sequence[ReadLine], unit: float) -> Grid:
    """New cells are as sure as the least sure of the lines in them."""
    if any(grid is old for old in before):
        return grid
    old = {(cell.bbox, cell.text) for one in before for cell in one.cells}
    middle = np.array([((o.line.x0 + o.line.x1) / 2, (o.line.top + o.line.bottom) / 2) for o in lines]) / unit
    span = np.array([(o.line.x0, o.line.x1) for o in lines]) / unit
    cells = []
    for cell in grid.cells:
        if (cell.bbox, cell.text) in old:
            cells.append(cell)
            continue
        x0, top, x1, bottom = cell.bbox
        own = (middle[:, 1] > top) & (middle[:, 1] < bottom) & (span[:, 0] < x1) & (span[:, 1] > x0)
        sure = min((lines[i].confidence for i in np.flatnonzero(own).tolist()), default=UNREAD if cell.text else 0.95)
        cells.append(replace(cell, confidence=round(min(cell.confidence, sure), 3), others=()))
    return replace(grid, cells=cells)
