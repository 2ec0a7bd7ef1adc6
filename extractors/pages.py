"""A PDF opened safely: characters, ruling lines, fills and images of one page at a time, as numpy arrays.

All coordinates are points with the origin at the top left of the page as displayed (crop box, /Rotate applied).
PDFium is not thread-safe: use one process a document.
"""

from __future__ import annotations

import ctypes
import itertools
import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extractors.errors import Damaged, EmptyFile, Encrypted, NotPdf

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
THIN = 3.0  # a filled bar up to this thickness (points) is a rule, a thicker one a fill
MAX_OBJECTS = 200_000  # more drawing objects than this on one page are not walked
MAX_DEPTH = 12  # nested forms
HYPHEN_AT_LINE_END = 0xFFFE  # PDFium's mark for a hyphen that ends a line
BLANKS = np.array([0xA0, 0xAD, 0x3000, 0xFEFF, *range(0x2000, 0x200C)])  # that print nothing
WHITE = 245  # a colour whose channels all reach this is paper white


class BadPage(Exception):
    """One page cannot be loaded; the others may be."""


class _Rect(ctypes.Structure):
    _fields_ = [
        ("left", ctypes.c_float),
        ("top", ctypes.c_float),
        ("right", ctypes.c_float),
        ("bottom", ctypes.c_float),
    ]


def _fast(name: str, result: Any, *arguments: Any) -> Any:
    """A PDFium function as a light ctypes call (a third of the cost of the checked binding)."""
    address = ctypes.cast(getattr(raw, name), ctypes.c_void_p).value
    assert address is not None
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_P, _I, _F = ctypes.c_void_p, ctypes.c_int, ctypes.c_float
_loose_box = _fast("FPDFText_GetLooseCharBox", _I, _P, _I, _P)
_origin = _fast("FPDFText_GetCharOrigin", _I, _P, _I, _P, _P)
_unicode = _fast("FPDFText_GetUnicode", ctypes.c_uint, _P, _I)
_text_object = _fast("FPDFText_GetTextObject", _P, _P, _I)
_page_object = _fast("FPDFPage_GetObject", _P, _P, _I)
_form_object = _fast("FPDFFormObj_GetObject", _P, _P, ctypes.c_ulong)
_form_count = _fast("FPDFFormObj_CountObjects", _I, _P)
_type = _fast("FPDFPageObj_GetType", _I, _P)
_matrix = _fast("FPDFPageObj_GetMatrix", _I, _P, _P)
_bounds = _fast("FPDFPageObj_GetBounds", _I, _P, _P, _P, _P, _P)
_fill_colour = _fast("FPDFPageObj_GetFillColor", _I, _P, _P, _P, _P, _P)
_stroke_colour = _fast("FPDFPageObj_GetStrokeColor", _I, _P, _P, _P, _P, _P)
_render_mode = _fast("FPDFTextObj_GetTextRenderMode", _I, _P)
_draw_mode = _fast("FPDFPath_GetDrawMode", _I, _P, _P, _P)
_segments = _fast("FPDFPath_CountSegments", _I, _P)
_segment = _fast("FPDFPath_GetPathSegment", _P, _P, _I)
_segment_point = _fast("FPDFPathSegment_GetPoint", _I, _P, _P, _P)
_segment_type = _fast("FPDFPathSegment_GetType", _I, _P)
_segment_close = _fast("FPDFPathSegment_GetClose", _I, _P)


@dataclass(slots=True)
class Chars:
    """The visible characters of a page, white space left out; all arrays have one entry a character, content order.

    `turn`: quarter turns against the clock of the reading direction as displayed (0 upright, 1 reads upwards).
    `spaced`: white space stands before the character in content order.
    """

    code: Ints
    box: Floats  # (n, 4) x0, top, x1, bottom: the loose box (advance width, full height of the font)
    base: Floats  # (n, 2) x, y of the origin: the start of the character on its base line
    turn: Ints
    spaced: Bools

    def __len__(self) -> int:
        return len(self.code)

    def take(self, keep: Any) -> Chars:
        return Chars(self.code[keep], self.box[keep], self.base[keep], self.turn[keep], self.spaced[keep])


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
            raise Encrypted(f"{path.name} wants a password: give it with the source") from error
        raise Damaged(f"{path.name} is damaged: {error}") from error
    try:
        if count == 0:
            raise Damaged(f"{path.name} is damaged: it has no pages")
        yield document
    finally:
        document.close()


def read_page(document: pdfium.PdfDocument, number: int) -> PageContent:
    """The content of page `number` (from 1). Raises BadPage."""
    page = raw.FPDF_LoadPage(document.raw, number - 1)
    if not page:
        raise BadPage(f"page {number} cannot be loaded")
    try:
        text = raw.FPDFText_LoadPage(page)
        if not text:
            raise BadPage(f"the text of page {number} cannot be loaded")
        try:
            return _content(page, text, number)
        finally:
            raw.FPDFText_ClosePage(text)
    finally:
        raw.FPDF_ClosePage(page)


def _content(page: Any, text: Any, number: int) -> PageContent:
    place = _Placement.of(page)
    drawing = _Drawing(place)
    drawing.walk_page(page)
    chars, hidden = _chars(text, place, drawing)
    content = PageContent(
        page=number,
        width=place.width,
        height=place.height,
        rotation=place.rotation,
        chars=chars,
        hidden=hidden,
        horizontal=_array(drawing.horizontal, 3),
        vertical=_array(drawing.vertical, 3),
        fills=_array(drawing.fills, 4),
        images=_array(drawing.images, 4),
        flags=drawing.flags,
        objects=drawing.seen,
    )
    return content


def _array(rows: list[tuple[float, ...]], width: int) -> Floats:
    return np.array(rows, dtype=np.float64).reshape(-1, width)


@dataclass(slots=True)
class _Placement:
    """From PDF user space to the page as displayed."""

    matrix: Matrix  # x' = a x + c y + e; y' = b x + d y + f
    width: float
    height: float
    rotation: int  # degrees clockwise

    @staticmethod
    def of(page: Any) -> _Placement:
        box = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(page, box)
        x0, y0, x1, y1 = box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top)
        wide, high = x1 - x0, y1 - y0
        quarter = raw.FPDFPage_GetRotation(page) % 4
        matrices: list[Matrix] = [
            (1, 0, 0, -1, -x0, y1),
            (0, 1, 1, 0, -y0, -x0),
            (-1, 0, 0, 1, x1, -y0),
            (0, -1, -1, 0, y1, x1),
        ]
        width, height = (wide, high) if quarter % 2 == 0 else (high, wide)
        return _Placement(matrices[quarter], width, height, quarter * 90)

    def boxes(self, left: Floats, bottom: Floats, right: Floats, top: Floats) -> Floats:
        a, b, c, d, e, f = self.matrix
        xs = np.stack([a * left + c * bottom + e, a * right + c * top + e])
        ys = np.stack([b * left + d * bottom + f, b * right + d * top + f])
        return np.stack([xs.min(0), ys.min(0), xs.max(0), ys.max(0)], axis=1)


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    A, B, C, D, E, F = outer
    return (a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F)


class _Drawing:
    """Walks the drawing objects of a page, nested forms too, and sorts them into rules, fills and images."""

    def __init__(self, place: _Placement) -> None:
        self.place = place
        self.horizontal: list[tuple[float, ...]] = []
        self.vertical: list[tuple[float, ...]] = []
        self.fills: list[tuple[float, ...]] = []
        self.images: list[tuple[float, ...]] = []
        self.odd_text: dict[int, tuple[int, bool, bool]] = {}  # text object -> (turn or -1, invisible, white)
        self.flags: set[str] = set()
        self.seen = 0
        self._text_at: dict[tuple[int, int, int], int] = {}
        self._white: list[tuple[bool, tuple[float, ...]]] = []
        self._four = [ctypes.c_float() for _ in range(4)]
        self._four_at = [ctypes.addressof(value) for value in self._four]
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._colour_at = [ctypes.addressof(value) for value in self._colour]
        self._mat = (ctypes.c_float * 6)()
        self._mat_at = ctypes.addressof(self._mat)
        self._mode = ctypes.c_int()
        self._stroked = ctypes.c_int()
        self._mode_at, self._stroked_at = ctypes.addressof(self._mode), ctypes.addressof(self._stroked)

    def walk_page(self, page: Any) -> None:
        handle = ctypes.cast(page, ctypes.c_void_p).value
        count = raw.FPDFPage_CountObjects(page)
        self._walk((_page_object(handle, i) for i in range(count)), self.place.matrix, 0)
        self._keep_white_rules()

    def _walk(self, objects: Iterator[int], matrix: Matrix, depth: int) -> None:
        for item in objects:
            self.seen += 1
            if self.seen > MAX_OBJECTS:
                self.flags.add("too_many_objects")
                return
            kind = _type(item)
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self._path(item, matrix)
            elif kind == raw.FPDF_PAGEOBJ_TEXT:
                self._text(item, matrix)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                box = self._box(item, matrix)
                if box:
                    self.images.append(box)
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
                inner = _times(self._own_matrix(item), matrix)
                self._walk((_form_object(item, i) for i in range(max(0, _form_count(item)))), inner, depth + 1)

    def _own_matrix(self, item: int) -> Matrix:
        if not _matrix(item, self._mat_at):
            return IDENTITY
        a, b, c, d, e, f = self._mat
        return (a, b, c, d, e, f)

    def _box(self, item: int, matrix: Matrix) -> tuple[float, float, float, float] | None:
        if not _bounds(item, *self._four_at):
            return None
        left, bottom, right, top = (value.value for value in self._four)
        a, b, c, d, e, f = matrix
        xs = (a * left + c * bottom + e, a * right + c * top + e, a * left + c * top + e, a * right + c * bottom + e)
        ys = (b * left + d * bottom + f, b * right + d * top + f, b * left + d * top + f, b * right + d * bottom + f)
        x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
        if x1 < 0 or y1 < 0 or x0 > self.place.width or y0 > self.place.height or not math.isfinite(x0 + y0 + x1 + y1):
            return None
        return max(x0, 0.0), max(y0, 0.0), min(x1, self.place.width), min(y1, self.place.height)

    def _rgb(self, getter: Any, item: int) -> tuple[int, int, int, int]:
        if not getter(item, *self._colour_at):
            return (0, 0, 0, 255)
        red, green, blue, alpha = (value.value for value in self._colour)
        return red, green, blue, alpha

    def _text(self, item: int, matrix: Matrix) -> None:
        own = self._own_matrix(item)
        a = own[0] * matrix[0] + own[1] * matrix[2]
        b = own[0] * matrix[1] + own[1] * matrix[3]
        turn = 0
        if not (a > 0 and abs(b) < 0.05 * a):
            degrees = math.degrees(math.atan2(-b, a))  # y grows downwards on the displayed page
            turn = round(degrees / 90) % 4 if abs(degrees - 90 * round(degrees / 90)) < 8 else -1
        invisible = _render_mode(item) in (3, 7)
        red, green, blue, alpha = self._rgb(_fill_colour, item)
        white = min(red, green, blue) >= WHITE
        if alpha == 0:
            invisible = True
        if turn or invisible or white:
            self.odd_text[item] = (turn, invisible, white)
        self._notice_overprint(item, own, matrix)

    def _notice_overprint(self, item: int, own: Matrix, matrix: Matrix) -> None:
        """PDFium itself leaves out text printed again on its place: say so."""
        place = (round(own[4]), round(own[5]), id(matrix))
        earlier = self._text_at.setdefault(place, item)
        if earlier == item or "doubled_text" in self.flags:
            return
        one, two = self._box(earlier, matrix), self._box(item, matrix)
        if one and two and one[2] - one[0] > 1 and all(abs(a - b) < 1 for a, b in zip(one, two, strict=True)):
            self.flags.add("doubled_text")

    def _path(self, item: int, matrix: Matrix) -> None:
        _draw_mode(item, self._mode_at, self._stroked_at)
        filled, stroked = self._mode.value != 0, self._stroked.value != 0
        if not (filled or stroked):
            return
        box = self._box(item, matrix)
        if box is None:
            return
        red, green, blue, alpha = self._rgb(_stroke_colour if stroked else _fill_colour, item)
        white = min(red, green, blue) >= WHITE
        if alpha < 10 and not (stroked and filled):
            return
        x0, y0, x1, y1 = box
        count = _segments(item)
        if not stroked and min(x1 - x0, y1 - y0) <= THIN and count <= 6:  # PDFium widens the bounds of strokes
            self._bar(box, white)
            return
        for part, curved in self._subpaths(item, count, matrix):
            self._subpath(item, part, curved, filled, stroked, white)

    def _subpath(
        self, item: int, part: list[tuple[float, float]], curved: bool, filled: bool, stroked: bool, white: bool
    ) -> None:
        if len(part) < 2:
            return
        xs, ys = [p[0] for p in part], [p[1] for p in part]
        box = (min(xs), min(ys), max(xs), max(ys))
        thin = min(box[2] - box[0], box[3] - box[1]) <= THIN
        if thin and not curved:
            self._bar(box, white)
            return
        if stroked and not curved:
            for (ax, ay), (bx, by) in itertools.pairwise(part):
                if abs(ax - bx) < 0.5 or abs(ay - by) < 0.5:
                    self._bar((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), white)
        if filled and not curved and 4 <= len(part) <= 6:
            red, green, blue, alpha = self._rgb(_fill_colour, item)
            if alpha >= 10 and min(red, green, blue) < WHITE:
                self.fills.append(box)

    def _subpaths(self, item: int, count: int, matrix: Matrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
        a, b, c, d, e, f = _times(self._own_matrix(item), matrix)
        x, y = self._four[0], self._four[1]
        part: list[tuple[float, float]] = []
        curved = False
        for i in range(min(count, MAX_OBJECTS)):
            segment = _segment(item, i)
            kind = _segment_type(segment)
            _segment_point(segment, self._four_at[0], self._four_at[1])
            point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                if part:
                    yield part, curved
                part, curved = [point], False
            else:
                curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
                part.append(point)
            if _segment_close(segment) and part and part[-1] != part[0]:
                part.append(part[0])
        if part:
            yield part, curved

    def _bar(self, box: tuple[float, float, float, float], white: bool) -> None:
        x0, y0, x1, y1 = box
        if white:
            self._white.append((x1 - x0 >= y1 - y0, box))
            return
        wide, high = x1 - x0, y1 - y0
        if wide >= 0.8 * high:  # a dot may belong to a dotted rule either way
            self.horizontal.append(((y0 + y1) / 2, x0, x1))
        if high >= 0.8 * wide:
            self.vertical.append(((x0 + x1) / 2, y0, y1))

    def _keep_white_rules(self) -> None:
        """White lines are rules only where they part coloured areas."""
        if not self._white or not self.fills:
            return
        fills = np.array(self.fills)
        for level, (x0, y0, x1, y1) in self._white:
            touch = (
                (fills[:, 0] <= x1 + 1) & (fills[:, 2] >= x0 - 1) & (fills[:, 1] <= y1 + 1) & (fills[:, 3] >= y0 - 1)
            )
            if touch.any():
                if level:
                    self.horizontal.append(((y0 + y1) / 2, x0, x1))
                else:
                    self.vertical.append(((x0 + x1) / 2, y0, y1))


def _codes(text: Any, handle: int, count: int) -> Ints:
    buffer = (ctypes.c_ushort * (count * 2 + 2))()
    got = raw.FPDFText_GetText(text, 0, count, buffer)
    units: Ints = np.ctypeslib.as_array(buffer)[:count].astype(np.int64)
    if got == count + 1 and not ((units >= 0xD800) & (units < 0xE000)).any():
        return units
    return np.array([_unicode(handle, i) for i in range(count)], dtype=np.int64)


def _chars(text: Any, place: _Placement, drawing: _Drawing) -> tuple[Chars, Chars]:
    """The visible and the hidden characters; blanks and diagonal text (watermarks) left out."""
    handle = ctypes.cast(text, ctypes.c_void_p).value
    assert handle is not None
    code = _codes(text, handle, max(0, raw.FPDFText_CountChars(text)))
    code[code == HYPHEN_AT_LINE_END] = ord("-")
    blank = (code <= 32) | np.isin(code, BLANKS)
    spaced = np.zeros(len(code), dtype=np.bool_)
    spaced[1:] = blank[:-1]
    which = np.flatnonzero(~blank)
    code, spaced = code[which], spaced[which]
    box, base = _boxes(handle, which, place)
    turn, invisible, white = _manner(handle, which, drawing)
    inside = (box[:, 2] > 0) & (box[:, 3] > 0) & (box[:, 0] < place.width) & (box[:, 1] < place.height)
    solid = inside & np.isfinite(box).all(axis=1)
    unseen = invisible | (white & ~_on_colour(box, white, drawing))
    diagonal = (turn < 0) & ~unseen
    private = ((code >= 0xE000) & (code < 0xF900)) | (code == 0xFFFD)
    for flag, found in (("watermark", diagonal), ("hidden_text", unseen), ("private_use", private)):
        if (found & solid).any():
            drawing.flags.add(flag)
    every = Chars(code, box, base, turn, spaced)
    if not drawing.odd_text and solid.all():
        return every, every.take(slice(0, 0))
    turned = turn < 0
    return every.take(solid & ~unseen & ~turned), every.take(solid & unseen & ~turned)


def _boxes(handle: int, which: Ints, place: _Placement) -> tuple[Floats, Floats]:
    """Loose boxes `(n, 4)` and origins `(n, 2)` of the characters `which`, as displayed."""
    count, indices, handles = len(which), which.tolist(), [handle] * len(which)
    loose = np.zeros((count, 4), dtype=np.float32)
    origin = np.zeros((count, 2), dtype=np.float64)
    start, end = loose.ctypes.data, loose.ctypes.data + 16 * count
    deque(map(_loose_box, handles, indices, range(start, end, 16)), maxlen=0)
    start, end = origin.ctypes.data, origin.ctypes.data + 16 * count
    deque(map(_origin, handles, indices, range(start, end, 16), range(start + 8, end + 8, 16)), maxlen=0)
    a, b, c, d, e, f = place.matrix
    base = np.stack([a * origin[:, 0] + c * origin[:, 1] + e, b * origin[:, 0] + d * origin[:, 1] + f], axis=1)
    left, top, right, bottom = loose.T.astype(np.float64)
    return place.boxes(left, bottom, right, top), base


def _manner(handle: int, which: Ints, drawing: _Drawing) -> tuple[Ints, Bools, Bools]:
    """Turn, invisibility and whiteness of each character; read one by one only where some text object is odd."""
    count = len(which)
    turn = np.zeros(count, dtype=np.int64)
    invisible = np.zeros(count, dtype=np.bool_)
    white = np.zeros(count, dtype=np.bool_)
    if drawing.odd_text:
        plain = (0, False, False)
        odd = drawing.odd_text
        for i, item in enumerate(map(_text_object, [handle] * count, which.tolist())):
            turn[i], invisible[i], white[i] = odd.get(item, plain)
    return turn, invisible, white


def _on_colour(box: Floats, white: Bools, drawing: _Drawing) -> Bools:
    """Which white characters stand on a coloured area or a picture."""
    result = np.zeros(len(box), dtype=np.bool_)
    grounds = drawing.fills + drawing.images
    if not grounds or not white.any():
        return result
    which = np.flatnonzero(white)
    x, y = (box[which, 0] + box[which, 2]) / 2, (box[which, 1] + box[which, 3]) / 2
    for x0, y0, x1, y1 in grounds:
        result[which] |= (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return result
