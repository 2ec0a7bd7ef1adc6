"""hierarchy_sum of totals: which lines above a line of totals it adds up."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from normalizers.columns import Column
from normalizers.rows import Row
from pipeline.checks.amounts import amount, parent_account, sum_of
from pipeline.checks.grid import Grid
from pipeline.checks.nesting import nested
from pipeline.checks.relations import HALF, Relation
from pipeline.checks.tree import ACCOUNT_LEVELS, Item
from pipeline.facts import Fact, MeantTable

_BALANCE = re.compile(r"surplus|defisit|sisa lebih|silpa|sikpa", re.IGNORECASE)
_OF_WHAT = re.compile(r"^\W*(?:jumlah|total|jml)\W+", re.IGNORECASE)
SAME = "total = the account of its name"
#: Names of totals that say no more: of all lines, not of the last one.
_ALL = re.compile(r"(grand\s*)?(jumlah|total|jml)(\s*(jumlah|total|seluruh\w*|keseluruhan))?\s*[:.]?", re.IGNORECASE)
_AVERAGE = re.compile(r"rata|persen|capaian|%", re.IGNORECASE)


def totals(
    table: MeantTable, grid: Grid, column: Column, items: list[Item], begun: bool, details: Set[int]
) -> list[Relation]:
    """Lines of totals against the lines above that no earlier total has taken up: the run just above that adds up.

    Where no run does, the total is held against all lines since the total before it. `details` are the rows of lines that
    are part of an account.
    """
    out: list[Relation] = []
    roots: list[Item] = []
    waiting: list[Item] = []  # items that are part of no other amount, and totals, that are part of no total yet
    for item in items:
        if item.head.row_no in details:
            continue
        if item.level != "total":
            waiting += _highest_accounts(item)
            if item.rows and not (item.statement and _BALANCE.search(item.name)) and _stands_alone(grid, column, item):
                roots += [item] if item.parent is None else []
                if not item.parts or _printed(grid, item, column) is not None:
                    waiting.append(item)  # of a heading without an amount its parts count
            continue
        whole = amount(grid, item.rows, column, counts=True)
        if whole is not None and (named := _named_account(item, items)) is not None:
            out += sum_of(table, column, "item", whole, [amount(grid, [named], column, account=True)], SAME, item.name)
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
        if above.accounts or amount(grid, above.rows, column, counts=True) is not None:
            return False
        above = above.parent
    return True


def _printed(grid: Grid, item: Item, column: Column) -> Fact | None:
    return amount(grid, item.rows, column, counts=True) or amount(grid, item.rows, column, account=True)


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
    top = [row for code, row in item.accounts.items() if parent_account(code, item.accounts) is None]
    return [Item(Row(row, level="akun", item=row), [row], statement=True) for row in sorted(top)]


def _total(
    table: MeantTable, grid: Grid, column: Column, item: Item, whole: Fact, waiting: list[Item]
) -> tuple[int, list[Relation]]:
    """How many of the waiting lines a total takes up, and its relation (none where there is nothing to add)."""
    since = next((n for n, above in enumerate(reversed(waiting)) if above.level == "total"), len(waiting))
    parts = [_printed(grid, above, column) for above in waiting]
    runs = [since, *range(len(waiting), 0, -1)] if whole.value else [since]
    failing: list[Relation] = []
    for run in (run for run in runs if run):
        kind = "item" if run == 1 and (waiting[-1].parts or waiting[-1].statement or item.statement) else "total"
        claim = "total = the sum of the lines above"
        found = sum_of(table, column, kind, whole, parts[len(parts) - run :], claim, item.name)
        for relation in found:
            relation.judge()
            if relation.verdict == "holds" and not (run == 1 < since and not item.statement):
                return run, found
            if relation.verdict == "holds" and not _ALL.fullmatch(item.name.strip()):
                relation.trusted = False  # it may as well repeat the line above it
                return run, found
        failing = failing or (found if since else [])  # right below another total nothing tells what is added
    if failing and (below := _total_of_nested(table, column, item, whole, parts[len(parts) - since :])) is not None:
        return since, below
    for relation in failing:  # of a statement it is not sure which lines a total means: a far one means others
        far = not relation.expected or not HALF < (relation.found or 0) / relation.expected < 2
        financing = any(above.level == "pembiayaan" for above in waiting[len(waiting) - since :])
        relation.incomplete = relation.incomplete or (item.statement and (far or financing))
    return since, failing


def _total_of_nested(
    table: MeantTable, column: Column, item: Item, whole: Fact, parts: Sequence[Fact | None]
) -> list[Relation] | None:
    """The relations of a total over lines some of which are the sums of others, though no code or level says so: the total
    and those lines where it adds up the highest; nothing where it comes nearer to those than to all lines. None else.
    """
    amounts = [None if part is None else part.value for part in parts]
    for single in (True, False):
        highest, below = nested(amounts, single)
        if any(len(found) > 1 for found in below.values()) and sum(amounts[i] or 0 for i in highest) == whole.value:
            claim = "total = the sum of the highest lines above"
            out = sum_of(table, column, "item", whole, [parts[i] for i in highest], claim, item.name)
            for place, lines in below.items():
                if (line := parts[place]) is not None:
                    out += sum_of(table, column, "item", line, [parts[i] for i in lines], "line = its parts", item.name)
            return out
    highest, below = nested(amounts)
    flat, top = (sum(amounts[i] or 0 for i in places) for places in (range(len(amounts)), highest))
    known = whole.value is None or abs(top - whole.value) < abs(flat - whole.value)
    return [] if known and any(len(found) > 1 for found in below.values()) else None


def _totals_by_account(table: MeantTable, grid: Grid, column: Column, item: Item, roots: list[Item]) -> list[Relation]:
    out: list[Relation] = []
    if not roots or not all(root.accounts for root in roots):
        return out
    for code, row in item.accounts.items():
        whole = amount(grid, [row], column, account=True)
        lines = [root.accounts.get(code) for root in roots]
        parts = [amount(grid, [line] if line is not None else [], column, account=True) for line in lines]
        if whole is not None:
            out += sum_of(
                table, column, "accounts", whole, parts, f"{code} of the total = {code} of its parts", item.name
            )
    return out
