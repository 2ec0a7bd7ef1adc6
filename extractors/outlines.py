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


def outlines(items: list[Any], counts: Ints, own: Floats, outer: tuple[Any, ...]) -> Iterator[list[Part]]:
    """The parts of each path, in order; so many paths at once that their points stay few.

    `counts`: their segments; `own` (6, n) and `outer` (six arrays or six numbers): their matrices and those of their forms.
    """
    counts = np.minimum(np.maximum(counts, 0), MOST_SEGMENTS)
    batches = counts.cumsum() // MAX_POINTS
    stops = [0, *((batches[1:] != batches[:-1]).nonzero()[0] + 1).tolist(), len(items)]
    for a, b in itertools.pairwise(stops):
        forms = tuple(part[a:b] for part in outer) if isinstance(outer[0], np.ndarray) else outer
        yield from _Points(items[a:b], counts[a:b], own[:, a:b], forms).parts()


class _Points:
    """The points of paths, all in one row, moved to where the paths' matrices put them, and the segments that end in them."""

    def __init__(self, items: list[Any], counts: Ints, own: Floats, outer: tuple[Any, ...]) -> None:
        self._counts = counts.tolist()
        repeated = [item for item, count in zip(items, self._counts, strict=True) for _ in range(count)]
        numbers = [i for count in self._counts for i in range(count)]
        parts = native.handles(list(map(native.segment, repeated, numbers)))
        self._kinds = list(map(native.segment_type, parts))
        self._closes = list(map(native.segment_close, parts))
        points, _ = native.fetch(native.segment_point, (parts,), 2, np.float32)
        x, y = points.T.astype(np.float64)
        a, b, c, d, e, f = self._matrix(own, outer)
        self._x, self._y = a * x + c * y + e, b * x + d * y + f

    def _matrix(self, own: Floats, outer: tuple[Any, ...]) -> tuple[Any, ...]:
        """The matrix of each point, or one for all, as most pages have."""
        if isinstance(outer[0], np.ndarray) or (own != own[:, :1]).any():
            each: tuple[Any, ...] = times(tuple(own), outer)
            return tuple(np.repeat(part, self._counts) for part in each)
        a, b, c, d, e, f = own[:, 0].tolist()
        return times((a, b, c, d, e, f), outer)

    def parts(self) -> Iterator[list[Part]]:
        """For each path its parts."""
        points = list(zip(self._x.tolist(), self._y.tolist(), strict=True))
        straight, end = self._straight(), 0
        for count in self._counts:
            start, end = end, end + count
            box = next(straight) if count else None
            yield [(box, self._closed(points, start, end), False)] if box else self._split(points, start, end)

    def _closed(self, points: list[Point], start: int, end: int) -> list[Point]:
        part = points[start:end]
        if self._closes[end - 1] and part[-1] != part[0]:
            part.append(part[0])
        return part

    def _straight(self) -> Iterator[Box | None]:
        """For each path with points: its box where it is one part of straight lines, as most are; else None."""
        counts = np.array([count for count in self._counts if count])
        if not len(counts):
            return iter(())
        ends = counts.cumsum()
        starts = ends - counts
        kinds, odd = np.array(self._kinds), np.array(self._closes) != 0
        odd[ends - 1] = False  # a part is closed at its end
        odd |= kinds != raw.FPDF_SEGMENT_LINETO
        odd[starts] = kinds[starts] != raw.FPDF_SEGMENT_MOVETO
        taken_apart = np.logical_or.reduceat(odd, starts).tolist()
        sides = [
            extreme.reduceat(at, starts).tolist() for extreme in (np.minimum, np.maximum) for at in (self._x, self._y)
        ]
        boxes = zip(*sides, strict=True)
        return (None if apart else box for apart, box in zip(taken_apart, boxes, strict=True))

    def _split(self, points: list[Point], start: int, end: int) -> list[Part]:
        found: list[tuple[list[Point], bool]] = []
        part: list[Point] = []
        curved = False
        for i in range(start, end):
            if self._kinds[i] == raw.FPDF_SEGMENT_MOVETO:
                if part:
                    found.append((part, curved))
                part, curved = [points[i]], False
            else:
                curved = curved or self._kinds[i] == raw.FPDF_SEGMENT_BEZIERTO
                part.append(points[i])
            if self._closes[i] and part and part[-1] != part[0]:
                part.append(part[0])
        if part:
            found.append((part, curved))
        return [(_box(own), own, bends) for own, bends in found]


def _box(points: list[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
