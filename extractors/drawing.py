"""The drawing objects of a page, nested forms too, sorted into rules, coloured areas and pictures."""

from __future__ import annotations

import ctypes
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from extractors import native
from extractors.covers import Covers
from extractors.native import Floats

Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
THIN = 3.0  # a filled bar up to this thickness (points) is a rule, a thicker one a coloured area
MAX_OBJECTS = 200_000  # more drawing objects than this on one page are not walked
MAX_DEPTH = 12  # nested forms
SOLID = 250  # a colour of this alpha (of 255) lets nothing shine through
WHITE = 245  # a colour whose channels all reach this is paper white


@dataclass(slots=True)
class Placement:
    """From PDF user space to the page as displayed."""

    matrix: Matrix  # x' = a x + c y + e; y' = b x + d y + f
    width: float
    height: float
    rotation: int  # degrees clockwise

    @staticmethod
    def of(page: Any) -> Placement:
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
        return Placement(matrices[quarter], width, height, quarter * 90)

    def boxes(self, left: Floats, bottom: Floats, right: Floats, top: Floats) -> Floats:
        a, b, c, d, e, f = self.matrix
        xs = np.stack([a * left + c * bottom + e, a * right + c * top + e])
        ys = np.stack([b * left + d * bottom + f, b * right + d * top + f])
        return np.stack([xs.min(0), ys.min(0), xs.max(0), ys.max(0)], axis=1)


def times(inner: Matrix, outer: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    A, B, C, D, E, F = outer
    return (a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F)


class Drawing:
    """Walks the drawing objects of a page, nested forms too, and sorts them into rules, fills and images."""

    def __init__(self, place: Placement) -> None:
        self.place = place
        self.horizontal: list[tuple[float, ...]] = []
        self.vertical: list[tuple[float, ...]] = []
        self.fills: list[tuple[float, ...]] = []
        self.images: list[tuple[float, ...]] = []
        self.rounded: list[tuple[float, ...]] = []  # coloured areas with curves: white text on them is seen
        self.odd_text: dict[int, tuple[int, bool, bool]] = {}  # text object -> (turn or -1, invisible, white)
        self.flags: set[str] = set()
        self.seen = 0
        self.covers = Covers()
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
        self._walk((native.page_object(handle, i) for i in range(count)), self.place.matrix, 0)
        self._keep_white_rules()

    def _walk(self, objects: Iterator[int], matrix: Matrix, depth: int) -> None:
        for item in objects:
            self.seen += 1
            if self.seen > MAX_OBJECTS:
                self.flags.add("too_many_objects")
                return
            kind = native.kind_of(item)
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self._path(item, matrix)
            elif kind == raw.FPDF_PAGEOBJ_TEXT:
                self._text(item, matrix)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                box = self._box(item, matrix)
                if box:
                    self.images.append(box)
                    self.covers.area(self.seen, box, None, item)
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
                inner = times(self._own_matrix(item), matrix)
                self._walk(
                    (native.form_object(item, i) for i in range(max(0, native.form_count(item)))), inner, depth + 1
                )

    def _own_matrix(self, item: int) -> Matrix:
        if not native.matrix_of(item, self._mat_at):
            return IDENTITY
        a, b, c, d, e, f = self._mat
        return (a, b, c, d, e, f)

    def _box(self, item: int, matrix: Matrix) -> tuple[float, float, float, float] | None:
        if not native.bounds_of(item, *self._four_at):
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
        mode = native.render_mode(item)
        invisible = mode in (3, 7)
        red, green, blue, alpha = self._rgb(native.stroke_colour if mode in (1, 5) else native.fill_colour, item)
        white = min(red, green, blue) >= WHITE
        if alpha == 0:
            invisible = True
        if turn or invisible or white:
            self.odd_text[item] = (turn, invisible, white)
        self.covers.text(self.seen, item, (red, green, blue), self._box(item, matrix), matrix)
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
        native.draw_mode(item, self._mode_at, self._stroked_at)
        filled, stroked = self._mode.value != 0, self._stroked.value != 0
        if not (filled or stroked):
            return
        box = self._box(item, matrix)
        if box is None:
            return
        red, green, blue, alpha = self._rgb(native.stroke_colour if stroked else native.fill_colour, item)
        white = min(red, green, blue) >= WHITE
        if alpha < 10 and not (stroked and filled):
            return
        x0, y0, x1, y1 = box
        count = native.segments(item)
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
        if filled and curved and min(self._rgb(native.fill_colour, item)[:3]) < WHITE:
            self.rounded.append(box)
        if filled and not curved and 4 <= len(part) <= 6:
            red, green, blue, alpha = self._rgb(native.fill_colour, item)
            if alpha >= 10 and min(red, green, blue) < WHITE:
                self.fills.append(box)
            if alpha >= SOLID:
                self.covers.area(self.seen, box, (red, green, blue), item)

    def _subpaths(self, item: int, count: int, matrix: Matrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
        a, b, c, d, e, f = times(self._own_matrix(item), matrix)
        x, y = self._four[0], self._four[1]
        part: list[tuple[float, float]] = []
        curved = False
        for i in range(min(count, MAX_OBJECTS)):
            segment = native.segment(item, i)
            kind = native.segment_type(segment)
            native.segment_point(segment, self._four_at[0], self._four_at[1])
            point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                if part:
                    yield part, curved
                part, curved = [point], False
            else:
                curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
                part.append(point)
            if native.segment_close(segment) and part and part[-1] != part[0]:
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
