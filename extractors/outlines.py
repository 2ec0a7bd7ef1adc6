"""The paths of a page: how each is drawn, and the points of its outline as displayed.

What PDFium tells of them is fetched for all at once. Most outlines are one part of straight lines: their boxes are made
together, and only those of several parts or with curves are taken apart one by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from extractors import native
from extractors.native import Bools, Floats, Ints
from extractors.placement import times

MOST_SEGMENTS = 200_000  # of one path
MAX_POINTS = 50_000  # points of paths that are looked at together
WHITE = 245  # a colour whose channels all reach this is paper white

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Part = tuple[
    Box, list[Point], bool
]  # box, points (the first once more where it is closed), whether a curve is among them


def colours(getter: Any, items: list[Any]) -> Ints:
    """Red, green, blue and alpha `(n, 4)`; black where nothing is said."""
    colour, found = native.fetch(getter, (items,), 4, np.uint32)
    result = colour.astype(np.int64)
    if not all(found):
        result[np.array(found) == 0] = (0, 0, 0, 255)
    return result


def is_white(colour: Ints) -> Bools:
    """Which colours (n, 4) are paper white."""
    white: Bools = np.minimum.reduce(colour[:, :3], axis=1) >= WHITE
    return white


class Paths:
    """What PDFium tells of paths, by object; images among them are passed over."""

    def __init__(self, items: list[Any], is_path: Bools, on_page: Bools) -> None:
        self.is_path = is_path
        self.count, self.fill = np.zeros(len(items), dtype=np.int64), np.zeros((len(items), 4), dtype=np.int64)
        self.filled, self.stroked = np.zeros((2, len(items)), dtype=np.bool_)
        which = is_path.nonzero()[0]
        paths = items if len(which) == len(items) else [items[i] for i in which.tolist()]
        mode, _ = native.fetch(native.draw_mode, (paths,), 2, np.int32)
        self.filled[which], self.stroked[which] = mode[:, 0] != 0, mode[:, 1] != 0
        self.count[which] = list(map(native.segments, paths))
        self.fill[which] = colours(native.fill_colour, paths)
        colour, stroked = self.fill.copy(), self.stroked.nonzero()[0]
        colour[stroked] = colours(native.stroke_colour, [items[i] for i in stroked.tolist()])
        self.white = is_white(colour)
        both = self.stroked & self.filled
        self.drawn = on_page & (self.filled | self.stroked) & ((colour[:, 3] >= 10) | both)


def outlines(items: list[Any], counts: Ints, own: Floats, outer: tuple[Any, ...]) -> Iterator[tuple[slice, Outlines]]:
    """The outlines of paths, in order; so many at once that their points stay few. With them, which of the paths they are.

    `counts`: their segments, one at least; `own` (6, n) and `outer` (six arrays or six numbers): their matrices and those of
    their forms.
    """
    counts = np.minimum(counts, MOST_SEGMENTS)
    batches = counts.cumsum() // MAX_POINTS
    stops = [0, *((batches[1:] != batches[:-1]).nonzero()[0] + 1).tolist(), len(items)]
    for a, b in itertools.pairwise(stops):
        forms = tuple(part[a:b] for part in outer) if isinstance(outer[0], np.ndarray) else outer
        yield slice(a, b), Outlines(items[a:b], counts[a:b], own[:, a:b], forms)


class Outlines:
    """The points of paths, all in one row, moved to where the paths' matrices put them, and the segments that end in them.

    `boxes` (n, 4); `straight`: the path is one part of straight lines, as most are, and `lengths` its points, the first once more
    where it is closed.
    """

    def __init__(self, items: list[Any], counts: Ints, own: Floats, outer: tuple[Any, ...]) -> None:
        self._counts = counts.tolist()
        repeated = [item for item, count in zip(items, self._counts, strict=True) for _ in range(count)]
        numbers = [i for count in self._counts for i in range(count)]
        parts = native.handles(list(map(native.segment, repeated, numbers)))
        self._kinds = np.array(list(map(native.segment_type, parts)))
        self._closes = np.array(list(map(native.segment_close, parts))) != 0
        points, _ = native.fetch(native.segment_point, (parts,), 2, np.float32)
        x, y = points.T.astype(np.float64)
        a, b, c, d, e, f = self._matrix(own, outer)
        self._x, self._y = a * x + c * y + e, b * x + d * y + f
        self._ends = counts.cumsum()
        self._starts = self._ends - counts
        sides = [
            extreme.reduceat(at, self._starts) for extreme in (np.minimum, np.maximum) for at in (self._x, self._y)
        ]
        self.boxes: Floats = np.array(sides).T
        self.straight, self.lengths = self._straight(), counts + self._returns()

    def _matrix(self, own: Floats, outer: tuple[Any, ...]) -> tuple[Any, ...]:
        """The matrix of each point, or one for all, as most pages have."""
        if isinstance(outer[0], np.ndarray) or (own != own[:, :1]).any():
            each: tuple[Any, ...] = times(tuple(own), outer)
            return tuple(np.repeat(part, self._counts) for part in each)
        a, b, c, d, e, f = own[:, 0].tolist()
        return times((a, b, c, d, e, f), outer)

    def _straight(self) -> Bools:
        starts, odd = self._starts, self._closes.copy()
        odd[self._ends - 1] = False  # a part is closed at its end
        odd |= self._kinds != raw.FPDF_SEGMENT_LINETO
        odd[starts] = self._kinds[starts] != raw.FPDF_SEGMENT_MOVETO
        straight: Bools = ~np.logical_or.reduceat(odd, starts)
        return straight

    def _returns(self) -> Bools:
        """Which paths are closed at their end and do not stand at their first point there."""
        first, last = self._starts, self._ends - 1
        returns: Bools = self._closes[last] & ((self._x[first] != self._x[last]) | (self._y[first] != self._y[last]))
        return returns

    def parts(self, path: int) -> list[Part]:
        """The parts of one path."""
        own = slice(int(self._starts[path]), int(self._ends[path]))
        points = list(zip(self._x[own].tolist(), self._y[own].tolist(), strict=True))
        found: list[tuple[list[Point], bool]] = []
        part: list[Point] = []
        curved = False
        for point, kind, closes in zip(points, self._kinds[own].tolist(), self._closes[own].tolist(), strict=True):
            if kind == raw.FPDF_SEGMENT_MOVETO:
                if part:
                    found.append((part, curved))
                part, curved = [point], False
            else:
                curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
                part.append(point)
            if closes and part and part[-1] != part[0]:
                part.append(part[0])
        if part:
            found.append((part, curved))
        return [(_box(one), one, bends) for one, bends in found]


def _box(points: list[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
