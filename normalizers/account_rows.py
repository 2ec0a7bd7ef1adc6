"""Tables whose rows are accounts (LRA, APBD, RKA, DPA): the column of their codes, their chart, and their order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from normalizers.accounts import SCHEME_5889, account_level, infer_scheme, parse_account
from normalizers.columns import Column
from normalizers.grid import Grid
from normalizers.row_words import word_of
from normalizers.rows import Row

ACCOUNT_FORMS = ("lra", "apbd", "rka", "dpa", "neraca")  # their rows are accounts and lines below them, no kegiatan
ACCOUNT_KINDS = ("lra", "apbd", "rka", "dpa", "anggaran_realisasi", "other")
BEHIND_ACTIVITY = re.compile(r"^\d[\d.]*\.\s+(?=[4-7]\.\s?\d)")  # `1.1.01. 5.1.`: an activity's code and an account
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
        deep = [code for code, _ in rows if "." in code.strip(" .")]
        if len(rows) < 2 or len(deep) < 0.5 * len(rows):
            continue
        if len(rows) < 0.7 * sum(_prints_code(grid, columns, column, row) for row in body):
            continue
        if any(
            word_of("account_sections", name or "") == OWN_DIGIT.get(code.strip()[0], "none") for code, name in rows
        ):
            column.kind = "code"
            return infer_scheme(rows, fiscal_year) or SCHEME_5889
    return None


def _prints_code(grid: Grid, columns: Sequence[Column], column: Column, row: int) -> bool:
    """Something stands in the code column that is not the row's name as well (`Jumlah` over both, signatures)."""
    cell = grid.own(row, column.index)
    return (
        cell is not None
        and bool(cell.text.strip())
        and not any(c.kind == "name" and grid.at(row, c.index) is cell for c in columns)
    )


def _coded_rows(
    grid: Grid, columns: Sequence[Column], column: Column, body: Sequence[int]
) -> list[tuple[str, str | None]]:
    names = [c.index for c in columns if c.kind == "name"]
    found = []
    for row in body:
        text = grid.text(row, column.index) if grid.own(row, column.index) else ""
        if text and parse_account(text) is not None:
            found.append((text, next((t for i in names if (t := grid.text(row, i))), None)))
    return found


class AccountOutline:
    """Levels and parents of rows that are accounts, or lines below them, from top to bottom."""

    def __init__(self, scheme: str | None, kind: str = "") -> None:
        self.scheme = scheme
        self.balance = kind == "neraca"
        self.section: str | None = None  # pendapatan, belanja, pembiayaan
        self.above: list[tuple[str, Row]] = []  # rows above with their account codes or running numbers

    def place(self, row: Row, numbered: str | None) -> None:
        """Gives the row its account, level and parent; `numbered` is its running number, where one is printed."""
        printed = BEHIND_ACTIVITY.sub("", row.code_raw or "")
        account = parse_account(printed, self.scheme) if self.scheme else None
        if account is not None:
            row.account, row.account_scheme = account.code, account.scheme or self.scheme
            row.level = account_level(account.code)
            self._below(row, account.code)
        elif word_of("levels", row.name_raw or "") == "total":
            row.level = "total"
        elif self.scheme and word_of("account_sections", row.name_raw or "") == "other":
            row.level, self.above = "other", []  # `Surplus/(Defisit)` is no line of the account above it
        else:
            row.level = self._heading(row, row.name_raw or "", numbered)

    def _heading(self, row: Row, name: str, numbered: str | None) -> str:
        heading = word_of("account_sections", name)
        if heading and (numbered or not self.scheme):
            self.section = heading if heading != "other" else None
        if numbered and "." in numbered:
            self._below(row, re.sub(r"\s", "", numbered).strip("."))
        elif numbered:
            self.above = [(numbered.strip(" ."), row)]
        elif self.above:
            row.parent = self.above[-1][1].row_no
        if self.balance:
            return "total" if re.match(r"(?i)(?:jumlah|total)\b", name.strip()) else "akun"
        if self.scheme:
            return "other"
        parent = self.above[-2][1].level if numbered and "." in numbered and len(self.above) > 1 else None
        if parent is not None and parent in OWN_DIGIT.values() and heading != "other":
            self.section = parent  # `3.1 Penerimaan Daerah` below `3 Pembiayaan`
            return parent
        return heading or self.section or "other"

    def _below(self, row: Row, number: str) -> None:
        """Parent by number: `5.2.1` stands below `5.2`."""
        while self.above and not number.startswith(self.above[-1][0] + "."):
            self.above.pop()
        row.parent = self.above[-1][1].row_no if self.above else None
        self.above.append((number, row))
