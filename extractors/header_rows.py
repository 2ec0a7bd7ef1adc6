"""Header rows as a page prints them: whether they are those of the page before once more, and rows that number columns."""

from __future__ import annotations

import itertools
import re

from extractors.lattice import Grid

HEADER_ROWS = 24  # a header is sought in the first rows only (a form prints a dozen above it)
LONG_HEADING = 16  # characters without blanks
NUMBERING = re.compile(r"\(?(?:\d{1,2}|[a-z])[a-z]?\)?\.?(?:\s*[=:]?\s*[(\d].*)?", re.I | re.S)
BARE_NUMBER = re.compile(r"[(-]?[\d.,]+\)?%?")


def new_header(first: Grid, grid: Grid) -> bool:
    """The grid prints a header of its own: a numbering row under another header, or ours under another title."""
    rows, header = row_texts(grid), row_texts(first)
    if repeats(header, rows):
        return False
    titles = header[: _header_height(header)]
    for i, row in enumerate(rows[:HEADER_ROWS]):
        if is_numbering(row):
            return any(before and before not in titles for before in rows[:i])
    for i, row in enumerate(rows[:HEADER_ROWS]):
        if len(row) >= 3 and row in titles:
            return any(len(before) == 1 and before not in titles for before in rows[:i])
    return False


def _header_height(rows: list[tuple[str, ...]]) -> int:
    """Rows of the header: up to the numbering row, else the first rows without a bare number."""
    top = rows[:HEADER_ROWS]
    for i, row in enumerate(top):
        if is_numbering(row):
            return i + 1
    return next((i for i, row in enumerate(top) if any(BARE_NUMBER.fullmatch(text) for text in row)), 1)


def row_texts(grid: Grid) -> list[tuple[str, ...]]:
    """The texts of the first rows, blanks left out."""
    if grid.first_texts is None:
        rows: list[list[str]] = [[] for _ in range(min(grid.n_rows, HEADER_ROWS))]
        for cell in grid.cells:
            if cell.text and cell.row < HEADER_ROWS and (text := "".join(cell.text.split())):
                rows[cell.row].append(text)
        grid.first_texts = [tuple(row) for row in rows]
    return grid.first_texts


def is_numbering(row: tuple[str, ...]) -> bool:
    """`1 2 3 4`, `(1) (2) (3)`, `1 2 8=7/6*100`: the row that numbers the columns."""
    if len(row) < 3 or not all(NUMBERING.fullmatch(text) for text in row):
        return False
    leading = [int(m.group()) for text in row if (m := re.match(r"\d+", text.lstrip("(")))]
    rising = sum(b > a for a, b in itertools.pairwise(leading))
    return len(leading) >= 3 and leading[0] <= 2 and rising >= 0.8 * (len(leading) - 1)


def repeats(header: list[tuple[str, ...]], rows: list[tuple[str, ...]]) -> int:
    """How many first rows of a page repeat the header of the first page (whole, or from its numbering row on)."""
    best = 0
    for start in range(min(HEADER_ROWS, len(header))):
        count = 0
        while (
            start + count < min(len(header), HEADER_ROWS)
            and count < len(rows)
            and _same_row(header[start + count], rows[count])
        ):
            count += 1
        while count and not rows[count - 1]:
            count -= 1
        if not count or (start > 0 and not any(is_numbering(row) for row in rows[:count])):
            continue
        best = max(best, count)
    return best


def _same_row(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """The same texts, but for the last lines of long ones, which a page may cut off."""
    if one == two:
        return True
    if len(one) != len(two) or len(one) < 3:
        return False
    return all(
        a == b or (min(len(a), len(b)) >= LONG_HEADING and (a.startswith(b) or b.startswith(a)))
        for a, b in zip(one, two, strict=True)
    )
