"""What prose claims: amounts with their number words, amounts of the tables, and how many programs a plan has.

terbilang: digits against words. claimed_total: an amount in rupiah against the tables. claimed_count: `3 (tiga)
Program, 11 (Sebelas) Kegiatan, dan 29 (...) Sub Kegiatan` against the items that the tables hold.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractors.tables import Box, Line
from normalizers.terbilang import Amount, find_amounts
from pipeline.checks.grid import Grid
from pipeline.checks.relations import Relation, add, is_money, number
from pipeline.checks.slips import CHANGED, likeness
from pipeline.facts import Check, Fact, MeantTable

#: Smaller amounts, and amounts of fewer telling digits, are met by chance.
LEAST_AMOUNT = Decimal(100_000)
HIGH = ("total", "perangkat_daerah", "urusan", "bidang_urusan", "program")
_COUNTS = re.compile(
    r"(?<![\d.,/])(?P<number>\d{1,3})\s*(?:\((?P<words>[A-Za-z\s]{2,40})\))?\s*"
    r"(?P<what>Sub\.?\s*-?\s*Kegiatan|Program|Kegiatan)\b",
    re.IGNORECASE,
)
#: Counts this far apart in the text (characters) belong to one claim.
NEAR = 120


@dataclass(slots=True)
class Passage:
    """The prose of one page as one text, with the line each character comes from."""

    page: int
    text: str
    starts: list[tuple[int, Line]]

    def line_at(self, at: int) -> Line:
        return next((line for start, line in reversed(self.starts) if start <= at), self.starts[0][1])

    def around(self, start: int, end: int) -> str:
        return self.text[max(start - 60, 0) : end + 20].strip()


def passages(lines: Sequence[Line]) -> list[Passage]:
    """The lines of each page joined; amounts and their words may run over several lines."""
    pages: dict[int, Passage] = {}
    for line in lines:
        passage = pages.setdefault(line.page, Passage(line.page, "", []))
        passage.starts.append((len(passage.text), line))
        passage.text += line.text.strip() + " "
    return list(pages.values())


def prose_relations(tables: Sequence[MeantTable], lines: Sequence[Line]) -> list[Relation]:
    """terbilang and claimed_total relations of a document's prose."""
    books = Books(tables)
    relations: list[Relation] = []
    for passage in passages(lines):
        for amount in find_amounts(passage.text):
            if amount.value is None:
                continue
            line = passage.line_at(amount.span[0])
            claim = passage.around(*amount.span)
            if amount.words_value is not None:
                relations.append(_spelt(amount, line, claim))
            if amount.currency and abs(amount.value) >= LEAST_AMOUNT:
                relations += _against_tables(amount.value, line, claim, books)
    return relations


def _spelt(amount: Amount, line: Line, claim: str) -> Relation:
    words = amount.words_value

    def compute(_: Sequence[Decimal]) -> Decimal | None:
        return words

    relation = Relation(
        "terbilang",
        None,
        amount.raw,
        claim,
        ("terbilang",),
        "equal",
        [],
        compute,
        stated=amount.value,
        page=line.page,
        bbox=line.bbox,
    )
    relation.judge()
    return relation


class Books:
    """The money of a document's tables, as prose speaks of it: single amounts, sums of programs, what is left over."""

    def __init__(self, tables: Sequence[MeantTable]) -> None:
        self.single: dict[Decimal, list[Fact]] = {}
        self.left_over: dict[Decimal, list[Fact]] = {}
        programs: dict[tuple[object, ...], dict[str, Fact]] = {}
        rows: dict[tuple[str, int], list[Fact]] = {}
        for fact in (f for table in tables for f in table.facts):
            if fact.value is None or not is_money(fact) or fact.account is not None or fact.role == "harga_satuan":
                continue
            self.single.setdefault(fact.value, []).append(fact)
            if fact.level in HIGH:
                rows.setdefault((fact.table_id, fact.row_no), []).append(fact)
            if fact.level == "program":
                key = (fact.role, fact.year, fact.period)
                programs.setdefault(key, {}).setdefault(fact.code or fact.name_raw or "", fact)
        self.sums = [list(facts.values()) for facts in programs.values() if len(facts) > 1]
        for facts in rows.values():
            for budget in (f for f in facts if f.role in ("anggaran", "anggaran_perubahan", "target")):
                for spent in (f for f in facts if f.role == "realisasi" and f.year == budget.year):
                    rest = (budget.value or Decimal(0)) - (spent.value or Decimal(0))
                    self.left_over.setdefault(rest, [budget, spent])

        self.high = [f for facts in self.single.values() for f in facts if f.level in HIGH]


def _against_tables(value: Decimal, line: Line, claim: str, books: Books) -> list[Relation]:
    """The amount of the tables that an amount in prose repeats, or the one it misses by a slip; none where neither."""

    def relation(facts: list[Fact], shape: str) -> Relation:
        def left(values: Sequence[Decimal]) -> Decimal | None:
            return values[0] - values[1]

        how = left if shape == "left" else add if shape == "sum" else _first
        made = Relation(
            "claimed_total",
            None,
            f"Rp {number(value)}",
            claim,
            ("claimed", shape),
            "equal" if shape == "single" else "sum",
            facts,
            how,
            stated=value,
            page=line.page,
            bbox=line.bbox,
        )
        made.trusted = len(facts) == 1 or shape != "single"  # of several equal amounts the claim pins none
        made.judge()
        return made

    same = books.single.get(value, [])
    high = [f for f in same if f.level in HIGH]
    if high or (same and _telling(value)):
        return [relation(high or same, "single")]
    for facts in books.sums:
        if add([f.value for f in facts if f.value is not None]) == value:
            return [relation(facts, "sum")]
    if not _telling(value):
        return []
    if value in books.left_over:
        return [relation(books.left_over[value], "left")]
    size = value.adjusted()  # a slip drops a digit or a group of three, or leaves as many as there were
    near = [f for f in books.high if f.value is not None and abs(f.value.adjusted() - size) in (0, 1, 3)]
    slipped = [f for f in near if f.value is not None and likeness(f.value, value, f.decimals) > CHANGED]
    return [relation(slipped, "single")] if len({f.value for f in slipped}) == 1 else []


def _first(values: Sequence[Decimal]) -> Decimal | None:
    return values[0]


def _telling(value: Decimal) -> bool:
    return len(str(abs(int(value))).rstrip("0")) >= 5


def claimed_counts(grids: Sequence[Grid], lines: Sequence[Line]) -> list[Check]:
    """`3 (tiga) Program, 11 (Sebelas) Kegiatan` against the tables: held by one of them, or missed by the fullest."""
    counted: list[tuple[MeantTable, dict[str, list[str]]]] = []
    checks: list[Check] = []
    for passage in passages(lines):
        for claim in _claims(passage.text):
            levels = {level for level, _, _ in claim}
            if len(levels) < 2:
                continue
            counted = counted or [(grid.table, _counts(grid)) for grid in grids]
            fitting = [(t, c) for t, c in counted if all(c.get(level) for level in levels)]
            if not fitting:
                continue
            start, end = claim[0][2].start(), claim[-1][2].end()
            wanted = {level: int(match["number"]) for level, _, match in claim}
            held = next(((t, c) for t, c in fitting if all(len(c[x]) == wanted[x] for x in levels)), None)
            table, found = held or max(fitting, key=lambda tc: _nearness(tc[1], wanted))
            checks += _count_checks(passage, start, end, wanted, table, found)
    return checks


def _claims(text: str) -> Iterator[list[tuple[str, int, re.Match[str]]]]:
    """Runs of counts that stand near each other, each level once."""
    run: list[tuple[str, int, re.Match[str]]] = []
    for match in _COUNTS.finditer(text):
        what = re.sub(r"[\s.\-]+", "", match["what"].lower())
        level = {"program": "program", "kegiatan": "kegiatan", "subkegiatan": "sub_kegiatan"}[what]
        far = run and match.start() - run[-1][2].end() > NEAR
        if run and (far or level in {known for known, _, _ in run}):
            yield run
            run = []
        run.append((level, int(match["number"]), match))
    if run:
        yield run


def _counts(grid: Grid) -> dict[str, list[str]]:
    """The distinct items of a table by level, each by the id of its first fact (or its code)."""
    first: dict[int, str] = {}
    for fact in grid.table.facts:
        first.setdefault(fact.row_no, fact.fact_id)
    seen: dict[str, dict[str, str]] = {}
    for item in grid.items():
        key = item.head.code or (item.head.name_raw or "").lower()
        fact_id = next((first[r] for r in item.rows if r in first), "")
        seen.setdefault(item.level, {}).setdefault(key, fact_id)
    return {level: list(known.values()) for level, known in seen.items()}


def _nearness(found: dict[str, list[str]], wanted: dict[str, int]) -> int:
    return -sum(abs(len(found[level]) - number) for level, number in wanted.items())


def _count_checks(
    passage: Passage, start: int, end: int, wanted: dict[str, int], table: MeantTable, found: dict[str, list[str]]
) -> Iterator[Check]:
    line = passage.line_at(start)
    for level, claimed in wanted.items():
        held = len(found[level])
        text = f"The prose claims {claimed} {level}; table {table.table_id} holds {held}."
        yield _check(
            "claimed_count",
            table.table_id,
            passage.around(start, end),
            line.page,
            line.bbox,
            [i for i in found[level] if i],
            Decimal(held),
            Decimal(claimed),
            text,
            level,
        )


def _check(
    kind: str,
    table_id: str | None,
    claim: str,
    page: int,
    bbox: Box,
    fact_ids: list[str],
    expected: Decimal,
    found: Decimal,
    text: str,
    key: str,
) -> Check:
    identity = hashlib.sha1(f"{kind}|{table_id}|{page}|{key}|{claim}".encode(), usedforsecurity=False).hexdigest()[:16]
    verdict = "holds" if expected == found else "fails"
    return Check(
        identity,
        table_id,
        kind,
        key,
        fact_ids,
        [],
        page,
        bbox,
        claim,
        expected,
        found,
        found - expected,
        verdict,
        None,
        text,
    )
