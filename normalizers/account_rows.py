"""Tables whose rows are accounts (LRA, APBD, RKA, DPA): which column prints their codes, and which chart they follow."""

from __future__ import annotations

from collections.abc import Sequence

from normalizers.accounts import SCHEME_5889, infer_scheme, parse_account
from normalizers.columns import Column
from normalizers.grid import Grid
from normalizers.row_meaning import word_of

ACCOUNT_KINDS = ("lra", "apbd", "rka", "dpa", "anggaran_realisasi", "other")
OWN_DIGIT = {"4": "pendapatan", "5": "belanja", "6": "pembiayaan", "7": "pembiayaan"}


def account_scheme(
    grid: Grid, columns: Sequence[Column], body: Sequence[int], kind: str, fiscal_year: int | None
) -> str | None:
    """The chart of accounts that the code (or `Nomor Urut`) column of a table prints; None where it prints none.

    Such a column is made a `code` column. It prints accounts where most of its cells have their form, and a heading stands
    beside its own first digit (`4 Pendapatan`, `5.1 Belanja ...`): `2.1 Belanja Operasi` is a running number.
    """
    if kind not in ACCOUNT_KINDS:
        return None
    for column in columns:
        if column.kind not in ("code", "number", "quantity", "text"):
            continue
        rows = _coded_rows(grid, columns, column, body)
        filled = sum(bool(grid.own(row, column.index) and grid.text(row, column.index)) for row in body)
        deep = [code for code, _ in rows if "." in code.strip(" .")]
        if len(rows) < 2 or len(rows) < 0.7 * filled or len(deep) < 0.5 * len(rows):
            continue
        if any(word_of("account_sections", name or "") == OWN_DIGIT.get(code.strip()[0], "none") for code, name in rows):
            column.kind = "code"
            return infer_scheme(rows, fiscal_year) or SCHEME_5889
    return None


def _coded_rows(grid: Grid, columns: Sequence[Column], column: Column, body: Sequence[int]) -> list[tuple[str, str | None]]:
    names = [c.index for c in columns if c.kind == "name"]
    found = []
    for row in body:
        text = grid.text(row, column.index) if grid.own(row, column.index) else ""
        if text and parse_account(text) is not None:
            found.append((text, next((t for i in names if (t := grid.text(row, i))), None)))
    return found
