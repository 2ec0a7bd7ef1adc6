"""A single slip in a cell that a check pins never leaves it verified."""

from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.checks import check_document
from pipeline.checks.slips import slips
from pipeline.facts import MeantTable
from tests.tables_by_hand import column, table


def consistent(seed: int) -> MeantTable:
    """A program tree with three money columns (8 = 6 + 7) and a percentage (9 = 7/6*100) that all hold."""
    chance = random.Random(seed)
    columns = [
        column(0, "anggaran", number="6"),
        column(1, "realisasi", number="7"),
        column(2, "realisasi_kumulatif", number="8=6+7"),
        column(3, "tingkat_realisasi", number="9=7/6*100"),
    ]
    rows: list[tuple[str, str, list[int]]] = []
    for p in range(1, chance.randint(2, 3) + 1):
        program, at = [0, 0], len(rows)
        rows.append(("program", f"5.03.{p:02}", program))
        for k in range(1, chance.randint(1, 3) + 1):
            kegiatan = [0, 0]
            rows.append(("kegiatan", f"5.03.{p:02}.2.{k:02}", kegiatan))
            for s in range(1, chance.randint(1, 4) + 1):
                budget = chance.randint(1_000_000, 900_000_000)
                amounts = [budget, chance.randint(budget // 2, budget)]
                rows.append(("sub_kegiatan", f"5.03.{p:02}.2.{k:02}.{s:04}", amounts))
                kegiatan[:] = [a + b for a, b in zip(kegiatan, amounts, strict=True)]
        program[:] = [sum(r[2][i] for r in rows[at:] if r[0] == "kegiatan") for i in (0, 1)]
    total = [sum(r[2][i] for r in rows if r[0] == "program") for i in (0, 1)]
    rows.append(("total", "Jumlah", total))
    return table(columns, [(level, name, _printed(*amounts)) for level, name, amounts in rows])


def _printed(budget: int, spent: int) -> list[str]:
    share = (Decimal(spent) / Decimal(budget) * 100).quantize(Decimal("0.01"))
    return [f"{n:,}".replace(",", ".") for n in (budget, spent, budget + spent)] + [str(share).replace(".", ",")]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_a_slip_in_a_pinned_cell_is_never_verified(seed: int, data: st.DataObject) -> None:
    meant = consistent(seed)
    findings = check_document([meant], [])
    assert all(c.verdict == "holds" for c in findings.checks)
    pinned = [f for f in meant.facts if f.status == "verified"]
    assert len(pinned) >= 0.9 * len(meant.facts)
    fact = data.draw(st.sampled_from(pinned))
    assert fact.value is not None
    right, fact.value = fact.value, data.draw(st.sampled_from(list(slips(fact.value, fact.decimals))))
    findings = check_document([meant], [])
    assert fact.status != "verified"
    rounding = abs(right - fact.value) <= 1  # a rupiah may be lost in adding up
    assert rounding or any(fact.fact_id in c.fact_ids for c in findings.checks if c.verdict == "fails")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_a_slip_of_one_amount_is_blamed_on_it(seed: int, data: st.DataObject) -> None:
    meant = consistent(seed)
    amounts = [f for f in meant.facts if f.column_no < 2 and f.level == "sub_kegiatan"]
    fact = data.draw(st.sampled_from(amounts))
    right = fact.value
    assert right is not None
    fact.value = right * 10 + 3
    findings = check_document([meant], [])
    assert fact.status == "conflict"
    assert any(c.suggestion == f"{fact.fact_id}: {right}" for c in findings.checks)
    others = [f for f in meant.facts if f.status == "conflict" and f is not fact]
    assert not others
