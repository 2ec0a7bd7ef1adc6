"""Scanned pages: straightening, cells from the picture, and what the readings of a cell are worth.

Pictures are drawn here with OpenCV; what needs the recogniser is skipped, by name, where the extra `ocr` is absent.
"""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.ocr import LineReading, TesseractRecogniser, model_path, threads
from extractors.ocr_text import fold, is_plain_number, skeleton
from extractors.scan_votes import decide
from extractors.tables import SecondReading

cv2 = pytest.importorskip("cv2", reason="the extra `ocr` (OpenCV) is not installed")

from extractors.picture import Gray, Picture, flatten, level_of, straighten  # noqa: E402
from extractors.picture_rules import find_rules  # noqa: E402
from extractors.scan_grid import lattices  # noqa: E402
from extractors.scanned import Readers, read_picture, readers  # noqa: E402

ROOT = Path(__file__).parent.parent
UNIT = 200 / 72  # pixels per point at 200 dpi
needs_model = pytest.mark.skipif(
    model_path() is None or find_spec("onnxruntime") is None,
    reason="the extra `ocr` (rapidocr, onnxruntime) is not installed",
)

ROWS = [
    ["No", "Uraian", "Pagu", "Realisasi"],
    ["1", "Belanja", "4.811.172.650", "80,25"],
    ["2", "Modal", "750.000", "-"],
]
XS, YS = [60, 150, 420, 760, 1040], [200, 260, 340, 410]


class Fixed:
    """A reader that gives the same text for every line and counts them."""

    name = "fixed"

    def __init__(self, text: str = "7") -> None:
        self.text, self.count = text, 0

    def read(self, lines: object) -> list[LineReading]:
        count = len(list(lines))  # type: ignore[call-overload]
        self.count += count
        return [LineReading(self.text, 0.9)] * count


def table_picture(rows: list[list[str]] = ROWS, gap: int = 0) -> Gray:
    """A ruled table on white paper, 1240 x 900; with `gap` each upright rule is broken for that many pixels."""
    page = np.full((900, 1240), 255, np.uint8)
    for y in YS[: len(rows) + 1]:
        cv2.line(page, (XS[0], y), (XS[-1], y), 60, 2)
    for x in XS:
        cv2.line(page, (x, YS[0]), (x, YS[len(rows)]), 60, 2)
        if gap:
            page[YS[1] + 20 : YS[1] + 20 + gap, x - 3 : x + 4] = 255
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            place = (XS[j] + 14, YS[i] + 42)
            cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 20, 2, cv2.LINE_AA)
    for i in range(6):
        words = "Rencana kerja ini disusun untuk tahun berjalan"
        cv2.putText(page, words, (90, 520 + 50 * i), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 20, 2, cv2.LINE_AA)
    return page


def turned(page: Gray, degrees: float) -> Gray:
    matrix = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, page.shape[::-1], borderValue=255), np.uint8)


def shapes(page: Gray) -> list[tuple[int, int, int]]:
    """(rows, columns, cells) of each table of an upright picture."""
    tables = lattices(find_rules(flatten(page, UNIT), UNIT).regions, UNIT)
    return [(len(t.ys) - 1, len(t.xs) - 1, len(t.slots)) for t in tables]


@pytest.mark.parametrize("degrees", [-1.9, -0.4, 0.0, 0.7, 2.0])
def test_skew_is_found_and_boxes_come_back_to_the_page(degrees: float) -> None:
    picture = straighten(turned(table_picture(), degrees), UNIT)
    assert picture.skew == pytest.approx(-degrees, abs=0.08)
    corner = picture.box_on_page((600.0, 430.0, 640.0, 470.0))
    middle = np.array([[(corner[0] + corner[2]) / 2, (corner[1] + corner[3]) / 2]])
    assert picture.from_page(middle)[0] == pytest.approx([620, 450], abs=1.0)


@pytest.mark.parametrize("turns", [1, 3])
def test_a_sideways_page_is_turned_upright(turns: int) -> None:
    page = np.ascontiguousarray(np.rot90(table_picture(), turns))
    upright_again = straighten(page, UNIT, lambda picture: float(top_heavy(picture)))
    assert (upright_again.quarter_turns + turns) % 4 == 0


def test_columns_of_digits_do_not_turn_an_upright_page() -> None:
    """Right-aligned digits stand in columns sharper than any line; their shapes tell the way up."""
    page = np.full((1500, 1240), 255, np.uint8)
    for i in range(40):
        for j in range(4):
            number = f"{(7919 * (i + 3) * (j + 5)) % 900000 + 100000}"
            x = 60 + 290 * j
            for digit in number:
                cv2.putText(page, digit, (x, 60 + 35 * i + 3 * j), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 20, 2, cv2.LINE_AA)
                x += 18
    assert straighten(page, UNIT).quarter_turns == 0
    assert straighten(np.ascontiguousarray(np.rot90(page)), UNIT).quarter_turns == 3


def test_a_page_that_nobody_can_read_stays_as_it_is() -> None:
    assert straighten(table_picture(), UNIT, lambda picture: -1.0).quarter_turns == 0


@given(st.integers(1, 400), st.integers(0, 2**32 - 1), st.sampled_from([0.5, 25.0, 50.0, 99.0]))
def test_a_level_of_grey_is_the_percentile(size: int, seed: int, percent: float) -> None:
    gray = np.random.default_rng(seed).integers(0, 256, (size, 3), dtype=np.uint8)
    assert level_of(gray, percent) == pytest.approx(float(np.percentile(gray, percent)))


def top_heavy(picture: Picture) -> bool:
    """The drawn page has its table above its lines of text."""
    rules = find_rules(picture.gray, UNIT)
    return bool(np.nonzero(rules.mask)[0].mean() < picture.gray.shape[0] / 2)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        pytest.param(table_picture(), [(3, 4, 12)], id="plain"),
        pytest.param(table_picture(gap=14), [(3, 4, 12)], id="broken-rules"),
        pytest.param(np.maximum(table_picture(), 0) // 3 + 160, [(3, 4, 12)], id="grey-and-faint"),
        pytest.param(np.full((900, 1240), 255, np.uint8), [], id="blank"),
    ],
)
def test_cells_from_the_picture(page: Gray, expected: list[tuple[int, int, int]]) -> None:
    assert shapes(np.asarray(page, np.uint8)) == expected


def test_a_merged_cell_spans_and_a_lone_box_is_no_table() -> None:
    page = table_picture([["", "", "", ""]] * 3)
    page[YS[0] + 4 : YS[1] - 3, XS[1] - 4 : XS[1] + 5] = 255  # no rule between the first two cells
    cv2.rectangle(page, (100, 820), (400, 880), 40, 2)
    (table,) = lattices(find_rules(flatten(page, UNIT), UNIT).regions, UNIT)
    spans = {(slot.row, slot.column): slot.colspan for slot in table.slots}
    assert spans[0, 0] == 2 and len(spans) == 11


def test_an_empty_cell_is_not_recognised_and_a_dash_is_known_by_its_shape() -> None:
    main = Fixed("12")
    read = read_picture(table_picture([["a", "b", "c", "d"], ["x", "", "-", "y"]]), UNIT, 4, None, Readers(main))
    (grid,) = read.grids
    texts = {(cell.row, cell.column): cell.text for cell in grid.cells}
    assert texts[1, 1] == "" and texts[1, 2] == "-" and texts[1, 3] == "12"
    assert {cell.page for cell in grid.cells} == {4}


def test_a_stroke_through_a_cell_leaves_its_number_unsure() -> None:
    page = table_picture()
    cv2.line(page, (500, 268), (640, 334), 90, 3)  # across 4.811.172.650
    second = Fixed("7.5")
    second.name = "other"
    (grid,) = read_picture(page, UNIT, 1, None, Readers(Fixed("7.5"), second)).grids
    sure = {(cell.row, cell.column): cell.confidence for cell in grid.cells}
    assert sure[1, 2] <= 0.5 and sure[2, 2] == 0.97


@needs_model
def test_a_skewed_table_is_read_whole() -> None:
    noise = np.random.default_rng(7).normal(0, 9, (900, 1240))
    page = np.clip(turned(table_picture(), 0.8) + noise, 0, 255).astype(np.uint8)
    read = read_picture(page, UNIT, 1, None, readers(1, second=False))
    (grid,) = read.grids
    got = {(cell.row, cell.column): cell.text for cell in grid.cells}
    assert {key: got[key] for key in ((1, 2), (1, 3), (2, 2), (2, 3))} == {
        (1, 2): "4.811.172.650",
        (1, 3): "80,25",
        (2, 2): "750.000",
        (2, 3): "-",
    }
    assert max(cell.confidence for cell in grid.cells if cell.text) <= 0.8  # one reader alone is never sure
    assert any("disusun untuk tahun" in line.text for line in read.lines)


@needs_model
def test_a_page_on_its_head_is_read() -> None:
    page = np.ascontiguousarray(np.rot90(table_picture(), 2))
    read = read_picture(page, UNIT, 1, None, readers(1, second=False))
    assert read.turned == 2
    assert "4.811.172.650" in [cell.text for cell in read.grids[0].cells]
    first = next(cell for cell in read.grids[0].cells if (cell.row, cell.column) == (0, 0))
    assert first.bbox[0] > 1000 / UNIT and first.bbox[1] > 600 / UNIT  # displayed at the bottom right


def one(text: str, method: str, confidence: float = 0.95) -> SecondReading:
    return SecondReading(text, method, confidence)


@pytest.mark.parametrize(
    ("readings", "text", "low", "high"),
    [
        pytest.param([one("1.250", "a"), one("1.2 50", "b")], "1.250", 0.97, 0.97, id="two-agree-but-for-blanks"),
        pytest.param(
            [one("1.250", "a"), one("1.260", "b"), one("1.250", "c")], "1.250", 0.95, 0.95, id="two-against-one"
        ),
        pytest.param([one("1.250", "a"), one("1.260", "b"), one("1.260", "c")], "1.260", 0.95, 0.95, id="outvoted"),
        pytest.param([one("1.250", "a"), one("1.260", "b")], "1.250", 0.0, 0.5, id="disputed"),
        pytest.param([one("1.250", "a", 1.0)], "1.250", 0.5, 0.8, id="alone"),
        pytest.param(
            [one("1.250", "a"), one("1.250", "a:wide")], "1.250", 0.5, 0.8, id="one-engine-twice-is-one-voice"
        ),
        pytest.param([one("1.250.00", "a"), one("1.250,00", "b")], "1.250,00", 0.95, 0.95, id="the-well-formed-number"),
        pytest.param(
            [one("1590.078.504", "a"), one("1590.078.504", "b")], "1590.078.504", 0.0, 0.5, id="no-such-number"
        ),
        pytest.param([one("5.03.02.2.01", "a"), one("5.03.02.2.01", "b")], "5.03.02.2.01", 0.97, 0.97, id="a-code"),
        pytest.param([one("", "a", 0.0), one("", "b")], "", 0.95, 0.95, id="empty"),
        pytest.param([one("", "a", 0.0), one("15", "b")], "15", 0.0, 0.5, id="only-the-witness-saw-something"),
    ],
)
def test_what_readings_are_worth(readings: list[SecondReading], text: str, low: float, high: float) -> None:
    verdict = decide(readings)
    assert verdict.text == text
    assert low <= verdict.confidence <= high
    assert len(verdict.others) == (len(readings) - 1 if text else 0)


@given(
    st.lists(st.tuples(st.sampled_from(["1.000", "1.00", "7"]), st.sampled_from("abc"), st.floats(0, 1)), min_size=1)
)
def test_sure_only_where_two_engines_agree(drawn: list[tuple[str, str, float]]) -> None:
    verdict = decide([one(*reading) for reading in drawn])
    agreeing = {engine for text, engine, _ in drawn if text == verdict.text}
    assert (verdict.confidence >= 0.9) == (len(agreeing) >= 2)
    assert verdict.confidence >= 0.9 or verdict.confidence <= 0.8


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Perséntase", "Persentase"), ("１２，５％", "12,5%"), ("2019–2024", "2019-2024"), ("à", "a"), ("10 %", "10 %")],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected
    assert skeleton(f" {text}\n") == expected.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.811.172.650,00", True),
        ("4,811,172,650.00", True),
        ("26.680.000.00", False),
        ("(3.000)", True),
        ("80,25 %", True),
        ("66.000.000,-", True),
        ("8I", False),
        ("1.23.456", False),
    ],
)
def test_the_shape_of_a_number(text: str, expected: bool) -> None:
    assert is_plain_number(text) is expected


def test_threads_from_argument_environment_and_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUMBUNG_OCR_THREADS", raising=False)
    assert (threads(), threads(3)) == (1, 3)
    monkeypatch.setenv("LUMBUNG_OCR_THREADS", "2")
    assert threads() == 2


def test_a_failing_program_gives_empty_readings() -> None:
    lines = [np.full((30, 80), 255, np.uint8)] * 2
    assert TesseractRecogniser("/nonexistent/tesseract", "eng").read(lines) == [LineReading("", 0.0)] * 2


@pytest.mark.skipif(which("setpriv") is None, reason="needs util-linux")
def test_the_second_recogniser_ends_with_the_process_that_waits_for_it(tmp_path: Path) -> None:
    program, number = tmp_path / "slow", tmp_path / "number"
    program.write_text(f"#!/bin/sh\necho $$ > {number}.new; mv {number}.new {number}\nexec sleep 60\n")
    program.chmod(0o755)
    code = (
        "import sys, numpy; from extractors.ocr import TesseractRecogniser; "
        "TesseractRecogniser(sys.argv[1], 'eng').read([numpy.zeros((20, 20), 'uint8')])"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(program)], cwd=ROOT) as waiting:
        while not number.exists():
            assert waiting.poll() is None
            time.sleep(0.02)
        waiting.kill()
    gone = Path(f"/proc/{number.read_text().strip()}/stat")
    for _ in range(250):
        if not gone.exists() or ") Z " in gone.read_text():
            return
        time.sleep(0.02)
    raise AssertionError("it goes on")
