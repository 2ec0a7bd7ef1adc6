"""What a document is: read off its cover and headings, overruled by what the user says of it."""

from __future__ import annotations

from collections.abc import Mapping

from extractors.tables import Line, Reading
from normalizers import agencies, regions
from normalizers.documents import describe
from pipeline.facts import Document

FROM_COVER = (
    "title", "doc_type", "edition", "fiscal_year", "region_code", "region", "agency", "agency_key", "issued_on",
)  # fmt: skip


def document_of(reading: Reading, document_id: str, file_name: str, said: Mapping[str, str]) -> Document:
    """The document's record. `said` holds manifest columns (doc_type, fiscal_year, region_code, agency, edition).

    A blank says nothing.
    Raises ValueError for a fiscal_year that is no year and for an unknown region_code.
    """
    captions = [line for table in reading.tables for line in table.above]
    known = describe(reading.lines, captions, reading.metadata, file_name)
    if known.doc_type == "other":  # a form whose title stands inside its frame (DPA, RKA)
        inside = describe(_with_cells(reading), captions, reading.metadata, file_name)
        known = inside if inside.doc_type != "other" else known
    document = Document(document_id, file_name, pages=len(reading.pages))
    for name in FROM_COVER:
        setattr(document, name, getattr(known, name))
    document.agency_bidang = list(known.agency_bidang)
    document.pages_scanned = sum(page.kind in ("scan", "scan_with_text") for page in reading.pages)
    _overrule(document, {key: value.strip() for key, value in said.items() if value and value.strip()})
    return document


def _with_cells(reading: Reading) -> list[Line]:
    """Lines of the first page with those inside its tables, from top to bottom."""
    lines = [line for line in reading.lines if line.page == 1]
    for table in reading.tables:
        for cell in table.cells:
            if cell.page == 1:
                lines.extend(Line(1, cell.bbox, text) for text in cell.text.split("\n") if text.strip())
    return sorted(lines, key=lambda line: (line.bbox[1], line.bbox[0]))


def _overrule(document: Document, said: Mapping[str, str]) -> None:
    document.doc_type = said.get("doc_type", document.doc_type)
    document.edition = said.get("edition", document.edition)
    if "fiscal_year" in said:
        document.fiscal_year = int(said["fiscal_year"])
    if "region_code" in said:
        region = regions.by_code(said["region_code"])
        if region is None:
            raise ValueError(f"region_code `{said['region_code']}` is not a Kemendagri code: see `regions.csv`")
        document.region_code, document.region = region.code, region.name
    if "agency" in said:
        agency = agencies.agency(said["agency"])
        document.agency = agency.name if agency else said["agency"]
        document.agency_key = agency.key if agency else None
        document.agency_bidang = list(agency.bidang) if agency else []
