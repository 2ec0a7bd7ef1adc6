"""Tables whose rows are ruled and whose columns are not: rules of one width above each other, white space between columns.

The rules give the rows exactly. Columns are strips that (nearly) no row's words enter; rules over a part of the width show
what a heading spans. With both, the missing column rules are drawn in thought, and the lattice reads the rest.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from extractors.header_rows import is_numbering
from extractors.headers_of_space import header_cells
from extractors.lattice import Grid
from extractors.missing_rules import SAME, Band, Border, Rows, column_edges, drawn_rules, free_of, runs_over
from extractors.native import Bools, Floats
from extractors.open_lines import CAPTION, continues_caption
from extractors.pages import Chars, PageContent
from extractors.ruled import Found, drawn_grid
from extractors.unruled import reread
from extractors.words_of_space import Word, by_line, chunks, words_of

MIDDLE = 10.0  # points off the middle of the table: a caption
PROSE = 0.45  # of the table's width
YEAR = re.compile(r"\(?(?:19|20)\d\d\)?")
SHORTEST = 110.0  # points: shorter rules frame no table
FARTHEST = 800.0  # points between two rules of one table
MANY = 3  # numbers under each other
BAD = 0.3  # share of the lines that run over a border which is none
GRADE = re.compile(r"[A-E]{1,3}[+-]?|WTP|WDP|TMP")  # printed in the place of a number
METHOD, SURE = "ruled+space", 0.97


def row_ruled(content: PageContent, found: Found, earlier: Grid | None) -> Found:
    """`found` with the tables that stacks of horizontal rules make; the same where there is none.

    A header with column rules (or in coloured cells) above a stack of its width gives the columns; so does `earlier`, the last
    table of the page before, where this page begins with a stack of its width and its text fits them.
    """
    stacks = _stacks(found.loose_horizontal, found.grids, earlier if not found.grids else None)
    if not stacks:
        return found
    work = _Work(content, found.taken.copy(), found.loose_horizontal, list(found.grids))
    for rules in stacks:
        lines = by_line(words_of(content.chars.take(~work.taken)))
        for table in _tables(rules, work.loose, lines):
            work.read(_with_open_head(_below_head(table, work.grids, lines), lines), earlier)
    if not work.more:
        return found
    work.grids.sort(key=lambda g: (round(g.bbox[1]), g.bbox[0]))
    return replace(found, grids=work.grids, taken=work.taken, loose_horizontal=work.loose)


@dataclass(slots=True)
class _Work:
    """A page on the way: which characters are taken, which rules are left, the grids so far."""

    content: PageContent
    taken: Bools
    loose: Floats
    grids: list[Grid]
    more: bool = False

    def read(self, table: Rows, earlier: Grid | None) -> None:
        top, bottom = table.bands[0].top, table.bands[-1].bottom
        used = (self.loose[:, 0] > top - 1) & (self.loose[:, 0] < bottom + 1)
        used &= (self.loose[:, 1] > table.x0 - SAME) & (self.loose[:, 2] < table.x1 + SAME)
        rules = self.loose[used]
        for y in [y for y, is_open in ((top, table.open_top), (bottom, table.open_foot)) if is_open]:
            rules = np.concatenate([[(y, table.x0, table.x1)], rules])
        if table.head is None and len(table.bands) == 1 and earlier is not None and _begins_alike(table, earlier):
            return  # the header again, without a rule below it: left to others
        borders = _given(table, earlier if not self.grids else None, rules)
        if not borders and sum(bool(band.lines) for band in table.bands) >= 2 and len(rules) >= 3:
            borders = column_edges(table, rules)
        if not borders or (table.head is None and _numbered(table.bands[0])):
            return
        own = table.head or _stacked_head(table, borders, rules, self.content.page)
        below = replace(table, bands=table.bands[1:]) if own is not None and table.head is None else table
        vertical = drawn_rules(below, rules, borders)
        before = self.taken.copy()
        if own is not None:
            level, plumb = sides_of(own)
            rules, vertical = np.concatenate([rules, level]), np.concatenate([vertical, plumb])
        if table.head is not None:
            self.taken &= ~_inside(self.content.chars, table.head)
        grid = drawn_grid(rules, vertical, self.content, self.taken)
        if grid is None or (table.head is None and _left_whole(table, grid, self.content)):
            self.taken = before  # a frame about rows that no rules part: columns of white space may read more
            return
        grid.cells = [replace(c, method=METHOD, confidence=min(c.confidence, SURE)) for c in grid.cells]
        self.grids = [*(g for g in self.grids if g is not table.head), grid]
        self.loose = self.loose[~used]
        self.more = True


def _left_whole(table: Rows, grid: Grid, content: PageContent) -> bool:
    """Rules frame the rows and part none of them (about the header and below the last row, above a total): read as one row."""
    if len(table.bands) == 1:
        return _many_rows(table.bands[0]) and reread(grid, content).n_rows == 1
    body = table.bands[1:]
    framed = len(body) == 1 or (len(body) == 2 and len(body[1].lines) == 1)
    return framed and _rows_in(body[0]) >= 2 and reread(grid, content).n_rows == grid.n_rows


def _rows_in(band: Band) -> int:
    """Lines that print two numbers or grades in columns of their own."""
    return sum(sum(word.number or bool(GRADE.fullmatch(word.text)) for word in line) >= 2 for line in band.lines)


def _many_rows(band: Band) -> bool:
    """Three numbers and more under each other in two places."""
    ends = Counter(round(word.x1 / 2) for line in band.lines for word in line if word.number)
    return sum(count >= MANY for count in ends.values()) >= 2


def _numbered(band: Band) -> bool:
    """Headings and their numbering row between two rules: white space, which knows numbering rows, reads them better."""
    return len(band.lines) > 2 and is_numbering(tuple(word.text.strip("()") for word in band.lines[-1]))


def _inside(chars: Chars, grid: Grid) -> Bools:
    x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
    x0, top, x1, bottom = grid.bbox
    inside: Bools = (x >= x0) & (x <= x1) & (y >= top) & (y <= bottom)
    return inside


def _stacked_head(table: Rows, borders: Sequence[Border], rules: Floats, page: int) -> Grid | None:
    """Headings over each other between two rules: which columns each stands over, where no rule tells it."""
    band = table.bands[0]
    if (
        len(table.bands) < 2
        or len(band.lines) < 2
        or ((rules[:, 0] > band.top + 1) & (rules[:, 0] < band.bottom - 1)).any()
    ):
        return None
    edges = [table.x0, *(border.x for border in borders), table.x1]
    cells, ys = header_cells(band.lines, edges, np.zeros((0, 3)), page, band.top)
    if len(ys) < 3:
        return None
    return Grid(page, (table.x0, band.top, table.x1, band.bottom), tuple(edges), (*ys[:-1], band.bottom), cells)


def sides_of(grid: Grid) -> tuple[Floats, Floats]:
    """Horizontal and vertical rules `(n, 3)` at the sides of all cells of a grid."""
    level, plumb = [], []
    for cell in grid.cells:
        x0, x1 = grid.xs[cell.column], grid.xs[cell.column + cell.colspan]
        top, bottom = grid.ys[cell.row], grid.ys[cell.row + cell.rowspan]
        level += [(top, x0, x1), (bottom, x0, x1)]
        plumb += [(x0, top, bottom), (x1, top, bottom)]
    return np.array(sorted(set(level))), np.array(sorted(set(plumb)))


def _below_head(table: Rows, grids: Sequence[Grid], lines: Sequence[list[Word]]) -> Rows:
    """The table with the grid that stands close above it in the same width, if its columns fit: its header."""
    top = table.bands[0].top
    above = [g for g in grids if g.bbox[3] < top + 2 and top - g.bbox[3] < FARTHEST and _as_wide(g, table)]
    head = max(above, key=lambda g: g.bbox[3], default=None)
    if head is None or table.headed:
        return table
    bands = table.bands
    if top - head.bbox[3] > SAME:
        first = _band(lines, head.bbox[3], top, table.x0, table.x1)
        if not first.lines or _between(first, table.x0, table.x1) or any(map(_is_caption, first.lines)):
            return table
        bands = [first, *bands]
    whole = replace(table, bands=bands, head=head)
    return whole if _given(whole, None, np.zeros((0, 3))) else table


def _with_open_head(table: Rows, lines: Sequence[list[Word]]) -> Rows:
    """The table with the headings that stand close above its first rule, where no rule closes them above."""
    first = table.bands[0]
    if table.head is not None or len(table.bands) < 2 or not any(word.number for word in first.words):
        return table
    held: list[list[Word]] = []
    edge = first.top
    above = sorted((line for line in lines if line[0].bottom < first.top + 2), key=lambda line: -line[0].bottom)
    for i, line in enumerate(above):
        words = [word for word in line if table.x0 - SAME < word.middle < table.x1 + SAME]
        parts = chunks(words)
        wide = len(parts) == 1 and (
            abs(words[0].x0 + words[-1].x1 - table.x0 - table.x1) < MIDDLE
            or words[-1].x1 - words[0].x0 > PROSE * (table.x1 - table.x0)
        )
        numbers = any(word.number and not YEAR.fullmatch(word.text) for word in words)
        far = edge - words[0].bottom > words[0].height if words else True
        if (
            len(words) < len(line)
            or wide
            or numbers
            or far
            or (len(parts) == 1 and continues_caption(words, above[i + 1 :]))
        ):
            break
        held.insert(0, words)
        edge = min(edge, min(word.top for word in words))
    if not any(len(chunks(line)) >= 3 for line in held):
        return table
    return replace(table, bands=[Band(edge - 0.5, first.top, held), *table.bands], open_top=True)


def _as_wide(grid: Grid, table: Rows) -> bool:
    return abs(grid.xs[0] - table.x0) < SAME and abs(grid.xs[-1] - table.x1) < SAME


def _given(table: Rows, earlier: Grid | None, rules: Floats) -> list[Border]:
    """The columns of the table's own head, or of the table before; none where the text does not fit them.

    Where the text runs over single borders of a head, its own white space counts between the neighbouring borders.
    """
    grid = table.head or earlier
    if grid is None or not _as_wide(grid, table):
        return []
    lines = [line for band in table.bands for line in band.lines if len(line) >= 2]
    foot = _foot(grid, lines) if table.head else range(grid.n_columns)
    borders = [Border(grid.xs[i], 2 * SAME) for i in sorted(foot) if i > 0]
    over = [sum(runs_over(line, border) for line in lines) for border in borders]
    good = [border for border, count in zip(borders, over, strict=True) if count <= BAD * len(lines)]
    held = sum(count for count in over if count <= BAD * len(lines))
    if not lines or not good or held > 0.06 * len(lines) * len(good):
        return []
    if len(good) < len(borders):
        if table.head is None or 3 * len(good) < 2 * len(borders):
            return []
        bad = [border.x for border in borders if border not in good]
        own = column_edges(Rows([table.bands[0], *table.bands], table.x0, table.x1), rules)
        stops = [table.x0, *(border.x for border in good), table.x1]
        spans = [(a, b) for a, b in itertools.pairwise(stops) if any(a < x < b for x in bad)]
        good += [border for border in own if any(a + SAME < border.x < b - SAME for a, b in spans)]
    return sorted(good, key=lambda border: border.x)


def _begins_alike(table: Rows, earlier: Grid) -> bool:
    """The first words are those of the first rows of the page before."""
    top = "".join(cell.text for cell in earlier.cells if cell.row < 3)
    first = [word.text for line in table.bands[0].lines[:2] for word in line]
    return sum(text in top for text in first) >= 0.7 * len(first)


def _foot(head: Grid, lines: Sequence[Sequence[Word]]) -> set[int]:
    """Columns that begin in the last row of a head, and those further up (over a numbering row) that part the text."""
    foot = {cell.column for cell in head.cells if cell.row + cell.rowspan == head.n_rows}
    ends = sorted({*foot, head.n_columns})
    for i in range(1, head.n_columns):
        if i in foot:
            continue
        low, high = max(e for e in ends if e < i), min(e for e in ends if e > i)
        x, border = head.xs[i], Border(head.xs[i], 2 * SAME)
        both = [
            line
            for line in lines
            if any(head.xs[low] < word.middle < x for word in line)
            and any(x < word.middle < head.xs[high] for word in line)
        ]
        if len(both) >= 2 and sum(runs_over(line, border) for line in both) <= BAD * len(both):
            foot.add(i)
    return foot


def _stacks(rules: Floats, grids: Sequence[Grid], earlier: Grid | None) -> list[Floats]:
    """Rules that begin and end alike, from the top: three and more, two where the page before ends with a table so wide, one
    below a grid so wide (whose foot is then the first)."""
    stacks: list[Floats] = []
    left = rules[rules[:, 2] - rules[:, 1] >= SHORTEST] if len(rules) else rules
    while len(left):
        x0, x1 = float(left[0, 1]), float(left[0, 2])
        alike = (np.abs(left[:, 1] - x0) < SAME) & (np.abs(left[:, 2] - x1) < SAME)
        stack = left[alike][np.argsort(left[alike][:, 0])]
        left = left[~alike]
        wide = sorted(
            (g for g in grids if abs(g.xs[0] - x0) < SAME and abs(g.xs[-1] - x1) < SAME), key=lambda g: g.bbox[1]
        )
        goes_on = earlier is not None and abs(earlier.xs[0] - x0) < SAME and abs(earlier.xs[-1] - x1) < SAME
        above = -np.inf
        for i, end in enumerate([*(g.bbox[1] for g in wide), np.inf]):
            part = stack[(stack[:, 0] > above) & (stack[:, 0] < end)]
            if i and len(part):
                part = np.concatenate([[(wide[i - 1].bbox[3], x0, x1)], part])
            if len(part) >= 3 or (len(part) == 2 and (i or goes_on)):
                stacks.append(part)
            above = wide[i].bbox[3] + SAME if i < len(wide) else above
    return stacks


def _tables(rules: Floats, loose: Floats, lines: Sequence[list[Word]]) -> list[Rows]:
    """The stack cut where text between two rules is no row of a table: captions and prose between tables of one width.

    Below a table that no rule closes stands the caption of the next.
    """
    x0, x1 = float(np.median(rules[:, 1])), float(np.median(rules[:, 2]))
    tables: list[Rows] = []
    bands: list[Band] = []
    headed = False
    for top, bottom in itertools.pairwise(rules[:, 0].tolist()):
        band = _band(lines, top, bottom, x0, x1)
        foot = _above_caption(band)
        if foot is not None:
            tables.append(Rows([*bands, foot], x0, x1, open_foot=True, headed=headed))
            bands, headed = [], False
        elif bottom - top > FARTHEST or _between(band, x0, x1):
            tables.append(Rows(bands, x0, x1, headed=headed))
            bands, headed = [], False
        else:
            if _heads_anew(bands, band, x0, x1):
                tables.append(Rows(bands[:-1], x0, x1, headed=headed))
                bands, headed = [], True
            bands.append(band)
    tables.append(Rows(bands, x0, x1, headed=headed))
    parts = [part for table in tables for part in _parts(table, loose)]
    return [table for table in parts if any(band.lines for band in table.bands)]


def _above_caption(band: Band) -> Band | None:
    """What a band prints above the caption of another table; None where it holds no caption below its first line."""
    for i, line in enumerate(band.lines[1:], 1):
        if _is_caption(line):
            return Band(band.top, min(word.top for word in line) - 0.5, band.lines[:i])
    return None


def _heads_anew(bands: Sequence[Band], band: Band, x0: float, x1: float) -> bool:
    """Headings that begin as those of the table so far, below rows with numbers and then a title or nothing."""
    if len(bands) < 3 or not band.lines or not bands[0].lines:
        return False
    title, first = bands[-1].lines, bands[0].words[0].text.casefold()
    parts = [chunks(line) for line in title]
    centred = len(parts) == 1 and len(parts[0]) == 1 and abs(title[0][0].x0 + title[0][-1].x1 - x0 - x1) < 2 * MIDDLE
    words = [word for word in band.words if word.number and not YEAR.fullmatch(word.text)]
    numbers = any(word.number for one in bands[1:-1] for word in one.words)
    alike = band.words[0].text.casefold() == first and len(chunks(band.lines[0])) >= 3
    return (not title or centred) and alike and not words and numbers


def _is_caption(line: Sequence[Word]) -> bool:
    return CAPTION.match(" ".join(word.text for word in line)) is not None


def _parts(table: Rows, rules: Floats) -> list[Rows]:
    """The table cut at an empty band below which other columns stand: two tables, and no empty row."""
    for i, band in enumerate(table.bands):
        if band.lines or not 1 < i < len(table.bands) - 2:
            continue
        upper = replace(table, bands=table.bands[:i], open_foot=False)
        lower = replace(table, bands=table.bands[i + 1 :], open_top=False)
        one, two = (column_edges(part, rules) for part in (upper, lower))
        alike = sum(any(abs(a.x - b.x) < 0.5 * (a.width + b.width) for b in two) for a in one)
        if 2 * alike < max(len(one), len(two)):
            return [upper, *_parts(lower, rules)]
    return [table]


def _band(lines: Sequence[list[Word]], top: float, bottom: float, x0: float, x1: float) -> Band:
    held = []
    for line in lines:
        middle = (line[0].top + line[0].bottom) / 2
        if top < middle < bottom:
            words = [word for word in line if x0 - SAME < word.middle < x1 + SAME]
            if words:
                held.append(words)
    return Band(top, bottom, held)


def _between(band: Band, x0: float, x1: float) -> bool:
    """Text that is no row: lines that no strip of white space parts, set in more room than one row has."""
    if not band.lines:
        return band.bottom - band.top > 60
    strips = [b - a for a, b in free_of([(w.x0, w.x1) for w in band.words], x0, x1) if a > x0 + 1 and b < x1 - 1]
    if max(strips, default=0.0) > 0.9 * band.height:
        return False
    slack = band.bottom - band.top - sum(max(w.bottom for w in line) - min(w.top for w in line) for line in band.lines)
    return len(band.lines) >= 2 or slack > 1.6 * band.height
