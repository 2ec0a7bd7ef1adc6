"""The drawing objects of a page, nested forms too, sorted into rules, coloured areas and pictures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from extractors import native
from extractors.covers import Covers
from extractors.native import Bools, Floats, Ints

Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
THIN = 3.0  # a filled bar up to this thickness (points) is a rule, a thicker one a coloured area
MAX_OBJECTS = 200_000  # more drawing objects than this on one page are not walked
MAX_POINTS = 50_000  # points of paths that are looked at together
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

    def points(self, x: Floats, y: Floats) -> Floats:
        """Points `(n, 2)` as displayed."""
        a, b, c, d, e, f = self.matrix
        if not self.rotation:
            return _columns(x + e, f - y)
        return _columns(a * x + c * y + e, b * x + d * y + f)

    def boxes(self, left: Floats, bottom: Floats, right: Floats, top: Floats) -> Floats:
        """Boxes `(n, 4)` as displayed."""
        a, b, c, d, e, f = self.matrix
        if not self.rotation:
            low, high = np.minimum(left, right) + e, np.maximum(left, right) + e
            return _columns(low, f - np.maximum(bottom, top), high, f - np.minimum(bottom, top))
        xs = a * left + c * bottom + e, a * right + c * top + e
        ys = b * left + d * bottom + f, b * right + d * top + f
        return _columns(np.minimum(*xs), np.minimum(*ys), np.maximum(*xs), np.maximum(*ys))


def _columns(*columns: Floats) -> Floats:
    """Side by side: as `numpy.stack` along the second axis, without its preparations."""
    rows: Floats = np.empty((len(columns[0]), len(columns)))
    for i, column in enumerate(columns):
        rows[:, i] = column
    return rows


def times(inner: Matrix, outer: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    A, B, C, D, E, F = outer
    return (a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F)


class Drawing:
    """Walks the drawing objects of a page, nested forms too, and sorts them into rules, fills and images.

    The objects are listed first, in the order in which they are drawn; each thing that PDFium tells of them is then fetched
    for all of them at once.
    """

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
        self._white: list[tuple[bool, tuple[float, ...]]] = []
        self._items: list[int] = []
        self._kinds: list[int] = []
        self._forms: list[int] = []  # by object: the number of the form's matrix
        self._matrices: list[Matrix] = [place.matrix]

    def walk_page(self, page: Any) -> None:
        own = native.handle_of(page)
        count = min(max(0, native.page_count(own)), MAX_OBJECTS + 1)
        self._list(list(map(native.page_object, [own] * count, range(count))), 0, 0)
        self.seen = len(self._items)
        if self.seen > MAX_OBJECTS:
            self.flags.add("too_many_objects")
            for one in (self._items, self._kinds, self._forms):
                del one[MAX_OBJECTS:]
        kinds = np.array(self._kinds, dtype=np.int64)
        self._texts(np.flatnonzero(kinds == raw.FPDF_PAGEOBJ_TEXT))
        self._paths_and_images(np.flatnonzero((kinds == raw.FPDF_PAGEOBJ_PATH) | (kinds == raw.FPDF_PAGEOBJ_IMAGE)))
        self._keep_white_rules()

    def _list(self, items: list[int], form: int, depth: int) -> None:
        """The objects in the order in which they are drawn; what a form holds stands behind it."""
        kinds = list(map(native.kind_of, native.handles(items)))
        if depth >= MAX_DEPTH or raw.FPDF_PAGEOBJ_FORM not in kinds:
            self._note(items, kinds, form)
            return
        for item, kind in zip(items, kinds, strict=True):
            if len(self._items) > MAX_OBJECTS:
                return
            self._note([item], [kind], form)
            if kind == raw.FPDF_PAGEOBJ_FORM:
                matrix, found = native.fetch(native.matrix_of, ([native.handle(item)],), 6, np.float32, together=True)
                own: Matrix = tuple(matrix[0].tolist()) if found[0] else IDENTITY
                self._matrices.append(times(own, self._matrices[form]))
                count = min(max(0, native.form_count(native.handle(item))), MAX_OBJECTS + 1)
                inner = [native.form_object(item, i) for i in range(count)]
                self._list(inner, len(self._matrices) - 1, depth + 1)

    def _note(self, items: list[int], kinds: list[int], form: int) -> None:
        self._items += items
        self._kinds += kinds
        self._forms += [form] * len(items)

    def _outer(self, which: Ints) -> tuple[Any, ...]:
        """The matrices of the forms around objects: six arrays, or six numbers where all have the same."""
        if len(self._matrices) == 1:
            return self._matrices[0]
        forms = np.array(self._forms, dtype=np.int64)[which]
        return tuple(np.array(self._matrices, dtype=np.float64)[forms].T)

    def _own(self, items: list[Any]) -> Floats:
        """The objects' own matrices `(6, n)`."""
        own, found = native.fetch(native.matrix_of, (items,), 6, np.float32, together=True)
        result = own.astype(np.float64)
        if not all(found):
            result[np.array(found) == 0] = IDENTITY
        return result.T

    def _boxes(self, items: list[Any], outer: tuple[Any, ...]) -> tuple[Floats, Bools]:
        """Boxes `(n, 4)` of objects as displayed, cut at the page's sides, and which of them stand on the page."""
        bounds, found = native.fetch(native.bounds_of, (items,), 4, np.float32)
        left, bottom, right, top = bounds.T.astype(np.float64)
        a, b, c, d, e, f = outer
        if len(self._matrices) == 1 and not (b or c):
            xs, ys = (a * left + e, a * right + e), (d * bottom + f, d * top + f)
        else:
            corners = ((left, bottom), (right, top), (left, top), (right, bottom))
            xs = tuple(a * x + c * y + e for x, y in corners)
            ys = tuple(b * x + d * y + f for x, y in corners)
        x0, y0, x1, y1 = reduce(np.minimum, xs), reduce(np.minimum, ys), reduce(np.maximum, xs), reduce(np.maximum, ys)
        width, height = self.place.width, self.place.height
        on_page = (np.array(found) != 0) & np.isfinite(x0 + y0 + x1 + y1)
        on_page &= (x1 >= 0) & (y1 >= 0) & (x0 <= width) & (y0 <= height)
        left, top, right, bottom = np.maximum(x0, 0), np.maximum(y0, 0), np.minimum(x1, width), np.minimum(y1, height)
        return _columns(left, top, right, bottom), on_page

    def _texts(self, which: Ints) -> None:
        if not len(which):
            return
        items = [self._items[i] for i in which.tolist()]
        given, outer = native.handles(items), self._outer(which)
        own = self._own(given)
        turn = _turns(own[0] * outer[0] + own[1] * outer[2], own[0] * outer[1] + own[1] * outer[3])
        mode = list(map(native.render_mode, given))
        colour = _colours(native.fill_colour, given)
        outlined = [i for i, one in enumerate(mode) if one in (1, 5)]
        if outlined:
            colour[outlined] = _colours(native.stroke_colour, [given[i] for i in outlined])
        invisible = colour[:, 3] == 0
        invisible[[i for i, one in enumerate(mode) if one in (3, 7)]] = True
        white = _is_white(colour)
        for i in np.flatnonzero((turn != 0) | invisible | white).tolist():
            self.odd_text[items[i]] = (int(turn[i]), bool(invisible[i]), bool(white[i]))
        box, on_page = self._boxes(given, outer)
        forms = [self._forms[i] for i in which.tolist()]
        shown = np.flatnonzero(on_page)
        seen = [(items[i], given[i], self._matrices[forms[i]]) for i in shown.tolist()]
        self.covers.texts(which.take(shown) + 1, seen, colour[shown, :3], box.take(shown, axis=0))
        self._notice_overprint(own[4:6], forms, box, on_page)

    def _notice_overprint(self, at: Floats, forms: list[int], box: Floats, on_page: Bools) -> None:
        """PDFium itself leaves out text printed again on its place: say so."""
        places: list[tuple[float, float, int]] = list(zip(*np.rint(at).tolist(), forms, strict=True))
        if len(set(places)) == len(places):
            return
        earlier: dict[tuple[float, float, int], int] = {}
        for i, place in enumerate(places):
            one = earlier.setdefault(place, i)
            if one == i or not (on_page[one] and on_page[i] and box[one, 2] - box[one, 0] > 1):
                continue
            if (np.abs(box[one] - box[i]) < 1).all():
                self.flags.add("doubled_text")
                return

    def _paths_and_images(self, which: Ints) -> None:
        if not len(which):
            return
        items = [self._items[i] for i in which.tolist()]
        given, outer = native.handles(items), self._outer(which)
        boxes, on_page = self._boxes(given, outer)
        paths = _Paths(given, np.array([self._kinds[i] for i in which.tolist()]) == raw.FPDF_PAGEOBJ_PATH, on_page)
        wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
        bar = ~paths.stroked & (np.minimum(wide, high) <= THIN) & (paths.count <= 6)  # PDFium widens bounds of strokes
        whole = np.flatnonzero(paths.drawn & ~bar)
        parts = self._subpaths(whole, given, paths.count, which)
        shown = np.flatnonzero(on_page & (paths.drawn | ~paths.is_path))
        columns = (which, boxes, bar, paths.is_path, paths.white, paths.stroked, paths.filled, paths.fill)
        for i, seen, box, is_bar, is_path, white, stroked, filled, fill in zip(
            shown.tolist(), *(column[shown].tolist() for column in columns), strict=True
        ):
            self.seen = seen + 1
            if not is_path:
                self.images.append(tuple(box))
                self.covers.area(self.seen, tuple(box), None, items[i])
            elif is_bar:
                self._bar(tuple(box), white)
            else:
                for part, curved in next(parts):
                    self._subpath(items[i], part, curved, fill if filled else None, stroked, white)
        self.seen = len(self._items)

    def _subpaths(
        self, which: Ints, items: list[Any], counts: Ints, numbers: Ints
    ) -> Iterator[list[tuple[list[tuple[float, float]], bool]]]:
        """The parts of each of these paths, in order; so many at once that their points stay few."""
        if not len(which):
            return
        batches = np.cumsum(counts[which].clip(0, MAX_OBJECTS)) // MAX_POINTS
        stops = [0, *(np.flatnonzero(batches[1:] != batches[:-1]) + 1).tolist(), len(which)]
        for some in (which[a:b] for a, b in itertools.pairwise(stops)):
            points = _Points([items[i] for i in some.tolist()], counts[some])
            points.place(self._own(points.items), self._outer(numbers[some]))
            yield from points.subpaths()

    def _subpath(
        self,
        item: int,
        part: list[tuple[float, float]],
        curved: bool,
        fill: list[int] | None,
        stroked: bool,
        white: bool,
    ) -> None:
        """One part of a path; `fill` is its colour (red, green, blue, alpha) where it is filled."""
        if len(part) < 2:
            return
        xs, ys = zip(*part, strict=True)
        box = (min(xs), min(ys), max(xs), max(ys))
        thin = min(box[2] - box[0], box[3] - box[1]) <= THIN
        if thin and not curved:
            self._bar(box, white)
            return
        if stroked and not curved:
            for (ax, ay), (bx, by) in itertools.pairwise(part):
                if abs(ax - bx) < 0.5 or abs(ay - by) < 0.5:
                    self._bar((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), white)
        if fill is None:
            return
        coloured = min(fill[:3]) < WHITE
        if curved and coloured:
            self.rounded.append(box)
        if not curved and 4 <= len(part) <= 6:
            if fill[3] >= 10 and coloured:
                self.fills.append(box)
            if fill[3] >= SOLID:
                self.covers.area(self.seen, box, (fill[0], fill[1], fill[2]), item)

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


def _turns(a: Floats, b: Floats) -> Ints:
    """Quarter turns of texts whose base line runs along (a, b) on the displayed page, -1 for those between."""
    turn = np.zeros(len(a), dtype=np.int64)
    for i in np.flatnonzero(~((a > 0) & (np.abs(b) < 0.05 * a))).tolist():
        degrees = math.degrees(math.atan2(-b[i], a[i]))  # y grows downwards on the displayed page
        turn[i] = round(degrees / 90) % 4 if abs(degrees - 90 * round(degrees / 90)) < 8 else -1
    return turn


def _colours(getter: Any, items: list[Any]) -> Ints:
    """Red, green, blue and alpha `(n, 4)`; black where nothing is said."""
    colour, found = native.fetch(getter, (items,), 4, np.uint32)
    result = colour.astype(np.int64)
    if not all(found):
        result[np.array(found) == 0] = (0, 0, 0, 255)
    return result


def _is_white(colour: Ints) -> Bools:
    """Which colours (n, 4) are paper white."""
    white: Bools = (colour[:, 0] >= WHITE) & (colour[:, 1] >= WHITE) & (colour[:, 2] >= WHITE)
    return white


class _Paths:
    """What PDFium tells of paths, by object; images among them are passed over."""

    def __init__(self, items: list[Any], is_path: Bools, on_page: Bools) -> None:
        self.is_path = is_path
        which = np.flatnonzero(is_path)
        paths = [items[i] for i in which.tolist()]
        mode, _ = native.fetch(native.draw_mode, (paths,), 2, np.int32)
        self.filled, self.stroked = np.zeros((2, len(items)), dtype=np.bool_)
        self.filled[which], self.stroked[which] = mode[:, 0] != 0, mode[:, 1] != 0
        self.count = np.zeros(len(items), dtype=np.int64)
        self.count[which] = list(map(native.segments, paths))
        self.fill = np.zeros((len(items), 4), dtype=np.int64)
        self.fill[which] = _colours(native.fill_colour, paths)
        colour, stroked = self.fill.copy(), np.flatnonzero(self.stroked)
        colour[stroked] = _colours(native.stroke_colour, [items[i] for i in stroked.tolist()])
        self.white = _is_white(colour)
        both = self.stroked & self.filled
        self.drawn = on_page & (self.filled | self.stroked) & ((colour[:, 3] >= 10) | both)


class _Points:
    """The points of paths, all in one row, and the kind of segment that each ends."""

    def __init__(self, items: list[Any], counts: Ints) -> None:
        self.items = items
        self.counts = counts.clip(0, MAX_OBJECTS).tolist()
        repeated = [item for item, count in zip(items, self.counts, strict=True) for _ in range(count)]
        numbers = [i for count in self.counts for i in range(count)]
        parts = native.handles(list(map(native.segment, repeated, numbers)))
        self._kinds = list(map(native.segment_type, parts))
        self._closes = list(map(native.segment_close, parts))
        points, _ = native.fetch(native.segment_point, (parts,), 2, np.float32)
        self._x, self._y = points.T.astype(np.float64)

    def place(self, own: Floats, outer: tuple[Any, ...]) -> None:
        """Moves the points to where the matrices `(6, n)` of the paths and their forms put them."""
        matrix: tuple[Any, ...] = times(tuple(own), outer)
        if isinstance(outer[0], np.ndarray) or (own != own[:, :1]).any():
            matrix = tuple(np.repeat(part, self.counts) for part in matrix)
        else:  # one for all, as most pages have
            matrix = tuple(part[0] for part in matrix)
        a, b, c, d, e, f = matrix
        self._x, self._y = a * self._x + c * self._y + e, b * self._x + d * self._y + f

    def subpaths(self) -> Iterator[list[tuple[list[tuple[float, float]], bool]]]:
        """For each path its parts: their points, and whether a curve is among them."""
        points = list(zip(self._x.tolist(), self._y.tolist(), strict=True))
        start = 0
        for count in self.counts:
            yield self._split(points, start, start + count)
            start += count

    def _split(
        self, points: list[tuple[float, float]], start: int, end: int
    ) -> list[tuple[list[tuple[float, float]], bool]]:
        kinds = self._kinds[start:end]
        straight = kinds[:1] == [raw.FPDF_SEGMENT_MOVETO] and kinds.count(raw.FPDF_SEGMENT_LINETO) == len(kinds) - 1
        if straight and not any(self._closes[start : end - 1]):  # one part, as most are
            whole = points[start:end]
            return [([*whole, whole[0]] if self._closes[end - 1] and whole[-1] != whole[0] else whole, False)]
        result: list[tuple[list[tuple[float, float]], bool]] = []
        part: list[tuple[float, float]] = []
        curved = False
        for i in range(start, end):
            if self._kinds[i] == raw.FPDF_SEGMENT_MOVETO:
                if part:
                    result.append((part, curved))
                part, curved = [points[i]], False
            else:
                curved = curved or self._kinds[i] == raw.FPDF_SEGMENT_BEZIERTO
                part.append(points[i])
            if self._closes[i] and part and part[-1] != part[0]:
                part.append(part[0])
        if part:
            result.append((part, curved))
        return result
