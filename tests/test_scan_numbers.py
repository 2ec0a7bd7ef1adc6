"""Numbers of scans: what proves one by its shape, marks that the ink shows, rules and cells that a pale scan loses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest

from extractors.ocr import LineReading
from extractors.ocr_text import digits, is_grouped_number
from extractors.scan_votes import decide
from extractors.tables import SecondReading

cv2 = pytest.importorskip("cv2", reason="the extra `ocr` (OpenCV) is not installed")

from extractors.picture import Gray, flatten  # noqa: E402
from extractors.picture_lost import lost_rules  # noqa: E402
from extractors.picture_rules import Region, find_rules  # noqa: E402
from extractors.picture_text import find_ink, lines_in, points_seen  # noqa: E402
from extractors.scan_doubts import lost_marks  # noqa: E402
from extractors.scan_grid import lattices  # noqa: E402
from extractors.scan_open import ReadLine, chars_of  # noqa: E402
from extractors.scan_votes import ALONE  # noqa: E402
from extractors.scanned import Readers, reread  # noqa: E402

UNIT = 200 / 72


def one(text: str, method: str, confidence: float = 0.99) -> SecondReading:
    return SecondReading(text, method, confidence)


def twice(text: str, other: str) -> list[SecondReading]:
    return [one(text, "a"), one(other, "b"), one(text, "a:wide")]


@pytest.mark.parametrize(
    ("readings", "text", "sure"),
    [
        pytest.param([one("2975.040", "a"), one("2.975.040", "b")], "2.975.040", True, id="a-mark-lost"),
        pytest.param(twice("427.995.000", "427 995 O00"), "427.995.000", True, id="twice-against-no-number"),
        pytest.param(twice("84.952.510", "81.952.510"), "84.952.510", False, id="twice-against-a-number"),
        pytest.param(twice("5.03.02.2.01", "§.03.02.2.01"), "5.03.02.2.01", True, id="no-digit-against-it"),
        pytest.param(twice("7", "Z"), "7", True, id="a-single-digit"),
        pytest.param(twice("1", "|"), "1", False, id="a-stroke"),
        pytest.param(twice("44", "a4"), "44", False, id="bare-digits"),
        pytest.param(twice("51,85", "5185"), "51,85", False, id="a-comma-seen-by-one"),
        pytest.param([one("X.XX.01.2", "a"), one("X.XX01.2", "b"), one("X.XX01.2", "a:wide")], "X.XX.01.2", False,
                     id="more-marks"),
        pytest.param([one("100 %", "a"), one("100 Yo", "b")], "100 %", True, id="percent"),
        pytest.param([one("19,000.000", "a"), one("9.000.000", "b")], "9.000.000", False, id="mixed-marks"),
    ],
)  # fmt: skip
def test_sure_by_shape(readings: list[SecondReading], text: str, sure: bool) -> None:
    verdict = decide(readings, inked=True)
    assert verdict.text == text
    assert (verdict.confidence >= 0.9) is sure


def test_shapes() -> None:
    good = ("1.250", "1.250.000,00", "(3.000)", "1,250,000.50", "66.000.000,-")
    assert all(map(is_grouped_number, good))
    assert not any(map(is_grouped_number, ("1250", "12,5", "1.25.000", "25,000.000", "1.250,000,00")))
    assert digits("1.2 50") == "1250" and digits("1 org") == "1org"


def written(text: str, comma_at: tuple[int, int] | None = None) -> Gray:
    page = np.full((120, 400), 255, np.uint8)
    cv2.putText(page, text, (40, 80), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 20, 2, cv2.LINE_AA)
    if comma_at:
        cv2.line(page, comma_at, (comma_at[0] - 2, comma_at[1] + 4), 20, 3)
    return page


def seen(page: Gray) -> int:
    ink = find_ink(page, find_rules(page, UNIT), UNIT)
    (line,) = lines_in(ink, np.flatnonzero(ink.region >= 0), side_by_side=False)
    return points_seen(ink, line)


@pytest.mark.parametrize(("page", "count"), [(written("44"), 0), (written("444"), 0), (written("4 4", (63, 80)), 1)])
def test_marks_that_the_ink_shows(page: Gray, count: int) -> None:
    assert seen(page) == count


def ruled(gap: bool, shade: int) -> Gray:
    """Three columns of two rows; in the middle one the rule between the rows is lost but for a shade."""
    page = np.full((400, 700), 255, np.uint8)
    for y in (60, 160, 260):
        cv2.line(page, (50, y), (650, y), 60, 2)
    for x in (50, 250, 450, 650):
        cv2.line(page, (x, 60), (x, 260), 60, 2)
    if gap:
        page[157:164, 252:449] = 255
        page[160, 252:449] = 255 - shade
    return page


@pytest.mark.parametrize(("page", "cells"), [(ruled(False, 0), 6), (ruled(True, 14), 6), (ruled(True, 0), 5)])
def test_a_rule_of_which_a_trace_is_left(page: Gray, cells: int) -> None:
    (table,) = lattices(find_rules(page, UNIT).regions, UNIT)
    assert len(table.slots) == cells


def test_letters_are_no_trace() -> None:
    page = ruled(True, 0)
    cv2.putText(page, "Kegiatan", (262, 166), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 20, 2, cv2.LINE_AA)
    left, middle = Region(1, 52, 62, 249, 159, 1.0), Region(2, 252, 62, 449, 259, 1.0)
    assert lost_rules(page, [left, middle], UNIT) == []


class Told:
    """A reader that gives one text for every line and keeps the pictures."""

    name = "told"

    def __init__(self, text: str) -> None:
        self.text = text
        self.pictures: list[Gray] = []

    def read(self, lines: Sequence[Gray]) -> list[LineReading]:
        self.pictures += lines
        return [LineReading(self.text, 0.99)] * len(lines)


def scanned_page(folder: Path, page: Gray, dpi: float) -> pdfium.PdfDocument:
    from PIL import Image

    path = folder / "scan.pdf"
    Image.fromarray(page).save(path, "PDF", resolution=dpi)
    return pdfium.PdfDocument(path)


def test_a_cell_is_read_again_from_a_finer_picture(tmp_path: Path) -> None:
    page = ruled(False, 0)
    cv2.putText(page, "7.500", (270, 125), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 20, 2, cv2.LINE_AA)
    cv2.putText(page, "9.999", (470, 125), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 20, 2, cv2.LINE_AA)
    told = Told("7.500")
    with scanned_page(tmp_path, page, 200) as document:
        box = (250 / UNIT, 60 / UNIT, 450 / UNIT, 160 / UNIT)
        again = reread(document[0], 1, box, 1.5, Readers(told))
    assert (again.text, again.method, again.confidence) == ("7.500", "told:1.5", ALONE)  # one reader alone is not sure
    (picture,) = told.pictures  # the one line of this cell, without its neighbour's and without rules
    wide, high = picture.shape[1], picture.shape[0]
    assert 2.0 < wide / high < 5.0 and high > 1.8 * 22


def test_nothing_in_the_box_gives_an_empty_reading(tmp_path: Path) -> None:
    told = Told("7")
    with scanned_page(tmp_path, ruled(False, 0), 200) as document:
        again = reread(document[0], 1, (250 / UNIT, 60 / UNIT, 450 / UNIT, 160 / UNIT), 1.0, Readers(told))
    assert (again.text, again.confidence, told.pictures) == ("", 0.0, [])


@pytest.mark.parametrize(
    ("text", "places"),
    [("4 4", [(41, 58), (66, 83)]), ("44", [(41, 83)]), ("", []), ("4 4 4", None)],
    ids=["at-the-gap", "one-word", "nothing-read", "more-words-than-gaps"],
)
def test_words_stand_where_their_ink_does(text: str, places: list[tuple[float, float]] | None) -> None:
    page = written("4 4")
    ink = find_ink(page, find_rules(page, UNIT), UNIT)
    (line,) = lines_in(ink, np.flatnonzero(ink.region >= 0), side_by_side=False)
    chars, owner = chars_of([ReadLine(line, text, 0.9, True)], ink, UNIT)
    assert len(chars) == len(owner) == len(text.replace(" ", ""))
    if places:
        starts = chars.box[chars.spaced, 0] * UNIT
        assert starts == pytest.approx([x0 for x0, _ in places], abs=1.0)
    assert (np.diff(chars.box[:, 0]) > 0).all()


def low_rows(spoil: str) -> Gray:
    """Three columns and eight rows of 9.4 points below a heading of one low cell over the last two columns."""
    page = np.full((420, 1100), 255, np.uint8)
    ys, xs = [40 + 26 * i for i in range(11)], [40, 360, 700, 1060]
    for y in ys:
        cv2.line(page, (xs[0], y), (xs[-1], y), 60, 2)
    for x in (xs[0], xs[1], xs[3]):
        cv2.line(page, (x, ys[0]), (x, ys[-1]), 60, 2)
    cv2.line(page, (xs[2], ys[1]), (xs[2], ys[-1]), 60, 2)
    for row in range(1, 10):
        cv2.putText(
            page, f"{row}.{430 + row}.098", (xs[2] - 110, ys[row] + 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 20, 1, 16
        )
    if spoil == "heading":  # the stem of a letter stands where the rule below would go on
        cv2.line(page, (xs[2], ys[0]), (xs[2], ys[1]), 30, 2)
        cv2.line(page, (xs[2] + 2, ys[0] + 3), (xs[2] + 14, ys[1] - 3), 30, 2)
        for x in (xs[2] - 30, xs[2] - 6, xs[2] + 15, xs[2] + 30):
            cv2.line(page, (x, ys[0] + 5), (x, ys[1] - 5), 30, 2)
    if spoil == "dashes":  # a third of the rule is gone from every row
        for y in ys[1:-1]:
            page[y + 9 : y + 18, xs[2] - 2 : xs[2] + 3] = 255
    return page


@pytest.mark.parametrize("spoil", ["", "heading", "dashes"])
def test_low_rows_keep_their_columns(spoil: str) -> None:
    (table,) = lattices(find_rules(flatten(low_rows(spoil), UNIT), UNIT).regions, UNIT)
    spans = [(slot.row, slot.column, slot.colspan) for slot in table.slots]
    assert spans == [(0, 0, 1), (0, 1, 2)] + [(row, column, 1) for row in range(1, 10) for column in range(3)]


def test_a_code_read_twice_is_not_given_up_for_a_number() -> None:
    """A reader that loses the points of a code makes a fine number of it."""
    code = [SecondReading("2.11.01.2.15", "rapidocr", 0.99), SecondReading("2.11.01.2.15", "rapidocr:wide", 0.99)]
    verdict = decide([code[0], SecondReading("2101215", "tesseract", 0.7), code[1]])
    assert verdict.text == "2.11.01.2.15" and verdict.confidence <= 0.5


def small_marks(*boxes: tuple[int, int, int, int]) -> Gray:
    """A ruled cell with black boxes (x0, top, x1, bottom) below a row of print."""
    page = ruled(False, 0)
    for x in (70, 270, 470):
        cv2.putText(page, "750.000", (x, 120), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 20, 2, cv2.LINE_AA)
    for x0, top, x1, bottom in boxes:
        page[top:bottom, x0:x1] = 20
    return page


@pytest.mark.parametrize(
    ("page", "told"),
    [
        pytest.param(small_marks(), False, id="blank"),
        pytest.param(small_marks((300, 200, 303, 203)), False, id="a-speck"),
        pytest.param(small_marks((300, 200, 303, 201)), True, id="a-small-dash"),
        pytest.param(
            small_marks((300, 200, 303, 202), (300, 207, 303, 209), (311, 203, 315, 206)), True, id="colon-dash"
        ),
    ],
)
def test_print_that_nobody_reads_is_told(page: Gray, told: bool) -> None:
    ink = find_ink(page, find_rules(page, UNIT), UNIT)
    slots = lattices(find_rules(page, UNIT).regions, UNIT)[0].slots
    cell = next(slot for slot in slots if (slot.row, slot.column) == (1, 1))
    lines = lines_in(ink, np.flatnonzero(ink.region == cell.region.label), side_by_side=False)
    assert lost_marks(cell, lines, ink) == told
