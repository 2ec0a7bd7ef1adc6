"""Characters to lines of text: inside cells and on the open page. Geometry alone; words are parted by gaps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from extractors.native import Floats, Ints
from extractors.order import median, order_by, starts_of
from extractors.pages import Chars
from extractors.tables import Line

SAME_LINE = 0.35  # base lines closer than this share of the character height are one line
GAP = 0.22  # a gap wider than this share of the line's height parts words
GAP_AT_BLANK = 0.06  # the same where the document prints a blank
DOUBLED = 0.3  # the same character again within this share of its width is an overprint


class Laid:
    """Characters laid out in reading order: `order` sorts them, `line` numbers their visual line, ascending.

    `group` is what lines may not cross (a cell, or one group for the whole page). `doubled` counts overprints left out.
    """

    def __init__(self, chars: Chars, group: Ints) -> None:
        self.chars = chars
        self.doubled = 0
        self.upright = not chars.turn.any()
        self.high, self.wide = _extents(chars, self.upright)
        along, across = _along_and_across(chars, self.upright)
        first = order_by(group, across, along) if self.upright else order_by(group, chars.turn, across, along)
        self.order, self.line = self._lines(first, group, along, across)
        self._drop_doubled(along)
        self.group = group.take(self.order)
        self.along = along.take(self.order)

    def _lines(self, first: Ints, group: Ints, along: Floats, across: Floats) -> tuple[Ints, Ints]:
        if not len(first):
            return first, first
        at, high, own = across.take(first), self.high.take(first), group.take(first)
        height = np.minimum(high[1:], high[:-1])
        if float(high.min()) < 0.5 * float(high.max()):
            height = np.maximum(height, 0.5 * median(high))
        same = (own[1:] == own[:-1]) & (at[1:] - at[:-1] <= SAME_LINE * height)
        if not self.upright:
            turn = self.chars.turn.take(first)
            same &= turn[1:] == turn[:-1]
        line = np.zeros(len(first), dtype=np.int64)
        (~same).cumsum(out=line[1:])
        start = along.take(first)
        if (
            (start[1:] >= start[:-1]) | ~same
        ).all():  # in order already: the characters of each line have one base line
            return first, line
        return first.take(order_by(line, start)), line

    def _drop_doubled(self, along: Floats) -> None:
        if len(self.order) < 2:
            return
        code, start = self.chars.code.take(self.order), along.take(self.order)
        wide = self.wide if self.upright else self.chars.box[:, 2] - self.chars.box[:, 0]
        wide = wide.take(self.order)
        near = DOUBLED * np.maximum(wide, 0.5)
        drop = np.zeros(len(code), dtype=np.bool_)
        for back in (1, 2):  # an overprint may sort behind a narrow neighbour
            same = (code[back:] == code[:-back]) & (self.line[back:] == self.line[:-back])
            drop[back:] |= same & (start[back:] - start[:-back] < near[back:])
        if drop.any():
            self.doubled = int(drop.sum())
            self.order, self.line = self.order[~drop], self.line[~drop]

    def texts(self) -> tuple[Ints, list[str]]:
        """(group number, its text) for each group that has characters; lines divided by a line feed."""
        if not len(self.order):
            return np.zeros(0, dtype=np.int64), []
        before = self._separators()
        starts = starts_of(self.group)
        before[starts] = 0
        string, at = _joined(self.chars.code.take(self.order), before)
        cut = [*at[starts].tolist(), len(string)]
        return self.group[starts], [string[a:b] for a, b in pairwise(cut)]

    def lines(self, page: int) -> list[Line]:
        """The visual lines with box and size, in reading order."""
        if not len(self.order):
            return []
        before = self._separators()
        starts = starts_of(self.line)
        before[starts] = 0
        string, at = _joined(self.chars.code.take(self.order), before)
        cut = [*at[starts].tolist(), len(string)]
        box = self.chars.box.take(self.order, axis=0)
        low = np.minimum.reduceat(box[:, :2], starts)
        high = np.maximum.reduceat(box[:, 2:], starts)
        size = np.maximum.reduceat(self.high.take(self.order), starts)
        rounded = np.concatenate([low, high, size[:, None]], axis=1).round(2).tolist()
        return [
            Line(page, (x0, top, x1, bottom), string[a:b], height)
            for (x0, top, x1, bottom, height), (a, b) in zip(rounded, pairwise(cut), strict=True)
        ]

    def _separators(self) -> npt.NDArray[np.uint32]:
        """The code of what stands before each character: 0 nothing, a blank, or a line feed."""
        wide, high = self.wide.take(self.order), self.high.take(self.order)
        starts = starts_of(self.line)
        height = np.maximum.reduceat(high, starts).take(self.line)  # lines count from 0, and each has a character
        gap = np.zeros(len(self.order))
        gap[1:] = self.along[1:] - (self.along[:-1] + wide[:-1])
        spaced = self.chars.spaced.take(self.order)
        parted = (gap > GAP * height) | (spaced & (gap > GAP_AT_BLANK * height))
        before: npt.NDArray[np.uint32] = np.multiply(parted, 32, dtype=np.uint32)
        before[starts] = 10
        return before


def _joined(code: Ints, before: npt.NDArray[np.uint32]) -> tuple[str, Ints]:
    """The string with the separators put in, and where each character stands in it."""
    has = before > 0
    shift = has.cumsum()
    at = np.arange(len(code)) + shift
    full = np.zeros(len(code) + int(shift[-1]), dtype="<u4")
    full[at] = _printable(code)
    full[at[has] - 1] = before[has]
    return full.tobytes().decode("utf-32-le"), at


def string_of(code: Ints) -> str:
    """The characters as one string, each in its place."""
    return _printable(code).astype("<u4").tobytes().decode("utf-32-le") if len(code) else ""


def _printable(code: Ints) -> Ints:
    """Codes that are no characters as the mark for those."""
    if int(code.max()) < 0xD800:
        return code
    return np.where((code >= 0xD800) & (code < 0xE000) | (code > 0x10FFFF), 0xFFFD, code)


def _extents(chars: Chars, upright: bool) -> tuple[Floats, Floats]:
    """Sizes across the reading direction and along it."""
    box = chars.box
    high, wide = box[:, 3] - box[:, 1], box[:, 2] - box[:, 0]
    if upright:
        return high, wide
    level = chars.turn % 2 == 0
    return np.where(level, high, wide), np.where(level, wide, high)


def _along_and_across(chars: Chars, upright: bool) -> tuple[Floats, Floats]:
    """Start along the reading direction, base line across it (growing downwards); by each one's turn."""
    box, base, turn = chars.box, chars.base, chars.turn
    if upright:
        return box[:, 0], base[:, 1]
    along = np.choose(turn, [box[:, 0], -box[:, 3], -box[:, 2], box[:, 1]])
    across = np.choose(turn, [base[:, 1], base[:, 0], -base[:, 1], -base[:, 0]])
    return along, across


def page_lines(chars: Chars, page: int) -> list[Line]:
    """Lines of text of characters that stand outside tables, top to bottom."""
    laid = Laid(chars, np.zeros(len(chars), dtype=np.int64))
    lines = laid.lines(page)
    return sorted(lines, key=lambda line: (round(line.bbox[3]), line.bbox[0]))
