"""A second engine reads the cells of a page again, inside their boxes: agreement is evidence, disagreement a finding.

playa is the witness: it knows how each character is painted, and takes a third of the time of pdfplumber (on pdfminer.six),
which is the third voice where they disagree (`witness_engines`). A witness reads the same file: where a font lies, it
repeats the lie (see `glyphs`).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np

from extractors.native import Floats, Ints
from extractors.tables import Box, Cell, PageInfo, Reading, SecondReading, Table, Trouble
from extractors.witness_engines import NAMES, PATIENCE, REACH, Engine, Glyph, inside, playa, plumber

MODES = ("auto", "always", "never")
ODD_PAGES = frozenset(
    {"hidden_text", "doubled_text", "watermark", "private_use", "lying_font", "cut_off", "strayed_text"}
)
DOUBTFUL = frozenset({"overprinted", "small_digits", "partly_ruled"})
HIGHEST = 0.99
DISAGREE = 0.6  # confidence, at most, of a cell that the witness reads otherwise
OUTVOTED = 0.85  # the same where a third engine reads what the first one did
SAME_LINE = 0.35  # of the character height
DOUBLED = 0.3  # of the width: the same character again this near is an overprint
AT_ONCE = 2_000_000  # boxes times characters that are compared at once
PARTS_WORDS = 0.3  # of the height: a wider gap ends a word


def call_witnesses(path: Path, reading: Reading, password: str | None = None, mode: str = "auto") -> Reading:
    """The reading with the second readings of its cells; `mode` is auto, always or never.

    A witness that fails is told in a Trouble; the reading stands without it. Pages that are pictures have their own
    witnesses (`scan_votes`) and are left alone.
    """
    if mode not in MODES:
        raise ValueError(f"witness is one of {', '.join(MODES)}")
    pages = pages_to_witness(reading, mode)
    if not pages:
        return reading
    verdicts: dict[Place, Cell] = {}
    troubles: list[Trouble] = []
    _witness_pages(path, password, reading, sorted(pages), (playa, plumber), verdicts, troubles)
    tables = [_with(table, number, verdicts) for number, table in enumerate(reading.tables)]
    return replace(reading, tables=tables, troubles=reading.troubles + troubles)


Place = tuple[int, int]  # number of the table, number of the cell in it


def pages_to_witness(reading: Reading, mode: str) -> set[int]:
    """Pages on which the witness is called: with `auto`, those that are odd or whose lattice is doubtful."""
    if mode == "never":
        return set()
    filled = {cell.page for table in reading.tables for cell in table.cells if not _is_scan(cell)}
    if mode == "always":
        return filled
    doubtful = {trouble.page for trouble in reading.troubles if trouble.kind in DOUBTFUL}
    return filled & (doubtful | {page.page for page in reading.pages if _is_odd(page)})


def _is_odd(page: PageInfo) -> bool:
    return bool(ODD_PAGES & set(page.flags))


def _is_scan(cell: Cell) -> bool:
    return cell.method.startswith("scan:")


def _witness_pages(
    path: Path,
    password: str | None,
    reading: Reading,
    pages: Sequence[int],
    engines: tuple[Engine, Engine],
    verdicts: dict[Place, Cell],
    troubles: list[Trouble],
) -> None:
    """Cells read again go into `verdicts`, what is to be told into `troubles`."""
    cells: dict[int, list[tuple[Place, Cell]]] = {page: [] for page in pages}
    for number, table in enumerate(reading.tables):
        for index, cell in enumerate(table.cells):
            if cell.page in cells and not _is_scan(cell):
                cells[cell.page].append(((number, index), cell))
    first = _heard(engines[0], path, password, pages, troubles)
    readings = {page: texts_in_boxes(glyphs, cells[page]) for page, glyphs in first.items()}
    odd = [page for page, texts in readings.items() if any(not agrees(c.text, texts[p]) for p, c in cells[page])]
    second = _heard(engines[1], path, password, odd, troubles) if odd else {}
    for page, texts in readings.items():
        again = texts_in_boxes(second[page], cells[page]) if page in second else {}
        for place, cell in cells[page]:
            verdicts[place] = _judge(cell, texts[place], again.get(place), engines)
        troubles += _troubles(page, [verdicts[place] for place, _ in cells[page]])


def _heard(
    engine: Engine, path: Path, password: str | None, pages: Sequence[int], troubles: list[Trouble]
) -> dict[int, list[Glyph]]:
    what, heard = f"a page took it more than {PATIENCE:.0f} seconds", {}
    try:
        heard = engine(path, password, pages)
    except Exception as error:  # an engine may stumble over anything in a file that another one reads
        what = f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
    text = f"{engine.__name__} could not read this page again ({what}): it has no second reading"
    troubles += [Trouble(page, "no_witness", text) for page in pages if page not in heard]
    return heard


def _judge(cell: Cell, text: str, third: str | None, engines: tuple[Engine, Engine]) -> Cell:
    heard = [SecondReading(text, engines[0].__name__, HIGHEST)]
    if agrees(cell.text, text):
        raised = cell.confidence + (HIGHEST - cell.confidence) / 2 if cell.confidence > DISAGREE else cell.confidence
        return replace(cell, confidence=round(min(HIGHEST, raised), 3), others=(*cell.others, *heard))
    most = DISAGREE
    if third is not None:
        heard.append(SecondReading(third, engines[1].__name__, HIGHEST))
        most = OUTVOTED if agrees(cell.text, third) else DISAGREE
    return replace(cell, confidence=min(cell.confidence, most), others=(*cell.others, *heard))


def _troubles(page: int, cells: Iterable[Cell]) -> list[Trouble]:
    """One for each number that is read in two ways, one for all words."""
    troubles, words = [], 0
    for cell in cells:
        other = next((o for o in cell.others if o.method in NAMES and not agrees(cell.text, o.text)), None)
        if other is None:
            continue
        if any(c.isdigit() for c in cell.text + other.text):
            text = f"the cell reads `{_fold(cell.text)}`, and `{_fold(other.text)}` by {other.method}"
            troubles.append(Trouble(page, "readings_disagree", text, "warn", cell.bbox))
        else:
            words += 1
    if words:
        text = f"{words} cells of words were read otherwise by a second engine: their readings are kept beside them"
        troubles.append(Trouble(page, "readings_disagree", text))
    return troubles


def _with(table: Table, number: int, verdicts: dict[Place, Cell]) -> Table:
    cells = tuple(verdicts.get((number, index), cell) for index, cell in enumerate(table.cells))
    return table if all(a is b for a, b in zip(cells, table.cells, strict=True)) else replace(table, cells=cells)


def _fold(text: str) -> str:
    return " ".join(text.split())


# -- texts in boxes --------------------------------------------------------------------------


def agrees(one: str, other: str) -> bool:
    """The same characters in the same order, white space aside; words without digits may come in another order."""
    a, b = skeleton(one), skeleton(other)
    return a == b or (not any(c.isdigit() for c in a + b) and Counter(a) == Counter(b))


def skeleton(text: str) -> str:
    """Text without white space, soft hyphens and differences of coding (ligatures, wide forms, kinds of hyphens)."""
    plain = unicodedata.normalize("NFKC", "".join(text.split())).replace("\u00ad", "")
    return plain.translate({0x2010: "-", 0x2011: "-", 0x2212: "-", 0xFFFE: "-"})


def texts_in_boxes(glyphs: Sequence[Glyph], cells: Sequence[tuple[Place, Cell]]) -> dict[Place, str]:
    """The text in each cell's box by the middle of the characters; where that differs, by whole words."""
    texts: dict[Place, str] = {}
    if not cells:
        return texts
    words: _Words | None = None
    middle = np.array([glyph.middle for glyph in glyphs]).reshape(-1, 2)
    which, inside = held_by_boxes(middle, np.array([cell.bbox for _, cell in cells]))
    ends = np.searchsorted(which, np.arange(len(cells) + 1)).tolist()
    held = inside.tolist()
    for n, (place, cell) in enumerate(cells):
        text = laid_out([glyphs[i] for i in held[ends[n] : ends[n + 1]]])
        if not agrees(cell.text, text):
            words = words if words is not None else _Words(_words(glyphs))
            whole = laid_out(words.mostlyinside(cell.bbox))
            text = whole if agrees(cell.text, whole) else text
        texts[place] = text
    return texts


def held_by_boxes(middle: Floats, boxes: Floats) -> tuple[Ints, Ints]:
    """Pairs of a box (row of `boxes`) and a character that has its `middle` in it, by box, then in the characters' order."""
    x, y = middle[:, 0], middle[:, 1]
    step = max(1, AT_ONCE // max(1, len(middle)))
    which, inside = [], []
    for start in range(0, len(boxes), step):
        x0, top, x1, bottom = boxes[start : start + step, :, None].transpose(1, 0, 2)
        near = (x >= x0 - REACH) & (x <= x1 + REACH)
        near &= (y >= top - REACH) & (y <= bottom + REACH)
        box, char = np.nonzero(near)
        which.append(box + start)
        inside.append(char)
    return np.concatenate(which), np.concatenate(inside)


def read_box(glyphs: Sequence[Glyph], box: Box) -> str:
    """The text whose characters have their middle in a box."""
    return laid_out([g for g in glyphs if inside(g, box)])


class _Words:
    """The words of a page, asked box by box."""

    def __init__(self, words: list[list[Glyph]]) -> None:
        self._words = words
        self._length = np.array([len(word) for word in words], dtype=np.intp)  # floats where there are none
        self._word = np.repeat(np.arange(len(words)), self._length)
        self._middle = np.array([glyph.middle for word in words for glyph in word]).reshape(-1, 2)

    def mostlyinside(self, box: Box) -> list[Glyph]:
        """The characters of words more than half of which stands in a box."""
        if not self._words:
            return []
        _, inside = held_by_boxes(self._middle, np.array([box]))
        most = 2 * np.bincount(self._word[inside], minlength=len(self._words)) > self._length
        return [glyph for n in np.flatnonzero(most).tolist() for glyph in self._words[n]]


def _words(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    words: list[list[Glyph]] = []
    for line in _lines(glyphs):
        last: Glyph | None = None
        for glyph in line:
            if last is None or glyph.box[0] - last.box[2] > PARTS_WORDS * (glyph.box[3] - glyph.box[1]):
                words.append([])
            words[-1].append(glyph)
            last = glyph
    return words


def laid_out(glyphs: Sequence[Glyph]) -> str:
    """Characters in reading order, lines divided by a line feed."""
    lines = []
    for turn in sorted({glyph.turn for glyph in glyphs}):
        same = [glyph for glyph in glyphs if glyph.turn == turn]
        lines += ["".join(glyph.text for glyph in line) for line in _lines(same)]
    return "\n".join(lines)


def _lines(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Visual lines from the top, each from its start; overprints left out."""
    if not glyphs:
        return []
    placed = sorted(((_along(g), g) for g in glyphs), key=lambda p: (p[0][1], p[0][0]))
    height = median(p[0][2] for p in placed)
    lines: list[list[tuple[tuple[float, float, float, float], Glyph]]] = []
    for one in placed:
        if lines and one[0][1] - lines[-1][-1][0][1] <= SAME_LINE * max(
            0.5 * height, min(one[0][2], lines[-1][-1][0][2])
        ):
            lines[-1].append(one)
        else:
            lines.append([one])
    return [_once(sorted(line, key=lambda p: p[0][0])) for line in lines]


def _along(glyph: Glyph) -> tuple[float, float, float, float]:
    """Start along the reading direction, bottom across it, height, width."""
    x0, top, x1, bottom = glyph.box
    wide, high = x1 - x0, bottom - top
    return ((x0, bottom, high, wide), (-bottom, x1, wide, high), (-x1, -top, high, wide), (top, -x0, wide, high))[
        glyph.turn % 4
    ]


def _once(line: Sequence[tuple[tuple[float, float, float, float], Glyph]]) -> list[Glyph]:
    kept: list[tuple[tuple[float, float, float, float], Glyph]] = []
    for place, glyph in line:
        near = (o for o in kept[-2:] if o[1].text == glyph.text and place[0] - o[0][0] < DOUBLED * max(place[3], 0.5))
        if next(near, None) is None:
            kept.append((place, glyph))
    return [glyph for _, glyph in kept]
