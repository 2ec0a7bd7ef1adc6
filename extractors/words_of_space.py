"""Characters -> words that are never cut: a number keeps all its digits whatever edge crosses it."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.lines import GAP, GAP_AT_BLANK, Laid, string_of
from extractors.native import Floats, Ints
from extractors.order import median
from extractors.pages import Chars
from extractors.spoiled import is_money, is_number, split_glued

CHUNK = 0.5  # words nearer than this share of the character height belong together
FEW_SPACES = 6  # spaces between words that tell the usual one
DIGIT = re.compile(r"\d")


@dataclass(slots=True)
class Word:
    """A word on its visual line. `gap`: space to the word before it on the line (points)."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    line: int
    gap: float
    chars: tuple[int, ...]
    number: bool = False

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def height(self) -> float:
        return self.bottom - self.top


def words_of(chars: Chars) -> list[Word]:
    """Words of upright characters, line by line from the top, left to right. `Word.chars` are indexes into `chars`."""
    upright = (chars.turn == 0).nonzero()[0]
    part = chars.take(upright)
    laid = Laid(part, np.zeros(len(part), dtype=np.int64))
    if not len(laid.order):
        return []
    order, line = laid.order, laid.line
    box, base = part.box[order], part.base[order, 1]
    gap = np.full(len(order), np.inf)
    gap[1:] = box[1:, 0] - box[:-1, 2]
    height = box[:, 3] - box[:, 1]
    new_line = np.concatenate([[True], np.diff(line) != 0])
    begins = new_line | (gap > GAP * height) | (part.spaced[order] & (gap > GAP_AT_BLANK * height))
    gap[new_line] = np.inf
    starts = begins.nonzero()[0]
    letters = string_of(part.code.take(order))
    jumped = ((np.diff(order) != 1).nonzero()[0] + 1).tolist()
    spans: list[tuple[int, int]] = []
    code = part.code.take(order)
    numeric = np.logical_or.reduceat(((code >= 48) & (code <= 57)) | (code > 127), starts).tolist()
    for a, b, perhaps in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], numeric, strict=True):
        text = letters[a:b]
        if not perhaps or not DIGIT.search(text):
            spans.append((a, b))
            continue
        jumps = jumped[bisect_right(jumped, a) : bisect_left(jumped, b)]
        cuts = split_glued(text, frozenset([i - a for i in jumps]))
        spans += itertools.pairwise([a, *[a + cut for cut in cuts], b]) if cuts else [(a, b)]
    return _joined_numbers(_words(spans, letters, box, base, (line, gap, upright[order]), frozenset(starts.tolist())))


def _words(
    spans: Sequence[tuple[int, int]],
    letters: str,
    box: Floats,
    base: Floats,
    kept: tuple[Ints, Floats, Ints],
    starts: frozenset[int],
) -> list[Word]:
    """The words that stand at `spans` of the characters in reading order; `kept`: line, gap and index of each."""
    at = np.asarray([a for a, _ in spans])
    low, high = np.minimum.reduceat(box[:, :2], at).tolist(), np.maximum.reduceat(box[:, 2:], at).tolist()
    least, most = np.minimum.reduceat(base, at).tolist(), np.maximum.reduceat(base, at).tolist()
    line, gap, index = (values.tolist() for values in kept)
    words: list[Word] = []
    for i, (a, b) in enumerate(spans):
        text = letters[a:b]
        (x0, top), (x1, bottom) = low[i], high[i]
        level = least[i] if least[i] == most[i] else median(base[a:b])
        space = gap[a] if a in starts else 0.0
        words.append(Word(text, x0, top, x1, bottom, level, line[a], space, tuple(index[a:b]), is_number(text)))
    return words


def _joined_numbers(words: list[Word]) -> list[Word]:
    """Numbers whose parts a blank or a kerning gap has parted: `5 418`, `4.811. 172.650`, `( 1.000 )`."""
    result: list[Word] = []
    last: Word | None = None
    for word in words:
        near = last is not None and last.line == word.line and word.gap < 0.45 * (word.bottom - word.top)
        if last is not None and near and _one_number(last, word):
            last = result[-1] = _join(last, word)
        else:
            last = word
            result.append(word)
    return result


def _one_number(one: Word, two: Word) -> bool:
    a, b = one.text, two.text
    if not DIGIT.search(a) and not DIGIT.search(b):
        return False
    if a in ("(", "-", "(-", "Rp", "Rp.") and b[:1].isdigit():
        return a != "-" or two.gap < 0.3 * two.height
    if b in (")", "%", ",-", "%)") and one.number:
        return True
    plain = a.lstrip("(-").replace(" ", "")
    if a[-1] in ".," and b[:3].isdigit() and is_number(a[:-1]) and is_number(a + b) and len(plain) > 3:
        return True
    if b[0] in ".," and b[1:4].isdigit() and is_number(a) and is_number(a + b):
        return True
    tail = b.rstrip(")")
    groups = plain.isdigit() and (len(plain) <= 3 or " " in a) and len(tail) == 3 and tail.isdigit()
    return groups and two.gap < 0.32 * two.height  # thousands parted by a blank


def _join(one: Word, two: Word) -> Word:
    text = one.text + (" " if two.gap > 0.06 * two.height else "") + two.text
    return Word(
        text,
        one.x0,
        min(one.top, two.top),
        max(one.x1, two.x1),
        max(one.bottom, two.bottom),
        one.base,
        one.line,
        one.gap,
        one.chars + two.chars,
        is_number(text),
    )


def by_line(words: Iterable[Word]) -> list[list[Word]]:
    """Words grouped by their visual line, in order."""
    return [list(group) for _, group in itertools.groupby(words, key=lambda word: word.line)]


def chunks(line: Sequence[Word], wide: float = CHUNK) -> list[list[Word]]:
    """Words of one line that stand near each other; whole numbers beside each other are never one chunk."""
    result: list[list[Word]] = []
    last: Word | None = None
    for word in line:
        if last is None or word.gap > wide * (word.bottom - word.top) or _apart(last, word):
            result.append([word])
        else:
            result[-1].append(word)
        last = word
    return result


def _apart(one: Word, two: Word) -> bool:
    if is_money(two.text) and two.gap > 0.1 * two.height and not one.text.endswith((".", "Rp", "(", "/")):
        return one.number or two.gap > 0.3 * two.height
    return one.number and two.number and (is_money(one.text) or is_money(two.text))


def word_space(lines: Iterable[Sequence[Word]]) -> float | None:
    """The usual space between two words of a text (points); None where too few words tell."""
    gaps = sorted(word.gap for line in lines for word in line if word.gap < CHUNK * word.height)
    return gaps[len(gaps) // 2] if len(gaps) >= FEW_SPACES else None
