"""Tables that ruling lines do not cut into rows: unruled lines inside ruled columns, read row by row.

A lattice puts a whole page of budget lines into one row where the rows have no rules. Here such a band of a grid is
read again: its rules give the columns, its numbers and codes give the rows.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from extractors.boxes import CAPITAL, DESCENT
from extractors.lattice import Grid
from extractors.pages import Chars, PageContent
from extractors.pieces_of_space import Piece, pieces_of
from extractors.rows_of_space import CODE, counts_on, find_rows, is_numeric, shape_of, whole_columns
from extractors.spoiled import is_money, is_number
from extractors.tables import Box, Cell
from extractors.words_of_space import by_line, words_of

BELOW_BASE = 0.3  # points: how far a cell without rules reaches below its last base line
METHOD = "space+rules"
Band = tuple[int, int]  # rows of a grid, end excluded


def bands(grid: Grid) -> list[Band]:
    """Rows of a grid that merged cells tie together: no band's cell reaches into another band."""
    tied: set[int] = set()
    for cell in grid.cells:
        if cell.rowspan > 1:
            tied.update(range(cell.row + 1, cell.row + cell.rowspan))
    starts = [r for r in range(grid.n_rows) if r not in tied]
    return list(zip(starts, [*starts[1:], grid.n_rows], strict=True))


def code_lines(text: str) -> int:
    """How many lines of a cell's text are a code by themselves, not the rest of one (`5.03.02.2.01.` / `0002`)."""
    lines = ["", *text.split("\n")]
    return sum(bool(CODE.fullmatch(line)) and not above.endswith(".") for above, line in itertools.pairwise(lines))


def crowded(grid: Grid, band: Band) -> bool:
    """Does the band print several rows between two rules: amounts on several lines, in step with its other columns?"""
    cells = [c for c in grid.cells if band[0] <= c.row < band[1] and "\n" in c.text]
    if not cells:
        return False
    lines = [c.text.split("\n") for c in cells]
    amounts = [c for c, own in zip(cells, lines, strict=True) if sum(map(is_money, own)) >= 2]
    counts = [n for own in lines if (n := sum(map(is_number, own))) >= 2]
    if not amounts and len(counts) < 2:
        return False
    single = [
        c for c in grid.cells if band[0] <= c.row < band[1] and c.rowspan == band[1] - band[0] and is_money(c.text)
    ]
    if single and len(single) >= len(amounts):
        return False  # one amount for the whole row: the lines are indicators of one row
    if amounts and (len(counts) >= 2 or max(counts, default=0) >= 4):
        return True
    if len(counts) >= 2 and min(sorted(counts)[-2:]) >= 4:
        return True
    first = min(c.column for c in cells)
    numbered = [c.text.count("\n") + 1 for c in cells if c.column == first and counts_on(c.text.split("\n"))]
    if numbered and any(sum(is_money(line) for line in c.text.split("\n")) == numbered[0] for c in amounts):
        return True
    codes = [code_lines(c.text) for c in cells if c.column == first]
    codes += [c.text.count("\n") + 1 for c in cells if c.column <= first + 2 and counts_on(c.text.split("\n"))]
    return max(codes) >= 2 and sum(n == max(codes) for n in counts) >= 3  # a code beside every line of numbers


def column_edges(grid: Grid, band: Band) -> list[float]:
    """The borders of the columns that rules part within the band."""
    inner = {c.column for c in grid.cells if band[0] <= c.row < band[1]}
    inner |= {c.column + c.colspan for c in grid.cells if band[0] <= c.row < band[1]}
    return [grid.xs[i] for i in sorted(inner)]


def band_pieces(grid: Grid, band: Band, chars: Chars) -> list[Piece]:
    """What the lines of a band print in each of its columns (those of `column_edges`)."""
    x0, x1 = grid.bbox[0], grid.bbox[2]
    top, bottom = grid.ys[band[0]], grid.ys[band[1]]
    x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
    inside = np.flatnonzero((x > x0) & (x < x1) & (y > top) & (y < bottom))
    lines = by_line(words_of(chars.take(inside)))
    return pieces_of(lines, column_edges(grid, band), spans=False)


def _read_band(grid: Grid, band: Band, chars: Chars) -> tuple[list[list[Piece]], list[Piece]] | None:
    """The rows of a band and the pieces of its merged columns; None where it is one row after all."""
    pieces = band_pieces(grid, band, chars)
    merged = whole_columns(pieces)
    rows = find_rows([p for p in pieces if p.column not in merged])
    if len(rows) < 2 or not _in_step(rows, pieces):
        return None
    return rows, [p for p in pieces if p.column in merged]


def _in_step(rows: Sequence[Sequence[Piece]], pieces: Sequence[Piece]) -> bool:
    """The numbers of all columns share their rows: hardly more rows with numbers than the fullest column has.

    Without columns of numbers, a column that numbers the rows must have one for each.
    """
    shape = shape_of(pieces)
    columns = shape.numbers - shape.codes
    if not columns:
        numbered = [sorted(p.base for p in pieces if p.column == c and CODE.fullmatch(p.text)) for c in shape.codes]
        return any(len(found) >= 3 and len(found) >= 0.8 * len(rows) for found in numbered)
    counts = [sum(p.column == c and is_numeric(p) for p in pieces) for c in columns]
    with_numbers = sum(any(p.column in columns and is_numeric(p) for p in row) for row in rows)
    return with_numbers <= max(counts) * 1.25


def reread(grid: Grid, content: PageContent) -> Grid:
    """The grid with every crowded band read again row by row; the same grid where there is none."""
    every = bands(grid)
    own = _cells_of(grid, every)
    part = replace(grid)  # holds the cells of one band at a time
    again = {}
    for band in own:
        part.cells = own[band]
        if crowded(part, band) and (read := _read_band(grid, band, content.chars)):
            again[band] = read
    if not again:
        return grid
    ys: list[float] = [grid.ys[0]]
    cells: list[Cell] = []
    shaded: set[int] = set()
    for band in bands(grid):
        start = len(ys) - 1
        if band not in again:
            shift = start - band[0]
            cells.extend(replace(c, row=c.row + shift) for c in grid.cells if band[0] <= c.row < band[1])
            ys.extend(grid.ys[band[0] + 1 : band[1] + 1])
            shaded |= {row + shift for row in grid.shaded_rows if band[0] <= row < band[1]}
            continue
        rows, whole = again[band]
        inner = sorted({c.column for c in grid.cells if band[0] <= c.row < band[1]} | {grid.n_columns})
        borders = [grid.ys[band[0]], *between(rows), grid.ys[band[1]]]
        cells.extend(_cells(rows, borders, grid, inner, start, frozenset(p.column for p in whole)))
        cells.extend(_merged_cells(whole, borders, grid, inner, start))
        ys.extend(borders[1:])
        if all(row in grid.shaded_rows for row in range(*band)):
            shaded |= set(range(start, start + len(rows)))
    cut = sum(len(rows) for rows, _ in again.values()) - len(again)
    return replace(grid, ys=tuple(ys), cells=cells, shaded_rows=frozenset(shaded), rows_cut=cut)


def _cells_of(grid: Grid, every: Sequence[Band]) -> dict[Band, list[Cell]]:
    """The cells of each band that has a cell of several lines."""
    lined = {cell.row for cell in grid.cells if "\n" in cell.text}
    if not lined:
        return {}
    held: dict[Band, list[Cell]] = {band: [] for band in every if not lined.isdisjoint(range(*band))}
    list_of = {row: held[band] for band in held for row in range(*band)}
    for cell in grid.cells:
        if cell.row in list_of:
            list_of[cell.row].append(cell)
    return held


def between(rows: Sequence[Sequence[Piece]]) -> list[float]:
    """Heights between neighbouring rows."""
    result: list[float] = []
    for one, two in itertools.pairwise(rows):
        low, high = max(p.bottom for p in one), min(p.top for p in two)
        border = (low + high) / 2
        result.append(max(border, result[-1] + 0.1) if result else border)
    return result


def _cells(
    rows: Sequence[Sequence[Piece]],
    borders: Sequence[float],
    grid: Grid,
    inner: Sequence[int],
    start: int,
    merged: frozenset[int],
) -> list[Cell]:
    """The cells of the rows, empty ones too, on the grid's columns; `inner` are the borders that count here."""
    result: list[Cell] = []
    for i, row in enumerate(rows):
        held: dict[int, list[Piece]] = defaultdict(list)
        for piece in row:
            held[piece.column].append(piece)
        for column in range(len(inner) - 1):
            if column in merged:
                continue
            pieces = held.get(column, [])
            box = (grid.xs[inner[column]], borders[i], grid.xs[inner[column + 1]], borders[i + 1])
            text = text_of(pieces)
            span = inner[column + 1] - inner[column]
            result.append(Cell(start + i, inner[column], grid.page, around(box, pieces), text, 1, span, 0.97, METHOD))
    return result


def _merged_cells(
    whole: Sequence[Piece], borders: Sequence[float], grid: Grid, inner: Sequence[int], start: int
) -> list[Cell]:
    """One cell over all rows of the band for each merged column."""
    result: list[Cell] = []
    for column in sorted({p.column for p in whole}):
        held = [p for p in whole if p.column == column]
        box = around((grid.xs[inner[column]], borders[0], grid.xs[inner[column + 1]], borders[-1]), held)
        span = inner[column + 1] - inner[column]
        result.append(Cell(start, inner[column], grid.page, box, text_of(held), len(borders) - 1, span, 0.97, METHOD))
    return result


def text_of(pieces: Sequence[Piece]) -> str:
    """The text of a cell: its lines from the top; pieces on (nearly) one base line share a line."""
    if len(pieces) < 2:
        return pieces[0].text if pieces else ""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.base, p.x0)):
        if lines and piece.base - lines[-1][0].base < 0.3 * (piece.bottom - piece.top):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return "\n".join(" ".join(p.text for p in sorted(line, key=lambda p: p.x0)) for line in lines)


def around(box: Box, pieces: Sequence[Piece]) -> Box:
    """The column's width, widened where the text reaches beyond it, and the height of the text's lines.

    `box` stands between the borders of the row, which lie half way to the rows above and below. Rows without rules may stand
    so near that the line boxes of neighbours overlap: then the box gives way down to the characters themselves. An empty
    cell keeps the box between its borders.
    """
    x0, top, x1, bottom = box
    if pieces:
        one = pieces[0]
        high, first, low, tall = one.top, one.base, one.base, one.base - one.top
        for p in pieces:
            x0, x1, high, tall = min(x0, p.x0), max(x1, p.x1), min(high, p.top), max(tall, p.base - p.top)
            first, low = min(first, p.base), max(low, p.base)
        em = tall / CAPITAL
        above = 2 * top - high + DESCENT * em  # where the line box of the row above ends
        below = 2 * bottom - low - (1 - CAPITAL) * em  # where that of the row below begins
        top = min(high, max(first - em, above + BELOW_BASE))
        bottom = max(low + BELOW_BASE, min(low + DESCENT * em, below - BELOW_BASE))
    return round(x0, 2), round(top, 2), round(x1, 2), round(bottom, 2)
