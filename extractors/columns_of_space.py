"""Characters -> words that are never cut -> columns parted by white space (or by given edges) -> pieces of lines.

A *word* is atomic: a number keeps all its digits whatever edge crosses it. A *piece* is what one visual line prints
in one column.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.lines import GAP, GAP_AT_BLANK, Laid, string_of
from extractors.native import Floats, Ints
from extractors.order import median, middle_of
from extractors.pages import Chars
from extractors.spoiled import is_money, is_number, split_glued

CHUNK = 0.5  # words nearer than this share of the character height belong together
WIDER = 1.4  # times the usual space between words: headings side by side
OFTEN = 3  # lines that begin at one place show where a column's texts begin
FEW_SPACES = 6  # spaces between words that tell the usual one
AMOUNTS_APART = 0.2  # strips between two amounts may be as narrow as this share of the character height
DIGIT = re.compile(r"\d")
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


class Piece:
    """The words of one visual line in one column; `end` is the column behind the last one it spans.

    `x0`, `top`, `x1`, `bottom`, `base` (of the first word) are points. Words are added with `add` alone.
    """

    __slots__ = ("_number", "_text", "base", "bottom", "column", "end", "top", "words", "x0", "x1")

    def __init__(self, column: int, end: int, words: list[Word]) -> None:
        self.column, self.end, self.words = column, end, words
        first = words[0]
        self.x0, self.top, self.x1, self.bottom, self.base = first.x0, first.top, first.x1, first.bottom, first.base
        self._text: str | None = None
        self._number: bool | None = None
        if len(words) > 1:
            self._measure(words[1:])

    def _measure(self, words: Iterable[Word]) -> None:
        for word in words:
            self.top, self.x1 = min(self.top, word.top), max(self.x1, word.x1)
            self.bottom = max(self.bottom, word.bottom)
        self._text = self._number = None

    def add(self, words: Sequence[Word]) -> None:
        """Words that stand behind those it has."""
        self.words.extend(words)
        self._measure(words)

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = " ".join([word.text for word in self.words])
        return self._text

    @property
    def number(self) -> bool:
        if self._number is None:
            self._number = is_number(self.text)
        return self._number


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
    for word in line:
        last = result[-1][-1] if result else None
        if last is None or word.gap > wide * (word.bottom - word.top) or _apart(last, word):
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
    heights = [word.bottom - word.top for line in lines for word in line] or [10.0]
    height = middle_of(heights)
    width, used, depth = _crossed(lines, x0, x1)
    free = depth <= used // 16
    need = 0.3 * height if used >= 8 else 0.6 * height if used >= 4 else 0.9 * height
    edges = [x0]
    spans, space = [(chunk[0].x0, max([word.x1 for word in chunk])) for chunk in header], word_space([*lines, *header])
    for a, b in _runs(free):
        low, high = x0 + a / 2, x0 + b / 2
        inner = _empty_columns(header, spans, low, high)
        if a == 0 or b >= width:
            bounds = [(p + q) / 2 for (_, p), (q, _) in itertools.pairwise(inner)]
            if inner and a == 0:
                bounds = [*bounds, (inner[-1][1] + high) / 2]
            elif inner:
                bounds = [(low + inner[0][0]) / 2, *bounds]
            edges.extend(bounds)
        elif (b - a) / 2 >= need or ((b - a) / 2 >= AMOUNTS_APART * height and _parts_amounts(lines, low, high)):
            stops = [(low, low), *inner, (high, high)]
            edges.extend(_beside(header, p, q, space) for (_, p), (q, _) in itertools.pairwise(stops))
    return [*edges, x1]


def _parts_amounts(lines: Sequence[Sequence[Word]], low: float, high: float) -> bool:
    """In two lines or more an amount stands beside another number, or behind one and its unit (`58 Orang`), left and right
    of the strip: one column prints no two."""
    found = 0
    for line in lines:
        for i, (a, b) in enumerate(itertools.pairwise(line)):
            if a.x1 <= low + 1 and high - 1 <= b.x0:
                counted = a.number or (i > 0 and line[i - 1].number)
                found += (is_money(b.text) and counted) or (is_money(a.text) and b.number)
    return found >= 2


def _crossed(lines: Sequence[Sequence[Word]], x0: float, x1: float) -> tuple[int, int, Ints]:
    """How many half points there are from x0 to x1, how many lines print something in columns, and how many of those stand on
    each half point."""
    width, used = int(np.ceil(x1 - x0)) * 2 + 1, 0
    begins: list[int] = []
    ends: list[int] = []
    for line in lines:
        parts = chunks(line)
        if len(parts) < 2:
            continue
        used += 1
        begins += [min(max(round((part[0].x0 - x0) * 2), 0), width) for part in parts]
        ends += [min(max(round((part[-1].x1 - x0) * 2), 0), width) for part in parts]
    more, fewer = (np.bincount(np.array(at, dtype=np.int64), minlength=width + 1) for at in (begins, ends))
    return width, used, (more - fewer).cumsum()[:-1]


def _beside(header: Sequence[list[Word]], low: float, high: float, space: float | None) -> float:
    """The middle of a strip of white space, or of the widest part of it that the lowest headings beside it leave free.

    Where headings run on over the strip, the widest of their gaps that is wider than a space between words.
    """
    over = [chunk for chunk in header if chunk[0].x0 <= low and high <= chunk[-1].x1]
    gaps = [(two.gap, max(one.x1, low), min(two.x0, high)) for chunk in over for one, two in itertools.pairwise(chunk)]
    apart = [(gap, a, b) for gap, a, b in gaps if space and gap > WIDER * space and a < b]
    if apart:
        return sum(max(apart)[1:]) / 2
    spans = sorted(
        (chunk[0].x0, chunk[-1].x1)
        for chunk in header
        if chunk[0].x0 < high and low < chunk[-1].x1 and not (chunk[0].x0 <= low and high <= chunk[-1].x1)
        if not any(c[0].base > chunk[0].base + 1 and c[0].x0 < chunk[-1].x1 and chunk[0].x0 < c[-1].x1 for c in header)
    )
    free: list[tuple[float, float]] = []
    reached = low
    for a, b in spans:
        if a > reached:
            free.append((reached, a))
        reached = max(reached, b)
    if high > reached:
        free.append((reached, high))
    a, b = max(free, key=lambda part: part[1] - part[0], default=(low, high))
    return (a + b) / 2


def numbered_edges(
    edges: Sequence[float], labels: Sequence[list[Word]], lines: Sequence[Sequence[Word]]
) -> list[float]:
    """`edges`, and one more wherever the numbering row prints two numbers in one column: in the widest strip between them
    that at most one line of words enters."""
    middles = sorted((label[0].x0 + label[-1].x1) / 2 for label in labels)
    result = list(edges)
    for one, two in itertools.pairwise(middles):
        if column_of(edges, one) != column_of(edges, two) or two - one < 4:
            continue
        inside = sorted((word.x0, word.x1) for line in lines for word in line if word.x0 < two and one < word.x1)
        ends = sorted({one, two, *(x for span in inside for x in span if one < x < two)})
        depth = [sum(a < (p + q) / 2 < b for a, b in inside) for p, q in itertools.pairwise(ends)]
        least = min(depth)
        strips = [(q - p, p, q) for (p, q), n in zip(itertools.pairwise(ends), depth, strict=True) if n == least]
        wide, p, q = max(strips)
        if least <= 1 and wide > 1.0:
            result.append((p + q) / 2)
    return sorted(result)


def beside_names(edges: Sequence[float], lines: Sequence[Sequence[Word]]) -> list[float]:
    """`edges`, those moved that cut off codes set flush right (`4`, `4.1`, numbers in a spreadsheet) from their column:
    they stand close before the names, which begin alike. Amounts that stand so are a column of their own."""
    result = list(edges)
    more: list[float] = []
    columns = _by_column(lines, edges)
    for at in range(1, len(edges) - 1):
        held = columns.get(at, [])
        names = [next((word for word in line if not word.number), line[0]) for line in held]
        begins = Counter(round(word.x0) for word in names if not word.number)
        if not begins:
            continue
        x, count = begins.most_common(1)[0]
        before = [line[0] for line in held if line[0].x1 < x + 0.5 and is_number(line[0].text)]
        early = sum(line[0].x0 < x - 1.5 for line in held)
        if count >= 3 and 2 * count >= len(held) and before and early == len(before):
            border = (max(word.x1 for word in before) + min(w.x0 for line in held for w in line if w.x0 > x - 1)) / 2
            if sum(is_money(word.text) for word in before) > len(before) / 2:
                more.append(border)
            else:
                result[at] = border
    return sorted([*result, *more])


def _by_column(lines: Sequence[Sequence[Word]], edges: Sequence[float]) -> dict[int, list[list[Word]]]:
    """The words of each line in each column, by the number of the column; columns and lines without any left out."""
    columns: dict[int, list[list[Word]]] = {}
    for line in lines:
        own: dict[int, list[Word]] = {}
        for word in line:
            at = bisect_right(edges, word.middle) - 1
            if at >= 0 and edges[at] != word.middle:
                own.setdefault(at, []).append(word)
        for at, words in own.items():
            columns.setdefault(at, []).append(words)
    return columns


def _empty_columns(
    header: Sequence[list[Word]], spans: Sequence[tuple[float, float]], low: float, high: float
) -> list[tuple[float, float]]:
    """Extents of headings that stand wholly in a strip of white space, beside and not under or over other headings.

    `spans`: those of the `header` chunks.
    """
    inside = [
        span
        for chunk, span in zip(header, spans, strict=True)
        if low - 1 <= span[0] and span[1] <= high + 1 and not _stands_over(chunk, header)
    ]
    if not inside:
        return []
    merged: list[tuple[float, float]] = []
    for a, b in sorted(inside):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    outside = [
        span
        for chunk, span in zip(header, spans, strict=True)
        if span not in inside and span[1] - span[0] < 3 * (high - low) and not _heads_group(chunk, header)
    ]
    return [m for m in merged if not any(min(m[1], s[1]) - max(m[0], s[0]) > 0.5 for s in outside)]


def _stands_over(chunk: Sequence[Word], header: Sequence[list[Word]]) -> bool:
    """The heading of a group, in the white between its columns: those left and right of it hang lower, under nothing else."""
    low, high, base = chunk[0].x0, chunk[-1].x1, chunk[0].base
    under = [c for c in header if base + 1 < c[0].base < base + 3 * chunk[0].height]
    left = max((c for c in under if c[0].x0 < low), key=lambda c: c[-1].x1, default=None)
    right = min((c for c in under if c[-1].x1 > high), key=lambda c: c[0].x0, default=None)
    if left is None or right is None or any(low < (c[0].x0 + c[-1].x1) / 2 < high for c in under):
        return False
    others = [c for c in header if c is not chunk and c[0].base < base + 1]
    if any(left[-1].x1 < c[-1].x1 <= low or high <= c[0].x0 < right[0].x0 for c in others):
        return False  # a heading beside it is nearer than they are
    return not any(c[0].x0 < side[-1].x1 and side[0].x0 < c[-1].x1 for side in (left, right) for c in others)


def _heads_group(chunk: Sequence[Word], header: Sequence[list[Word]]) -> bool:
    """Two headings stand side by side under this one."""
    low, high, base = chunk[0].x0, chunk[-1].x1, chunk[0].base
    under = [c for c in header if c[0].base > base + 1 and c[0].x0 < high and low < c[-1].x1]
    return any(one[-1].x1 < two[0].x0 for one in under for two in under)


def _runs(mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    padded = np.concatenate([[False], mask, [False]]).astype(np.int8)
    change = np.flatnonzero(np.diff(padded))
    return [(int(a), int(b)) for a, b in zip(change[::2], change[1::2], strict=True)]


def column_of(edges: Sequence[float], x: float) -> int:
    """The column that holds x; the outermost ones take what lies outside."""
    at, last = bisect_right(edges, x) - 1, len(edges) - 2
    return 0 if at < 0 else at if at < last else last


def word_space(lines: Iterable[Sequence[Word]]) -> float | None:
    """The usual space between two words of a text (points); None where too few words tell."""
    gaps = sorted(word.gap for line in lines for word in line if word.gap < CHUNK * word.height)
    return gaps[len(gaps) // 2] if len(gaps) >= FEW_SPACES else None


def pieces_of(
    lines: Sequence[Sequence[Word]],
    edges: Sequence[float],
    spans: bool,
    heading: bool = False,
    space: float | None = None,
) -> list[Piece]:
    """The pieces of each line. With `spans`, a chunk of words over several columns stays one piece over all of them;
    with a number in it only in a `heading`. Words of a heading that stand wider apart than words do (`space`), with a
    border between them, are two headings."""
    result: list[Piece] = []
    begins: frozenset[tuple[int, int]] = _beginnings(lines, edges) if spans and not heading else frozenset()
    for line in lines:
        open_piece: Piece | None = None
        wholes = (part for whole in chunks(line) for part in _headings(whole, edges, space if heading else None))
        if begins and len(chunks(line)) > 1:  # a label over several columns stands alone
            wholes = (part for whole in wholes for part in _full_lines(whole, edges, begins))
        for chunk in (part for whole in wholes for part in _behind_code(whole, edges)):
            for column, end, words in _placed(chunk, edges, spans, heading):
                if open_piece is not None and (open_piece.column, open_piece.end) == (column, end):
                    open_piece.add(words)
                else:
                    open_piece = Piece(column, end, list(words))
                    result.append(open_piece)
    return result


def _beginnings(lines: Sequence[Sequence[Word]], edges: Sequence[float]) -> frozenset[tuple[int, int]]:
    """Columns and places in them (half points) where texts begin in several lines."""
    firsts = [chunk[0] for line in lines for chunk in chunks(line) if not chunk[0].number]
    seen = Counter((column_of(edges, word.middle), round(2 * word.x0)) for word in firsts)
    return frozenset(at for at, count in seen.items() if at[0] > 0 and count >= OFTEN)


def _full_lines(chunk: list[Word], edges: Sequence[float], begins: frozenset[tuple[int, int]]) -> list[list[Word]]:
    """A text that fills its column, and the one behind it, which begins where the texts of its column do: two texts."""
    parts = [chunk[:1]]
    for two in chunk[1:]:
        column, at = column_of(edges, two.middle), round(2 * two.x0)
        behind = column_of(edges, parts[-1][0].x0 + 1) < column and not two.number
        if behind and any((column, at + off) in begins for off in (-1, 0, 1)):
            parts.append([])
        parts[-1].append(two)
    return parts


def _headings(chunk: list[Word], edges: Sequence[float], space: float | None) -> list[list[Word]]:
    if space is None:
        return [chunk]
    parts = [chunk[:1]]
    for one, two in itertools.pairwise(chunk):
        if two.gap > WIDER * space and any(one.x1 - 0.5 <= x <= two.x0 + 0.5 for x in edges):
            parts.append([])
        parts[-1].append(two)
    return parts


def _behind_code(chunk: list[Word], edges: Sequence[float]) -> list[list[Word]]:
    """A number and the words close behind it are two where a border stands between them."""
    if len(chunk) > 1 and chunk[0].number:
        border = edges[column_of(edges, chunk[0].x0) + 1]
        if chunk[0].x1 <= border <= chunk[1].x0:
            return [chunk[:1], chunk[1:]]
    return [chunk]


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
