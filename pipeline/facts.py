"""The records of a harvest. Names and meanings are those of the data contract (docs/contract.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from extractors.tables import Box, Line, Reading
from normalizers.asking import Question
from normalizers.columns import Column
from normalizers.rows import Row


@dataclass(slots=True)
class Fact:
    """One published quantity: where it stands, what it means, how far it is proved."""

    fact_id: str
    table_id: str
    table_kind: str
    page: int
    bbox: Box
    row_no: int
    column_no: int
    part: int
    level: str
    column_label: str
    role: str
    quantity: str
    period: str
    raw: str
    value: Decimal | None = None
    decimals: int | None = None
    value_text: str | None = None
    unit: str | None = None
    year: int | None = None
    nomenclature: str | None = None
    code: str | None = None
    code_generic: str | None = None
    code_comparable: str | None = None
    code_raw: str | None = None
    code_how: str = "none"
    name: str | None = None
    name_raw: str | None = None
    indicator: str | None = None
    account: str | None = None
    account_scheme: str | None = None
    agency: str | None = None  # the row's own agency; None: the document's
    agency_key: str | None = None  # of the row's own agency
    agency_bidang: list[str] = field(default_factory=list)  # of the row's own agency
    head_code: str | None = None  # of the (sub) kegiatan in whose form (RKA, DPA) the row stands
    head_code_generic: str | None = None
    status: str = "unverified"
    confidence: float = 0.99
    lookalike: bool = False  # read by exchanging letters for digits (`6I` for 61): a proposal until a check proves it


@dataclass(slots=True)
class Check:
    """A claim of the document about its own numbers, tested. `verdict` is holds or fails."""

    check_id: str
    table_id: str | None
    kind: str
    subject: str
    fact_ids: list[str]
    pins: list[str]
    page: int | None
    bbox: Box | None
    claim: str | None
    expected: Decimal | None
    found: Decimal | None
    difference: Decimal | None
    verdict: str
    suggestion: str | None
    explanation: str


@dataclass(slots=True)
class Problem:
    """Something that could not be used as it stands. `severity` is stop, warn or note."""

    page: int | None
    table_id: str | None
    bbox: Box | None
    kind: str
    severity: str
    text: str
    explanation: str


@dataclass(slots=True)
class MeantTable:
    """A table whose columns and rows have meaning, with the facts that its cells give."""

    table_id: str
    kind: str
    caption: str
    columns: list[Column]
    rows: list[Row]
    facts: list[Fact] = field(default_factory=list)
    header_rows: frozenset[int] = frozenset()  # grid rows that are header, numbering or repeats
    row_numbers: dict[int, int] = field(default_factory=dict)  # grid row -> row_no of the body
    table_no: int | None = None  # its place in Reading.tables; None: the same place as in Harvest.tables
    first_row: int = 0  # where it begins there, when one frame holds several tables; grid rows count from it
    n_rows: int | None = None  # its grid rows; None: all of that table's


@dataclass(slots=True)
class Document:
    """What a document is, from its cover and headings, or from what the user says of it."""

    document_id: str  # sha256 of the bytes
    document: str  # file name
    title: str | None = None
    doc_type: str = "other"
    edition: str | None = None
    fiscal_year: int | None = None
    region_code: str | None = None
    region: str | None = None
    agency: str | None = None
    agency_key: str | None = None
    agency_bidang: list[str] = field(default_factory=list)
    nomenclature: str | None = None
    issued_on: str | None = None
    pages: int = 0
    pages_scanned: int = 0
    status: str = "ok"
    error: str | None = None


@dataclass(slots=True)
class Harvest:
    """Everything that one document gives."""

    document: Document
    reading: Reading
    tables: list[MeantTable] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    claims: list[Line] = field(default_factory=list)  # prose lines that claim amounts or counts
    asked: tuple[Question, ...] | None = None  # what its meaning asked of the forms; None: not listened to
