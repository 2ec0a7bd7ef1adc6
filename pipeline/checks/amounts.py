"""The amounts that items print, and the relation of a whole to its parts."""

from __future__ import annotations

from collections.abc import Iterable

from normalizers.columns import Column
from pipeline.checks.grid import Grid
from pipeline.checks.relations import Relation, add, is_money, is_percent
from pipeline.facts import Fact, MeantTable


def amount(grid: Grid, rows: Iterable[int], column: Column, counts: bool = False, account: bool = False) -> Fact | None:
    """The number of an item (or account line) in a column: the first its rows print, for an item counts once."""
    for row in rows:
        fact = grid.get(row, column.index)
        if fact is None or bool(fact.account) != account:
            continue
        if is_money(fact) or (counts and fact.quantity == "jumlah" and not is_percent(fact)):
            return fact
    return None


def sum_of(
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


def parent_account(code: str, known: dict[str, int]) -> str | None:
    while "." in code:
        code = code.rpartition(".")[0]
        if code in known:
            return code
    return None
