"""Cells whose characters are not to be trusted as they stand, and why. Seen from the characters, with no second engine.

A doubted cell keeps its text; its confidence falls to `DOUBTED` at most, and a Trouble names it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from extractors.lattice import Grid
from extractors.native import Bools, Floats, Ints
from extractors.order import median, order_by
from extractors.pages import Chars, PageContent, private_use
from extractors.spoiled import readable_codes
from extractors.tables import Trouble

DOUBTED = 0.5
OVERSIZE = 2.2  # times the height of what stands under it: a character of a watermark
SAME_PLACE = 0.3  # two different characters that begin closer than this share of their width are printed on each other
FINE = 20  # parts of a point in which characters are sorted from the left
SMALL = 0.72  # of the height of the number beside it: a raised mark, or dirt

WHY = {
    "lying_font": "shows another digit than its font says: read it from the page",
    "cut_off": "is cut off by the frame drawn around it: the file holds more than the page shows, and is followed",
    "private_use": "holds characters without a meaning (private-use font): what they show is not known",
    "overprinted": "has different characters printed on one place: which one counts is not known",
    "small_digits": "has small digits beside a number: a footnote mark or a part of it",
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Boxes (n, 4) of characters that a reader should not trust, and the kind of doubt (a key of WHY)."""

    kind: str
    boxes: Floats


def without_watermark(content: PageContent) -> PageContent:
    """The page without level characters that stand over much smaller ones; then `watermark` is flagged."""
    chars = content.chars
    if len(chars) < 2:
        return content
    size = _height(chars)
    if float(size.max()) <= OVERSIZE * float(size.min()):
        return content
    large = (size > OVERSIZE * median(size)).nonzero()[0]
    if not len(large):
        return content
    x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
    drop = np.zeros(len(chars), dtype=np.bool_)
    for i in large.tolist():
        x0, top, x1, bottom = chars.box[i]
        under = (x > x0) & (x < x1) & (y > top) & (y < bottom) & (size * OVERSIZE < size[i])
        if under.any():
            same_line = np.abs(size - size[i]) < 0.5
            across = 1 if chars.turn[i] % 2 == 0 else 0
            drop |= (
                same_line & (np.abs(chars.base[:, across] - chars.base[i, across]) < 1) & (chars.turn == chars.turn[i])
            )
    if not drop.any():
        return content
    return replace(content, chars=chars.take(~drop), flags=content.flags | {"watermark"})


def doubts(content: PageContent) -> list[Doubt]:
    """What is to be doubted on a page, whatever cell it falls into."""
    found = [Doubt(kind, boxes) for kind, boxes in content.doubted.items()]
    shown = readable_codes(content.chars.code)  # bullets and ticks of symbol fonts are known
    if len(shown) and int(shown.max()) >= 0xE000:
        found.append(Doubt("private_use", content.chars.box[private_use(shown)]))
    found.append(Doubt("overprinted", content.chars.box[overprinted(content.chars)]))
    return [doubt for doubt in found if len(doubt.boxes)]


def overprinted(chars: Chars) -> Bools:
    """Which characters stand on the place of a different one of their own size, where one of the two is a digit."""
    result = np.zeros(len(chars), dtype=np.bool_)
    digit = (chars.code >= 48) & (chars.code <= 57)
    if len(chars) < 2 or not digit.any():
        return result
    size = _height(chars)
    band = 1.2 * median(size)
    left, wide = chars.box[:, 0], chars.box[:, 2] - chars.box[:, 0]
    from_left, base = np.rint(left * FINE), chars.base[:, 1] / band
    for shift in (0.0, 0.5):  # lines a little apart fall into one of both bands together
        order = _by_bands(np.floor(base + shift), from_left)
        starts, widths = left.take(order), wide.take(order)
        for back in range(1, min(3, len(order))):
            narrower = np.minimum(widths[:-back], widths[back:])
            close = np.abs(starts[:-back] - starts[back:]) < SAME_PLACE * narrower
            near = (close & (narrower > 0.5)).nonzero()[0]
            if not len(near):
                continue
            a, b = order[:-back].take(near), order[back:].take(near)
            level = np.abs(chars.base[a, 1] - chars.base[b, 1]) < 0.3 * np.minimum(size[a], size[b])
            upright = (chars.turn[a] == chars.turn[b]) & (chars.turn[a] % 2 == 0)
            both = level & upright & (chars.code[a] != chars.code[b]) & (digit[a] | digit[b])
            result[a[both]], result[b[both]] = True, True
    return result


def _by_bands(band: Floats, from_left: Floats) -> Ints:
    """Indices that sort by the band, then from the left (whole numbers both); what is equal keeps its order."""
    low, high = float(np.minimum.reduce(from_left)), float(np.maximum.reduce(from_left))
    wide = high - low + 1
    if wide < 1e6 and float(np.maximum.reduce(np.abs(band))) < 1e9:  # as one number they are sorted at once
        return (band * wide + (from_left - low)).astype(np.int64).argsort(kind="stable")
    return order_by(band, from_left)


def _height(chars: Chars) -> Floats:
    box = chars.box
    if not chars.turn.any():
        return np.subtract(box[:, 3], box[:, 1])
    size: Floats = np.where(chars.turn % 2 == 0, box[:, 3] - box[:, 1], box[:, 2] - box[:, 0])
    return size


def mark(content: PageContent, grids: list[Grid]) -> list[Trouble]:
    """Lowers the confidence of doubted cells in place and gives their Troubles, one a cell and kind."""
    troubles: list[Trouble] = []
    if not grids:
        return troubles
    for doubt in doubts(content):
        middle = np.stack([doubt.boxes[:, 0] + doubt.boxes[:, 2], doubt.boxes[:, 1] + doubt.boxes[:, 3]], axis=1) / 2
        for grid in grids:
            for number in _cells_at(grid, middle):
                troubles.append(_doubt(grid, number, doubt.kind, content.page))
    for grid in grids if _digits_differ(content.chars) else ():
        for number in _with_small_digits(grid, content.chars):
            troubles.append(_doubt(grid, number, "small_digits", content.page))
    return troubles


def _doubt(grid: Grid, number: int, kind: str, page: int) -> Trouble:
    cell = grid.cells[number]
    grid.cells[number] = replace(cell, confidence=min(cell.confidence, DOUBTED))
    return Trouble(page, kind, f"`{' '.join(cell.text.split())}` {WHY[kind]}", "warn", cell.bbox)


def _cells_at(grid: Grid, middle: Floats) -> list[int]:
    """Numbers of the cells with digits or odd characters that hold one of the places."""
    found = []
    for number, cell in enumerate(grid.cells):
        if not cell.text or not any(c.isdigit() or not c.isprintable() or c == "\ufffd" for c in cell.text):
            continue
        x0, top, x1, bottom = cell.bbox
        inside = (middle[:, 0] >= x0) & (middle[:, 0] <= x1) & (middle[:, 1] >= top) & (middle[:, 1] <= bottom)
        if inside.any():
            found.append(number)
    return found


def _digits_differ(chars: Chars) -> bool:
    """Whether some digits of a page are much smaller than others."""
    sizes = _height(chars)[(chars.code >= 48) & (chars.code <= 57)]
    return len(sizes) > 1 and float(sizes.min()) <= SMALL * float(sizes.max())


def _with_small_digits(grid: Grid, chars: Chars) -> list[int]:
    """Cells that print a number and, beside it, digits of a much smaller size."""
    digit = (chars.code >= 48) & (chars.code <= 57)
    size = _height(chars)
    if not _sizes_differ(grid, chars, size, digit):
        return []
    found = []
    small_somewhere = (digit & (size < SMALL * float(size[digit].max()))).nonzero()[0]
    x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
    for number in _cells_at(grid, np.stack([x[small_somewhere], y[small_somewhere]], axis=1)):
        x0, top, x1, bottom = grid.cells[number].bbox
        here = digit & (x >= x0) & (x <= x1) & (y >= top) & (y <= bottom)
        if here.any() and float(size[here].min()) < SMALL * float(size[here].max()):
            found.append(number)
    return found


def _sizes_differ(grid: Grid, chars: Chars, size: Floats, digit: Bools) -> bool:
    """Whether the digits in the grid differ enough in size for a cell to hold two such ones."""
    if not grid.cells:
        return False
    boxes = np.array([cell.bbox for cell in grid.cells])
    (x0, top), (x1, bottom) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
    here = size[digit & (x >= x0) & (x <= x1) & (y >= top) & (y <= bottom)]
    return len(here) > 1 and float(here.min()) < SMALL * float(here.max())
