"""Which reading of a page's tables holds, and why: the lattice, rows found inside it, or columns of white space."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from extractors.column_ruled import column_ruled
from extractors.hanging import LEAST_LINES, with_hanging_bodies
from extractors.lattice import Grid
from extractors.open_lines import CAPTION
from extractors.open_tables import open_tables
from extractors.pages import PageContent
from extractors.row_ruled import row_ruled
from extractors.ruled import Found, carried_on
from extractors.split_columns import split_columns
from extractors.spoiled import readable
from extractors.stacked import drop_thin_rows, join_stacked
from extractors.tables import Line
from extractors.unruled import reread

AMOUNT = re.compile(r"\d[.,]\d{3}")
DIGIT = re.compile(r"\d")
NUMBERS = re.compile(r"(?<![\w.,])\(?-?\d[\d.,]*\)?%?(?![\w.,])")


def choose(content: PageContent, found: Found, lines: list[Line], earlier: Grid | None) -> Found:
    """The tables of a page after every reading that fits it has been tried; `found` itself where the lattice suffices.

    `lines` are the lines outside the lattice; `earlier` is the last table of the page before.
    """
    if earlier is not None and not found.grids:
        found = carried_on(content, found, earlier)
    if len(found.loose_vertical) >= 4:
        found = column_ruled(content, found)
    if len(found.loose_horizontal):
        found = row_ruled(content, found, earlier)
    grids = [drop_thin_rows(reread(split_columns(grid, content.chars), content)) for grid in found.grids]
    if any(new is not old for new, old in zip(grids, found.grids, strict=True)):
        found = replace(found, grids=grids)
    if len(found.grids) > 1:
        found = join_stacked(found, lines)
    if found.grids and (_prints_rows(lines) or any(grid.n_rows - 1 in grid.shaded_rows for grid in found.grids)):
        found = with_hanging_bodies(content, found)
    if worth_trying(lines, len(found.loose_horizontal), earlier is not None and not found.grids):
        found = _with_open(content, found, earlier if not found.grids else None)
    return found


def _prints_rows(lines: list[Line]) -> bool:
    """Two amounts or two lines of several numbers: without them nothing hangs below a heading."""
    if sum(len(NUMBERS.findall(line.text)) >= 2 for line in lines) >= LEAST_LINES:
        return True
    return sum(len(AMOUNT.findall(line.text.replace(" ", ""))) for line in lines) >= LEAST_LINES


def worth_trying(lines: list[Line], rules: int, goes_on: bool) -> bool:
    """Cheap evidence of columns of numbers outside the lattice: lines that print several numbers."""
    texts = [line.text for line in lines if DIGIT.search(line.text)]
    numbers = [len(NUMBERS.findall(text)) for text in texts]
    rows = sum(count >= 2 for count in numbers)
    money = sum(bool(AMOUNT.search(text)) for text in texts)
    captioned = rows > 0 and any(CAPTION.match(line.text) for line in lines)
    return (
        rows >= (1 if goes_on or captioned else 2 if rules >= 3 else 3) or money >= 4 or (goes_on and sum(numbers) >= 2)
    )


def _with_open(content: PageContent, found: Found, earlier: Grid | None) -> Found:
    free = np.flatnonzero(~found.taken)
    tables = open_tables(readable(content.chars.take(free)), content.page, found.loose_horizontal, earlier)
    if not tables:
        return found
    taken = found.taken.copy()
    loose = found.loose_horizontal
    for table in tables:
        taken[free[table.chars]] = True
        if table.rules:
            loose = loose[~np.isin(loose[:, 0], table.rules)]
    split = [split_columns(t.grid, content.chars) for t in tables]
    grids = sorted([*found.grids, *split], key=lambda g: (round(g.bbox[1]), g.bbox[0]))
    return Found(grids, taken, loose, found.loose_vertical)
