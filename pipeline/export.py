"""Views of the store to CSV, Parquet or XLSX. The file appears complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.progress import Part, Watch, silent
from pipeline.store import VIEWS, StoreError, reading
from pipeline.tabular import FORMULA, plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMATS = ("csv", "parquet", "xlsx")
XLSX_ROWS = 1_048_575  # a sheet's rows, less the header
XLSX_TEXT = 32_767  # characters that a cell of a workbook holds
WIDTHS = {  # characters, where a column's own name is no measure
    "region": 30, "agency": 44, "name": 44, "name_raw": 44, "indicator": 44, "document": 36, "column_label": 36,
    "explanation": 60, "caption": 44, "title": 44, "raw": 18, "pagu": 18, "value": 18, "value_accepted": 18,
    "realisasi": 18, "target": 18, "children_sum": 18, "difference": 18, "code": 20, "code_generic": 20, "gap": 28,
}  # fmt: skip
ORDER = {
    "facts": "document_id, table_id, row_no, bbox[1], part, fact_id",
    "documents": "document_id",
    "document_sources": "document_id, source_uri",
    "tables": "document_id, table_id",
    "cells": "document_id, table_id, grid_row, column_no",
    "checks": "document_id, check_id",
    "problems": "document_id, page, table_id",
    "pagu": "region_code, agency_key, year, code_generic, level, item, fact_id",
    "budget_tree": "region_code, agency_key, year, pagu_role, code, fact_id",
    "indicators": "region_code, agency_key, year, level, code_generic, indicator, fact_ids[1]",
    "comparable": "region_code, agency_key, year, code_generic, level, role, quantity, period, indicator, account, "
    "fact_id",
}


def export(store: Path, view: str, form: str, out: Path, watch: Watch = silent) -> int:
    """Write a view to `out` and return the number of rows; `watch` is told how far it is.

    Raises StoreError for an unknown view or format, and for more rows than a sheet holds.
    In CSV, text that a spreadsheet would run as a formula gets an apostrophe; numbers and signed amounts stay.
    """
    if view not in VIEWS:
        raise StoreError(f"no view `{view}`: there are {', '.join(VIEWS)}")
    if form not in FORMATS:
        raise StoreError(f"no format `{form}`: there are {', '.join(FORMATS)}")
    order = f" order by {ORDER[view]}" if view in ORDER else ""
    with reading(store) as connection, complete(out) as unfinished:
        if form == "csv":
            query = f"select {safe_columns(connection, view)} from {view}{order}"
            with watch(Part(f"writing {view}", connection)):
                connection.execute(f"copy ({query}) to '{_quoted(unfinished)}' (format csv, header)")
        elif form == "parquet":
            with watch(Part(f"writing {view}", connection)):
                connection.execute(
                    f"copy (from {view}{order}) to '{_quoted(unfinished)}' (format parquet, compression zstd)"
                )
        else:
            _write_xlsx(connection, view, order, unfinished, watch)
        row = connection.execute(f"select count(*) from {view}").fetchone()
    return 0 if row is None else int(row[0])


def safe_columns(connection: DuckDBPyConnection, view: str) -> str:
    """The columns of a view as a CSV holds them: no formulas, lists as JSON."""
    described = connection.execute(f"describe from {view}").fetchall()
    pattern = FORMULA.replace(r"(?![\s\d.,()%/-]*$)", "")
    signed = r"^\s*[+-][\s\d.,()%/-]*$"
    columns = []
    for name, kind, *_ in described:
        quoted = f'"{name}"'
        if kind == "VARCHAR":
            risky = f"regexp_matches({quoted}, '{pattern}') and not regexp_matches({quoted}, '{signed}')"
            columns.append(f"case when {risky} then '''' || {quoted} else {quoted} end as {quoted}")
        elif kind.endswith("]"):
            columns.append(f"to_json({quoted})::varchar as {quoted}")
        else:
            columns.append(quoted)
    return ", ".join(columns)


def _write_xlsx(connection: DuckDBPyConnection, view: str, order: str, out: Path, watch: Watch) -> None:
    row = connection.execute(f"select count(*) from {view}").fetchone()
    if row is not None and row[0] > XLSX_ROWS:
        raise StoreError(f"{view} has {row[0]} rows and a sheet holds {XLSX_ROWS}: export csv or parquet")
    cursor = connection.execute(f"from {view}{order}")
    names = [column[0] for column in cursor.description or []]

    def rows() -> Iterator[Sequence[Any]]:
        while some := cursor.fetchmany(5000):
            part.done += len(some)
            yield from some

    with watch(Part(f"writing {view}", total=row[0] if row else None)) as part:
        write_sheets(out, {view: (names, rows())})


def write_sheets(out: Path, sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Any]]]]) -> None:
    """A workbook with one sheet a name: frozen bold header, filter, numbers as numbers, text never a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for name, (columns, rows) in sheets.items():
        sheet = book.create_sheet(name[:31])
        sheet.freeze_panes = "A2"
        for place, column in enumerate(columns, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(column, max(10, len(column) + 4))

        def cell(value: Any, sheet: Any = sheet) -> Any:
            if not isinstance(value, str):
                return value
            made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub(" ", value)[:XLSX_TEXT])
            made.data_type = "s"  # text, even where it begins with `=`
            return made

        count = 1
        header = []
        for column in columns:
            made = WriteOnlyCell(sheet, value=column)
            made.font = Font(bold=True)
            header.append(made)
        sheet.append(header)
        for values in rows:
            sheet.append([cell(_typed(value)) for value in values])
            count += 1
        sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(columns), 1))}{count}"
    book.save(out)


def _typed(value: Any) -> Any:
    """Numbers as numbers: a workbook holds 15 digits, more stay text so that none is lost."""
    from decimal import Decimal

    if isinstance(value, Decimal):
        if abs(value) >= 10**15:
            return plain(value)
        return int(value) if value == value.to_integral_value() else float(value)
    return plain(value) if isinstance(value, (list, tuple, dict)) else value


@contextmanager
def complete(out: Path) -> Iterator[Path]:
    out = out.absolute()
    if not out.parent.is_dir():
        raise StoreError(f"{out.parent} is no folder: make it first")
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        yield unfinished
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
