"""percent_of and the arithmetic that header words claim where no formula is printed.

Which columns belong together is inferred from their roles, so a relation counts only where it holds on a clear majority
of the rows: realisation over target, attainment over the multi-year target, change = after - before, volume x price,
men + women = total.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from normalizers.columns import Column
from pipeline.checks.formulas import subject_of
from pipeline.checks.grid import Grid
from pipeline.checks.relations import Compute, Relation, accept_caps, add
from pipeline.checks.slips import digits_of
from pipeline.facts import Fact, MeantTable

HUNDRED = Decimal(100)
#: Of the informative rows of a column, how many must agree before an inferred relation is believed.
BELIEVED = 0.7
#: Fewer are enough where numbers so long agree to the last digit: the other rows are wrong then, not the relation.
BY_CHANCE_NEVER = 0.4

_TOPS = ("realisasi", "realisasi_kumulatif", "perkiraan_realisasi", "anggaran_perubahan")
_BOTTOMS = {
    "tingkat_realisasi": ("anggaran_perubahan", "anggaran", "target", "kebutuhan", "target_renstra"),
    "tingkat_capaian": ("target_renstra", "target", "anggaran", "anggaran_perubahan"),
}
_CHANGE_WORD = re.compile(r"tambah|kurang|selisih|ubahan|naik|turun|lebih", re.IGNORECASE)
_TOTAL_WORD = re.compile(r"^(jumlah|total|jml)\b\.?(\s+(total|seluruh\w*|pegawai|orang))?$", re.IGNORECASE)


def ratio(values: Sequence[Decimal]) -> Decimal | None:
    top, bottom = values
    return None if bottom == 0 else top / bottom * HUNDRED


def inverse_ratio(values: Sequence[Decimal]) -> Decimal | None:
    """For indicators where less is better: target over realisation."""
    return ratio((values[1], values[0]))


def shortfall_ratio(values: Sequence[Decimal]) -> Decimal | None:
    """For indicators where less is better: (2 x target - realisation) over target."""
    top, bottom = values
    return None if bottom == 0 else (2 * bottom - top) / bottom * HUNDRED


def difference(values: Sequence[Decimal]) -> Decimal | None:
    return values[0] - values[1]


def backwards(values: Sequence[Decimal]) -> Decimal | None:
    return values[1] - values[0]


def change_ratio(values: Sequence[Decimal]) -> Decimal | None:
    after, before = values
    return None if before == 0 else (after - before) / before * HUNDRED


def negative_change_ratio(values: Sequence[Decimal]) -> Decimal | None:
    change = change_ratio(values)
    return None if change is None else -change


def product(values: Sequence[Decimal]) -> Decimal | None:
    out = Decimal(1)
    for value in values:
        out *= value
    return out


def percents_of(table: MeantTable, grid: Grid, explained: set[int]) -> list[Relation]:
    """Inferred relations of a table. `explained` are the columns whose printed formula already holds."""
    relations: list[Relation] = []
    numbers = Counter([f.column_no for f in table.facts if f.value is not None])
    for column in table.columns:
        if column.kind != "quantity" or column.index in explained:
            continue
        candidates = (_capped(list(_rows(table, grid, column, *shape))) for shape in _candidates(grid, column))
        relations += _believed(candidates, numbers[column.index])
    return relations


def _capped(relations: list[Relation]) -> list[Relation]:
    accept_caps(relations)
    return relations


Shape = tuple[str, str, tuple[Column, ...], Compute]


def _candidates(grid: Grid, column: Column) -> Iterator[Shape]:
    """(kind, shape, input columns, how) of each relation that the column's role makes likely, likeliest first."""
    columns, block = grid.table.columns, grid.blocks[column.index]
    others = [c for c in columns if c.kind == "quantity" and c.index != column.index and grid.blocks[c.index] == block]
    if column.role in _BOTTOMS:
        for top, bottom in _pairs(column, others, _TOPS, _BOTTOMS[column.role]):
            yield "percent_of", "quotient", (top, bottom), ratio
            if _CHANGE_WORD.search(column.label):
                yield "percent_of", "quotient", (top, bottom), change_ratio
                yield "percent_of", "quotient", (top, bottom), negative_change_ratio
    if column.role == "selisih":
        yield from _changes(column, others)
    if column.role in ("anggaran", "target", "jumlah", "anggaran_perubahan", "realisasi", "rancangan_awal"):
        yield from _products(column, others)
    if _TOTAL_WORD.match(column.label.rpartition(" > ")[2].strip()):
        yield from _row_total(column, columns)


def _pairs(
    column: Column, others: Sequence[Column], tops: Sequence[str], bottoms: Sequence[str]
) -> Iterator[tuple[Column, Column]]:
    def near(other: Column) -> tuple[bool, bool, bool, int]:
        return (
            other.quantity != column.quantity,
            other.year != column.year,
            other.period != column.period,
            abs(other.index - column.index),
        )

    top_columns = sorted((c for c in others if c.role in tops and not c.percent), key=near)[:4]
    bottom_columns = sorted((c for c in others if c.role in bottoms and not c.percent), key=near)[:5]
    for top in top_columns:
        for bottom in bottom_columns:
            if top.quantity == bottom.quantity:
                yield top, bottom


def _changes(column: Column, others: Sequence[Column]) -> Iterator[Shape]:
    later = [c for c in others if c.role in ("realisasi", "anggaran_perubahan", "kebutuhan", "target", "proyeksi")]
    earlier = [c for c in others if c.role in ("anggaran", "target", "realisasi", "rancangan_awal")]
    for after in later:
        for before in earlier:
            if after.index == before.index or after.quantity != before.quantity:
                continue
            if not column.percent:
                yield "row_formula", "sum", (after, before), difference
                yield "row_formula", "sum", (after, before), backwards
            yield "percent_of", "quotient", (after, before), change_ratio
            yield "percent_of", "quotient", (after, before), negative_change_ratio
            yield "percent_of", "quotient", (after, before), ratio


def _products(column: Column, others: Sequence[Column]) -> Iterator[Shape]:
    volumes = [c for c in others if c.role == "volume"]
    prices = [c for c in others if c.role == "harga_satuan"]
    for price in prices:
        yield from (("row_formula", "product", (volume, price), product) for volume in volumes)
        if len(volumes) > 1:
            yield "row_formula", "product", (*volumes, price), product


def _row_total(column: Column, columns: Sequence[Column]) -> Iterator[Shape]:
    """`Jumlah` = the columns under the same header, else those between the total before it and itself."""
    parent = column.label.rpartition(" > ")[0]
    quantities = [c for c in columns if c.kind == "quantity" and c.quantity == column.quantity]
    family = [c for c in quantities if c.label.rpartition(" > ")[0] == parent and c.index != column.index]
    before = [c for c in family if c.index < column.index]
    last = max((c.index for c in before if _TOTAL_WORD.match(c.label.rpartition(" > ")[2].strip())), default=-1)
    run = tuple(c for c in before if c.index > last)
    if len(run) >= 2:
        yield "row_formula", "sum", run, add
    if len(family) >= 2 and len(family) > len(run):
        yield "row_formula", "sum", tuple(family), add
    after = [c for c in quantities if c.index > column.index]
    group = after[0].label.rpartition(" > ")[0] if after else ""
    if group and group != parent:  # `Jumlah | Kondisi > Baik, Rusak`: the columns under the next header
        yield "row_formula", "sum", tuple(c for c in after if c.label.rpartition(" > ")[0] == group), add


def _rows(
    table: MeantTable, grid: Grid, column: Column, kind: str, shape: str, inputs: tuple[Column, ...], how: Compute
) -> Iterator[Relation]:
    claim = f"{_leaf(column)} of {' and '.join(_leaf(c) for c in inputs)}"
    group = (table.table_id, kind, str(column.index), *(str(c.index) for c in inputs), getattr(how, "__name__", ""))
    for row in grid.rows_of_column.get(column.index, []):
        for part in grid.parts(row, column.index):
            result = grid.get(row, column.index, part)
            facts = [grid.get(row, c.index, part) for c in inputs]
            present = [f for f in facts if f is not None]
            if result is None or not present or (len(present) < len(facts) and how is not add):
                continue
            relation = Relation(
                kind, table.table_id, subject_of(result), claim, group, shape, present, how, result, printed=False
            )
            relation.judge()
            if relation.verdict == "fails" and (len(present) < len(facts) or _less_is_better(relation)):
                relation.verdict = "void"
            yield relation


def _less_is_better(relation: Relation) -> bool:
    """Whether a performance quotient that fails holds the other way round."""
    result = relation.result
    if relation.compute is not ratio or result is None or result.quantity != "kinerja":
        return False
    others: tuple[Callable[[Sequence[Decimal]], Decimal | None], ...] = (inverse_ratio, shortfall_ratio)
    values = [f.value for f in relation.inputs if f.value is not None]
    return any(relation.exactly(how(values), result.value) for how in others)


def _leaf(column: Column) -> str:
    return column.label.rpartition(" > ")[2].strip() or f"column {column.index}"


def _believed(candidates: Iterable[list[Relation]], numbers: int) -> list[Relation]:
    """The candidate that holds on most rows, where they are a clear majority; its capped rows come with it.

    None is better than one that explains all numbers of the column: then no other is looked at.

    Of fewer than three rows a quotient is believed only where it is the likeliest: small numbers give 100 in many ways.
    """
    best: list[Relation] = []
    best_score = (0.0, 0)
    for place, relations in enumerate(candidates):
        told = [r for r in relations if r.tells()]
        holds = sum(r.verdict == "holds" for r in told)
        if not told:
            if not best and place == 0 and any(r.capped for r in relations):
                best = relations
            continue
        rate = holds / len(told)
        few = rate == 1.0 and (place == 0 or relations[0].shape != "quotient")
        sure = rate >= BY_CHANCE_NEVER and sum(_no_chance(r) for r in told) >= 2
        named = relations[0].shape == "product" and any(_no_chance(r) for r in told)
        if ((rate >= BELIEVED and holds >= 3) or few or sure or named) and (rate, holds) > best_score:
            best, best_score = relations, (rate, holds)
            if best_score == (1.0, numbers):
                break
    return best


def _no_chance(relation: Relation) -> bool:
    """Whether a relation holds exactly among different numbers so long that they do not meet by chance."""
    result = relation.result
    values = [abs(f.value) for f in relation.facts if f.value]
    if relation.verdict != "holds" or not relation.exact or result is None or not result.value:
        return False
    if len(values) < 3 or len(set(values)) < len(values):
        return False
    if relation.shape == "product":
        return len(values) == 3 and all(v > 1 for v in values)
    if relation.shape == "quotient":
        return abs(result.value) != HUNDRED and len(digits_of(result.value, result.decimals)[0]) >= 3
    return min(len(digits_of(v, None)[0]) for v in values) >= 4


def capped_percents(relations: Sequence[Relation]) -> dict[tuple[str, ...], list[Fact]]:
    """The results printed as 100 although more was reached, by group."""
    out: dict[tuple[str, ...], list[Fact]] = {}
    for r in relations:
        if r.capped and r.result is not None:
            out.setdefault(r.group, []).append(r.result)
    return out
