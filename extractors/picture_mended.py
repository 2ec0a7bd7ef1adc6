"""Rules that are broken or end too soon, made whole: lengthened where ink goes on or another rule is near, closed at the sides of
tables, and cut where letters hang on to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .picture import Gray
from .picture_bars import LONG, SOLID, centres, each_bar, turned

REACH = 5.0  # points that a rule is lengthened at a loose end without any evidence
FAR_REACH = 70.0  # points that it is lengthened where it meets another rule there
STUB = 9.0  # points: a rule that ends this near behind a crossing ends there; what stands over is blur or a letter
NEIGHBOUR = 2.5  # points: letters of a word stand nearer to each other
STEMS = 0.2  # share of a stem's length at which a stroke of its letter begins; half of it for its neighbour
BRIDGE = 0.06  # darkness (0..1) that makes a gap in a rule a faint piece of it


@dataclass(slots=True)
class _End:
    """A loose end of a level bar: where it is, where it points (+1 right, -1 left), the bar's slope and length."""

    x: int
    y: float
    way: int
    slope: float
    length: int


def mended(flat: Gray, level: Gray, upright: Gray, unit: float) -> tuple[Gray, Gray]:
    """Both kinds of bars lengthened over breaks, then open sides of tables closed."""
    on_side = turned(flat)
    for _ in range(2):
        before = level, upright
        level = _lengthened(flat, before[0], before[1], unit)
        upright = turned(_lengthened(on_side, turned(before[1]), turned(before[0]), unit))
        if all(np.array_equal(old, new) for old, new in zip(before, (level, upright), strict=True)):
            break
    level, upright = _trimmed(level, upright, unit), turned(_trimmed(turned(upright), turned(level), unit))
    upright = turned(_without_stems(on_side, turned(upright), turned(level), unit))
    level_closed = _closed_sides(level, upright, unit)
    upright_closed = turned(_closed_sides(turned(upright), turned(level), unit))
    return np.maximum(level, upright_closed), np.maximum(upright, level_closed)


def _ends(bars: Gray, others: Gray, unit: float) -> list[_End]:
    """The loose ends of level `bars`: those with none of the `others` near."""
    import cv2

    near = round(2.2 * unit)
    met = cv2.dilate(others, np.ones((2 * near + 1, 2 * near + 1), np.uint8))
    ends = []
    for bar in each_bar(bars):
        x, y, wide = bar.x, bar.y, bar.wide
        centre = centres(bar.body)
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
    for bar in each_bar(bars):
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
    for bar in each_bar(bars):
        rows, across = slice(bar.y, bar.y + bar.high), slice(bar.x, bar.x + bar.wide)
        met = np.flatnonzero((bar.body & (crossed[rows, across] > 0)).any(axis=0))
        gaps = np.flatnonzero(np.diff(met) > 2 * unit)
        for gap in {0, len(gaps) - 1} if len(gaps) > 1 else ():
            start, stop = int(met[gaps[gap]]) + 1, int(met[gaps[gap] + 1])
            if stop - start > STUB * unit:
                continue
            y = bar.y + round(float(centres(bar.body)[start:stop].mean()))
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
