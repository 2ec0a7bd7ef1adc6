"""Columns that no rule parts inside a ruled grid: cells that print two numbers side by side, or a label and far behind it an
amount, row after row."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from extractors.columns_of_space import space_edges
from extractors.lattice import Grid
from extractors.pages import Chars
from extractors.pieces_of_space import Piece, pieces_of
from extractors.spoiled import is_money, is_number
from extractors.tables import Cell
from extractors.unruled import around, text_of
from extractors.words_of_space import Word, by_line, words_of

ROWS = 3  # so many rows must print numbers side by side before a column is cut
METHOD = "ruled+space"
FAR = 1.2  # character heights between a label and its amount in a column of its own
NARROWEST = 0.5  # character heights of white space between labels and amounts
DASHES = "-–—"
CLOSEST = 0.45  # character heights of white space between numbers in step with each other
ALIGNED = 0.2  # the same where they are flush
THOUSANDS = re.compile(r"\d{3}([.,]\d{1,2})?")
_LAST = frozenset("0123456789-)")


def split_columns(grid: Grid, chars: Chars) -> Grid:
    """The grid with every column cut in which rows print several numbers side by side; the same where none does."""
    for column, labels in reversed(_shared_columns(grid)):
        grid = _split(grid, column, chars, labels)
    return grid


def _shared_columns(grid: Grid) -> list[tuple[int, bool]]:
    """Columns that print two whole numbers on one line, on several lines; True where it is a label and an amount."""
    rows: Counter[tuple[int, bool]] = Counter()
    for cell in grid.cells:
        if cell.colspan == 1 and " " in cell.text:
            for line in cell.text.split("\n"):
                if line[:1].isalpha():
                    if line[-1] in _LAST and _label_and_amount(line):
                        rows[cell.column, True] += 1
                elif " " in line and _side_by_side(line):
                    rows[cell.column, False] += 1
    numbers = {column for (column, labels), count in rows.items() if count >= ROWS and not labels}
    return sorted(key for key, count in rows.items() if count >= ROWS and (not key[1] or key[0] not in numbers))


def _side_by_side(line: str) -> bool:
    parts = line.split()
    return 2 <= len(parts) <= 12 and all(is_number(part) for part in parts)  # `76 102` may be one: gaps will tell


def _label_and_amount(line: str) -> bool:
    """`Belanja operasi : 10.415.914.460`, `Belanja modal : -`; no currency mark, which is no label."""
    label, _, last = line.rpartition(" ")
    return len(label) > 5 and (is_money(last.lstrip(":")) or (label.endswith(":") and is_number(last)))


def _split(grid: Grid, column: int, chars: Chars, labels: bool) -> Grid:
    x0, x1 = grid.xs[column], grid.xs[column + 1]
    x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
    words = words_of(chars.take(np.flatnonzero((x > x0) & (x < x1) & (y > grid.bbox[1]) & (y < grid.bbox[3]))))
    edges = _inner_edges(by_line(words), x0, x1, labels)
    return cut_column(grid, column, edges, words) if edges else grid


def inner_edges(lines: Sequence[list[Word]], x0: float, x1: float) -> list[float]:
    """The borders of the columns that the lines of one column show, both sides too; empty where they show none."""
    return _inner_edges(lines, x0, x1, False) or _inner_edges(lines, x0, x1, True)


def _inner_edges(every: Sequence[list[Word]], x0: float, x1: float, labels: bool) -> list[float]:
    if labels:
        lines = [line for line in every if _apart(line)]
        edges = [x0, *_behind_labels(lines, every), x1]
    else:
        lines = [line for line in every if sum(word.number for word in line) >= 2]
        edges = space_edges(lines, x0, x1) if len(lines) >= ROWS else []
        if (len(edges) < 3 or not _one_each(lines, edges)) and (between := _in_step(lines)):
            return [x0, *between, x1]
    if len(lines) < ROWS or len(edges) < 3 or not (labels or _one_each(lines, edges)):
        return []
    return edges


def _in_step(lines: Sequence[list[Word]]) -> list[float]:
    """The borders between numbers of which every line prints as many, the first under the first and so on.

    They stand well apart, or flush under each other; numbers parted by a blank alone (`76 102`) may be one, and those
    with a dash between are ranges.
    """
    count = len(lines[0]) if lines else 0
    whole = all(len(line) == count and all(word.number and word.text not in DASHES for word in line) for line in lines)
    if len(lines) < ROWS or not whole or all(map(_may_be_one, lines)):
        return []
    columns = list(zip(*lines, strict=True))
    spaces = [(max(w.x1 for w in one), min(w.x0 for w in two)) for one, two in itertools.pairwise(columns)]
    closest = ALIGNED if all(map(_flush, columns)) else CLOSEST
    if min(b - a for a, b in spaces) < closest * lines[0][0].height:
        return []
    return [(a + b) / 2 for a, b in spaces]


def _may_be_one(line: Sequence[Word]) -> bool:
    """Thousands parted by blanks."""
    return len(line[0].text) <= 3 and all(THOUSANDS.fullmatch(word.text) for word in line[1:])


def _flush(words: Sequence[Word]) -> bool:
    """Whether all begin, or all end, or all have their middle in one place."""
    sides = ([w.x0 for w in words], [w.x1 for w in words], [w.middle for w in words])
    return any(max(side) - min(side) < 1 for side in sides)


def cut_column(grid: Grid, column: int, edges: Sequence[float], words: Sequence[Word]) -> Grid:
    """The grid with a column cut at `edges` (its sides too). `words` stand in it; without them its cells stay whole."""
    more = len(edges) - 2
    cells: list[Cell] = []
    for cell in grid.cells:
        if cell.column > column:
            cells.append(replace(cell, column=cell.column + more))
        elif cell.column + cell.colspan <= column:
            cells.append(cell)
        elif cell.colspan > 1 or not words:
            cells.append(replace(cell, colspan=cell.colspan + more))
        else:
            cells.extend(_parts(cell, words, edges, grid))
    return replace(grid, xs=(*grid.xs[: column + 1], *edges[1:-1], *grid.xs[column + 1 :]), cells=cells)


def _apart(line: list[Word]) -> bool:
    """Words and, far behind them, one number (or a colon and a number)."""
    first = _amount_at(line)
    return first > 0 and line[first].gap > FAR * line[first].height and line[0].text[:1].isalpha()


def _amount_at(line: list[Word]) -> int:
    """Where the number at the end of the line begins, with the colon before it; 0 where there is none."""
    if not line[-1].number and not is_number(line[-1].text.lstrip(":")):
        return 0
    return len(line) - (2 if len(line) > 1 and line[-2].text in (":", "=", "Rp", "Rp.") else 1)


def _behind_labels(apart: Sequence[list[Word]], lines: Sequence[list[Word]]) -> list[float]:
    """The border between labels and amounts, if (nearly) all lines of the column keep to it."""
    if len(apart) < ROWS:
        return []
    low = max(line[_amount_at(line) - 1].x1 for line in apart)
    high = min(line[_amount_at(line)].x0 for line in apart)
    if high - low < NARROWEST * apart[0][0].height:
        return []
    border = (low + high) / 2
    wrong = sum(word.number and word.x1 < border for line in lines for word in line)
    return [border] if wrong == 0 else []


def _one_each(lines: Sequence[list[Word]], edges: Sequence[float]) -> bool:
    """No line prints two numbers in one of the new columns, and gaps part them well."""
    for line in lines:
        pieces = pieces_of([line], edges, spans=False)
        if any(sum(word.number for word in piece.words) > 1 for piece in pieces):
            return False
        if any(two.gap < 0.6 * two.height for two in line[1:] if two.number):
            return False
    return True


def _parts(cell: Cell, words: Sequence[Word], edges: Sequence[float], grid: Grid) -> list[Cell]:
    """The cell cut at the edges, or whole over all of them where its text crosses one."""
    top, bottom = grid.ys[cell.row], grid.ys[cell.row + cell.rowspan]
    held = [word for word in words if top < (word.top + word.bottom) / 2 < bottom]
    pieces = pieces_of(by_line(held), edges, spans=True)
    count = len(edges) - 1
    if any(piece.end - piece.column > 1 for piece in pieces) or _centred(pieces, edges):
        return [replace(cell, colspan=count)]
    result: list[Cell] = []
    for i in range(count):
        own = [piece for piece in pieces if piece.column == i]
        box = around((edges[i], cell.bbox[1], edges[i + 1], cell.bbox[3]), own)
        result.append(
            replace(cell, column=cell.column + i, bbox=box, text=text_of(own), confidence=0.97, method=METHOD)
        )
    return result


def _centred(pieces: Sequence[Piece], edges: Sequence[float]) -> bool:
    """One heading in the middle of all the new columns."""
    if not pieces or len({piece.column for piece in pieces}) > 1 or any(piece.number for piece in pieces):
        return False
    x0, x1 = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    return abs(x0 + x1 - edges[0] - edges[-1]) < 0.2 * (edges[-1] - edges[0])
