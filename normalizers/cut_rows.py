"""Rows cut in two by a page end: the first row of a page that only goes on with the row above it.

A plan prints long names and indicators in narrow columns; where a page ends inside such a row, its last lines open the next
page as a row without code, number and amounts of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from normalizers.columns import Column
from normalizers.grid import CellLike, Grid, fold

TEXT_KINDS = ("name", "indicator", "text", "unit", "account")
OPEN_END = re.compile(
    r"(\b(dan|atau|serta|yang|dengan|pada|untuk|di|ke|dari|oleh|dalam|atas|bagi|terhadap|antar|per|secara|sesuai|melalui)|[,/&(-])$",
    re.IGNORECASE,
)
GOES_ON = re.compile(r"^[a-z(/,)&-]")
OPEN_NUMBER = re.compile(r"\d[.,]$")
KEYED_SHARE = 0.8  # of the named rows bear a code or number where each is to bear one


@dataclass(frozen=True, slots=True)
class Keys:
    """Which columns (indexes) tell that a row is a row of its own."""

    codes: tuple[int, ...]
    numbers: tuple[int, ...]
    texts: tuple[int, ...]
    quantities: tuple[int, ...]


def cut_rows(grid: Grid, columns: Sequence[Column], body: Sequence[int], page_starts: Sequence[int]) -> dict[int, int]:
    """Row -> the row that it continues; `page_starts` are the first rows of the table's pages."""
    keys = Keys(
        *(
            tuple(c.index for c in columns if c.kind in kinds)
            for kinds in (("code",), ("number",), TEXT_KINDS, ("quantity",))
        )
    )
    found: dict[int, int] = {}
    keyed = len(page_starts) > 1 and _keyed(grid, body, keys)
    for start in page_starts[1:]:
        row = next((r for r in body if r >= start), None)
        place = body.index(row) if row is not None else 0
        if row is None or place == 0:
            continue
        above = body[place - 1]
        if _continues(grid, above, row, keys, keyed):
            found[row] = found.get(above, above)
    return found


def _keyed(grid: Grid, body: Sequence[int], keys: Keys) -> bool:
    """True where (nearly) each row with a text bears a code, or each a number."""
    named = [row for row in body if _own(grid, row, keys.texts)]
    for columns in (keys.codes, keys.numbers):
        bearing = sum(bool(_own(grid, row, columns)) for row in named)
        if len(named) >= 3 and bearing >= KEYED_SHARE * len(named):
            return True
    return False


def _own(grid: Grid, row: int, columns: Sequence[int]) -> dict[int, str]:
    """Texts of the filled cells that begin in this row, by column."""
    found = {}
    for column in columns:
        cell = grid.own(row, column)
        if cell is not None and (text := fold(cell.text)):
            found[column] = text
    return found


def _continues(grid: Grid, above: int, row: int, keys: Keys, keyed: bool) -> bool:
    upper, lower = _own(grid, above, keys.texts), _own(grid, row, keys.texts)
    if not lower or not set(lower) <= set(upper) or _own(grid, row, keys.numbers):
        return False
    if _own(grid, row, keys.codes) and not _code_goes_on(grid, above, row, keys):
        return False
    amounts, before = _own(grid, row, keys.quantities), _own(grid, above, keys.quantities)
    if not all(_amount_goes_on(before.get(column), text) for column, text in amounts.items()):
        return False
    names = [c for c in lower if grid.own(row, c) is not None]
    spoken = any(GOES_ON.match(lower[c]) or OPEN_END.search(upper[c]) for c in names)
    return spoken or (keyed and not any(re.search(r"\d", text) for text in amounts.values()))


def _code_goes_on(grid: Grid, above: int, row: int, keys: Keys) -> bool:
    upper, lower = _own(grid, above, keys.codes), _own(grid, row, keys.codes)
    return all(c in upper and upper[c].endswith(".") and re.fullmatch(r"[\d.]{2,}", text) for c, text in lower.items())


def _amount_goes_on(above: str | None, text: str) -> bool:
    """The rest of a number (`1.234.` / `567`) or its unit, or a number whose row began with text only."""
    return above is None or OPEN_NUMBER.search(above) is not None or not re.search(r"\d", text)


def joined(grid: Grid, cuts: Mapping[int, int]) -> Grid:
    """The grid with the text of cut rows put below that of the rows that they continue."""
    if not cuts:
        return grid
    more: dict[tuple[int, int], list[CellLike]] = {}
    for row, root in cuts.items():
        for cell in grid.row_cells(row):
            if fold(cell.text):
                more.setdefault((root, cell.column), []).append(cell)
    cells = [
        _with_text(c, more[c.row, c.column]) if (c.row, c.column) in more else c
        for c in grid.cells
        if c.row not in cuts
    ]
    return Grid(cells, grid.n_rows, grid.n_columns)


def _with_text(cell: CellLike, rest: Sequence[CellLike]) -> CellLike:
    text = "\n".join(part.text for part in (cell, *rest) if part.text.strip())
    plain: Any = cell
    return replace(plain, text=text)  # type: ignore[no-any-return]
