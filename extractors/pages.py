"""A PDF opened safely: characters, ruling lines, fills and images of one page at a time, as numpy arrays.

All coordinates are points with the origin at the top left of the page as displayed (crop box, /Rotate applied).
PDFium is not thread-safe: use one process a document.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extractors import native
from extractors.drawing import Drawing
from extractors.errors import Damaged, EmptyFile, Encrypted, NotPdf
from extractors.glyphs import GlyphWatch
from extractors.native import Bools, Floats, Ints
from extractors.placement import Placement, beside
from extractors.substitutes import straighten

__all__ = ["BadPage", "Bools", "Chars", "Floats", "Ints", "PageContent", "open_pdf", "read_page"]

HYPHEN_AT_LINE_END = 0xFFFE  # PDFium's mark for a hyphen that ends a line
BLANKS = frozenset({0xA0, 0xAD, 0x3000, 0xFEFF, *range(0x2000, 0x200C)})  # that print nothing, beyond the first 32


class BadPage(Exception):
    """One page cannot be loaded; the others may be."""


@dataclass(slots=True)
class Chars:
    """The visible characters of a page, white space left out; all arrays have one entry a character, content order.

    `turn`: quarter turns against the clock of the reading direction as displayed (0 upright, 1 reads upwards).
    `spaced`: white space stands before the character in content order.
    """

    code: Ints
    box: Floats  # (n, 4) x0, top, x1, bottom: the loose box (advance width, full height of the font)
    base: Floats  # (n, 2) x, y of the origin: the start of the character (or of its box) on its base line
    turn: Ints
    spaced: Bools

    def __len__(self) -> int:
        return len(self.code)

    def take(self, keep: Any) -> Chars:
        """Those that a mask, indices or a slice choose."""
        if isinstance(keep, slice):
            return Chars(self.code[keep], self.box[keep], self.base[keep], self.turn[keep], self.spaced[keep])
        if keep.dtype == np.bool_ and keep.all():
            return self
        which = keep.nonzero()[0] if keep.dtype == np.bool_ else keep
        box, base = self.box.take(which, axis=0), self.base.take(which, axis=0)
        return Chars(self.code.take(which), box, base, self.turn.take(which), self.spaced.take(which))


@dataclass(slots=True)
class PageContent:
    """What stands on one page. Rules: `(n, 4)` boxes of thin lines; `fills`: boxes of coloured areas."""

    page: int
    width: float
    height: float
    rotation: int
    chars: Chars
    hidden: Chars  # invisible (render mode 3) or white on white
    horizontal: Floats  # (n, 3) y, x0, x1
    vertical: Floats  # (n, 3) x, top, bottom
    fills: Floats  # (n, 4)
    images: Floats  # (n, 4)
    doubted: dict[str, Floats] = field(default_factory=dict)  # boxes (n, 4) of characters: lying_font, cut_off
    flags: set[str] = field(default_factory=set)
    objects: int = 0


@contextmanager
def open_pdf(path: Path, password: str | None = None) -> Iterator[pdfium.PdfDocument]:
    """The document, closed at the end. Raises NotPdf, EmptyFile, Encrypted, Damaged."""
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile(f"{path.name} is empty: fetch it again")
    with path.open("rb") as stream:
        head = stream.read(1024)
    if b"%PDF-" not in head:
        raise NotPdf(f"{path.name} is not a PDF: it does not begin with %PDF-")
    try:
        document = pdfium.PdfDocument(path, password=password)
        count = len(document)
    except pdfium.PdfiumError as error:
        if "assword" in str(error):
            raise Encrypted(f"{path.name} wants a password, and none or a wrong one was given") from error
        raise Damaged(
            f"{path.name} is damaged ({error}): fetch it again, or save it anew with another program"
        ) from error
    try:
        if count == 0:
            raise Damaged(f"{path.name} is damaged: it has no pages")
        yield document
    finally:
        document.close()


def read_page(document: pdfium.PdfDocument, number: int, watch: GlyphWatch | None = None) -> PageContent:
    """The content of page `number` (from 1). `watch` looks at the shapes of digits. Raises BadPage."""
    own = watch or GlyphWatch()
    if own.drawn:
        straighten()
        own.drawn = False
    page = raw.FPDF_LoadPage(document.raw, number - 1)
    if not page:
        raise BadPage(f"page {number} cannot be loaded")
    try:
        text = raw.FPDFText_LoadPage(page)
        if not text:
            raise BadPage(f"the text of page {number} cannot be loaded")
        try:
            return _content(document, page, text, number, own)
        finally:
            raw.FPDFText_ClosePage(text)
    finally:
        own.release(page)
        if watch is None:
            own.close()


def _content(document: pdfium.PdfDocument, page: Any, text: Any, number: int, watch: GlyphWatch) -> PageContent:
    place = Placement.of(page)
    drawing = Drawing(place)
    drawing.walk_page(page)
    chars, hidden, doubted = _chars(document, page, text, place, drawing, watch)
    content = PageContent(
        page=number,
        width=place.width,
        height=place.height,
        rotation=place.rotation,
        chars=chars,
        hidden=hidden,
        horizontal=drawing.horizontal,
        vertical=drawing.vertical,
        fills=drawing.fills,
        images=np.array(drawing.images, dtype=np.float64).reshape(-1, 4),
        doubted=doubted,
        flags=drawing.flags,
        objects=drawing.seen,
    )
    return content


def _codes(text: Any, count: int) -> Ints:
    handle = native.handle_of(text)
    buffer = np.zeros(count * 2 + 2, dtype=np.uint16)
    got = native.text_of(handle, 0, count, native.handle(buffer.ctypes.data))
    units: Ints = buffer[:count].astype(np.int64)
    if got == count + 1 and (
        not count or int(units.max()) < 0xD800 or not ((units >= 0xD800) & (units < 0xE000)).any()
    ):
        return units
    return np.array([native.unicode(handle, i) for i in range(count)], dtype=np.int64)


def _blank(code: Ints) -> Bools:
    """Which characters print nothing."""
    blank: Bools = code <= 32
    beyond = (code >= 0xA0).nonzero()[0]
    if len(beyond):
        blank[beyond] = [one in BLANKS for one in code[beyond].tolist()]
    return blank


def _chars(
    document: pdfium.PdfDocument, page: Any, text: Any, place: Placement, drawing: Drawing, watch: GlyphWatch
) -> tuple[Chars, Chars, dict[str, Floats]]:
    """The visible and the hidden characters, and boxes of doubted ones; no blanks, no diagonal text (watermarks)."""
    code = _codes(text, max(0, raw.FPDFText_CountChars(text)))
    code[code == HYPHEN_AT_LINE_END] = ord("-")
    blank = _blank(code)
    which = (~blank).nonzero()[0]
    code, spaced = _symbol_digits(code.take(which)), blank.take(which - 1) & (which > 0)
    own = native.TextPage(text, which)
    box, base = _boxes(own, place)
    solid = _on_page(box, place)
    unseen, cut = drawing.covers.unseen(own, code, box, page, document.raw)
    if not solid.all():
        cut |= _over_the_side(solid, spaced, box)
        solid = solid | cut
    turn = np.zeros(len(code), dtype=np.int64)
    if drawing.odd_text:
        turn, invisible, white = _manner(own, drawing)
        unseen |= invisible | (white & ~_on_colour(box, white, drawing))
        if ((turn < 0) & ~unseen & solid).any():
            drawing.flags.add("watermark")
    if (unseen & solid).any():
        drawing.flags.add("hidden_text")
    if len(code) and int(code.max()) >= 0xE000 and (private_use(code) & solid).any():
        drawing.flags.add("private_use")
    plain = solid & ~unseen & (turn == 0)
    lies = watch.lies(page, own, code, box, plain, place.height)
    doubted = {kind: box[on] for kind, on in (("lying_font", lies), ("cut_off", cut & solid)) if on.any()}
    drawing.flags |= doubted.keys()
    every = Chars(code, box, base, turn, spaced)
    if plain.all():
        return every, every.take(slice(0, 0)), doubted
    shown = solid & (turn >= 0)
    return every.take(shown & ~unseen), every.take(shown & unseen), doubted


def _on_page(box: Floats, place: Placement) -> Bools:
    """Which boxes are finite and reach onto the page."""
    if len(box) and np.isfinite(box).all():
        left, top, right, bottom = box.T
        if right.min() > 0 and bottom.min() > 0 and left.max() < place.width and top.max() < place.height:
            return np.ones(len(box), dtype=np.bool_)
    inside: Bools = (box[:, 2] > 0) & (box[:, 3] > 0) & (box[:, 0] < place.width) & (box[:, 1] < place.height)
    return inside & np.isfinite(box).all(axis=1)


def _over_the_side(solid: Bools, spaced: Bools, box: Floats) -> Bools:
    """The characters of words of which the page's side cuts off a part (on the page or beyond it)."""
    wide = np.minimum(box[:-1, 2] - box[:-1, 0], box[1:, 2] - box[1:, 0])
    beside = (np.abs(box[1:, 0] - box[:-1, 2]) < 0.5 * wide) & (np.abs(box[1:, 1] - box[:-1, 1]) < 2) & ~spaced[1:]
    cut = np.zeros(len(solid), dtype=np.bool_)
    pair = beside & (solid[1:] != solid[:-1])
    cut[1:] |= pair
    cut[:-1] |= pair
    while True:
        grown = cut.copy()
        grown[1:] |= beside & cut[:-1]
        grown[:-1] |= beside & cut[1:]
        if (grown == cut).all():
            return cut
        cut = grown


def private_use(code: Ints) -> Bools:
    """Which characters have no meaning."""
    private: Bools = ((code >= 0xE000) & (code < 0xF900)) | (code == 0xFFFD)
    return private


def _symbol_digits(code: Ints) -> Ints:
    """Digits, dots and commas of symbol fonts (U+F02C to U+F039) as what they show; their shapes are looked at too."""
    if not len(code) or int(code.max()) < 0xF000:
        return code
    symbol = ((code >= 0xF030) & (code <= 0xF039)) | (code == 0xF02C) | (code == 0xF02E)
    result: Ints = np.where(symbol, code - 0xF000, code)
    return result


def _boxes(text: native.TextPage, place: Placement) -> tuple[Floats, Floats]:
    """Loose boxes `(n, 4)` and origins `(n, 2)` of the characters, as displayed."""
    loose = text.fetch(native.loose_box, 4, np.float32, together=True).astype(np.float64)
    origin = _origins_of_runs(text, loose)
    if origin is None:
        origin = text.fetch(native.origin, 2, np.float64)
    return place.boxes(loose), place.points(origin)


def _origins_of_runs(text: native.TextPage, loose: Floats) -> Floats | None:
    """The origins of characters, asked for those alone at which the top or the bottom of the box changes: between two of one
    height the base line is one, and the left edge stands for the origin on it. None where that is not so, or would save little.

    Many fonts give all characters one height; in others nearly every character has its own.
    """
    left, top, right, bottom = loose.T
    changes = ((top[1:] != top[:-1]) | (bottom[1:] != bottom[:-1])).nonzero()[0]
    if 3 * len(changes) > len(loose) or not len(loose):
        return None
    first, last = np.concatenate([[0], changes + 1]), np.concatenate([changes, [len(loose) - 1]])
    begin = text.fetch(native.origin, 2, np.float64, part=first)
    end = text.fetch(native.origin, 2, np.float64, part=last)
    level = np.abs(begin[:, 0] - left[first]) <= np.abs(begin[:, 0] - right[first])
    if (begin[:, 1] != end[:, 1]).any() or not level.all():
        return None  # turned, upside down
    return beside(left, np.repeat(begin[:, 1], last - first + 1))


def _manner(text: native.TextPage, drawing: Drawing) -> tuple[Ints, Bools, Bools]:
    """Turn, invisibility and whiteness of each character."""
    items, inverse = np.unique(text.items(), return_inverse=True)
    odd = [drawing.odd_text.get(item, (0, False, False)) for item in items.tolist()]
    manner = np.array(odd, dtype=np.int64).reshape(-1, 3)[inverse]
    return manner[:, 0], manner[:, 1] != 0, manner[:, 2] != 0


def _on_colour(box: Floats, white: Bools, drawing: Drawing) -> Bools:
    """Which white characters stand on a coloured area or a picture."""
    result = np.zeros(len(box), dtype=np.bool_)
    grounds = [*drawing.fills.tolist(), *drawing.images, *drawing.rounded]
    if not grounds or not white.any():
        return result
    which = white.nonzero()[0]
    x, y = (box[which, 0] + box[which, 2]) / 2, (box[which, 1] + box[which, 3]) / 2
    for x0, y0, x1, y1 in grounds:
        result[which] |= (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return result
