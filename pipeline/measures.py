"""What the numbers of a cell measure: quantity, percent, unit, and which of several indicators in one row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from extractors.tables import Cell
from normalizers.blocks import Block
from normalizers.columns import Column
from normalizers.grid import Grid, fold
from normalizers.numbers import Part, StyleVerdict
from normalizers.row_roles import RowRole
from normalizers.rows import Row
from normalizers.units import canonical_unit, is_unit

RATES = ("tingkat_realisasi", "tingkat_capaian")


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity column with what is the same for all its cells."""

    column: Column
    style: StyleVerdict
    percent: bool
    mixed: bool  # a column of money that may hold performance too, told apart by the row's unit (RKT)

    def quantity(self, unit: str | None) -> str:
        """The quantity of a cell in a row of this unit."""
        if unit == "Rupiah":
            return "anggaran"
        if self.mixed and unit is not None:
            return "kinerja"
        return self.column.quantity or "jumlah"

    def quantity_of(self, part: Part, unit: str | None) -> str:
        """The quantity of a part: what prints `Rp` is money, and what prints a unit of its own (`6 Dokumen`) is none."""
        quantity = "anggaran" if part.currency else self.quantity(unit)
        if quantity == "anggaran" and part.unit and not part.currency and not part.percent and is_unit(part.unit):
            return "anggaran" if canonical_unit(part.unit) == "Rupiah" else "kinerja"
        return quantity


Printed = tuple[Measure, Cell, int, Part]  # one quantity of a cell, and which it is there


def measures(columns: Sequence[Column], block: Block, styles: Mapping[int, StyleVerdict]) -> list[Measure]:
    """The quantity columns of a block; `styles` by column: how its numbers are written."""
    found = []
    for column in (columns[index] for index in block.quantities):
        planned = column.quantity == "anggaran" and column.role == "target"
        mixed = planned and not re.search(r"rp|pagu|dana", column.label.lower())
        found.append(Measure(column, styles[column.index], column.percent or column.role in RATES, mixed))
    return found


def measures_of_row(
    columns: Sequence[Column], block: Block, styles: Mapping[int, StyleVerdict], said: RowRole
) -> list[Measure]:
    """The measures of a row that says itself what its numbers are."""
    told = [replace(c, role=said.role, quantity=said.quantity or c.quantity, percent=said.percent) for c in columns]
    for column in told:
        if column.quantity == "jumlah":
            column.quantity = "kinerja"
    return measures(told, block, styles)


def shared_unit(parts: Sequence[Printed]) -> str | None:
    """A unit printed in one kinerja cell of the row serves its bare numbers (contract, section 1)."""
    donors = [
        (measure.column, part.unit)
        for measure, _, _, part in parts
        if part.unit and measure.column.quantity != "anggaran" and measure.column.role not in RATES
    ]
    ordered = [unit for column, unit in donors if column.role != "nilai"] or [unit for _, unit in donors]
    units = [u for unit in ordered if (u := canonical_unit(unit))]
    return units[0] if units else None


def line_indicators(row: Row, count: int) -> dict[int, str | None]:
    """Where cells print one line an indicator, the indicator of each of `count` parts."""
    if not row.indicator:
        return {}
    items = [fold(t) for t in re.split(r"(?:^|(?<=[\s;]))(?:\d{1,2}[.)]|[-•])\s+|;\s+", row.indicator) if fold(t)]
    return dict(enumerate(items)) if len(items) == count else {}


def line_units(grid: Grid, block: Block, grid_row: int, count: int) -> dict[int, str | None]:
    """Where cells print one line an indicator, and the column of units too, the unit of each of `count` parts."""
    for index in block.units:
        cell = grid.at(grid_row, index)
        lines = [fold(line) for line in cell.text.split("\n") if fold(line)] if cell is not None else []
        if len(lines) == count and all(is_unit(line) for line in lines):
            return {number: canonical_unit(line) for number, line in enumerate(lines)}
    return {}


def unit_of(part: Part, column: Column, quantity: str, shared: str | None) -> str | None:
    """The canonical unit of a part; `shared` is that of its row. None where nothing tells it."""
    if part.value is None and part.value_text == "-":
        return None
    if part.percent:
        return "Persen"
    if column.role in RATES or (column.percent and quantity == "anggaran"):
        return (column.unit or "Persen") if part.value is not None else None
    if quantity == "anggaran":
        return "Rupiah"
    if part.unit and (own := canonical_unit(part.unit)):
        return own
    if quantity == "jumlah":
        return shared or column.unit
    return shared or column.unit or ("Persen" if column.percent else None)
