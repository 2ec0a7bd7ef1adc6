"""Columns parted by white space, by what stands in it, or by a row that numbers them."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from statistics import median

import numpy as np

from extractors.native import Ints
from extractors.spoiled import is_money, is_number
from extractors.words_of_space import Word, chunks, word_space

WIDER = 1.4  # times the usual space between words: headings side by side
AMOUNTS_APART = 0.2  # strips between two amounts may be as narrow as this share of the character height


def space_edges(
    lines: Sequence[Sequence[Word]], x0: float, x1: float, header: Sequence[list[Word]] = ()
) -> list[float]:
    """Borders of columns: the middles of the strips of white space that (nearly) no line crosses, with both ends.

    `lines` are lines of the table's body. A strip counts where at most one line in sixteen crosses it; it must be
    the wider the fewer lines there are to prove it. `header` chunks that stand alone in a strip head an empty column.
    """
    heights = [word.bottom - word.top for line in lines for word in line] or [10.0]
    height = median(heights)
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
