"""What draws on pages: one small interface over two libraries, so that files come from two producers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

BOLD = {"Helvetica": "Helvetica-Bold", "Times-Roman": "Times-Bold", "Courier": "Courier-Bold"}


class Pen(Protocol):
    """Coordinates in points from the page's top left; text at its baseline; grey 0 black .. 1 white."""

    def page(self) -> None: ...
    def text(self, x: float, y: float, text: str, font: str, size: float, bold: bool) -> None: ...
    def text_width(self, text: str, font: str, size: float, bold: bool) -> float: ...
    def line(self, x0: float, y0: float, x1: float, y1: float) -> None: ...
    def rect(self, x: float, y: float, width: float, height: float) -> None: ...
    def fill(self, x: float, y: float, width: float, height: float, grey: float) -> None: ...
    def close(self) -> None: ...


def open_pen(path: Path, producer: str, width: float, height: float, rotated: bool) -> Pen:
    """A pen that writes to `path`; `rotated` pages (reportlab only) are stored on their side with /Rotate 90."""
    if producer == "fpdf2":
        return FpdfPen(path, width, height)
    return ReportlabPen(path, width, height, rotated)


class ReportlabPen:
    """reportlab's canvas; files are the same for the same seed."""

    def __init__(self, path: Path, width: float, height: float, rotated: bool) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfgen import canvas

        self.metrics: Any = pdfmetrics
        self.width, self.height, self.rotated = width, height, rotated
        self.canvas: Any = canvas.Canvas(str(path), pagesize=(width, height), invariant=1)
        self.begun = False

    def page(self) -> None:
        if self.begun:
            self.canvas.showPage()
        self.begun = True
        if self.rotated:
            self.canvas.setPageRotation(90)
            self.canvas.transform(0, 1, -1, 0, self.height, 0)
        self.canvas.setLineWidth(0.5)

    def text(self, x: float, y: float, text: str, font: str, size: float, bold: bool) -> None:
        self.canvas.setFont(BOLD[font] if bold else font, size)
        self.canvas.setFillGray(0)
        self.canvas.drawString(x, self.height - y, text)

    def text_width(self, text: str, font: str, size: float, bold: bool) -> float:
        return float(self.metrics.stringWidth(text, BOLD[font] if bold else font, size))

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.canvas.line(x0, self.height - y0, x1, self.height - y1)

    def rect(self, x: float, y: float, width: float, height: float) -> None:
        self.canvas.rect(x, self.height - y - height, width, height)

    def fill(self, x: float, y: float, width: float, height: float, grey: float) -> None:
        self.canvas.setFillGray(grey)
        self.canvas.rect(x, self.height - y - height, width, height, stroke=0, fill=1)

    def close(self) -> None:
        self.canvas.showPage()
        self.canvas.save()


class FpdfPen:
    """fpdf2's page."""

    def __init__(self, path: Path, width: float, height: float) -> None:
        from fpdf import FPDF

        self.path = path
        self.pdf: Any = FPDF(
            "landscape" if width > height else "portrait", "pt", (min(width, height), max(width, height))
        )
        self.pdf.set_auto_page_break(False)
        self.pdf.set_creation_date(datetime(2024, 1, 1, tzinfo=UTC))
        self.pdf.set_line_width(0.5)

    def page(self) -> None:
        self.pdf.add_page()

    def _font(self, font: str, size: float, bold: bool) -> None:
        self.pdf.set_font({"Times-Roman": "Times"}.get(font, font), "B" if bold else "", size)

    def text(self, x: float, y: float, text: str, font: str, size: float, bold: bool) -> None:
        if text:
            self._font(font, size, bold)
            self.pdf.text(x, y, text.encode("latin-1", "replace").decode("latin-1"))

    def text_width(self, text: str, font: str, size: float, bold: bool) -> float:
        self._font(font, size, bold)
        return float(self.pdf.get_string_width(text.encode("latin-1", "replace").decode("latin-1")))

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pdf.line(x0, y0, x1, y1)

    def rect(self, x: float, y: float, width: float, height: float) -> None:
        self.pdf.rect(x, y, width, height)

    def fill(self, x: float, y: float, width: float, height: float, grey: float) -> None:
        self.pdf.set_fill_color(int(grey * 255))
        self.pdf.rect(x, y, width, height, style="F")

    def close(self) -> None:
        self.pdf.output(str(self.path))
