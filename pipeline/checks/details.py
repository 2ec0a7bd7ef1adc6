"""hierarchy_sum of budget lines (RKA, DPA): the lines below an account add up to it, those below a heading to that.

A line with a price is a line of its own; a line without one, between lines with prices, may be the heading of those
below it (`Uang lembur pada hari libur`), which must not be added a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

from normalizers.columns import Column
from pipeline.checks.grid import Grid
from pipeline.checks.relations import Relation, add, is_money
from pipeline.checks.tree import repeated_accounts
from pipeline.facts import Fact, MeantTable


def detail_sums(table: MeantTable, grid: Grid, column: Column) -> list[Relation]:
    """The sums of the lines below each account of a table, in one column of amounts."""
    accounts = grid.account_facts.get(column.index)
    if not accounts:
        return []
    again = repeated_accounts(table)
    lines: dict[int, list[Fact]] = {}
    for row in {row.row_no: row for row in reversed(table.rows)}.values():  # one a row, whatever its blocks
        parent = again.get(row.row_no, again.get(row.parent, row.parent) if row.parent is not None else None)
        if parent not in accounts or (row.row_no not in again and (row.account or row.level != "other")):
            continue
        fact = grid.get(row.row_no, column.index)
        if fact is not None and is_money(fact):
            lines.setdefault(parent, []).append(fact)
    priced = _priced_rows(table)
    out: list[Relation] = []
    for parent, facts in lines.items():
        out += _sums(table, column, accounts[parent], sorted(facts, key=lambda f: f.row_no), priced)
    return out


def detail_rows(table: MeantTable) -> set[int]:
    """The rows of lines that are part of an account."""
    accounts = {row.row_no for row in table.rows if row.account}
    own = {row.row_no for row in table.rows if row.level == "other" and row.parent in accounts}
    return own | set(repeated_accounts(table))


def _priced_rows(table: MeantTable) -> set[int]:
    return {f.row_no for f in table.facts if f.role == "harga_satuan" and f.value is not None}


def _sums(table: MeantTable, column: Column, whole: Fact, lines: list[Fact], priced: set[int]) -> list[Relation]:
    """The account against its lines; where headings stand between them, also each heading against its own."""
    runs: list[tuple[Fact | None, list[Fact]]] = [(None, [])]
    for fact in lines:
        if fact.row_no in priced:
            runs[-1][1].append(fact)
        else:
            runs.append((fact, []))
    headed = [(head, own) for head, own in runs if head is not None and own]
    if not headed:
        return [_sum(table, column, whole, lines)]
    below = [_sum(table, column, head, own) for head, own in headed]
    for relation in below:
        relation.judge()
    if all(r.verdict != "holds" for r in below):
        return [_sum(table, column, whole, lines)]
    heads = [fact for fact in lines if fact.row_no not in priced] + runs[0][1]
    return [*below, _sum(table, column, whole, heads)]


def _sum(table: MeantTable, column: Column, whole: Fact, parts: Sequence[Fact]) -> Relation:
    return Relation(
        kind="hierarchy_sum",
        table_id=table.table_id,
        subject=whole.name_raw or whole.name or whole.account or f"row {whole.row_no}",
        claim=f"{whole.account or 'heading'} = the sum of its lines",
        group=(table.table_id, "accounts", str(column.index)),
        shape="sum",
        inputs=list(parts),
        compute=add,
        result=whole,
    )
