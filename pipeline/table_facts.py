"""One table of text -> its columns, rows and facts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter

from extractors.tables import Box, Cell
from normalizers.account_rows import account_scheme
from normalizers.blocks import Block, find_blocks
from normalizers.broken_numbers import measures_one, rejoined
from normalizers.codes import CodeResolver
from normalizers.grid import fold
from normalizers.nomenclature import comparable_of
from normalizers.number_style import style_of
from normalizers.numbers import Part, StyleVerdict, parse_cell
from normalizers.outline import levels_by_manner
from normalizers.row_agencies import RowAgencies
from normalizers.row_meaning import Reading as RowReading
from normalizers.row_meaning import RowReader
from normalizers.row_times import Time
from normalizers.rows import Row
from normalizers.textjoin import Lexicon
from normalizers.units import canonical_unit, is_unit
from pipeline.facts import Fact, MeantTable, Problem
from pipeline.measures import (
    RATES,
    Measure,
    Printed,
    line_indicators,
    line_units,
    measures,
    measures_of_row,
    shared_unit,
    unit_of,
)
from pipeline.opening import OpenTable

ACCOUNT_LEVELS = ("belanja", "pendapatan", "pembiayaan", "akun")
TICKS = frozenset((*"√✓✔☑●•*", "Rp", "Rp."))  # say that something is so, or what would follow, and measure nothing
LEADING = ("target", "target_renstra", "anggaran")  # the first of the rows of an indicator
NO_TIME = Time()
LONGEST_GRADE = 40  # characters: a graded word or range, not a sentence
LONGEST_GRADE_WORDS = 4


def mean_table(
    opened: OpenTable, document_id: str, coder: CodeResolver, style: StyleVerdict, lexicon: Lexicon, many: bool = False
) -> MeantTable:
    """Rows and facts of a table. `style` is how the document writes numbers; `many`: it is of many agencies."""
    columns, kind, form = opened.meaning.columns, opened.meaning.kind, opened.meaning.form
    found = _bare(opened)
    styles = _styles(opened, style)
    scheme = account_scheme(opened.grid, columns, opened.body, kind, opened.setting.fiscal_year)
    table = RowReading(kind, form is not None and form.coded, scheme)
    agencies = RowAgencies(opened.grid, columns, opened.titles, many)
    for number, block in enumerate(find_blocks(columns, opened.header)):
        outline, known = _outline(opened, block, number, coder, table, lexicon)
        if many or agencies.titled:
            known = {}  # the names of rows are looked for in the bidang of the agency above
        coder.start_table()
        reader = RowReader(opened.grid, columns, block, number, coder, table, lexicon, outline)
        of_block = measures(columns, block, styles)
        for grid_row, row_no in opened.row_numbers.items():
            row = known.get(grid_row) or reader.read(grid_row, row_no)
            own, time = of_block, opened.meaning.times.get(grid_row, NO_TIME)
            if time is not NO_TIME and row.level == "total" and row.name_raw is None:
                row.level = "other"  # `I`, `II` below `Triwulan` name lines, and no total
            if (said := opened.meaning.roles.get(grid_row)) is not None:
                own = measures_of_row(columns, block, styles, said)
            if (said is not None or time is not NO_TIME) and row.indicator is None and found.rows:
                _go_on(
                    row,
                    found.rows[-1],
                    _spanned(opened, block, grid_row),
                    said is not None and said.role not in LEADING,
                )
            facts = _row_facts(opened, document_id, block, row, grid_row, own, time)
            if agency := agencies.of(row, grid_row):
                row.agency = agency.name
                coder.serve(agency.bidang)
                facts = [
                    replace(f, agency=agency.name, agency_key=agency.key, agency_bidang=list(agency.bidang))
                    for f in facts
                ]
            elif many:
                coder.serve(())
            found.rows.append(row)
            found.facts.extend(facts)
            if row.finding:
                opened.problems.append(_misfit(opened, row, grid_row))
    found.facts.sort(key=attrgetter("row_no", "column_no", "part"))
    return found


def _outline(
    opened: OpenTable, block: Block, number: int, coder: CodeResolver, table: RowReading, lexicon: Lexicon
) -> tuple[Mapping[str, str], dict[int, Row]]:
    """The levels that running numbers tell, in a table of names without codes.

    Also the rows by grid row, where they tell none and reading them once more would say the same.
    """
    if block.codes or not table.coded or not any(c.kind == "number" for c in opened.meaning.columns):
        return {}, {}
    coder.start_table()
    observed = len(coder.lookup.observed)
    reader = RowReader(opened.grid, opened.meaning.columns, block, number, coder, table, lexicon)
    rows = {at: reader.read(at, row_no) for at, row_no in opened.row_numbers.items()}
    levels = [(reader.texts.running_number(at), row.level) for at, row in rows.items()]
    outline = levels_by_manner(levels) if any(label and level == "other" for label, level in levels) else {}
    return outline, {} if outline or len(coder.lookup.observed) > observed else rows


def _bare(opened: OpenTable) -> MeantTable:
    return MeantTable(
        opened.table_id, opened.meaning.kind, opened.caption, opened.meaning.columns, [], [],
        header_rows=frozenset(opened.header.rows), row_numbers=opened.row_numbers, table_no=opened.table_no,
        first_row=opened.first_row, n_rows=opened.table.n_rows,
    )  # fmt: skip


def _styles(opened: OpenTable, style: StyleVerdict) -> dict[int, StyleVerdict]:
    """How the numbers of each column are written; the table and the document tell where a column does not."""
    table_style = style_of(opened.weight, style)
    return {index: style_of(weight, table_style) for index, weight in opened.weights.items()}


def _misfit(opened: OpenTable, row: Row, grid_row: int) -> Problem:
    cells = opened.grid.row_cells(grid_row)
    box = cells[0].bbox if cells and isinstance(cells[0], Cell) else None
    return Problem(row.page, opened.table_id, box, "code_name", "note", row.code_raw or "", row.finding or "")


def _spanned(opened: OpenTable, block: Block, grid_row: int) -> str | None:
    """The indicator that stands beside several rows in one cell."""
    found = (opened.grid.text(grid_row, index) for index in block.indicators)
    return next((text for text in found if text), None)


def _go_on(row: Row, above: Row, spanned: str | None, told: bool) -> None:
    """A row of another time or role is of the indicator above: `spanned`, that of one cell beside both, or where the row says
    what its numbers are (`Realisasi` below `Target`) also without such a cell.
    """
    if spanned is None and not (told and row.block == above.block):
        return
    row.indicator, row.unit = spanned or above.indicator, row.unit or above.unit
    if spanned is not None and row.name_raw is None and above.indicator == spanned:
        row.level, row.item, row.parent = above.level, above.item, above.parent
        row.name, row.name_raw = above.name, above.name_raw


def _row_facts(
    opened: OpenTable, document_id: str, block: Block, row: Row, grid_row: int, measures: Sequence[Measure],
    time: Time,
) -> list[Fact]:  # fmt: skip
    """`time`: that of the row, where rows stand for years or periods."""
    parts: list[Printed] = []
    measured = canonical_unit(row.unit) if row.unit else None
    own = opened.grid.own
    for measure in measures:
        column = measure.column
        cell = own(grid_row, column.index)
        if not isinstance(cell, Cell) or not cell.text.strip() or _is_label(cell, row):
            continue
        quantity = measure.quantity(measured)
        text = cell.text if "\n" not in cell.text else _text_of(cell, measure, quantity, row)
        for number, part in enumerate(parse_cell(text, measure.style, quantity, percent=measure.percent)):
            if part.problem:
                opened.problems.append(_unreadable(opened, cell, part))
            if part.value is not None or _is_grade(part):
                parts.append((measure, cell, number, part))
    if not parts:
        return []
    unit = measured if row.unit else shared_unit(parts)
    count = max(number for _, _, number, _ in parts) + 1
    indicators = line_indicators(row, count) if count > 1 else {}
    units = line_units(opened.grid, block, grid_row, count) if count > 1 else {}
    known = _of_row(row)
    return [
        _fact(
            opened, document_id, row, known, one, one[0].quantity_of(one[3], measured), units.get(one[2], unit),
            indicators.get(one[2], row.indicator), time,
        )
        for one in parts
    ]  # fmt: skip


def _text_of(cell: Cell, measure: Measure, quantity: str, row: Row) -> str:
    """The cell's text, a number that a narrow column broke over lines on one line."""
    role = measure.column.role
    single = measures_one(row.indicator) or role in RATES
    money = quantity == "anggaran" and not measure.percent
    return rejoined(cell.text, money, single, signed=role == "selisih")


def _is_label(cell: Cell, row: Row) -> bool:
    """The words of a total line may stand over columns of numbers."""
    return row.level == "total" and cell.colspan > 1 and fold(cell.text) == row.name_raw


def _is_grade(part: Part) -> bool:
    """Graded words, ranges and dashes are kept as text; sentences and bare units are not quantities."""
    text = part.value_text
    if not text or part.problem or text in TICKS:
        return False
    if len(text) > LONGEST_GRADE or len(text.split()) > LONGEST_GRADE_WORDS:
        return bool(re.search(r"\d", text)) and len(text) <= LONGEST_GRADE
    return not (part.unit is None and is_unit(text) and len(text) > 2)


def _unreadable(opened: OpenTable, cell: Cell, part: Part) -> Problem:
    return Problem(
        cell.page,
        opened.table_id,
        cell.bbox,
        "unreadable_number",
        "warn",
        part.raw,
        f"`{fold(part.raw)}`: {part.problem}",
    )


OfRow = tuple[str | None, str | None, str | None, str | None, str | None, str, str | None, str | None]


def _of_row(row: Row) -> OfRow:
    """What a row gives all its facts: the fields of Fact from `nomenclature` to `name_raw`, in their order."""
    return (
        row.nomenclature, row.code, row.code_generic, comparable_of(row.code_generic), row.code_raw, row.code_how,
        row.official_name or row.name_raw, row.name_raw,
    )  # fmt: skip


def _fact(
    opened: OpenTable, document_id: str, row: Row, known: OfRow, printed: Printed, quantity: str,
    unit: str | None, indicator: str | None, time: Time,
) -> Fact:  # fmt: skip
    """`known` is what the row gives (`_of_row`), `time` its own."""
    measure, cell, number, part = printed
    column = measure.column
    account = row.account if quantity == "anggaran" else None
    label_line = account is not None and row.level not in ACCOUNT_LEVELS
    value = part.value
    if value is not None and quantity == "anggaran" and not part.percent and column.role not in RATES:
        value *= column.multiplier
    raw = part.raw if number or part.raw != cell.text else cell.text
    return Fact(  # by place: forty names would take longer than the fact itself
        fact_id(document_id, cell.page, cell.bbox, number), opened.table_id, opened.meaning.kind, cell.page, cell.bbox,
        row.row_no, column.index, number, "belanja" if label_line else row.level, column.label, column.role or "nilai",
        quantity, time.period if time.period and column.period == "tahun" else column.period, raw, value, part.decimals,
        part.value_text, unit_of(part, column, quantity, unit), column.year or time.year, *known,
        None if label_line else indicator, account, row.account_scheme, row.agency,
        confidence=cell.confidence if part.certain and not part.lookalike else min(cell.confidence, 0.8),
        lookalike=part.lookalike,
    )  # fmt: skip


def fact_id(document_id: str, page: int, bbox: Box, part: int) -> str:
    """Identity by place: the document, the page, the cell's box rounded to the point, and the part."""
    x0, top, x1, bottom = bbox
    known = _begun(document_id).copy()
    known.update(f"{page}|{round(x0)},{round(top)},{round(x1)},{round(bottom)}|{part}".encode())
    return known.hexdigest()[:24]


@lru_cache(1)
def _begun(document_id: str) -> hashlib._Hash:
    """The hash of what all facts of a document begin with: thousands go on from it."""
    return hashlib.sha256(f"{document_id}|".encode())
