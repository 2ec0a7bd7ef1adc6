"""Fonts that a PDF does not hold: it is read the same whatever was read before it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extractors.pieces import count_pages, join_pieces, read_piece
from extractors.read import read_pdf
from extractors.tables import Reading

ROOT = Path(__file__).parent.parent
PAGES = 3


def write(path: Path, name: str, width: int | None, described: bool = False, serif: bool = False) -> Path:
    """A document of three pages in a font that it does not hold; `width` None: it does not say how wide it is."""
    font = f"/Type /Font /Subtype /TrueType /BaseFont /{name} /Encoding /WinAnsiEncoding"
    if width is not None:
        widths = " ".join(str(width + i % 7 * 10) for i in range(95))
        font += f" /FirstChar 32 /LastChar 126 /Widths [{widths}]"
    if described:
        font += (
            f" /FontDescriptor << /Type /FontDescriptor /FontName /{name} /Flags {34 if serif else 32} /ItalicAngle 0"
            " /StemV 80 /FontBBox [-100 -250 1000 900] /Ascent 750 /Descent -250 /CapHeight 700 >>"
        )
    words = ("Jumlah 1.234.567", "Gaji: 88,30", "9 Dokumen 2024")
    content = "".join(f"BT /F 10 Tf 50 {800 - 20 * i} Td ({words[i % 3]} {i}) Tj ET\n" for i in range(20))
    kids = " ".join(f"{5 + n} 0 R" for n in range(PAGES))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {PAGES} /Kids [{kids}] >>",
        f"<< {font} >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
    ]
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 3 0 R >> >> >>"
    )
    body = "".join(f"{n} 0 obj\n{o}\nendobj\n" for n, o in enumerate([*objects, *[page] * PAGES], 1))
    path.write_text(f"%PDF-1.7\n{body}trailer << /Size {5 + PAGES} /Root 1 0 R >>\n%%EOF\n")
    return path


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Ten documents whose letters are drawn wide and narrow, with feet and without."""
    folder = tmp_path_factory.mktemp("others")
    return [write(folder / f"{n}.pdf", f"Font{n}", 200 + 90 * n, True, n % 2 == 1) for n in range(10)]


def first_in_a_process(path: Path) -> str:
    code = (
        "import sys; from pathlib import Path; from extractors.read import read_pdf; print(read_pdf(Path(sys.argv[1])))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout.rstrip("\n")


def boxes(reading: Reading, page: int) -> list[object]:
    return [(line.bbox, line.text) for line in reading.lines if line.page == page]


@pytest.mark.parametrize(
    ("name", "width", "described", "serif"),
    [
        pytest.param("Calibri", None, False, False, id="nothing is said of the font"),
        pytest.param("Calibri", None, True, False, id="no widths"),
        pytest.param("Cambria", 500, True, True, id="with feet"),
        pytest.param("Frutiger,Bold", 500, False, False, id="no height"),
        pytest.param("LiberationSans", None, False, False, id="a font that this machine may have"),
        pytest.param("Helvetica", None, False, False, id="a standard one"),
    ],
)
def test_read_first_or_after_ten_others(
    tmp_path: Path, others: list[Path], name: str, width: int | None, described: bool, serif: bool
) -> None:
    path = write(tmp_path / "report.pdf", name, width, described, serif)
    one = read_pdf(path)
    for other in others:
        read_pdf(other)
    assert read_pdf(path) == one
    assert repr(one) == first_in_a_process(path)
    assert boxes(one, 1) and boxes(one, 1) == boxes(one, 2) == boxes(one, 3)


def test_read_in_pieces(tmp_path: Path, others: list[Path]) -> None:
    path = write(tmp_path / "report.pdf", "Calibri", None)
    first = read_piece(path, range(1, 2))
    read_pdf(others[0])
    parts = [first, read_piece(path, range(2, count_pages(path) + 1))]
    assert not any(part.in_one_go for part in parts)
    assert join_pieces(path, parts) == read_pdf(path)
