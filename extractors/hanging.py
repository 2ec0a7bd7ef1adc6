"""Bodies without rules that hang below a ruled header: the header's rules give the columns, the lines give the rows.

Crystal Reports and word processors print such forms: the box of the headings is ruled, what stands below it is not. A
page of these gives a grid of headings alone, and columns of white space would have to be guessed where they are known.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from extractors.columns_of_space import column_of
from extractors.lattice import Grid
from extractors.native import Bools, Floats, Ints
from extractors.open_lines import CAPTION
from extractors.open_tables import row_cells
from extractors.pages import PageContent
from extractors.pieces_of_space import Piece, pieces_of
from extractors.rows_of_space import find_rows
from extractors.ruled import Found
from extractors.split_columns import cut_column, inner_edges
from extractors.spoiled import is_number, readable
from extractors.unruled import between
from extractors.words_of_space import Word, by_line, chunks, words_of

AMOUNT = re.compile(r"\d[.,]\d{3}(?!\d)")
LEAST_LINES = 2  # with numbers in two columns
FAR = 5.0  # line heights without text that end the body
CLOSE = 0.6  # of a line's height: lines below the last number nearer than this are wrapped names
OVER = 3.0  # points: how far text may reach beyond the outer columns
METHOD = "space+rules"
Line = list[Word]


def with_hanging_bodies(content: PageContent, found: Found) -> Found:
    """The grids of a page, those of headings alone longer by the unruled lines below them where these fit their columns."""
    grids: list[Grid] = []
    taken = found.taken
    for _number, grid in enumerate(found.grids):
        below = [other.bbox[1] for other in found.grids if other.bbox[1] > grid.bbox[3] - 1]
        limit = min(below, default=float("inf"))
        body = _body(content, taken, grid, limit) if _is_heading(grid) else []
        if not body and (last := _last_row(content, taken, grid, limit)):
            grid, chars = _hung(grid, last, found.loose_horizontal, one=True)
            taken = taken.copy()
            taken[chars] = True
        if body:
            longer, chars = _hung(_with_inner_columns(grid, body), body, found.loose_horizontal)
            taken = taken.copy()
            taken[chars] = True
            grid = longer
        grids.append(grid)
    return replace(found, grids=grids, taken=taken) if taken is not found.taken else found


def _is_heading(grid: Grid) -> bool:
    """Three columns or more, words in most of them, and no amount."""
    texts = [cell.text for cell in grid.cells if cell.text.strip()]
    headed = {c for cell in grid.cells if cell.text.strip() for c in range(cell.column, cell.column + cell.colspan)}
    whole = grid.n_columns >= 3 and len(headed) == grid.n_columns
    return whole and not any(AMOUNT.search(text) for text in texts)


def _last_row(content: PageContent, taken: Bools, grid: Grid, limit: float) -> list[Line]:
    """The lines of the last row of a table of which every other row is coloured: it is white, and no rule closes it."""
    if grid.n_rows < 3 or grid.n_rows - 1 not in grid.shaded_rows or grid.n_rows - 2 in grid.shaded_rows:
        return []
    kept: list[Line] = []
    bottom = grid.bbox[3]
    for line in _below(content, taken, grid, limit):
        outside = line[0].x0 < grid.xs[0] - OVER or line[-1].x1 > grid.xs[-1] + OVER
        over = any(word.x0 < x - 1 and x + 1 < word.x1 for word in line for x in grid.xs)
        if over or outside or _top(line) - bottom > CLOSE * line[0].height:
            break
        kept.append(line)
        bottom = max(word.bottom for word in line)
    filled = {column_of(grid.xs, word.middle) for line in kept for word in line}
    if len(filled) < max(3, grid.n_columns - 1) and not _is_total(kept, grid):
        return []
    return kept


def _is_total(lines: Sequence[Line], grid: Grid) -> bool:
    """A label in front and, below amounts, two amounts or more: the line of totals."""
    above = {cell.column for cell in grid.cells if cell.row >= grid.n_rows - 2 and AMOUNT.search(cell.text)}
    numbers = [word for line in lines for word in line if word.number]
    columns = {column_of(grid.xs, word.middle) for word in numbers if AMOUNT.search(word.text)}
    return (
        len(lines) == 1
        and not lines[0][0].number
        and len(columns) >= 2
        and len(numbers) == len(columns)
        and columns <= above
    )


def _below(content: PageContent, taken: Bools, grid: Grid, limit: float) -> list[Line]:
    """The lines outside tables between a grid and the next one, top to bottom."""
    box = content.chars.box
    inside = ~taken & (box[:, 1] > grid.bbox[3] - 2) & (box[:, 3] < limit + 1)
    chars = np.flatnonzero(inside)
    return sorted(by_line(_renumbered(words_of(readable(content.chars.take(chars))), chars)), key=_top)


def _body(content: PageContent, taken: Bools, grid: Grid, limit: float) -> list[Line]:
    """The lines below a heading, as long as they stand in its columns; empty where they are no rows of numbers."""
    kept: list[Line] = []
    bottom = grid.bbox[3]
    for line in _below(content, taken, grid, limit):
        height = max(word.height for word in line)
        outside = min(w.x0 for w in line) < grid.xs[0] - OVER or max(w.x1 for w in line) > grid.xs[-1] + OVER
        if outside or _top(line) - bottom > FAR * height or _cuts_numbers(line, grid.xs) or _is_prose(line, grid.xs):
            break
        if CAPTION.match(" ".join(word.text for word in line)):
            break
        kept.append(line)
        bottom = max(word.bottom for word in line)
    kept = kept[: _end(kept)]
    rows = [line for line in kept if len(_number_columns(line, grid.xs)) >= 2]
    amounts = sum(_has_amounts(line) for line in kept)
    many = sum(len(_number_columns(line, grid.xs)) >= 3 for line in rows)
    return kept if len(rows) >= LEAST_LINES and max(amounts, many) >= LEAST_LINES else []


def _end(lines: Sequence[Line]) -> int:
    """How many of the lines are the body: up to the last number, and what wraps close below it."""
    end = max((i + 1 for i, line in enumerate(lines) if any(word.number for word in line)), default=0)
    while 0 < end < len(lines):
        height = max(word.height for word in lines[end])
        if _top(lines[end]) - max(word.bottom for word in lines[end - 1]) > CLOSE * height:
            break
        end += 1
    return end


def _is_prose(line: Line, edges: Sequence[float]) -> bool:
    """Words that run over two borders and more, and over more than half of the width."""
    wide = max(chunks(line), key=lambda part: part[-1].x1 - part[0].x0)
    over = sum(wide[0].x0 + 1 < x < wide[-1].x1 - 1 for x in edges[1:-1])
    return over >= 2 and len(wide) >= 5 and wide[-1].x1 - wide[0].x0 > 0.55 * (edges[-1] - edges[0])


def _renumbered(words: list[Word], chars: Ints) -> list[Word]:
    numbers = chars.tolist()
    for word in words:
        word.chars = tuple([numbers[i] for i in word.chars])
    return words


def _top(line: Line) -> float:
    return min(word.top for word in line)


def _has_amounts(line: Line) -> bool:
    return any(word.number and AMOUNT.search(word.text) for word in line)


def _number_columns(line: Line, edges: Sequence[float]) -> set[int]:
    return {column_of(edges, word.middle) for word in line if word.number and is_number(word.text)}


def _cuts_numbers(line: Line, edges: Sequence[float]) -> bool:
    """A number that stands on both sides of a border, or two amounts in one column: these columns are not its own."""
    amounts = [word for word in line if word.number and AMOUNT.search(word.text)]
    columns = [column_of(edges, word.middle) for word in amounts]
    across = any(word.x0 < x - 1.5 and word.x1 > x + 1.5 for word in amounts for x in edges[1:-1])
    return across or len(columns) != len(set(columns))


def _with_inner_columns(grid: Grid, body: Sequence[Line]) -> Grid:
    """The heading with those columns cut in which the body prints labels and, far behind them, amounts, or two numbers."""
    for column in reversed(range(grid.n_columns)):
        low, high = grid.xs[column], grid.xs[column + 1]
        lines = [held for line in body if (held := [word for word in line if low < word.middle < high])]
        edges = inner_edges(lines, low, high)
        if edges:
            grid = cut_column(grid, column, edges, ())
    return grid


def _hung(grid: Grid, body: list[Line], horizontal: Floats, one: bool = False) -> tuple[Grid, list[int]]:
    """The grid with the rows of the body (`one`: it is one row), and the characters these took."""
    aligned = _sides([chunk for line in body for chunk in chunks(line)])
    pieces = [piece for line in body for piece in _pieces(line, grid.xs, aligned)]
    if one:
        pieces = pieces_of(body, grid.xs, spans=False)
    low, high = _top(body[0]), max(w.bottom for w in body[-1])
    wide = horizontal[(horizontal[:, 1] < grid.xs[0] + 4) & (horizontal[:, 2] > grid.xs[-1] - 4)]
    rows = [pieces] if one else find_rows(pieces, [float(y) for y in wide[:, 0] if low < y < high])
    borders = [max(grid.bbox[3], low - 0.5), *between(rows), high + 0.5]
    start = grid.n_rows
    cells = [replace(cell, method=METHOD) for cell in row_cells(rows, borders, grid.xs, grid.page, start)]
    longer = replace(
        grid, bbox=(*grid.bbox[:3], borders[-1]), ys=(*grid.ys, *borders[1:]), cells=[*grid.cells, *cells],
        rows_cut=grid.rows_cut + len(rows),
    )  # fmt: skip
    return longer, [i for line in body for word in line for i in word.chars]


def _sides(parts: Sequence[Line]) -> tuple[set[int], set[int]]:
    """Where texts usually begin and end, in whole points: at least three do."""
    begins, ends = Counter(round(part[0].x0) for part in parts), Counter(round(part[-1].x1) for part in parts)
    return {x for x, n in begins.items() if n >= 3}, {x for x, n in ends.items() if n >= 3}


def _pieces(line: Line, edges: Sequence[float], aligned: tuple[set[int], set[int]]) -> list[Piece]:
    """What a line prints in each column; words that run over a border without heed of it stay one piece over both."""
    made: list[Piece] = []
    for part in chunks(line):
        for words in _parted(part, edges, aligned):
            first, last = column_of(edges, words[0].x0 + 1), column_of(edges, words[-1].x1 - 1)
            if made and made[-1].end > first:
                made[-1].add(words)
                made[-1].end = max(made[-1].end, last + 1)
            else:
                made.append(Piece(first, last + 1, list(words)))
    return made


def _parted(part: Line, edges: Sequence[float], aligned: tuple[set[int], set[int]]) -> list[Line]:
    """A run of words cut where a border passes between two of them and a number or an alignment says that it means it."""
    begins, ends = aligned
    out: list[Line] = [[part[0]]]
    for before, word in itertools.pairwise(part):
        passed = any(before.x1 - 1 <= x <= word.x0 + 1 for x in edges[1:-1])
        meant = before.number or word.number or round(word.x0) in begins or round(before.x1) in ends
        if passed and meant:
            out.append([word])
        else:
            out[-1].append(word)
    return out
