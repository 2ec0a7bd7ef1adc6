"""Tables without column rules: regions of aligned numbers, their columns from white space, their header, their rows.

Rules that are there help: long horizontal ones bound the table, part the header from the body and the rows from each
other; short ones in the header show what a heading spans.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.columns_of_space import beside_names, column_of, numbered_edges, space_edges
from extractors.headers_of_space import header_cells
from extractors.lattice import Grid
from extractors.open_lines import TextLine, fits, labels_of, numbering_of, text_line
from extractors.open_regions import Region, page_numbers, regions_of
from extractors.pages import Chars, Floats
from extractors.pieces_of_space import Piece, pieces_of
from extractors.rows_of_space import counts_on, find_rows
from extractors.spoiled import QUANTITY
from extractors.tables import Cell
from extractors.unruled import around, between, text_of
from extractors.words_of_space import Word, by_line, word_space, words_of

HEADS_APART = 0.25  # white space between two headings of a few rows, in character heights
FEW = 6  # lines that prove no columns: those of the headings count too


@dataclass(slots=True)
class OpenTable:
    """A table read from white space, and the characters (indexes into those given) that it took."""

    grid: Grid
    chars: list[int]
    rules: list[float]


def open_tables(chars: Chars, page: int, horizontal: Floats, earlier: Grid | None) -> list[OpenTable]:
    """Every table of white-space columns among `chars`, top to bottom.

    `horizontal` are rules `(y, x0, x1)`; `earlier` is the table at the foot of the page before, whose columns go on
    where this page's text fits them.
    """
    lines = [text_line(words) for words in by_line(words_of(chars))]
    lines.sort(key=lambda line: line.top)
    result: list[OpenTable] = []
    for number, region in enumerate(regions_of(lines, horizontal, earlier)):
        table = _read(lines, region, page, horizontal, earlier if number == 0 else None)
        if table is not None:
            result += _halves(lines, region, table, page, horizontal) or [table]
    return result


def _halves(
    lines: list[TextLine], region: Region, table: OpenTable, page: int, horizontal: Floats
) -> list[OpenTable] | None:
    """Two lists side by side (`No Kegiatan Pagu No Kegiatan Pagu`) as two tables: their rows do not keep step."""
    grid, half = table.grid, table.grid.n_columns // 2
    heads = {c.column: c.text for c in grid.cells if c.row == 0 and c.colspan == 1 and c.text}
    alike = half >= 2 and 2 * half == grid.n_columns == len(heads)
    if not alike or any(heads[c] != heads[c + half] for c in range(half)):
        return None
    found: list[OpenTable] = []
    for edges in (grid.xs[: half + 1], grid.xs[half:]):
        low, high = edges[0], edges[-1]
        parts = [
            [text_line(held) for line in lines[a:b] if (held := [w for w in line.words if low < w.middle < high])]
            for a, b in ((region.first, region.body), (region.body, region.last + 1))
        ]
        own = [*parts[0], *parts[1]]
        part = Region(0, len(parts[0]), len(own) - 1, low, high, region.rules)
        read = _read(own, part, page, horizontal, None, list(edges)) if parts[1] else None
        if read is None:
            return None
        found.append(read)
    return found


def _read(
    lines: list[TextLine],
    region: Region,
    page: int,
    horizontal: Floats,
    earlier: Grid | None,
    given: list[float] | None = None,
) -> OpenTable | None:
    body = lines[region.body : region.last + 1]
    header = lines[region.first : region.body]
    if not body:
        return None
    edges = given or _edges(header, body, region, earlier)
    if len(edges) < 3 or (region.captioned and len(edges) <= max((len(line.chunks) for line in header), default=0)):
        return None
    numbering = numbering_of(header)
    text_header = [line for line in header if line not in numbering]
    top = [y for y in region.rules if y < header[0].top + 3] if header else []
    space = word_space(line.words for line in (*header, *body))
    words, opening = [line.words for line in text_header], top[-1] if top else None
    cells, ys = header_cells(words, edges, horizontal, page, opening, space)
    if numbering:
        pieces = _numbering_pieces(numbering, edges, cells)
        top_of, foot = min(line.top for line in numbering) - 0.2, max(line.bottom for line in numbering)
        ys = [*ys[:-1], top_of] if cells else [top_of]
        cells += row_cells([pieces], [ys[-1], foot], edges, page, len(ys) - 1)
        ys.append(foot)
    rows = _body_rows(body, edges, region)
    goes_on = earlier is not None and list(earlier.xs) == edges
    headed = {x for c in cells for x in range(c.column, c.column + c.colspan)}
    if not goes_on and not _convincing(rows, headed, 3 if region.captioned else len(region.rules)):
        return None
    borders = [min(p.top for p in rows[0]) - 0.5, *between(rows), max(p.bottom for p in rows[-1]) + 0.5]
    start = len(ys) - 1 if cells else 0
    cells += row_cells(rows, borders, edges, page, start)
    ys = [*ys[:start], *borders]
    method = "space+rules" if region.rules else "space"
    for i in range(1, len(ys)):
        ys[i] = max(ys[i], ys[i - 1] + 0.1)
    for cell in cells:  # made here, and seen by nobody yet
        cell.method = method
    box = (edges[0], ys[0], edges[-1], ys[-1])
    taken = [i for line in (*header, *body) for word in line.words for i in word.chars]
    return OpenTable(Grid(page, box, tuple(edges), tuple(ys), cells), taken, region.rules)


def _numbering_pieces(lines: list[TextLine], edges: Sequence[float], cells: Sequence[Cell]) -> list[Piece]:
    """The numbers of a numbering row, each whole in its column, or under the heading of a group that it stands under."""
    result: list[Piece] = []
    for line in lines:
        for words in labels_of(line):
            middle = (words[0].x0 + words[-1].x1) / 2
            column = column_of(edges, middle)
            result.append(Piece(column, column + 1, words))
    taken = Counter(piece.column for piece in result)
    groups = [cell for cell in cells if cell.colspan > 1 and cell.row + cell.rowspan <= 3]
    for piece in result:
        middle = (piece.x0 + piece.x1) / 2
        for cell in sorted(groups, key=lambda c: c.colspan):
            first, end = cell.column, cell.column + cell.colspan
            own = sum(taken[c] for c in range(first, end)) == 1 and first <= piece.column < end
            if own and abs(middle - (edges[first] + edges[end]) / 2) < 0.2 * (edges[end] - edges[first]):
                piece.column, piece.end = first, end
                break
    return result


def _convincing(rows: list[list[Piece]], headed: set[int], rules: int) -> bool:
    """Columns of numbers that a table has: two or more, or one under a heading; no list, no contents.

    `headed` are the columns that have a heading.
    """
    columns: dict[int, list[Piece]] = {}
    for row in rows:
        for piece in row:
            columns.setdefault(piece.column, []).append(piece)
    first = min(columns)
    counted = len(rows) >= 4 and counts_on([piece.text for piece in columns[first]]) and headed >= set(columns)
    least = 0.4 if counted else 0.6
    held = {
        c: p for c, p in columns.items() if c != first and _share(p) >= least and len(p) >= (1 if rules >= 3 else 2)
    }
    if len(held) >= 2:
        printed = sum(len({id(row) for row in rows for p in row if p.column == c}) for c in held)
        shared = any(sum(word.number for word in p.words) > 1 for pieces in held.values() for p in pieces)
        return bool(headed) or (len(rows) >= 3 and printed >= 0.6 * len(held) * len(rows) and not shared)
    if not held or not headed >= set(held):
        return False
    texts = [piece.text for pieces in held.values() for piece in pieces]
    if page_numbers([(0.0, 0.0, text) for text in texts]):
        return rules >= 3 and len(texts) >= 3 and sorted(texts) != texts
    return len(texts) >= 3


def _share(pieces: list[Piece]) -> float:
    numbers = sum(piece.number or bool(QUANTITY.fullmatch(piece.text)) for piece in pieces)
    digits = any(any(map(str.isdigit, piece.text)) for piece in pieces)
    return numbers / len(pieces) if digits else 0.0


def _edges(header: list[TextLine], body: list[TextLine], region: Region, earlier: Grid | None) -> list[float]:
    """Borders of the columns; those of the table on the page before where this page's text fits them."""
    numbering = numbering_of(header)
    goes_on = earlier is not None and (not header or abs(earlier.xs[0] - region.x0) < 12)
    if goes_on and earlier is not None and fits([*numbering, *body], list(earlier.xs)):
        return list(earlier.xs)
    lines = [line.words for line in body]
    titles = [chunk for line in header if line not in numbering for chunk in line.chunks]
    if not titles:
        lines += [line.words for line in numbering]
    if region.captioned and len(body) < FEW:
        lines += [line.words for line in header if len(line.chunks) >= 3]
    numbers = [chunk for line in numbering for chunk in line.chunks]
    edges = space_edges(lines, region.x0, region.x1, titles or numbers)
    if numbering:
        labels = [label for line in numbering for label in labels_of(line)]
        edges = numbered_edges(edges, labels, [line.words for line in body])
    if len(body) < FEW and titles:
        edges = headed_edges(edges, header, lines)
    heads = [chunk for chunk in titles if column_of(edges, chunk[0].x0) == column_of(edges, chunk[-1].x1)]
    edges = beside_names(edges, lines)
    return _paired(edges, [*(numbers or titles), *heads], [chunk for line in body for chunk in line.chunks])


def headed_edges(edges: list[float], header: list[TextLine], lines: list[list[Word]]) -> list[float]:
    """`edges`, and one more wherever two headings of one line share a column of a few rows: between them, where no word
    stands."""
    line = max(header, key=lambda one: len(one.chunks))
    if len(line.chunks) < 3:
        return edges
    words = [word for one in (*lines, *(h.words for h in header)) for word in one]
    result = list(edges)
    for one, two in itertools.pairwise(line.chunks):
        low, high = one[-1].x1, two[0].x0
        if column_of(edges, one[-1].middle) != column_of(edges, two[0].middle):
            continue
        inside = sorted((word.x0, word.x1) for word in words if word.x1 > low and word.x0 < high)
        ends = [low, *(x for span in inside for x in span if low < x < high), high]
        free = [
            (b - a, a, b)
            for a, b in itertools.pairwise(sorted(ends))
            if not any(x0 < (a + b) / 2 < x1 for x0, x1 in inside)
        ]
        if free and max(free)[0] >= HEADS_APART * line.height:
            result.append(sum(max(free)[1:]) / 2)
    return sorted(result)


def _paired(edges: list[float], heads: list[list[Word]], body: list[list[Word]]) -> list[float]:
    """One column where a heading stands beside its numbers: an empty headed column joins a headless one next to it."""
    headed = {column_of(edges, (chunk[0].x0 + chunk[-1].x1) / 2) for chunk in heads}
    filled = {column_of(edges, (chunk[0].x0 + chunk[-1].x1) / 2) for chunk in body}
    result = [edges[0]]
    joined = -1
    for column in range(len(edges) - 1):
        pair = {column, column + 1}
        one_each = len(pair & headed) == 1 and len(pair & filled) == 1 and not pair & headed & filled
        if joined != column and column + 2 < len(edges) and one_each:
            joined = column + 1
            continue
        result.append(edges[column + 1])
    return result


def _body_rows(body: list[TextLine], edges: Sequence[float], region: Region) -> list[list[Piece]]:
    pieces = pieces_of([line.words for line in body], edges, spans=True)
    top = body[0].top
    cuts = [y for y in region.rules if y > top]
    bands: dict[int, list[Piece]] = {}
    for piece in pieces:
        bands.setdefault(bisect_left(cuts, (piece.top + piece.bottom) / 2), []).append(piece)
    if len(bands) >= 3 and sum(_single(band) for band in bands.values()) >= 0.7 * len(bands):
        return [sorted(band, key=lambda p: (p.column, p.base)) for _, band in sorted(bands.items())]
    return find_rows(pieces, cuts)


def _single(band: list[Piece]) -> bool:
    """No column of the band prints two numbers."""
    numbers = [p.column for p in band if p.number]
    return len(numbers) == len(set(numbers))


def row_cells(
    rows: Sequence[Sequence[Piece]], borders: Sequence[float], edges: Sequence[float], page: int, start: int
) -> list[Cell]:
    result: list[Cell] = []
    xs, ys = [round(x, 2) for x in edges], [round(y, 2) for y in borders]  # of empty cells, most of which are
    for i, row in enumerate(rows):
        by_column: dict[int, list[Piece]] = {}
        for piece in row:
            by_column.setdefault(piece.column, []).append(piece)
        column = 0
        while column < len(edges) - 1:
            held = by_column.get(column)
            if held is None:
                box = (xs[column], ys[i], xs[column + 1], ys[i + 1])
                result.append(Cell(start + i, column, page, box, "", 1, 1, 0.96, "space"))
                column += 1
                continue
            end = max([p.end for p in held])
            if end > column + 1:
                end = min((c for c in by_column if column < c < end), default=end)
            box = around((edges[column], borders[i], edges[end], borders[i + 1]), held)
            result.append(Cell(start + i, column, page, box, text_of(held), 1, end - column, 0.96, "space"))
            column = end
    return result
