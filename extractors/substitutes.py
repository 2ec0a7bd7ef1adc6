"""Fonts that a PDF does not hold: PDFium measures and draws them with fonts of its own, the same way each time.

It has one upright and one with feet, and bends them to the widths wanted of each letter that it draws. It leaves them
bent, for all documents of the process, and measures by them: boxes of the same page would be a point higher or wider,
by what was drawn before. So they are bent to the same shape before each page is loaded (`straighten`). Fonts of the
machine are not used, or the same bytes would be read otherwise elsewhere.
"""

from __future__ import annotations

import atexit
from functools import lru_cache

import pypdfium2.raw as raw

_NO_FONTS_OF_THE_MACHINE = raw.FPDF_SYSFONTINFO(version=1)  # finds none; PDFium keeps its address
raw.FPDF_SetSystemFontInfo(_NO_FONTS_OF_THE_MACHINE)

STEP = 0.0002  # the least change of scale that PDFium tells apart is half of it
STEPS = 5000
LETTERS = 1000  # that are drawn before their page is opened anew, so that what PDFium remembers of them is dropped


class _Letters:
    """A page with a letter of two fonts that nobody has, one of them with feet, and room to draw it."""

    def __init__(self) -> None:
        self.drawn = 0
        self._bitmap = raw.FPDFBitmap_CreateEx(40, 20, raw.FPDFBitmap_Gray, None, 0)
        self._clip, self._data = raw.FS_RECTF(0, 0, 40, 20), _document()
        self._open()
        atexit.register(self._close)  # before PDFium itself is closed

    def _open(self) -> None:
        self._document = raw.FPDF_LoadMemDocument64(self._data, len(self._data), None)
        self._page = raw.FPDF_LoadPage(self._document, 0)

    def _close(self) -> None:
        raw.FPDF_ClosePage(self._page)
        raw.FPDF_CloseDocument(self._document)

    def draw(self) -> None:
        """Drawn shapes are remembered by their scale, and only a new one bends the fonts: no scale comes again."""
        self.drawn += 1
        if self.drawn % LETTERS == 0:
            self._close()
            self._open()
        high, wide = divmod(self.drawn, STEPS)
        scale = raw.FS_MATRIX(1 + wide * STEP, 0, 0, 1 + high % STEPS * STEP, 0, 0)
        raw.FPDF_RenderPageBitmapWithMatrix(self._bitmap, self._page, scale, self._clip, 0)


@lru_cache(maxsize=1)
def _letters() -> _Letters:
    return _Letters()


def straighten() -> None:
    """Bends PDFium's two substitutes to their usual widths."""
    _letters().draw()


def _document() -> bytes:
    content = b"BT /S 6 Tf 2 3 Td (.) Tj ET BT /F 6 Tf 9 3 Td (.) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 16 8] /Contents 4 0 R "
        b"/Resources << /Font << /S 5 0 R /F 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        _font(b"Nobodys-Sans", 32),
        _font(b"Nobodys-Serif", 34),
    ]
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % pair for pair in enumerate(objects, 1))
    return body + b"trailer << /Size 7 /Root 1 0 R >>\n%%EOF\n"  # PDFium finds the objects by itself


def _font(name: bytes, flags: int) -> bytes:
    """A font that is not in the file; width 0 leaves its substitute as wide as it was made."""
    return (
        b"<< /Type /Font /Subtype /TrueType /BaseFont /%s /Encoding /WinAnsiEncoding /FirstChar 46 /LastChar 46 "
        b"/Widths [0] /FontDescriptor << /Type /FontDescriptor /FontName /%s /Flags %d /FontBBox [0 -200 1000 800] "
        b"/Ascent 800 /Descent -200 /ItalicAngle 0 /StemV 80 >> >>" % (name, name, flags)
    )
