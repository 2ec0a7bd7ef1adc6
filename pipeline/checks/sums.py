"""hierarchy_sum: the whole is its parts, for what adds up (money and counts, never percentages or indicators).

Program = its kegiatan = their sub kegiatan; agency and grand totals; belanja operasi = pegawai + barang dan jasa + ...,
and with modal and the others the pagu; an account = the accounts one part below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from normalizers.columns import Column
from normalizers.rows import Row
from pipeline.checks.balances import balances
from pipeline.checks.details import detail_rows, detail_sums
from pipeline.checks.gaps import find_gaps
from pipeline.checks.grid import Grid
from pipeline.checks.relations import HALF, Relation, add, grouped, is_money, is_percent
from pipeline.checks.tree import ACCOUNT_LEVELS, STATEMENTS, Item
from pipeline.facts import Fact, MeantTable

NOT_ADDED = frozenset({"tingkat_realisasi", "tingkat_capaian", "harga_satuan", "bobot", "formula"})
#: Amounts from here on do not add up by chance.
LONG = 100_000
_BALANCE = re.compile(r"surplus|defisit|sisa lebih|silpa|sikpa", re.IGNORECASE)
_OF_WHAT = re.compile(r"^\W*(?:jumlah|total|jml)\W+", re.IGNORECASE)
SAME = "total = the account of its name"
#: Names of totals that say no more: of all lines, not of the last one.
_ALL = re.compile(r"(grand\s*)?(jumlah|total|jml)(\s*(jumlah|total|seluruh\w*|keseluruhan))?\s*[:.]?", re.IGNORECASE)
_AVERAGE = re.compile(r"rata|persen|capaian|%", re.IGNORECASE)


def hierarchy_sums(table: MeantTable, grid: Grid, begun: bool = False, goes_on: bool = False) -> list[Relation]:
    """The sums that the structure of a table claims, for each of its columns that adds up.

    `begun`: the table continues the one before it, so its totals have parts elsewhere; `goes_on`: it is continued, so
    the items still open at its end have.
    """
    trees: dict[int, list[Item]] = {}
    relations: list[Relation] = []
    for column in table.columns:
        if not _adds_up(column):
            continue
        block = grid.blocks[column.index]
        items = trees[block] = grid.items(block)
        for item in items:
            relations += _item_sum(table, grid, column, item)
            relations += _account_sums(table, grid, column, item)
            relations += _sums_by_account(table, grid, column, item)
        relations += detail_sums(table, grid, column)
        relations += _totals(table, grid, column, items, begun)
    if goes_on:
        unfinished = {row for items in trees.values() for row in _open_rows(items)}
        for r in relations:
            r.incomplete = r.incomplete or (r.result is not None and r.result.row_no in unfinished)
    _doubt(relations)
    find_gaps(relations)
    return relations + [r for column in table.columns if _adds_up(column) for r in balances(table, grid, column)]


def _open_rows(items: Sequence[Item]) -> set[int]:
    """The rows of the last item and of all it is part of."""
    item = next((i for i in reversed(items) if i.rows and i.level != "total"), None)
    rows: set[int] = set()
    while item is not None:
        rows.update((*item.rows, *item.accounts.values()))
        item = item.parent
    return rows


def _adds_up(column: Column) -> bool:
    added = column.role not in NOT_ADDED and (column.role != "nilai" or column.quantity == "anggaran")
    return column.kind == "quantity" and not column.percent and added


def _amount(
    grid: Grid, rows: Iterable[int], column: Column, counts: bool = False, account: bool = False
) -> Fact | None:
    """The number of an item (or account line) in a column: the first its rows print, for an item counts once."""
    for row in rows:
        fact = grid.get(row, column.index)
        if fact is None or bool(fact.account) != account:
            continue
        if is_money(fact) or (counts and fact.quantity == "jumlah" and not is_percent(fact)):
            return fact
    return None


def _sum(
    table: MeantTable, column: Column, kind: str, whole: Fact, parts: list[Fact | None], claim: str, name: str
) -> list[Relation]:
    present = [p for p in parts if p is not None]
    if not present or (kind == "total" and len(present) < 2):
        return []
    return [
        Relation(
            kind="hierarchy_sum",
            table_id=table.table_id,
            subject=name,
            claim=claim,
            group=(table.table_id, "accounts" if kind == "accounts" else "sum", str(column.index)),
            shape="sum",
            inputs=present,
            compute=add,
            result=whole,
            incomplete=len(present) < len(parts),
        )
    ]


def _item_sum(table: MeantTable, grid: Grid, column: Column, item: Item) -> list[Relation]:
    whole = _amount(grid, item.rows, column)
    if whole is None or not item.parts:
        return []
    parts = [_amount(grid, part.rows, column) for part in item.parts]
    claim = f"{item.level} = the sum of its {item.parts[0].level}"
    found = _sum(table, column, "item", whole, parts, claim, item.name)
    for relation in found:  # receipts and expenses of financing are also set off against each other
        relation.incomplete = relation.incomplete or item.level == "pembiayaan"
        if len({part.level for part in item.parts}) > 1:
            relation.gap = "its parts are of several levels: a line between them seems to be missing"
    return found


def _account_sums(table: MeantTable, grid: Grid, column: Column, item: Item) -> list[Relation]:
    """Each account against the accounts one part below it, and the item against its highest accounts."""
    out: list[Relation] = []
    under: dict[str, list[str]] = {}
    for code in item.accounts:
        parent = _parent_account(code, item.accounts)
        under.setdefault(parent or "", []).append(code)
    for parent, codes in under.items():
        if parent == "6" or (not parent and (table.kind in STATEMENTS or item.level not in _DIVIDED)):
            continue  # receipts and expenses are not added to each other
        rows = [item.accounts[parent]] if parent else item.rows
        whole = _amount(grid, rows, column, account=bool(parent))
        if whole is None:
            continue
        parts = [_amount(grid, [item.accounts[c]], column, account=True) for c in codes]
        claim = f"{parent or item.level} = {' + '.join(codes)}"
        out += _sum(table, column, "accounts", whole, parts, claim, item.name)
    return out


_DIVIDED = ("program", "kegiatan", "sub_kegiatan", "perangkat_daerah", "total")


def _parent_account(code: str, known: dict[str, int]) -> str | None:
    while "." in code:
        code = code.rpartition(".")[0]
        if code in known:
            return code
    return None


def _sums_by_account(table: MeantTable, grid: Grid, column: Column, item: Item) -> list[Relation]:
    """The same account of an item and of its parts: belanja modal of a program is that of its kegiatan."""
    out: list[Relation] = []
    if not item.parts or not all(part.accounts for part in item.parts):
        return out
    for code, row in item.accounts.items():
        whole = _amount(grid, [row], column, account=True)
        if whole is None:
            continue
        lines = [part.accounts.get(code) for part in item.parts]
        parts = [_amount(grid, [line] if line is not None else [], column, account=True) for line in lines]
        claim = f"{code} of the {item.level} = {code} of its {item.parts[0].level}"
        out += _sum(table, column, "accounts", whole, parts, claim, f"{item.name}, {code}")
    return out


def _totals(table: MeantTable, grid: Grid, column: Column, items: list[Item], begun: bool) -> list[Relation]:
    """Lines of totals against the lines above that no earlier total has taken up: the run just above that adds up.

    Where no run does, the total is held against all lines since the total before it.
    """
    out: list[Relation] = []
    roots: list[Item] = []
    waiting: list[Item] = []  # items that are part of no other amount, and totals, that are part of no total yet
    details = detail_rows(table)
    for item in items:
        if item.head.row_no in details:
            continue
        if item.level != "total":
            waiting += _highest_accounts(item)
            if item.rows and not (item.statement and _BALANCE.search(item.name)) and _stands_alone(grid, column, item):
                roots += [item] if item.parent is None else []
                waiting.append(item)
            continue
        whole = _amount(grid, item.rows, column, counts=True)
        if whole is not None and (named := _named_account(item, items)) is not None:
            out += _sum(table, column, "item", whole, [_amount(grid, [named], column, account=True)], SAME, item.name)
        elif whole is not None and not _AVERAGE.search(item.name):
            run, relations = _total(table, grid, column, item, whole, waiting)
            waiting = waiting[: len(waiting) - run]
            out += relations + _totals_by_account(table, grid, column, item, roots)
        waiting.append(item)
    for r in out:
        r.incomplete = r.incomplete or begun
    return out


def _stands_alone(grid: Grid, column: Column, item: Item) -> bool:
    """Whether an item is part of none that prints an amount: headings (`Aset Lancar`) print none."""
    above = item.parent
    while above is not None:
        if above.accounts or _amount(grid, above.rows, column, counts=True) is not None:
            return False
        above = above.parent
    return True


def _named_account(total: Item, items: Sequence[Item]) -> int | None:
    """The row of the account that a total of a statement repeats by its name: `Jumlah Penerimaan Pembiayaan`."""
    if not total.statement:
        return None
    name = _OF_WHAT.sub("", total.name).casefold()
    for item in reversed([item for item in items if item.head.row_no < total.head.row_no]):
        for code, row in item.accounts.items():
            if "." in code and row < total.head.row_no and item.names.get(row, "").casefold() == name:
                return row
    return None


def _highest_accounts(item: Item) -> list[Item]:
    """The highest accounts of a statement as lines of their own."""
    if item.rows or item.level not in ACCOUNT_LEVELS:
        return []
    top = [row for code, row in item.accounts.items() if _parent_account(code, item.accounts) is None]
    return [Item(Row(row, level="akun", item=row), [row], statement=True) for row in sorted(top)]


def _total(
    table: MeantTable, grid: Grid, column: Column, item: Item, whole: Fact, waiting: list[Item]
) -> tuple[int, list[Relation]]:
    """How many of the waiting lines a total takes up, and its relation (none where there is nothing to add)."""
    since = next((n for n, above in enumerate(reversed(waiting)) if above.level == "total"), len(waiting))
    parts = [
        _amount(grid, above.rows, column, counts=True) or _amount(grid, above.rows, column, account=True)
        for above in waiting
    ]
    runs = [since, *range(len(waiting), 0, -1)] if whole.value else [since]
    failing: list[Relation] = []
    for run in (run for run in runs if run):
        kind = "item" if run == 1 and (waiting[-1].parts or waiting[-1].statement or item.statement) else "total"
        claim = "total = the sum of the lines above"
        found = _sum(table, column, kind, whole, parts[len(parts) - run :], claim, item.name)
        for relation in found:
            relation.judge()
            if relation.verdict == "holds" and not (run == 1 < since and not item.statement):
                return run, found
            if relation.verdict == "holds" and not _ALL.fullmatch(item.name.strip()):
                relation.trusted = False  # it may as well repeat the line above it
                return run, found
        failing = failing or (found if since else [])  # right below another total nothing tells what is added
    for relation in failing:  # of a statement it is not sure which lines a total means: a far one means others
        far = not relation.expected or not HALF < (relation.found or 0) / relation.expected < 2
        financing = any(above.level == "pembiayaan" for above in waiting[len(waiting) - since :])
        relation.incomplete = relation.incomplete or (item.statement and (far or financing))
    return since, failing


def _totals_by_account(table: MeantTable, grid: Grid, column: Column, item: Item, roots: list[Item]) -> list[Relation]:
    out: list[Relation] = []
    if not roots or not all(root.accounts for root in roots):
        return out
    for code, row in item.accounts.items():
        whole = _amount(grid, [row], column, account=True)
        lines = [root.accounts.get(code) for root in roots]
        parts = [_amount(grid, [line] if line is not None else [], column, account=True) for line in lines]
        if whole is not None:
            out += _sum(
                table, column, "accounts", whole, parts, f"{code} of the total = {code} of its parts", item.name
            )
    return out


def _doubt(relations: list[Relation]) -> None:
    """Takes back what the document does not claim: sums with missing parts that fail, and columns that never add up."""
    for relation in relations:
        relation.judge()
    by_kind = {kind: [r for r in relations if r.group[1] == kind] for kind in ("sum", "accounts")}
    for group, members in grouped(relations).items():
        rate, table_rate = _rate(members), _rate(by_kind[group[1]])
        few = group[1] == "sum" and sum(r.tells() for r in members) < 3  # levels printed in so many words
        sure = rate >= 0.15 and any(r.verdict == "holds" and _never_by_chance(r) for r in members)
        claimed = rate >= 1 / 3 or table_rate >= 0.5 or few or sure
        for r in members:
            if r.verdict == "fails" and (r.incomplete or not claimed):
                r.verdict = "void"
            elif not claimed:
                r.trusted = False


def _never_by_chance(relation: Relation) -> bool:
    """Whether two parts or more give a long number to the last digit."""
    parts = [f for f in relation.inputs if f.value]
    return relation.exact and len(parts) > 1 and abs(relation.found or Decimal(0)) >= LONG


def tell_added_percents(table: MeantTable, grid: Grid, relations: Sequence[Relation]) -> None:
    """Says of a failing percentage where it is the sum of the percentages of its parts: those cannot be added."""
    wrong = {r.result.fact_id: r for r in relations if r.verdict == "fails" and r.result is not None}
    wrong = {i: r for i, r in wrong.items() if r.shape == "quotient"}
    if not wrong:
        return
    for block in set(grid.blocks.values()):
        for item in grid.items(block):
            for column in table.columns:
                whole = next((f for row in item.rows if (f := grid.get(row, column.index)) is not None), None)
                if whole is None or whole.fact_id not in wrong or len(item.parts) < 2:
                    continue
                parts = [grid.get(part.rows[0], column.index) for part in item.parts]
                added = add([f.value for f in parts if f is not None and f.value is not None])
                if whole.value is not None and abs(added - whole.value) <= Decimal("0.05"):
                    wrong[whole.fact_id].remark = "the percentages of its parts were added up, which says nothing"


def _rate(relations: Sequence[Relation]) -> float:
    told = [r for r in relations if r.tells()]
    return sum(r.verdict == "holds" for r in told) / len(told) if told else 0.0
