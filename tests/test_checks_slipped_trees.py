"""Made-up trees with slips in them: what a failing sum shakes is never verified by a copy or by a lone slip elsewhere."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from pipeline.checks import check_document
from pipeline.checks.slips import slips
from pipeline.facts import MeantTable
from tests.tables_by_hand import column, table


def tree(chance: random.Random) -> MeantTable:
    """One to three programs with kegiatan and sub kegiatan, and their total; every sum is right."""
    rows: list[tuple[str, str, int]] = []
    for p in range(1, chance.randint(1, 3) + 1):
        at = len(rows)
        rows.append(("program", f"5.03.{p:02}", 0))
        for k in range(1, chance.randint(1, 3) + 1):
            parts = [chance.randint(1000, 900_000) * chance.choice([1, 100, 1000]) for _ in range(chance.randint(1, 4))]
            rows.append(("kegiatan", f"5.03.{p:02}.2.{k:02}", sum(parts)))
            rows += [("sub_kegiatan", f"5.03.{p:02}.2.{k:02}.{s:04}", part) for s, part in enumerate(parts, 1)]
            rows[at] = (*rows[at][:2], rows[at][2] + sum(parts))
    rows.append(("total", "Jumlah", sum(amount for level, _, amount in rows if level == "program")))
    printed = [(level, code, [f"{amount:,}".replace(",", ".")]) for level, code, amount in rows]
    return table([column(0, "target")], printed)


@pytest.mark.parametrize("seed", range(6))
def test_no_slip_is_verified_unless_all_its_checks_hold(seed: int) -> None:
    chance = random.Random(seed)
    spoiled = 0
    for _ in range(25):
        meant = tree(chance)
        chosen = chance.sample(meant.facts, chance.randint(1, 3))
        if chance.random() < 0.3:  # a number and the one that repeats it
            chosen = [f for f in meant.facts if f.value == chosen[0].value]
        right = {f.fact_id: f.value for f in meant.facts}
        for fact in chosen:
            same = next(
                (f.value for f in chosen if f.value != right[f.fact_id] and right[f.fact_id] == fact.value), None
            )
            fact.value = same or chance.choice(list(slips(fact.value or Decimal(0), 0)))
        checks = check_document([meant], []).checks
        shaken = {i for check in checks if check.verdict == "fails" for i in check.fact_ids}
        wrong = [f for f in meant.facts if f.value != right[f.fact_id]]
        spoiled += len(wrong)
        assert [f.fact_id for f in wrong if f.status == "verified" and f.fact_id in shaken] == []
    assert spoiled > 25
