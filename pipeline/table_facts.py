"""One table of text -> its columns, rows and facts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from extractors.tables import Box, Cell, Table
from normalizers.account_rows import account_scheme
from normalizers.agencies import agency as agency_named
from normalizers.agencies import names_in
from normalizers.codes import CodeResolver
from normalizers.column_meaning import Setting
from normalizers.columns import Column
from normalizers.cut_rows import cut_rows, joined
from normalizers.forms import caption_of
from normalizers.grid import Grid, fold
from normalizers.headers import Header, find_header
from normalizers.nomenclature import comparable_of
from normalizers.numbers import Part, StyleVerdict, infer_style, parse_cell
from normalizers.row_meaning import Block, RowReader, find_blocks
from normalizers.rows import Row
from normalizers.sections import find_sections
from normalizers.table_meaning import TableMeaning, settle
from normalizers.textjoin import Lexicon
from normalizers.units import canonical_unit, is_unit
from pipeline.facts import Fact, MeantTable, Problem

RATES = ("tingkat_realisasi", "tingkat_capaian")
ACCOUNT_LEVELS = ("belanja", "pendapatan", "pembiayaan", "akun")
LONGEST_CAPTION = 500  # characters
LONGEST_GRADE = 40  # characters: a graded word or range, not a sentence
LONGEST_GRADE_WORDS = 4


@dataclass(slots=True)
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


def split_sections(table: Table) -> list[tuple[Table, tuple[str, ...], int]]:
    """The tables that one frame holds (DPA, RKA), each with the titles above it and its first row; mostly the table itself."""
    grid = Grid(table.cells, table.n_rows, table.n_columns)
    sections = find_sections(grid, [row for row in range(grid.n_rows) if row not in table.repeated_rows])
    if len(sections) == 1 and sections[0].first == 0:
        return [(table, sections[0].titles, 0)]
    return [(_part(table, section.first, section.last), section.titles, section.first) for section in sections]


def _part(table: Table, first: int, last: int) -> Table:
    """Rows [first, last) of a table as a table of its own."""
    cells = tuple(replace(c, row=c.row - first) for c in table.cells if first <= c.row < last)
    starts = [(max(start - first, 0), page) for start, page in zip(table.page_starts, table.pages, strict=True) if start < last]
    starts = [s for i, s in enumerate(starts) if i + 1 == len(starts) or starts[i + 1][0] > 0]
    return replace(
        table, cells=cells, n_rows=last - first, page_starts=tuple(s for s, _ in starts), pages=tuple(p for _, p in starts),
        repeated_rows=frozenset(r - first for r in table.repeated_rows if first <= r < last),
        shaded_rows=frozenset(r - first for r in table.shaded_rows if first <= r < last),
    )  # fmt: skip


def open_table(
    table: Table, table_id: str, setting: Setting, before: OpenTable | None = None, titles: tuple[str, ...] = ()
) -> OpenTable:
    """Header, columns and kind of a table; rows come later, when the document's nomenclature is known.

    `before` is the table printed before it, whose header serves where this one continues it with a poorer header or none.
    """
    grid = Grid(table.cells, table.n_rows, table.n_columns)
    header = find_header(grid, table.repeated_rows, table.shaded_rows)
    above = table.above
    if before is not None and (paths := _continued_paths(header, table, before)):
        header = replace(header, paths=[p for p, _ in paths], numbers=[n for _, n in paths])
        above, titles = (before.caption,), titles or before.titles
    body = [row for row in range(grid.n_rows) if row not in header.rows and any(grid.row_texts(row))]
    caption = fold(" ".join((caption_of(above), *titles)))[:LONGEST_CAPTION]
    setting.caption = caption
    meaning = settle(grid, header, body, setting)
    if cuts := cut_rows(grid, meaning.columns, body, table.page_starts):
        grid, body = joined(grid, cuts), [row for row in body if row not in cuts]
    opened = OpenTable(table, table_id, grid, header, body, caption, meaning, setting, titles)
    for note in meaning.notes:
        opened.problems.append(Problem(table.pages[0], table_id, table.bbox, "header_claim", "note", caption, note))
    return opened


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
    if header.rows or not set(table.above) <= set(before.table.above):
        return []
    if same_width:
        return known
    places = _header_places(before)
    return [known[i] if (i := _column_at(places, x0, x1)) is not None else ((), None) for x0, x1 in _places(table)]


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


def quantity_texts(opened: OpenTable) -> dict[int, list[str]]:
    """Body texts of each quantity column, for inferring how numbers are written."""
    texts: dict[int, list[str]] = {c.index: [] for c in opened.meaning.columns if c.kind == "quantity"}
    for row in opened.body:
        for index, found in texts.items():
            cell = opened.grid.own(row, index)
            if cell is not None and cell.text.strip():
                found.append(cell.text)
    return texts


def mean_table(opened: OpenTable, document_id: str, coder: CodeResolver, style: StyleVerdict, lexicon: Lexicon) -> MeantTable:
    """Rows and facts of a table. `style` is how the document writes numbers."""
    columns = opened.meaning.columns
    found = MeantTable(
        opened.table_id,
        opened.meaning.kind,
        opened.caption,
        columns,
        [],
        [],
        header_rows=frozenset(opened.header.rows),
        row_numbers=opened.row_numbers,
        table_no=opened.table_no,
        first_row=opened.first_row,
        n_rows=opened.table.n_rows,
    )
    texts = quantity_texts(opened)
    table_style = infer_style((t for ts in texts.values() for t in ts), style)
    styles = {index: infer_style(ts, table_style) for index, ts in texts.items()}
    form = opened.meaning.form
    scheme = account_scheme(opened.grid, columns, opened.body, opened.meaning.kind, opened.setting.fiscal_year)
    agency = _agency_of(opened.titles)
    for number, block in enumerate(find_blocks(columns, opened.header)):
        coder.start_table()
        reader = RowReader(opened.grid, columns, block, number, coder, opened.meaning.kind, form is not None and form.coded, lexicon, scheme)
        for grid_row, row_no in opened.row_numbers.items():
            row = reader.read(grid_row, row_no)
            row.agency = agency
            found.rows.append(row)
            found.facts.extend(_row_facts(opened, document_id, block, row, grid_row, styles))
            if row.finding:
                found_at = opened.grid.row_cells(grid_row)
                box = found_at[0].bbox if found_at and isinstance(found_at[0], Cell) else None
                opened.problems.append(Problem(row.page, opened.table_id, box, "code_name", "note", row.code_raw or "", row.finding))
    found.facts.sort(key=lambda f: (f.row_no, f.column_no, f.part))
    return found


def _agency_of(titles: Sequence[str]) -> str | None:
    """The agency that a title inside the frame names (`Unit Organisasi : 4.05.01 BADAN KEPEGAWAIAN DAERAH`)."""
    names = [name for title in titles for _, name in names_in(title)]
    found = agency_named(names[-1]) if names else None
    return found.name if found else None


def _row_facts(opened: OpenTable, document_id: str, block: Block, row: Row, grid_row: int, styles: dict[int, StyleVerdict]) -> list[Fact]:
    parts: list[tuple[Column, Cell, int, Part]] = []
    for index in block.quantities:
        column = opened.meaning.columns[index]
        cell = opened.grid.own(grid_row, index)
        if not isinstance(cell, Cell) or not cell.text.strip():
            continue
        quantity = _quantity(column, row, None)
        for number, part in enumerate(parse_cell(cell.text, styles[index], quantity, percent=_is_percent(column))):
            if part.problem:
                opened.problems.append(_unreadable(opened, cell, part))
            if part.value is not None or _is_grade(part, column):
                parts.append((column, cell, number, part))
    unit = canonical_unit(row.unit) if row.unit else _shared_unit([(c, p) for c, _, _, p in parts])
    indicators = _line_indicators(row, parts)
    return [
        _fact(opened, document_id, row, column, cell, number, part, unit, indicators.get(number, row.indicator))
        for column, cell, number, part in parts
    ]


def _quantity(column: Column, row: Row, part: Part | None) -> str:
    """The quantity of one cell: a column may mix money and performance, told apart by the row's unit (RKT)."""
    unit = canonical_unit(row.unit) if row.unit else None
    if unit == "Rupiah" or (part is not None and part.currency):
        return "anggaran"
    if unit is not None and column.quantity == "anggaran" and column.role == "target" and not re.search(r"rp|pagu|dana", column.label.lower()):
        return "kinerja"
    return column.quantity or "jumlah"


def _is_percent(column: Column) -> bool:
    return column.percent or column.role in RATES


def _is_grade(part: Part, column: Column) -> bool:
    """Graded words, ranges and dashes are kept as text; sentences and bare units are not quantities."""
    text = part.value_text
    if not text or part.problem:
        return False
    if len(text) > LONGEST_GRADE or len(text.split()) > LONGEST_GRADE_WORDS:
        return bool(re.search(r"\d", text)) and len(text) <= LONGEST_GRADE
    return not (part.unit is None and is_unit(text) and len(text) > 2)


def _unreadable(opened: OpenTable, cell: Cell, part: Part) -> Problem:
    return Problem(cell.page, opened.table_id, cell.bbox, "unreadable_number", "warn", part.raw, f"`{fold(part.raw)}`: {part.problem}")


def _shared_unit(parts: Sequence[tuple[Column, Part]]) -> str | None:
    """A unit printed in one kinerja cell of the row serves its bare numbers (contract, section 1)."""
    donors = [(c, p) for c, p in parts if c.quantity != "anggaran" and c.role not in RATES and p.unit]
    ordered = [p for c, p in donors if c.role != "nilai"] or [p for _, p in donors]
    units = [u for p in ordered if (u := canonical_unit(p.unit))]
    return units[0] if units else None


def _line_indicators(row: Row, parts: Sequence[tuple[Column, Cell, int, Part]]) -> dict[int, str | None]:
    """Where cells print one line an indicator, the indicator of each part."""
    count = max((number for _, _, number, _ in parts), default=0) + 1
    if count == 1 or not row.indicator:
        return {}
    items = [fold(t) for t in re.split(r"(?:^|(?<=[\s;]))(?:\d{1,2}[.)]|[-•])\s+|;\s+", row.indicator) if fold(t)]
    return dict(enumerate(items)) if len(items) == count else {}


def _unit_of(part: Part, column: Column, quantity: str, shared: str | None) -> str | None:
    if part.value is None and part.value_text == "-":
        return None
    if part.percent:
        return "Persen"
    if column.role in RATES or (column.percent and quantity == "anggaran"):
        return "Persen" if part.value is not None else None
    if quantity == "anggaran":
        return "Rupiah"
    if part.unit and (own := canonical_unit(part.unit)):
        return own
    if quantity == "jumlah":
        return shared
    return shared or ("Persen" if column.percent else None)


def _fact(
    opened: OpenTable, document_id: str, row: Row, column: Column, cell: Cell, number: int, part: Part, unit: str | None, indicator: str | None
) -> Fact:
    quantity = _quantity(column, row, part)
    account = row.account if quantity == "anggaran" else None
    label_line = account is not None and row.level not in ACCOUNT_LEVELS
    level = "belanja" if label_line else row.level
    value = part.value
    if value is not None and quantity == "anggaran" and not part.percent and column.role not in RATES:
        value *= column.multiplier
    return Fact(
        fact_id=fact_id(document_id, cell.page, cell.bbox, number),
        table_id=opened.table_id, table_kind=opened.meaning.kind, page=cell.page, bbox=cell.bbox, row_no=row.row_no,
        column_no=column.index, part=number, level=level, column_label=column.label, role=column.role or "nilai", quantity=quantity,
        period=column.period, raw=part.raw if number or part.raw != cell.text else cell.text, value=value,
        decimals=part.decimals, value_text=part.value_text, unit=_unit_of(part, column, quantity, unit), year=column.year,
        nomenclature=row.nomenclature, code=row.code, code_generic=row.code_generic, code_comparable=comparable_of(row.code_generic),
        code_raw=row.code_raw, code_how=row.code_how, name=row.official_name or row.name_raw, name_raw=row.name_raw,
        indicator=None if label_line else indicator, account=account, account_scheme=row.account_scheme, agency=row.agency,
        confidence=cell.confidence if part.certain and not part.lookalike else min(cell.confidence, 0.8), lookalike=part.lookalike,
    )  # fmt: skip


def fact_id(document_id: str, page: int, bbox: Box, part: int) -> str:
    """Identity by place: the document, the page, the cell's box rounded to the point, and the part."""
    place = ",".join(str(round(x)) for x in bbox)
    return hashlib.sha256(f"{document_id}|{page}|{place}|{part}".encode()).hexdigest()[:24]


def scale(value: Decimal | None) -> Decimal | None:
    """The value as the store keeps it: six places."""
    return None if value is None else value.quantize(Decimal("0.000001"))
