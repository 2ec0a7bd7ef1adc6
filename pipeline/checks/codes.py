"""code_name: where a row's code, its name and its place do not fit together, and codes printed for two items.

What is found is said of the code; it says nothing of the row's numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from normalizers.rows import Row
from pipeline.checks.grid import Grid
from pipeline.checks.tree import Item
from pipeline.facts import Check, Fact, MeantTable, Problem

CODED = ("program", "kegiatan", "sub_kegiatan")
#: A table prints the level above where it does so for this share of a level's groups.
PRINTED = 0.5


def code_names(grids: Sequence[Grid]) -> list[Check]:
    """The findings on codes of all tables."""
    return [check for grid in grids for check in _of_table(grid)]


def missing_rows(tables: Sequence[MeantTable]) -> list[Problem]:
    """Codes and accounts without the line above them, in tables that print that line for nearly all others."""
    return [problem for table in tables for problem in _orphans(table)]


def _orphans(table: MeantTable) -> Iterator[Problem]:
    first: dict[int, Fact] = {}
    for fact in table.facts:
        first.setdefault(fact.row_no, fact)
    rows: dict[tuple[str, int], dict[str, int]] = {}  # codes of one level (accounts: of one length) -> row
    known: set[str] = set()
    for row in table.rows:
        code = row.account or (row.code if row.level in (*CODED, "bidang_urusan") else None)
        if code and row.block == 0:
            known.add(code)
            rows.setdefault((row.level, code.count(".")), {}).setdefault(code, row.row_no)
    for (level, _), codes in rows.items():
        alone = {code: row for code, row in codes.items() if level != "bidang_urusan" and _above(code) not in known}
        with_line = {_above(code) for code in codes if code not in alone}
        without = list(dict.fromkeys(_above(code) for code in alone))
        if not with_line or len(with_line) < PRINTED * (len(with_line) + len(without)):
            continue
        for above in without:
            code, at = next((c, r) for c, r in alone.items() if _above(c) == above)
            here = first.get(at)
            text = f"{code} stands without the line of {above}; the table prints such lines elsewhere"
            page, bbox = (here.page, here.bbox) if here is not None else (None, None)
            yield Problem(page, table.table_id, bbox, "missing_row", "note", code, text)


def _above(code: str) -> str:
    """The code one level up; the two parts of a kegiatan's own number go together."""
    parts = code.split(".")
    return ".".join(parts[:-2] if len(parts) == 5 and len(parts[3]) == 1 else parts[:-1])


def _of_table(grid: Grid) -> Iterator[Check]:
    table = grid.table
    facts: dict[int, list[Fact]] = {}
    for fact in table.facts:
        facts.setdefault(fact.row_no, []).append(fact)
    told: set[str] = set()
    for row in table.rows:
        if row.finding and row.block == 0:
            told.add(row.code_raw or "")
            yield _check(table, [row], facts, row.finding, row.code if row.code_how == "repaired" else None)
    for first, second in _twice(grid.items()):
        if (second.head.code_raw or "") in told:
            continue
        text = f"The code {second.head.code_raw} stands at {first.name} and again at {second.name}."
        yield _check(table, [first.head, second.head], facts, text, None)


def _twice(items: Sequence[Item]) -> Iterator[tuple[Item, Item]]:
    """Pairs of items with one printed code and different names."""
    seen: dict[tuple[str, str], Item] = {}
    for item in items:
        if item.level not in CODED or not item.head.code_raw or item.head.code_how not in ("printed", "repaired"):
            continue
        key = (item.level, item.head.code_raw)
        before = seen.setdefault(key, item)
        if before is not item and _key(before) != _key(item):
            yield before, item


def _key(item: Item) -> str:
    return "".join(ch for ch in item.name.lower() if ch.isalnum())


def _check(
    table: MeantTable, rows: Sequence[Row], facts: dict[int, list[Fact]], text: str, suggestion: str | None
) -> Check:
    here = [fact for row in rows for fact in facts.get(row.row_no, [])]
    key = "|".join((table.table_id, "code_name", *(str(row.code_raw) for row in rows), *(f.fact_id for f in here[:1])))
    return Check(
        check_id=hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()[:16],
        table_id=table.table_id,
        kind="code_name",
        subject=rows[-1].name_raw or rows[-1].code_raw or "",
        fact_ids=[fact.fact_id for fact in here],
        pins=[],
        page=here[0].page if here else rows[-1].page,
        bbox=here[0].bbox if here else None,
        claim=rows[-1].code_raw,
        expected=None,
        found=None,
        difference=None,
        verdict="fails",
        suggestion=suggestion,
        explanation=text if text.endswith(".") else f"{text}.",
    )
