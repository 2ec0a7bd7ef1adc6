"""What a second reading of a cell is worth: with the document's arithmetic it proves a number, alone it only doubts one.

Answers of `pipeline.rereads` and readings by other engines stand beside a cell (`Cell.others`). Where one of them reads
the very value that the checks propose for a number in conflict, the first reading was wrong and the number is repaired.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from extractors.tables import Box, Cell, Reading, SecondReading, Table, Trouble
from extractors.witnesses import DISAGREE, agrees
from normalizers.grid import fold
from pipeline.checks import Findings, check_document
from pipeline.checks.blame import proposal_of
from pipeline.checks.slips import digits_of
from pipeline.facts import Fact, Harvest, MeantTable, Problem

Place = tuple[int, tuple[int, ...]]  # page, and the box rounded to the point
Heard = dict[Place, tuple[SecondReading, ...]]


def place_of(page: int, bbox: Box) -> Place:
    return page, tuple(round(x) for x in bbox)


def with_answers(reading: Reading, answers: Mapping[tuple[int, Box], Sequence[SecondReading]]) -> Reading:
    """A reading with answers beside its cells; numbers that they dispute are doubted, and both readings told."""
    if not answers:
        return reading
    given = {place_of(*place): heard for place, heard in answers.items()}
    troubles = list(reading.troubles)
    tables = [_answered(table, given, troubles) for table in reading.tables]
    return replace(reading, tables=tables, troubles=troubles)


def _answered(table: Table, given: Mapping[Place, Sequence[SecondReading]], troubles: list[Trouble]) -> Table:
    cells: list[Cell] = []
    for cell in table.cells:
        heard = given.get(place_of(cell.page, cell.bbox), ())
        new = [one for one in heard if one not in cell.others]
        other = next((o for o in new if not agrees(cell.text, o.text) and any(c.isdigit() for c in cell.text)), None)
        if other is not None:
            text = f"the cell reads `{fold(cell.text)}`, and `{fold(other.text)}` by {other.method}"
            troubles.append(Trouble(cell.page, "readings_disagree", text, "warn", cell.bbox))
            cell = replace(cell, confidence=min(cell.confidence, DISAGREE))
        cells.append(replace(cell, others=(*cell.others, *new)) if new else cell)
    return replace(table, cells=tuple(cells))


def checked(harvest: Harvest) -> Findings:
    """The checks of a harvest; numbers that a second reading and the arithmetic agree on are `repaired` (in place)."""
    findings = check_document(harvest.tables, harvest.reading.lines)
    heard = _disputed(harvest.reading)
    repairs = _repairs(harvest.tables, findings, heard) if heard else []
    if not repairs:
        return findings
    read = [(fact, fact.value) for fact, _, _ in repairs]
    for fact, value, _ in repairs:
        fact.value = value
    again = _again(harvest)
    unproved = [(fact, printed) for fact, printed in read if fact.status != "verified"]
    if unproved:
        for fact, printed in unproved:
            fact.value = printed
        again = _again(harvest)
    kept = [(f, one) for f, _, one in repairs if f not in [fact for fact, _ in unproved] and f.status == "verified"]
    for fact, one in kept:
        fact.status = "repaired"
        again.problems.append(_told(fact, one))
    return again


def _again(harvest: Harvest) -> Findings:
    for table in harvest.tables:
        for fact in table.facts:
            fact.status = "unverified"
    return check_document(harvest.tables, harvest.reading.lines)


def _disputed(reading: Reading) -> Heard:
    """The cells that somebody reads otherwise."""
    return {
        place_of(cell.page, cell.bbox): cell.others
        for table in reading.tables
        for cell in table.cells
        if cell.others and not all(agrees(cell.text, other.text) for other in cell.others)
    }


def _repairs(
    tables: Sequence[MeantTable], findings: Findings, heard: Heard
) -> list[tuple[Fact, Decimal, SecondReading]]:
    """Numbers in conflict, the value that a failing check proposes, and the reading that says the same."""
    proposals = {p for check in findings.checks if (p := proposal_of(check.suggestion)) is not None}
    by_id = {fact.fact_id: fact for table in tables for fact in table.facts if fact.status == "conflict"}
    out: list[tuple[Fact, Decimal, SecondReading]] = []
    for fact_id, value in sorted(proposals):
        fact = by_id.get(fact_id)
        others = heard.get(place_of(fact.page, fact.bbox), ()) if fact is not None and fact.part == 0 else ()
        one = next((o for o in others if fact is not None and _reads(o.text, value, fact.decimals)), None)
        if fact is not None and one is not None:
            out.append((fact, value, one))
    return out


def _reads(text: str, value: Decimal, decimals: int | None) -> bool:
    """Whether a text prints the digits of a value and no others."""
    return re.sub(r"\D", "", text).lstrip("0") == digits_of(value, decimals)[0].lstrip("0")


def _told(fact: Fact, one: SecondReading) -> Problem:
    text = f"read as `{fold(fact.raw)}`, and as `{fold(one.text)}` by {one.method}; the checks prove the second"
    return Problem(fact.page, fact.table_id, fact.bbox, "repaired_reading", "note", fact.raw, text)
