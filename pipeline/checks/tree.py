"""The items of a table (program, kegiatan, sub kegiatan, totals, account lines) and which is part of which."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from normalizers.rows import Row
from pipeline.facts import MeantTable

#: From the whole to its parts.
ORDER = ("perangkat_daerah", "urusan", "bidang_urusan", "program", "kegiatan", "sub_kegiatan")
STATEMENTS = ("lra", "apbd", "neraca")
_TOTAL = re.compile(r"(jumlah|total|jml)\b", re.IGNORECASE)
ACCOUNT_LEVELS = ("belanja", "pendapatan", "pembiayaan", "akun")


@dataclass(slots=True, eq=False)
class Item:
    """One program, kegiatan ... of a table: all rows that speak of it, its parts, and its account lines by code."""

    head: Row
    rows: list[int]
    parent: Item | None = None
    parts: list[Item] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=dict)  # account code -> row_no
    names: dict[int, str] = field(default_factory=dict)  # row_no of an account -> its printed name
    statement: bool = False  # of a table of accounts (LRA, neraca), where `Jumlah ...` is a total whatever its level

    @property
    def level(self) -> str:
        if self.statement and _TOTAL.match(self.name):
            return "total"
        return self.head.level

    @property
    def name(self) -> str:
        return self.head.name_raw or self.head.name or self.head.agency or self.head.code or f"row {self.head.row_no}"


def blocks_of(table: MeantTable) -> dict[int, int]:
    """The block whose rows each column answers to: tables like T-C.31 print names twice and have one Row a block."""
    last = max((row.block for row in table.rows), default=0)
    names = list(dict.fromkeys(c.block for c in table.columns if c.kind == "quantity")) if last else []
    known = len(names) == last + 1
    return {c.index: names.index(c.block) if known and c.block in names else 0 for c in table.columns}


def items_of(table: MeantTable, block: int = 0) -> list[Item]:
    """The items of one block of a table in printed order, linked to their parents.

    Account lines hang on the item they divide. A table that holds nothing but accounts (LRA, APBD) gives one item
    without a head of its own for each agency.
    """
    items: list[Item] = []
    by_row: dict[int, Item] = {}
    heads: dict[int, Item] = {}
    accounts = _account_rows(table)
    repeated = repeated_accounts(table)
    for row in table.rows:
        if row.block != block or row.row_no in repeated:
            continue
        account = accounts.get(row.row_no) or (row.account if row.level in ACCOUNT_LEVELS else None)
        if account and row.level not in ACCOUNT_LEVELS and row.item in heads and row.item != row.row_no:
            heads[row.item].rows.append(row.row_no)  # an indicator of the item and an account line share the row
            heads[row.item].accounts.setdefault(account, row.row_no)
            by_row[row.row_no] = heads[row.item]
            continue
        if account:
            owner = _owner(row, items, by_row)
            if owner is None:
                owner = Item(Row(row.row_no, level="akun", item=row.row_no), [])
                items.append(owner)
            if account in owner.accounts and owner.head.level == "akun":  # a second statement below the first
                owner = Item(Row(row.row_no, level="akun", item=row.row_no), [])
                items.append(owner)
            owner.accounts.setdefault(account, row.row_no)
            owner.names[row.row_no] = row.name_raw or ""
            by_row[row.row_no] = owner
            continue
        if row.item in heads and row.item != row.row_no:
            heads[row.item].rows.append(row.row_no)
            by_row[row.row_no] = heads[row.item]
            continue
        item = Item(row, [row.row_no], statement=table.kind in STATEMENTS)
        heads[row.row_no] = by_row[row.row_no] = item
        items.append(item)
    _link(items, by_row)
    return items


def _account_rows(table: MeantTable) -> dict[int, str]:
    """The rows whose amounts are accounts, whatever else stands in the row."""
    heads = {row.item for row in table.rows}
    return {
        f.row_no: f.account for f in table.facts if f.account and (f.level in ACCOUNT_LEVELS or f.row_no not in heads)
    }


def repeated_accounts(table: MeantTable) -> dict[int, int]:
    """Lines with a price that repeat the account they belong to, as at the top of a page: row -> the account's row."""
    priced = {f.row_no for f in table.facts if f.role == "harga_satuan" and f.value is not None}
    first: dict[str, int] = {}
    out: dict[int, int] = {}
    for row in table.rows:
        if row.account:
            at = first.setdefault(row.account, row.row_no)
            if at != row.row_no and row.row_no in priced:
                out[row.row_no] = at
    return out


def _owner(row: Row, items: list[Item], by_row: dict[int, Item]) -> Item | None:
    """The item that an account line divides: the one it names as its parent, else the one printed last above it."""
    if row.parent is not None and row.parent in by_row:
        return by_row[row.parent]
    if items and items[-1].statement and items[-1].level == "total":
        return None  # the next part of a statement begins below a total
    last = items[-1] if items else None
    while last is not None and last.level == "other" and last.head.parent in by_row:
        last = by_row[last.head.parent]  # a line below an account is divided by none
    return last


def _link(items: list[Item], by_row: dict[int, Item]) -> None:
    known = any(item.head.parent is not None for item in items)
    open_items: list[Item] = []
    for item in items:
        if item.level in ACCOUNT_LEVELS and item.rows and item.head.parent is not None:
            above = by_row.get(item.head.parent)
            if above is not None and above is not item and above.level in ACCOUNT_LEVELS:
                item.parent = above
                above.parts.append(item)
        if item.level not in ORDER:
            continue
        rank = ORDER.index(item.level)
        while open_items and ORDER.index(open_items[-1].level) >= rank:
            open_items.pop()
        parent = by_row.get(item.head.parent) if item.head.parent is not None else None
        if not known:
            parent = _by_code(item, open_items)
        if parent is not None and parent is not item and parent.level in ORDER and ORDER.index(parent.level) < rank:
            item.parent = parent
            parent.parts.append(item)
        open_items.append(item)


def _by_code(item: Item, above: list[Item]) -> Item | None:
    """The nearest item above whose code begins this one's; without codes the nearest of a higher level."""
    for candidate in reversed(above):
        own, other = item.head.code, candidate.head.code
        if not own or not other or own == other or own.startswith(other + "."):
            return candidate
    return above[-1] if above else None
