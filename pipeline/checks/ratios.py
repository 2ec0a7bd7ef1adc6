"""What the columns of a table keep to without saying so: evidence for blame, never a check."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from pipeline.checks.grid import Grid
from pipeline.checks.relations import ONE, is_money
from pipeline.facts import Fact

FIVE_PLACES = Decimal("0.00001")


class UsualRatios:
    """The ratios that two money columns of a table keep on most rows (next year's budget = this year's x 1.15)."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        quantities = [c for c in grid.table.columns if c.kind == "quantity"]
        money = [c.index for c in quantities if c.quantity == "anggaran" and not c.percent]
        # As they are now: blame goes on as if other values were printed, which must not change what is usual.
        self.values = {index: self._values(index) for index in money}
        self._known: dict[int, list[tuple[int, Decimal]]] = {}

    def usual(self, index: int) -> list[tuple[int, Decimal]]:
        """The other columns to which a column keeps a ratio, with that ratio."""
        if index not in self._known:
            others = [other for other in self.values if other != index] if index in self.values else []
            ratios = [(other, self._usual(index, other)) for other in others]
            self._known[index] = [(other, ratio) for other, ratio in ratios if ratio is not None]
        return self._known[index]

    def _values(self, index: int) -> dict[int, Decimal]:
        """The numbers of a column by row, zeros left out."""
        facts = ((row, self.grid.get(row, index)) for row in self.grid.rows_of_column.get(index, []))
        return {row: fact.value for row, fact in facts if fact is not None and fact.value}

    def _usual(self, index: int, other: int) -> Decimal | None:
        below = self.values[other]
        pairs = [(value, below[row]) for row, value in self.values[index].items() if row in below]
        if len(pairs) < 5:
            return None
        ratio, count = Counter([(a / b).quantize(FIVE_PLACES) for a, b in pairs]).most_common(1)[0]
        return ratio if count >= 0.6 * len(pairs) else None

    def fits(self, fact: Fact, value: Decimal) -> bool | None:
        """Whether a value keeps a usual ratio that the printed one breaks: to the rupiah (True), nearly (False), or not."""
        near: bool | None = None
        for other, ratio in self.usual(fact.column_no) if is_money(fact) else []:
            base = self.grid.get(fact.row_no, other, fact.part)
            if base is None or not base.value or fact.value is None:
                continue
            off, slack = abs(base.value * ratio - value), max(ONE, abs(base.value) * Decimal("0.00001"))
            if off <= slack < abs(base.value * ratio - fact.value):
                near = near or off <= ONE
        return near
