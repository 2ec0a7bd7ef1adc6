"""Several readings of one cell of a scan: which one is given, and how sure it is.

The rule: a reading is sure (0.9 and more) only where two independent readers agree on every character but white space.
A recogniser's own score never makes a reading sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .ocr_text import is_broken_number, is_plain_number, skeleton
from .tables import SecondReading

ALL_AGREE, MOST_AGREE = 0.97, 0.9
ALONE = 0.8  # at most, for one reader without a witness
DISPUTED = 0.5  # at most, where another reader says something else
EMPTY = 0.95  # no ink and no other text


@dataclass(frozen=True, slots=True)
class Verdict:
    """The reading given for a cell, its confidence, its method, and the other readings."""

    text: str
    confidence: float
    method: str
    others: tuple[SecondReading, ...]


def decide(readings: Sequence[SecondReading], inked: bool = False, limit: float = 1.0) -> Verdict:
    """The verdict over `readings`, the main one first. Readings of one engine (the word before `:` in `method`) count
    as one voice; an empty reading of a witness says nothing unless all are empty. `inked`: the cell is not blank;
    `limit`: the most that numbers of this page may be sure (print too small to tell its points)."""
    main = readings[0]
    spoken = [one for one in readings if skeleton(one.text)]
    if not spoken:
        return Verdict("", DISPUTED if inked else EMPTY, main.method, ())
    voices: dict[str, set[str]] = {}
    for one in spoken:
        voices.setdefault(skeleton(one.text), set()).add(_engine(one))
    engines = {_engine(one) for one in spoken}
    best = max(voices, key=lambda text: (len(voices[text]), _rank(text, main, spoken)))
    chosen = _speaker(best, spoken)
    others = tuple(one for one in readings if one is not chosen)
    sure = _sure(len(voices[best]), len(engines), chosen, spoken, main)
    if is_broken_number(chosen.text):  # both readers lose the same faint mark
        sure = min(sure, DISPUTED)
    if any(c.isdigit() for c in chosen.text):
        sure = min(sure, limit)
    return Verdict(chosen.text, round(sure, 3), chosen.method, others)


def _sure(
    agreeing: int, engines: int, chosen: SecondReading, spoken: Sequence[SecondReading], main: SecondReading
) -> float:
    if agreeing >= 2:
        return ALL_AGREE if agreeing == engines and _consistent(chosen, spoken) else MOST_AGREE
    if engines == 1 and skeleton(main.text) and _consistent(chosen, spoken):
        return min(ALONE, 0.2 + 0.6 * chosen.confidence)
    return min(DISPUTED, 0.1 + 0.4 * chosen.confidence)


def _consistent(chosen: SecondReading, spoken: Sequence[SecondReading]) -> bool:
    return all(skeleton(one.text) == skeleton(chosen.text) for one in spoken)


def _rank(text: str, main: SecondReading, spoken: Sequence[SecondReading]) -> tuple[bool, bool, float]:
    sure = max(one.confidence for one in spoken if skeleton(one.text) == text)
    return is_plain_number(text), text == skeleton(main.text), sure


def _speaker(best: str, spoken: Sequence[SecondReading]) -> SecondReading:
    """The first of equal readings: text layers of scans put blanks into words, the recogniser's come from the
    picture."""
    return next(one for one in spoken if skeleton(one.text) == best)


def _engine(reading: SecondReading) -> str:
    return reading.method.split(":")[0]
