"""Shows every glyph of a PDF by an operator of its own, in a shuffled order: the page looks the same.

Needs pikepdf (MPL-2.0); reportlab's metrics for the standard fonts, whose widths a PDF may leave out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Dictionary

from benchmarks.repaint import _six
from extractors.placement import IDENTITY, Matrix, times


class Unknown(Exception):
    """A font whose codes or widths cannot be told."""


@dataclass
class Font:
    """Widths of the codes of one font, in thousandths of an em."""

    name: str
    bytes_each: int
    widths: dict[int, float]
    default: float

    def codes(self, text: bytes) -> Iterator[tuple[bytes, float]]:
        for i in range(0, len(text), self.bytes_each):
            code = text[i : i + self.bytes_each]
            yield code, self.widths.get(int.from_bytes(code, "big"), self.default)


def font_of(name: str, font: Any) -> Font:
    if font.get("/Subtype") == "/Type0":
        if str(font.Encoding) not in ("/Identity-H",):
            raise Unknown(str(font.Encoding))
        inner = font.DescendantFonts[0]
        return Font(name, 2, dict(_wide(inner.get("/W", []))), float(inner.get("/DW", 1000)))
    if font.get("/Subtype") == "/Type3":
        raise Unknown("Type3")
    if "/Widths" in font:
        first = int(font.FirstChar)
        return Font(name, 1, {first + i: float(w) for i, w in enumerate(font.Widths)}, 0.0)
    from reportlab.pdfbase import pdfmetrics

    base = str(font.BaseFont).lstrip("/")
    try:
        standard = pdfmetrics.getFont(base)
    except KeyError as error:
        raise Unknown(base) from error
    return Font(name, 1, {code: float(standard.widths[code] or 0) for code in range(256)}, 0.0)


def _wide(array: Any) -> Iterator[tuple[int, float]]:
    items = list(array)
    while items:
        first = int(items.pop(0))
        second = items.pop(0)
        if isinstance(second, pikepdf.Array):
            yield from ((first + i, float(w)) for i, w in enumerate(second))
        else:
            width = float(items.pop(0))
            yield from ((code, width) for code in range(first, int(second) + 1))


@dataclass
class State:
    """Graphics and text state that a glyph needs."""

    matrix: Matrix = IDENTITY
    font: Font | None = None
    size: float = 1.0
    char: float = 0.0
    word: float = 0.0
    wide: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0
    colour: bytes = b""
    line: Matrix = IDENTITY
    text: Matrix = IDENTITY


def _copy(state: State) -> State:
    other = State()
    other.__dict__.update(state.__dict__)
    return other


@dataclass
class Shower:
    """Collects the glyphs of a page."""

    fonts: dict[str, Font]
    glyphs: list[bytes] = field(default_factory=list)

    def show(self, state: State, text: bytes) -> None:
        if state.font is None:
            raise Unknown("no font")
        for code, width in state.font.codes(text):
            own = times(state.text, state.matrix)
            a, b, c, d, e, f = own
            place = " ".join(
                f"{v:.5f}" for v in (a * state.wide, b * state.wide, c, d, e + state.rise * c, f + state.rise * d)
            )
            head = f"BT {state.mode} Tr {state.font.name} {state.size:.4f} Tf {place} Tm <{code.hex()}> Tj ET Q"
            self.glyphs.append(b"q " + state.colour + b" " + head.encode())
            space = state.word if code == b" " else 0.0
            move = (width / 1000 * state.size + state.char + space) * state.wide
            state.text = times((1, 0, 0, 1, move, 0), state.text)


def shuffle_glyphs(pdf: pikepdf.Pdf, rng: random.Random) -> None:
    """Every page's own glyphs shuffled (those of forms stay). Raises Unknown for fonts that it cannot measure."""
    for page in pdf.pages:
        resources = page.get("/Resources", Dictionary())
        fonts = {key: font_of(key, font) for key, font in resources.get("/Font", Dictionary()).items()}
        shower = Shower(fonts)
        kept = list(_walk(page, shower))
        rng.shuffle(shower.glyphs)
        data = b"q " + pikepdf.unparse_content_stream(kept) + b" Q\n" + b"\n".join(shower.glyphs)
        page.Contents = pdf.make_stream(data)


def _walk(page: Any, shower: Shower) -> Iterator[Any]:
    state, stack = State(), []
    for step in pikepdf.parse_content_stream(page):
        name, values = str(step.operator), list(getattr(step, "operands", []))
        if name == "q":
            stack.append(_copy(state))
        elif name == "Q" and stack:
            state = stack.pop()
        elif name == "cm":
            state.matrix = times(_six(values), state.matrix)
        elif name in ("g", "rg", "k", "sc", "scn", "cs"):
            new = pikepdf.unparse_content_stream([step])
            state.colour = state.colour + b" " + new if name in ("sc", "scn") else new
            state.colour = state.colour[-400:] if name == "cs" or len(state.colour) < 400 else new
        if not _text_step(state, shower, name, values):
            yield step


def _text_step(state: State, shower: Shower, name: str, values: list[Any]) -> bool:
    """Whether the step showed or placed text (and so is left out)."""
    number = [float(v) for v in values if isinstance(v, (int, float)) or v.__class__.__name__ == "Decimal"]
    if name in ("BT", "ET"):
        state.line = state.text = IDENTITY
    elif name == "Tf":
        state.font, state.size = shower.fonts.get(str(values[0])), float(values[1])
    elif name in ("Tc", "Tw", "TL", "Ts"):
        setattr(state, {"Tc": "char", "Tw": "word", "TL": "leading", "Ts": "rise"}[name], number[0])
    elif name == "Tz":
        state.wide = number[0] / 100
    elif name == "Tr":
        state.mode = int(number[0])
    elif name in ("Td", "TD", "T*"):
        if name == "TD":
            state.leading = -number[1]
        x, y = (0.0, -state.leading) if name == "T*" else (number[0], number[1])
        state.line = state.text = times((1, 0, 0, 1, x, y), state.line)
    elif name == "Tm":
        state.line = state.text = _six(values)
    elif name in ("Tj", "TJ", "'", '"'):
        _shown(state, shower, name, values)
    else:
        return False
    return True


def _shown(state: State, shower: Shower, name: str, values: list[Any]) -> None:
    if name in ("'", '"'):
        if name == '"':
            state.word, state.char = float(values[0]), float(values[1])
        state.line = state.text = times((1, 0, 0, 1, 0, -state.leading), state.line)
    for item in values[0] if name == "TJ" else values[-1:]:
        if isinstance(item, pikepdf.String):
            shower.show(state, bytes(item))
        else:
            move = -float(item) / 1000 * state.size * state.wide
            state.text = times((1, 0, 0, 1, move, 0), state.text)
