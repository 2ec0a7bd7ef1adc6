"""Characters -> words that are never cut -> columns parted by white space (or by given edges) -> pieces of lines.

A *word* is atomic: a number keeps all its digits whatever edge crosses it. A *piece* is what one visual line prints
in one column.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.lines import GAP, GAP_AT_BLANK, Laid
from extractors.pages import Chars
from extractors.spoiled import is_money, is_number, split_glued

CHUNK = 0.5  # words nearer than this share of the character height belong together
SPAN = 0.25  # a chunk that reaches into a column by this share of the column's text spans it


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


@dataclass(slots=True)
class Piece:
    """The words of one visual line in one column; `end` is the column behind the last one it spans."""

    column: int
    end: int
    words: list[Word]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)

    @property
    def base(self) -> float:
        return self.words[0].base

    @property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def number(self) -> bool:
        return is_number(self.text)


def words_of(chars: Chars) -> list[Word]:
    """Words of upright characters, line by line from the top, left to right. `Word.chars` are indexes into `chars`."""
    upright = np.flatnonzero(chars.turn == 0)
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
    starts = np.flatnonzero(begins)
    letters = [chr(c) if c <= 0x10FFFF and not 0xD800 <= c < 0xE000 else "\ufffd" for c in part.code[order].tolist()]
    content = order.tolist()
    words: list[Word] = []
    for a, b in itertools.pairwise([*starts.tolist(), len(order)]):
        text = "".join(letters[a:b])
        jumps = frozenset(i - a for i in range(a + 1, b) if content[i] != content[i - 1] + 1)
        cuts = split_glued(text, jumps)
        for p, q in itertools.pairwise([0, *cuts, b - a]):
            low, high = box[a + p : a + q, :2].min(0), box[a + p : a + q, 2:].max(0)
            words.append(
                Word(
                    text[p:q],
                    float(low[0]),
                    float(low[1]),
                    float(high[0]),
                    float(high[1]),
                    float(np.median(base[a + p : a + q])),
                    int(line[a]),
                    float(gap[a]) if p == 0 else 0.0,
                    tuple(upright[order[a + p : a + q]].tolist()),
                    is_number(text[p:q]),
                )
            )
    return _joined_numbers(words)


def _joined_numbers(words: list[Word]) -> list[Word]:
    """Numbers whose parts a blank or a kerning gap has parted: `5 418`, `4.811. 172.650`, `( 1.000 )`."""
    result: list[Word] = []
    for word in words:
        last = result[-1] if result else None
        if last is not None and last.line == word.line and word.gap < 0.45 * word.height and _one_number(last, word):
            result[-1] = _join(last, word)
        else:
            result.append(word)
    return result


def _one_number(one: Word, two: Word) -> bool:
    a, b = one.text, two.text
    if not any(ch.isdigit() for ch in a + b):
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
    for word in line:
        last = result[-1][-1] if result else None
        if last is None or word.gap > wide * word.height or _apart(last, word):
            result.append([word])
        else:
            result[-1].append(word)
    return result


def _apart(one: Word, two: Word) -> bool:
    if is_money(two.text) and two.gap > 0.1 * two.height and not one.text.endswith((".", "Rp", "(", "/")):
        return one.number or two.gap > 0.3 * two.height
    return one.number and two.number and (is_money(one.text) or is_money(two.text))


def space_edges(
    lines: Sequence[Sequence[Word]], x0: float, x1: float, header: Sequence[list[Word]] = ()
) -> list[float]:
    """Borders of columns: the middles of the strips of white space that (nearly) no line crosses, with both ends.

    `lines` are lines of the table's body. A strip counts where at most one line in sixteen crosses it; it must be
    the wider the fewer lines there are to prove it. `header` chunks that stand alone in a strip head an empty column.
    """
    width = int(np.ceil(x1 - x0)) * 2 + 1  # half points
    cover = np.zeros(width + 1, dtype=np.int64)
    heights = [word.height for line in lines for word in line] or [10.0]
    height = float(np.median(heights))
    used = 0
    for line in lines:
        parts = chunks(line)
        if len(parts) < 2:
            continue
        used += 1
        for part in parts:
            a, b = round((part[0].x0 - x0) * 2), round((part[-1].x1 - x0) * 2)
            cover[max(a, 0)] += 1
            cover[min(max(b, 0), width)] -= 1
    depth = np.cumsum(cover)[:-1]
    free = depth <= used // 16
    need = 0.3 * height if used >= 8 else 0.6 * height if used >= 4 else 0.9 * height
    edges = [x0]
    for a, b in _runs(free):
        low, high = x0 + a / 2, x0 + b / 2
        inner = _empty_columns(header, low, high)
        if a == 0 or b >= width:
            bounds = [(p + q) / 2 for (_, p), (q, _) in itertools.pairwise(inner)]
            if inner and a == 0:
                bounds = [*bounds, (inner[-1][1] + high) / 2]
            elif inner:
                bounds = [(low + inner[0][0]) / 2, *bounds]
            edges.extend(bounds)
        elif (b - a) / 2 >= need:
            stops = [(low, low), *inner, (high, high)]
            edges.extend((p + q) / 2 for (_, p), (q, _) in itertools.pairwise(stops))
    return [*edges, x1]


def _empty_columns(header: Sequence[list[Word]], low: float, high: float) -> list[tuple[float, float]]:
    """Extents of headings that stand wholly in a strip of white space, beside and not under or over other headings."""
    spans = [(chunk[0].x0, max(word.x1 for word in chunk)) for chunk in header]
    inside = [span for span in spans if low - 1 <= span[0] and span[1] <= high + 1]
    merged: list[tuple[float, float]] = []
    for a, b in sorted(inside):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    outside = [span for span in spans if span not in inside and span[1] - span[0] < 3 * (high - low)]
    return [m for m in merged if not any(min(m[1], s[1]) - max(m[0], s[0]) > 0.5 for s in outside)]


def _runs(mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    padded = np.concatenate([[False], mask, [False]]).astype(np.int8)
    change = np.flatnonzero(np.diff(padded))
    return [(int(a), int(b)) for a, b in zip(change[::2], change[1::2], strict=True)]


def column_of(edges: Sequence[float], x: float) -> int:
    """The column that holds x; the outermost ones take what lies outside."""
    at = int(np.searchsorted(np.asarray(edges), x, side="right")) - 1
    return min(max(at, 0), len(edges) - 2)


def pieces_of(
    lines: Sequence[Sequence[Word]], edges: Sequence[float], spans: bool, heading: bool = False
) -> list[Piece]:
    """The pieces of each line. With `spans`, a chunk of words over several columns stays one piece over all of them;
    with a number in it only in a `heading`."""
    result: list[Piece] = []
    for line in lines:
        open_piece: Piece | None = None
        for chunk in chunks(line):
            for column, end, words in _placed(chunk, edges, spans, heading):
                if open_piece is not None and (open_piece.column, open_piece.end) == (column, end):
                    open_piece.words.extend(words)
                else:
                    open_piece = Piece(column, end, list(words))
                    result.append(open_piece)
    return result


def _placed(chunk: list[Word], edges: Sequence[float], spans: bool, heading: bool) -> list[tuple[int, int, list[Word]]]:
    first, last = column_of(edges, chunk[0].x0 + 1), column_of(edges, chunk[-1].x1 - 1)
    if first == last:
        return [(first, first + 1, chunk)]
    if spans and (heading or not any(word.number for word in chunk[1:])):
        over = [c for c in range(first, last + 1) if _reach(chunk, edges[c], edges[c + 1])]
        if len(over) > 1:
            return [(over[0], over[-1] + 1, chunk)]
        return [(column := over[0] if over else column_of(edges, chunk[0].middle), column + 1, chunk)]
    placed: list[tuple[int, int, list[Word]]] = []
    for word in chunk:
        column = column_of(edges, word.middle)
        if placed and placed[-1][0] == column:
            placed[-1][2].append(word)
        else:
            placed.append((column, column + 1, [word]))
    return placed


def _reach(chunk: list[Word], low: float, high: float) -> bool:
    """The chunk reaches into the column by a fair share of the column's width."""
    inside = min(chunk[-1].x1, high) - max(chunk[0].x0, low)
    return inside >= SPAN * (high - low)
