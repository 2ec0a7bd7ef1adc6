"""The header above columns of white space: which heading spans which columns, and how many levels there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractors.heading_groups import spread
from extractors.pages import Floats
from extractors.pieces_of_space import Piece, pieces_of
from extractors.tables import Cell
from extractors.unruled import around, text_of
from extractors.words_of_space import Word

CENTRED = 3.0  # a heading this near (points) to the middle of its column belongs to it alone


class Block:
    """A heading: its lines, the columns it stands over, its level from the top, its box (points).

    Lines are added with `add` alone.
    """

    __slots__ = ("_text", "bottom", "column", "end", "level", "pieces", "top", "x0", "x1")

    def __init__(self, column: int, end: int, piece: Piece) -> None:
        self.column, self.end, self.level, self.pieces = column, end, 0, [piece]
        self.x0, self.top, self.x1, self.bottom = piece.x0, piece.top, piece.x1, piece.bottom
        self._text: str | None = None

    def add(self, pieces: Iterable[Piece]) -> None:
        self._text = None
        for piece in pieces:
            self.pieces.append(piece)
            self.x0, self.top = min(self.x0, piece.x0), min(self.top, piece.top)
            self.x1, self.bottom = max(self.x1, piece.x1), max(self.bottom, piece.bottom)

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = " ".join([piece.text for piece in self.pieces])
        return self._text


def header_cells(
    lines: Sequence[Sequence[Word]],
    edges: Sequence[float],
    rules: Floats,
    page: int,
    top: float | None,
    space: float | None = None,
) -> tuple[list[Cell], list[float]]:
    """Cells of the header (rows from 0) and the heights of its row borders; ([], [0]) without lines.

    `space` is the usual space between two words, where it is known.
    """
    if not lines:
        return [], [0.0]
    blocks = _blocks(pieces_of(lines, edges, spans=True, heading=True, space=space), rules)
    told = [block for block in blocks if _told_by_rule(block, edges, rules)]
    placed = spread(blocks, edges, told)
    for block in blocks:
        if not any(block is other for other in (*told, *placed)):
            _widen(block, blocks, edges)
    blocks = _merged(blocks)
    depth = _levels(blocks)
    start = top if top is not None else min(b.top for b in blocks)
    ys = [start]
    for level in range(1, depth):
        height = min(b.top for b in blocks if b.level == level)
        ys.append(max(ys[-1] + 0.1, height - 0.2))
    ys.append(max(ys[-1] + 0.1, max(b.bottom for b in blocks)))
    cells: list[Cell] = []
    for block in blocks:
        below = [b.level for b in blocks if b.level > block.level and b.column < block.end and block.column < b.end]
        span = (min(below) if below else depth) - block.level
        box = (edges[block.column], ys[block.level], edges[block.end], ys[block.level + span])
        text = text_of(block.pieces)
        box = around(box, block.pieces)
        cells.append(Cell(block.level, block.column, page, box, text, span, block.end - block.column, 0.95, "space"))
    return cells, ys


def _blocks(pieces: Sequence[Piece], rules: Floats) -> list[Block]:
    """Lines over the same columns, or centred under a wide heading with nothing beside them, are one heading."""
    blocks: list[Block] = []
    for piece in sorted(pieces, key=lambda p: (p.top, p.column)):
        over = [b for b in blocks if b.column < piece.end and piece.column < b.end]
        last = max(over, key=lambda b: b.bottom, default=None)
        joined = last is not None and (_stacked(last, piece) or _goes_on(last, piece, pieces))
        if last is not None and joined and not _parted(last, piece, rules):
            last.add([piece])
        else:
            blocks.append(Block(piece.column, piece.end, piece))
    return blocks


def _parted(block: Block, piece: Piece, rules: Floats) -> bool:
    """A rule stands between the heading and the line under it."""
    high, low = block.bottom - 0.4 * (piece.bottom - piece.top), piece.top + 0.4 * (piece.bottom - piece.top)
    middle = (piece.x0 + piece.x1) / 2
    return any(high < y < low and x0 < middle < x1 for y, x0, x1 in rules.tolist())


def _stacked(block: Block, piece: Piece) -> bool:
    """The piece stands under the block in the same columns, set alike."""
    if (block.column, block.end) != (piece.column, piece.end) or _below(block, piece):
        return False
    middle = (piece.x0 + piece.x1) / 2
    return min(abs(middle - block.middle), abs(piece.x0 - block.x0), abs(piece.x1 - block.x1)) <= CENTRED


def _below(block: Block, piece: Piece) -> bool:
    """The piece stands farther under the heading than the lines of one heading do."""
    return piece.top - block.bottom > 0.9 * (piece.bottom - piece.top)


def _goes_on(block: Block, piece: Piece, pieces: Sequence[Piece]) -> bool:
    """The piece is the next line of a wide heading: close under it, centred alike, alone between its ends."""
    if _below(block, piece):
        return False
    if abs((piece.x0 + piece.x1) / 2 - block.middle) > CENTRED and abs(piece.x0 - block.x0) > CENTRED:
        return False
    low, high = min(block.x0, piece.x0), max(block.x1, piece.x1)
    beside = [p for p in pieces if p is not piece and abs(p.base - piece.base) < 3 and p.x0 < high and low < p.x1]
    return not beside


def _merged(blocks: list[Block]) -> list[Block]:
    """Blocks whose spans have become the same, with nothing between them, as one."""
    result: list[Block] = []
    for block in sorted(blocks, key=lambda b: (b.top, b.column)):
        over = [b for b in result if b.column < block.end and block.column < b.end]
        last = max(over, key=lambda b: b.bottom, default=None)
        if last is not None and (last.column, last.end) == (block.column, block.end):
            last.add(block.pieces)
        else:
            result.append(block)
    return result


def _told_by_rule(block: Block, edges: Sequence[float], rules: Floats) -> bool:
    """Sets the columns of a heading by the rule under it, if there is one."""
    ruled = _ruled_span(block, edges, rules)
    if ruled is not None:
        block.column, block.end = ruled
    return ruled is not None


def _widen(block: Block, blocks: Sequence[Block], edges: Sequence[float]) -> None:
    """A heading's text may be narrower than its span: its middle shows the span."""
    leaves = {
        b.column: b
        for b in sorted(blocks, key=lambda b: -b.bottom)
        if b.end == b.column + 1 and b.top >= block.bottom - 2
    }
    if block.end == block.column + 1:
        own = leaves.get(block.column)
        if own is None or abs(own.middle - block.middle) <= CENTRED:
            return
    best: tuple[int, int] | None = None
    for first in range(block.column, -1, -1):
        for end in range(max(block.end, first + 2), len(edges)):
            under = [leaves[c] for c in range(first, end) if c in leaves]
            if len(under) < end - first or _occupied(block, blocks, first, end) or not _level(under):
                continue
            centre = (min(b.x0 for b in under) + max(b.x1 for b in under)) / 2
            off = min(abs(centre - block.middle), abs((edges[first] + edges[end]) / 2 - block.middle))
            if off <= 2 * CENTRED and (best is None or end - first > best[1] - best[0]):
                best = (first, end)
    if best is not None:
        block.column, block.end = best


def _occupied(block: Block, blocks: Sequence[Block], first: int, end: int) -> bool:
    """Another heading stands beside or above this one over the same columns."""
    return any(
        other is not block and other.column < end and first < other.end and other.top < block.bottom - 2
        for other in blocks
    )


def _level(under: Sequence[Block]) -> bool:
    """The headings stand on one level: their tops, middles or feet agree."""
    height = min(b.pieces[0].bottom - b.pieces[0].top for b in under)
    for places in ([b.top for b in under], [b.top + b.bottom for b in under], [b.bottom for b in under]):
        if max(places) - min(places) <= 0.7 * height:
            return True
    return False


def _ruled_span(block: Block, edges: Sequence[float], rules: Floats) -> tuple[int, int] | None:
    """The columns over a short rule that stands close under the heading."""
    height = block.pieces[-1].bottom - block.pieces[-1].top
    for y, x0, x1 in rules.tolist():
        if not (-0.35 * height < y - block.bottom < 0.8 * height and x0 - 2 <= block.x0 and block.x1 <= x1 + 2):
            continue
        covered = [c for c in range(len(edges) - 1) if x0 - 3 <= (edges[c] + edges[c + 1]) / 2 <= x1 + 3]
        if 2 <= len(covered) < len(edges) - 1:
            return covered[0], covered[-1] + 1
    return None


def _levels(blocks: list[Block]) -> int:
    """Numbers the levels (a heading stands one below what it stands under); how many there are."""
    blocks.sort(key=lambda b: (b.top, b.column))
    for i, block in enumerate(blocks):
        above = [b.level for b in blocks[:i] if b.column < block.end and block.column < b.end]
        block.level = max(above) + 1 if above else 0
    return max(b.level for b in blocks) + 1
