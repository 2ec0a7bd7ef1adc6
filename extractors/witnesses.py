"""A second engine reads the cells of a page again, inside their boxes: agreement is evidence, disagreement a finding.

playa is the witness: it knows how each character is painted, and takes a third of the time of pdfplumber (on pdfminer.six),
which is the third voice where they disagree. Neither is imported before a page wants it: some 30 and 90 ms a page. A witness
reads the same file: where a font lies, it repeats the lie (see `glyphs`).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from extractors.native import Floats, Ints
from extractors.patience import TooLong, at_most
from extractors.spoiled import readable_codes
from extractors.tables import Box, Cell, PageInfo, Reading, SecondReading, Table, Trouble

MODES = ("auto", "always", "never")
ODD_PAGES = frozenset(
    {"hidden_text", "doubled_text", "watermark", "private_use", "lying_font", "cut_off", "strayed_text"}
)
DOUBTFUL = frozenset({"overprinted", "small_digits", "partly_ruled"})
HIGHEST = 0.99
DISAGREE = 0.6  # confidence, at most, of a cell that the witness reads otherwise
OUTVOTED = 0.85  # the same where a third engine reads what the first one did
WHITE = 0.96  # of 1: lighter text is not seen
SLANT = 0.14  # tangent of 8 degrees
SAME_LINE = 0.35  # of the character height
DOUBLED = 0.3  # of the width: the same character again this near is an overprint
REACH = 0.5  # points around a cell's box
AT_ONCE = 2_000_000  # boxes times characters that are compared at once
PATIENCE = 10.0  # seconds of a processor for a page, a few hundred times what one takes
PARTS_WORDS = 0.3  # of the height: a wider gap ends a word


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
            whole = laid_out(words.mostly_inside(cell.bbox))
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
    return laid_out([g for g in glyphs if _inside(g, box)])


def _inside(glyph: Glyph, box: Box) -> bool:
    x, y = glyph.middle
    return box[0] - REACH <= x <= box[2] + REACH and box[1] - REACH <= y <= box[3] + REACH


class _Words:
    """The words of a page, asked box by box."""

    def __init__(self, words: list[list[Glyph]]) -> None:
        self._words = words
        self._length = np.array([len(word) for word in words], dtype=np.intp)  # floats where there are none
        self._word = np.repeat(np.arange(len(words)), self._length)
        self._middle = np.array([glyph.middle for word in words for glyph in word]).reshape(-1, 2)

    def mostly_inside(self, box: Box) -> list[Glyph]:
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


# -- the engines --------------------------------------------------------------------------


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
                    and not (white and not any(_inside(glyph, ground) for ground in grounds))
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
                shown += [glyph for glyph in white if any(_inside(glyph, ground) for ground in grounds)]
            yield number, shown


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
