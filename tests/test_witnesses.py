"""Pages that say another thing than they show: each trap is read rightly, or its cell is not sure."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks.hostile import KINDS, Dice
from extractors.read import read_pdf
from extractors.tables import Cell, PageInfo, Reading, SecondReading, Table, Trouble
from extractors.witness_engines import Engine, Glyph, playa, plumber
from extractors.witnesses import (
    HIGHEST,
    agrees,
    call_witnesses,
    laid_out,
    pages_to_witness,
    read_box,
    texts_in_boxes,
)
from tests.tiny_pdf import TinyPage, fill, grid, write_pdf
from tests.trap_pdf import FOCUS, ROWS, Trap, all_traps, write_trap

TRAPS = all_traps()
# what no reader of the characters can know: these must be doubted, the others must be read
LYING = {trap.name for trap in TRAPS if trap.fonts and trap.name.startswith(("says ", "all digits", "1 and 2"))}
DOUBTED = LYING | {
    "two numbers on one place", "small letters inside", "footnote mark", "private-use digits", "one private-use digit",
    "no character at all",
}  # fmt: skip


def read_trap(folder: Path, trap: Trap, mode: str = "auto") -> tuple[Reading, Cell]:
    path = write_trap(folder / "trap.pdf", trap)
    reading = call_witnesses(path, read_pdf(path), None, mode)
    assert len(reading.tables) == 1
    return reading, next(c for c in reading.tables[0].cells if (c.row, c.column) == FOCUS)


def test_there_are_enough_traps() -> None:
    assert len(TRAPS) >= 60 and len({trap.name for trap in TRAPS}) == len(TRAPS)
    assert len(DOUBTED) == 15 and {trap.name for trap in TRAPS} >= DOUBTED


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_no_trap_passes_in_silence(tmp_path: Path, trap: Trap) -> None:
    reading, cell = read_trap(tmp_path, trap)
    right = "".join(cell.text.split()) == trap.shown
    assert right or cell.confidence < 0.9, cell
    assert right is (trap.name not in DOUBTED)
    for other in reading.tables[0].cells:
        if (other.row, other.column) != FOCUS and other.text != ROWS[other.row][other.column]:
            assert other.confidence < 0.9, other
    if not right:
        assert any(t.bbox == cell.bbox and t.severity == "warn" for t in reading.troubles)


@pytest.mark.parametrize("name", ["rotate 90", "rotate 180", "rotate 270", "crop box and rotate", "drawn twice"])
def test_a_witness_that_agrees_makes_sure_and_not_more(tmp_path: Path, name: str) -> None:
    trap = next(trap for trap in TRAPS if trap.name == name)
    reading, cell = read_trap(tmp_path, trap, "always")
    assert cell.others == (SecondReading(trap.shown, "playa", HIGHEST),)
    assert cell.confidence == HIGHEST and not [t for t in reading.troubles if t.kind == "readings_disagree"]


@pytest.mark.parametrize("engine", [playa, plumber])
@pytest.mark.parametrize(("ground", "seen"), [("0 0 0.5 rg", True), ("1 g", False)], ids=["dark", "white"])
def test_white_characters_are_seen_on_a_dark_ground(engine: Engine, ground: str, seen: bool, tmp_path: Path) -> None:
    content = f"{ground} 40 690 120 30 re f 1 g BT /F 9 Tf 50 700 Td (4.500) Tj ET 0 g BT /F 9 Tf 50 600 Td (7) Tj ET"
    path = write_pdf(tmp_path / "p.pdf", TinyPage(content))
    assert laid_out(engine(path, None, [1])[1]) == ("4.500\n7" if seen else "7")


def test_disagreement_is_told_with_both_readings(tmp_path: Path) -> None:
    path = write_trap(tmp_path / "t.pdf", next(t for t in TRAPS if t.name == "level watermark of digits"))
    reading = call_witnesses(path, read_pdf(path))
    trouble = next(t for t in reading.troubles if t.kind == "readings_disagree")
    assert trouble.text == "the cell reads `4.811.172.650`, and `4.811.172.650 2024` by playa"
    cell = next(c for c in reading.tables[0].cells if (c.row, c.column) == FOCUS)
    assert cell.confidence == 0.6 and [o.method for o in cell.others] == ["playa", "plumber"]


def test_a_changed_reading_is_found_out(tmp_path: Path) -> None:
    """The witness reads for itself: a number that the first engine got wrong does not survive it."""
    xs, ys = [50.0, 150.0, 250.0, 350.0], [700.0, 680.0, 660.0]
    page = TinyPage(grid(xs, ys) + fill(xs, ys, [["No", "Uraian", "Jumlah"], ["1", "Modal", "7.500"]]))
    path = write_pdf(tmp_path / "p.pdf", page)
    reading = read_pdf(path)
    wrong = tuple(
        Cell(c.row, c.column, c.page, c.bbox, c.text.replace("7.500", "7.560")) for c in reading.tables[0].cells
    )
    table = Table(wrong, reading.tables[0].n_rows, reading.tables[0].n_columns, (1,), (0,))
    witnessed = call_witnesses(path, Reading(reading.pages, [table]), None, "always")
    cell = next(c for c in witnessed.tables[0].cells if c.text == "7.560")
    assert cell.confidence == 0.6 and {o.text for o in cell.others} == {"7.500"}
    assert all(c.confidence == HIGHEST for c in witnessed.tables[0].cells if c.text != "7.560")


def test_a_witness_that_sees_nothing_doubts_and_stops_nothing() -> None:
    cell = Cell(0, 0, 1, (0.0, 0.0, 9.0, 9.0), "1")
    assert texts_in_boxes([], [((0, 0), cell)]) == {(0, 0): ""}


@pytest.mark.parametrize(
    ("mode", "flags", "rotation", "pages"),
    [
        pytest.param("auto", (), 0, set(), id="plain page"),
        pytest.param("auto", ("hidden_text",), 0, {1}, id="flag"),
        pytest.param("auto", ("strayed_text",), 0, {1}, id="text outside its box"),
        pytest.param("auto", (), 90, set(), id="rotated-alone-is-no-doubt"),
        pytest.param("never", ("hidden_text",), 90, set(), id="never"),
        pytest.param("always", (), 0, {1}, id="always"),
    ],
)
def test_witnesses_are_called_where_a_page_is_odd(
    mode: str, flags: tuple[str, ...], rotation: int, pages: set[int]
) -> None:
    cell = Cell(0, 0, 1, (0.0, 0.0, 1.0, 1.0), "1")
    reading = Reading([PageInfo(1, "ruled", 9.0, 9.0, rotation, flags)], [Table((cell,), 1, 1, (1,), (0,))])
    assert pages_to_witness(reading, mode) == pages


def test_plain_pages_import_no_second_engine(tmp_path: Path) -> None:
    path = write_trap(tmp_path / "plain.pdf", next(t for t in TRAPS if t.name == "an honest map"))
    code = (
        "import sys; from pathlib import Path; from pipeline.harvest import read; read(Path(sys.argv[1])); "
        "print({'pdfplumber', 'playa', 'camelot', 'pdfminer'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("4.811\n.172", "4.811.172", True, id="white space"),
        pytest.param("ﬁnal", "final", True, id="ligature"),
        pytest.param("Belanja Modal", "Modal Belanja", True, id="order of words"),
        pytest.param("12", "21", False, id="order of digits"),
        pytest.param("5", "", False, id="nothing read"),
    ],
)
def test_agreement(one: str, other: str, same: bool) -> None:
    assert agrees(one, other) is same


def test_lines_and_overprints() -> None:
    def glyph(text: str, x: float, y: float, turn: int = 0) -> Glyph:
        return Glyph(text, (x, y, x + 5, y + 10), turn)

    assert laid_out([glyph("b", 10, 21), glyph("a", 5, 20), glyph("1", 0, 40), glyph("a", 5.3, 20)]) == "ab\n1"
    assert laid_out([glyph("2", 0, 10, 1), glyph("1", 0, 20, 1)]) == "12"  # reads upwards
    assert read_box([glyph("1", 0, 0), glyph("2", 50, 0)], (0, 0, 20, 20)) == "1"


def test_a_witness_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import extractors.witnesses as module

    def playa_(*_: object) -> dict[int, list[Glyph]]:
        raise ValueError("bad font")

    monkeypatch.setattr(module, "playa", playa_)
    reading, cell = read_trap(tmp_path, next(t for t in TRAPS if t.name == "rotate 90"), "always")
    assert [t.kind for t in reading.troubles] == ["no_witness"] and cell.others == ()
    assert playa is not playa_


def test_a_map_that_never_ends_costs_its_page_the_witness_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import extractors.witness_engines as engines
    import extractors.witnesses as module

    def stalling(*_: object) -> Iterator[tuple[int, list[Glyph]]]:
        yield 1, [Glyph("7", (0.0, 0.0, 5.0, 5.0))]
        while True:
            with suppress(Exception):  # as engines do
                sum(range(1000))

    for place in (engines, module):
        monkeypatch.setattr(place, "PATIENCE", 0.05)
    monkeypatch.setattr(engines, "_playa", stalling)
    assert list(playa(tmp_path, None, [1, 2, 3])) == [1]
    heard: list[Trouble] = []
    module._heard(playa, tmp_path, None, [1, 2, 3], heard)
    assert [(t.page, t.kind) for t in heard] == [(2, "no_witness"), (3, "no_witness")]
    assert "more than 0 seconds" in heard[0].text
    assert signal.getsignal(signal.SIGPROF) == signal.SIG_DFL and signal.getitimer(signal.ITIMER_PROF)[0] == 0


def test_hostile_character_maps_end_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import extractors.witness_engines as engines

    monkeypatch.setattr(engines, "PATIENCE", 0.2)
    path = tmp_path / "maps.pdf"
    path.write_bytes(KINDS["unmapped_fonts"](Dice("unmapped_fonts2")))
    start = time.process_time()
    reading = call_witnesses(path, read_pdf(path), None, "always")
    assert [t.kind for t in reading.troubles].count("no_witness") == 1 and reading.tables
    assert time.process_time() - start < 5
