"""A second reading of a cell: proof together with the arithmetic, doubt without it."""

from __future__ import annotations

from pathlib import Path

from extractors.tables import Cell, Reading, SecondReading, Table
from pipeline import rereads
from pipeline.facts import Document, Harvest, MeantTable
from pipeline.harvests import meaning_key
from pipeline.second_readings import checked, with_answers
from tests.tables_by_hand import column, statuses, table

COLUMNS = [column(0, "anggaran"), column(1, "realisasi"), column(2, "tingkat_realisasi")]


def meant(wrong: str) -> MeantTable:
    rows = [
        ("program", "5.03.02", ["3.875.550.000", "3.698.626.072", "95"]),
        ("kegiatan", "5.03.02.2.01", ["1.521.550.000", "1.398.468.521", "92"]),
        ("kegiatan", "5.03.02.2.02", ["860.000.000", wrong, "98"]),
        ("kegiatan", "5.03.02.2.03", ["684.000.000", "663.009.785", "97"]),
        ("kegiatan", "5.03.02.2.04", ["810.000.000", "797.528.934", "98"]),
    ]
    made = table(COLUMNS, rows, kind="anggaran_realisasi")
    for fact in made.facts:
        fact.bbox = (fact.column_no * 50.0, fact.row_no * 10.0, fact.column_no * 50.0 + 50, fact.row_no * 10.0 + 10)
    return made


def reading(made: MeantTable) -> Reading:
    cells = tuple(Cell(f.row_no, f.column_no, f.page, f.bbox, f.raw) for f in made.facts)
    return Reading(tables=[Table(cells, 5, 3, (1,), (0,))])


def harvest(wrong: str, heard: str | None) -> tuple[Harvest, MeantTable]:
    made = meant(wrong)
    answers = {(1, (50.0, 20.0, 100.0, 30.0)): [SecondReading(heard, "rapidocr:1.5", 0.8)]} if heard else {}
    return Harvest(Document("d" * 64, "a.pdf"), with_answers(reading(made), answers), [made]), made


def test_two_readings_and_the_arithmetic_repair_a_number() -> None:
    found, made = harvest("893.618.832", "839.618.832")
    findings = checked(found)
    fact = next(f for f in made.facts if f.fact_id == "t1.2.1")
    assert (fact.status, fact.value, fact.raw) == ("repaired", 839618832, "893.618.832")
    assert "conflict" not in statuses(made).values()
    assert all(c.verdict == "holds" for c in findings.checks)
    assert [p.kind for p in findings.problems] == ["repaired_reading"]
    assert [t.kind for t in found.reading.troubles] == ["readings_disagree"]


def test_a_second_reading_that_proves_nothing_is_told_and_changes_nothing() -> None:
    found, made = harvest("893.618.832", "893.618.882")
    checked(found)
    fact = next(f for f in made.facts if f.fact_id == "t1.2.1")
    assert (fact.status, fact.value) == ("conflict", 893618832)
    (trouble,) = found.reading.troubles
    assert "`893.618.832`" in trouble.text and "`893.618.882` by rapidocr:1.5" in trouble.text
    assert found.reading.tables[0].cells[7].confidence <= 0.6


def test_a_second_reading_against_a_proved_number_proves_nothing() -> None:
    found, made = harvest("839.618.832", "893.618.832")
    checked(found)
    fact = next(f for f in made.facts if f.fact_id == "t1.2.1")
    assert (fact.status, fact.value) == ("verified", 839618832)


def test_readings_that_agree_leave_the_reading_as_it_is() -> None:
    found, made = harvest("893.618.832", "893.618.832")
    checked(found)
    assert found.reading.troubles == []
    assert statuses(made)["t1.2.1"] == "conflict"


def test_the_meaning_is_made_anew_when_answers_are_there(tmp_path: Path) -> None:
    before = meaning_key("a.pdf", {}, "1-r", rereads.answers_key(tmp_path, "d" * 64, "1-r"))
    request = rereads.Request(1, (0.0, 0.0, 1.0, 1.0), "ruled", "`1` contradicts the document")
    answer = rereads.Answer(request, SecondReading("7", "plumber", 0.99))
    rereads.keep(tmp_path, "d" * 64, "1-r", [answer])
    assert before == meaning_key("a.pdf", {}, "1-r")
    assert before != meaning_key("a.pdf", {}, "1-r", rereads.answers_key(tmp_path, "d" * 64, "1-r"))
    assert rereads.answers_key(tmp_path, "d" * 64, "2-r") == ""
