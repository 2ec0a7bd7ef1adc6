"""Groups of quantity columns with the key columns that they answer to.

A table may hold several blocks, each with names, indicators and quantities of its own (T-C.31 prints draft and analysis
side by side; an RKT prints goals at the left and activities at the right).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from normalizers.columns import Column
from normalizers.headers import Header


@dataclass(frozen=True, slots=True)
class Block:
    """The key columns that one group of quantity columns answers to (column indexes)."""

    names: tuple[int, ...]
    indicators: tuple[int, ...]
    units: tuple[int, ...]
    codes: tuple[int, ...]
    accounts: tuple[int, ...]
    quantities: tuple[int, ...]


def find_blocks(columns: Sequence[Column], header: Header) -> list[Block]:
    """Group quantity columns by the key columns that serve them.

    Key columns inside the quantity's own header group win; else those at its left that belong to no other group with
    quantities of its own.
    """
    groups: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for column in columns:
        if column.kind == "quantity":
            groups.setdefault(_keys_of(column, columns, header), []).append(column.index)
    found = []
    for (names, indicators, units, codes, accounts), indexes in groups.items():
        found.append(Block(names, indicators, units, codes, accounts, tuple(indexes)))
    return found


def _keys_of(column: Column, columns: Sequence[Column], header: Header) -> tuple[tuple[int, ...], ...]:
    keys = []
    for kind in ("name", "indicator", "unit", "code", "account"):
        same = [c for c in columns if c.kind == kind]
        inside = [c for c in same if c.block and c.block == column.block]
        if kind == "unit":
            chosen = [c for c in inside if c.index < column.index] or inside or _left(same, column, columns) or same[:1]
            chosen = chosen[-1:] if chosen and chosen[0].index < column.index else chosen[:1]
        else:
            chosen = inside or _left(same, column, columns) or same
        if kind == "account" and not inside:
            chosen = same
        keys.append(tuple(c.index for c in chosen))
    return tuple(keys)


def _left(same: list[Column], column: Column, columns: Sequence[Column]) -> list[Column]:
    owned = {c.block for c in columns if c.kind == "quantity" and c.block and c.block != column.block}
    left = [c for c in same if c.index < column.index]
    return [c for c in left if c.block not in owned] or left
