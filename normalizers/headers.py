"""Where a table's header ends, and the header path over each column.

A header is the rows before the first row that holds data; a numbering row (`1 2 3 ... 8 = 7/6*100`) ends it for certain.
Works on texts and spans alone; what the paths mean is decided in `column_meaning`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache

from normalizers.grid import CellLike, Grid, fold
from normalizers.header_words import header_text

NUMBERING_CELL = re.compile(
    r"^\(?\s*([0-9]{1,2}|[a-z])\s*\)?(\s*=\s*[\s0-9a-z()+\-*/:x×.,%]+)?$|^\(?\s*[0-9]{1,2}\s*=.*$|^[0-9]{1,2}\s*\([0-9\s+\-*/:x×%]+\)$",
    re.IGNORECASE,
)
LETTERED = re.compile(r"\(?\s*([a-z])\s*\)?\s*(?:$|=)", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
DATA_CELL = re.compile(
    r"^[:\s]*(rp\.?\s*)?\(?-?\d{1,3}([.,]\d{3})+([.,]\d+)?\)?(,-)?$"  # an amount
    r"|^-?\d+([.,]\d+)?\s*%$"  # a percentage
    r"|^-?\d+[.,]\d+$"  # a decimal
    r"|^(\d|x)(\.(\d{1,2}|xx))(\.\d{1,4})*\.?$"  # a code
    r"|^\d+\s+[a-z/ ]{2,20}$",  # a count with its unit
    re.IGNORECASE,
)
AMOUNT = re.compile(r"^(rp\.?\s*)?\(?-?\d{1,3}([.,]\d{3})+([.,]\d+)?\)?(,-)?$", re.IGNORECASE)
RUNNING_NUMBER = re.compile(r"^(\d{1,3}|[IVX]{1,4}|[A-Z])[.)]?$")
BARE_HEADING = re.compile(
    r"k|\(?rp\.?\)?|\(?%\)?|[kr] ?\(%\)|rp\.? ?\(%\)|satuan|sat\.?|fisik|keuangan|target|realisasi|rupiah",
    re.IGNORECASE,
)
BROKEN_NUMBER = re.compile(  # a line break inside an amount; begins with its blank, for which a text is searched fast
    r" (?:(?<=\d[.,] )(?=\d)|(?<=\d )(?=[.,]\d)|(?<=\d, )(?=-$)|(?<=\.\d )(?=\d\d$)|(?<=\.\d\d )(?=\d$))"
)
HEADER_SEARCH = 12  # rows from the top in which a header may end


def whole_number(text: str) -> str:
    """A folded text without the blanks that line breaks left inside an amount (`1.234. 567`, `495.220.805.86 7`)."""
    return _without_breaks(text) if " " in text else text


@lru_cache(maxsize=20_000)
def _without_breaks(text: str) -> str:
    return BROKEN_NUMBER.sub("", text)


@dataclass(slots=True)
class Header:
    """`rows`: all header rows, numbering and repeats on later pages among them. `paths[c]`: the header cells over column c."""

    rows: frozenset[int]
    numbering_row: int | None
    paths: list[tuple[str, ...]]
    numbers: list[str | None]
    top_rows: int = 0
    texts: list[str] = field(default_factory=list)

    def label(self, column: int) -> str:
        """The header path joined with ` > `, as the contract's column_label."""
        return " > ".join(self.paths[column])


def is_numbering_row(grid: Grid, row: int) -> bool:
    """True for a row that only numbers the columns: at least three small numbers that ascend from 1 or 2."""
    first = next((text for cell in grid.row_cells(row) if (text := fold(cell.text))), "")
    if not NUMBERING_CELL.match(first):
        return False  # nearly every row, of the many that are looked at
    texts = [fold(cell.text) for cell in grid.row_cells(row)]
    texts = [
        text for i, text in enumerate(texts) if not text or i == 0 or text != texts[i - 1]
    ]  # one over spread codes
    filled = [text for text in texts if text]
    hanging = sum(
        (up := grid.at(row, c)) is not None and up.row < row and bool(fold(up.text)) for c in range(grid.n_columns)
    )
    if hanging > max(1, 0.2 * grid.n_columns):
        return False  # the years `1 2 3 4 5` under `Target pada Tahun ke-`, beside headings that reach down
    if len(filled) < max(2, 0.4 * len(texts)):
        return False
    filled = [part for text in filled for part in ([text] if NUMBERING_CELL.match(text) else text.split())]
    if not all(NUMBERING_CELL.match(text) for text in filled):  # `(2) (3)` in one cell: columns that were not parted
        return False
    if _is_lettered(filled):
        return True
    labels = [int(m.group(1)) for text in filled if (m := re.match(r"\(?\s*(\d{1,2})", text))]
    if len(labels) >= 3 and labels[0] == 1 and all(re.fullmatch(r"\(\d{1,2}\)", text) for text in filled):
        return all(a < b for a, b in itertools.pairwise(labels))  # a table goes on sideways: (1) (20) (21) (22)
    if len(labels) >= 3 and labels[0] > 2 and labels == list(range(labels[0], labels[0] + len(texts))):
        return True  # a sheet too wide for its page goes on: 6 7 8 9 10 over every column
    if len(labels) < 2 or labels[0] > 2 or (len(labels) == 2 and len(texts) > 2):
        return False
    steps = [b - a for a, b in itertools.pairwise(labels)]
    few = len(labels) == len(texts) == 3 and labels[:2] == [1, 2]
    if (len(labels) >= 4 or few) and min(steps) > 0 and sum(step != 1 for step in steps) == 1:
        return True  # `1 2 7 8 9`: the names are printed again on each page of a sheet too wide for one
    return all(0 < step <= 4 for step in steps) or _numbers_again(labels)


def _is_lettered(filled: list[str]) -> bool:
    """`a b c d e=d/c`: four letters or more, one after the other."""
    letters = [m.group(1).lower() for text in filled if (m := LETTERED.match(text))]
    return len(letters) == len(filled) >= 4 and letters == [chr(97 + i) for i in range(len(letters))]


def _numbers_again(labels: list[int]) -> bool:
    """`1 2 3 4 5 6 2 3 4 5 6`: two blocks side by side are numbered alike, each without a gap."""
    again = [i for i in range(1, len(labels)) if labels[i] <= labels[i - 1]]
    if len(again) != 1 or labels[0] != 1 or labels[again[0]] > 2 or len(labels) < 8:
        return False
    blocks = labels[: again[0]], labels[again[0] :]
    return all(len(block) >= 4 and all(b == a + 1 for a, b in itertools.pairwise(block)) for block in blocks)


@lru_cache(maxsize=20_000)
def _is_data(printed: str) -> bool:
    text = whole_number(fold(printed))
    return DATA_CELL.match(text) is not None and not YEAR.fullmatch(text)


def is_data_row(grid: Grid, row: int, following: bool) -> bool:
    """A row with an amount, percentage, code or counted unit is data; so is one that begins with a running number."""
    cells = grid.row_cells(row)
    for cell in cells:
        if _is_data(cell.text):
            return True
    texts = [whole_number(fold(cell.text)) for cell in cells]
    first = next((text for text in texts if text), "")
    if RUNNING_NUMBER.match(first) and len(texts) > 1 and texts[0] == first:
        return True
    return following and sum(bool(re.fullmatch(r"-|\d{1,4}", text)) and not YEAR.fullmatch(text) for text in texts) >= 2


def _has_amount(grid: Grid, row: int) -> bool:
    return any(AMOUNT.match(whole_number(fold(cell.text))) for cell in grid.row_cells(row))


def _close_spans(grid: Grid, end: int) -> int:
    """Header rows must hold whole cells: grow until no header cell reaches below."""
    while True:
        low = max((c.row + c.rowspan for c in grid.cells if c.row < end and fold(c.text)), default=end)
        if low <= end or low > end + HEADER_SEARCH:
            return end
        end = low


def _header_end(grid: Grid, shaded_rows: Set[int]) -> tuple[int, int | None]:
    for row in range(min(HEADER_SEARCH, grid.n_rows)):
        if is_numbering_row(grid, row) and (row > 0 or grid.n_columns >= 4):
            return row + 1 + _parts_numbered_columns(grid, row), row
    if not grid.n_rows or is_data_row(grid, 0, False):
        return 0, None
    shaded = 0
    while shaded in shaded_rows and not (shaded and (_has_amount(grid, shaded) or is_data_row(grid, shaded, False))):
        shaded += 1
    if shaded > 1 and _every_other(grid, shaded - 1, shaded_rows):
        shaded -= 1
    first = max((c.rowspan for c in grid.row_cells(0) if fold(c.text)), default=1)
    if 0 < shaded < grid.n_rows and shaded <= HEADER_SEARCH:
        return _close_spans(grid, shaded), None
    end = _close_spans(grid, first)
    # group headings above several columns: the row of their parts belongs to the header, up to the first row of data
    grouped = any(c.colspan > 1 and fold(c.text) for r in range(end) for c in grid.row_cells(r))
    while grouped and end < min(HEADER_SEARCH, grid.n_rows) and _all_under_groups(grid, end):
        end = _close_spans(grid, end + 1)
    return end, None


def _parts_numbered_columns(grid: Grid, numbering: int) -> bool:
    """True where the row below the numbering row parts numbered columns into `K`, `Rp` (form E.81 of Permendagri 86/2017)."""
    row = numbering + 1
    texts = [fold(c.text) for c in grid.row_cells(row) if fold(c.text)] if row < grid.n_rows else []
    return len(texts) >= 2 and all(BARE_HEADING.fullmatch(text) for text in texts)


def _every_other(grid: Grid, first: int, shaded_rows: Set[int]) -> bool:
    """Every other row from the first to the last is coloured: rows of a body, whatever they print."""
    rows = range(first, grid.n_rows)
    return len(rows) >= 3 and all((row in shaded_rows) == ((row - first) % 2 == 0) for row in rows)


def _all_under_groups(grid: Grid, row: int) -> bool:
    """True where each filled cell of the row stands under a wider header cell, and none looks like data."""
    cells = [c for c in grid.row_cells(row) if fold(c.text)]
    if not cells or is_data_row(grid, row, False):
        return False
    return all((up := grid.at(row - 1, c.column)) is not None and up.colspan > c.colspan for c in cells)


def _paths(grid: Grid, rows: list[int], numbering: int | None) -> list[tuple[str, ...]]:
    paths = []
    for column in range(grid.n_columns):
        seen: list[str] = []
        last = None
        for row in rows:
            cell = grid.at(row, column)
            if cell is None or cell is last or cell.row == numbering:
                continue
            last = cell
            if (text := _own_year(cell, column) or header_text(cell.text)) and (not seen or seen[-1] != text):
                seen.append(text)
        paths.append(tuple(seen))
    return paths


def _own_year(cell: CellLike, column: int) -> str | None:
    """Of years in one cell over as many columns, or over twice as many (`2028 2029` over `K`, `Rp`, `K`, `Rp`), the column's."""
    years = cell.text.split() if cell.colspan > 1 else []
    if len(years) < 2 or cell.colspan not in (len(years), 2 * len(years)) or not all(map(YEAR.fullmatch, years)):
        return None
    return years[(column - cell.column) * len(years) // cell.colspan]


def find_header(grid: Grid, repeated_rows: Set[int] = frozenset(), shaded_rows: Set[int] = frozenset()) -> Header:
    """Split a table into header and body.

    `repeated_rows` are header repeats that the extractor has seen; further repeats of header or numbering rows are found here.
    """
    end, numbering = _header_end(grid, shaded_rows)
    top = [row for row in range(end) if row != numbering]
    rows = set(range(end)) | set(repeated_rows)
    printed = {tuple(grid.row_texts(row)) for row in range(end)} - {tuple([""] * grid.n_columns)}
    for row in range(end, grid.n_rows):
        if tuple(grid.row_texts(row)) in printed or (
            numbering is not None and is_numbering_row(grid, row) and _same_numbers(grid, row, numbering)
        ):
            rows.add(row)
    numbers: list[str | None] = [None] * grid.n_columns
    if numbering is not None:
        numbers = [text or None for text in grid.row_texts(numbering)]
    return Header(frozenset(rows), numbering, _paths(grid, top, numbering), numbers, len(top))


def _same_numbers(grid: Grid, row: int, numbering: int) -> bool:
    here = {text for text in grid.row_texts(row) if text}
    there = {text for text in grid.row_texts(numbering) if text}
    return len(here & there) >= 0.7 * len(here)
