"""Types other text into the cells of a PDF, in its content streams and with the fonts that are there.

pdfminer says which glyph of which text operator stands where, pikepdf writes the operators anew. Nothing is laid out
again: what follows a longer text in the same operator moves, and the text of a cell stays flush right.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

SHOWING = ("Tj", "TJ", "'", '"')
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a page: its character, its box (points from the top left) and the operator that shows it."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    font: str
    width: int  # bytes of its code
    size: float
    operator: int  # how many text operators come before this one on the page
    place: int  # how many glyphs come before this one in the operator

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


class _Device(PDFLayoutAnalyzer):
    """Collects the glyphs of a page in the order in which they are shown."""

    def __init__(self, manager: PDFResourceManager) -> None:
        super().__init__(manager, pageno=1, laparams=None)
        self.glyphs: list[Glyph] = []
        self.operator = -1
        self.place = 0
        self.forms = 0

    def render_char(self, matrix: Any, font: Any, fontsize: float, *rest: Any) -> float:
        advance = super().render_char(matrix, font, fontsize, *rest)
        shown: Any = list(self.cur_item)[-1]
        if not self.forms:
            height, width = self.cur_item.height, 2 if font.is_multibyte() else 1
            box = (shown.x0, height - shown.y1, shown.x1, height - shown.y0)
            name = f"{shown.fontname}/{width}"
            self.glyphs.append(Glyph(shown.get_text(), *box, name, width, shown.size, self.operator, self.place))
            self.place += 1
        return advance


class _Interpreter(PDFPageInterpreter):
    device: _Device

    def do_TJ(self, seq: Any) -> None:
        if not self.device.forms:
            self.device.operator += 1
            self.device.place = 0
        super().do_TJ(seq)

    def do_Do(self, xobjid: Any) -> None:
        self.device.forms += 1
        super().do_Do(xobjid)
        self.device.forms -= 1


@dataclass(slots=True)
class _Page:
    glyphs: list[Glyph]
    instructions: list[Any]
    shows: list[int]  # index of each text operator among the instructions


@dataclass
class Typist:
    """A PDF whose cells can be retyped. Raises nothing: a cell that cannot be retyped has no `slots`."""

    path: Path
    codes: dict[tuple[str, str], bytes] = field(default_factory=dict)  # (font, character) -> its code
    _widths: dict[tuple[str, str], float] = field(default_factory=dict)  # of a glyph, in ems
    _pages: dict[int, _Page] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._data = self.path.read_bytes()
        self._found = list(PDFPage.create_pages(PDFDocument(PDFParser(io.BytesIO(self._data)))))
        self._pdf = pikepdf.open(io.BytesIO(self._data))

    def slots(self, page: int, bbox: Box, text: str) -> list[Glyph]:
        """The glyphs that print `text` inside a box, blanks left out; none where they are not found just once."""
        inside = [g for g in self._page(page).glyphs if _within(g, bbox) and g.text.strip()]
        printed, wanted = "".join(g.text for g in inside), "".join(text.split())
        at = printed.find(wanted)
        if not wanted or at < 0 or printed.find(wanted, at + 1) >= 0 or len(printed) != len(inside):
            return []
        return inside[at : at + len(wanted)]

    def writable(self, slots: Sequence[Glyph], text: str) -> bool:
        """Whether the font of a cell has every character of a text."""
        return bool(slots) and all((slots[-1].font, c) in self.codes for c in text) and len(_fonts(slots)) == 1

    def retyped(self, changes: Sequence[tuple[int, Sequence[Glyph], str]]) -> bytes:
        """The PDF with (page, glyphs, new text) put in; an empty text takes the glyphs away."""
        pdf = pikepdf.open(io.BytesIO(self._data))
        by_page: dict[int, dict[tuple[int, int], bytes]] = {}
        moved: dict[int, dict[int, float]] = {}
        for page, all_slots, whole in changes:
            slots, text = _changed(all_slots, whole)
            edits = by_page.setdefault(page, {})
            for i, slot in enumerate(slots):
                last = i == len(slots) - 1
                characters = text[i:] if last else text[i : i + 1]
                edits[slot.operator, slot.place] = b"".join(self.codes[slot.font, c] for c in characters)
            more = sum(self._widths[slots[-1].font, c] for c in text[len(slots) :])
            if more:
                moved.setdefault(page, {})[slots[-1].operator] = more * 1000
        for page, edits in by_page.items():
            self._write(pdf, page, edits, moved.get(page, {}))
        out = io.BytesIO()
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return out.getvalue()

    def _write(
        self, pdf: pikepdf.Pdf, number: int, edits: Mapping[tuple[int, int], bytes], moved: Mapping[int, float]
    ) -> None:
        page = self._page(number)
        widths = {g.operator: g.width for g in page.glyphs}
        instructions = list(page.instructions)
        for operator in {operator for operator, _ in edits}:
            at = page.shows[operator]
            operands, name = instructions[at].operands, str(instructions[at].operator)
            items = list(operands[0]) if name == "TJ" else [operands[0]]
            mine = {place: code for (op, place), code in edits.items() if op == operator}
            array = _rebuilt(items, widths[operator], mine, moved.get(operator, 0.0))
            instructions[at] = ([pikepdf.Array(array)], pikepdf.Operator("TJ"))
        pdf.pages[number - 1].Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))

    def _page(self, number: int) -> _Page:
        if number not in self._pages:
            manager = PDFResourceManager()
            device = _Device(manager)
            _Interpreter(manager, device).process_page(self._found[number - 1])
            instructions = list(pikepdf.parse_content_stream(self._pdf.pages[number - 1]))
            shows = [i for i, each in enumerate(instructions) if str(each.operator) in SHOWING]
            glyphs = device.glyphs if device.operator + 1 == len(shows) else []
            page = self._pages[number] = _Page(self._plain(glyphs, instructions, shows), instructions, shows)
            self._learn(page)
        return self._pages[number]

    @staticmethod
    def _plain(glyphs: list[Glyph], instructions: Sequence[Any], shows: Sequence[int]) -> list[Glyph]:
        """Glyphs of plain operators: of `'` and `"`, which also move the line, none is retyped."""
        return [g for g in glyphs if str(instructions[shows[g.operator]].operator) in ("Tj", "TJ")]

    def _learn(self, page: _Page) -> None:
        codes: dict[int, bytes] = {}
        for g in page.glyphs:
            if g.operator not in codes:
                operand = page.instructions[page.shows[g.operator]].operands[0]
                strings = operand if isinstance(operand, pikepdf.Array) else [operand]
                codes[g.operator] = b"".join(bytes(s) for s in strings if isinstance(s, pikepdf.String))
            code = codes[g.operator][g.place * g.width : (g.place + 1) * g.width]
            if len(code) == g.width:
                self.codes.setdefault((g.font, g.text), code)
                self._widths.setdefault((g.font, g.text), (g.x1 - g.x0) / (g.size or 1))


def _within(glyph: Glyph, box: Box) -> bool:
    x, y = glyph.middle
    return box[0] - 0.5 <= x <= box[2] + 0.5 and box[1] - 0.5 <= y <= box[3] + 0.5


def _changed(slots: Sequence[Glyph], text: str) -> tuple[Sequence[Glyph], str]:
    """The glyphs that differ from the new text, at least one, and what replaces them."""
    old = "".join(g.text for g in slots)
    if not text or len(old) != len(slots):
        return slots, text
    start = 0
    while start < min(len(old), len(text)) - 1 and old[start] == text[start]:
        start += 1
    end = 0
    while end < min(len(old), len(text)) - start and old[-1 - end] == text[-1 - end]:
        end += 1
    if end == len(old) - start:
        start, end = (start - 1, end) if start else (start, end - 1)
    return slots[start : len(old) - end], text[start : len(text) - end]


def _fonts(slots: Sequence[Glyph]) -> set[str]:
    return {g.font for g in slots}


def _rebuilt(items: Sequence[Any], width: int, edits: Mapping[int, bytes], shift: float) -> list[Any]:
    """The operands of TJ with the glyphs at some places replaced; `shift` moves all to the left (thousandths of an em)."""
    out: list[Any] = [round(shift)] if shift else []
    place = 0
    for item in items:
        if not isinstance(item, pikepdf.String):
            out.append(item)
            continue
        data, made = bytes(item), b""
        for start in range(0, len(data), width):
            made += edits.get(place, data[start : start + width])
            place += 1
        out.append(pikepdf.String(made))
    return out
