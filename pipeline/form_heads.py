"""Which kegiatan the rows of a budget form (RKA, DPA) are about: the code that stands in the form's head, not in its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractors.tables import Cell, Reading, Table
from normalizers.codes import CodeResolver
from normalizers.form_heads import LEVELS, Head, head_of, labelled
from normalizers.grid import fold
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
    texts = sorted(_texts(reading), key=lambda text: text[0])
    above: Place = (0, 0.0)
    head = Head(None)
    for table, open_ in forms:
        first, last = _ends(open_.table)
        head = head_of(labelled(text for place, text in texts if above <= place < first), coder) or head
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


def _texts(reading: Reading) -> Iterable[tuple[Place, str]]:
    """Every line of the document with its place, those in cells too; a cell of a label and its value are one line."""
    for line in reading.lines:
        yield (line.page, line.bbox[1]), line.text
    for table in reading.tables:
        rows: dict[int, list[Cell]] = {}
        for cell in table.cells:
            if cell.text.strip():
                rows.setdefault(cell.row, []).append(cell)
        for cells in rows.values():
            cells.sort(key=lambda cell: cell.column)
            yield from _row_lines(cells)


def _row_lines(cells: Sequence[Cell]) -> Iterable[tuple[Place, str]]:
    texts = [cell.text for cell in cells if cell.text.strip(" :\n")]
    if len(texts) == 2 and ":" not in texts[0]:
        yield (cells[0].page, cells[0].bbox[1]), f"{fold(texts[0])} : {fold(texts[1]).lstrip(': ')}"
        return
    for cell in cells:
        for line in cell.text.split("\n"):
            yield (cell.page, cell.bbox[1]), fold(line)


def _ends(table: Table) -> tuple[Place, Place]:
    """Where the first and the last cell of a table stand."""
    tops = [(cell.page, cell.bbox[1]) for cell in table.cells]
    return min(tops, default=(table.pages[0], 0.0)), max(tops, default=(table.pages[0], 0.0))
