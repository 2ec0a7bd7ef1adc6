"""The benchmark of spoiled numbers, on one made-up document and on numbers written out here."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks import faults
from benchmarks.own_claims import Claim, classes
from benchmarks.spoilings import DIGITS, Spoiling, changes, spoil, taken_apart
from tests.tables_by_hand import column, table

pytest.importorskip("reportlab")
pytest.importorskip("fpdf")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> faults.Book:
    from benchmarks.generate.__main__ import write
    from benchmarks.generate.documents import document

    return faults.book(write(*document("rka", 1013), tmp_path_factory.mktemp("made")))


def test_a_retyped_cell_is_read_as_typed_and_all_others_as_before(book: faults.Book, tmp_path: Path) -> None:
    fact = next(f for f in book.facts.values() if f.role == "anggaran" and f.level == "total")
    slots = book.typist.slots(fact.page, fact.bbox, fact.raw)
    text = "".join(fact.raw.split())
    other = text[1] + text[0] + text[2:]  # the font may hold no other digits
    assert other != text
    harvest = faults.reread(book, [Spoiling("changed", fact.fact_id, other, None, slots, fact.page)], tmp_path)
    found = {f.fact_id: f for t in harvest.tables for f in t.facts}
    assert "".join(found[fact.fact_id].raw.split()) == other
    assert {i: f.raw for i, f in found.items() if i != fact.fact_id} == {
        i: f.raw for i, f in book.facts.items() if i != fact.fact_id
    }
    assert found[fact.fact_id].status == "conflict"


def test_every_kind_of_slip_goes_through_and_none_is_silent(book: faults.Book, tmp_path: Path) -> None:
    chance = random.Random(3)
    spoiled = 0
    for _ in range(12):
        spoilings = spoil(book.harvest, book.typist, book.barred, chance)
        if not spoilings:
            continue
        counts, told = faults.count_run(book, spoilings, faults.reread(book, spoilings, tmp_path))
        spoiled += counts["pinned|spoiled"]
        assert not counts["pinned|silent verified"], told
    assert spoiled > 5
    assert list(changes(spoilings)) == [(s.page, s.slots, s.text) for s in spoilings if s.slots]


def test_classes_of_spoilings() -> None:
    total = Claim(["sum", "a", "b"], lambda v: v[0] == sum(v[1:]), sum=True)
    share = Claim(["share", "a", "b"], lambda v: abs(v[1] / v[2] * 100 - v[0]) <= 1)
    values = {"sum": Decimal(300), "a": Decimal(100), "b": Decimal(200), "share": Decimal(50), "c": Decimal(7)}
    assert classes([total], values, {"a": Decimal(101)}) == {"a": "pinned"}
    assert classes([share], values, {"a": Decimal(101)}) == {"a": "covered"}
    assert classes([total], values, {"c": Decimal(8)}) == {"c": "invisible"}
    assert classes([total], values, {"a": Decimal(200), "b": Decimal(100)}) == {"a": "invisible", "b": "invisible"}
    assert classes([total], values, {"a": None}) == {"a": "pinned"}


@pytest.mark.parametrize(
    ("raw", "decimals", "digits", "text"),
    [
        pytest.param("Rp 1.234.567", 0, "12345678", "Rp 12.345.678", id="grouped anew"),
        pytest.param("98,60%", 2, "860", "8,60%", id="fraction kept"),
        pytest.param("3 layanan", 0, "33", "33 layanan", id="unit kept"),
    ],
)
def test_a_number_is_put_together_with_other_digits(raw: str, decimals: int, digits: str, text: str) -> None:
    fact = table([column(0, "anggaran")], [("program", "5.03.01", ["1"])]).facts[0]
    plain = "".join(c for c in raw if c.isdigit())
    fact.raw, fact.decimals, fact.value = raw, decimals, Decimal(int(plain)).scaleb(-decimals)
    number = taken_apart(fact)
    assert number is not None
    assert number.text(digits) == text
    assert number.text(plain) == raw


def test_kinds_are_named_once() -> None:
    assert len(set(DIGITS)) == len(DIGITS)
