"""Tables without column rules: regions of aligned numbers, their columns from white space, their header, their rows.

Rules that are there help: long horizontal ones bound the table, part the header from the body and the rows from each
other; short ones in the header show what a heading spans.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extractors.columns_of_space import (
    Piece,
    Word,
    beside_names,
    by_line,
    chunks,
    column_of,
    numbered_edges,
    pieces_of,
    space_edges,
    words_of,
)
from extractors.headers_of_space import header_cells
from extractors.pages import Chars, Floats
from extractors.rows_of_space import counts_on, find_rows
from extractors.ruled import Grid
from extractors.spoiled import QUANTITY, is_money, is_number
from extractors.stitch import is_numbering
from extractors.tables import Cell
from extractors.unruled import around, between, text_of

LONG = 0.8  # a rule over this share of the table's width bounds rows
FAR = 6.0  # lines farther apart than this many character heights are not of one table
LEADERS = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}|_{5,}")
CAPTION = re.compile(r"(?i)(tabel|table|grafik|gambar|lampiran)\s+[\divxlt]")
YEAR = re.compile(r"\(?(?:19|20)\d\d\)?\*{0,2}")
BROKEN = re.compile(
    r"\(?\d{1,3}(?:\.\d{3})+\.|\(?\d{1,3}(?:,\d{3})+,"
)  # an amount whose last digits stand on the next line
RUNNING = re.compile(r"(\d{1,2})[.)]?")
HALF = re.compile(r"\d{1,2} ?=")
REST = re.compile(r"[\d\s().]*[-+*/x×:=%][-\d\s()+*/x×:%.]*")
LEADING = re.compile(r"\d+")
LITTLE = 8.0  # points that the words of a page may reach over a border that the page before has shown
SAMPLE = 12  # lines that tell whether a page goes on with the columns of the one before
HEADER_LINES = 18  # a header has no more visual lines than this


@dataclass(slots=True, eq=False)
class TextLine:
    """A visual line: its words in chunks, and which chunks are numbers."""

    words: list[Word]
    chunks: list[list[Word]]
    numbers: list[int]
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return self.words[0].height

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(" ".join(word.text for word in chunk) for chunk in self.chunks)

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)


@dataclass(slots=True)
class Region:
    """Lines of a table: header `[first, body)`, body `[body, last]`; the heights of the long rules in it."""

    first: int
    body: int
    last: int
    x0: float
    x1: float
    rules: list[float]


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
    lines = [_text_line(words) for words in by_line(words_of(chars))]
    lines.sort(key=lambda line: line.top)
    result: list[OpenTable] = []
    for number, region in enumerate(_regions(lines, horizontal, earlier)):
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
            [_text_line(held) for line in lines[a:b] if (held := [w for w in line.words if low < w.middle < high])]
            for a, b in ((region.first, region.body), (region.body, region.last + 1))
        ]
        own = [*parts[0], *parts[1]]
        part = Region(0, len(parts[0]), len(own) - 1, low, high, region.rules)
        read = _read(own, part, page, horizontal, None, list(edges)) if parts[1] else None
        if read is None:
            return None
        found.append(read)
    return found


def _text_line(words: list[Word]) -> TextLine:
    parts = chunks(words)
    numbers = [i for i, part in enumerate(parts) if _is_quantity(part)]
    if LEADERS.search(" ".join(word.text for word in words)):
        numbers = []
    return TextLine(words, parts, numbers, min(w.top for w in words), max(w.bottom for w in words))


def _is_quantity(chunk: list[Word]) -> bool:
    text = " ".join(word.text for word in chunk)
    return (
        is_number(text)
        or bool(BROKEN.fullmatch(text))
        or (len(chunk) <= 3 and chunk[0].number and bool(QUANTITY.fullmatch(text)))
    )


def _is_seed(line: TextLine) -> bool:
    """The line prints numbers in columns: two apart, or one far behind its label."""
    if len(line.numbers) >= 2:
        return True
    if len(line.numbers) == 1 and line.numbers[0] > 0:
        chunk = line.chunks[line.numbers[0]]
        return chunk[0].gap > 1.2 * line.height
    return False


def _is_prose(line: TextLine, x0: float, x1: float) -> bool:
    return len(line.chunks) == 1 and len(line.words) >= 5 and line.x1 - line.x0 > 0.55 * (x1 - x0)


def _regions(lines: list[TextLine], horizontal: Floats, earlier: Grid | None) -> list[Region]:
    groups: list[list[int]] = []
    for i, line in enumerate(lines):
        if not _is_seed(line):
            continue
        again = groups and len(groups[-1]) >= 4 and _numbers_columns(line)
        if groups and not again and _together(lines, groups[-1][-1], i, horizontal):
            groups[-1].append(i)
        else:
            groups.append([i])
    regions: list[Region] = []
    floor = 0
    for group in groups:
        if group[0] < floor:
            continue
        region = _region(lines, group, horizontal, floor, earlier if not regions else None)
        if region is not None:
            regions.append(region)
            floor = region.last + 1
    return regions


def _together(lines: list[TextLine], one: int, two: int, horizontal: Floats) -> bool:
    """Do two lines of numbers stand in one table: nothing but table text between them, no great gap, no new header?"""
    x0, x1 = min(lines[one].x0, lines[two].x0), max(lines[one].x1, lines[two].x1)
    for i in range(one, two):
        if lines[i + 1].top - lines[i].bottom > FAR * lines[i].height:
            return False
        if i > one and (_is_prose(lines[i], x0, x1) or CAPTION.match(lines[i].texts[0])):
            return False
    titled = next((i for i in range(one + 1, two) if _heads_all(lines[i], x0, x1) and _is_title(lines, i, one)), two)
    headed = any(len(lines[i].chunks) >= 3 and not lines[i].numbers for i in range(titled, two))
    return not headed


def _is_title(lines: list[TextLine], i: int, one: int) -> bool:
    """White space higher than a line stands above the line, and it begins where no text of the rows before does."""
    if lines[i].top - lines[i - 1].bottom <= lines[i].height:
        return False
    starts = [chunk[0].x0 for line in lines[max(0, one - 6) : i] for chunk in line.chunks]
    return not any(abs(lines[i].x0 - x) < 3 for x in starts)


def _aligned(lines: list[TextLine], group: list[int]) -> list[list[tuple[float, float, str]]]:
    """Columns of numbers: chunks of numbers that stand under each other, three or more (or on most lines)."""
    items = sorted(
        (
            (chunk[0].x0, chunk[-1].x1, " ".join(w.text for w in chunk))
            for i in group
            for n in lines[i].numbers
            for chunk in (lines[i].chunks[n],)
        ),
        key=lambda item: item[0] + item[1],
    )
    columns: list[list[tuple[float, float, str]]] = []
    for item in items:
        if columns and any(min(item[1], o[1]) - max(item[0], o[0]) > 0 for o in columns[-1][-3:]):
            columns[-1].append(item)
        else:
            columns.append([item])
    least = 3 if len(group) >= 4 else 2
    return [column for column in columns if len(column) >= least or len(column) == len(group)]


def _region(
    lines: list[TextLine], group: list[int], horizontal: Floats, floor: int, earlier: Grid | None
) -> Region | None:
    numbered = [i for i in group[:6] if _numbers_columns(lines[i])]
    rows = [i for i in group if i not in numbered] or group
    columns = _aligned(lines, rows)
    x0, x1 = min(lines[i].x0 for i in group), max(lines[i].x1 for i in group)
    bounds = _long_rules(
        horizontal, x0, x1, lines[group[0]].top - 30 * lines[group[0]].height, lines[group[-1]].bottom + 150
    )
    if not (numbered and group != numbered) and not _is_table(lines, group, columns, len(bounds) >= 3, earlier):
        return _rest_of(lines, group, floor, earlier) if earlier is not None and not bounds else None
    rules = [y for y, _, _ in bounds]
    if bounds:
        x0, x1 = min(x0, *(a for _, a, _ in bounds)), max(x1, *(b for _, _, b in bounds))
    body = _body_start(lines, group, rules)
    first = _header_start(lines, body, rules, floor, x0, x1)
    body = _first_counted(lines, first, body)
    if earlier is not None and body == group[0] and not any(y < lines[body].top for y in rules):
        first, body = _goes_on_from(lines, first, body, group[-1], floor, earlier)
    last = _last_line(lines, group[-1], rules, x0, x1)
    inside = [y for y in rules if lines[first].top - 12 <= y <= lines[last].bottom + 12]
    x0 = min(x0, *(lines[i].x0 for i in range(first, last + 1)))
    x1 = max(x1, *(lines[i].x1 for i in range(first, last + 1)))
    return Region(first, body, last, x0 - 1, x1 + 1, inside)


def _rest_of(lines: list[TextLine], group: list[int], floor: int, earlier: Grid) -> Region | None:
    """The last rows of the table of the page before, too few to prove columns: they stand wholly in its columns, in three
    of them or more, and numbers under numbers."""
    edges = list(earlier.xs)
    first, _ = _goes_on_from(lines, group[0], group[0], group[-1], floor, earlier)
    last = _last_line(lines, group[-1], [], edges[0], edges[-1])
    held = lines[first : last + 1]
    numbers = {c.column for c in earlier.cells if is_number(c.text) and c.column > 0}
    printed = {column_of(edges, chunk[0].x0 + 1) for line in held for chunk in line.chunks}
    under = [column_of(edges, line.chunks[n][-1].x1 - 1) in numbers for line in held for n in line.numbers if n > 0]
    if first > floor + 2 or len(printed) < 3 or not under or not all(under) or not _fits(held, edges):
        return None
    return Region(first, first, last, edges[0], edges[-1], [])


def _labels(line: TextLine) -> list[list[Word]]:
    """The chunks of a line, those that begin with `=` joined to the one before: `11` and `= 10/4*100` are one."""
    result: list[list[Word]] = []
    for chunk in line.chunks:
        if result and chunk[0].text.startswith("="):
            result[-1] = [*result[-1], *chunk]
        else:
            result.append(chunk)
    return result


def _label_texts(line: TextLine) -> tuple[str, ...]:
    return tuple(" ".join(word.text for word in part).strip("()") for part in _labels(line))


def _is_numbering(line: TextLine) -> bool:
    return is_numbering(_label_texts(line))


def _is_rest(line: TextLine, shape: re.Pattern[str]) -> bool:
    """The line holds nothing but the first (`8 =`) or second (`7/6*100`) halves of wrapped formulas of a numbering row."""
    return all(shape.fullmatch(text) for text in line.texts)


def _numbering_of(header: list[TextLine]) -> list[TextLine]:
    """The lines of the numbering row at the foot of a header: one, or more where formulas wrap."""
    at = next((i for i in range(len(header) - 1, max(-1, len(header) - 3), -1) if _is_numbering(header[i])), None)
    if at is None or not all(_is_rest(line, REST) for line in header[at + 1 :]):
        return []
    return header[at - 1 if at > 0 and _is_rest(header[at - 1], HALF) else at :]


def _numbering_pieces(lines: list[TextLine], edges: Sequence[float], cells: Sequence[Cell]) -> list[Piece]:
    """The numbers of a numbering row, each whole in its column, or under the heading of a group that it stands under."""
    result: list[Piece] = []
    for line in lines:
        for words in _labels(line):
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


def _numbers_columns(line: TextLine) -> bool:
    """`1 2 3 4 5=4/3`: a row that numbers four columns or more, one after the other, and so heads a table."""
    texts = _label_texts(line)
    leading = [int(match.group()) for text in texts if (match := LEADING.match(text))]
    steps = sum(b == a + 1 for a, b in itertools.pairwise(leading))
    return len(texts) >= 4 and is_numbering(texts) and leading[0] == 1 and steps >= 0.8 * (len(texts) - 1)


def _long_rules(
    horizontal: Floats, x0: float, x1: float, top: float, bottom: float
) -> list[tuple[float, float, float]]:
    """Rules over most of the width, top to bottom; those far longer than the text are page furniture."""
    result: list[tuple[float, float, float]] = []
    for y, a, b in sorted(map(tuple, horizontal.tolist())):
        if top < y < bottom and min(b, x1) - max(a, x0) >= LONG * (x1 - x0):
            result.append((y, a, b))
    return result


def _is_table(
    lines: list[TextLine],
    group: list[int],
    columns: list[list[tuple[float, float, str]]],
    ruled: bool,
    earlier: Grid | None,
) -> bool:
    """Enough numbers stand under each other; lists of contents, dates and signatures are none."""
    in_columns = sum(len(column) for column in columns)
    every = sum(len(lines[i].numbers) for i in group)
    if not columns or in_columns < 0.6 * every:
        return False
    if len(columns) >= 2 and (len(group) >= 3 or ruled):
        return True
    if earlier is not None and len(columns) >= 2:
        return True
    amounts = sum(is_money(text) for column in columns for _, _, text in column)
    return amounts >= 4 or (ruled and len(columns) >= 1 and len(group) >= 3 and not _page_numbers(columns[0]))


def _page_numbers(column: list[tuple[float, float, str]]) -> bool:
    values = [int(text) for _, _, text in column if text.isdigit()]
    return len(values) == len(column) and values == sorted(values) and max(values, default=0) < 1000


def _body_start(lines: list[TextLine], group: list[int], rules: list[float]) -> int:
    """The first line behind the header: behind the numbering row, or the rule that closes the header."""
    for i in group[:6]:
        if _is_numbering(lines[i]):
            return i + 1 + int(i < group[-1] and _is_rest(lines[i + 1], REST))
    start = group[0]
    while start < group[-1] and all(YEAR.fullmatch(lines[start].texts[n]) for n in lines[start].numbers):
        start += 1  # a row of years heads columns
    above = [y for y in rules if y <= lines[start].top + 0.5 * lines[start].height]
    if len(above) >= 2:
        closing = above[-1]
        first = next((i for i, line in enumerate(lines) if line.top + 0.5 * line.height > closing), start)
        return min(first, start) if first <= start else start
    return start


def _first_counted(lines: list[TextLine], first: int, body: int) -> int:
    """Where rows that are numbered like the body's first begin: its `3` follows a `1` and a `2` that print words alone."""
    number = RUNNING.fullmatch(lines[body].texts[0])
    if number is None or _is_numbering(lines[body - 1 if body else 0]):
        return body
    wanted, start = int(number.group(1)) - 1, body
    for i in range(body - 1, first - 1, -1):
        above = RUNNING.fullmatch(lines[i].texts[0])
        near = abs(lines[i].x0 - lines[body].x0) < lines[i].height
        if above and near and len(lines[i].chunks) > 1 and int(above.group(1)) == wanted:
            wanted, start = wanted - 1, i
    return start if wanted == 0 else body


def _header_start(lines: list[TextLine], body: int, rules: list[float], floor: int, x0: float, x1: float) -> int:
    """The first line of the header: below the rule that opens the table; without rules as far as columns go on."""
    opening = _opening(lines, body, rules, floor)
    first = body
    while first > floor and body - first < HEADER_LINES:
        above, here = lines[first - 1], lines[min(first, len(lines) - 1)]
        numbered = first == body and _is_numbering(above)
        if opening is not None:
            stop = above.top + 0.5 * above.height < opening
        else:
            far = here.top - above.bottom > (2.0 if len(above.chunks) > 1 else 0.9) * here.height
            stop = not numbered and (far or _heads_all(above, x0, x1))
            stop = stop or any(above.bottom - 2 < y < here.top + 2 for y in rules)
        if stop:
            break
        first -= 1
    return first


def _goes_on_from(
    lines: list[TextLine], first: int, body: int, last: int, floor: int, earlier: Grid
) -> tuple[int, int]:
    """(header, body) of a region that goes on from the page before: its first line that fits the columns there."""
    start = body
    while start > floor and lines[start].top - lines[start - 1].bottom < FAR * lines[start].height:
        if not _fits(lines[start - 1 : start], list(earlier.xs)):
            break
        start -= 1
    sample = lines[start : max(body, min(last, body + SAMPLE)) + 1]
    return (start, start) if start <= first and _fits(sample, list(earlier.xs)) else (first, body)


def _heads_all(line: TextLine, x0: float, x1: float) -> bool:
    """One chunk of text, long or in the middle of the table: a caption or prose, no heading of some columns."""
    centred = abs(line.x0 + line.x1 - x0 - x1) < 10
    return len(line.chunks) == 1 and (centred or line.x1 - line.x0 > 0.45 * (x1 - x0))


def _opening(lines: list[TextLine], body: int, rules: list[float], floor: int) -> float | None:
    """The rule above the header: upwards from the body over segments between rules that print headings side by side."""
    start = lines[min(body, len(lines) - 1)]
    tops = [y for y in rules if y < start.top + 0.5 * start.height]
    opening: float | None = None
    for i in range(len(tops) - 1, 0, -1):
        held = [line for line in lines[floor:body] if tops[i - 1] < line.top + 0.5 * line.height < tops[i]]
        numbering = len(held) == 1 and _is_numbering(held[0])
        side_by_side = sum(len(line.chunks) >= 2 for line in held)
        if held and side_by_side < 2 and not any(len(line.chunks) >= 3 or len(held) <= 3 for line in held):
            break
        if len(held) > HEADER_LINES:
            break
        opening = tops[i - 1]
        if held and not numbering:
            break  # the headings themselves: what stands above is no header
    if opening is None and tops and body > floor and lines[body - 1].top > tops[-1]:
        opening = tops[-1]  # one rule above a header that no rule closes
    return opening


def _last_line(lines: list[TextLine], last: int, rules: list[float], x0: float, x1: float) -> int:
    """The last line of the body: wrapped lines below the last number belong to it, up to the closing rule."""
    closing = next((y for y in rules if y > lines[last].bottom - 2), None)
    gaps = [lines[i].top - lines[i - 1].bottom for i in range(1, last + 1) if _is_seed(lines[i])]
    row_gap = 1.1 * float(np.median(gaps)) + 0.2 if gaps else 0.0
    starts = [chunk[0].x0 for line in lines[max(0, last - 12) : last + 1] for chunk in line.chunks]
    while last + 1 < len(lines):
        line = lines[last + 1]
        if closing is not None and line.bottom - 2 > closing:
            break
        in_step = all(any(abs(c[0].x0 - x) < 3 for x in starts) for c in line.chunks)
        wide = min(1.3 * line.height, row_gap) if len(line.chunks) == 1 else 1.3 * line.height
        near = line.top - lines[last].bottom < (max(wide, 0.6 * line.height) if in_step else 0.6 * line.height)
        if not (near or (closing is not None and closing - line.bottom < FAR * line.height)):
            break
        if _is_prose(line, x0, x1) or CAPTION.match(line.texts[0]):
            break
        last += 1
    return last


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
    if len(edges) < 3:
        return None
    numbering = _numbering_of(header)
    text_header = [line for line in header if line not in numbering]
    top = [y for y in region.rules if y < header[0].top + 3] if header else []
    cells, ys = header_cells([line.words for line in text_header], edges, horizontal, page, top[-1] if top else None)
    if numbering:
        pieces = _numbering_pieces(numbering, edges, cells)
        top_of, foot = min(line.top for line in numbering) - 0.2, max(line.bottom for line in numbering)
        ys = [*ys[:-1], top_of] if cells else [top_of]
        cells += row_cells([pieces], [ys[-1], foot], edges, page, len(ys) - 1)
        ys.append(foot)
    rows = _body_rows(body, edges, region)
    goes_on = earlier is not None and list(earlier.xs) == edges
    if not goes_on and not _convincing(
        rows, {x for c in cells for x in range(c.column, c.column + c.colspan)}, len(region.rules)
    ):
        return None
    borders = [min(p.top for p in rows[0]) - 0.5, *between(rows), max(p.bottom for p in rows[-1]) + 0.5]
    start = len(ys) - 1 if cells else 0
    cells += row_cells(rows, borders, edges, page, start)
    ys = [*ys[:start], *borders]
    method = "space+rules" if region.rules else "space"
    for i in range(1, len(ys)):
        ys[i] = max(ys[i], ys[i - 1] + 0.1)
    cells = [Cell(c.row, c.column, c.page, c.bbox, c.text, c.rowspan, c.colspan, c.confidence, method) for c in cells]
    box = (edges[0], ys[0], edges[-1], ys[-1])
    taken = [i for line in (*header, *body) for word in line.words for i in word.chars]
    return OpenTable(Grid(page, box, tuple(edges), tuple(ys), cells), taken, region.rules)


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
    if _page_numbers([(0.0, 0.0, text) for text in texts]):
        return rules >= 3 and len(texts) >= 3 and sorted(texts) != texts
    return len(texts) >= 3


def _share(pieces: list[Piece]) -> float:
    numbers = sum(piece.number or bool(QUANTITY.fullmatch(piece.text)) for piece in pieces)
    digits = any(ch.isdigit() for piece in pieces for ch in piece.text)
    return numbers / len(pieces) if digits else 0.0


def _edges(header: list[TextLine], body: list[TextLine], region: Region, earlier: Grid | None) -> list[float]:
    """Borders of the columns; those of the table on the page before where this page's text fits them."""
    numbering = _numbering_of(header)
    goes_on = earlier is not None and (not header or abs(earlier.xs[0] - region.x0) < 12)
    if goes_on and earlier is not None and _fits([*numbering, *body], list(earlier.xs)):
        return list(earlier.xs)
    lines = [line.words for line in body]
    titles = [chunk for line in header if line not in numbering for chunk in line.chunks]
    if not titles:
        lines += [line.words for line in numbering]
    numbers = [chunk for line in numbering for chunk in line.chunks]
    edges = space_edges(lines, region.x0, region.x1, titles or numbers)
    if numbering:
        labels = [label for line in numbering for label in _labels(line)]
        edges = numbered_edges(edges, labels, [line.words for line in body])
    heads = [chunk for chunk in titles if column_of(edges, chunk[0].x0) == column_of(edges, chunk[-1].x1)]
    edges = beside_names(edges, lines)
    return _paired(edges, [*(numbers or titles), *heads], [chunk for line in body for chunk in line.chunks])


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


def _fits(body: list[TextLine], edges: list[float]) -> bool:
    """Nearly every chunk of the body stands within one column, and numbers do not share one."""
    good = every = shared = 0
    for line in body:
        columns = [column_of(edges, (line.chunks[n][0].x0 + line.chunks[n][-1].x1) / 2) for n in line.numbers]
        shared += len(columns) - len(set(columns))
        for chunk in line.chunks:
            over = 1.0 if chunk[-1].number else LITTLE
            first, last = column_of(edges, chunk[0].x0 + 1), column_of(edges, max(chunk[-1].x1 - over, chunk[0].x0 + 1))
            inside = chunk[0].x0 > edges[0] - 4 and chunk[-1].x1 < edges[-1] + 4
            good += first == last and inside
            every += 1
    return every > 0 and not shared and good >= 0.93 * every


def _body_rows(body: list[TextLine], edges: Sequence[float], region: Region) -> list[list[Piece]]:
    pieces = pieces_of([line.words for line in body], edges, spans=True)
    top = body[0].top
    cuts = [y for y in region.rules if y > top]
    bands: dict[int, list[Piece]] = {}
    for piece in pieces:
        bands.setdefault(int(np.searchsorted(np.asarray(cuts), (piece.top + piece.bottom) / 2)), []).append(piece)
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
    for i, row in enumerate(rows):
        by_column: dict[int, list[Piece]] = {}
        for piece in row:
            by_column.setdefault(piece.column, []).append(piece)
        column = 0
        while column < len(edges) - 1:
            held = by_column.get(column, [])
            end = max((p.end for p in held), default=column + 1)
            end = min((c for c in by_column if column < c < end), default=end)
            box = (edges[column], borders[i], edges[end], borders[i + 1])
            result.append(
                Cell(start + i, column, page, around(box, held), text_of(held), 1, end - column, 0.96, "space")
            )
            column = end
    return result
