"""A document page by page: its tables as printed, cell by cell, and the story of one number."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipeline.web.reader import Reader, Record

SEVERITY = ("verified", "repaired", "unverified", "conflict")


@dataclass(slots=True)
class PrintedCell:
    """A cell as the page shows it. `fact` is the first number that it prints, `status` the worst of them."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    fact: str | None = None
    status: str | None = None
    box: str = ""


@dataclass(slots=True)
class PrintedTable:
    """The part of a table that stands on one page; `head_page` where its header is repeated from an earlier page."""

    table_id: str
    table_kind: str | None
    caption: str | None
    n_columns: int
    head: list[list[PrintedCell]] = field(default_factory=list)
    body: list[list[PrintedCell]] = field(default_factory=list)
    head_page: int | None = None


def document(reader: Reader, document_id: str) -> Record | None:
    """One document by its id or the first characters of it."""
    query = "select * from documents where starts_with(document_id, $1) order by document_id limit 1"
    return reader.one(query, [document_id]) if len(document_id) >= 6 else None


def pages_with_tables(reader: Reader, document_id: str) -> list[Record]:
    """Pages on which cells stand, with the caption of the first table that begins there, and counts of their facts."""
    return reader.records(
        """
        with captions as (
            select page_first as page, arg_min(caption, table_no) as caption from base.tables
            where document_id = $1 and used group by 1
        ),
        counts as (
            select page, count(*) as facts, count(*) filter (status in ('verified', 'repaired')) as verified,
                   count(*) filter (status = 'conflict') as conflicts
            from base.facts where document_id = $1 group by 1
        )
        select page, caption, coalesce(facts, 0) as facts, coalesce(verified, 0) as verified,
               coalesce(conflicts, 0) as conflicts
        from (select distinct page from base.cells where document_id = $1) left join captions using (page)
        left join counts using (page) order by page
        """,
        [document_id],
    )


def first_conflicts(reader: Reader, document_id: str) -> list[Record]:
    """The first number in conflict of each page that has one."""
    return reader.records(
        "select page, arg_min(fact_id, (table_id, row_no, column_no, part)) as fact_id from base.facts "
        "where document_id = $1 and status = 'conflict' group by page order by page",
        [document_id],
    )


def notes(reader: Reader, document_id: str, page: int) -> list[Record]:
    """What went wrong on a page or with the document as a whole."""
    return reader.records(
        "select * from problems where document_id = $1 and (page = $2 or page is null or page = 0) "
        "order by page nulls last, kind limit 50",
        [document_id, page],
    )


def tables_on(reader: Reader, document_id: str, page: int) -> list[PrintedTable]:
    """The tables of a page in their order, each cell with the number it prints."""
    cells = reader.records(
        'select table_id, grid_row, column_no, row_no, rowspan, colspan, "text", is_header, page from base.cells '
        "where document_id = $1 and page = $2",
        [document_id, page],
    )
    facts = reader.records(
        "select table_id, row_no, column_no, fact_id, status, bbox from base.facts "
        "where document_id = $1 and page = $2 order by part, fact_id",
        [document_id, page],
    )
    named = [cell["table_id"] for cell in cells]
    about = reader.records(
        "select table_id, table_kind, caption, n_columns, used from base.tables where document_id = $1 and "
        "list_contains($2, table_id) order by table_no",
        [document_id, list(dict.fromkeys(named))],
    )
    by_table: dict[str, list[Record]] = defaultdict(list)
    for cell in cells:
        by_table[cell["table_id"]].append(cell)
    by_cell: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for fact in facts:
        by_cell[fact["table_id"], fact["row_no"], fact["column_no"]].append(fact)
    used = [table for table in about if table["used"]]
    return [_table(reader, document_id, table, by_table[table["table_id"]], by_cell) for table in used]


def _table(
    reader: Reader, document_id: str, about: Record, cells: list[Record], by_cell: dict[tuple[Any, ...], list[Record]]
) -> PrintedTable:
    table = PrintedTable(about["table_id"], about["table_kind"], about["caption"], about["n_columns"])
    head = [cell for cell in cells if cell["is_header"]]
    body = [cell for cell in cells if not cell["is_header"]]
    if not head:
        head = reader.records(
            'select table_id, grid_row, column_no, row_no, rowspan, colspan, "text", is_header, page from base.cells '
            "where document_id = $1 and table_id = $2 and is_header "
            "qualify page = min(page) over ()",
            [document_id, about["table_id"]],
        )
        table.head_page = head[0]["page"] if head else None
    table.head = _rows(head, about["n_columns"], {})
    table.body = _rows(body, about["n_columns"], by_cell)
    return table


def _rows(cells: list[Record], n_columns: int, by_cell: dict[tuple[Any, ...], list[Record]]) -> list[list[PrintedCell]]:
    """Rows of an HTML table: spans end with the page, and what an earlier page's span covers is left blank."""
    at: dict[tuple[int, int], Record] = {(cell["grid_row"], cell["column_no"]): cell for cell in cells}
    order = sorted({cell["grid_row"] for cell in cells})
    place = {row: number for number, row in enumerate(order)}
    covered: set[tuple[int, int]] = set()
    rows = []
    for number, grid_row in enumerate(order):
        row: list[PrintedCell] = []
        for column in range(n_columns):
            if (number, column) in covered:
                continue
            cell = at.get((grid_row, column))
            if cell is None:
                row.append(PrintedCell(""))
                continue
            high = sum(later < grid_row + cell["rowspan"] for later in order[number:])
            wide = min(cell["colspan"], n_columns - column)
            covered |= {(place[grid_row] + i, column + j) for i in range(high) for j in range(wide)}
            found = by_cell.get((cell["table_id"], cell["row_no"], column), [])
            row.append(_printed(cell, high, wide, found))
        rows.append(row)
    return rows


def _printed(cell: Record, high: int, wide: int, facts: list[Record]) -> PrintedCell:
    printed = PrintedCell(cell["text"] or "", high, wide)
    if facts:
        printed.fact = facts[0]["fact_id"]
        printed.status = max((fact["status"] for fact in facts), key=SEVERITY.index)
        printed.box = " ".join(f"{side:.2f}" for side in facts[0]["bbox"])
    return printed


def fact(reader: Reader, fact_id: str, document_id: str = "") -> Record | None:
    """A fact with its checks (failing ones first, then those that prove it), its history, what was decided about it,
    and the other facts of its cell. With its document's id it is found without looking through all facts.
    """
    where = "fact_id = $1" + (" and document_id = $2" if document_id else "")
    found = reader.one(f"select * from facts where {where}", [fact_id, document_id] if document_id else [fact_id])
    if found is None:
        return None
    known = [found["document_id"], fact_id]
    found["checks"] = reader.records(
        "select kind, verdict, subject, claim, explanation, suggestion, expected, found, difference, "
        "list_contains(pins, $2) as proves from base.checks where document_id = $1 and list_contains(fact_ids, $2) "
        "order by verdict, proves desc, kind, check_id limit 40",
        known,
    )
    found["history"] = reader.records(
        "select last_generation, raw, value, unit, role, status from base.history "
        "where document_id = $1 and fact_id = $2 order by last_generation desc limit 20",
        known,
    )
    found["decisions"] = reader.records(
        "select corrected, reason, proof, accepted_by, accepted_at, state, explanation from base.corrections "
        "where document_id = $1 and fact_id = $2 order by accepted_at desc",
        known,
    )
    found["siblings"] = reader.records(
        "select fact_id, value, value_text, unit, indicator from base.facts where document_id = $1 and table_id = $2 "
        "and row_no = $3 and column_no = $4 and fact_id <> $5 order by part",
        [found["document_id"], found["table_id"], found["row_no"], found["column_no"], fact_id],
    )
    return found


def suggestions(fact: Record) -> list[Record]:
    """What its failing checks propose: `fact_id` of the cell, `value` (None: leave it out of the sum), `here` for the
    fact itself. Each proposal once.
    """
    found = {}
    for check in fact["checks"]:
        said = check["suggestion"] or ""
        if said.startswith("leave out "):
            cell, value = said.removeprefix("leave out "), None
        else:
            cell, _, number = said.rpartition(": ")
            if not cell:
                continue
            value = Decimal(number)
        found[cell, value] = {"fact_id": cell, "value": value, "here": cell == fact["fact_id"]}
    return sorted(found.values(), key=lambda one: not one["here"])
