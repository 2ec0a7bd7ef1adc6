"""Words and lines that run over a rule: a number too wide for its column stays whole, in the cell that holds most of it; the
lines of a text too high for its row stay together, in the row in which its first line stands.
"""

from __future__ import annotations

import numpy as np

from extractors.native import Bools, Ints
from extractors.pages import Chars

SAME_BASE = 0.3  # points
TIGHT = 0.1  # a gap up to this share of the height is inside a word
MOST = 0.6  # share of the word's characters that its cell must hold
LEADING = 1.8  # heights between the base lines of one text, at most
OVERLAID = 0.6  # heights: lines of one cell that stand closer are printed over one another; lines of one text never do
LEVEL = 0.5  # points between the base lines of cells of one row
OVERLAP = 0.5  # points by which neighbours may overlap


def keep_words_whole(chars: Chars, cell: Ints, borders: tuple[float, ...]) -> tuple[Ints, set[int]]:
    """The cell of every character of the page (-1: none) with words that cross a border kept together.

    Returns the cells anew, and those that took or gave characters. Where the border falls between two characters, the
    words of two cells may merely touch: those are left alone, but named too.
    """
    joined = _inside_word(chars)
    crossing = (joined & (cell[1:] != cell[:-1])).nonzero()[0]
    if not len(crossing):
        return cell, set()
    result, touched = cell.copy(), set[int]()
    rules = np.array(borders)
    for i in crossing.tolist():
        meet = (chars.box[i, 2] + chars.box[i + 1, 0]) / 2
        height = chars.box[i, 3] - chars.box[i, 1]
        if result[i] == result[i + 1]:
            continue
        touched |= {int(n) for n in (cell[i], cell[i + 1]) if n >= 0}
        if np.abs(rules - meet).min() < TIGHT * height and not _unfinished(chars, i):
            continue
        first, last = i, i + 1
        while first > 0 and joined[first - 1]:
            first -= 1
        while last < len(cell) - 1 and joined[last]:
            last += 1
        numbers, counts = np.unique(cell[first : last + 1], return_counts=True)
        counts[numbers < 0] = 0
        if counts.max() < MOST * (last - first + 1):  # two words that touch beyond the rule, perhaps
            continue
        home = int(numbers[counts.argmax()])
        result[first : last + 1] = home
    return result, touched


def _unfinished(chars: Chars, i: int) -> bool:
    """Character i cannot end a word, or the next cannot begin one (`55.` before `754`)."""
    return chr(chars.code[i]) in ".,(" or chr(chars.code[i + 1]) in ".,)"


def _inside_word(chars: Chars) -> Bools:
    """`[i]`: character i + 1 goes on with the word of character i (upright text, content order)."""
    box, base = chars.box, chars.base
    gap = box[1:, 0] - box[:-1, 2]
    height = np.maximum(box[1:, 3] - box[1:, 1], box[:-1, 3] - box[:-1, 1])
    level = np.abs(base[1:, 1] - base[:-1, 1]) <= SAME_BASE
    result: Bools = level & (gap >= -OVERLAP) & (gap <= TIGHT * height) & ~chars.spaced[1:]
    if chars.turn.any():
        result &= (chars.turn[1:] == 0) & (chars.turn[:-1] == 0)
    return result


def keep_lines_whole(chars: Chars, cell: Ints, spans: Ints) -> tuple[Ints, set[int]]:
    """The cell of every character with the lines of one text kept together where its row is too low for them.

    `spans`: row, the row behind, column and the column behind of each cell. A spreadsheet prints such lines over the text of
    the row below. They are written right behind the line above, which stands level with its own row. Returns the cells anew,
    and those that took or gave lines.
    """
    if len(cell) < 2 or chars.turn.any():
        return cell, set()
    base = chars.base[:, 1]
    new = (cell[1:] != cell[:-1]) | (np.abs(base[1:] - base[:-1]) > SAME_BASE)
    starts = np.append(0, new.nonzero()[0] + 1)
    own, level = cell.take(starts), base.take(starts)
    place = spans.take(np.maximum(own, 0), axis=0)
    high = (chars.box[:, 3] - chars.box[:, 1]).take(starts)
    below = (place[1:, 0] == place[:-1, 1]) & (place[1:, 2:] == place[:-1, 2:]).all(axis=1)
    step = level[1:] - level[:-1]
    below &= (own[1:] >= 0) & (own[:-1] >= 0) & (step > 0) & (step <= LEADING * high[1:])
    if not below.any():
        return cell, set()
    ends = np.append(starts[1:], len(cell))
    left = np.minimum.reduceat(chars.box[:, 0], starts)
    right = np.maximum.reduceat(chars.box[:, 2], starts)
    result, touched = cell.copy(), set[int]()
    for i in below.nonzero()[0].tolist():
        other = (own == own[i + 1]) & (left + OVERLAP < right[i + 1]) & (right > left[i + 1] + OVERLAP)
        other &= np.abs(level - level[i + 1]) < OVERLAID * high[i + 1]
        other[i + 1] = False
        beside = (place[:, 0] == place[i, 0]) & (own >= 0) & (own != own[i]) & (np.abs(level - level[i]) <= LEVEL)
        if other.any() and beside.any():
            result[starts[i + 1] : ends[i + 1]] = own[i]
            touched |= {int(own[i]), int(own[i + 1])}
    return result, touched
