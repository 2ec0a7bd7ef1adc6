"""Pages whose text reads sideways although the page says nothing of it: made upright for reading, boxes turned back after.

A landscape table printed on portrait paper: the characters tell the direction, `/Rotate` does not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from extractors.lattice import Grid
from extractors.native import Floats
from extractors.pages import Chars, PageContent
from extractors.tables import Box, Line, Trouble

MOST = 0.6  # share of the characters that must read in one direction
FEWEST = 30  # characters: fewer say nothing of the page


def quarter_of(content: PageContent) -> int:
    """Quarter turns against the clock in which (nearly) the whole page reads; 0 for an upright page."""
    turns = content.chars.turn
    if len(turns) < FEWEST or not turns.any():
        return 0
    counts = np.bincount(turns, minlength=4)
    quarter = int(counts.argmax())
    return quarter if counts[quarter] >= MOST * len(turns) else 0


def upright(content: PageContent, quarter: int) -> PageContent:
    """The page as it looks when its text is read upright."""
    width, height = content.width, content.height
    level, plumb = content.horizontal, content.vertical
    if quarter == 1:
        level, plumb = _mirrored(plumb, height, ends=True), _mirrored(level, height, place=True)
    elif quarter == 3:
        level, plumb = _mirrored(plumb, width, place=True), _mirrored(level, width, ends=True)
    else:
        level = _mirrored(_mirrored(level, height, place=True), width, ends=True)
        plumb = _mirrored(_mirrored(plumb, width, place=True), height, ends=True)
    return replace(
        content,
        width=height if quarter % 2 else width,
        height=width if quarter % 2 else height,
        chars=_chars(content.chars, content, quarter),
        hidden=_chars(content.hidden, content, quarter),
        horizontal=level,
        vertical=plumb,
        fills=_boxes(content.fills, content, quarter),
        images=_boxes(content.images, content, quarter),
        doubted={kind: _boxes(boxes, content, quarter) for kind, boxes in content.doubted.items()},
        flags=content.flags | {"turned"},
    )


def _mirrored(rules: Floats, extent: float, place: bool = False, ends: bool = False) -> Floats:
    """Rules `(n, 3)` (place, start, end) seen from the other side of a page of this extent."""
    at = extent - rules[:, 0] if place else rules[:, 0]
    start, end = (extent - rules[:, 2], extent - rules[:, 1]) if ends else (rules[:, 1], rules[:, 2])
    return np.stack([at, start, end], axis=1)


def _points(points: Floats, content: PageContent, quarter: int) -> Floats:
    x, y = points[:, 0], points[:, 1]
    pairs = {1: (content.height - y, x), 2: (content.width - x, content.height - y), 3: (y, content.width - x)}
    return np.stack(pairs[quarter], axis=1)


def _boxes(boxes: Floats, content: PageContent, quarter: int) -> Floats:
    one, two = _points(boxes[:, :2], content, quarter), _points(boxes[:, 2:], content, quarter)
    return np.concatenate([np.minimum(one, two), np.maximum(one, two)], axis=1)


def _chars(chars: Chars, content: PageContent, quarter: int) -> Chars:
    box, base = _boxes(chars.box, content, quarter), _points(chars.base, content, quarter)
    return Chars(chars.code, box, base, (chars.turn - quarter) % 4, chars.spaced)


def box_back(box: Box, content: PageContent, quarter: int) -> Box:
    """A box of the upright page as the page is displayed; `content` is the page as displayed."""
    x0, top, x1, bottom = box
    width, height = content.width, content.height
    back = {
        1: (top, height - x1, bottom, height - x0),
        2: (width - x1, height - bottom, width - x0, height - top),
        3: (width - bottom, x0, width - top, x1),
    }[quarter]
    a, b, c, d = (round(value, 2) for value in back)
    return a, b, c, d


def cells_back(grids: list[Grid], content: PageContent, quarter: int) -> None:
    """Turns the boxes of all cells back, in place; the grids' own borders stay upright, for stitching."""
    for grid in grids:
        grid.cells = [replace(cell, bbox=box_back(cell.bbox, content, quarter)) for cell in grid.cells]


def lines_back(lines: list[Line], content: PageContent, quarter: int) -> list[Line]:
    return [replace(line, bbox=box_back(line.bbox, content, quarter)) for line in lines]


def troubles_back(troubles: list[Trouble], content: PageContent, quarter: int) -> list[Trouble]:
    return [replace(t, bbox=box_back(t.bbox, content, quarter) if t.bbox else None) for t in troubles]
