"""The engines that read the characters of pages again, for `witnesses`: playa and pdfplumber (on pdfminer.six).

Neither is imported before a page wants it: some 30 and 90 ms a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractors.patience import TooLong, at_most
from extractors.spoiled import readable_codes
from extractors.tables import Box

WHITE = 0.96  # of 1: lighter text is not seen
SLANT = 0.14  # tangent of 8 degrees
REACH = 0.5  # points around a cell's box
PATIENCE = 10.0  # seconds of a processor for a page, a few hundred times what one takes


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character as a witness sees it, in points as displayed; `turn`: quarter turns against the clock."""

    text: str
    box: Box
    turn: int = 0

    @property
    def middle(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


Engine = Callable[[Path, str | None, Sequence[int]], dict[int, list[Glyph]]]


def plumber(path: Path, password: str | None, pages: Sequence[int]) -> dict[int, list[Glyph]]:
    """Characters of pages (from 1) as pdfplumber reads them; white ones on no coloured ground left out.

    A page that takes more than `PATIENCE` is missing, and so are those after it.
    """
    return _patiently(_plumber(path, password, pages))


def playa(path: Path, password: str | None, pages: Sequence[int]) -> dict[int, list[Glyph]]:
    """As `plumber`, by playa: it tells invisible characters too."""
    return _patiently(_playa(path, password, pages))


NAMES = frozenset({plumber.__name__, playa.__name__})


def _patiently(pages: Iterator[tuple[int, list[Glyph]]]) -> dict[int, list[Glyph]]:
    found: dict[int, list[Glyph]] = {}
    with suppress(TooLong):
        while True:
            with at_most(PATIENCE):
                page = next(pages, None)
            if page is None:
                break
            found[page[0]] = page[1]
    return found


def _plumber(path: Path, password: str | None, pages: Sequence[int]) -> Iterator[tuple[int, list[Glyph]]]:
    import pdfplumber

    with pdfplumber.open(path, password=password or "", pages=list(pages)) as pdf:
        for page in pdf.pages:
            x, y = _offset(page.page_obj.mediabox, page.page_obj.cropbox, page.rotation)
            grounds = [_moved(r, x, y) for r in page.rects if r["fill"] and not _is_white(r["non_stroking_color"])]
            glyphs = []
            for char in page.chars:
                glyph = Glyph(_symbols(char["text"]), _moved(char, x, y), _turn(char["matrix"]))
                white = _is_white(char["non_stroking_color"])
                if (
                    glyph.text
                    and glyph.turn >= 0
                    and not (white and not any(inside(glyph, ground) for ground in grounds))
                ):
                    glyphs.append(glyph)
            page.close()
            yield page.page_number, glyphs


def _playa(path: Path, password: str | None, pages: Sequence[int]) -> Iterator[tuple[int, list[Glyph]]]:
    import playa as library

    with library.open(path, password=password or "", space="screen") as pdf:
        for number in pages:
            page = pdf.pages[number - 1]
            x, y = _offset(page.mediabox, page.cropbox, page.rotate)
            shown: list[Glyph] = []
            white: list[Glyph] = []
            for one in page.glyphs:
                text = _symbols(one.text or "")
                if not text or one.gstate.render_mode in (3, 7) or (turn := _turn(one.matrix, down=True)) < 0:
                    continue
                x0, top, x1, bottom = one.bbox
                kept = white if _is_white(one.gstate.ncolor.values) else shown
                kept.append(Glyph(text, (x0 - x, top - y, x1 - x, bottom - y), turn))
            if white:
                filled = [path for path in page.paths if path.fill and not _is_white(path.gstate.ncolor.values)]
                grounds = [(x0 - x, top - y, x1 - x, bottom - y) for x0, top, x1, bottom in (p.bbox for p in filled)]
                shown += [glyph for glyph in white if any(inside(glyph, ground) for ground in grounds)]
            yield number, shown


def inside(glyph: Glyph, box: Box) -> bool:
    """Whether the middle of a character stands in a box, or hardly outside."""
    x, y = glyph.middle
    return box[0] - REACH <= x <= box[2] + REACH and box[1] - REACH <= y <= box[3] + REACH


def _offset(media: Sequence[float], crop: Sequence[float], rotation: int) -> tuple[float, float]:
    """How far the crop box stands from the media box's top left, as displayed."""
    left, below, right, above = crop[0] - media[0], crop[1] - media[1], media[2] - crop[2], media[3] - crop[3]
    return ((left, above), (below, left), (right, below), (above, right))[rotation // 90 % 4]


def _moved(item: dict[str, float], x: float, y: float) -> Box:
    return item["x0"] - x, item["top"] - y, item["x1"] - x, item["bottom"] - y


def _symbols(text: str) -> str:
    if not text.strip() or not any(0xE000 <= ord(c) < 0xF900 for c in text):
        return text.strip()
    return "".join(map(chr, readable_codes(np.array([ord(c) for c in text], dtype=np.int64)).tolist()))


def _turn(matrix: Sequence[float], down: bool = False) -> int:
    """Quarter turns against the clock, -1 for slanting text (a watermark); `down`: y grows downwards in the matrix."""
    a, b = matrix[0], -matrix[1] if down else matrix[1]
    if min(abs(a), abs(b)) > SLANT * max(abs(a), abs(b)):
        return -1
    if abs(a) >= abs(b):
        return 0 if a >= 0 else 2
    return 1 if b > 0 else 3


def _is_white(colour: object) -> bool:
    values = colour if isinstance(colour, tuple | list) else (colour,)
    numbers = [v for v in values if isinstance(v, int | float)]
    if len(numbers) == 4:  # the four inks
        return max(numbers) <= 1 - WHITE
    return len(numbers) in (1, 3) and min(numbers) >= WHITE
