"""The meaning of one column of a table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(slots=True)
class Column:
    """`kind` says what the column's cells are.

    quantity (each filled cell is a fact), code, name, indicator, unit, account, number (a running No), or text
    (kept, but no facts: notes, location, who is responsible, source of funds, formula).
    """

    index: int
    label: str  # the header path, joined with ` > `
    kind: str = "text"
    role: str | None = None
    quantity: str | None = None  # kinerja, anggaran, jumlah
    year: int | None = None
    period: str = "tahun"
    unit: str | None = None
    multiplier: Decimal = Decimal(1)  # 1000 where a header says (Rp.000) and the numbers agree
    percent: bool = False
    number: str | None = None  # what the numbering row prints over it: `8`, `8=7/6*100`
    name_level: str | None = (
        None  # for name/indicator/code columns that hold one level only: program, kegiatan, sasaran ...
    )
    claimed_multiplier: Decimal | None = None  # what the header claims, where the numbers refute it
    doubted_scale: str | None = None  # why the multiplier is not sure
    block: str | None = None  # left / right block of a table that prints names twice (T-C.31), else None
