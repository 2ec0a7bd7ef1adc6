"""Small tables with meaning, written as literal rows of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from normalizers.columns import Column
from normalizers.rows import Row
from pipeline.facts import Fact, MeantTable

LEVELS = ("perangkat_daerah", "program", "kegiatan", "sub_kegiatan")


def column(
    index: int,
    role: str,
    quantity: str = "anggaran",
    number: str | None = None,
    label: str | None = None,
    year: int = 2024,
) -> Column:
    made = Column(index, label or f"{role} {index}", "quantity", role, quantity, year)
    made.number = number
    made.percent = role.startswith("tingkat_")
    return made


def table(
    columns: Sequence[Column],
    rows: Sequence[tuple[str, str, Sequence[str | None]]],
    table_id: str = "t1",
    kind: str = "tc33",
) -> MeantTable:
    """`rows` are (level, code or name, printed cells); an empty cell is None. Numbers are Indonesian."""
    meant = MeantTable(table_id, kind, "", list(columns), [])
    above: list[Row] = []
    for row_no, (level, name, cells) in enumerate(rows):
        coded = "." in name
        row = Row(row_no, level, row_no, code=name if coded else None, name_raw=name)
        if level.startswith("5."):  # an account line
            row.level, row.account = "belanja", level
            row.parent = above[-1].row_no if above else None
        else:
            while above and (level not in LEVELS or LEVELS.index(above[-1].level) >= LEVELS.index(level)):
                above.pop()
            row.parent = above[-1].row_no if above else None
            if level in LEVELS:
                above.append(row)
        meant.rows.append(row)
        for made, raw in zip(columns, cells, strict=True):
            if raw is not None:
                meant.facts.append(fact(meant, row, made, raw))
    return meant


def fact(meant: MeantTable, row: Row, made: Column, raw: str) -> Fact:
    text = raw.replace("%", "").replace(".", "").replace(",", ".").replace("I", "1").strip()
    value = Decimal(text) if text not in ("-", "") else Decimal(0)
    decimals = len(text.partition(".")[2])
    return Fact(
        f"{meant.table_id}.{row.row_no}.{made.index}", meant.table_id, meant.kind, 1, (0.0, 0.0, 1.0, 1.0), row.row_no,
        made.index, 0, row.level, made.label, made.role or "", made.quantity or "", made.period, raw, value, decimals,
        unit="Persen" if "%" in raw else None, year=made.year, code=row.code, name_raw=row.name_raw,
        indicator=row.name_raw if made.quantity == "kinerja" else None, account=row.account,
    )  # fmt: skip


def statuses(meant: MeantTable) -> dict[str, str]:
    return {f.fact_id: f.status for f in meant.facts}
