"""hierarchy_sum: the whole is its parts, for what adds up (money and counts, never percentages or indicators).

Program = its kegiatan = their sub kegiatan; agency and grand totals; belanja operasi = pegawai + barang dan jasa + ...,
and with modal and the others the pagu; an account = the accounts one part below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from normalizers.columns import Column
from pipeline.checks.amounts import amount, parent_account, sum_of
from pipeline.checks.balances import balances
from pipeline.checks.details import detail_rows, detail_sums
from pipeline.checks.gaps import find_gaps
from pipeline.checks.grid import Grid
from pipeline.checks.nesting import LONG
from pipeline.checks.relations import Relation, add, grouped
from pipeline.checks.totals import totals
from pipeline.checks.tree import STATEMENTS, Item
from pipeline.facts import Fact, MeantTable

NOT_ADDED = frozenset({"tingkat_realisasi", "tingkat_capaian", "harga_satuan", "bobot", "formula"})


def hierarchy_sums(table: MeantTable, grid: Grid, begun: bool = False, goes_on: bool = False) -> list[Relation]:
    """The sums that the structure of a table claims, for each of its columns that adds up.

    `begun`: the table continues the one before it, so its totals have parts elsewhere; `goes_on`: it is continued, so
    the items still open at its end have.
    """
    trees: dict[int, list[Item]] = {}
    details = detail_rows(table)
    relations: list[Relation] = []
    for column in table.columns:
        if not _adds_up(column):
            continue
        block = grid.blocks[column.index]
        items = trees[block] = grid.items(block)
        amounts = [amount(grid, item.rows, column) for item in items]
        known = dict(zip(map(id, items), amounts, strict=True))
        for item in items:
            relations += _item_sum(table, column, item, known)
            if item.accounts:
                relations += _account_sums(table, grid, column, item)
                relations += _sums_by_account(table, grid, column, item)
        relations += detail_sums(table, grid, column)
        relations += totals(table, grid, column, items, begun, details)
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


def _item_sum(table: MeantTable, column: Column, item: Item, known: Mapping[int, Fact | None]) -> list[Relation]:
    """`known`: the amounts that the items of the table print, by the items' `id`."""
    whole = known[id(item)]
    if whole is None or not item.parts:
        return []
    parts = [known[id(part)] for part in item.parts]
    claim = f"{item.level} = the sum of its {item.parts[0].level}"
    found = sum_of(table, column, "item", whole, parts, claim, item.name)
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
        parent = parent_account(code, item.accounts)
        under.setdefault(parent or "", []).append(code)
    for parent, codes in under.items():
        if parent == "6" or (not parent and (table.kind in STATEMENTS or item.level not in _DIVIDED)):
            continue  # receipts and expenses are not added to each other
        rows = [item.accounts[parent]] if parent else item.rows
        whole = amount(grid, rows, column, account=bool(parent))
        if whole is None:
            continue
        parts = [amount(grid, [item.accounts[c]], column, account=True) for c in codes]
        claim = f"{parent or item.level} = {' + '.join(codes)}"
        out += sum_of(table, column, "accounts", whole, parts, claim, item.name)
    return out


_DIVIDED = ("program", "kegiatan", "sub_kegiatan", "perangkat_daerah", "total")


def _sums_by_account(table: MeantTable, grid: Grid, column: Column, item: Item) -> list[Relation]:
    """The same account of an item and of its parts: belanja modal of a program is that of its kegiatan."""
    out: list[Relation] = []
    if not item.parts or not all(part.accounts for part in item.parts):
        return out
    for code, row in item.accounts.items():
        whole = amount(grid, [row], column, account=True)
        if whole is None:
            continue
        lines = [part.accounts.get(code) for part in item.parts]
        parts = [amount(grid, [line] if line is not None else [], column, account=True) for line in lines]
        claim = f"{code} of the {item.level} = {code} of its {item.parts[0].level}"
        out += sum_of(table, column, "accounts", whole, parts, claim, f"{item.name}, {code}")
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
