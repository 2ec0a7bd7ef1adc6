"""Regions enclosed by rules -> tables: which regions hang together, and on which rows and columns each one stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .picture_rules import Region

TOUCH = 4.0  # points: regions nearer than this share a rule
SNAP = 3.0  # points: borders nearer than this are one
LEAST_CELLS = 4  # fewer are boxes, no table

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slot:
    """A region's place in its table."""

    region: Region
    row: int
    column: int
    rowspan: int
    colspan: int


@dataclass(slots=True)
class Lattice:
    """One table of a picture: its borders in pixels and its cells."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    slots: list[Slot]


def lattices(regions: list[Region], unit: float) -> list[Lattice]:
    """The tables that the regions form, top to bottom. Lone boxes and rows of a single column are none."""
    tables = []
    for group in _touching(regions, TOUCH * unit):
        lattice = _lattice([regions[i] for i in group], unit)
        if lattice is not None:
            tables.append(lattice)
    return sorted(tables, key=lambda table: (table.ys[0], table.xs[0]))


def _touching(regions: list[Region], near: float) -> list[list[int]]:
    """Groups of regions that share a side."""
    box = np.array([[r.x0, r.top, r.x1, r.bottom] for r in regions], dtype=np.float64).reshape(-1, 4)
    parent = list(range(len(regions)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i in range(len(regions)):
        wide = np.minimum(box[i, 2], box[:, 2]) - np.maximum(box[i, 0], box[:, 0])
        high = np.minimum(box[i, 3], box[:, 3]) - np.maximum(box[i, 1], box[:, 1])
        shares = ((wide > near) & (high > -near)) | ((high > near) & (wide > -near))
        for j in np.flatnonzero(shares):
            parent[root(int(j))] = root(i)
    groups: dict[int, list[int]] = {}
    for i in range(len(regions)):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def _lattice(regions: list[Region], unit: float) -> Lattice | None:
    if len(regions) < LEAST_CELLS:
        return None
    xs = _borders([r.x0 for r in regions], [r.x1 for r in regions], unit)
    ys = _borders([r.top for r in regions], [r.bottom for r in regions], unit)
    if len(xs) < 3 or len(ys) < 3:
        return None
    slots = []
    for region in regions:
        column, right = _nearest(xs, region.x0), _nearest(xs, region.x1)
        row, below = _nearest(ys, region.top), _nearest(ys, region.bottom)
        slots.append(Slot(region, row, column, max(1, below - row), max(1, right - column)))
    slots.sort(key=lambda slot: (slot.row, slot.column))
    return Lattice(tuple(xs), tuple(ys), slots)


def _borders(starts: list[int], ends: list[int], unit: float) -> list[float]:
    """Positions of the rules: starts and ends of regions gathered where they lie close."""
    low, high = np.array(starts, dtype=np.float64), np.array(ends, dtype=np.float64)
    between = low[:, None] - high[None, :]  # regions end before a rule and start behind it
    thick = between[(between > 0) & (between < 2 * TOUCH * unit)]
    half = float(np.median(thick)) / 2 if len(thick) else 0.0
    every = np.sort(np.concatenate([low - half, high + half]))
    cuts = np.flatnonzero(np.diff(every) > SNAP * unit) + 1
    return [float(np.median(part)) for part in np.split(every, cuts)]


def _nearest(borders: list[float], at: float) -> int:
    return int(np.abs(np.array(borders) - at).argmin())
