"""Whole documents: errors by name, damaged pages, and the sample reports."""

from __future__ import annotations

from pathlib import Path

import pdfplumber
import pypdfium2 as pdfium
import pytest

from extractors import read as reading_module
from extractors.errors import Damaged, EmptyFile, Encrypted, NotPdf
from extractors.pages import BadPage, PageContent, read_page
from extractors.read import read_pdf
from tests.tiny_pdf import TinyPage, fill, grid, text, write_pdf

SAMPLES = sorted((Path(__file__).parent.parent / "data" / "raw").glob("*.pdf"))
TABLE = grid([50, 150, 250], [700, 680, 660]) + fill([50, 150], [700, 680], [["Kode", "Pagu"], ["5.03", "9.000"]])

ENCRYPTED = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    b"3 0 obj\n<< /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >>\nendobj\n"
    b"trailer\n<< /Root 1 0 R /Encrypt 3 0 R /ID [<00> <00>] /Size 4 >>\n%%EOF\n"
)


@pytest.mark.parametrize(
    ("data", "error", "status"),
    [
        pytest.param(b"", EmptyFile, "empty", id="empty"),
        pytest.param(b"Laporan kinerja\n" * 100, NotPdf, "not_pdf", id="text named .pdf"),
        pytest.param(b"%PDF-1.7\nbroken" + b"\x00" * 200, Damaged, "damaged", id="damaged"),
        pytest.param(ENCRYPTED, Encrypted, "encrypted", id="encrypted"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes, error: type[Exception], status: str) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(data)
    with pytest.raises(error) as caught:
        read_pdf(path)
    assert caught.value.status == status  # type: ignore[attr-defined]
    assert "file.pdf" in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param(BadPage("page 2 cannot be loaded"), "page 2 cannot be loaded: other", id="damaged"),
        pytest.param(TypeError("no such cast"), "page 2 could not be read (TypeError in test_read.py", id="our fault"),
    ],
)
def test_a_damaged_page_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, said: str
) -> None:
    def sometimes(document: pdfium.PdfDocument, number: int, *more: object) -> PageContent:
        if number == 2:
            raise fault
        return read_page(document, number)

    monkeypatch.setattr(reading_module, "read_page", sometimes)
    reading = read_pdf(write_pdf(tmp_path / "report.pdf", TABLE, TABLE, TABLE))
    assert [(t.page, t.kind) for t in reading.troubles] == [(2, "damaged_page")]
    assert reading.troubles[0].text.startswith(said)
    assert [p.page for p in reading.pages] == [1, 2, 3]
    assert {cell.page for table in reading.tables for cell in table.cells} == {1, 3}


def test_pages_can_be_chosen(tmp_path: Path) -> None:
    reading = read_pdf(write_pdf(tmp_path / "report.pdf", "", TABLE, ""), pages=range(2, 9))
    assert [(p.page, p.kind) for p in reading.pages] == [(2, "ruled"), (3, "empty")]


def test_each_kind_of_page_gets_its_trouble(tmp_path: Path) -> None:
    columns = "".join(
        text(50, 700 - 20 * i, "Belanja") + text(200, 700 - 20 * i, "1.000") + text(300, 700 - 20 * i, "2.000")
        for i in range(6)
    )
    prose = "".join(text(50, 700 - 14 * i, "Rencana kerja ini disusun untuk tahun 2024.") for i in range(9))
    picture = TinyPage("q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q\n")
    hidden = TinyPage(picture.content + text(60, 600, "lapisan teks", mode=3))
    reading = read_pdf(write_pdf(tmp_path / "report.pdf", columns, prose, picture, hidden, ""))
    assert [page.kind for page in reading.pages] == ["unruled", "prose", "scan", "scan_with_text", "empty"]
    assert [trouble.kind for trouble in reading.troubles] == ["scan", "scan_with_text"]
    assert [(table.pages, table.n_rows, table.method) for table in reading.tables] == [((1,), 6, "space")]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_read_without_trouble_and_always_the_same(path: Path) -> None:
    reading = read_pdf(path)
    assert not reading.troubles
    assert {page.kind for page in reading.pages} == {"prose", "ruled"}
    assert reading == read_pdf(path)
    assert reading.tables[0].above
    for table in reading.tables:
        taken: set[tuple[int, int]] = set()
        for cell in table.cells:
            places = {
                (r, c)
                for r in range(cell.row, cell.row + cell.rowspan)
                for c in range(cell.column, cell.column + cell.colspan)
            }
            assert not places & taken
            taken |= places
        assert len(taken) == table.n_rows * table.n_columns


def test_cells_hold_what_a_second_engine_finds_in_their_box() -> None:
    path = next(p for p in SAMPLES if p.stem == "renja-2024-bkpsdm-pasuruan")
    reading = read_pdf(path, pages=range(12, 13))
    with pdfplumber.open(path) as pdf:
        page = pdf.pages[11]
        cells = [cell for table in reading.tables for cell in table.cells]
        assert len(cells) > 100
        for cell in cells:
            found = page.crop(cell.bbox).extract_text()
            assert "".join(found.split()) == "".join(cell.text.split())
