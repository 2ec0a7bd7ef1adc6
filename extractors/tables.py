"""What the extractors hand on: cells of tables, lines of prose, and how each page was read.

All boxes are `(x0, top, x1, bottom)` in PDF points, origin at the top left of the page as displayed (rotation applied).
Pages count from 1. Text is exactly what was read; visual lines inside a cell are divided by `\\n`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SecondReading:
    """Another reading of the same cell (a second engine, an OCR beside a text layer)."""

    text: str
    method: str
    confidence: float


@dataclass(slots=True, unsafe_hash=True)  # frozen it would take three times as long to make, and a page has hundreds
class Cell:
    """One cell of a table; never changed once a Reading holds it. `row` and `column` count from 0 over the whole (stitched)
    table, header rows too."""

    row: int
    column: int
    page: int
    bbox: Box
    text: str
    rowspan: int = 1
    colspan: int = 1
    confidence: float = 0.99
    method: str = "ruled"
    others: tuple[SecondReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table, over all its pages.

    `page_starts[i]` is the first row that stands on page `pages[i]`. `repeated_rows` are rows that only repeat the header
    (or the numbering row) of the table's first page. `shaded_rows` are rows whose cells are filled with a colour on their
    whole width (header evidence). `above` are the text lines printed above the table on its first page, nearest last.
    """

    cells: tuple[Cell, ...]
    n_rows: int
    n_columns: int
    pages: tuple[int, ...]
    page_starts: tuple[int, ...]
    method: str = "ruled"
    above: tuple[str, ...] = ()
    repeated_rows: frozenset[int] = frozenset()
    shaded_rows: frozenset[int] = frozenset()
    bbox: Box = (0.0, 0.0, 0.0, 0.0)  # of its part on the first page


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text outside tables (cover, headings, prose, captions)."""

    page: int
    bbox: Box
    text: str
    size: float = 0.0  # font size in points


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something a reader should know of a page: `kind` from a closed list, one plain sentence."""

    page: int
    kind: str
    text: str
    severity: str = "note"  # note, warn, stop
    bbox: Box | None = None


@dataclass(frozen=True, slots=True)
class PageInfo:
    """What a page is: `kind` is prose, ruled, partly_ruled, unruled, scan, scan_with_text, broken_text or empty."""

    page: int
    kind: str
    width: float
    height: float
    rotation: int = 0
    flags: tuple[str, ...] = ()  # hidden_text, doubled_text, watermark, private_use, ...


@dataclass(slots=True)
class Reading:
    """Everything read from one document; depends on its bytes and the extractors' version alone."""

    pages: list[PageInfo] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)  # PDF title, producer, creation date
