"""Whether the text of cells is that of the characters in their boxes: asked where rows were cut without rules.

The same characters are laid out again, from the finished boxes alone. Where that gives each cell its text, a second engine
would only repeat what stands there: it reads the same codes of the same fonts. Where it does not, a witness is worth its time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from extractors.lattice import Grid
from extractors.native import Ints
from extractors.pages import Chars
from extractors.ruled import OVERFLOWN
from extractors.tables import Cell
from extractors.witness_engines import Glyph
from extractors.witnesses import SAME_LINE, agrees, held_by_boxes, texts_in_boxes

MOST = 500_000_000  # cells times characters of a grid: more is not looked at, but left to a witness


def strays(chars: Chars, grids: Sequence[Grid]) -> bool:
    """Whether a cell of a doubtful grid does not hold what stands in its box, or a number that runs over a rule."""
    doubtful = [grid for grid in grids if grid.rows_cut or grid.overflows]
    return any(_runs_over(cell) for grid in doubtful for cell in grid.cells) or any(
        len(grid.cells) * len(chars) > MOST or _differs(chars, grid.cells) for grid in doubtful
    )


def _runs_over(cell: Cell) -> bool:
    return cell.confidence <= OVERFLOWN and any(c.isdigit() for c in cell.text)


def _differs(chars: Chars, cells: Sequence[Cell]) -> bool:
    """Cells whose characters follow each other as they are shown are seen at once; the others are laid out."""
    if not cells:
        return False
    middle = (chars.box[:, :2] + chars.box[:, 2:]) / 2
    which, inside = held_by_boxes(middle, np.array([cell.bbox for cell in cells]))
    ends = np.searchsorted(which, np.arange(len(cells) + 1)).tolist()
    shown = "".join(map(chr, chars.code.take(inside).tolist()))
    jumping = _out_of_order(chars, which, inside)
    left = [
        cell
        for n, cell in enumerate(cells)
        if n in jumping or shown[ends[n] : ends[n + 1]] != "".join(cell.text.split())
    ]
    if not left:
        return False
    texts = texts_in_boxes(_glyphs(chars), [((0, n), cell) for n, cell in enumerate(left)])
    return any(not agrees(cell.text, texts[0, n]) for n, cell in enumerate(left))


def _out_of_order(chars: Chars, which: Ints, inside: Ints) -> set[int]:
    """Boxes with turned characters, or one that neither stands right of the one before nor begins a line below it."""
    base = chars.base.take(inside, axis=0)
    step, down = np.diff(base[:, 0]), np.diff(base[:, 1])
    line = SAME_LINE * (chars.box[:, 3] - chars.box[:, 1]).take(inside)[1:]
    follows = (down > line) | ((np.abs(down) <= line) & (step > 0)) | (np.diff(which) > 0)
    return {*which[1:][~follows].tolist(), *which[chars.turn.take(inside) != 0].tolist()}


def _glyphs(chars: Chars) -> list[Glyph]:
    rows = zip(chars.code.tolist(), map(tuple, chars.box.tolist()), chars.turn.tolist(), strict=True)
    return [Glyph(chr(code), box, turn) for code, box, turn in rows]
