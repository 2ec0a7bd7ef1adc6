"""Tables whose columns are ruled and which nothing closes above and below: rules of one height beside each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from extractors.pages import PageContent
from extractors.ruled import Found, drawn_grid
from extractors.shaded import parts_text
from extractors.unruled import reread

SAME = 4.0  # ends of rules nearer than this (points) agree
SHORTEST = 40.0  # points
LOW = 150.0  # points: a table lower than this, of one row that nothing parts, is left to others
FEWEST = 4  # rules: three columns


def column_ruled(content: PageContent, found: Found) -> Found:
    """`found` with the tables that vertical rules of one height make, closed in thought at their ends; else the same."""
    left = found.loose_vertical
    left = left[left[:, 2] - left[:, 1] >= SHORTEST] if len(left) else left
    grids, taken, horizontal, vertical = (
        list(found.grids),
        found.taken.copy(),
        found.loose_horizontal,
        found.loose_vertical,
    )
    while len(left) >= FEWEST:
        alike = (np.abs(left[:, 1] - left[0, 1]) < SAME) & (np.abs(left[:, 2] - left[0, 2]) < SAME)
        rules, left = left[alike], left[~alike]
        if len(rules) < FEWEST or not parts_text(rules, content.chars.box[~taken]):
            continue
        top, bottom = float(rules[:, 1].min()), float(rules[:, 2].max())
        x0, x1 = float(rules[:, 0].min()), float(rules[:, 0].max())
        within = (horizontal[:, 0] > top - SAME) & (horizontal[:, 0] < bottom + SAME)
        within &= (horizontal[:, 1] > x0 - SAME) & (horizontal[:, 2] < x1 + SAME)
        level = np.concatenate([horizontal[within], [(top, x0, x1), (bottom, x0, x1)]])
        before = taken.copy()
        grid = drawn_grid(level, rules, content, taken)
        if grid is not None and grid.n_rows == 1 and bottom - top < LOW and reread(grid, content).n_rows == 1:
            grid, taken = None, before  # columns of white space may read more
        if grid is not None:
            grids.append(grid)
            horizontal = horizontal[~within]
            vertical = vertical[~np.isin(vertical[:, 0], rules[:, 0])]
    if len(grids) == len(found.grids):
        return found
    grids.sort(key=lambda g: (round(g.bbox[1]), g.bbox[0]))
    return replace(found, grids=grids, taken=taken, loose_horizontal=horizontal, loose_vertical=vertical)
