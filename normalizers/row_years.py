"""Rows that stand for years: `Tahun` | `Anggaran` | `Realisasi` over 2021, 2022, 2023. Their numbers are of the row's year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from normalizers.columns import Column
from normalizers.grid import Grid, fold

YEAR_CELL = re.compile(r"(?:(?:tahun|th\.?|ta\.?)\s*(?:anggaran\s*)?)?((?:19|20)\d{2})[\s*).]*", re.IGNORECASE)
YEARS = re.compile(r"^(tahun|th|ta|periode)\b", re.IGNORECASE)
WORDS = ("name", "text", "indicator")
TOTAL = re.compile(r"jumlah|total|rata|jml", re.IGNORECASE)


def year_column(grid: Grid, columns: Sequence[Column], body: Sequence[int]) -> Column | None:
    """The column that names the year of each row: words that are years, or numbers below `Tahun`; None where there is none.

    Two years or more stand in it, and nothing else but the words of totals.
    """
    for column in columns:
        below_years = YEARS.match(column.label.rsplit(" > ", 1)[-1])
        if column.kind not in WORDS and not (below_years and column.kind in ("quantity", "number", "unknown")):
            continue
        texts = [text for cell in grid.owned(body, column.index) if (text := fold(cell.text)) and not TOTAL.match(text)]
        years = {match[1] for text in texts if (match := YEAR_CELL.fullmatch(text))}
        if len(years) > 1 and all(YEAR_CELL.fullmatch(text) for text in texts):
            return column
    return None


def row_years(grid: Grid, column: Column, body: Sequence[int]) -> Mapping[int, int]:
    """The year of each row of the body that has one: its own, or for an empty cell that of the row above; totals have none."""
    found: dict[int, int] = {}
    year: int | None = None
    for row in body:
        text = grid.text(row, column.index)
        match = YEAR_CELL.fullmatch(text)
        year = int(match[1]) if match else None if text else year
        if any(TOTAL.match(other) for other in grid.row_texts(row)[: column.index + 1]):
            year = None
        if year is not None:
            found[row] = year
    return found
