"""One table of text -> its columns, rows and facts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractors.tables import Box, Cell
from normalizers.account_rows import account_scheme
from normalizers.blocks import Block, find_blocks
from normalizers.broken_numbers import measures_one, rejoined
from normalizers.codes import CodeResolver
from normalizers.columns import Column
from normalizers.grid import fold
from normalizers.nomenclature import comparable_of
from normalizers.number_style import style_of, total
from normalizers.numbers import Part, StyleVerdict, parse_cell
from normalizers.outline import levels_by_manner
from normalizers.row_agencies import RowAgencies
from normalizers.row_meaning import Reading as RowReading
from normalizers.row_meaning import RowReader
from normalizers.rows import Row
from normalizers.textjoin import Lexicon
from normalizers.units import canonical_unit, is_unit
from pipeline.facts import Fact, MeantTable, Problem
from pipeline.opening import OpenTable

RATES = ("tingkat_realisasi", "tingkat_capaian")
ACCOUNT_LEVELS = ("belanja", "pendapatan", "pembiayaan", "akun")
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
        for grid_row, row_no in opened.row_numbers.items():
            row = known.get(grid_row) or reader.read(grid_row, row_no)
            facts = _row_facts(opened, document_id, block, row, grid_row, styles)
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
    found.facts.sort(key=lambda f: (f.row_no, f.column_no, f.part))
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
    weights = opened.weights
    table_style = style_of(total(weights.values()), style)
    return {index: style_of(weight, table_style) for index, weight in weights.items()}


def _misfit(opened: OpenTable, row: Row, grid_row: int) -> Problem:
    cells = opened.grid.row_cells(grid_row)
    box = cells[0].bbox if cells and isinstance(cells[0], Cell) else None
    return Problem(row.page, opened.table_id, box, "code_name", "note", row.code_raw or "", row.finding or "")


def _row_facts(
    opened: OpenTable, document_id: str, block: Block, row: Row, grid_row: int, styles: dict[int, StyleVerdict]
) -> list[Fact]:
    parts: list[tuple[Column, Cell, int, Part]] = []
    measured = canonical_unit(row.unit) if row.unit else None
    for index in block.quantities:
        column = opened.meaning.columns[index]
        cell = opened.grid.own(grid_row, index)
        if not isinstance(cell, Cell) or not cell.text.strip() or _is_label(cell, row):
            continue
        quantity = _quantity(column, measured)
        for number, part in enumerate(
            parse_cell(_text_of(cell, column, quantity, row), styles[index], quantity, percent=_is_percent(column))
        ):
            if part.problem:
                opened.problems.append(_unreadable(opened, cell, part))
            if part.value is not None or _is_grade(part, column):
                parts.append((column, cell, number, part))
    unit = measured if row.unit else _shared_unit([(c, p) for c, _, _, p in parts])
    indicators = _line_indicators(row, parts)
    units = _line_units(opened, block, grid_row, parts)
    return [
        _fact(
            opened, document_id, row, column, cell, number, part,
            _quantity_of(part, column, measured),
            units.get(number, unit), indicators.get(number, row.indicator),
        )
        for column, cell, number, part in parts
    ]  # fmt: skip


def _text_of(cell: Cell, column: Column, quantity: str, row: Row) -> str:
    """The cell's text, a number that a narrow column broke over lines on one line."""
    if "\n" not in cell.text:
        return cell.text
    single = measures_one(row.indicator) or column.role in RATES
    money = quantity == "anggaran" and not _is_percent(column)
    return rejoined(cell.text, money, single, signed=column.role == "selisih")


def _is_label(cell: Cell, row: Row) -> bool:
    """The words of a total line may stand over columns of numbers."""
    return row.level == "total" and cell.colspan > 1 and fold(cell.text) == row.name_raw


def _quantity(column: Column, unit: str | None) -> str:
    """The quantity of one cell: a column may mix money and performance, told apart by the row's unit (RKT)."""
    if unit == "Rupiah":
        return "anggaran"
    if (
        unit is not None
        and column.quantity == "anggaran"
        and column.role == "target"
        and not re.search(r"rp|pagu|dana", column.label.lower())
    ):
        return "kinerja"
    return column.quantity or "jumlah"


def _quantity_of(part: Part, column: Column, measured: str | None) -> str:
    """The quantity of a part: what prints `Rp` is money, and what prints a unit of its own (`6 Dokumen`) is none."""
    quantity = "anggaran" if part.currency else _quantity(column, measured)
    if quantity == "anggaran" and part.unit and not part.currency and not part.percent and is_unit(part.unit):
        return "anggaran" if canonical_unit(part.unit) == "Rupiah" else "kinerja"
    return quantity


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
    return Problem(
        cell.page,
        opened.table_id,
        cell.bbox,
        "unreadable_number",
        "warn",
        part.raw,
        f"`{fold(part.raw)}`: {part.problem}",
    )


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


def _line_units(
    opened: OpenTable, block: Block, grid_row: int, parts: Sequence[tuple[Column, Cell, int, Part]]
) -> dict[int, str | None]:
    """Where cells print one line an indicator, and the column of units too, the unit of each part."""
    count = max((number for _, _, number, _ in parts), default=0) + 1
    for index in block.units if count > 1 else ():
        cell = opened.grid.at(grid_row, index)
        lines = [fold(line) for line in cell.text.split("\n") if fold(line)] if cell is not None else []
        if len(lines) == count and all(is_unit(line) for line in lines):
            return {number: canonical_unit(line) for number, line in enumerate(lines)}
    return {}


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
        return shared or column.unit
    return shared or column.unit or ("Persen" if column.percent else None)


def _fact(
    opened: OpenTable,
    document_id: str,
    row: Row,
    column: Column,
    cell: Cell,
    number: int,
    part: Part,
    quantity: str,
    unit: str | None,
    indicator: str | None,
) -> Fact:
    account = row.account if quantity == "anggaran" else None
    label_line = account is not None and row.level not in ACCOUNT_LEVELS
    level = "belanja" if label_line else row.level
    value = part.value
    if value is not None and quantity == "anggaran" and not part.percent and column.role not in RATES:
        value *= column.multiplier
    return Fact(
        fact_id=fact_id(document_id, cell.page, cell.bbox, number), table_id=opened.table_id,
        table_kind=opened.meaning.kind, page=cell.page, bbox=cell.bbox, row_no=row.row_no, column_no=column.index,
        part=number, level=level, column_label=column.label, role=column.role or "nilai", quantity=quantity,
        period=column.period, raw=part.raw if number or part.raw != cell.text else cell.text, value=value,
        decimals=part.decimals, value_text=part.value_text, unit=_unit_of(part, column, quantity, unit),
        year=column.year, nomenclature=row.nomenclature, code=row.code, code_generic=row.code_generic,
        code_comparable=comparable_of(row.code_generic), code_raw=row.code_raw, code_how=row.code_how,
        name=row.official_name or row.name_raw, name_raw=row.name_raw, indicator=None if label_line else indicator,
        account=account, account_scheme=row.account_scheme, agency=row.agency,
        confidence=cell.confidence if part.certain and not part.lookalike else min(cell.confidence, 0.8),
        lookalike=part.lookalike,
    )  # fmt: skip


def fact_id(document_id: str, page: int, bbox: Box, part: int) -> str:
    """Identity by place: the document, the page, the cell's box rounded to the point, and the part."""
    x0, top, x1, bottom = bbox
    place = f"{round(x0)},{round(top)},{round(x1)},{round(bottom)}"
    return hashlib.sha256(f"{document_id}|{page}|{place}|{part}".encode()).hexdigest()[:24]
