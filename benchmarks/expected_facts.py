"""Reads a CSV of expected facts (corpus layout) into the records that the checks take.

The CSV holds no numbering rows: they can be given as `{table_id: {column_no: text}}`.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from normalizers.columns import Column
from normalizers.rows import Row
from pipeline.facts import Fact, MeantTable

ORDER = ("perangkat_daerah", "urusan", "bidang_urusan", "program", "kegiatan", "sub_kegiatan")


def load_tables(path: Path, numbering: dict[str, dict[int, str]] | None = None) -> list[MeantTable]:
    """The tables of one `*.facts.csv`; fact ids are `table:row:column:part`."""
    tables: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf8", newline="") as stream:
        for record in csv.DictReader(stream):
            tables.setdefault(record["table_id"], []).append(record)
    return [_table(key, rows, (numbering or {}).get(key, {})) for key, rows in tables.items()]


def _table(table_id: str, records: list[dict[str, str]], numbering: dict[int, str]) -> MeantTable:
    kind = records[0]["table_kind"]
    columns = {int(r["col_no"]): r for r in reversed(records)}
    meant = MeantTable(
        table_id, kind, "", [_column(n, r, numbering.get(n), kind) for n, r in sorted(columns.items())], []
    )
    parts: dict[tuple[int, int], int] = {}
    for record in records:
        cell = (int(record["row_no"]), int(record["col_no"]))
        parts[cell] = parts.get(cell, -1) + 1
        meant.facts.append(_fact(table_id, kind, record, parts[cell]))
    meant.rows = _rows(records)
    return meant


def _column(index: int, record: dict[str, str], number: str | None, kind: str) -> Column:
    column = Column(index, record["column_label"], "quantity", record["role"], record["quantity"])
    column.year = int(record["year"]) if record["year"] else None
    column.period = record["period"] or "tahun"
    column.percent = record["role"].startswith("tingkat_") or "%" in record["column_label"]
    column.number = number
    if kind == "tc31":
        column.block = "right" if record["role"] == "kebutuhan" else "left"
    return column


def _fact(table_id: str, kind: str, r: dict[str, str], part: int) -> Fact:
    row, column = int(r["row_no"]), int(r["col_no"])
    value = Decimal(r["value"]) if r["value"] else None
    return Fact(
        fact_id=f"{table_id}:{row}:{column}:{part}", table_id=table_id, table_kind=kind, page=1, bbox=(0, 0, 0, 0),
        row_no=row, column_no=column, part=part, level=r["level"], column_label=r["column_label"], role=r["role"],
        quantity=r["quantity"], period=r["period"] or "tahun", raw=r["raw"], value=value,
        decimals=_decimals(r["raw"], value), value_text=r["value_text"] or None, unit=r["unit"] or None,
        year=int(r["year"]) if r["year"] else None, code=r["code"] or None, code_raw=r["code_raw"] or None,
        code_how=r["code_how"], name_raw=r["name_raw"] or None, indicator=r["indicator"] or None,
        account=r["account"] or None,
    )  # fmt: skip


def _decimals(raw: str, value: Decimal | None) -> int | None:
    if value is None:
        return None
    places = max(-int(value.normalize().as_tuple().exponent), 0)
    tail = raw.strip(" %)").rpartition(",")[2]
    return max(places, len(tail)) if "," in raw and tail.isdigit() and len(tail) != 3 else places


def _rows(records: list[dict[str, str]]) -> list[Row]:
    rows: list[Row] = []
    stack: list[Row] = []
    for record in {int(r["row_no"]): r for r in reversed(records)}.items():
        number, r = record
        rows.append(
            Row(
                number, r["level"], number, None, r["code"] or None, None, r["code_raw"] or None, r["code_how"], None,
                None, r["name_raw"] or None, r["indicator"] or None, r["account"] or None,
            )
        )  # fmt: skip
    rows.sort(key=lambda row: row.row_no)
    previous: Row | None = None
    for row in rows:
        if row.account:
            row.item, row.parent = row.row_no, stack[-1].row_no if stack else None
            continue
        if previous is not None and _same_item(previous, row):
            row.item, row.parent = previous.item, previous.parent
            previous = row
            continue
        previous = row
        while stack and (row.level not in ORDER or stack[-1].level not in ORDER or _rank(stack[-1]) >= _rank(row)):
            stack.pop()
        row.parent = stack[-1].row_no if stack else None
        stack.append(row)
    return rows


def _rank(row: Row) -> int:
    return ORDER.index(row.level)


def _same_item(a: Row, b: Row) -> bool:
    return a.level == b.level and a.level in ORDER and (a.code, a.name_raw) == (b.code, b.name_raw)
