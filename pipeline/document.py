"""What a document is: read off its cover and headings, overruled by what the user says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter

from extractors.tables import Cell, Line, Reading
from normalizers import agencies, regions
from normalizers.documents import DocumentFacts, describe
from normalizers.grid import fold
from pipeline.facts import Document, Problem

FORMS = ("rka", "dpa")  # budget forms: what they are is printed in boxes
LONGEST_LABEL = 40  # characters
COLUMN_WORDS = re.compile(
    r"\s*(target|realisasi|capaian|tingkat|indikator)\b", re.IGNORECASE
)  # `Target Renstra` is no title
FROM_COVER = (
    "title", "doc_type", "edition", "fiscal_year", "region_code", "region", "agency", "agency_key", "issued_on",
)  # fmt: skip


# What a user says and the document prints otherwise: column, the field in which two spellings are one, what it is.
COMPARED = (
    ("fiscal_year", "fiscal_year", "year"), ("region_code", "region_code", "region"), ("doc_type", "doc_type", "kind"),
    ("edition", "edition", "edition"), ("agency", "agency_key", "agency"),
)  # fmt: skip


def document_of(
    reading: Reading, document_id: str, file_name: str, said: Mapping[str, str]
) -> tuple[Document, list[Problem]]:
    """The document's record, and where it prints something else than what is said of it.

    `said` holds manifest columns (doc_type, fiscal_year, region_code, agency, edition); a blank says nothing.
    Raises ValueError for a fiscal_year that is no year and for an unknown region_code.
    """
    captions = [line for table in reading.tables for line in table.above]
    known = describe(reading.lines, captions, reading.metadata, file_name)
    if known.doc_type in FORMS or known.doc_type == "other":  # their titles stand inside the frame
        inside = describe(_with_cells(reading), captions, reading.metadata, file_name)
        known = _filled(known, inside)
    document = Document(document_id, file_name, pages=len(reading.pages))
    for name in FROM_COVER:
        setattr(document, name, getattr(known, name))
    document.agency_bidang = list(known.agency_bidang)
    document.pages_scanned = sum(page.kind in ("scan", "scan_with_text") for page in reading.pages)
    _overrule(document, {key: value.strip() for key, value in said.items() if value and value.strip()})
    return document, [problem for names in COMPARED if (problem := _contradiction(known, document, said, *names))]


def _contradiction(
    known: DocumentFacts, document: Document, said: Mapping[str, str], column: str, field: str, what: str
) -> Problem | None:
    """What is said holds; what the document prints is kept beside it, because one of the two is wrong."""
    printed, held = getattr(known, field), getattr(document, field)
    if not (said.get(column) or "").strip() or printed in (None, "other") or held in (None, printed):
        return None
    evidence = known.evidence.get(column, "")
    where = f" (`{evidence}`)" if evidence else ""
    text = (
        f"the manifest or source card says {what} {getattr(document, column)}, the document itself {printed}{where}: "
        "what is said was taken; look at the cover, and mend whichever is wrong"
    )
    return Problem(None, None, None, f"said_{what}", "warn", evidence or str(printed), text)


def _filled(known: DocumentFacts, inside: DocumentFacts) -> DocumentFacts:
    """What the lines around the tables say, with what they leave open taken from inside the frames of the first page."""
    if known.doc_type == "other":
        return inside if inside.doc_type != "other" else known
    if inside.doc_type != known.doc_type:
        return known
    for name in ("title", "fiscal_year", "issued_on"):
        setattr(known, name, getattr(known, name) or getattr(inside, name))
    if known.region_code is None:
        known.region_code, known.region = inside.region_code, inside.region
    if known.agency is None and "agency" in inside.evidence:
        known.agency, known.agency_key, known.agency_bidang = inside.agency, inside.agency_key, inside.agency_bidang
    return known


def _with_cells(reading: Reading) -> list[Line]:
    """Lines of the first page with those inside its tables, from top to bottom."""
    lines = [line for line in reading.lines if line.page == 1]
    inside = ((cell, text) for cell, text in _cell_lines(reading, page=1) if not COLUMN_WORDS.match(text))
    lines += [Line(cell.page, cell.bbox, text) for cell, text in inside]
    return sorted(lines, key=lambda line: (line.bbox[1], line.bbox[0]))


def lines_with_cells(reading: Reading) -> list[tuple[tuple[int, float], str]]:
    """All lines and those inside tables as (page, points from its top) and text, by page and from top to bottom.

    `SKPD | 2.16 - Dinas ...` is one line.
    """
    found = [(line.page, line.bbox[1], line.bbox[0], line.text) for line in reading.lines]
    found += [(cell.page, cell.bbox[1], cell.bbox[0], text) for cell, text in _cell_lines(reading)]
    found.sort(key=itemgetter(0, 1, 2))
    return [((page, top), text) for page, top, _, text in found]


def _cell_lines(reading: Reading, page: int | None = None) -> Iterator[tuple[Cell, str]]:
    """The lines inside tables (of one page), row by row, each with the cell that it begins in."""
    for table in reading.tables:
        rows: dict[int, list[Cell]] = {}
        for cell in table.cells if page is None or page in table.pages else ():
            if cell.text.strip():
                rows.setdefault(cell.row, []).append(cell)
        for cells in rows.values():
            found = _row_lines(sorted(cells, key=attrgetter("column")))
            yield from found if page is None else (one for one in found if one[0].page == page)


def _row_lines(cells: Sequence[Cell]) -> list[tuple[Cell, str]]:
    """The lines of a row's cells; of a label and its value, one line with a colon between."""
    texts = [text for cell in cells if (text := fold(cell.text).strip(" :"))]
    if len(texts) == 2 and len(texts[0]) <= LONGEST_LABEL:
        return [(cells[0], f"{texts[0]} : {texts[1]}")]
    return [(cell, text) for cell in cells for text in cell.text.split("\n") if text.strip()]


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
