"""cross_table: the same quantity printed twice in a document must be the same number.

The same code (or indicator), role, year, period and quantity in two tables; the two blocks of T-C.31 and T-C.33, whose
roles differ, where the document lets them agree on nearly every row.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from pipeline.checks.formulas import subject_of
from pipeline.checks.indicators import Alike, Indicator, are_alike, indicator_of
from pipeline.checks.relations import Relation, grouped, is_money, is_percent
from pipeline.checks.tree import blocks_of
from pipeline.facts import Fact, MeantTable

#: Roles that a plan copies from one table to the next. Believed only where nearly every row agrees.
COPIED = ({"rancangan_awal", "kebutuhan", "target"},)
NEARLY_ALL = 0.8
RATES = ("tingkat_realisasi", "tingkat_capaian")
PLANS = ("target", "target_renstra", "anggaran", "anggaran_perubahan", "rancangan_awal", "kebutuhan")


@dataclass(slots=True)
class Place:
    """A fact with what it is compared by."""

    fact: Fact
    table: MeantTable
    order: int
    indicator: Indicator
    words: frozenset[str]  # of the indicator


def cross_tables(tables: Sequence[MeantTable]) -> list[Relation]:
    """Equality of all pairs of facts of a document that mean the same."""
    places = list(_places(tables))
    relations = list(_same_code(places)) + list(_same_indicator(places))
    return _doubt(relations)


def _places(tables: Sequence[MeantTable]) -> Iterator[Place]:
    for order, table in enumerate(tables):
        unclear = unclear_columns(table)
        items = {row.row_no: row.item for row in reversed(table.rows)}
        first: set[tuple[object, ...]] = set()
        for fact in table.facts:
            if fact.value is None or fact.column_no in unclear:
                continue
            if is_money(fact) and fact.account is None and items.get(fact.row_no, fact.row_no) != fact.row_no:
                continue  # a repeated amount of the same item
            key = (fact.row_no, fact.part, fact.column_no)
            if key in first:
                continue
            first.add(key)
            indicator = indicator_of(fact.indicator or fact.name_raw or fact.name or "")
            yield Place(fact, table, order, indicator, indicator.words)


def unclear_columns(table: MeantTable) -> set[int]:
    """Columns of one meaning that print different numbers: the header does not tell what sets them apart."""
    alike: dict[tuple[object, ...], list[int]] = {}
    blocks = blocks_of(table)
    for c in table.columns:
        if c.kind == "quantity":
            alike.setdefault((c.role, c.quantity, c.year, c.period, blocks[c.index]), []).append(c.index)
    values = {(f.row_no, f.part, f.column_no): f.value for f in table.facts}
    unclear: set[int] = set()
    for first, *others in (indexes for indexes in alike.values() if len(indexes) > 1):
        for other in others:
            pairs = [
                (v, values[(r, p, other)]) for (r, p, c), v in values.items() if c == first and (r, p, other) in values
            ]
            if sum(a == b for a, b in pairs) < NEARLY_ALL * len(pairs) or not pairs:
                unclear |= {first, other}
    return unclear | _rates_of_other_bases(table)


def _rates_of_other_bases(table: MeantTable) -> set[int]:
    """Rates beside a realisation but no plan: attainment of a national standard, of another region, of last year."""
    quantities = [c for c in table.columns if c.kind == "quantity"]
    realised = {c.quantity for c in quantities if c.role == "realisasi"}
    planned = {c.quantity for c in quantities if c.role in PLANS}
    return {c.index for c in quantities if c.role in RATES and c.quantity in realised - planned}


def _meaning(fact: Fact) -> tuple[object, ...]:
    return (fact.year, _span(fact.period), fact.quantity, fact.account, fact.part, is_percent(fact))


@lru_cache(maxsize=1_000)
def _span(period: str) -> str:
    """`tw2` and `sd_tw2` may be meant alike: whether they are, the rows tell."""
    return re.sub(r"^sd_(?=tw|sm|b\d)", "", period)


def _same_code(places: Sequence[Place]) -> Iterator[Relation]:
    """Facts under one code. Amounts belong to the item; performance to one indicator of it."""
    by_code: dict[tuple[object, ...], list[Place]] = {}
    for p in places:
        if p.fact.code and p.fact.level not in ("indikator", "total"):
            by_code.setdefault((p.fact.code, p.fact.level, *_meaning(p.fact)), []).append(p)
    for group in by_code.values():
        if (
            len(group) > 1 and len({(p.order, p.fact.role) for p in group}) > 1
        ):  # of one table, two columns of one role are never compared
            pairs = combinations(_once_a_table(_first_columns(group, same_item=True)), 2)
            yield from (
                _equal(a, b) for a, b in pairs
                if _comparable(a, b) and (a.fact.quantity != "kinerja" or _same_measure(a, b))
            )  # fmt: skip


def _same_indicator(places: Sequence[Place]) -> Iterator[Relation]:
    """Performance under one indicator where at least one of the tables prints no code."""
    by_meaning: dict[tuple[object, ...], list[Place]] = {}
    for p in places:
        if p.fact.quantity == "kinerja" and p.words:
            by_meaning.setdefault((p.fact.role, p.fact.year, _span(p.fact.period)), []).append(p)
    alike = Alike(p.indicator for group in by_meaning.values() for p in group)
    for group in by_meaning.values():
        if any(p.order != group[0].order for p in group):  # each group is of one role
            pairs = _alike_pairs(_first_columns(_of_one_number(group), same_item=False), alike)
            yield from (
                _equal(a, b) for a, b in pairs
                if _comparable(a, b) and not _by_code(a, b) and not _other_unit(a.fact, b.fact)
            )  # fmt: skip


def _alike_pairs(places: Sequence[Place], alike: Alike) -> Iterator[tuple[Place, Place]]:
    """All pairs of places with the same indicator in two tables, in the order of the places."""
    at: dict[Indicator, list[int]] = {}
    for i, place in enumerate(places):
        at.setdefault(place.indicator, []).append(i)
    near: dict[Indicator, list[int]] = {}
    for i, place in enumerate(places):
        known = near.get(place.indicator)
        if known is None:
            known = near[place.indicator] = sorted(j for one in alike.to(place.indicator) for j in at.get(one, ()))
        for j in known[bisect_right(known, i) :]:
            if places[j].order != place.order:
                yield place, places[j]


def _of_one_number(group: Sequence[Place]) -> list[Place]:
    """Leaves out indicators that one table prints with several numbers: several items are measured by them."""
    numbers: dict[tuple[object, ...], set[Decimal | None]] = {}
    for p in group:
        numbers.setdefault((p.order, p.indicator), set()).add(p.fact.value)
    return [p for p in group if len(numbers[p.order, p.indicator]) == 1]


def _first_columns(group: Sequence[Place], same_item: bool) -> list[Place]:
    """Of one table, role and row only the first column: its twins in the same row are another matter."""
    seen: set[tuple[object, ...]] = set()
    keys: list[tuple[object, ...]]
    out: list[Place] = []
    for p in sorted(group, key=lambda p: (p.order, p.fact.row_no, p.fact.column_no)):
        keys = [(p.order, p.fact.row_no, p.fact.role, p.fact.part)]
        if not same_item:  # an indicator repeated row after row with one number is compared once
            keys.append((p.order, p.fact.role, p.words, p.fact.value))
        if not seen.intersection(keys):
            seen.update(keys)
            out.append(p)
    return out


def _once_a_table(places: Sequence[Place]) -> list[Place]:
    """Those whose code stands in their table once: twice is a matter of codes, not of numbers."""
    keys = [(p.order, p.fact.role, p.words if p.fact.quantity == "kinerja" else None) for p in places]
    counts = Counter(keys)
    return [p for p, key in zip(places, keys, strict=True) if counts[key] == 1]


def _comparable(a: Place, b: Place) -> bool:
    """Whether two facts may say the same by where they stand and by their roles."""
    one, other = a.fact, b.fact
    if a.order == b.order and (one.role == other.role or one.row_no != other.row_no):
        return False  # of one table: only two columns of one row may say the same
    if one.fact_id == other.fact_id:
        return False
    return one.role == other.role or any({one.role, other.role} <= roles for roles in COPIED)


def _by_code(a: Place, b: Place) -> bool:
    """Whether two facts are compared by their codes already."""
    return all(p.fact.code and p.fact.level != "indikator" for p in (a, b))


def _same_measure(a: Place, b: Place) -> bool:
    return are_alike(a.indicator, b.indicator) and not _other_unit(a.fact, b.fact)


def _other_unit(a: Fact, b: Fact) -> bool:
    return bool(a.unit and b.unit and a.unit != b.unit)


def _same(values: Sequence[Decimal]) -> Decimal | None:
    return values[0]


def _equal(a: Place, b: Place) -> Relation:
    fact, other = b.fact, a.fact  # the later table's number is held against the earlier one's
    claim = f"{fact.role} {fact.quantity} {fact.year or ''} in {a.table.table_id} and {b.table.table_id}".strip()
    same_meaning = fact.role == other.role and fact.period == other.period
    how = "code" if fact.code and fact.code == other.code else "indicator"
    group = (
        "cross",
        how,
        a.table.table_id,
        b.table.table_id,
        other.role,
        fact.role,
        fact.quantity,
        str(fact.year),
        other.period,
        fact.period,
    )
    relation = Relation(
        "cross_table", b.table.table_id, subject_of(fact), claim, group, "equal", [other], _same, fact,
        printed=same_meaning,
    )  # fmt: skip
    relation.judge()
    return relation


def _doubt(relations: list[Relation]) -> list[Relation]:
    """Leaves out pairs of tables that plainly do not speak of the same."""
    out: list[Relation] = []
    for members in grouped(relations).values():
        told = [r for r in members if r.tells()]
        holds = sum(r.verdict == "holds" for r in told)
        if members[0].printed:  # one role and period
            believed = len(told) < 4 or holds >= 0.5 * len(told)
        else:
            believed = len(told) >= 5 and holds >= NEARLY_ALL * len(told)
        if believed and not holds:  # nothing else shows that the two tables mean the same: the units must
            members = [r for r in members if len({f.unit for f in r.facts}) == 1]
        out += members if believed else []
    return out
