"""Level bars in the picture of a page: thin, straight and dark along their length, with paper on both sides. Upright ones are
those of the picture on its side (`turned`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .picture import Gray, level_of

SHORTEST = 9.5  # points: a shorter bar is a letter or a dash
LONG = 40.0  # points: a bar of this length is no letter
THICKEST = 2.6  # points: a thicker bar is a fill or a picture
BLUR = 4.0  # points: the darkness of a rule is averaged over this length
FLANK = 0.5  # ink beside a rule is less dense than this share of its own
SOLID, SOLID_SHORT = 0.85, 0.95  # share of its length on which a rule is dark


def bars_of(flat: Gray, unit: float) -> Gray:
    """1 on level bars: dark along their length on the average, thin, with paper on both sides."""
    import cv2

    along = cv2.blur(flat, (max(3, round(BLUR * unit)), 1))
    reach = 2 * round(THICKEST * unit / 2) + 1
    thin = np.asarray(cv2.morphologyEx(along, cv2.MORPH_BLACKHAT, np.ones((reach, 1), np.uint8)), np.uint8)
    noise = level_of(thin, 50) * 2
    grain = cv2.blur(thin, (round(10 * unit),) * 2)  # a dithered fill or a photograph is thin and dark everywhere
    least = np.maximum(2.2 * np.arange(256), max(14.0, noise + 10)).clip(0, 255).astype(np.uint8)
    bars = cv2.compare(thin, cv2.LUT(grain, least), cv2.CMP_GT)
    bars = np.asarray(cv2.dilate(bars, np.ones((3, 1), np.uint8)), np.uint8)  # slope of a curled or skewed rule
    length = round(SHORTEST * unit)
    length += round(BLUR * unit)
    bars = cv2.morphologyEx(bars, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    return _ruled_only(flat, np.minimum(np.asarray(bars, np.uint8), 1), unit)


def turned(picture: Gray) -> Gray:
    """Rows as columns: what is level stands upright."""
    import cv2

    return np.asarray(cv2.transpose(picture), np.uint8)


@dataclass(slots=True)
class Bar:
    """One connected level bar: its box, its pixels' number, and which of the box are its own."""

    x: int
    y: int
    wide: int
    high: int
    area: int
    middle: float  # height
    body: npt.NDArray[np.bool_]  # (high, wide)


def each_bar(bars: Gray) -> list[Bar]:
    """The connected pieces of `bars`. Level bars stand on few rows of a page: only those are looked at."""
    import cv2

    inked = np.flatnonzero(bars.any(axis=1))
    rows = np.unique(np.concatenate([inked, inked + 1]))  # an empty row below each run keeps it from the next
    rows = rows[rows < len(bars)]
    if not len(rows):
        return []
    count, labels, stats, centre = cv2.connectedComponentsWithStats(bars[rows], connectivity=8)
    found = []
    for number in range(1, count):
        x, y, wide, high, area = (int(value) for value in stats[number])
        top = int(rows[y])
        body = labels[y : y + high, x : x + wide] == number
        found.append(Bar(x, top, wide, high, area, float(centre[number, 1]) - y + top, body))
    return found


def _ruled_only(flat: Gray, bars: Gray, unit: float) -> Gray:
    """Without bars that are rows of letters: those have ink just above or below nearly as dense as in the bar."""
    import cv2

    every = each_bar(bars)
    kept = np.zeros(len(every), np.bool_)
    strength, lengths = np.zeros(len(every)), np.array([bar.wide for bar in every]) / unit - BLUR
    flank = max(2, round(1.3 * unit))
    for number, bar in enumerate(every):
        x, y, wide, high, area = bar.x, bar.y, bar.wide, bar.high, bar.area
        if lengths[number] < SHORTEST:
            continue
        low, up = max(0, y - 2 * flank), min(flat.shape[0], y + high + 2 * flank)
        body = np.zeros((up - low, wide), np.uint8)
        body[y - low : y - low + high] = bar.body
        dark = 255 - flat[low:up, x : x + wide].astype(np.float32)
        near = np.zeros((2 * flank + 1, 1), np.uint8)
        near[: flank + 1] = 1
        above = np.asarray(cv2.dilate(body, near[::-1]), np.uint8) - body
        below = np.asarray(cv2.dilate(body, near), np.uint8) - body
        core: Any = cv2.erode(body, np.ones((3, 1), np.uint8)) if area > 3 * wide else body
        inside = _mean(dark, core if core.any() else body)
        beside = max(_mean(dark, above), _mean(dark, below))
        kept[number] = beside < FLANK * inside and _solid(dark, body, unit)
        strength[number] = inside
    sure = kept & (lengths >= LONG)
    if sure.any():  # beside real rules, short pale bars are the grain of a fill
        kept[(lengths < LONG) & (strength < 0.5 * np.median(strength[sure]))] = False
    result = np.zeros_like(bars)
    for number in np.flatnonzero(kept).tolist():
        bar = every[number]
        result[bar.y : bar.y + bar.high, bar.x : bar.x + bar.wide] |= bar.body
    return result


def _solid(dark: npt.NDArray[np.float32], body: npt.NDArray[np.uint8], unit: float) -> bool:
    """Dark on nearly all of its middle line: a row of small letters, or stems below each other, has gaps there."""
    rows = np.clip(np.round(centres(body > 0)), 1, body.shape[0] - 2).astype(np.int64)
    columns = np.arange(body.shape[1])
    along = np.maximum.reduce([dark[rows + off, columns] for off in (-1, 0, 1)])
    blurred = round(BLUR / 2 * unit)  # the bar was found in a picture blurred along its length
    along = along[blurred:-blurred] - float(np.percentile(dark, 25))
    share = float((along > 0.5 * np.percentile(along, 75)).mean())
    return share >= (SOLID_SHORT if len(along) < LONG * unit else SOLID)


def _mean(values: npt.NDArray[np.float32], where: npt.NDArray[np.uint8]) -> float:
    total = int(where.sum())
    return float((values * where).sum()) / total if total else 0.0


def centres(body: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The middle row of a bar at each of its columns, smoothed over breaks."""
    rows = np.arange(body.shape[0])[:, None]
    weight = body.sum(axis=0)
    middle = (rows * body).sum(axis=0) / np.maximum(weight, 1)
    known = np.flatnonzero(weight)
    return np.asarray(np.interp(np.arange(body.shape[1]), known, middle[known]))
