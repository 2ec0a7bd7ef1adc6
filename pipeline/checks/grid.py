"""The facts of one table by row, column and part, and what is asked of a table again and again."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from operator import attrgetter

from pipeline.checks.tree import Item, blocks_of, items_of
from pipeline.facts import Fact, MeantTable


class Grid:
    """The facts of one table by row, column and part."""

    def __init__(self, table: MeantTable) -> None:
        self.table = table
        self.blocks = blocks_of(table)  # column -> block
        self._items: dict[int, list[Item]] = {}
        facts = sorted(table.facts, key=attrgetter("part"))
        places = {(fact.row_no, fact.column_no, fact.part): fact for fact in facts}
        self._numbers = {place: fact for place, fact in places.items() if fact.value is not None}
        self._parts: dict[tuple[int, int], list[int]] = {}
        for fact in facts:
            self._parts.setdefault((fact.row_no, fact.column_no), []).append(fact.part)
        self.rows_of_column: dict[int, list[int]] = {}
        for row, column in sorted(self._parts):
            self.rows_of_column.setdefault(column, []).append(row)

    @cached_property
    def account_facts(self) -> dict[int, dict[int, Fact]]:
        """The numbers of accounts: column -> row -> fact."""
        found: dict[int, dict[int, Fact]] = {}
        for fact in self.table.facts:
            if fact.account and fact.value is not None:
                found.setdefault(fact.column_no, {})[fact.row_no] = fact
        return found

    def get(self, row: int, column: int, part: int = 0) -> Fact | None:
        """The numeric fact of a cell, or None."""
        return self._numbers.get((row, column, part))

    def parts(self, row: int, column: int) -> list[int]:
        return self._parts.get((row, column), [])

    def column_of(self, fact: Fact) -> list[Fact]:
        """The numbers of a fact's column in printed order."""
        rows = self.rows_of_column.get(fact.column_no, [])
        return [f for row in rows if (f := self.get(row, fact.column_no, fact.part)) is not None]

    def neighbours(self, fact: Fact) -> list[Fact]:
        """The numbers printed next above and next below in the same column."""
        rows = self.rows_of_column.get(fact.column_no, [])
        at = bisect_left(rows, fact.row_no)
        if rows[at : at + 1] != [fact.row_no]:
            return []
        near = (*rows[max(at - 1, 0) : at], *rows[at + 1 : at + 2])
        return [f for row in near if (f := self.get(row, fact.column_no, fact.part)) is not None]

    def items(self, block: int = 0) -> list[Item]:
        """The items of one block of the table (`tree.items_of`)."""
        if block not in self._items:
            self._items[block] = items_of(self.table, block)
        return self._items[block]
