"""Headings that were not read soundly: what stands below them is not called verified, for its role or year may be wrong.

A sum proves a number, and not what it is. Where the letters of a heading have been damaged, where a column lost its own
heading below a common one, or where the next page heads the same column otherwise, role, year and unit are guesses. Found
by changing single bytes of reports: below `TingkatCapaian Kinderajn R RPJMD` a rate was called a forecast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from extractors.tables import Box, Cell
from normalizers.columns import Column
from normalizers.vocabulary import holds_word, is_known, words_of
from pipeline.facts import Harvest, MeantTable, Problem
from pipeline.opening import OpenTable

NO_LETTER = re.compile("[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f]")  # private use, replaced, control characters
SENSE = re.compile(r"[^\W_]|[%-]")
DOUBTED = ("overprinted", "private_use")  # cells of which the reading says that letters are not what they seem
NEAR = 3.0  # points between the edges of a column on two pages
LEAST_BUDGET = 1_000_000  # rupiah
BUDGETS = ("anggaran", "anggaran_perubahan", "target", "target_renstra", "realisasi", "kebutuhan", "rancangan_awal")
MEANING = ("role", "quantity", "year", "period")


def distrust_headings(harvest: Harvest, opened: Sequence[OpenTable]) -> None:
    """Numbers below headings that were not read soundly are not verified, and a problem of the table says so."""
    strange = _strange(harvest, opened)
    doubted = {(t.page, t.bbox) for t in harvest.reading.troubles if t.kind in DOUBTED}
    spoiled: set[str] = set()
    for i, (table, meant) in enumerate(zip(opened, harvest.tables, strict=True)):
        why = _unsound(table, strange, doubted) | _headed_otherwise(opened, i) | _too_small(meant)
        labels = {column.label: why[column.index] for column in table.meaning.columns if column.index in why}
        below = [fact for fact in meant.facts if fact.column_label in labels]
        spoiled.update(fact.fact_id for fact in below)
        proved = {fact.column_label for fact in below if fact.status in ("verified", "repaired")}
        for label in sorted(proved):
            text = f"`{label}` {labels[label]}: what its numbers are (role, year, unit) should be looked at"
            page, box = table.table.pages[0], table.table.bbox
            harvest.problems.append(Problem(page, table.table_id, box, "garbled_heading", "warn", label, text))
        for fact in below:
            if fact.status in ("verified", "repaired"):
                fact.status = "unverified"
    for check in harvest.checks:
        check.pins = [pinned for pinned in check.pins if pinned not in spoiled]


# -- a heading by itself -------------------------------------------------------------------------------------------


def _unsound(table: OpenTable, strange: frozenset[str], doubted: set[tuple[int, Box | None]]) -> dict[int, str]:
    """Quantity columns whose own heading is garbled or lost, and what is wrong with it."""
    quantities = [column for column in table.meaning.columns if column.kind == "quantity"]
    found: dict[int, str] = {}
    for column in quantities:
        words = [word for word in words_of(column.label) if word in strange]
        if words:
            found[column.index] = f"holds words that stand nowhere else ({', '.join(words[:3])})"
        elif not column.label:
            if any(other.label for other in table.meaning.columns):
                found[column.index] = "has no heading, although others have one"
        elif NO_LETTER.search(column.label) or not SENSE.search(column.label.rsplit(" > ", 1)[-1]):
            found[column.index] = "holds characters without a meaning"
        elif any((cell.page, cell.bbox) in doubted for cell in _heading_cells(table, column)):
            found[column.index] = "is printed in letters that are not what they seem"
        elif _shared(table, column, quantities):
            found[column.index] = "heads several columns of numbers at once"
        elif _twice(table, column, quantities):
            found[column.index] = "heads the same columns twice: two headings may have run into one"
        elif column.doubted_scale:
            found[column.index] = column.doubted_scale
        elif _lost(column, quantities):
            found[column.index] = "has lost its own part below a common heading"
    return found


def _shared(table: OpenTable, column: Column, others: Sequence[Column]) -> bool:
    """Whether one cell is the lowest heading of this column and of another one, and rows print a text in both: which words
    belong to which is not known."""
    rows = [row for row in table.header.rows if row <= table.header.top_rows and row != table.header.numbering_row]
    low = max(rows, default=0)
    cell = table.grid.at(low, column.index)
    if cell is None or cell.colspan == 1 or not cell.text.strip():
        return False
    beside = [o.index for o in others if o is not column and table.grid.at(low, o.index) is cell]
    return any(_printed(table, row, column.index) and _printed(table, row, o) for o in beside for row in table.body)


def _twice(table: OpenTable, column: Column, others: Sequence[Column]) -> bool:
    """Whether one cell stands over this column and another one that is headed alike, with others between: `Rp | % | Rp | %`."""
    alike = [o for o in others if o.label == column.label and abs(o.index - column.index) > 1]
    above = {id(cell) for cell in _heading_cells(table, column) if cell.colspan > 1}
    return any(id(cell) in above for other in alike for cell in _heading_cells(table, other))


def _printed(table: OpenTable, row: int, column: int) -> bool:
    cell = table.grid.own(row, column)
    return cell is not None and bool(cell.text.strip())


def _too_small(meant: MeantTable) -> dict[int, str]:
    """Columns of budgets of which none reaches a million rupiah: a scale (`dalam jutaan`) may stand where nobody looked."""
    found: dict[int, str] = {}
    for column in meant.columns:
        if column.quantity != "anggaran" or column.percent or column.role not in BUDGETS or column.multiplier != 1:
            continue
        values = [abs(f.value) for f in meant.facts if f.column_no == column.index and f.unit == "Rupiah" and f.value]
        if len(values) >= 2 and max(values) < LEAST_BUDGET and meant.kind not in ("rka", "dpa"):
            found[column.index] = "prints no amount of a million rupiah: they may be thousands or millions"
    return found


def _heading_cells(table: OpenTable, column: Column) -> Iterable[Cell]:
    return (c for row in table.header.rows if isinstance(c := table.grid.at(row, column.index), Cell))


def _lost(column: Column, others: Sequence[Column]) -> bool:
    """Whether a column is headed by nothing but what others hold as their common heading."""
    return any(other.label != column.label and other.label.startswith(f"{column.label} > ") for other in others)


def _strange(harvest: Harvest, opened: Sequence[OpenTable]) -> frozenset[str]:
    """The words of headings, lower case, that no form knows and that stand nowhere else in the document.

    Scans are left alone: a letter that was taken for another is their own trouble. So are publications of statistics,
    which head their columns in two languages.
    """
    reading = harvest.reading
    scans = {page.page for page in reading.pages if page.kind.startswith("scan")}
    drawn = [] if harvest.document.doc_type == "statistik" else [t for t in opened if t.table.pages[0] not in scans]
    labels = dict.fromkeys(c.label for table in drawn for c in table.meaning.columns if c.kind == "quantity")
    words = dict.fromkeys(
        word for label in labels for word in words_of(label)
    )  # in order: they are questions that are kept
    strange = {word for word in words if not is_known(word)}
    if not strange:
        return frozenset()
    texts = [line.text for line in reading.lines]
    for table in opened:
        texts += [cell.text for row in table.body for cell in table.grid.row_cells(row)]
    whole = "\n".join(texts).lower()
    return frozenset(word for word in strange if not holds_word(whole, word))


# -- a heading beside that of the next page -------------------------------------------------------------------------


def _headed_otherwise(opened: Sequence[OpenTable], i: int) -> dict[int, str]:
    """Columns that mean something else where the table goes on, on the page before or after: one of the two is wrong.

    Headings that differ by their numbers alone are those of another year.
    """
    found: dict[int, str] = {}
    for j in (i - 1, i + 1):
        if 0 <= j < len(opened) and _goes_on(*(opened[k] for k in sorted((i, j)))):
            for column, other in zip(opened[i].meaning.columns, opened[j].meaning.columns, strict=True):
                differs = any(getattr(column, name) != getattr(other, name) for name in MEANING)
                another_year = column.label != other.label and _letters(column) == _letters(other)
                if differs and column.kind == "quantity" and not another_year:
                    found[column.index] = f"is headed `{other.label}` on another page, and means something else there"
    return found


def _goes_on(one: OpenTable, other: OpenTable) -> bool:
    """Whether a table without a caption has the columns of the one before it: their places, and most of their headings."""
    if one.grid.n_columns != other.grid.n_columns or other.table.pages[0] - one.table.pages[-1] not in (0, 1):
        return False
    if other.caption not in ("", one.caption):
        return False
    places = zip(_edges(one), _edges(other), strict=True)
    if any(abs(a - b) > NEAR for pair in places for a, b in zip(*pair, strict=True)):
        return False
    pairs = list(zip(one.meaning.columns, other.meaning.columns, strict=True))
    equal = sum(bool(a.label) and _letters(a) == _letters(b) for a, b in pairs)
    return len(pairs) == one.grid.n_columns and equal >= len(pairs) / 2


def _letters(column: Column) -> str:
    return "".join(letter for letter in column.label.lower() if letter.isalpha())


def _edges(table: OpenTable) -> list[tuple[float, float]]:
    """Left and right edge of each column, in points; (0, 0) where no cell spans it alone."""
    edges = [(0.0, 0.0)] * table.grid.n_columns
    for cell in table.table.cells:
        if cell.colspan == 1 and edges[cell.column] == (0.0, 0.0):
            edges[cell.column] = (cell.bbox[0], cell.bbox[2])
    return edges
