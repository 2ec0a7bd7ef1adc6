"""hierarchy_sum of what a statement sets off: surplus or deficit = revenue - expenditure, net financing = receipts - payments.

Permendagri 13/2006 (annex A.I) and 77/2020 (annex, chapter II.E): the lines that close the parts of APBD and LRA.
Forms differ in what else they set off (transfers, reserves), so a balance that does not come out claims nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from normalizers.columns import Column
from pipeline.checks.grid import Grid
from pipeline.checks.relations import Relation, is_money
from pipeline.checks.tree import STATEMENTS
from pipeline.facts import Fact, MeantTable

_BALANCES = (
    (re.compile(r"^\W*(total|jumlah)?\W*(surplus|defisit)", re.IGNORECASE), ("4", "5"), "surplus = revenue - expenditure"),
    (re.compile(r"^\W*pembiayaan net", re.IGNORECASE), ("6.1", "6.2"), "net financing = receipts - payments"),
)  # fmt: skip


def balances(table: MeantTable, grid: Grid, column: Column) -> list[Relation]:
    """The balances of a statement that come out in a column of amounts."""
    if table.kind not in STATEMENTS:
        return []
    out: list[Relation] = []
    known: dict[str, Fact] = {}
    for row in table.rows:
        fact = grid.get(row.row_no, column.index)
        if fact is None or not is_money(fact):
            continue
        if row.account:
            known[row.account] = fact
            continue
        for pattern, accounts, claim in _BALANCES:
            parts = [known[a] for a in accounts if a in known]
            if len(parts) == len(accounts) and pattern.search(row.name_raw or ""):
                out += _balance(table, column, fact, parts, claim)
    return out


def _balance(table: MeantTable, column: Column, whole: Fact, parts: list[Fact], claim: str) -> list[Relation]:
    relation = Relation(
        kind="hierarchy_sum", table_id=table.table_id, subject=whole.name_raw or whole.name or claim, claim=claim,
        group=(table.table_id, "balance", str(column.index)), shape="sum", inputs=parts, compute=difference, result=whole,
    )  # fmt: skip
    relation.judge()
    return [relation] if relation.verdict == "holds" else []


def difference(values: Sequence[Decimal]) -> Decimal:
    """The first less the others."""
    return values[0] - sum(values[1:], Decimal(0))
