"""Cells whose text is not that of the characters in their boxes are worth a witness; the others are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import extractors.again as module
from extractors import witnesses
from extractors.again import strays
from extractors.lattice import Grid
from extractors.pages import Chars
from extractors.tables import Cell


def chars(*words: tuple[str, float, float], turn: int = 0) -> Chars:
    """Characters 5 wide and 10 high, each word from (x, base line)."""
    each = [(c, x + 5 * i, y) for text, x, y in words for i, c in enumerate(text)]
    base = np.array([(x, y) for _, x, y in each])
    box = np.array([(x, y - 8, x + 5, y + 2) for _, x, y in each])
    n = len(each)
    return Chars(np.array([ord(c) for c, _, _ in each]), box, base, np.full(n, turn), np.zeros(n, dtype=np.bool_))


def grid(*texts: str, cut: int = 1, sure: float = 0.97) -> Grid:
    """One row of cells 50 wide, between 0 and 30."""
    cells = [Cell(0, i, 1, (50.0 * i, 0.0, 50.0 * i + 50, 30.0), t, confidence=sure) for i, t in enumerate(texts)]
    xs = tuple(50.0 * i for i in range(len(texts) + 1))
    return Grid(1, (0.0, 0.0, xs[-1], 30.0), xs, (0.0, 30.0), cells, rows_cut=cut)


PRINTED = chars(("Modal", 2, 10), ("kerja", 2, 22), ("7.500", 60, 10))


@pytest.mark.parametrize(
    ("texts", "differs"),
    [
        pytest.param(("Modal\nkerja", "7.500"), False, id="as printed"),
        pytest.param(("Modal\nkerja", "7. 500"), False, id="white space"),
        pytest.param(("kerja\nModal", "7.500"), False, id="words in another order"),
        pytest.param(("Modal\nkerja", ""), True, id="a number is missing"),
        pytest.param(("Modal\nkerja 7.500", ""), True, id="in the wrong cell"),
        pytest.param(("Modal\nkerja", "7.050"), True, id="digits in another order"),
        pytest.param(("Modal", "7.500"), True, id="words are missing"),
    ],
)
def test_text_and_characters(texts: tuple[str, ...], differs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert strays(PRINTED, [grid(*texts)]) is differs
    monkeypatch.setattr(witnesses, "AT_ONCE", 1)  # a box at a time
    assert strays(PRINTED, [grid(*texts)]) is differs


def test_numbers_beside_words_of_two_lines_are_in_doubt() -> None:
    """The file's order of characters is not the one on the page."""
    printed = chars(("Taman", 2, 10), ("(TK)", 2, 22), ("1", 40, 16))
    assert strays(printed, [grid("Taman\n(TK) 1")])


def test_only_doubtful_grids_are_asked() -> None:
    assert not strays(PRINTED, [grid("Modal\nkerja", "", cut=0)])
    over = replace(grid("Modal\nkerja", "7.500", cut=0, sure=0.9), overflows={1})
    assert strays(PRINTED, [over])  # a number that runs over its rule
    words = replace(grid("Modal\nkerja", cut=0, sure=0.9), overflows={0})
    assert not strays(chars(("Modal", 2, 10), ("kerja", 2, 22)), [words])


def test_turned_characters_are_laid_out() -> None:
    upwards = chars(("7", 20, 28), ("5", 20, 20), ("0", 20, 12), turn=1)
    assert not strays(upwards, [grid("750")])
    assert strays(upwards, [grid("057")])


def test_too_many_are_left_to_a_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    assert strays(PRINTED, [grid("Modal\nkerja", "7.500")])
