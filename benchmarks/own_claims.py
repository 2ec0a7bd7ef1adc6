"""What a document claims of its own numbers, told without the pipeline's checks: the referee of the faults benchmark.

Sums along codes, along account codes and under totals; the printed formulas of numbering rows; percentages, differences
and products that the roles of columns suggest; equal numbers in two tables. A family of claims over one column counts
only where nearly all of it holds in the unspoiled document.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.facts import Fact, MeantTable

#: A family that holds on fewer of its rows is no claim of the document.
MOST = 0.8
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Claim:
    """`holds(values)` over the values of its facts. A `sum` still claims when a part is lost."""

    facts: list[str]
    holds: Callable[[Sequence[Decimal]], bool]
    sum: bool = False


def own_claims(tables: Sequence[MeantTable]) -> Iterator[Claim]:
    """The claims that hold in the unspoiled document."""
    values = {f.fact_id: f.value for t in tables for f in t.facts if f.value is not None}
    families = list(_equal(tables))
    for table in tables:
        families += [*_code_sums(table), *_account_sums(table), *_totals(table), *_formulas(table), *_by_role(table)]
    for family in families:
        held = [c for c in family if c.holds([values[i] for i in c.facts])]
        if len(held) >= MOST * len(family):
            yield from (c for c in held if any(values[i] for i in c.facts))


def classes(claims: Iterable[Claim], values: dict[str, Decimal], changed: dict[str, Decimal | None]) -> dict[str, str]:
    """The class of each spoiled fact, all spoilings of the document taken together; None is a lost number."""
    found = dict.fromkeys(changed, "invisible")
    for claim in claims:
        touched = [i for i in claim.facts if i in changed]
        if not touched:
            continue
        numbers = [changed.get(i, values[i]) for i in claim.facts]
        known = [n for n in numbers if n is not None]
        if len(known) < len(numbers) and not (claim.sum and numbers[0] is not None and len(known) > 1):
            continue  # with its row the claim is gone
        broken = not claim.holds(known)
        for i in touched:
            if broken:
                found[i] = "pinned"
            elif found[i] == "invisible" and len(touched) == 1:
                found[i] = "covered"
    return found


def _adds_up(v: Sequence[Decimal]) -> bool:
    return abs(v[0] - sum(v[1:])) <= 1


def _sum_claim(whole: Fact, parts: Sequence[Fact]) -> Claim:
    return Claim([whole.fact_id, *(f.fact_id for f in parts)], _adds_up, sum=True)


def _plain_money(fact: Fact) -> bool:
    named = fact.role in ("harga_satuan", "bobot") or "tingkat" in fact.role or "%" in fact.raw
    return fact.quantity == "anggaran" and fact.value is not None and not named and fact.unit != "Persen"


def _code_sums(table: MeantTable) -> Iterator[list[Claim]]:
    columns: dict[int, dict[str, Fact]] = {}
    for fact in table.facts:
        if _plain_money(fact) and fact.code and fact.account is None:
            columns.setdefault(fact.column_no, {}).setdefault(fact.code, fact)
    for by_code in columns.values():
        parts: dict[str, list[Fact]] = defaultdict(list)
        for code, fact in by_code.items():
            pieces = code.split(".")
            parts[".".join(pieces[:-2] if len(pieces) == 5 else pieces[:-1])].append(fact)
        yield [_sum_claim(by_code[above], facts) for above, facts in parts.items() if above in by_code]


def _account_sums(table: MeantTable) -> Iterator[list[Claim]]:
    columns: dict[tuple[object, ...], dict[str, Fact]] = {}
    for fact in table.facts:
        if _plain_money(fact) and fact.account:
            columns.setdefault((fact.column_no, fact.code, fact.agency), {}).setdefault(fact.account, fact)
    for by_account in columns.values():
        parts: dict[str, list[Fact]] = defaultdict(list)
        for account, fact in by_account.items():
            above = account.rpartition(".")[0]
            if above in by_account:
                parts[above].append(fact)
        yield [_sum_claim(by_account[above], facts) for above, facts in parts.items()]


def _totals(table: MeantTable) -> Iterator[list[Claim]]:
    """One total line against the highest lines of its table."""
    for column in {f.column_no for f in table.facts if _plain_money(f)}:
        facts = [f for f in table.facts if f.column_no == column and _plain_money(f) and f.account is None]
        totals = [f for f in facts if f.level == "total"]
        for level in ("perangkat_daerah", "program", "kegiatan", "sub_kegiatan"):
            lines = {f.code or f.agency or f.row_no: f for f in facts if f.level == level}
            if len(lines) > 1 and totals:
                yield [_sum_claim(totals[-1], list(lines.values()))]
                break


def _formulas(table: MeantTable) -> Iterator[list[Claim]]:
    numbered: dict[str, list[int]] = {}
    for c in table.columns:
        if c.number and (label := re.match(r"\s*\(?(\d+)", c.number)):
            numbered.setdefault(label[1], []).append(c.index)
    cells = {(f.row_no, f.column_no): f for f in table.facts if f.value is not None and f.part == 0}
    by_index = {c.index: c for c in table.columns}
    for c in table.columns:
        terms = re.fullmatch(r"\s*\(?\d+\)?\s*=\s*\(?([\d\s+/]+)\)?(?:\s*[*x]\s*100)?\s*", c.number or "")
        if not terms:
            continue
        labels = re.findall(r"\d+", terms[1])
        for quantity in ("anggaran", "kinerja"):
            same = [[i for i in numbered.get(x, []) if by_index[i].quantity == quantity] for x in labels]
            if not all(len(s) == 1 for s in same) or ("/" not in terms[1] and quantity != c.quantity):
                continue
            how = _percent if "/" in terms[1] else lambda _: _adds_up
            yield list(_of_row(cells, c.index, [s[0] for s in same], how))


def _of_row(
    cells: dict[tuple[int, int], Fact],
    index: int,
    inputs: Sequence[int],
    how: Callable[[Fact], Callable[[Sequence[Decimal]], bool]],
) -> Iterator[Claim]:
    for (row, column), result in cells.items():
        facts = [f for i in inputs if (f := cells.get((row, i))) is not None]
        if column == index and len(facts) == len(inputs):
            yield Claim([result.fact_id, *(f.fact_id for f in facts)], how(result))


def _percent(result: Fact) -> Callable[[Sequence[Decimal]], bool]:
    place = Decimal(1).scaleb(-(result.decimals or 0))

    def holds(v: Sequence[Decimal]) -> bool:
        return bool(v[2]) and abs(v[1] / v[2] * HUNDRED - v[0]) <= place

    return holds


def _product(_: Fact) -> Callable[[Sequence[Decimal]], bool]:
    return lambda v: abs(v[0] - v[1] * v[2]) <= 1


def _difference(_: Fact) -> Callable[[Sequence[Decimal]], bool]:
    return lambda v: abs(abs(v[0]) - abs(v[1] - v[2])) <= 1


def _by_role(table: MeantTable) -> Iterator[list[Claim]]:
    """Percentages, differences and products of columns that stand for one quantity, year and period."""
    cells = {(f.row_no, f.column_no): f for f in table.facts if f.value is not None and f.part == 0}
    columns = [c for c in table.columns if c.kind == "quantity"]
    for c in columns:
        if c.number and "=" in c.number:
            continue
        if c.role in ("tingkat_realisasi", "selisih"):
            near = [o for o in columns if (o.quantity, o.year, o.period) == (c.quantity, c.year, c.period)]
            tops = [o.index for o in near if o.role in ("realisasi", "anggaran_perubahan")]
            bottoms = [o.index for o in near if o.role in ("anggaran", "target", "anggaran_perubahan")]
            pairs = [(a, b) for a in tops for b in bottoms if a != b]
            how = _percent if c.role == "tingkat_realisasi" or c.percent else _difference
            if len(pairs) == 1:
                yield list(_of_row(cells, c.index, pairs[0], how))
        if c.role in ("anggaran", "anggaran_perubahan", "target"):
            made = [[o.index for o in columns if o.role == role] for role in ("volume", "harga_satuan")]
            if all(len(m) == 1 for m in made):
                yield list(_of_row(cells, c.index, [m[0] for m in made], _product))


def _equal(tables: Sequence[MeantTable]) -> Iterator[list[Claim]]:
    """One family for each pair of tables and meaning of columns."""
    seen: dict[tuple[object, ...], list[Fact]] = {}
    for fact in (f for t in tables for f in t.facts if f.code and f.value is not None):
        named = "" if _plain_money(fact) else re.sub(r"\W+", " ", (fact.indicator or "").lower())
        if named or _plain_money(fact):
            key = (fact.code, fact.level, named, fact.quantity, fact.role, fact.year, fact.period, fact.account)
            seen.setdefault(key, []).append(fact)
    families: dict[tuple[object, ...], list[Claim]] = defaultdict(list)
    for facts in seen.values():
        for other in facts[1:]:
            if other.table_id != facts[0].table_id:
                pair = (facts[0].table_id, other.table_id, other.role, other.quantity, other.year)
                families[pair].append(Claim([facts[0].fact_id, other.fact_id], lambda v: v[0] == v[1]))
    yield from families.values()
