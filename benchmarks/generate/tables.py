"""A table with its meaning: what is printed, and the facts that it must give."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

FACT_COLUMNS = [
    "doc_id",
    "table_id",
    "table_kind",
    "row_no",
    "col_no",
    "level",
    "code",
    "code_generic",
    "code_raw",
    "code_how",
    "name_raw",
    "indicator",
    "account",
    "column_label",
    "role",
    "quantity",
    "year",
    "period",
    "value",
    "value_text",
    "unit",
    "raw",
    "agency",
]


@dataclass
class Col:
    """A grid column: its header path, how wide it is (parts), and what its cells are (`q` for quantities)."""

    path: tuple[str, ...]
    kind: str = "text"
    width: float = 1.0
    role: str = ""
    quantity: str = ""
    year: int | None = None
    period: str = "tahun"
    align: str = "left"


@dataclass
class Value:
    """What a cell prints and what that means; `value` None with `text` for grades and dashes."""

    raw: str
    value: Decimal | None
    unit: str = ""
    text: str = ""
    account: str | None = None  # of this cell, where not the row's
    indicator: str | None = None


@dataclass
class Row:
    """A printed row. `texts` by column for keys; `values` by column for quantities (several: one line each).

    `spans`: column -> columns covered. `title`: one cell over the whole width. `down`: key columns that go on from the
    row above (one cell over both rows).
    """

    texts: dict[int, str] = field(default_factory=dict)
    values: dict[int, list[Value]] = field(default_factory=dict)
    level: str = "other"
    code: str = ""
    code_generic: str = ""
    code_raw: str = ""
    name: str = ""
    indicator: str = ""
    account: str = ""
    agency: str = ""
    spans: dict[int, int] = field(default_factory=dict)
    down: frozenset[int] = frozenset()
    bold: bool = False


@dataclass
class TableSpec:
    """A table: caption lines above it, columns, rows and how its header is printed."""

    kind: str
    caption: list[str]
    cols: list[Col]
    rows: list[Row]
    numbering: list[str] | None = None
    titles: list[str] = field(default_factory=list)  # rows inside the frame, above the header
    repeat: str = "header"  # header, numbering, none: what a new page begins with
    shaded: bool = False

    def facts(self, doc_id: str, table_id: str) -> list[dict[str, str]]:
        """The expected facts, one record a quantity."""
        found = []
        for number, row in enumerate(self.rows):
            for index, values in sorted(row.values.items()):
                for value in values:
                    found.append(self._fact(doc_id, table_id, number, row, index, value))
        return found

    def _fact(self, doc_id: str, table_id: str, number: int, row: Row, index: int, value: Value) -> dict[str, str]:
        col = self.cols[index]
        account = value.account if value.account is not None else row.account
        record = {
            "doc_id": doc_id,
            "table_id": table_id,
            "table_kind": self.kind,
            "row_no": str(number),
            "col_no": str(index),
            "level": row.level,
            "code": row.code,
            "code_generic": row.code_generic,
            "code_raw": row.code_raw,
            "code_how": "printed" if row.code_raw else "matched" if row.code else "none",
            "name_raw": row.name,
            "indicator": value.indicator if value.indicator is not None else row.indicator,
            "account": account if col.quantity in ("anggaran", "jumlah") else "",
            "column_label": " > ".join(col.path),
            "role": col.role,
            "quantity": col.quantity,
            "year": str(col.year or ""),
            "period": col.period,
            "value": "" if value.value is None else format(value.value.normalize(), "f"),
            "value_text": value.text,
            "unit": value.unit,
            "raw": value.raw,
            "agency": row.agency,
        }
        return record


@dataclass
class Doc:
    """A document: cover lines, then prose and tables in order."""

    name: str
    form: str  # the kind that accuracy is told by
    doc_type: str
    year: int
    region: str
    region_code: str
    agency: str
    cover: list[str]
    parts: list[str | TableSpec] = field(default_factory=list)
    look: dict[str, str] = field(default_factory=dict)

    def facts(self) -> list[dict[str, str]]:
        tables = [part for part in self.parts if isinstance(part, TableSpec)]
        return [f for n, t in enumerate(tables, 1) for f in t.facts(self.name, f"{self.name}-t{n:02d}")]
