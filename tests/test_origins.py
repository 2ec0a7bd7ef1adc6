"""Base lines of characters, asked for only where the height of the boxes changes."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pypdfium2.raw as raw
import pytest

from extractors import native
from extractors.pages import open_pdf, read_page
from tests.tiny_pdf import text, write_pdf

LONG = "Penyediaan jasa surat menyurat dan alat tulis kantor 1.250.000"
RAISED = f"BT /F1 10 Tf 60 600 Td ({LONG}) Tj 2 Ts (2) Tj 0 Ts ({LONG}) Tj ET\n"
TURNED = "".join(f"BT /F1 10 Tf {matrix} 300 400 Tm ({LONG}) Tj ET\n" for matrix in ("0 1 -1 0", "-1 0 0 -1"))


@pytest.mark.parametrize(
    "drawing",
    [
        pytest.param("".join(text(60, 700 - 20 * i, LONG) for i in range(5)), id="lines"),
        pytest.param(RAISED, id="a raised digit of the same size"),
        pytest.param(RAISED + TURNED, id="turned and upside down"),
        pytest.param("", id="nothing"),
    ],
)
def test_every_base_line_is_the_characters_own(tmp_path: Path, drawing: str) -> None:
    with open_pdf(write_pdf(tmp_path / "page.pdf", drawing)) as document:
        chars = read_page(document, 1).chars
        page = document[0]
        words = page.get_textpage()
        codes = [raw.FPDFText_GetUnicode(words, i) for i in range(words.count_chars())]
        places = [_origin(words, i) for i, code in enumerate(codes) if code > 32]
        height = page.get_height()
    assert [round(height - y, 3) for y in chars.base[:, 1].tolist()] == [y for _, y in places]
    assert chars.base[:, 0].tolist() == pytest.approx([x for x, _ in places], abs=0.2)  # a j hangs over its left


def test_few_origins_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    fetch = native.fetch

    def counted(function, arguments, *others, **named):  # type: ignore[no-untyped-def]
        asked.extend([len(arguments[0])] if function is native.origin else [])
        return fetch(function, arguments, *others, **named)

    monkeypatch.setattr(native, "fetch", counted)
    with open_pdf(
        write_pdf(tmp_path / "page.pdf", "".join(text(60, 700 - 20 * i, LONG) for i in range(5)))
    ) as document:
        assert len(read_page(document, 1).chars) > 4 * sum(asked)


def _origin(words: raw.FPDF_TEXTPAGE, number: int) -> tuple[float, float]:
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(words, number, x, y)
    return round(x.value, 3), round(y.value, 3)
