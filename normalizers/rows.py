"""The meaning of one printed row: its level, code, name, indicator and parent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Row:
    """`row_no` counts body rows from 0 over all pages. `parent` is the row_no of the row that this one is part of.

    `item` is the row_no of the first printed row of the same kegiatan, program ...: rows that only add an indicator to the
    line above share its item.
    """

    row_no: int
    level: str = "other"
    item: int = 0
    parent: int | None = None
    code: str | None = None
    code_generic: str | None = None
    code_raw: str | None = None
    code_how: str = "none"
    nomenclature: str | None = None
    name: str | None = None
    name_raw: str | None = None
    indicator: str | None = None
    account: str | None = None
    account_scheme: str | None = None
    agency: str | None = None
    unit: str | None = None
    page: int = 0
    block: int = 0  # tables that print names twice (T-C.31) have one Row a block and printed row
    official_name: str | None = None
    finding: str | None = None  # where code, name and parent do not fit together
