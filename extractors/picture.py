"""The picture of a scanned page, made upright, straight and evenly lit, with the way back to points on the page.

The reader still sees the page as it is displayed: nothing here changes it, every box is mapped back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .tables import Box

Gray = npt.NDArray[np.uint8]
Affine = npt.NDArray[np.float64]  # 2 x 3

LEAST_DPI, MOST_DPI = 200.0, 300.0  # below, strokes are too thin for the rules' filters; above, only time is lost
MOST_PIXELS = 16_000_000
MOST_SKEW = 4.0  # degrees looked for, each way
LEGIBLE = 0.85  # a page that reads this well is the right way up
ILLEGIBLE = 0.5  # a page that reads worse may lie on its side
CLEARER = 0.08  # the other way up must read so much better
SHAPED = 1.6  # so many letters stand for each that lies (or the other way round): the direction is plain
NO_SKEW = 0.04  # degrees; less is left alone


@dataclass(slots=True)
class Picture:
    """`gray`: upright, straight, background white (255). `to_page` maps its pixels to points as displayed."""

    gray: Gray
    to_page: Affine
    unit: float  # pixels per point
    skew: float = 0.0  # degrees that were taken out
    quarter_turns: int = 0  # against the clock, that were taken out

    def box_on_page(self, box: tuple[float, float, float, float]) -> Box:
        """A box in pixels as the smallest box in points on the displayed page that holds it."""
        x0, y0, x1, y1 = box
        corners = np.array([[x0, y0, 1], [x1, y0, 1], [x0, y1, 1], [x1, y1, 1]], dtype=np.float64) @ self.to_page.T
        low, high = corners.min(axis=0), corners.max(axis=0)
        return (round(float(low[0]), 2), round(float(low[1]), 2), round(float(high[0]), 2), round(float(high[1]), 2))

    def from_page(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(n, 2) points on the displayed page as pixels."""
        inverse = np.linalg.inv(self.to_page[:, :2])
        return np.asarray((points - self.to_page[:, 2]) @ inverse.T)


def render(page: Any, dpi: float | None = None) -> tuple[Gray, float]:
    """A pypdfium2 page as displayed, gray, and its pixels per point; `dpi` is that of its largest image unless
    given."""
    width, height = page.get_size()
    scale = (dpi if dpi is not None else min(MOST_DPI, max(LEAST_DPI, native_dpi(page)))) / 72
    scale = min(scale, (MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    gray = np.array(bitmap.to_numpy(), dtype=np.uint8)
    bitmap.close()
    return (gray if gray.ndim == 2 else gray[..., 0]), scale


def native_dpi(page: Any) -> float:
    """Pixels an inch of the page's largest image."""
    import pypdfium2.raw as raw

    best, largest = LEAST_DPI, 0.0
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = item.get_bounds()
        area = (right - left) * (top - bottom)
        if area > largest > -1:
            pixels = item.get_px_size()
            largest, best = area, 72 * (pixels[0] * pixels[1] / area) ** 0.5
    return best


# -------------------------------------------------------------------------------------------- even light


def flatten(gray: Gray, unit: float) -> Gray:
    """The picture with its background made white: shadows, grey paper and fills go, white on dark becomes dark on
    white."""
    import cv2

    step = max(1, round(unit * 1.4))
    small = cv2.resize(gray, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    window = 2 * round(6 * unit / step) + 1
    middle = cv2.medianBlur(small, window)
    block = np.ones((max(3, round(9 * unit / step)),) * 2, np.uint8)
    reverse = cv2.morphologyEx(
        (middle < 100).astype(np.uint8), cv2.MORPH_OPEN, block
    )  # bold print is darker, but narrow
    paper = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((4, 4), np.uint8)), window)
    size = (gray.shape[1], gray.shape[0])
    ground = cv2.resize(np.where(reverse > 0, middle, paper), size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    light = gray * (255.0 / np.maximum(ground, 1.0))
    if not reverse.any():
        return np.asarray(light.clip(0, 255), np.uint8)
    dark = (255.0 - gray) * (255.0 / np.maximum(255.0 - ground, 1.0))
    turned = cv2.resize(reverse, size, interpolation=cv2.INTER_NEAREST) > 0
    return np.where(turned, dark, light).clip(0, 255).astype(np.uint8)


def ink(flat: Gray, share: float = 0.5) -> Gray:
    """1 where the flat picture is ink; `share` 0.5 cuts halfway between paper and the page's ink."""
    darkest = level_of(flat, 0.5)
    return np.asarray((flat < math.ceil(255 - share * (255 - min(darkest, 190.0)))).view(np.uint8))


def level_of(gray: Gray, percent: float) -> float:
    """The percentile of a picture's grey levels, as numpy gives it, from the 256 counts: ten times as fast."""
    import cv2

    reached = np.cumsum(cv2.calcHist([gray], [0], None, [256], [0, 256]).ravel().astype(np.int64))
    at = percent / 100 * (gray.size - 1)
    low, high = (int(np.searchsorted(reached, rank, side="right")) for rank in (math.floor(at), math.ceil(at)))
    return low + (high - low) * (at % 1.0)


# ------------------------------------------------------------------------------------- turned and skewed pages


def straighten(gray: Gray, unit: float, legible: Callable[[Picture], float] | None = None) -> Picture:
    """The page upright and straight. `legible` (0..1, below 0 where there is nothing to judge) says how well a picture's
    lines can be read: it tells a page from one that stands on its head or side, which is only tried where the first way up
    is not plainly legible."""
    flat = flatten(gray, unit)
    letters = _letters(ink(flat), unit)
    turns, skew = _direction(letters, unit)
    best = _turned(flat, unit, turns, skew)
    if legible is None:
        return best
    score = legible(best)
    for more, least in ((2, LEGIBLE), (1, ILLEGIBLE), (3, ILLEGIBLE)):
        if not 0 <= score < least:
            continue
        level = skew if more == 2 else _best_angle(_on_side(letters, turns + more), unit)[0]
        other = _turned(flat, unit, (turns + more) % 4, level)
        reads = legible(other)
        if reads > score + CLEARER:
            best, score = other, reads
    return best


def _turned(flat: Gray, unit: float, turns: int, skew: float) -> Picture:
    import cv2

    height, width = flat.shape
    upright: Any = np.ascontiguousarray(np.rot90(flat, turns)) if turns else flat
    back = _quarter_back(turns, width, height)
    if abs(skew) < NO_SKEW:
        skew = 0.0
        to_given = back
    else:
        high, wide = upright.shape
        turn = cv2.getRotationMatrix2D((wide / 2, high / 2), skew, 1.0)
        upright = cv2.warpAffine(upright, turn, (wide, high), flags=cv2.INTER_CUBIC, borderValue=255)
        to_given = (np.vstack([back, [0, 0, 1]]) @ np.vstack([cv2.invertAffineTransform(turn), [0, 0, 1]]))[:2]
    return Picture(np.asarray(upright, np.uint8), to_given / unit, unit, skew, turns)


def _quarter_back(turns: int, width: int, height: int) -> Affine:
    """From pixels of np.rot90(picture, turns) to pixels of the picture of `width` x `height`."""
    by_turn = {
        0: [[1, 0, 0], [0, 1, 0]],
        1: [[0, -1, width], [1, 0, 0]],
        2: [[-1, 0, width], [0, -1, height]],
        3: [[0, 1, 0], [-1, 0, height]],
    }
    return np.array(by_turn[turns % 4], dtype=np.float64)


@dataclass(slots=True)
class _Letters:
    """The ink of pieces of a letter's size: (n, 2) x, y, and how many pieces stand upright for one that lies (of those
    that do either). `width`, `height`: of the picture."""

    points: npt.NDArray[np.float64]
    upright: float
    width: int
    height: int


def _direction(letters: _Letters, unit: float) -> tuple[int, float]:
    """(quarter turns, skew in degrees) that make the text lines level. Letters and digits are higher than wide; only
    where their shapes do not tell it (touching letters, blots) the sharper rows do: right-aligned digits stand in columns
    sharper than any line."""
    if len(letters.points) < 200:
        return 0, 0.0
    if letters.upright > SHAPED:
        return 0, _best_angle(letters.points, unit)[0]
    skew_sideways, sharp_sideways = _best_angle(_on_side(letters, 3), unit)
    if letters.upright * SHAPED < 1:
        return 3, skew_sideways
    skew, sharp = _best_angle(letters.points, unit)
    return (3, skew_sideways) if sharp_sideways > 1.15 * sharp else (0, skew)


def _on_side(letters: _Letters, turns: int) -> npt.NDArray[np.float64]:
    """The points as np.rot90(picture, turns) has them, half turns aside: they change no slope."""
    x, y = letters.points.T
    return np.stack([letters.height - y, x], axis=1) if turns % 2 else letters.points


def _letters(dark: Gray, unit: float) -> _Letters:
    """The pieces of ink of a letter's size, rules and pictures left out; their points thinned to 60,000."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    larger = np.maximum(wide, high)
    letter = (larger < 22 * unit) & (larger > 1.5 * unit)
    letter[0] = False
    y, x = np.nonzero(letter[labels])
    step = max(1, len(x) // 60_000)
    points = np.stack([x[::step], y[::step]], axis=1).astype(np.float64)
    spread = np.arange(len(points))[:, None] * np.array([0.618034, 0.754878])  # inside the pixel: whole numbers would
    points = points + spread % 1.0  # fall into rows by themselves where the turn is none
    print_size = letter & (larger > 2.5 * unit) & (larger < 14 * unit)
    stand, lie = int((print_size & (high > 1.15 * wide)).sum()), int((print_size & (wide > 1.15 * high)).sum())
    return _Letters(points, (stand + 1) / (lie + 1), dark.shape[1], dark.shape[0])


def _best_angle(points: npt.NDArray[np.float64], unit: float) -> tuple[float, float]:
    """(degrees, sharpness): the turn under which the points fall into the sharpest rows."""
    best, sharp = 0.0, -1.0
    for span, step in ((MOST_SKEW, 0.25), (0.25, 0.05), (0.05, 0.01)):
        for degrees in np.arange(best - span, best + span + 1e-9, step):
            score = _sharpness(points, float(degrees), unit)
            if score > sharp * 1.0001:
                sharp, found = score, float(degrees)
        best = found
    return best, sharp


def _sharpness(points: npt.NDArray[np.float64], degrees: float, unit: float) -> float:
    rows = points[:, 1] - points[:, 0] * np.tan(np.radians(degrees))
    counts = np.bincount(((rows - rows.min()) / max(1.0, unit * 0.5)).astype(np.int64)).astype(np.float64)
    return float(np.square(np.diff(counts)).sum())
