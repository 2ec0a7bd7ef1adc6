"""Ruling lines and cells from the picture of a page: thin straight dark bars, mended where they are broken, and the
white regions that they enclose.

A cell is a region, not a product of coordinates: so spans need no guessing, and a curled page does no harm. All
lengths are given in points and multiplied by the picture's `unit` (pixels per point).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .picture import Gray, level_of
from .picture_lost import Point, broken_uprights, lost_rules

Labels = npt.NDArray[np.int32]

SHORTEST = 9.5  # points: a shorter bar is a letter or a dash
LONG = 40.0  # points: a bar of this length is no letter
THICKEST = 2.6  # points: a thicker bar is a fill or a picture
REACH = 5.0  # points that a rule is lengthened at a loose end without any evidence
FAR_REACH = 70.0  # points that it is lengthened where it meets another rule there
BLUR = 4.0  # points: the darkness of a rule is averaged over this length
STUB = 9.0  # points: a rule that ends this near behind a crossing ends there; what stands over is blur or a letter
NEIGHBOUR = 2.5  # points: letters of a word stand nearer to each other
STEMS = 0.2  # share of a stem's length at which a stroke of its letter begins; half of it for its neighbour
BRIDGE = 0.06  # darkness (0..1) that makes a gap in a rule a faint piece of it
LEAST_CELL = 4.0  # points: a region less wide or high is the gap of a double rule
FLANK = 0.5  # ink beside a rule is less dense than this share of its own
SOLID, SOLID_SHORT = 0.85, 0.95  # share of its length on which a rule is dark
FULL = 0.55  # a cell fills at least this share of its box


@dataclass(frozen=True, slots=True)
class Region:
    """A white region enclosed by rules: its box in pixels and its number in `Rules.labels`."""

    label: int
    x0: int
    top: int
    x1: int
    bottom: int
    full: float  # share of its box that it fills


@dataclass(slots=True)
class Rules:
    """The rules of a picture. `mask` is 1 on rules; `labels` numbers the regions between them; `regions` are the
    cells; `loose` (n, 3) are long level rules `y, x0, x1` in pixels that enclose nothing."""

    mask: Gray
    labels: Labels
    regions: list[Region]
    loose: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))


def find_rules(flat: Gray, unit: float) -> Rules:
    """The rules and the regions that they enclose in a straight, evenly lit picture."""
    level = _bars(flat, unit)
    upright = _turned(_bars(_turned(flat), unit))
    if not level.any() and not upright.any():  # a page of prose
        return Rules(level, np.ones(flat.shape, np.int32), [])
    level, upright = _mended(flat, level, upright, unit)
    mask = _without_lonely(np.maximum(level, upright), level, upright, unit)
    if not mask.any():
        return Rules(mask, np.ones(flat.shape, np.int32), [], _loose(level, mask, unit))
    labels, regions = _regions(mask, unit)
    if missing := broken_uprights(flat, mask, labels, regions, unit):
        labels, regions = _drawn(mask, missing, unit)
    if missing := lost_rules(flat, regions, unit):
        labels, regions = _drawn(mask, missing, unit)
    return Rules(mask, labels, regions, _loose(level, mask, unit))


def _drawn(mask: Gray, missing: list[tuple[Point, Point]], unit: float) -> tuple[Labels, list[Region]]:
    """The regions after rules were drawn into the mask."""
    import cv2

    for start, stop in missing:
        cv2.line(mask, start, stop, 1, 2)
    return _regions(mask, unit)


def _loose(level: Gray, mask: Gray, unit: float) -> npt.NDArray[np.float64]:
    """Long level bars outside the nets of rules."""
    import cv2

    alone = np.where(cv2.dilate(mask, np.ones((5, 5), np.uint8)) > 0, 0, level).astype(np.uint8)
    long = [(bar.middle, bar.x, bar.x + bar.wide) for bar in _each_bar(alone) if bar.wide >= LONG * unit]
    return np.array(long, dtype=np.float64).reshape(-1, 3)


# ------------------------------------------------------------------------------------------------- bars


def _bars(flat: Gray, unit: float) -> Gray:
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


def _turned(picture: Gray) -> Gray:
    """Rows as columns: what is level stands upright."""
    import cv2

    return np.asarray(cv2.transpose(picture), np.uint8)


@dataclass(slots=True)
class _Bar:
    """One connected level bar: its box, its pixels' number, and which of the box are its own."""

    x: int
    y: int
    wide: int
    high: int
    area: int
    middle: float  # height
    body: npt.NDArray[np.bool_]  # (high, wide)


def _each_bar(bars: Gray) -> list[_Bar]:
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
        found.append(_Bar(x, top, wide, high, area, float(centre[number, 1]) - y + top, body))
    return found


def _ruled_only(flat: Gray, bars: Gray, unit: float) -> Gray:
    """Without bars that are rows of letters: those have ink just above or below nearly as dense as in the bar."""
    import cv2

    every = _each_bar(bars)
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
    rows = np.clip(np.round(_centres(body > 0)), 1, body.shape[0] - 2).astype(np.int64)
    columns = np.arange(body.shape[1])
    along = np.maximum.reduce([dark[rows + off, columns] for off in (-1, 0, 1)])
    blurred = round(BLUR / 2 * unit)  # the bar was found in a picture blurred along its length
    along = along[blurred:-blurred] - float(np.percentile(dark, 25))
    share = float((along > 0.5 * np.percentile(along, 75)).mean())
    return share >= (SOLID_SHORT if len(along) < LONG * unit else SOLID)


def _mean(values: npt.NDArray[np.float32], where: npt.NDArray[np.uint8]) -> float:
    total = int(where.sum())
    return float((values * where).sum()) / total if total else 0.0


# --------------------------------------------------------------------------------------- broken and open rules


@dataclass(slots=True)
class _End:
    """A loose end of a level bar: where it is, where it points (+1 right, -1 left), the bar's slope and length."""

    x: int
    y: float
    way: int
    slope: float
    length: int


def _mended(flat: Gray, level: Gray, upright: Gray, unit: float) -> tuple[Gray, Gray]:
    """Both kinds of bars lengthened over breaks, then open sides of tables closed."""
    on_side = _turned(flat)
    for _ in range(2):
        before = level, upright
        level = _lengthened(flat, before[0], before[1], unit)
        upright = _turned(_lengthened(on_side, _turned(before[1]), _turned(before[0]), unit))
        if all(np.array_equal(old, new) for old, new in zip(before, (level, upright), strict=True)):
            break
    level, upright = _trimmed(level, upright, unit), _turned(_trimmed(_turned(upright), _turned(level), unit))
    upright = _turned(_without_stems(on_side, _turned(upright), _turned(level), unit))
    level_closed = _closed_sides(level, upright, unit)
    upright_closed = _turned(_closed_sides(_turned(upright), _turned(level), unit))
    return np.maximum(level, upright_closed), np.maximum(upright, level_closed)


def _ends(bars: Gray, others: Gray, unit: float) -> list[_End]:
    """The loose ends of level `bars`: those with none of the `others` near."""
    import cv2

    near = round(2.2 * unit)
    met = cv2.dilate(others, np.ones((2 * near + 1, 2 * near + 1), np.uint8))
    ends = []
    for bar in _each_bar(bars):
        x, y, wide = bar.x, bar.y, bar.wide
        centre = _centres(bar.body)
        tail = min(wide, round(25 * unit))
        for way, part, at in ((-1, centre[:tail], x), (1, centre[-tail:], x + wide - 1)):
            slope = float(np.polyfit(np.arange(len(part)), part, 1)[0]) if len(part) > 8 else 0.0
            end = y + float(part[0] if way < 0 else part[-1])
            stub = part[: round(STUB * unit)] if way < 0 else part[-round(STUB * unit) :]
            across = at - way * np.arange(len(stub))
            rows = np.clip(np.round(y + (stub if way < 0 else stub[::-1])), 0, met.shape[0] - 1).astype(np.int64)
            if not met[rows, across].any():
                ends.append(_End(at, end, way, slope, wide))
    return ends


def _trimmed(bars: Gray, others: Gray, unit: float) -> Gray:
    """Level `bars` without the short pieces that stand over behind their last crossings."""
    import cv2

    crossed = cv2.dilate(others, np.ones((3, 3), np.uint8))
    result = bars.copy()
    for bar in _each_bar(bars):
        x, y, wide, high, body = bar.x, bar.y, bar.wide, bar.high, bar.body
        at = np.flatnonzero((body & (crossed[y : y + high, x : x + wide] > 0)).any(axis=0))
        if not len(at):
            continue
        for start, stop in ((0, int(at[0])), (int(at[-1]) + 1, wide)):
            if 0 < stop - start <= STUB * unit:
                result[y : y + high, x + start : x + stop][body[:, start:stop]] = 0
    return result


def _without_stems(flat: Gray, bars: Gray, others: Gray, unit: float) -> Gray:
    """`bars` (on their side) without the letters' stems that carry them on through a low row: at an end of theirs, with
    a stroke that begins at them and other print near on the other side, or shorter than the row and beside print."""
    import cv2

    crossed = cv2.dilate(others, np.ones((3, 3), np.uint8))
    near, off = round(0.5 * unit) + 1, round(NEIGHBOUR * unit)
    result = bars.copy()
    for bar in _each_bar(bars):
        rows, across = slice(bar.y, bar.y + bar.high), slice(bar.x, bar.x + bar.wide)
        met = np.flatnonzero((bar.body & (crossed[rows, across] > 0)).any(axis=0))
        gaps = np.flatnonzero(np.diff(met) > 2 * unit)
        for gap in {0, len(gaps) - 1} if len(gaps) > 1 else ():
            start, stop = int(met[gaps[gap]]) + 1, int(met[gaps[gap] + 1])
            if stop - start > STUB * unit:
                continue
            y = bar.y + round(float(_centres(bar.body)[start:stop].mean()))
            part = 255.0 - flat[max(0, y - off) : y + off + 1, bar.x + start : bar.x + stop].astype(np.float32)
            at = min(y, off)
            dark = part > 0.4 * np.percentile(part[at - 1 : at + 2].max(axis=0), 75)
            sides = dark[: at - near][::-1], dark[at + near + 1 :]
            through = float(dark[at - 1 : at + 2].any(axis=0).mean()) >= SOLID
            beside = [float(side.any(axis=0).mean()) for side in sides if side.size]
            touched = [float(side[:2].any(axis=0).mean()) for side in sides if side.size]
            letter = min(beside, default=0.0) >= 0.5 * STEMS and max(touched, default=0.0) >= STEMS
            if letter or (not through and max(beside, default=0.0) >= STEMS):
                result[rows, bar.x + start : bar.x + stop][bar.body[:, start:stop]] = 0
    return result


def _centres(body: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The middle row of a bar at each of its columns, smoothed over breaks."""
    rows = np.arange(body.shape[0])[:, None]
    weight = body.sum(axis=0)
    middle = (rows * body).sum(axis=0) / np.maximum(weight, 1)
    known = np.flatnonzero(weight)
    return np.asarray(np.interp(np.arange(body.shape[1]), known, middle[known]))


def _lengthened(flat: Gray, bars: Gray, others: Gray, unit: float) -> Gray:
    """Level `bars` with their loose ends carried to the next rule: a true table has no loose ends."""
    import cv2

    ends = _ends(bars, others, unit)
    if len(ends) > 2000:  # a photograph or a raster, no rules
        return bars
    result = bars.copy()
    for end in ends:
        reach = _way_to_next(flat, bars, others, end, unit)
        if reach:
            to = (end.x + end.way * reach, round(end.y + end.slope * end.way * reach))
            cv2.line(result, (end.x, round(end.y)), to, 1, 2)
    return result


def _way_to_next(flat: Gray, bars: Gray, others: Gray, end: _End, unit: float) -> int:
    """How many pixels to lengthen a rule at its loose end; 0 where nothing is met."""
    height, width = bars.shape
    far = width if end.way > 0 else end.x
    room = min(width - 1 - end.x if end.way > 0 else end.x, far)
    if room <= 1:
        return 0
    steps = np.arange(1, room + 1)
    xs = end.x + end.way * steps
    ys = np.clip(np.round(end.y + end.slope * end.way * steps), 1, height - 2).astype(np.int64)
    slack = max(1, round(0.7 * unit))
    own, cross = np.zeros(len(steps), np.bool_), np.zeros(len(steps), np.bool_)
    for off in range(-slack, slack + 1):
        rows = np.clip(ys + off, 0, height - 1)
        own |= bars[rows, xs] > 0
        cross |= others[rows, xs] > 0
    own[: max(1, round(0.5 * unit))] = False  # its own end
    found = np.flatnonzero(own | cross)
    if not len(found):
        return 0
    distance = int(steps[found[0]])
    sure = FAR_REACH if own[found[0]] else REACH  # the other half of a broken rule, or a rule that it should meet
    if distance <= sure * unit and not _through_text(flat, xs[:distance], ys[:distance]):
        return distance
    return distance if _darkness(flat, xs[:distance], ys[:distance], unit) > BRIDGE else 0


def _through_text(flat: Gray, xs: npt.NDArray[np.int64], ys: npt.NDArray[np.int64]) -> bool:
    """Whether a way over paper crosses letters: dark here and there."""
    share = float((flat[ys, xs] < 150).mean())
    return 0.05 < share < 0.6


def _darkness(flat: Gray, xs: npt.NDArray[np.int64], ys: npt.NDArray[np.int64], unit: float) -> float:
    """Mean darkness (0..1) along a way, over that beside it: a faint rule shows, text does not."""
    offset = max(3, round(2.0 * unit))
    rows = [255.0 - flat[np.clip(ys + off, 0, flat.shape[0] - 1), xs] for off in (-1, 0, 1)]
    beside = [255.0 - flat[np.clip(ys + off, 0, flat.shape[0] - 1), xs] for off in (-offset, offset)]
    on = max(float(np.percentile(row, 30)) for row in rows)
    return (on - max(float(np.median(row)) for row in beside)) / 255


def _closed_sides(bars: Gray, others: Gray, unit: float) -> Gray:
    """Upright lines where three or more level bars end loosely below each other: a table without an outer border."""
    import cv2

    drawn = np.zeros_like(bars)
    slack = 3.0 * unit
    ends = _ends(bars, others, unit)
    for way in (-1, 1):
        loose = sorted((end for end in ends if end.way == way), key=lambda end: end.x)
        group: list[_End] = []
        for end in [*loose, None]:
            if group and (end is None or end.x - group[-1].x > slack):
                if sum(one.length >= LONG * unit for one in group) >= 3:
                    x = round(float(np.median([one.x for one in group])))
                    low, high = min(one.y for one in group), max(one.y for one in group)
                    cv2.line(drawn, (x, round(low)), (x, round(high)), 1, 2)
                    for one in group:
                        cv2.line(drawn, (one.x, round(one.y)), (x, round(one.y)), 1, 2)
                group = []
            if end is not None:
                group.append(end)
    return drawn


def _without_lonely(mask: Gray, level: Gray, upright: Gray, unit: float) -> Gray:
    """Nets of rules only: an underline or a margin line that crosses nothing encloses nothing and is left in the
    text."""
    import cv2

    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    both = np.zeros((count, 2), np.bool_)
    both[labels[level > 0], 0] = True
    both[labels[upright > 0], 1] = True
    keep = both.all(axis=1) & (stats[:, 2:4].max(axis=1) >= LONG * unit)  # less is a large letter
    keep[0] = False
    return np.asarray(keep[labels] * joined, np.uint8)


# ------------------------------------------------------------------------------------------------ regions


def _regions(mask: Gray, unit: float) -> tuple[Labels, list[Region]]:
    """The enclosed white regions that may be cells: no double-rule gaps, no rings around other regions."""
    import cv2

    barrier = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    barrier[0], barrier[-1], barrier[:, 0], barrier[:, -1] = 0, 0, 0, 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - barrier, connectivity=4)
    outside = int(labels[0, 0])
    regions = []
    for number in range(1, count):
        x, y, wide, high, area = (int(value) for value in stats[number])
        full = area / max(1, wide * high)
        if number != outside and min(wide, high) >= LEAST_CELL * unit and full >= FULL:
            regions.append(Region(number, x, y, x + wide, y + high, full))
    return np.asarray(labels, np.int32), regions
