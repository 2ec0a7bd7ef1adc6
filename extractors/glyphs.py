"""Whether digits look like what they say: a font's map to characters can lie, and every text engine repeats the lie.

A few drawn samples of each digit of each font are compared with the ten digits of the standard fonts. Only digits are
looked at; letters and fonts of unusual shapes (where nothing fits well) get no verdict.
"""

from __future__ import annotations

import ctypes
import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extractors import native
from extractors.native import Bools, Floats, Ints

Gray = npt.NDArray[np.uint8]
Shape = npt.NDArray[np.float64]

STANDARD = (
    "Helvetica",
    "Helvetica-Bold",
    "Times-Roman",
    "Times-Bold",
    "Courier",
    "Courier-Bold",
    "Helvetica-BoldOblique",
)
HIGH, WIDE = 24, 20  # px of a shape
SCALE = 3.0  # px a point when a page is drawn for its samples
SMALLEST = 4.5  # points: characters of lower boxes are drawn too coarsely
MOST_KEPT = 24  # pages kept open for their fonts
SAMPLES = 3  # of one digit; all must look like another one
SURE = 0.72  # correlation with another digit
SURE_OF_ONE = 0.8  # the same where a 1 is one of the two: fonts give it a foot, and lean it
AROUND = 10  # px drawn around it: PDFium draws lines otherwise where a picture ends
LARGEST_PICTURE = 4_000_000  # px of one character's picture
LARGEST_INK = 100_000  # fortieths of the height: larger ink counts as so large
MARGIN = 0.12  # and so much better than with the digit that it says


class GlyphWatch:
    """Remembers for a whole document which digits of which fonts look like another digit.

    `verdicts`: by font, digit, width and height of the ink, as one number (`_keys`). `drawn`: PDFium may have drawn since its
    substitutes for fonts were straightened.
    """

    def __init__(self) -> None:
        self.verdicts: dict[int, bool] = {}
        self.drawn = True
        self._fonts: dict[tuple[int, str], int] = {}  # address and name: its number
        self._kept: list[Any] = []
        self._keep = False

    def release(self, page: Any) -> None:
        """Closes a page, at the end where it has brought new fonts: a font keeps its number while a page holds it."""
        if self._keep and len(self._kept) < MOST_KEPT:
            self._kept.append(page)
        else:
            raw.FPDF_ClosePage(page)
        self._keep = False

    def close(self) -> None:
        """Closes the pages that were kept; before the document is closed."""
        while self._kept:
            raw.FPDF_ClosePage(self._kept.pop())

    def lies(self, page: Any, text: native.TextPage, code: Ints, box: Floats, plain: Bools, height: float) -> Bools:
        """Which characters look like another digit than they say.

        `text`: the characters; `box`: as displayed; `plain`: upright and visible; `height`: of the page in points.
        """
        result = np.zeros(len(code), dtype=np.bool_)
        tall = box[:, 3] - box[:, 1] >= SMALLEST
        digits = ((code >= 48) & (code <= 57) & plain & tall).nonzero()[0]
        if not len(digits):
            return result
        keys = self._keys(text, digits, code.take(digits), box.take(digits, axis=0))
        found = set(keys.tolist())
        wanted = {key: digits[keys == key].tolist() for key in sorted(found - self.verdicts.keys())}
        if wanted:
            self._keep = self.drawn = True
            self._judge(page, wanted, box, height)
        lying = [key for key in found if self.verdicts[key]]
        if lying:
            result[digits] = np.isin(keys, lying)
        return result

    def _keys(self, text: native.TextPage, digits: Ints, code: Ints, box: Floats) -> Ints:
        """Font, digit, and width and height of the ink of each digit, as one number."""
        items = text.items(digits)
        begins = np.ones(len(items), dtype=np.bool_)
        np.not_equal(items[1:], items[:-1], out=begins[1:])
        used = list(map(native.font_of, native.handles(items[begins].tolist())))
        number = {font: self._fonts.setdefault((font, _name_of(font)), len(self._fonts)) for font in set(used)}
        font = np.array([number[one] for one in used])[begins.cumsum() - 1]
        wide, high = self._ink_sizes(text, digits, box)
        keys: Ints = ((font * 10 + code - 48) * (LARGEST_INK + 1) + wide) * (LARGEST_INK + 1) + high
        return keys

    def _ink_sizes(self, text: native.TextPage, digits: Ints, box: Floats) -> tuple[Ints, Ints]:
        """Width and height of each character's ink, in fortieths of its height: tells codes apart that say the same."""
        ink = text.fetch(native.tight_box, 4, np.float64, part=digits)
        unit = 40 / np.maximum(box[:, 3] - box[:, 1], 0.1)
        wide, high = np.abs(ink[:, 1] - ink[:, 0]) * unit, np.abs(ink[:, 3] - ink[:, 2]) * unit
        return _whole(wide), _whole(high)

    def _judge(self, page: Any, wanted: dict[int, list[int]], box: Floats, height: float) -> None:
        chosen = {key: _spread(indices) for key, indices in wanted.items()}
        every = box[[index for indices in chosen.values() for index in indices]]
        top, bottom = max(0.0, float(every[:, 1].min()) - 2), min(height, float(every[:, 3].max()) + 2)
        strip = Strip(page, top, bottom)
        for key, indices in chosen.items():
            shapes = (shape_of(strip.crop(box[index])) for index in indices)
            said = key // (LARGEST_INK + 1) ** 2 % 10
            others = (looks_like(shape, said) for shape in shapes if shape is not None)
            self.verdicts[key] = next(others, None) is not None and all(other is not None for other in others)


def _whole(sizes: Floats) -> Ints:
    return np.rint(np.minimum(sizes, LARGEST_INK)).astype(np.int64)


def _spread(indices: list[int]) -> list[int]:
    step = max(1, len(indices) // SAMPLES)
    return indices[::step][:SAMPLES]


_name = ctypes.create_string_buffer(128)


def _name_of(font: int) -> str:
    if not font:
        return ""
    _name[0] = b"\0"
    native.font_name(native.handle(font), _name, native.handle(len(_name)))
    return _name.value.decode("latin-1")


class Strip:
    """A page between two heights (points as displayed), of which small parts are drawn, gray."""

    def __init__(self, page: Any, top: float, bottom: float, scale: float = SCALE) -> None:
        self.page, self.scale = page, scale
        self._top, self._first = top, round(top * scale)
        wide, high = raw.FPDF_GetPageWidthF(page), raw.FPDF_GetPageHeightF(page)
        self._page_size = max(1, round(wide * scale)), round(high * scale)
        self.width, self.height = self._page_size[0], max(1, round((bottom - top) * scale))

    def crop(self, box: Floats) -> Gray:
        """What stands in a box (x0, top, x1, bottom in points), and a pixel above and below: many boxes end with the ink."""
        x0, y0, x1, y1 = box.tolist()
        left, right = max(0, round(x0 * self.scale)), min(self.width, round(x1 * self.scale))
        first = max(0, round((y0 - self._top) * self.scale) - 1)
        last = min(self.height, round((y1 - self._top) * self.scale) + 1)
        x, y = max(0, left - AROUND), max(0, first - AROUND)
        wider = self.draw(x, y, min(self.width, right + AROUND), min(self.height, last + AROUND))
        return wider[first - y : last - y, left - x : right - x]

    def draw(self, left: int, first: int, right: int, last: int) -> Gray:
        """Columns `left` to `right` and rows `first` to `last` of the strip, in pixels, ends excluded."""
        width, height = right - left, last - first
        if width < 1 or height < 1 or width * height > LARGEST_PICTURE:
            return np.full((1, 1), 255, np.uint8)
        stride = (width + 3) // 4 * 4  # PDFium wants rows of whole words
        drawn: Gray = np.full((height, stride), 255, np.uint8)  # it draws into this
        bitmap = raw.FPDFBitmap_CreateEx(width, height, raw.FPDFBitmap_Gray, drawn.ctypes.data, stride)
        try:
            x, y = -left, -(self._first + first)
            raw.FPDF_RenderPageBitmap(bitmap, self.page, x, y, *self._page_size, 0, raw.FPDF_GRAYSCALE)
        finally:
            raw.FPDFBitmap_Destroy(bitmap)
        return drawn[:, :width]


def shape_of(crop: Gray) -> Shape | None:
    """The ink of one character, `HIGH` by `WIDE` with mean 0 and length 1; None where nothing stands out."""
    if min(crop.shape, default=0) < 4:
        return None
    ink = np.abs(crop.astype(np.int16) - _paper(crop))
    most = int(np.maximum.reduce(ink, axis=None))
    if most < 60:
        return None
    seen: Bools = ink > most / 2
    rows = np.logical_or.reduce(seen, axis=1).nonzero()[0].tolist()
    first, last = rows[0], rows[-1]
    if last - first < 7 or (first == 0 and last == len(seen) - 1):
        return None  # too coarse; ink from edge to edge: no lone digit
    columns = np.logical_or.reduce(seen, axis=0).nonzero()[0].tolist()
    return _normal(ink[first : last + 1, columns[0] : columns[-1] + 1])


def _paper(crop: Gray) -> int:
    """The median of the edge."""
    edge = sorted(b"".join((crop[0].tobytes(), crop[-1].tobytes(), crop[:, 0].tobytes(), crop[:, -1].tobytes())))
    return (edge[len(edge) // 2 - 1] + edge[len(edge) // 2]) // 2  # twice a row and twice a column: an even number


def _normal(part: npt.NDArray[np.int16]) -> Shape:
    high, across = part.shape
    wide = min(WIDE, max(2, round(across * HIGH / high)))
    left = (WIDE - wide) // 2
    whole = np.zeros((HIGH, WIDE))
    whole[:, left : left + wide] = _scaling(high, HIGH) @ part @ _scaling(across, wide).T
    whole -= np.add.reduce(whole, axis=None) / (HIGH * WIDE)
    return whole / max(1.0, math.sqrt(float(np.add.reduce(whole * whole, axis=None))))  # an even block has no shape


@lru_cache(maxsize=512)
def _scaling(many: int, few: int) -> Shape:
    """Makes `few` pixels of `many` when multiplied from the left `(few, many)`: each the mean of those around its place, by
    their nearness."""
    place, wide = (np.arange(few) + 0.5) * (many / few), max(many / few, 1.0)
    near = np.maximum(1 - np.abs(np.arange(many) + 0.5 - place[:, None]) / wide, 0)
    weights: Shape = near / near.sum(axis=1, keepdims=True)
    return weights


def looks_like(shape: Shape, said: int) -> int | None:
    """The digit that a shape shows where that is surely another one than `said`; else None."""
    scores: list[float] = np.maximum.reduce(_templates() @ shape.ravel(), axis=0).tolist()
    most = max(scores)
    best = scores.index(most)
    sure = SURE_OF_ONE if 1 in (said, best) else SURE
    return best if best != said and most >= sure and most - scores[said] >= MARGIN else None


@lru_cache(maxsize=1)
def _templates() -> Shape:
    """The ten digits of each standard font as PDFium draws them `(font, digit, pixel)`: by font the products are so small that
    no threads are woken for them."""
    document = pdfium.PdfDocument.new()
    try:
        return np.array([_digits_of(document, font) for font in STANDARD])
    finally:
        document.close()


def _digits_of(document: pdfium.PdfDocument, font: str) -> list[Shape]:
    """The ten digits of a standard font, drawn in a row."""
    size = 40  # points around each
    page = document.new_page(10 * size, size)
    for digit in range(10):
        item = raw.FPDFPageObj_NewTextObj(document.raw, font.encode(), 30)
        raw.FPDFText_SetText(item, (ctypes.c_ushort * 2)(48 + digit, 0))
        raw.FPDFPageObj_Transform(item, 1, 0, 0, 1, size * digit + 10, 8)
        raw.FPDFPage_InsertObject(page.raw, item)
    strip = Strip(page.raw, 0, size)
    wide = strip.width // 10
    shapes = [shape_of(strip.draw(wide * digit, 0, wide * (digit + 1), strip.height)) for digit in range(10)]
    page.close()
    return [shape.ravel() for shape in shapes if shape is not None]  # none is: the standard fonts are built in
