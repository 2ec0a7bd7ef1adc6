"""The drawing objects of a page, nested forms too, sorted into rules, coloured areas and pictures."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from extractors import native
from extractors.covers import Covers
from extractors.native import Bools, Floats, Ints
from extractors.outlines import WHITE, Box, Outlines, Part, Paths, colours, is_white, outlines
from extractors.placement import IDENTITY, Matrix, Placement, beside, times

THIN = 3.0  # a filled bar up to this thickness (points) is a rule, a thicker one a coloured area
MAX_OBJECTS = 200_000  # more drawing objects than this on one page are not walked
MAX_DEPTH = 12  # nested forms
SOLID = 250  # a colour of this alpha (of 255) lets nothing shine through


class Drawing:
    """Walks the drawing objects of a page, nested forms too, and sorts them into rules, fills and images.

    The objects are listed first, in the order in which they are drawn; each thing that PDFium tells of them is then fetched
    for all of them at once.
    """

    def __init__(self, place: Placement) -> None:
        self.place = place
        self.horizontal: Floats = np.empty((0, 3))  # once the page is walked
        self.vertical: Floats = np.empty((0, 3))
        self.fills: Floats = np.empty((0, 4))
        self.images: list[tuple[float, ...]] = []
        self.rounded: list[tuple[float, ...]] = []  # coloured areas with curves: white text on them is seen
        self.odd_text: dict[int, tuple[int, bool, bool]] = {}  # text object -> (turn or -1, invisible, white)
        self.flags: set[str] = set()
        self.seen = 0
        self.covers = Covers()
        self._bars: list[tuple[Ints, Floats, Bools]] = []  # when each was drawn, its box, whether it is white
        self._fills: list[tuple[Ints, Floats]] = []
        self._lone_bars: list[tuple[int, Box, bool]] = []  # those that come one by one
        self._lone_fills: list[tuple[int, Box]] = []
        self._items: list[int] = []
        self._given: list[Any] = []  # the same as parameters
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
            for one in (self._items, self._given, self._kinds, self._forms):
                del one[MAX_OBJECTS:]
        kinds = np.array(self._kinds, dtype=np.int64)
        self._texts((kinds == raw.FPDF_PAGEOBJ_TEXT).nonzero()[0])
        self._paths_and_images(((kinds == raw.FPDF_PAGEOBJ_PATH) | (kinds == raw.FPDF_PAGEOBJ_IMAGE)).nonzero()[0])
        self._sort_bars()

    def _list(self, items: list[int], form: int, depth: int) -> None:
        """The objects in the order in which they are drawn; what a form holds stands behind it."""
        given = native.handles(items)
        kinds = list(map(native.kind_of, given))
        if depth >= MAX_DEPTH or raw.FPDF_PAGEOBJ_FORM not in kinds:
            self._note(items, given, kinds, form)
            return
        for item, handle, kind in zip(items, given, kinds, strict=True):
            if len(self._items) > MAX_OBJECTS:
                return
            self._note([item], [handle], [kind], form)
            if kind == raw.FPDF_PAGEOBJ_FORM:
                matrix, found = native.fetch(native.matrix_of, ([handle],), 6, np.float32, together=True)
                own: Matrix = tuple(matrix[0].tolist()) if found[0] else IDENTITY
                self._matrices.append(times(own, self._matrices[form]))
                count = min(max(0, native.form_count(handle)), MAX_OBJECTS + 1)
                inner = [native.form_object(item, i) for i in range(count)]
                self._list(inner, len(self._matrices) - 1, depth + 1)

    def _note(self, items: list[int], given: list[Any], kinds: list[int], form: int) -> None:
        self._items += items
        self._given += given
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
        whole = self._as_displayed(bounds.astype(np.float64), outer)
        least, most = np.minimum.reduce(whole, axis=None), np.maximum.reduce(whole, axis=0)
        if least >= 0 and most[2] <= self.place.width and most[3] <= self.place.height and all(found):
            return whole, np.ones(len(items), dtype=np.bool_)
        low, high, size = whole[:, :2], whole[:, 2:], np.array((self.place.width, self.place.height))
        inside: Bools = np.logical_and.reduce((high >= 0) & (low <= size) & np.isfinite(low + high), axis=1)
        if not all(found):
            inside &= np.array(found) != 0
        return np.concatenate([np.maximum(low, 0), np.minimum(high, size)], axis=1), inside

    def _as_displayed(self, bounds: Floats, outer: tuple[Any, ...]) -> Floats:
        """Bounds (left, bottom, right, top) moved by the matrices around them."""
        a, b, c, d, e, f = outer
        if len(self._matrices) == 1 and not (b or c):
            moved = bounds * np.array((a, d, a, d)) + np.array((e, f, e, f))
            one, two = moved[:, :2], moved[:, 2:]
            return np.concatenate([np.minimum(one, two), np.maximum(one, two)], axis=1)
        left, bottom, right, top = bounds.T
        corners = ((left, bottom), (right, top), (left, top), (right, bottom))
        xs = [a * x + c * y + e for x, y in corners]
        ys = [b * x + d * y + f for x, y in corners]
        extremes = (np.minimum, np.maximum)
        return beside(*(extreme.reduce(side) for extreme in extremes for side in (xs, ys)))

    def _texts(self, which: Ints) -> None:
        if not len(which):
            return
        numbers, outer = which.tolist(), self._outer(which)
        items, given = [self._items[i] for i in numbers], [self._given[i] for i in numbers]
        own = self._own(given)
        turn = _turns(own[0] * outer[0] + own[1] * outer[2], own[0] * outer[1] + own[1] * outer[3])
        invisible, white, colour = _manner(given)
        for i in ((turn != 0) | invisible | white).nonzero()[0].tolist():
            self.odd_text[items[i]] = (int(turn[i]), bool(invisible[i]), bool(white[i]))
        box, on_page = self._boxes(given, outer)
        forms = [self._forms[i] for i in numbers]
        shown = on_page.nonzero()[0]
        seen = shown.tolist()
        self.covers.texts(which.take(shown) + 1, [items[i] for i in seen], colour[shown, :3], box.take(shown, axis=0))
        self.covers.clips([given[i] for i in seen], [self._matrices[forms[i]] for i in seen])
        self._notice_overprint(own[4:6], forms, box, on_page)

    def _notice_overprint(self, at: Floats, forms: list[int], box: Floats, on_page: Bools) -> None:
        """PDFium itself leaves out text printed again on its place: say so."""
        x, y = np.rint(at)
        if len(set((x * 65536 + y).tolist())) == len(x):  # no two are the same: nearly always
            return
        places: list[tuple[float, float, int]] = list(zip(x.tolist(), y.tolist(), forms, strict=True))
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
        numbers, outer = which.tolist(), self._outer(which)
        items, given = [self._items[i] for i in numbers], [self._given[i] for i in numbers]
        boxes, on_page = self._boxes(given, outer)
        paths = Paths(given, np.array([self._kinds[i] for i in numbers]) == raw.FPDF_PAGEOBJ_PATH, on_page)
        order = which + 1
        for i in (on_page & ~paths.is_path).nonzero()[0].tolist():
            x0, top, x1, bottom = boxes[i].tolist()
            self.images.append((x0, top, x1, bottom))
            self.covers.area(int(order[i]), (x0, top, x1, bottom), None, items[i])
        bar = paths.drawn & ~paths.stroked & _thin(boxes) & (paths.count <= 6)  # PDFium widens bounds of strokes
        self._bars.append((order[bar], boxes[bar], paths.white[bar]))
        whole = (paths.drawn & ~bar & (paths.count > 0)).nonzero()[0]
        if len(whole):
            drawn = [given[i] for i in whole.tolist()]
            for part, lines in outlines(drawn, paths.count[whole], self._own(drawn), self._outer(which[whole])):
                self._outlined(lines, paths, whole[part], order, items)

    def _outlined(self, lines: Outlines, paths: Paths, own: Ints, order: Ints, items: list[int]) -> None:
        """Sorts the paths of numbers `own` by their outlines: all of one straight part together, the others part by part."""
        thin, stroked = _thin(lines.boxes), paths.stroked[own]
        bar = lines.straight & thin & (lines.lengths > 1)
        self._bars.append((order[own[bar]], lines.boxes[bar], paths.white[own[bar]]))
        area = lines.straight & ~thin & ~stroked & (lines.lengths >= 4) & (lines.lengths <= 6)
        colour, drawn = paths.fill[own[area]], order[own[area]]
        coloured = (colour[:, 3] >= 10) & (np.minimum.reduce(colour[:, :3], axis=1) < WHITE)
        self._fills.append((drawn[coloured], lines.boxes[area][coloured]))
        solid = area.nonzero()[0][colour[:, 3] >= SOLID]
        whole = own[solid]
        rows = whole.tolist(), order[whole].tolist(), lines.boxes[solid].tolist(), paths.fill[whole, :3].tolist()
        for i, at, (x0, top, x1, bottom), (red, green, blue) in zip(*rows, strict=True):
            self.covers.area(at, (x0, top, x1, bottom), (red, green, blue), items[i])
        for i in (~lines.straight | (stroked & ~thin)).nonzero()[0].tolist():
            path = int(own[i])
            fill = paths.fill[path].tolist() if paths.filled[path] else None
            for part in lines.parts(i):
                self._part(int(order[path]), items[path], part, fill, bool(stroked[i]), bool(paths.white[path]))

    def _part(self, order: int, item: int, outline: Part, fill: list[int] | None, stroked: bool, white: bool) -> None:
        """One part of a path; `fill` is its colour (red, green, blue, alpha) where it is filled."""
        box, part, curved = outline
        if len(part) < 2:
            return
        if min(box[2] - box[0], box[3] - box[1]) <= THIN and not curved:
            self._lone_bars.append((order, box, white))
            return
        if stroked and not curved:
            for (ax, ay), (bx, by) in itertools.pairwise(part):
                if abs(ax - bx) < 0.5 or abs(ay - by) < 0.5:
                    self._lone_bars.append((order, (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), white))
        if fill is None:
            return
        coloured = min(fill[:3]) < WHITE
        if curved and coloured:
            self.rounded.append(box)
        if not curved and 4 <= len(part) <= 6:
            if fill[3] >= 10 and coloured:
                self._lone_fills.append((order, box))
            if fill[3] >= SOLID:
                self.covers.area(order, box, (fill[0], fill[1], fill[2]), item)

    def _sort_bars(self) -> None:
        """Bars as horizontal and vertical rules and the fills, in the order in which they were drawn.

        White bars are rules only where they part coloured areas; they come last.
        """
        if self._lone_fills:
            self._fills.append(_columns(self._lone_fills))
        if self._fills:
            order, boxes = (np.concatenate(column) for column in zip(*self._fills, strict=True))
            self.fills = boxes[order.argsort(kind="stable")]
        if self._lone_bars:
            self._bars.append(_columns(self._lone_bars))
        if not self._bars:
            return
        order, boxes, white = (np.concatenate(column) for column in zip(*self._bars, strict=True))
        sort = order.argsort(kind="stable")
        boxes, white = boxes[sort], white[sort]
        wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
        level, upright = (
            ~white & (wide >= 0.8 * high),
            ~white & (high >= 0.8 * wide),
        )  # a dot may belong to a dotted rule
        if white.any():
            own = white.nonzero()[0][self._parts_areas(boxes[white])]
            level = np.concatenate([level.nonzero()[0], own[(wide >= high)[own]]])
            upright = np.concatenate([upright.nonzero()[0], own[(wide < high)[own]]])
        x0, y0, x1, y1 = boxes.T
        self.horizontal = np.array([((y0 + y1) / 2)[level], x0[level], x1[level]]).T
        self.vertical = np.array([((x0 + x1) / 2)[upright], y0[upright], y1[upright]]).T

    def _parts_areas(self, bars: Floats) -> Ints:
        """Which of the boxes touch a coloured area."""
        touching = []
        for i, (x0, y0, x1, y1) in enumerate(bars.tolist()):
            x, y = (self.fills[:, 0] <= x1 + 1) & (self.fills[:, 2] >= x0 - 1), self.fills[:, 1] <= y1 + 1
            if (x & y & (self.fills[:, 3] >= y0 - 1)).any():
                touching.append(i)
        return np.array(touching, dtype=np.int64)


def _thin(boxes: Floats) -> Bools:
    thin: Bools = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) <= THIN
    return thin


def _columns(rows: list[Any]) -> Any:
    """Tuples as one array for each of their places."""
    return tuple(map(np.array, zip(*rows, strict=True)))


def _turns(a: Floats, b: Floats) -> Ints:
    """Quarter turns of texts whose base line runs along (a, b) on the displayed page, -1 for those between."""
    turn = np.zeros(len(a), dtype=np.int64)
    for i in (~((a > 0) & (np.abs(b) < 0.05 * a))).nonzero()[0].tolist():
        degrees = math.degrees(math.atan2(-b[i], a[i]))  # y grows downwards on the displayed page
        turn[i] = round(degrees / 90) % 4 if abs(degrees - 90 * round(degrees / 90)) < 8 else -1
    return turn


def _manner(texts: list[Any]) -> tuple[Bools, Bools, Ints]:
    """Which texts are invisible, which paper white, and the colour (n, 4) of each."""
    mode = list(map(native.render_mode, texts))
    colour = colours(native.fill_colour, texts)
    outlined = [i for i, one in enumerate(mode) if one in (1, 5)] if any(mode) else []
    if outlined:
        colour[outlined] = colours(native.stroke_colour, [texts[i] for i in outlined])
    invisible = colour[:, 3] == 0
    if any(mode):
        invisible[[i for i, one in enumerate(mode) if one in (3, 7)]] = True
    return invisible, is_white(colour), colour
