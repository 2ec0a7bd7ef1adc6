"""Words that run over a rule: a number too wide for its column stays whole, in the cell that holds most of it."""

from __future__ import annotations

import numpy as np

from extractors.native import Bools, Ints
from extractors.pages import Chars

SAME_BASE = 0.3  # points
TIGHT = 0.1  # a gap up to this share of the height is inside a word
MOST = 0.6  # share of the word's characters that its cell must hold
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
