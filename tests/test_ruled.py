"""Ruling lines to grids: one page for each way in which producers draw tables."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pdfplumber
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.lines import Laid, page_lines
from extractors.pages import Chars, PageContent, open_pdf, read_page
from extractors.ruled import Found, find_grids, join_rules
from extractors.triage import page_kind
from tests.tiny_pdf import TinyPage, bar, fill, grid, line, text, write_pdf

XS = [50, 150, 250, 350]
YS = [700, 680, 660, 640]
ROWS = [["No", "Uraian", "Jumlah"], ["1", "Belanja", "5.000"], ["2", "Modal", "7.500"]]
WORDS = fill(XS, YS, ROWS)


def read(tmp_path: Path, page: TinyPage | str) -> tuple[PageContent, Found]:
    with open_pdf(write_pdf(tmp_path / "page.pdf", page)) as document:
        content = read_page(document, 1)
    return content, find_grids(content)


def rows_of(found: Found, index: int = 0) -> list[list[str]]:
    grid = found.grids[index]
    rows: list[list[str]] = [[] for _ in range(grid.n_rows)]
    for cell in grid.cells:
        rows[cell.row].append(cell.text)
    return rows


def kind_of(content: PageContent, found: Found) -> str:
    return page_kind(content, found, page_lines(content.chars.take(~found.taken), 1))


BARS = "".join(bar(x - 0.25, YS[-1], x + 0.25, YS[0]) for x in XS) + "".join(
    bar(XS[0], y - 0.25, XS[-1], y + 0.25) for y in YS
)
FRAGMENTS = "".join(line(x, y, x, y - 9) + line(x, y - 10, x, y - 20) for x in XS for y in YS[:-1])
FRAGMENTS += "".join(line(x, y, x + 48, y) + line(x + 50, y, x + 100, y) for x in XS[:-1] for y in YS)
DOTS = "".join(bar(x - 0.3, y, x + 0.3, y + 0.6) for x in XS for y in np.arange(YS[-1], YS[0], 2).tolist())
DOTS += "".join(bar(x, y - 0.3, x + 0.6, y + 0.3) for y in YS for x in np.arange(XS[0], XS[-1], 2).tolist())
CELL_BOXES = "".join(f"{x} {y - 20} 100 20 re S\n" for x in XS[:-1] for y in YS[:-1])
SHADES = "".join(
    f"0.{7 + (i + j) % 2} g {x} {y - 20} 100 20 re f\n" for i, x in enumerate(XS[:-1]) for j, y in enumerate(YS[:-1])
)
OPEN_SIDES = "".join(line(x, YS[-1], x, YS[0]) for x in XS[1:-1]) + "".join(line(XS[0], y, XS[-1], y) for y in YS)
NO_BOTTOM = "".join(line(x, YS[-1], x, YS[0]) for x in XS) + "".join(line(XS[0], y, XS[-1], y) for y in YS[:-1])
DOUBLE = grid(XS, YS) + grid([x + 1.5 for x in XS], [y - 1.5 for y in YS])


@pytest.mark.parametrize(
    "drawing",
    [
        pytest.param(grid(XS, YS), id="strokes"),
        pytest.param(BARS, id="thin filled bars"),
        pytest.param(FRAGMENTS, id="short fragments"),
        pytest.param(DOTS, id="dots"),
        pytest.param(CELL_BOXES, id="a box a cell"),
        pytest.param(SHADES + "0 g\n", id="filled cells without rules"),
        pytest.param(OPEN_SIDES, id="no outer side rules"),
        pytest.param(NO_BOTTOM, id="no bottom rule"),
        pytest.param(DOUBLE, id="double rules"),
    ],
)
def test_each_rule_style_gives_the_same_table(tmp_path: Path, drawing: str) -> None:
    content, found = read(tmp_path, drawing + WORDS)
    assert len(found.grids) == 1
    assert rows_of(found) == ROWS
    assert kind_of(content, found) == "ruled"
    assert all(cell.rowspan == cell.colspan == 1 for cell in found.grids[0].cells)


def test_form_with_matrix_inside_a_form(tmp_path: Path) -> None:
    inner = ("In", "0.5 0 0 0.5 10 20", grid([x * 2 for x in XS], [y * 2 for y in YS]) + "")
    page = TinyPage("/In Do\n" + WORDS.replace("1 0 0 1 ", "1 0 0 1 "), forms=[inner])
    content, found = read(tmp_path, page)
    box = found.grids[0].bbox
    assert box == pytest.approx((60, 842 - 720, 360, 842 - 660), abs=0.5)
    assert content.objects > 8


def test_merged_cells_by_missing_inner_rules(tmp_path: Path) -> None:
    drawing = line(50, 700, 350, 700) + line(150, 680, 350, 680) + line(50, 660, 350, 660) + line(50, 640, 350, 640)
    drawing += line(50, 640, 50, 700) + line(150, 640, 150, 700) + line(250, 640, 250, 680) + line(350, 640, 350, 700)
    words = text(53, 680, "Kode") + text(200, 688, "Tahun 2024") + text(153, 668, "K") + text(253, 668, "Rp")
    words += fill(XS, [660], [["5.03", "1", "2.000"]])
    _, found = read(tmp_path, drawing + words)
    cells = [(c.row, c.column, c.rowspan, c.colspan, c.text) for c in found.grids[0].cells]
    assert cells == [
        (0, 0, 2, 1, "Kode"),
        (0, 1, 1, 2, "Tahun 2024"),
        (1, 1, 1, 1, "K"),
        (1, 2, 1, 1, "Rp"),
        (2, 0, 1, 1, "5.03"),
        (2, 1, 1, 1, "1"),
        (2, 2, 1, 1, "2.000"),
    ]


def test_reading_order_does_not_follow_content_order(tmp_path: Path) -> None:
    words = text(53, 670, "kedua") + text(85, 681, "satu") + text(53, 681, "baris") + text(153, 681, "x")
    _, found = read(tmp_path, grid([50, 150, 250], [700, 660, 640]) + words)
    assert rows_of(found)[0] == ["baris satu\nkedua", "x"]


def test_doubled_characters_are_read_once_and_flagged(tmp_path: Path) -> None:
    again = text(253.4, 668, "5.000") + text(253.6, 648, "7.500")
    content, found = read(tmp_path, grid(XS, YS) + WORDS + again)
    assert rows_of(found) == ROWS
    assert "doubled_text" in content.flags
    plain, _ = read(tmp_path, grid(XS, YS) + WORDS)
    assert "doubled_text" not in plain.flags


def test_overprint_letter_by_letter_is_read_once(tmp_path: Path) -> None:
    letters = "".join(text(253 + 6 * i + shift, 668, c) for i, c in enumerate("5500") for shift in (0, 0.8))
    words = fill(XS, YS, [ROWS[0], ["1", "Belanja", ""], ROWS[2]])
    _, found = read(tmp_path, grid(XS, YS) + words + letters)
    assert rows_of(found)[1][2] == "5500"


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(text(200, 668, "9.999", mode=3), id="render mode 3"),
        pytest.param("1 g\n" + text(200, 668, "9.999") + "0 g\n", id="white on white"),
    ],
)
def test_invisible_text_is_kept_out_and_flagged(tmp_path: Path, hidden: str) -> None:
    content, found = read(tmp_path, grid(XS, YS) + WORDS + hidden)
    assert rows_of(found) == ROWS
    assert "hidden_text" in content.flags
    assert "".join(map(chr, content.hidden.code)) == "9.999"


def test_white_text_on_a_dark_header_is_read(tmp_path: Path) -> None:
    header = "0.2 g 50 680 300 20 re f 1 g\n" + fill(XS, YS[:1], ROWS[:1]) + "0 g\n"
    content, found = read(tmp_path, grid(XS, YS) + header + fill(XS, YS[1:], ROWS[1:]))
    assert rows_of(found) == ROWS
    assert found.grids[0].shaded_rows == {0}
    assert "hidden_text" not in content.flags


def _turned(rotate: int) -> TinyPage:
    """The page of the strokes test, stored turned so that it shows upright."""
    matrix = {0: "1 0 0 1 0 0", 90: "0 1 -1 0 842 0", 180: "-1 0 0 -1 595 842", 270: "0 -1 1 0 0 595"}[rotate]
    size = (595, 842) if rotate % 180 == 0 else (842, 595)
    return TinyPage(f"q {matrix} cm\n{grid(XS, YS)}{WORDS}Q\n", size=size, rotate=rotate)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_rotated_pages_give_the_same_boxes(tmp_path: Path, rotate: int) -> None:
    content, found = read(tmp_path, _turned(rotate))
    assert (content.width, content.height, content.rotation) == (595, 842, rotate)
    assert rows_of(found) == ROWS
    assert found.grids[0].bbox == pytest.approx((50, 142, 350, 202), abs=0.5)
    with pdfplumber.open(tmp_path / "page.pdf") as pdf:
        for cell in found.grids[0].cells:
            inside = [
                c
                for c in pdf.pages[0].chars
                if cell.bbox[0] <= (c["x0"] + c["x1"]) / 2 < cell.bbox[2]
                and cell.bbox[1] <= (c["top"] + c["bottom"]) / 2 < cell.bbox[3]
            ]
            assert sorted(c["text"] for c in inside if c["text"] != " ") == sorted(cell.text.replace(" ", ""))


@pytest.mark.parametrize(
    ("matrix", "step"),
    [pytest.param("0 1 -1 0", 1, id="reads upwards"), pytest.param("0 -1 1 0", -1, id="reads downwards")],
)
def test_sideways_text_in_a_header_cell(tmp_path: Path, matrix: str, step: int) -> None:
    y = 645 if step == 1 else 715
    first, second = (62, 74) if step == 1 else (74, 62)
    words = "".join(
        f"BT /F 10 Tf {matrix} {x} {y} Tm ({w}) Tj ET\n" for x, w in ((second, "RENSTRA"), (first, "TARGET AKHIR"))
    )
    drawing = grid([50, 90, 200], [720, 635, 600]) + text(95, 680, "Uraian") + text(53, 610, "1") + text(95, 610, "a")
    _, found = read(tmp_path, drawing + words)
    assert rows_of(found) == [["TARGET AKHIR\nRENSTRA", "Uraian"], ["1", "a"]]


def test_frame_round_prose_is_no_table(tmp_path: Path) -> None:
    prose = "".join(text(60, 760 - 14 * i, f"Baris prosa nomor {i} dalam bingkai") for i in range(20))
    content, found = read(tmp_path, grid([40, 555], [800, 40]) + prose)
    assert not found.grids
    assert kind_of(content, found) == "prose"


def test_frame_round_a_table_leaves_the_table(tmp_path: Path) -> None:
    _, found = read(tmp_path, grid([20, 575], [830, 20]) + grid(XS, YS) + WORDS + text(60, 760, "Tabel 1"))
    assert [rows_of(found, i) for i in range(len(found.grids))] == [ROWS]


def test_two_tables_closely_stacked(tmp_path: Path) -> None:
    lower = [635, 615, 595]
    words = fill([50, 200], lower, [["Jabatan", "Orang"], ["Staf", "12"]])
    _, found = read(tmp_path, grid(XS, YS) + WORDS + grid([50, 200, 350], lower) + words)
    assert [rows_of(found, i) for i in range(2)] == [ROWS, [["Jabatan", "Orang"], ["Staf", "12"]]]


def test_row_rules_alone_are_partly_ruled(tmp_path: Path) -> None:
    content, found = read(tmp_path, "".join(line(50, y, 550, y) for y in YS) + WORDS)
    assert not found.grids
    assert kind_of(content, found) == "partly_ruled"


def test_underlines_and_shaded_runs_rule_nothing(tmp_path: Path) -> None:
    noise = line(153, 666, 190, 666) + "0.9 g 253 666 40 10 re f 0 g\n"
    _, found = read(tmp_path, noise + grid(XS, YS) + WORDS)
    assert rows_of(found) == ROWS


def test_thousands_of_tiny_rectangles(tmp_path: Path) -> None:
    noise = "".join(
        bar(50 + i % 250 * 2, 100 + i // 250 * 3, 51 + i % 250 * 2, 101 + i // 250 * 3) for i in range(12000)
    )
    started = time.perf_counter()
    _, found = read(tmp_path, noise + grid(XS, YS) + WORDS)
    assert time.perf_counter() - started < 10
    assert ROWS in [rows_of(found, i) for i in range(len(found.grids))]


def test_white_space_outside_cells_becomes_lines(tmp_path: Path) -> None:
    content, found = read(
        tmp_path, text(50, 720, "Tabel 2.1", size=14) + grid(XS, YS) + WORDS + text(50, 600, "Sumber: SKPD")
    )
    lines = page_lines(content.chars.take(~found.taken), 1)
    assert [line.text for line in lines] == ["Tabel 2.1", "Sumber: SKPD"]
    assert lines[0].size > lines[1].size


def test_crop_box_moves_the_origin(tmp_path: Path) -> None:
    content, found = read(tmp_path, TinyPage(grid(XS, YS) + WORDS, crop=(40, 600, 400, 742)))
    assert (content.width, content.height) == (360, 142)
    assert found.grids[0].bbox == pytest.approx((10, 42, 310, 102), abs=0.5)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(text(237, 668, "55.754,55"), ["", "55.754,55"], id="most of it right of the rule"),
        pytest.param(text(218, 668, "55.754,55"), ["55.754,55", ""], id="most of it left of the rule"),
        pytest.param(text(236, 668, "55.754,55"), ["", "55.754,55"], id="the rule falls behind a dot"),
        pytest.param(text(318.5, 668, "(55.754,55)"), ["", "(55.754,55)"], id="over the outer rule"),
        pytest.param(text(238.88, 668, "12") + text(250.2, 668, "34"), ["12", "34"], id="two cells that touch"),
    ],
)
def test_words_over_a_rule_stay_whole(tmp_path: Path, words: str, expected: list[str]) -> None:
    _, found = read(tmp_path, grid(XS, YS) + fill(XS, YS, [ROWS[0], ["1", "", ""], ROWS[2]]) + words)
    assert rows_of(found)[1] == ["1", *expected]


def test_columns_shown_by_colour_alone(tmp_path: Path) -> None:
    drawing = "".join(line(50, y, 350, y) for y in YS) + line(50, 640, 50, 700) + line(350, 640, 350, 700)
    for x in XS[:-1]:
        for y in (700, 660):  # header and every second row; the paragraph inside is shaded apart
            for part in ((x, y - 5, 100, 5), (x, y - 20, 100, 3), (x, y - 17, 5, 12), (x + 95, y - 17, 5, 12)):
                drawing += "0.8 g {} {} {} {} re f\n".format(*part)
            drawing += f"0.9 g {x + 5} {y - 17} 90 12 re f\n"
    _, found = read(tmp_path, drawing + "0 g\n" + WORDS)
    assert rows_of(found) == ROWS
    assert found.grids[0].shaded_rows == {0, 2}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(["5.03", "12 Dokumen|3 Laporan", "100.000|200.000"], id="one column of amounts"),
        pytest.param(["5.03.01", "Indikator satu|Indikator dua", "500.000"], id="one amount"),
        pytest.param(["1", "12|15", "3|4"], id="bare counts"),
    ],
)
def test_cells_that_print_several_quantities_stay_whole(tmp_path: Path, row: list[str]) -> None:
    _, found = read(tmp_path, grid(XS, [700, 640]) + fill(XS, [700], [row]))
    assert rows_of(found) == [[cell.replace("|", "\n") for cell in row]]


def test_join_rules_keeps_real_gaps() -> None:
    rules = np.array([[100.0, 0, 50], [100.3, 52, 90], [100.0, 120, 160], [130.0, 0, 2]])
    joined = join_rules(rules)
    assert [(round(y), x0, x1) for y, x0, x1 in joined.tolist()] == [(100, 0, 90), (100, 120, 160)]


@settings(max_examples=60, deadline=None)
@given(st.permutations(list(range(9))), st.sampled_from([0.0, 0.4, -0.4]))
def test_text_does_not_depend_on_content_order(order: list[int], wobble: float) -> None:
    words = [(0, 10, "Rp"), (14, 10, "5.0"), (0, 22, "juta")]
    code, box, base = [], [], []
    for x, y, word in words:
        for i, letter in enumerate(word):
            code.append(ord(letter))
            box.append((x + 5 * i, y - 8, x + 5 * i + 5, y + 2))
            base.append((x + 5 * i, y + (wobble if i % 2 else 0)))
    shuffled = np.array(order)
    n = len(code)
    chars = Chars(np.array(code), np.array(box, float), np.array(base, float), np.zeros(n, int), np.zeros(n, bool))
    _, texts = Laid(chars.take(shuffled), np.zeros(n, int)).texts()
    assert texts == ["Rp 5.0\njuta"]
