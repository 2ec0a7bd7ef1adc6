"""Which kegiatan the rows of a budget form (RKA, DPA) are about: the code that stands in the form's head, not in its rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from extractors.tables import Reading, Table
from normalizers.codes import CodeResolver
from normalizers.form_heads import LEVELS, Head, head_of, labelled
from pipeline.document import lines_with_cells
from pipeline.facts import MeantTable
from pipeline.opening import OpenTable

HEADED = ("rka", "dpa")
Place = tuple[int, float]  # page, points from its top


def give_heads(
    doc_type: str | None,
    tables: Sequence[MeantTable],
    opened: Sequence[OpenTable],
    reading: Reading,
    coder: CodeResolver,
) -> None:
    """Sets `head_code` and `head_code_generic` of the facts of budget forms.

    A head is printed above the table, in boxes of its frame or in lines, and holds until the next one; a row that names a
    (sub) kegiatan inside the table speaks for the rows below it.
    """
    pairs = zip(tables, opened, strict=True)
    forms = [pair for pair in pairs if pair[0].facts and (pair[0].kind in HEADED or doc_type in HEADED)]
    if not forms:
        return
    lines = lines_with_cells(reading)
    places = [place for place, _ in lines]
    above: Place = (0, 0.0)
    head = Head(None)
    for table, open_ in forms:
        first, last = _ends(open_.table)
        between = lines[bisect_left(places, above) : bisect_left(places, first)]
        head = head_of(labelled(text for _, text in between), coder) or head
        above = last
        head = _set(table, head)


def _set(table: MeantTable, head: Head) -> Head:
    """Gives the facts of a table their head, row by row; the one in force at its end."""
    rows = {row.row_no: row for row in table.rows}
    for fact in sorted(table.facts, key=lambda fact: fact.row_no):
        row = rows.get(fact.row_no)
        if row is not None and row.level in LEVELS and row.code is not None:
            head = Head(row.code, row.code_generic)
        fact.head_code, fact.head_code_generic = head.code, head.code_generic
    return head


def _ends(table: Table) -> tuple[Place, Place]:
    """Where the first and the last cell of a table stand."""
    tops = [(cell.page, cell.bbox[1]) for cell in table.cells]
    return min(tops, default=(table.pages[0], 0.0)), max(tops, default=(table.pages[0], 0.0))
