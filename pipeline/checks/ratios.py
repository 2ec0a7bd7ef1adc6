"""What the columns of a table keep to without saying so: evidence for blame, never a check."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from normalizers.columns import Column
from pipeline.checks.grid import Grid
from pipeline.checks.relations import ONE, is_money
from pipeline.facts import Fact


class UsualRatios:
    """The ratios that two money columns of a table keep on most rows (next year's budget = this year's x 1.15)."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        money = [c for c in grid.table.columns if c.kind == "quantity" and c.quantity == "anggaran" and not c.percent]
        self.usual: dict[int, list[tuple[int, Decimal]]] = {}
        for column in money:
            for other in money:
                ratio = self._usual(column, other) if other.index != column.index else None
                if ratio is not None:
                    self.usual.setdefault(column.index, []).append((other.index, ratio))

    def _usual(self, column: Column, other: Column) -> Decimal | None:
        found: Counter[Decimal] = Counter()
        for row in self.grid.rows_of_column.get(column.index, []):
            a, b = self.grid.get(row, column.index), self.grid.get(row, other.index)
            if a is not None and b is not None and a.value and b.value:
                found[(a.value / b.value).quantize(Decimal("0.00001"))] += 1
        if sum(found.values()) < 5:
            return None
        ratio, count = found.most_common(1)[0]
        return ratio if count >= 0.6 * sum(found.values()) else None

    def fits(self, fact: Fact, value: Decimal) -> bool | None:
        """Whether a value keeps a usual ratio that the printed one breaks: to the rupiah (True), nearly (False), or not."""
        near: bool | None = None
        for other, ratio in self.usual.get(fact.column_no, []) if is_money(fact) else []:
            base = self.grid.get(fact.row_no, other, fact.part)
            if base is None or not base.value or fact.value is None:
                continue
            off, slack = abs(base.value * ratio - value), max(ONE, abs(base.value) * Decimal("0.00001"))
            if off <= slack < abs(base.value * ratio - fact.value):
                near = near or off <= ONE
        return near
