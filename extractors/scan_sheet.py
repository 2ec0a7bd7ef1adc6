"""A scanned page made upright, with its rules, its cells and its lines of ink: everything that needs no reading, and which
way up it is to be read."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .ocr import LineReading, Recogniser
from .picture import Gray, Picture, straighten
from .picture_rules import Rules, find_rules
from .picture_text import Ink, InkLine, cut, find_ink, lines_in, open_lines
from .scan_grid import Lattice, Slot, lattices

PROBE = 8  # lines read to see whether a page stands on its head
SHORTEST, LONGEST = 5, 25  # letter heights: the width of a line that tells it


@dataclass(slots=True)
class Sheet:
    """One way up of a page: `cells` are the lines in each of the `slots`, `free` those outside the tables; `probed`: by
    the line's id, what the main reader gave when the way up was asked."""

    picture: Picture
    rules: Rules
    tables: list[Lattice]
    ink: Ink
    slots: list[Slot]
    cells: list[list[InkLine]]
    free: list[InkLine]
    probed: dict[int, LineReading] = field(default_factory=dict)


def upright_sheet(gray: Gray, unit: float, main: Recogniser) -> Sheet:
    """The page the way up in which it reads best."""
    sheets: dict[int, Sheet] = {}

    def legible(candidate: Picture) -> float:
        sheets[id(candidate)] = sheet_of(candidate)
        return _legible(sheets[id(candidate)], main)

    picture = straighten(gray, unit, legible)
    return sheets[id(picture)]


def sheet_of(picture: Picture) -> Sheet:
    """The rules and lines of a picture as it stands."""
    rules = find_rules(picture.gray, picture.unit)
    tables = lattices(rules.regions, picture.unit)
    ink = find_ink(picture.gray, rules, picture.unit)
    slots = [slot for table in tables for slot in table.slots]
    cells = [lines_in(ink, np.flatnonzero(ink.region == slot.region.label), side_by_side=False) for slot in slots]
    inside = [slot.region.label for slot in slots]
    free = open_lines(ink, np.flatnonzero((ink.region >= 0) & ~np.isin(ink.region, inside)))
    return Sheet(picture, rules, tables, ink, slots, cells, free)


def _legible(sheet: Sheet, main: Recogniser) -> float:
    """How well a few lines read, 0..1: near 0 for a page on its head; -1 where there is nothing to judge."""
    letter = sheet.ink.letter
    lines = [*sheet.free, *(line for cell in sheet.cells for line in cell)]
    wide = [one for one in lines if one.x1 - one.x0 > SHORTEST * letter and one.bottom - one.top < 3 * letter]
    fit = [one for one in wide if one.x1 - one.x0 < LONGEST * letter]
    fit = fit if len(fit) >= PROBE else wide
    if len(fit) < 3:
        return -1.0
    step = max(1, len(fit) // PROBE)
    chosen = fit[::step][:PROBE]
    scores = []
    for line, one in zip(chosen, main.read([cut(sheet.ink, line) for line in chosen]), strict=True):
        sheet.probed[id(line)] = one
        letters = sum(c.isalnum() for c in one.text)
        scores.append(one.typical * letters / max(1, len(one.text.replace(" ", ""))))
    return float(np.mean(scores))
