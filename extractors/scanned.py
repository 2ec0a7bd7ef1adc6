"""Scanned pages: picture -> upright and straight -> rules -> grid with spans -> text lines in each cell -> recognisers.

Never the whole page at once: a recogniser gets the picture of one line of one cell. Where a text layer lies under or
over the picture it is a second reading, no more: layers of office scanners are often wrong. Everything is given in
points of the page as displayed, however the page lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .lattice import Grid
from .lines import Laid
from .ocr import LineReading, OcrUnavailable, Recogniser, recogniser, second_recogniser
from .ocr_text import is_digits, is_grouped_number, is_numeric, skeleton
from .pages import Chars
from .picture import Gray, Picture, flatten, level_of, native_dpi, render
from .picture_text import Ink, InkLine, cut, digit_shape, is_dash, lines_in, points_seen, spaced
from .scan_doubts import LOST_MARK, LOST_RULE, MOST_TOLD, limit_of_columns, limit_of_rows, lost_marks
from .scan_grid import Lattice, Slot
from .scan_open import ReadLine, choose_scanned
from .scan_sheet import Sheet, sheet_of, upright_sheet
from .scan_votes import ALONE, DISPUTED, Verdict, decide
from .tables import Box, Cell, Line, SecondReading, Trouble

LARGER = 1.35  # a line read again is widened by this: narrow marks get more steps of the recogniser
SMALL_PRINT = 9.5  # pixels of the scanner in a letter's height; in smaller print all readers lose the same points
PALE = 120  # of 255: where the darkest print is lighter, a comma beside digits may be seen by no reader
LEAST_NUMBERS = 6  # lines with digits outside the lattice: fewer are no table
ROW_GAP = 7.0  # letter heights: pieces of a line further apart than this are two lines


@dataclass(slots=True)
class Readers:
    """The recognisers in use: the main one, and a second where there is one."""

    main: Recogniser
    second: Recogniser | None = None


@dataclass(slots=True)
class ScannedPage:
    """What a picture gave: grids as those of ruled pages, and the lines outside them.

    Cells and `lines` have their boxes as displayed; `upright_lines` and the grids' own borders are those of the page
    made upright and straight, in points. `turned`: quarter turns taken out; `missing`: no recogniser is installed.
    """

    grids: list[Grid] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    upright_lines: list[Line] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    skew: float = 0.0
    turned: int = 0
    missing: bool = False
    open_above: bool = False


def readers(n_threads: int | None = None, second: bool = True) -> Readers:
    """The installed recognisers. Raises OcrUnavailable with what to install."""
    return Readers(recogniser(n_threads), second_recogniser(n_threads) if second else None)


def read_scan(
    page: Any, number: int, layer: Chars | None = None, using: Readers | None = None, earlier: Grid | None = None
) -> ScannedPage:
    """The tables and lines of a scanned page (a pypdfium2 page; `number` from 1); `layer` is its text layer; `earlier`
    the last table of the page before.

    Without a recogniser the result is empty, with a Trouble that says what to install.
    """
    try:
        using = using or readers()
    except OcrUnavailable as error:
        text = f"the page is a picture and was not read: {error}"
        return ScannedPage(troubles=[Trouble(number, "ocr_missing", text, "warn")], missing=True)
    gray, unit = render(page)
    return read_picture(gray, unit, number, layer, using, native_dpi(page) / 72, earlier)


def read_picture(
    gray: Gray,
    unit: float,
    number: int,
    layer: Chars | None,
    using: Readers,
    native: float | None = None,
    earlier: Grid | None = None,
) -> ScannedPage:
    """As read_scan, from a gray picture of `unit` pixels per point; `native`: those that the scanner saw."""
    sheet = upright_sheet(gray, unit, using.main)
    picture = sheet.picture
    small = sheet.ink.letter / unit * min(unit, native or unit) < SMALL_PRINT
    pale = level_of(picture.gray, 0.5) > PALE
    work = _Work(sheet, using, number, small, pale)
    result = ScannedPage(skew=picture.skew, turned=picture.quarter_turns, open_above=not sheet.tables)
    grids = work.grids(layer)
    free = work.free_lines()
    grids, taken = work.chosen(grids, free, earlier)
    result.troubles = work.doubts if len(work.doubts) <= MOST_TOLD else []
    result.grids = [work.displayed(grid) for grid in grids]
    result.lines, result.upright_lines = work.lines([one for i, one in enumerate(free) if i not in taken])
    return result


def reread(page: Any, number: int, box: Box, scale: float = 1.5, using: Readers | None = None) -> SecondReading:
    """One cell read again from a picture `scale` times as fine (300 dpi at 1.0); `box` in points as displayed.

    `number` only names the page. Raises OcrUnavailable.
    """
    using = using or readers(second=False)
    gray, unit = render(page, 300 * scale)
    pad = 3 * unit
    x0, top, x1, bottom = (round(value * unit) for value in box)
    low, left = max(0, int(top - pad)), max(0, int(x0 - pad))
    part = gray[low : int(bottom + pad), left : int(x1 + pad)]
    flat = flatten(part, unit)
    picture = Picture(flat, np.array([[1 / unit, 0, left / unit], [0, 1 / unit, low / unit]]), unit)
    sheet = sheet_of(picture)
    found = lines_in(sheet.ink, np.flatnonzero(sheet.ink.region >= 0), side_by_side=False)
    texts = _Work(sheet, using, number).texts(found, using.main)
    sure = min((one.confidence for one in texts), default=0.0)
    return SecondReading(
        "\n".join(one.text for one in texts), f"{using.main.name}:{scale:g}", round(min(ALONE, sure), 3)
    )


@dataclass(slots=True)
class _Work:
    """One page at work."""

    sheet: Sheet
    using: Readers
    number: int
    small_print: bool = False
    pale: bool = False
    digit: float = 0.0  # width over height of a digit
    doubts: list[Trouble] = field(default_factory=list)  # cells in which something was lost
    heard: dict[int, list[SecondReading]] = field(default_factory=dict)  # by the line's id: what readers gave

    @property
    def picture(self) -> Picture:
        return self.sheet.picture

    @property
    def ink(self) -> Ink:
        return self.sheet.ink

    @property
    def held(self) -> list[InkLine]:
        """The lines in cells."""
        return [line for cell in self.sheet.cells for line in cell]

    def grids(self, layer: Chars | None) -> list[Grid]:
        slots, lines, tables = self.sheet.slots, self.sheet.cells, self.sheet.tables
        layered = self._layer_texts(layer, slots)
        readings = self._read_cells(lines, layered)
        limit = ALONE if self.small_print else 1.0
        borders = [table.ys for table in tables for _ in table.slots]
        verdicts = []
        for slot, found, own, ys in zip(slots, readings, lines, borders, strict=True):
            merged = min(limit_of_rows(slot, found, own, ys), limit_of_columns(slot, found, own, self.ink))
            marks = lost_marks(slot, own, self.ink)
            verdicts.append(self._decided(found, own, min(limit, merged, self._limit_of(slot)), bool(own) or marks))
            if marks or merged < 1.0:
                self._doubt(slot, LOST_MARK if marks else LOST_RULE)
        cells = iter(verdicts)
        return [self._grid(table, [next(cells) for _ in table.slots]) for table in tables]

    def _doubt(self, slot: Slot, text: str) -> None:
        region = slot.region
        box = self.picture.box_on_page((region.x0, region.top, region.x1, region.bottom))
        self.doubts.append(Trouble(self.number, "unsure_reading", text, "warn", box))

    def _decided(
        self, readings: list[SecondReading], lines: list[InkLine], limit: float, inked: bool = True
    ) -> Verdict:
        """The verdict; never sure of a number beside whose digits the ink shows a mark that no reader gave."""
        verdict = decide(readings, inked, limit)
        bare = skeleton(verdict.text)
        if self.pale and bare.isdigit() and len(bare) > 1:
            verdict = replace(verdict, confidence=min(ALONE, verdict.confidence))
        if verdict.confidence > DISPUTED and is_digits(bare) and not is_grouped_number(bare):
            marks, percent = sum(bare.count(mark) for mark in ".,:"), bare.endswith("%")
            shape = self.digit if bare.isdigit() and len(bare) > 1 else 0.0
            if sum(points_seen(self.ink, line, percent, shape) for line in lines) > marks:
                return replace(verdict, confidence=DISPUTED)
        return verdict

    def _limit_of(self, slot: Slot) -> float:
        """How sure a cell's numbers can be: not sure where a stamp or a signature runs through it. What is joined to
        that is lost to all readers alike."""
        region = slot.region
        part = self.ink.labels[region.top : region.bottom, region.x0 : region.x1]
        return DISPUTED if int(self.ink.tall[part].sum()) > self.ink.letter else 1.0

    def free_lines(self) -> list[tuple[InkLine, str]]:
        """Lines outside the tables, read once."""
        found = self.sheet.free
        return [
            (line, one.text)
            for line, one in zip(found, self.texts(found, self.using.main), strict=True)
            if _is_text(one) and line.bottom - line.top > 0.55 * self.ink.letter
        ]

    def chosen(
        self, grids: list[Grid], free: list[tuple[InkLine, str]], earlier: Grid | None
    ) -> tuple[list[Grid], set[int]]:
        """The tables after every reading that fits the page was tried, and which of the free lines went into them."""
        levels = self.sheet.rules.loose / self.picture.unit
        numbers = sum(any(c.isdigit() for c in text) for _, text in free)
        crowded = any(cell.text.count("\n") >= 2 for grid in grids for cell in grid.cells)
        if not crowded and numbers < LEAST_NUMBERS:
            return grids, set()
        if numbers >= LEAST_NUMBERS:
            self._hear_again([line for line, text in free if is_numeric(text)])
        lines = [self._verdict(line, "", True) for line, _ in free] + [
            self._verdict(one, "", False) for one in self.held
        ]
        return choose_scanned(grids, lines, self.ink, self.picture, levels, earlier, self.number)

    def _verdict(self, line: InkLine, text: str, free: bool) -> ReadLine:
        heard = self.heard.get(id(line), [])
        limit = ALONE if self.small_print else 1.0
        verdict = self._decided(heard, [line], limit) if heard else Verdict(text, 0.0, "", ())
        return ReadLine(line, verdict.text, verdict.confidence, free)

    def _hear_again(self, lines: list[InkLine]) -> None:
        """The second reader's say, and the first one's from a wider picture where the two differ."""
        if self.using.second is not None:
            self.texts(lines, self.using.second)
        self.texts([line for line in lines if not _settled(self.heard[id(line)])], self.using.main, LARGER)

    def displayed(self, grid: Grid) -> Grid:
        """The grid with the boxes of its cells as the page is displayed."""
        unit = self.picture.unit
        cells = []
        for cell in grid.cells:
            x0, top, x1, bottom = (value * unit for value in cell.bbox)
            method = cell.method if cell.method.startswith("scan:") else f"scan:{self.using.main.name}+space"
            cells.append(replace(cell, bbox=self.picture.box_on_page((x0, top, x1, bottom)), method=method))
        return replace(grid, cells=cells)

    def lines(self, kept: list[tuple[InkLine, str]]) -> tuple[list[Line], list[Line]]:
        """Lines outside the tables: as displayed, and upright."""
        unit = self.picture.unit
        shown, upright = [], []
        for line, text in _rows(kept, self.ink.letter):
            size = round((line.bottom - line.top) / unit, 1)
            shown.append(Line(self.number, self.picture.box_on_page(line.box), text, size))
            x0, top, x1, bottom = (round(value / unit, 2) for value in line.box)
            upright.append(Line(self.number, (x0, top, x1, bottom), text, size))
        return shown, upright

    def texts(self, lines: Sequence[InkLine], reader: Recogniser, widen: float = 1.0) -> list[LineReading]:
        """Each line read by `reader`; lone dashes are known by their shape."""
        gently = reader is not self.using.main
        known = {} if gently or widen != 1.0 else self.sheet.probed
        known = known | {id(line): LineReading("-", ALONE) for line in lines if is_dash(self.ink, line)}
        pictures = [_widened(cut(self.ink, line, gently), widen) for line in lines if id(line) not in known]
        read = iter(reader.read(pictures))
        result = []
        for line in lines:
            one = known.get(id(line)) or next(read)
            text = spaced(one.text, one.steps, self.ink, line).strip()
            result.append(LineReading(text, one.confidence))
            method = reader.name if widen == 1.0 else f"{reader.name}:wide"
            self.heard.setdefault(id(line), []).append(SecondReading(text, method, round(one.confidence, 3)))
        return result

    def _layer_texts(self, layer: Chars | None, slots: list[Slot]) -> list[str | None]:
        """The text layer's text in each slot; None without a layer."""
        if layer is None or not len(layer):
            return [None] * len(slots)
        middle = np.stack([layer.box[:, 0] + layer.box[:, 2], layer.box[:, 1] + layer.box[:, 3]], axis=1) / 2
        at = np.round(self.picture.from_page(middle)).astype(np.int64)
        height, width = self.sheet.rules.labels.shape
        labels = self.sheet.rules.labels[np.clip(at[:, 1], 0, height - 1), np.clip(at[:, 0], 0, width - 1)]
        place = {slot.region.label: i for i, slot in enumerate(slots)}
        group = np.array([place.get(int(label), -1) for label in labels], dtype=np.int64)
        texts: list[str | None] = [""] * len(slots)
        for which, text in zip(*Laid(layer.take(group >= 0), group[group >= 0]).texts(), strict=True):
            texts[int(which)] = text
        return texts

    def _read_cells(self, lines: list[list[InkLine]], layered: list[str | None]) -> list[list[SecondReading]]:
        """All readings of each cell, the main one first."""
        main = self._by_cell(lines, self.using.main)
        self.digit = digit_shape(self.ink, self.held, [self.heard[id(line)][0].text for line in self.held])
        readings = [[one] for one in main]
        for i, text in enumerate(layered):
            if text is not None:
                readings[i].append(SecondReading(text, "text_layer", 0.5))
        open_cells = [i for i, found in enumerate(readings) if lines[i] and not _settled(found)]
        if self.using.second is not None:
            for i, one in zip(
                open_cells, self._by_cell([lines[i] for i in open_cells], self.using.second), strict=True
            ):
                readings[i].append(one)
        again = [i for i in open_cells if not _settled(readings[i]) and any(is_numeric(r.text) for r in readings[i])]
        for i, one in zip(again, self._by_cell([lines[i] for i in again], self.using.main, LARGER), strict=True):
            readings[i].append(one)
        return readings

    def _by_cell(self, lines: list[list[InkLine]], reader: Recogniser, widen: float = 1.0) -> list[SecondReading]:
        read = iter(self.texts([line for cell in lines for line in cell], reader, widen))
        result = []
        for cell in lines:
            own = [next(read) for _ in cell]
            text = "\n".join(one.text for one in own if one.text)
            sure = min((one.confidence for one in own if one.text), default=0.0)
            method = reader.name if widen == 1.0 else f"{reader.name}:wide"
            result.append(SecondReading(text, method, round(sure, 3)))
        return result

    def _grid(self, table: Lattice, verdicts: list[Verdict]) -> Grid:
        unit = self.picture.unit
        cells = []
        for slot, verdict in zip(table.slots, verdicts, strict=True):
            region = slot.region
            box = (region.x0 / unit, region.top / unit, region.x1 / unit, region.bottom / unit)
            cells.append(
                Cell(
                    slot.row, slot.column, self.number, box, verdict.text, slot.rowspan, slot.colspan,
                    verdict.confidence, f"scan:{verdict.method}", verdict.others,
                )
            )  # fmt: skip
        xs, ys = tuple(x / unit for x in table.xs), tuple(y / unit for y in table.ys)
        return Grid(self.number, (xs[0], ys[0], xs[-1], ys[-1]), xs, ys, cells)


def _is_text(one: LineReading) -> bool:
    """Not the strokes of a seal, a signature or a map, which read as a few unsure letters."""
    letters = sum(c.isalnum() for c in one.text)
    return one.confidence > (0.05 if letters > 6 else 0.25 if letters > 3 else 0.7)


def _rows(found: list[tuple[InkLine, str]], letter: float) -> list[tuple[InkLine, str]]:
    """Pieces of one line of print (justified lines have wide gaps) joined; what stands further apart stays apart."""
    rows: list[tuple[InkLine, str]] = []
    for line, text in sorted(found, key=lambda one: one[0].x0):
        for i, (left, before) in enumerate(rows):
            common = min(left.bottom, line.bottom) - max(left.top, line.top)
            lower = min(left.bottom - left.top, line.bottom - line.top)
            if common > 0.5 * lower and 0 <= line.x0 - left.x1 < ROW_GAP * letter:
                whole = InkLine(
                    np.concatenate([left.pieces, line.pieces]),
                    left.x0,
                    min(left.top, line.top),
                    line.x1,
                    max(left.bottom, line.bottom),
                )
                rows[i] = (whole, f"{before} {text}")
                break
        else:
            rows.append((line, text))
    return sorted(rows, key=lambda one: (one[0].top + one[0].bottom, one[0].x0))


def _settled(readings: Sequence[SecondReading]) -> bool:
    """The readings so far agree, and there are two that do."""
    return len(readings) > 1 and len({skeleton(one.text) for one in readings}) == 1


def _widened(line: Gray, factor: float) -> Gray:
    import cv2

    if factor == 1.0:
        return line
    return np.asarray(cv2.resize(line, None, fx=factor, fy=1.0, interpolation=cv2.INTER_CUBIC), np.uint8)
