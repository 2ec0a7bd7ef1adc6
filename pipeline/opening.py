"""One table of text -> header, columns and kind: what is known of it before its rows are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from extractors.tables import Cell, Table
from normalizers.cut_rows import cut_rows, joined
from normalizers.form_heads import LABELLED
from normalizers.forms import caption_of
from normalizers.grid import Grid, fold
from normalizers.headers import Header, find_header
from normalizers.number_style import Weight, total, weigh
from normalizers.sections import find_sections
from normalizers.setting import Setting
from normalizers.table_meaning import TableMeaning, settle
from pipeline.facts import Problem

TITLE = re.compile(  # a caption, what announces a table, or what names its year
    r"(?:tabel|daftar|lampiran|formulir)\b|.*:\s*$|.*\b(?:19|20)\d\d\b", re.IGNORECASE
)
SAME_EDGE = 2.0  # points between the edges of a column on two pages
LONGEST_CAPTION = 500  # characters
WORDS = ("text", "unknown", "name", "indicator", "number")
AMOUNT_LINE = re.compile(r"(?:rp\.? ?)?\(?-?\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?[.,]?\)?", re.IGNORECASE)
BESIDE = re.compile(r"(?<!\S)\(?\d{1,3}([.,]\d{3})+([.,]\d\d?)?\)?\s+\(?\d{1,3}([.,]\d{3})+([.,]\d\d?)?\)?(?!\S)")


@dataclass
class OpenTable:
    """A table on its way to meaning."""

    table: Table
    table_id: str
    grid: Grid
    header: Header
    body: list[int]
    caption: str
    meaning: TableMeaning
    setting: Setting
    titles: tuple[str, ...] = ()  # printed inside the frame, above the header
    table_no: int | None = None  # its place in Reading.tables, and its first row there
    first_row: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def row_numbers(self) -> dict[int, int]:
        """Grid row -> row_no of the body."""
        return {row: number for number, row in enumerate(self.body)}

    @cached_property
    def weights(self) -> dict[int, Weight]:
        """What the body of each quantity column tells of how numbers are written."""
        columns = [c.index for c in self.meaning.columns if c.kind == "quantity"]
        return {
            index: weigh([cell.text for cell in self.grid.owned(self.body, index) if cell.text.strip()])
            for index in columns
        }

    @cached_property
    def weight(self) -> Weight:
        """What its numbers tell of that together."""
        return total(self.weights.values())


def split_sections(table: Table) -> list[tuple[Table, Grid, tuple[str, ...], int]]:
    """The tables that one frame holds (DPA, RKA), each with its grid, the titles above it and its first row.

    Mostly the table itself.
    """
    grid = grid_of(table)
    sections = find_sections(grid, [row for row in range(grid.n_rows) if row not in table.repeated_rows])
    if len(sections) == 1 and sections[0].first == 0:
        return [(table, grid, sections[0].titles, 0)]
    parts = [(_part(table, section.first, section.last), section) for section in sections]
    return [(part, grid_of(part), section.titles, section.first) for part, section in parts]


def grid_of(table: Table) -> Grid:
    return Grid(table.cells, table.n_rows, table.n_columns)


def _part(table: Table, first: int, last: int) -> Table:
    """Rows [first, last) of a table as a table of its own."""
    cells = tuple(replace(c, row=c.row - first) for c in table.cells if first <= c.row < last)
    starts = [
        (max(start - first, 0), page)
        for start, page in zip(table.page_starts, table.pages, strict=True)
        if start < last
    ]
    starts = [s for i, s in enumerate(starts) if i + 1 == len(starts) or starts[i + 1][0] > 0]
    return replace(
        table, cells=cells, n_rows=last - first, page_starts=tuple(s for s, _ in starts), pages=tuple(p for _, p in starts),
        repeated_rows=frozenset(r - first for r in table.repeated_rows if first <= r < last),
        shaded_rows=frozenset(r - first for r in table.shaded_rows if first <= r < last),
    )  # fmt: skip


def open_table(
    table: Table,
    table_id: str,
    setting: Setting,
    before: OpenTable | None = None,
    titles: tuple[str, ...] = (),
    grid: Grid | None = None,
) -> OpenTable:
    """Header, columns and kind of a table; rows come later, when the document's nomenclature is known.

    `before` is the table printed before it, whose header serves where this one continues it with a poorer header or none.
    `grid` is that of the table where it is known already.
    """
    grid = grid or grid_of(table)
    header = find_header(grid, table.repeated_rows, table.shaded_rows)
    above = table.above
    if before is not None and (paths := _continued_paths(header, table, before)):
        header = replace(header, paths=[p for p, _ in paths], numbers=[n for _, n in paths])
        above, titles = (before.caption,), titles or before.titles
    body = [row for row in range(grid.n_rows) if row not in header.rows and any(grid.row_texts(row))]
    caption = fold(" ".join((caption_of(above), *titles)))[:LONGEST_CAPTION]
    # `Kegiatan : Penyusunan Renja SKPD` in a form's head does not make it a Renja
    setting.caption = fold(" ".join((caption_of(above), *(title for title in titles if not LABELLED.match(title)))))
    meaning = settle(grid, header, body, setting)
    if cuts := cut_rows(grid, meaning.columns, body, table.page_starts):
        grid, body = joined(grid, cuts), [row for row in body if row not in cuts]
    opened = OpenTable(table, table_id, grid, header, body, caption, meaning, setting, titles)
    opened.problems.extend(_unparted(opened))
    for note in meaning.notes:
        opened.problems.append(Problem(table.pages[0], table_id, table.bbox, "header_claim", "note", caption, note))
    return opened


def _unparted(opened: OpenTable) -> list[Problem]:
    """Columns that give no numbers although their cells print amounts: side by side, or below a heading that names none."""
    found: list[Problem] = []
    for column in opened.meaning.columns:
        own = opened.grid.owned(opened.body, column.index) if column.kind in WORDS else []
        own = [cell for cell in own if cell.text.strip()]
        marked = [c for c in own if isinstance(c, Cell) and ("." in c.text or "," in c.text)]  # as all such amounts are
        alone = [c for c in marked if all(AMOUNT_LINE.fullmatch(t.strip()) for t in c.text.split("\n"))]
        if len(alone) >= 2 and 2 * len(alone) >= len(own):
            said = f"{len(alone)} cells of `{column.label}` are amounts below a heading that names none: they give no facts"
            place, text = (alone[0].page, opened.table_id, alone[0].bbox), fold(alone[0].text)
            found.append(Problem(*place, "garbled_heading", "warn", text, said))
        cells = [c for c in marked if any(BESIDE.search(line) for line in c.text.split("\n"))]
        if len(cells) >= 2 and (column.kind in ("text", "unknown") or 2 * len(cells) >= len(own)):
            said = (
                f"{len(cells)} cells of `{column.label}` print several amounts that nothing parts: they give no facts"
            )
            first = cells[0]
            kind = "numbers_side_by_side"
            found.append(Problem(first.page, opened.table_id, first.bbox, kind, "warn", fold(first.text), said))
    return found


Paths = list[tuple[tuple[str, ...], str | None]]


def _continued_paths(header: Header, table: Table, before: OpenTable) -> Paths:
    """Header path and number of each column, taken from the table before where this one goes on with it; empty where not.

    It goes on where the numbering is the same and its own header poorer, or where it has no header at all, and stands below
    (or on the next page) with no caption of its own between. Columns are matched by their place on the page.
    """
    gap = table.pages[0] - before.table.pages[-1]
    known = list(zip(before.header.paths, before.header.numbers, strict=True))
    filled = sum(bool(path) for path in header.paths)
    if not 0 <= gap <= 1 or sum(bool(path) for path in before.header.paths) <= filled:
        return []
    same_width = before.table.n_columns == table.n_columns
    if header.numbering_row is not None:
        return known if same_width and header.numbers == before.header.numbers else []
    if header.rows or not (set(table.above) <= set(before.table.above) or _goes_on(table, before.table)):
        return []
    if same_width:
        return known
    places = _header_places(before)
    return [known[i] if (i := _column_at(places, x0, x1)) is not None else ((), None) for x0, x1 in _places(table)]


def _goes_on(table: Table, before: Table) -> bool:
    """Whether a table at the top of the next page has the columns of the one before, edge by edge: what stands above it is no
    title but the rest of a row that the page's end parts.
    """
    if table.n_columns != before.n_columns or table.n_columns < 4 or table.pages[0] != before.pages[-1] + 1:
        return False
    if any(TITLE.match(line) for line in table.above):
        return False
    pairs = [(a, b) for a, b in zip(_places(table), _places(before), strict=True) if (0.0, 0.0) not in (a, b)]
    same = all(abs(one - other) <= SAME_EDGE for pair in pairs for one, other in zip(*pair, strict=True))
    return same and len(pairs) >= 4


def _places(table: Table) -> list[tuple[float, float]]:
    """Left and right edge of each column, in points, from the cells that span one column; (0, 0) where there is none."""
    edges: list[tuple[float, float]] = [(0.0, 0.0)] * table.n_columns
    for cell in table.cells:
        if cell.colspan == 1 and edges[cell.column] == (0.0, 0.0):
            edges[cell.column] = (cell.bbox[0], cell.bbox[2])
    return edges


def _header_places(opened: OpenTable) -> list[tuple[float, float]]:
    """Left and right edge, in points, of the lowest header cell over each column."""
    top = [row for row in opened.header.rows if row < opened.header.top_rows + 1 and row != opened.header.numbering_row]
    cells = [opened.grid.at(max(top, default=0), column) for column in range(opened.grid.n_columns)]
    return [(c.bbox[0], c.bbox[2]) if isinstance(c, Cell) else (0.0, 0.0) for c in cells]


def _column_at(places: Sequence[tuple[float, float]], x0: float, x1: float) -> int | None:
    """The column that shares the most width with [x0, x1]; None where none shares half of it."""
    shared = [min(x1, right) - max(x0, left) for left, right in places]
    best = max(range(len(shared)), key=shared.__getitem__, default=None)
    return best if best is not None and x1 > x0 and shared[best] > 0.5 * (x1 - x0) else None
