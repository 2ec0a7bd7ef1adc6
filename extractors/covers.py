"""What a page draws over, cuts off or colours like its ground: characters that the file holds and nobody sees.

Geometry and colours alone decide: an opaque area or picture drawn after the text, a clip that leaves it out, a ground
of the same colour.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from extractors import native
from extractors.native import Bools, Floats, Ints

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]
Colour = tuple[int, int, int]

SAME_COLOUR = 10  # of 255: channels that differ by less look the same
SMALLEST = 30.0  # square points: smaller areas cover no number
CHUNK = 300  # areas compared with all texts at once
TINY = 1.6  # points: lower characters are dust to the eye
EDGE = 0.5  # points
MOST_CLIPS = 4
MOST_CLIP_PARTS = 12  # segments of a clip that are looked at; a rectangle has 4 or 5
NO_CLIP: Box = (-1e9, -1e9, 1e9, 1e9)


class Covers:
    """Notes the texts, areas, pictures and clips of a page in the order in which they are drawn."""

    def __init__(self) -> None:
        self._order: Ints = np.zeros(0, dtype=np.int64)  # of the texts: when each was drawn,
        self._items: list[int] = []  # its object,
        self._colour: Ints = np.zeros((0, 3), dtype=np.int64)
        self._box: Floats = np.zeros((0, 4))
        self._clips: dict[int, Box] = {}  # what its clips leave
        self._areas: list[tuple[int, Box, Colour | None, int]] = []  # order, box, colour (None: a picture), object

    def texts(self, order: Ints, items: list[int], colour: Ints, box: Floats) -> None:
        """The text objects that stand on the page: when each was drawn, its address, colour (n, 3) and box (n, 4)."""
        self._order, self._items, self._colour, self._box = order, items, colour, box

    def clips(self, texts: Sequence[Any], matrices: Sequence[Matrix]) -> None:
        """What the clips of these texts (handles, and the matrices of their forms) leave."""
        paths = native.handles(list(map(native.clip_of, texts)))
        counts = list(map(native.clip_paths, paths))
        for i in [i for i, count in enumerate(counts) if count > 0]:
            self._clips[i] = self._clipped(paths[i], min(counts[i], MOST_CLIPS), matrices[i])

    def area(self, order: int, box: Box | None, colour: Colour | None, item: int) -> None:
        if box is not None and (box[2] - box[0]) * (box[3] - box[1]) >= SMALLEST:
            self._areas.append((order, box, colour, item))

    def _clipped(self, path: Any, count: int, matrix: Matrix) -> Box:
        """The box that an object's clips leave, as displayed."""
        box = NO_CLIP
        for index in range(count):
            part = self._clip_part(path, index, matrix)
            if part is not None:
                box = (max(box[0], part[0]), max(box[1], part[1]), min(box[2], part[2]), min(box[3], part[3]))
        return box

    def _clip_part(self, path: Any, index: int, matrix: Matrix) -> Box | None:
        count = native.clip_segments(path, index)
        if not 0 < count <= MOST_CLIP_PARTS:
            return None
        parts = native.handles([native.clip_segment(path, index, number) for number in range(count)])
        points, _ = native.fetch(native.segment_point, (parts,), 2, np.float32)
        a, b, c, d, e, f = matrix
        xs, ys = [], []
        for x, y in points.tolist():
            xs.append(a * x + c * y + e)
            ys.append(b * x + d * y + f)
        return min(xs), min(ys), max(xs), max(ys)

    # -- verdicts --------------------------------------------------------------------------

    def unseen(self, text: native.TextPage, code: Ints, box: Floats, page: Any, document: Any) -> tuple[Bools, Bools]:
        """Which characters cannot be seen, and which digits belong to a number that a clip cuts off.

        A number whose front a frame cuts off is kept whole, as the file holds it (report writers let a narrow column cut the
        amounts at its right), and doubted; other text that is clipped away is not kept.

        `text`: the characters; `box`: as displayed.
        """
        unseen: Bools = (box[:, 3] - box[:, 1] < TINY) | (box[:, 2] - box[:, 0] < 0.05)
        clipped = np.zeros(len(box), dtype=np.bool_)
        suspects = self._suspects(page, document)
        if not suspects:
            return unseen, clipped
        x, y = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
        items = text.items()
        order = np.argsort(items, kind="stable")
        sought = np.array(list(suspects), dtype=np.int64)
        starts = np.searchsorted(items, sought, side="left", sorter=order).tolist()
        ends = np.searchsorted(items, sought, side="right", sorter=order).tolist()
        for places, start, end in zip(suspects.values(), starts, ends, strict=True):
            own = order[start:end]
            for (x0, top, x1, bottom), inside in places if len(own) else ():
                within = (x0 <= x[own]) & (x[own] <= x1) & (top <= y[own]) & (y[own] <= bottom)
                (unseen if inside else clipped)[own[within == inside]] = True
        cut, restored = _cut_off(clipped & ~unseen, items, code, box)
        return unseen | (clipped & ~restored), cut | restored

    def _suspects(self, page: Any, document: Any) -> dict[int, list[tuple[Box, bool]]]:
        """For each text object that may be hidden: boxes in which (True) or outside of which it is unseen."""
        found: dict[int, list[tuple[Box, bool]]] = {}
        if not self._items:
            return found
        for index, (x0, top, x1, bottom) in self._clips.items():
            left, high, right, low = self._box[index].tolist()
            if x0 > left + EDGE or top > high + EDGE or x1 < right - EDGE or bottom < low - EDGE:
                widened = (x0 - EDGE, top - EDGE, x1 + EDGE, bottom + EDGE)
                found.setdefault(self._items[index], []).append((widened, False))
        hides: dict[int, bool] = {}
        for index, area in self._covered(self._order, self._box):
            _, place, colour, drawn = self._areas[area]
            if area not in hides:
                hides[area] = colour is not None or opaque(document, page, drawn)
            if hides[area]:
                found.setdefault(self._items[index], []).append((place, True))
        for index in self._on_their_colour(self._order, self._box):
            found.setdefault(self._items[index], []).append((NO_CLIP, True))
        return found

    def _covered(self, order: Ints, box: Floats) -> list[tuple[int, int]]:
        """(text, area) where an area drawn later meets the text."""
        met: list[tuple[int, int]] = []
        for start in range(0, len(self._areas), CHUNK):
            part = self._areas[start : start + CHUNK]
            later = np.array([one[0] for one in part])[None, :] > order[:, None]
            if later.any():
                area = np.array([one[1] for one in part])
                low, high = area[None, :, :2] < box[:, None, 2:], area[None, :, 2:] > box[:, None, :2]
                pairs = np.nonzero(later & low.all(axis=2) & high.all(axis=2))
                met += [(int(i), start + int(j)) for i, j in zip(*pairs, strict=True)]
        return met

    def _on_their_colour(self, order: Ints, box: Floats) -> list[int]:
        """Texts whose ground, the last area drawn under their middle before them, has their own colour."""
        grounds = {one[2] for one in self._areas if one[2] is not None}
        if not grounds:
            return []
        red, green, blue = self._colour.T
        packed = (red * 256 + green) * 256 + blue  # a page has few colours: each is compared once
        own: dict[int, Colour] = {one: (one >> 16, one >> 8 & 255, one & 255) for one in set(packed.tolist())}
        near = [one for one, colour in own.items() if any(_alike(colour, ground) for ground in grounds)]
        result = []
        for index in np.isin(packed, near).nonzero()[0].tolist() if near else ():
            place = box[index].tolist()
            x, y = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
            under = [a for a in self._areas if a[0] < order[index] and _holds(a[1], x, y)]
            if under and (ground := max(under)[2]) is not None and _alike(own[int(packed[index])], ground):
                result.append(index)
        return result


def _cut_off(clipped: Bools, items: Any, code: Ints, box: Floats) -> tuple[Bools, Bools]:
    """(visible digits beside clipped ones of their number, the clipped front of such a number)."""
    cut, restored = np.zeros(len(clipped), dtype=np.bool_), np.zeros(len(clipped), dtype=np.bool_)
    if not clipped.any():
        return cut, restored
    numeric = ((code >= 48) & (code <= 57)) | (code == 44) | (code == 46)
    wide = np.minimum(box[:-1, 2] - box[:-1, 0], box[1:, 2] - box[1:, 0])
    beside = (np.abs(box[1:, 0] - box[:-1, 2]) < 0.5 * wide) & (np.abs(box[1:, 1] - box[:-1, 1]) < 2)
    beside &= (items[1:] == items[:-1]).astype(np.bool_) & numeric[1:] & numeric[:-1]
    pair = beside & (clipped[1:] != clipped[:-1])
    cut[1:] |= pair & clipped[:-1]
    cut[:-1] |= pair & clipped[1:]
    reached = cut.copy()
    while True:
        grown = reached.copy()
        grown[:-1] |= beside & reached[1:] & clipped[:-1]
        if (grown == reached).all():
            return cut, reached & clipped
        reached = grown


def _alike(one: Colour, other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < SAME_COLOUR


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def opaque(document: Any, page: Any, item: int) -> bool:
    """Whether a picture lets nothing shine through: no mask, no transparency."""
    handle = ctypes.cast(item, raw.FPDF_PAGEOBJECT)
    if raw.FPDFPageObj_HasTransparency(handle):
        return False
    bitmap = raw.FPDFImageObj_GetRenderedBitmap(document, page, handle)
    if not bitmap:
        return False
    try:
        if raw.FPDFBitmap_GetFormat(bitmap) != raw.FPDFBitmap_BGRA:
            return True
        height, stride = raw.FPDFBitmap_GetHeight(bitmap), raw.FPDFBitmap_GetStride(bitmap)
        start = ctypes.cast(raw.FPDFBitmap_GetBuffer(bitmap), ctypes.POINTER(ctypes.c_ubyte))
        alpha = np.ctypeslib.as_array(start, shape=(height, stride))[:, 3 : raw.FPDFBitmap_GetWidth(bitmap) * 4 : 4]
        return bool((alpha >= 250).mean() > 0.98)
    finally:
        raw.FPDFBitmap_Destroy(bitmap)
