"""The rows of a table: which kegiatan, indicator, account each printed row is about, and which row it is part of.

A table may hold several blocks, each with names, indicators and quantities of its own (T-C.31 prints draft and analysis side
by side; an RKT prints goals at the left and activities at the right); every quantity column belongs to one block.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from normalizers.accounts import account_level, parse_account
from normalizers.column_meaning import FORMS
from normalizers.columns import Column
from normalizers.grid import CellLike, Grid, fold
from normalizers.headers import RUNNING_NUMBER, Header
from normalizers.rows import Row
from normalizers.textjoin import join_lines

LEVEL_DEPTH = {"perangkat_daerah": 0, "urusan": 1, "bidang_urusan": 2, "tujuan": 2, "sasaran": 3, "program": 3, "kegiatan": 4, "sub_kegiatan": 5}
ACCOUNT_FORMS = ("lra", "apbd", "rka", "dpa")  # their rows are accounts and lines below them, no kegiatan
LEADING_CODE = re.compile(r"^(\d{2,4})\.?\s+(?=[A-Za-z])")
LEADING_NUMBER = re.compile(r"^(\d{1,2}|[a-z])\s*[.)]\s*(?=[A-Za-z])")
BULLET = re.compile(r"^[-–•*]\s*(?=\w)")


class Coder(Protocol):
    """What finds codes: `normalizers.codes.CodeResolver`."""

    def start_table(self) -> None: ...
    def resolve(self, code_raw: str | None, name: str | None, parent: str | None = None, level: str | None = None) -> Verdict: ...
    def resolve_indicator(self, indicator: str, parent: str | None = None) -> Verdict: ...


class Verdict(Protocol):
    """What a coder says of one row."""

    @property
    def code(self) -> str | None: ...
    @property
    def code_generic(self) -> str | None: ...
    @property
    def how(self) -> str: ...
    @property
    def level(self) -> str | None: ...
    @property
    def official_name(self) -> str | None: ...
    @property
    def nomenclature(self) -> str | None: ...
    @property
    def finding(self) -> str | None: ...
    @property
    def account(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Block:
    """The key columns that one group of quantity columns answers to (column indexes)."""

    names: tuple[int, ...]
    indicators: tuple[int, ...]
    units: tuple[int, ...]
    codes: tuple[int, ...]
    accounts: tuple[int, ...]
    quantities: tuple[int, ...]


def find_blocks(columns: Sequence[Column], header: Header) -> list[Block]:
    """Group quantity columns by the key columns that serve them.

    Key columns inside the quantity's own header group win; else those at its left that belong to no other group with
    quantities of its own.
    """
    groups: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for column in columns:
        if column.kind == "quantity":
            groups.setdefault(_keys_of(column, columns, header), []).append(column.index)
    return [Block(*keys, quantities=tuple(indexes)) for keys, indexes in groups.items()]


def _keys_of(column: Column, columns: Sequence[Column], header: Header) -> tuple[tuple[int, ...], ...]:
    keys = []
    for kind in ("name", "indicator", "unit", "code", "account"):
        same = [c for c in columns if c.kind == kind]
        inside = [c for c in same if c.block and c.block == column.block]
        if kind == "unit":
            chosen = [c for c in inside if c.index < column.index] or inside or _left(same, column, columns) or same[:1]
            chosen = chosen[-1:] if chosen and chosen[0].index < column.index else chosen[:1]
        else:
            chosen = inside or _left(same, column, columns) or same
        if kind == "account" and not inside:
            chosen = same
        keys.append(tuple(c.index for c in chosen))
    return tuple(keys)


def _left(same: list[Column], column: Column, columns: Sequence[Column]) -> list[Column]:
    owned = {c.block for c in columns if c.kind == "quantity" and c.block and c.block != column.block}
    left = [c for c in same if c.index < column.index]
    return [c for c in left if c.block not in owned] or left


@cache
def row_words() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Compiled `forms/rows.toml`: (value, pattern) pairs by section."""
    data = tomllib.loads((FORMS / "rows.toml").read_text(encoding="utf-8"))
    found = {key: [(level, re.compile(p)) for level, ps in data[key].items() for p in ps] for key in ("levels", "sections", "agency", "account_sections")}
    found["belanja"] = [(rule["account"], re.compile(rule["pattern"])) for rule in data["belanja"]]
    return found


def word_of(section: str, text: str) -> str | None:
    """The value of the first pattern of a section that fits the text (lower-cased here)."""
    low = fold(text).lower()
    return next((value for value, pattern in row_words()[section] if pattern.search(low)), None)


def belanja_account(text: str) -> str | None:
    """Account code of a belanja line named in words (`Belanja barang dan jasa` -> `5.1.02`)."""
    return word_of("belanja", text)


class RowReader:
    """Reads the rows of one block, from top to bottom."""

    def __init__(self, grid: Grid, columns: Sequence[Column], block: Block, number: int, coder: Coder, kind: str, coded: bool, lexicon: object = None, scheme: str | None = None) -> None:
        self.grid, self.columns, self.block, self.number = grid, columns, block, number
        self.coder, self.kind, self.coded, self.lexicon = coder, kind, coded, lexicon
        self.scheme = scheme  # the chart of accounts that the code column prints, where it prints accounts
        self.section: str | None = None
        self.account_section: str | None = None
        self.outline: list[tuple[str, Row]] = []  # rows above with their account codes or running numbers
        self.current: Row | None = None
        self.ancestors: list[Row] = []
        self.context: dict[int, str] = {}

    def read(self, grid_row: int, row_no: int) -> Row:
        """The meaning of one printed row; it may inherit name and code from the row above."""
        code_raw, name = self._code_and_name(grid_row)
        indicator = self._indicator(grid_row)
        page = next((c.page for c in self.grid.row_cells(grid_row)), self.current.page if self.current else 0)
        if name and not self._has_numbers(grid_row) and (section := word_of("sections", name)) and not code_raw:
            self.section, self.current = section, None
            return Row(row_no, level="other", item=row_no, name_raw=name, page=page, block=self.number)
        if not name and not code_raw and (label := self._total_label(grid_row)):
            return Row(row_no, level="total", item=row_no, name_raw=label, page=page, block=self.number)
        if not name and not code_raw:
            return self._continued(grid_row, row_no, indicator, page)
        row = self._new_item(grid_row, row_no, code_raw, name, indicator)
        row.page = page
        self._place(row)
        return row

    def _continued(self, grid_row: int, row_no: int, indicator: str | None, page: int) -> Row:
        """A row without name and code: one more indicator or account of the item above, or an unnamed total."""
        if self.current is None or (indicator is None and self._is_unnamed_total(grid_row)):
            if indicator is None and self._has_numbers(grid_row):
                return Row(row_no, level="total" if self._has_amounts(grid_row) else "other", item=row_no, page=page, block=self.number)
            return self._bare_indicator(grid_row, row_no, indicator, page)
        above = self.current
        row = Row(
            row_no, above.level, above.item, above.parent, above.code, above.code_generic, above.code_raw, above.code_how,
            above.nomenclature, above.name, above.name_raw, page=page, block=self.number, official_name=above.official_name,
        )  # fmt: skip
        row.indicator = indicator or (above.indicator if self._spans_on(grid_row) else None)
        row.account = above.account
        self._account_line(grid_row, row)
        row.unit = self._unit(grid_row) or (above.unit if indicator is None else None)
        return row

    def _bare_indicator(self, grid_row: int, row_no: int, indicator: str | None, page: int) -> Row:
        """A table of indicators without names (T-C.30): its sub kegiatan is found by the indicator, where one has just that."""
        row = Row(row_no, level="indikator" if indicator else "other", item=row_no, name_raw=indicator, indicator=indicator, page=page, block=self.number)
        if indicator and self.kind == "tc30":
            verdict = self.coder.resolve_indicator(indicator)
            row.code, row.code_generic, row.code_how = verdict.code, verdict.code_generic, verdict.how
            row.nomenclature = verdict.nomenclature
        row.unit = self._unit(grid_row)
        return row

    def _new_item(self, grid_row: int, row_no: int, code_raw: str | None, name: str | None, indicator: str | None) -> Row:
        row = Row(row_no, item=row_no, code_raw=code_raw, name_raw=name, indicator=indicator, block=self.number)
        numbered = self._running_number(grid_row)
        if self.scheme or self.kind in ACCOUNT_FORMS:
            return self._account_item(grid_row, row, numbered)
        row.level = self._level_by_words(grid_row, name, indicator)
        if account := belanja_account(name or ""):
            row.level = "belanja"
            row.account = account
        coded = row.level in ("program", "kegiatan", "sub_kegiatan", "urusan", "bidang_urusan")
        if code_raw or (row.level == "other" and self._names_are_coded()) or coded:
            self._resolve(row, numbered)
        if row.level == "indikator" and not row.indicator:
            row.indicator = name
        self._account_line(grid_row, row)
        row.unit = self._unit(grid_row)
        return row

    def _account_item(self, grid_row: int, row: Row, numbered: str | None) -> Row:
        """A row of an account form: an account where its code says so, else a line below one, or a total."""
        account = parse_account(row.code_raw, self.scheme) if self.scheme else None
        name = row.name_raw or ""
        if account is not None:
            row.account, row.account_scheme = account.code, account.scheme or self.scheme
            row.level = account_level(account.code)
            self._outline(row, account.code)
        elif word_of("levels", name) == "total":
            row.level = "total"
        else:
            row.level = self._account_heading(row, name, numbered)
        row.unit = self._unit(grid_row)
        return row

    def _account_heading(self, row: Row, name: str, numbered: str | None) -> str:
        heading = word_of("account_sections", name)
        if heading and (numbered or not self.scheme):
            self.account_section = heading if heading != "other" else None
        if numbered and "." in numbered:
            self._outline(row, re.sub(r"\s", "", numbered).strip("."))
        elif numbered:
            self.outline = [(numbered.strip(" ."), row)]
        elif self.outline:
            row.parent = self.outline[-1][1].row_no
        if self.scheme:
            return "other"
        return heading or self.account_section or "other"

    def _outline(self, row: Row, number: str) -> None:
        """Parent by number: `5.2.1` stands below `5.2`."""
        while self.outline and not number.startswith(self.outline[-1][0] + "."):
            self.outline.pop()
        row.parent = self.outline[-1][1].row_no if self.outline else None
        self.outline.append((number, row))

    def _resolve(self, row: Row, numbered: str | None) -> None:
        parent = next((r.code for r in reversed(self.ancestors) if r.code), None)
        level = row.level if row.level in LEVEL_DEPTH else None
        verdict = self.coder.resolve(row.code_raw, row.name_raw, parent, level)
        row.code, row.code_generic, row.code_how = verdict.code, verdict.code_generic, verdict.how
        row.nomenclature, row.official_name, row.finding = verdict.nomenclature, verdict.official_name, verdict.finding
        if verdict.account:
            row.account = verdict.account
            row.level = _account_level(verdict.account)
        elif verdict.level:
            row.level = verdict.level

    def _names_are_coded(self) -> bool:
        """Forms whose names are those of the nomenclature, even where no code is printed."""
        return self.coded or bool(self.block.codes)

    def _level_by_words(self, grid_row: int, name: str | None, indicator: str | None) -> str:
        if not name:
            return "other"
        if word_of("levels", name) == "total":
            return "total"
        column = self._name_column(grid_row)
        own = self.columns[column].name_level if column is not None else None
        words = word_of("levels", LEADING_NUMBER.sub("", name))
        if words == "indikator" and (self.block.indicators or self._names_are_coded()):
            words = None
        if word_of("agency", name) is not None and self.kind not in ("kepegawaian", "sarana", "other"):
            return "perangkat_daerah"
        if self.kind in ("kepegawaian", "sarana"):
            return "other"
        if words in ("tujuan", "sasaran", "program", "kegiatan", "sub_kegiatan", "urusan", "bidang_urusan"):
            return words
        if own in ("tujuan", "sasaran") and self.kind != "capaian_kinerja":
            return own
        if own == "program" and not self._names_are_coded():
            return own
        if self.section:
            return self.section
        if not self._names_are_coded() and self.kind in ("capaian_kinerja", "perjanjian_kinerja", "iku", "tc30", "tujuan_sasaran"):
            return "indikator"
        return words or "other"

    def _name_column(self, grid_row: int) -> int | None:
        filled = [c for c in self.block.names if (cell := self.grid.own(grid_row, c)) is not None and fold(cell.text)]
        return filled[-1] if filled else None

    def _code_and_name(self, grid_row: int) -> tuple[str | None, str | None]:
        names = [c for i in self.block.names if (c := self._starting(grid_row, i)) is not None]
        name_cells = {id(c) for i in self.block.names if (c := self.grid.at(grid_row, i)) is not None}
        codes: list[str] = []
        seen = name_cells
        for index in self.block.codes:
            cell = self._starting(grid_row, index)
            if cell is None or id(cell) in seen or not fold(cell.text):
                continue
            codes.append(fold(cell.text))
            seen = seen | {id(cell)}
        name = self._name_text(names)
        if name and codes and (m := LEADING_CODE.match(name)) and len(self.block.codes) > 1:
            codes.append(m.group(1))
            name = name[m.end() :]
        elif name and not codes and self.block.codes and not names[0].colspan > 1 and (m := LEADING_CODE.match(name)):
            name = name[m.end() :]
        return (" ".join(codes) or None), name

    def _starting(self, grid_row: int, column: int) -> CellLike | None:
        """The cell over (row, column) if it begins in this row."""
        cell = self.grid.at(grid_row, column)
        return cell if cell is not None and cell.row == grid_row else None

    def _name_text(self, cells: list[CellLike]) -> str | None:
        """The rightmost filled name; running numbers in a name column of their own are no names."""
        filled = [t for c in cells if (t := self._join(c.text)) and t not in ("-", ":")]
        texts = [t for t in filled if not RUNNING_NUMBER.match(t)]
        if not texts and self.kind in ("kepegawaian", "sarana"):
            texts = [t for t in filled if not t[0].isdigit()]  # ranks (`IV`, `III`) are names there
        if not texts:
            return None
        if self.kind in ("kepegawaian", "sarana") and len(set(texts)) > 1:
            return " ".join(dict.fromkeys(texts))
        return LEADING_NUMBER.sub("", texts[-1]) or None

    def _join(self, text: str) -> str:
        return join_lines(text, self.lexicon)  # type: ignore[arg-type]

    def _indicator(self, grid_row: int) -> str | None:
        cells = [c for i in self.block.indicators if (c := self._starting(grid_row, i)) is not None]
        names = {id(self.grid.at(grid_row, i)) for i in self.block.names}
        texts = [self._join(c.text) for c in cells if id(c) not in names]
        texts = [t for t in texts if t and t != "-"]
        return BULLET.sub("", texts[-1]) if texts else None

    def _spans_on(self, grid_row: int) -> bool:
        """True where the indicator cell of an earlier row reaches down into this one."""
        return any((c := self.grid.at(grid_row, i)) is not None and c.row < grid_row and fold(c.text) for i in self.block.indicators)

    def _unit(self, grid_row: int) -> str | None:
        texts = [self.grid.text(grid_row, i) for i in self.block.units]
        return next((t for t in texts if t and t != "-"), None)

    def _account_line(self, grid_row: int, row: Row) -> None:
        for index in self.block.accounts:
            if account := belanja_account(self.grid.text(grid_row, index)):
                row.account = account

    def _running_number(self, grid_row: int) -> str | None:
        for column in self.columns:
            if column.kind == "number" and (text := self.grid.text(grid_row, column.index)):
                return text
        return None

    def _has_numbers(self, grid_row: int) -> bool:
        return any(re.search(r"\d", self.grid.text(grid_row, i)) for i in self.block.quantities)

    def _has_amounts(self, grid_row: int) -> bool:
        return any(self.columns[i].quantity == "anggaran" and re.search(r"\d", self.grid.text(grid_row, i)) for i in self.block.quantities)

    def _is_unnamed_total(self, grid_row: int) -> bool:
        """Amounts alone in the table's last rows, no label of any kind: the table's total."""
        if grid_row < self.grid.n_rows - 2 or not self._has_amounts(grid_row):
            return False
        labels = [self.grid.text(grid_row, c.index) for c in self.columns if c.kind != "quantity"]
        return not any(re.search(r"[A-Za-z]", text) for text in labels)

    def _total_label(self, grid_row: int) -> str | None:
        """The words of a total line that stand in another block's columns (one label for both halves of T-C.31)."""
        if self._indicator(grid_row):
            return None
        texts = [self._join(c.text) for c in self.grid.row_cells(grid_row) if self.columns[c.column].kind in ("name", "code", "number", "text")]
        return next((t for t in texts if word_of("levels", t) == "total"), None)

    def _place(self, row: Row) -> None:
        """Find the row's parent among those above, and make it the current item."""
        self.current = row
        depth = LEVEL_DEPTH.get(row.level)
        if self.scheme or self.kind in ACCOUNT_FORMS:
            return
        if depth is None:
            row.parent = self.ancestors[-1].row_no if self.ancestors and row.level != "total" else None
            return
        while self.ancestors and not _is_above(self.ancestors[-1], row, depth):
            self.ancestors.pop()
        row.parent = self.ancestors[-1].row_no if self.ancestors else None
        self.ancestors.append(row)


def _is_above(upper: Row, row: Row, depth: int) -> bool:
    if LEVEL_DEPTH[upper.level] >= depth:
        return False
    if upper.code and row.code and upper.code_how != "none":
        return row.code.startswith(upper.code + ".") or LEVEL_DEPTH[upper.level] < 3
    return True


def _account_level(account: str) -> str:
    return {"4": "pendapatan", "5": "belanja", "6": "pembiayaan"}.get(account[0], "akun")
