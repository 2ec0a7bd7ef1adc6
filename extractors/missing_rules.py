"""Column rules that are not printed: strips of white space down the rows of a table, and what its headings span.

A strip counts where (nearly) no row's words enter it; labels that run over the whole width do not count, and a heading that
covers it forbids it. With the rows' rules and these, a lattice can read the table.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extractors.columns_of_space import numbered_edges
from extractors.header_rows import is_numbering
from extractors.heading_groups import Span, shared
from extractors.lattice import Grid
from extractors.native import Floats
from extractors.spoiled import is_money, is_number
from extractors.words_of_space import Word, chunks

SAME = 4.0  # ends of rules nearer than this (points) agree
STRIPS = ((12, 0.28), (6, 0.35), (3, 0.5), (0, 0.8))  # so many rows: width of a strip, in character heights
NEAR = 90.0  # points: headings farther off are not beside a strip
RUNS_ON = 0.38  # words nearer than this share of their height run on over a border


@dataclass(slots=True)
class Band:
    """What stands between two rules of the table: lines of words, top to bottom."""

    top: float
    bottom: float
    lines: list[list[Word]]

    @property
    def height(self) -> float:
        return self.lines[0][0].height

    @property
    def words(self) -> list[Word]:
        return [word for line in self.lines for word in line]


@dataclass(slots=True)
class Border:
    """A border between two columns, and how wide the white space about it is (points)."""

    x: float
    width: float


@dataclass(slots=True)
class Rows:
    """One table: its bands from the top (those without text too), its sides, and a header that has column rules.

    `open_top`: no rule stands above its first band; `open_foot`: none below its last. `headed`: its first band is known
    to print its headings.
    """

    bands: list[Band]
    x0: float
    x1: float
    head: Grid | None = None
    open_top: bool = False
    open_foot: bool = False
    headed: bool = False


def free_of(spans: Sequence[tuple[float, float]], x0: float, x1: float) -> list[tuple[float, float]]:
    """What of `x0` to `x1` no span covers."""
    free: list[tuple[float, float]] = []
    reached = x0
    for a, b in sorted(spans):
        if reached < a and reached < x1:
            free.append((reached, min(a, x1)))
        reached = max(reached, b)
    if x1 > reached:
        free.append((reached, x1))
    return free


def column_edges(table: Rows, rules: Floats) -> list[Border]:
    """Borders of the columns between the two sides of the table, left to right."""
    partial = rules[(rules[:, 1] > table.x0 + SAME) | (rules[:, 2] < table.x1 - SAME)]
    filled = [band for band in table.bands if band.lines]
    spans = [_spans(band, partial) for band in filled]
    counts = [len(_clusters(s)) for s in spans]
    rich = [s for s, n in zip(spans[1:], counts[1:], strict=True) if n >= max(2, 0.5 * max(counts[1:]))]
    poor = [s for s, n in zip(spans[1:], counts[1:], strict=True) if n < max(2, 0.5 * max(counts[1:]))]
    if not rich:
        return []
    height = float(np.median([word.height for band in filled for word in band.words]))
    need = next(share for rows, share in STRIPS if len(rich) >= rows) * height
    strips = [(a, b) for a, b in _strips(rich, table.x0, table.x1) if b - a >= need]
    heads = _heads(filled[0], partial)
    strips = [part for strip in strips for part in _headed(strip, heads, table)]
    for row in poor:
        strips = [_narrowed(strip, row) for strip in strips]
    borders = []
    for low, high in strips:
        ends = [x for x in (*partial[:, 1], *partial[:, 2]) if low - 2 <= x <= high + 2]
        at = float(min(ends, key=lambda x: abs(x - (low + high) / 2))) if ends else (low + high) / 2
        borders.append(Border(at, high - low))
    borders = _numbered(borders, table, filled)
    return _paired(borders, spans[0], [s for row in spans[1:] for s in row], table)


def _numbered(borders: list[Border], table: Rows, filled: Sequence[Band]) -> list[Border]:
    """The borders, and those that the numbering row proves: it prints two numbers in what seems one column."""
    for band in filled[:4]:
        line = band.lines[-1]
        if len(line) >= 4 and is_numbering(tuple(word.text.strip("()") for word in line)):
            edges = [table.x0, *(border.x for border in borders), table.x1]
            lines = [held for other in filled[filled.index(band) + 1 :] for held in other.lines]
            more = set(numbered_edges(edges, [[word] for word in line], lines)) - set(edges)
            return sorted([*borders, *(Border(x, 1.0) for x in more)], key=lambda border: border.x)
    return borders


def _narrowed(strip: tuple[float, float], row: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The widest part of a strip that a label leaves free; the strip itself where the label runs over all of it."""
    parts = [part for part in free_of(row, *strip) if part[1] - part[0] > 0.5]
    return max(parts, key=lambda part: part[1] - part[0], default=strip)


def _headed(strip: tuple[float, float], heads: Sequence[list[Word]], table: Rows) -> list[tuple[float, float]]:
    """The parts of a strip between the headings in it: none where a heading covers it, several round an empty column."""
    low, high = strip
    texts = [(part[0].x0, part[-1].x1, part[0]) for line in heads if line for part in chunks(line)]
    texts = [text for text in texts if text[1] > low and text[0] < high]
    inside = [text for text in texts if text[0] > low - 1 and text[1] < high + 1]
    outside = [text for text in texts if text not in inside]
    alone = [(a, b) for a, b, _ in inside if not any(c < b and a < d for c, d, _ in outside)]
    side = low <= table.x0 + 1 or high >= table.x1 - 1
    if alone and (side or _at_foot(inside, heads, strip)):
        stops = [(low, low), *_clusters(alone, 1.0), (high, high)]
        parts = [(p, q) for (_, p), (q, _) in itertools.pairwise(stops)]
        return [(p, q) for p, q in parts if q - p > 0.5 and p > table.x0 + 1 and q < table.x1 - 1]
    words = [word for line in heads for word in line if word.x1 > low and word.x0 < high]
    if side:
        return []
    free = [part for part in free_of([(word.x0, word.x1) for word in words], low, high) if part[1] - part[0] > 0.5]
    return [max(free, key=lambda part: part[1] - part[0])] if free else []


def _at_foot(
    inside: Sequence[tuple[float, float, Word]], heads: Sequence[list[Word]], strip: tuple[float, float]
) -> bool:
    """The headings in a strip reach as low as those beside it: headings of a column, and of no group."""
    low, high = strip
    near = [w.bottom for line in heads for w in line if low - NEAR < w.middle < high + NEAR]
    return max(word.bottom for _, _, word in inside) > max(near) - 0.7 * inside[0][2].height


def _paired(
    borders: list[Border], heads: list[tuple[float, float]], body: list[tuple[float, float]], table: Rows
) -> list[Border]:
    """One column where a heading stands beside its text: a headed empty column joins a headless one next to it."""
    edges = [table.x0, *(b.x for b in borders), table.x1]
    headed = [any(a < (h[0] + h[1]) / 2 < b for h in heads) for a, b in itertools.pairwise(edges)]
    filled = [any(a < (h[0] + h[1]) / 2 < b for h in body) for a, b in itertools.pairwise(edges)]
    result: list[Border] = []
    joined = False
    for i, border in enumerate(borders):
        one, two = (headed[i], filled[i]), (headed[i + 1], filled[i + 1])
        if not joined and {one, two} == {(True, False), (False, True)}:
            joined = True
            continue
        joined = False
        result.append(border)
    return result


def _heads(band: Band, partial: Floats) -> list[list[Word]]:
    """The lines of a band without the headings that stand over a rule of a part of the width."""
    rules = [(y, a, b) for y, a, b in partial.tolist() if band.top < y < band.bottom]
    return [
        [
            word
            for word in line
            if not any(word.bottom < y + 0.4 * word.height and a - 2 < word.middle < b + 2 for y, a, b in rules)
        ]
        for line in band.lines
    ]


def _spans(band: Band, partial: Floats) -> list[tuple[float, float]]:
    """Extents of the words of a band, but for headings that span columns."""
    return [(word.x0, word.x1) for line in _heads(band, partial) for word in line]


def _clusters(spans: Sequence[tuple[float, float]], near: float = 5.0) -> list[tuple[float, float]]:
    """Spans with less than `near` points between them, as one."""
    result: list[tuple[float, float]] = []
    for a, b in sorted(spans):
        if result and a - result[-1][1] < near:
            result[-1] = (result[-1][0], max(b, result[-1][1]))
        else:
            result.append((a, b))
    return result


def _strips(rows: Sequence[Sequence[tuple[float, float]]], x0: float, x1: float) -> list[tuple[float, float]]:
    """Strips that at most one row in sixteen enters (in half points)."""
    width = int(np.ceil((x1 - x0) * 2)) + 1
    depth = np.zeros(width, dtype=np.int64)
    for spans in rows:
        cover = np.zeros(width, dtype=np.bool_)
        for a, b in spans:
            cover[max(0, int((a - x0) * 2)) : max(0, int(np.ceil((b - x0) * 2)))] = True
        depth += cover
    free = np.concatenate([[False], depth <= len(rows) // 16, [False]]).astype(np.int8)
    change = np.flatnonzero(np.diff(free))
    return [(x0 + a / 2, x0 + b / 2) for a, b in zip(change[::2].tolist(), change[1::2].tolist(), strict=True)]


def drawn_rules(table: Rows, rules: Floats, borders: Sequence[Border]) -> Floats:
    """The column rules that are not there `(n, 3)`: at every border, in every band, but where text runs over it."""
    top, bottom = table.bands[0].top, table.bands[-1].bottom
    drawn: list[tuple[float, float, float]] = [(table.x0, top, bottom), (table.x1, top, bottom)]
    ys = sorted({*(y for y in rules[:, 0].tolist() if y > top - 0.1), top, bottom})
    lines = [line for band in table.bands for line in band.lines]
    for high, low in itertools.pairwise(ys):
        held = [line for line in lines if high < (line[0].top + line[0].bottom) / 2 < low]
        spanned = _spanned(held, (high, low), rules, table, [table.x0, *(border.x for border in borders), table.x1])
        for border in borders:
            if border.x not in spanned and not any(runs_over(line, border) for line in held):
                drawn.append((border.x, high, low))
    return np.array(drawn)


def runs_over(line: Sequence[Word], border: Border) -> bool:
    """A word, or two words of one text, stand over the border."""
    x = border.x
    if any(word.x0 < x - 1 and word.x1 > x + 1 for word in line):
        return True
    before = max((word for word in line if word.middle < x), key=lambda w: w.x1, default=None)
    behind = min((word for word in line if word.middle > x), key=lambda w: w.x0, default=None)
    if before is None or behind is None or behind.x0 - before.x1 >= min(RUNS_ON * behind.height, border.width):
        return False
    return not (is_money(behind.text) or (is_number(before.text) and is_number(behind.text)))


def _spanned(
    held: Sequence[Sequence[Word]], band: tuple[float, float], rules: Floats, table: Rows, inner: Sequence[float]
) -> set[float]:
    """Borders that headings span in a band that rules over a part of the width close below.

    Each rule is shared by the headings that stand on it, each in the middle of its own columns; a heading beside them that
    reaches down to the same rule has none above.
    """
    spanned: set[float] = set()
    high, low = band
    above = [(a, b) for y, a, b in rules.tolist() if abs(y - high) <= 0.1]
    for y, a, b in rules.tolist():
        whole = a < table.x0 + SAME and b > table.x1 - SAME
        within = [(p, q) for p, q in above if p > a - SAME and q < b + SAME]
        if not whole and len(within) == 1:
            a, b = within[0]
        edges = [x for x in inner if a - SAME <= x <= b + SAME]
        if whole or abs(y - low) > 0.1 or len(edges) < 3:
            continue
        parts = [part for line in held for part in chunks([w for w in line if a - 2 < w.middle < b + 2])]
        texts = _clusters([(part[0].x0, part[-1].x1) for part in parts], 0.0)
        spans = shared([Span(0, 0, x0, x1) for x0, x1 in texts], edges)
        if spans is None:
            spans = [(0, len(edges) - 1)] if len(texts) == 1 else []
        spanned |= {edges[i] for first, end in spans for i in range(first + 1, end)}
    return spanned
