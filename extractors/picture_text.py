"""Pieces of ink gathered to text lines, and the picture of one line cut out clean for a recogniser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .picture import Gray
from .picture_rules import Rules

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TOO_TALL = 2.4  # letter heights: a taller piece among letters is a stroke of a stamp or a signature
TALLEST = 30.0  # points: a piece taller is a picture
GAP = 2.4  # times the letter height: a wider gap parts two lines that stand side by side
WIDER, WIDEST = 1.15, 1.7  # times a digit's width: a digit and the mark that touches it
DASH = 0.3  # letter heights: a dash is wider and less high
MARGIN = 0.18  # of the letter height, left around a line for the recogniser


@dataclass(slots=True)
class Ink:
    """The pieces of ink of a page: `labels` per pixel (0 is paper), and for each piece its box (x0, top, x1, bottom) in
    pixels, its area and the region (`Rules.labels`) it stands in. `letter` is the usual height of a letter in
    pixels."""

    flat: Gray
    labels: npt.NDArray[np.int32]
    box: Floats
    area: Floats
    region: Ints
    letter: float
    tall: npt.NDArray[np.bool_]  # by piece: too tall for print (a stamp, a signature, a picture)


@dataclass(slots=True)
class InkLine:
    """One line of text: its pieces and their box in pixels."""

    pieces: Ints
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x0, top, x1, bottom in pixels."""
        return self.x0, self.top, self.x1, self.bottom


def find_ink(flat: Gray, rules: Rules, unit: float) -> Ink:
    """The pieces of ink that may be text: rules and pictures left out."""
    import cv2

    from .picture import ink

    clean = flat.copy()
    if rules.mask.any():
        clean[cv2.dilate(rules.mask, np.ones((3, 3), np.uint8)) > 0] = 255
    dark = ink(clean, 0.42)
    _, labels, stats, middle = cv2.connectedComponentsWithStats(dark, connectivity=8)
    box = stats[:, :4].astype(np.float64)
    box[:, 2:] += box[:, :2]
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    wide, high = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    good = high <= TALLEST * unit  # of any smallness: in small print a point is a pixel or two
    remains = _remains_of_rules(box, rules, unit)
    good &= ~remains
    good[0] = False
    letters = good & (high > 2.5 * unit) & (high < 14 * unit) & (wide < 14 * unit)
    letter = float(np.median(high[letters])) if letters.any() else 6 * unit
    x = np.clip(middle[:, 0].astype(np.int64), 0, flat.shape[1] - 1)
    y = np.clip(middle[:, 1].astype(np.int64), 0, flat.shape[0] - 1)
    region = rules.labels[y, x].astype(np.int64)
    for shift in (-1, 1):  # a middle that falls onto a rule
        on_rule = region == 0
        region[on_rule] = rules.labels[np.clip(y + shift * round(unit), 0, flat.shape[0] - 1), x][on_rule]
    region[~good] = -1
    tall = (high > TOO_TALL * letter) & (wide > 0.1 * letter) & ~remains
    tall[0] = False
    return Ink(clean, np.asarray(labels, np.int32), box, area, region, letter, tall)


def _remains_of_rules(box: Floats, rules: Rules, unit: float) -> npt.NDArray[np.bool_]:
    """Slivers along a rule that the erasing left: thin, and touching the rule's neighbourhood on their whole length."""
    import cv2

    if not rules.mask.any():
        return np.zeros(len(box), np.bool_)
    near = cv2.dilate(rules.mask, np.ones((2 * round(0.8 * unit) + 3,) * 2, np.uint8))
    total = cv2.integral(near)
    x0, y0, x1, y1 = (box[:, i].astype(np.int64) for i in range(4))
    covered = total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]
    wide, high = x1 - x0, y1 - y0
    return np.asarray((covered > 0.8 * wide * high) & (np.minimum(wide, high) <= max(2.0, 0.9 * unit)))


def lines_in(ink: Ink, pieces: Ints, side_by_side: bool) -> list[InkLine]:
    """The text lines that `pieces` form, top to bottom; with `side_by_side` lines are parted at wide gaps."""
    if not len(pieces):
        return []
    box = ink.box[pieces]
    high = box[:, 3] - box[:, 1]
    core = (high >= 0.55 * ink.letter) & (high <= 2.2 * ink.letter)
    if not core.any():
        core = high >= 0.45 * high.max()
    bands = _bands(box[core], ink.letter)
    middle = (box[:, 1] + box[:, 3]) / 2
    # a piece belongs to the band whose body is nearest: marks below and above the letters too
    distance = np.stack([np.maximum(np.maximum(low - middle, middle - up), 0) for low, up in bands])
    centre = np.stack([np.abs(middle - (low + up) / 2) for low, up in bands])
    nearest = np.lexsort((centre, distance), axis=0)[0]
    nearest[distance.min(axis=0) > 0.7 * ink.letter] = -1  # dirt between the lines
    lines: list[InkLine] = []
    for number in range(len(bands)):
        own = pieces[nearest == number]
        lines += [line for part in _parts(ink, own, side_by_side) if (line := _line(ink, part)) is not None]
    return lines + _dash_below(ink, pieces[nearest == -1], lines)


def _dash_below(ink: Ink, rest: Ints, lines: list[InkLine]) -> list[InkLine]:
    """The dash of an amount (`1.250.000,-`) that stands alone in the last line of a narrow cell."""
    box = ink.box[rest]
    wide, high = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    shaped = (
        (wide >= 1.6 * high) & (wide >= DASH * ink.letter) & (wide <= 1.2 * ink.letter) & (high <= DASH * ink.letter)
    )
    if not lines or shaped.sum() != 1:
        return []
    (which,) = np.flatnonzero(shaped)
    (x0, top, x1, bottom), above = box[which].tolist(), lines[-1]
    near = above.x0 <= x0 and x1 <= above.x1 + ink.letter and 0 < top - above.bottom < 1.5 * ink.letter
    return [InkLine(rest[[which]], x0, top, x1, bottom)] if near else []


def _bands(box: Floats, letter: float) -> list[tuple[float, float]]:
    """(top, bottom) of each row of letters, from the letters' middles."""
    order = np.argsort((box[:, 1] + box[:, 3]) / 2)
    bands: list[list[float]] = []
    for top, bottom in box[order][:, [1, 3]]:
        centre = (top + bottom) / 2
        if bands:
            low, up, n = bands[-1]
            if centre < (low + up) / 2 + 0.55 * letter:
                bands[-1] = [(low * n + top) / (n + 1), (up * n + bottom) / (n + 1), n + 1]
                continue
        bands.append([top, bottom, 1])
    merged: list[tuple[float, float]] = []
    for low, up, _ in bands:  # commas below the letters of their line form no line
        if merged and merged[-1][1] - low > 0.25 * min(up - low, merged[-1][1] - merged[-1][0]):
            if up - low > merged[-1][1] - merged[-1][0]:
                merged[-1] = (low, up)
        else:
            merged.append((low, up))
    return merged


def _parts(ink: Ink, pieces: Ints, side_by_side: bool) -> list[Ints]:
    if not side_by_side or not len(pieces):
        return [pieces] if len(pieces) else []
    order = pieces[np.argsort(ink.box[pieces, 0])]
    reach = np.maximum.accumulate(ink.box[order, 2])
    gaps = np.flatnonzero(ink.box[order, 0][1:] - reach[:-1] > GAP * ink.letter) + 1
    return list(np.split(order, gaps))


def _line(ink: Ink, pieces: Ints) -> InkLine | None:
    """The pieces as a line, without dirt far from its letters; None for dirt: a line without one piece of a letter's
    size or of a dash's shape."""
    box = ink.box[pieces]
    high, wide = box[:, 3] - box[:, 1], box[:, 2] - box[:, 0]
    solid = (high >= 0.4 * ink.letter) | ((wide >= 0.25 * ink.letter) & (wide >= 1.6 * high))
    if not solid.any():
        return None
    left, right = box[solid, 0].min(), box[solid, 2].max()
    near = solid | ((box[:, 0] > left - ink.letter) & (box[:, 2] < right + ink.letter))
    pieces, box = pieces[near], box[near]
    pieces = _without_dirt_at_ends(ink, pieces)
    box = ink.box[pieces]
    return InkLine(pieces, *(float(v) for v in (box[:, 0].min(), box[:, 1].min(), box[:, 2].max(), box[:, 3].max())))


def _without_dirt_at_ends(ink: Ink, pieces: Ints) -> Ints:
    """Without single dots that stand off before the first or behind the last letter."""
    order = pieces[np.argsort(ink.box[pieces, 0])]
    for end, gap in ((0, 0.3), (-1, 0.5)):
        while len(order) > 1:
            x0, top, x1, bottom = ink.box[order[end]]
            rest = np.delete(order, end)
            off = ink.box[rest, 0].min() - x1 if end == 0 else x0 - ink.box[rest, 2].max()
            dot = max(x1 - x0, bottom - top) < 0.4 * ink.letter and x1 - x0 < 1.6 * (bottom - top)
            if not dot or off < gap * ink.letter:
                break
            order = rest
    return order


def is_dash(ink: Ink, line: InkLine) -> bool:
    """True for a lone dash: recognisers lose it, its shape does not."""
    big = line.pieces[ink.area[line.pieces] >= 0.25 * ink.area[line.pieces].max()]
    if len(big) != 1:
        return False
    x0, top, x1, bottom = ink.box[big[0]]
    wide, high = x1 - x0, bottom - top
    return bool(high <= 0.32 * ink.letter and 1.5 * high <= wide <= 2.0 * ink.letter and wide >= 0.22 * ink.letter)


def marks_lost(ink: Ink, pieces: Ints) -> bool:
    """Whether the few pieces of a cell without a line look like print: a dash, or dots that stand above each other or
    in a row, not a speck alone."""
    box = ink.box[pieces]
    wide, high = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    some = np.maximum(wide, high) >= 0.12 * ink.letter
    return bool(((wide >= 1.6 * high) & some).any() or (some.sum() >= 2 and some.sum() <= 4))


def cut(ink: Ink, line: InkLine, gently: bool = False) -> Gray:
    """The picture of `line` alone: what belongs to other lines, to rules and to dirt is painted over; `gently`: only
    the letters of other lines, so that a second reader sees what the first was spared (a stamp, a signature)."""
    import cv2

    margin = max(2, round(MARGIN * ink.letter))
    x0, top = max(0, int(line.x0) - margin), max(0, int(line.top) - margin)
    x1, bottom = int(line.x1) + margin, int(line.bottom) + margin
    labels = ink.labels[top:bottom, x0:x1]
    picture = ink.flat[top:bottom, x0:x1].copy()
    other = (labels > 0) & ~np.isin(labels, line.pieces)
    if gently:
        high = ink.box[:, 3] - ink.box[:, 1]
        other &= ((high >= 0.5 * ink.letter) & (ink.region >= 0))[labels]
    if other.any():
        halo = cv2.dilate(other.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        picture[halo & ~np.isin(labels, line.pieces)] = 255
    slope = _slope(ink, line)
    if not slope:
        return np.asarray(picture, np.uint8)
    high, wide = picture.shape  # a curled or unevenly fed page: this line alone is made level
    level = cv2.warpAffine(
        picture, np.array([[1.0, 0.0, 0.0], [-slope, 1.0, slope * wide / 2]]), (wide, high), borderValue=255
    )
    spare = min(int(abs(slope) * (line.x1 - line.x0) / 2), (high - 2) // 2)  # of a stroke nothing would be left
    return np.asarray(level[spare : high - spare], np.uint8)


def digit_shape(ink: Ink, lines: Sequence[InkLine], texts: Sequence[str]) -> float:
    """Width over height of the usual digit, from lines of digits whose ink falls into as many pieces; 0 for none."""
    shapes: list[float] = []
    for line, text in zip(lines, texts, strict=True):
        box = ink.box[line.pieces]
        high = box[:, 3] - box[:, 1]
        tall = high >= 0.6 * ink.letter
        if re.fullmatch(r"[\d.,]+", text) and int(tall.sum()) == sum(c.isdigit() for c in text):
            shapes += ((box[tall, 2] - box[tall, 0]) / high[tall]).tolist()
    return float(np.percentile(shapes, 75)) if len(shapes) >= 8 else 0.0  # a 1 is narrower


def points_seen(ink: Ink, line: InkLine, percent: bool = False, shape: float = 0.0) -> int:
    """How many points and commas the ink of a line of digits shows, at least: small pieces on the base line, and pieces
    that hang below it or, where the `shape` of a digit is known, are too wide for one digit and too narrow for two. A
    mark that is paler than print may be missed. With `percent` the last letter is left out: it falls to pieces."""
    box = ink.box[line.pieces]
    if percent:
        box = box[box[:, 0] < line.x1 - 1.6 * ink.letter]
    high, wide = box[:, 3] - box[:, 1], box[:, 2] - box[:, 0]
    tall = high >= 0.6 * ink.letter
    if not tall.any():
        return 0
    base, size = float(np.percentile(box[tall, 3], 20)), float(np.median(high[tall]))
    small = ~tall & (high < 0.5 * size) & (wide < 0.5 * size) & (box[:, 1] > base - 0.5 * size)
    small &= np.maximum(high, wide) >= 0.12 * size
    common = np.minimum(box[:, None, 2], box[None, :, 2]) - np.maximum(box[:, None, 0], box[None, :, 0])
    np.fill_diagonal(common, 0)
    small &= (common > 0.5 * wide[:, None]).sum(axis=1) == 0  # else the foot of a letter that fell to pieces
    hanging = tall & (box[:, 3] > base + max(1.5, 0.14 * size))
    if shape:
        hanging |= tall & (wide > WIDER * shape * high) & (wide < WIDEST * shape * high)
    return int(small.sum() + hanging.sum())


def _slope(ink: Ink, line: InkLine) -> float:
    """Rise of the line, pixels by pixel of its length; 0 where it is level or too short to tell."""
    box = ink.box[line.pieces]
    high = box[:, 3] - box[:, 1]
    core = box[(high >= 0.55 * ink.letter) & (high <= 2.2 * ink.letter)]
    if len(core) < 8 or line.x1 - line.x0 < 10 * ink.letter:
        return 0.0
    x, y = (core[:, 0] + core[:, 2]) / 2, core[:, 3]
    order = np.argsort(x)
    third = max(2, len(core) // 3)
    first, last = order[:third], order[-third:]
    run = float(np.median(x[last]) - np.median(x[first]))
    slope = float(np.median(y[last]) - np.median(y[first])) / max(run, 1.0)
    return slope if abs(slope) * (line.x1 - line.x0) > 0.2 * ink.letter else 0.0


def spaced(text: str, steps: tuple[float, ...], ink: Ink, line: InkLine) -> str:
    """`text` with the blanks put in that the gaps between the pieces of ink show and the recogniser left out."""
    gaps = _gaps(ink, line)
    if not gaps or len(steps) != len(text):
        return text
    out = []
    for i, character in enumerate(text):
        if i and character != " " and text[i - 1] != " ":
            least = 0.38 if character.isalpha() and text[i - 1].isalpha() else 0.8  # a 1 stands in the room of an 8
            if any(steps[i - 1] < at < steps[i] and wide > least * ink.letter for at, wide in gaps):
                out.append(" ")
        out.append(character)
    return "".join(out)


def _gaps(ink: Ink, line: InkLine) -> list[tuple[float, float]]:
    """The gaps between pieces: (middle, 0..1 of the cut picture's width; width in pixels)."""
    box = ink.box[line.pieces]
    order = np.argsort(box[:, 0])
    reach = np.maximum.accumulate(box[order, 2])[:-1]
    start = box[order, 0][1:]
    margin = max(2, round(MARGIN * ink.letter))
    total = line.x1 - line.x0 + 2 * margin
    return [
        (float(((low + high) / 2 - line.x0 + margin) / total), float(high - low))
        for low, high in zip(reach, start, strict=True)
        if high - low > 0.38 * ink.letter
    ]


def open_lines(ink: Ink, pieces: Ints) -> list[InkLine]:
    """The text lines on the open page, in reading order: letters that are neighbours, whatever the size of the print
    and the slope that is left; a wide gap parts lines that stand side by side."""
    import cv2

    box = ink.box[pieces]
    high = box[:, 3] - box[:, 1]
    core = (high >= 0.45 * ink.letter) & (box[:, 2] - box[:, 0] <= 12 * ink.letter)
    if not core.any():
        return []
    height, width = ink.flat.shape
    canvas = np.zeros((height, width), np.uint8)
    for (x0, top, x1, bottom), tall in zip(box[core], high[core], strict=True):
        reach, trim = 0.55 * GAP * max(tall, 0.8 * ink.letter) * 0.8, 0.22 * tall
        cv2.rectangle(canvas, (int(x0 - reach), int(top + trim)), (int(x1 + reach), int(bottom - trim)), 1, -1)
    _, labels = cv2.connectedComponents(canvas, connectivity=4)
    x = np.clip((box[:, 0] + box[:, 2]) / 2, 0, width - 1).astype(np.int64)
    y = np.clip((box[:, 1] + box[:, 3]) / 2, 0, height - 1).astype(np.int64)
    near = cv2.dilate(canvas, np.ones((2 * round(0.5 * ink.letter) + 1, 1), np.uint8))
    group = labels[y, x].astype(np.int64)
    for shift in (-1, 1):  # dots and commas beside the band of their line
        alone = (group == 0) & (near[y, x] > 0)
        group[alone] = labels[np.clip(y + round(shift * 0.5 * ink.letter), 0, height - 1), x][alone]
    order = np.argsort(group, kind="stable")
    parts = np.split(pieces[order], np.flatnonzero(np.diff(group[order])) + 1)
    lines = [line for part, g in zip(parts, np.unique(group), strict=True) if g and (line := _line(ink, part))]
    fit = [line for line in lines if line.bottom - line.top <= 4.5 * ink.letter]
    return sorted(fit, key=lambda line: (round((line.top + line.bottom) / 2 / (1.2 * ink.letter)), line.x0))
