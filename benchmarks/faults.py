"""Spoils numbers of documents and counts what the checks notice.

    python -m benchmarks.faults [FOLDER] [--count 1000] [--seed 1] [--json out.json]

FOLDER holds PDFs (default data/raw) or expected `*.facts.csv`. Each run spoils one to five cells of one document: two
digits exchanged, a digit changed, dropped or doubled, two neighbours of a column swapped, a piece of a column shifted
by one row, a row lost. Before that each spoiling is classed by this benchmark's own relations (sums along codes,
printed formulas, equal numbers in two tables), which share nothing with the pipeline's checks:

pinned     a relation that held is broken by the spoiling
covered    the cell stands in a relation, but the relation goes on holding (a percentage of large amounts)
invisible  nothing in the document says anything of the cell, or the spoilings cancel out (siblings swapped)

Prints for each class: spoiled cells, detected (in conflict, or named by a check that fails now), suggested rightly,
SILENT verified, SILENT unverified (confidence 0.9 or more), and false alarms on untouched facts.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks.expected_facts import load_tables
from extractors.tables import Line
from pipeline.checks import check_document
from pipeline.checks.blame import proposal_of
from pipeline.facts import Fact, MeantTable

DIGITS = ("exchanged", "changed", "dropped", "doubled")
CELLS = (*DIGITS, "swapped", "shifted", "lost row")
CLASSES = ("pinned", "covered", "invisible")


@dataclass(slots=True)
class Book:
    """A document with what the checks say of it unspoiled."""

    name: str
    tables: list[MeantTable]
    lines: list[Line]
    conflicts: set[str]
    failing: set[str]
    claims: list[Claim]


@dataclass(slots=True)
class Claim:
    """An own relation: `holds(values)` over the values of its facts. A `sum` still claims when a part is lost."""

    facts: list[str]
    holds: Callable[[Sequence[Decimal]], bool]
    sum: bool = False


@dataclass(slots=True)
class Spoiling:
    """One fact with another value; value None where its row was lost."""

    kind: str
    fact_id: str
    value: Decimal | None


# --- documents -------------------------------------------------------------------------------------------------------


def books(folder: Path) -> Iterator[Book]:
    for path in sorted(folder.glob("*.facts.csv")):
        yield _book(path.name, load_tables(path), [])
    for path in sorted(folder.glob("*.pdf")):
        from pipeline.harvest import harvest  # slow to import, and not needed for CSV

        found = harvest(path)
        yield _book(path.name, found.tables, found.reading.lines)


def _book(name: str, tables: list[MeantTable], lines: list[Line]) -> Book:
    findings = check_document(tables, lines)
    conflicts = {f.fact_id for t in tables for f in t.facts if f.status == "conflict"}
    failing = {c.check_id for c in findings.checks if c.verdict == "fails"}
    return Book(name, tables, lines, conflicts, failing, list(own_claims(tables)))


# --- own relations ---------------------------------------------------------------------------------------------------


def own_claims(tables: Sequence[MeantTable]) -> Iterator[Claim]:
    """Sums along codes, printed formulas and equal numbers that hold in the unspoiled document."""
    values = {f.fact_id: f.value for t in tables for f in t.facts if f.value is not None}
    made = [*_equal(tables)]
    for table in tables:
        made += [*_code_sums(table), *_formulas(table)]
    for claim in made:
        numbers = [values[i] for i in claim.facts]
        if any(numbers) and claim.holds(numbers):
            yield claim


def _plain_money(fact: Fact) -> bool:
    return fact.quantity == "anggaran" and fact.value is not None and "tingkat" not in fact.role and "%" not in fact.raw


def _code_sums(table: MeantTable) -> Iterator[Claim]:
    columns: dict[int, dict[str, Fact]] = {}
    for fact in table.facts:
        if _plain_money(fact) and fact.code and fact.account is None:
            columns.setdefault(fact.column_no, {}).setdefault(fact.code, fact)
    for by_code in columns.values():
        parts: dict[str, list[Fact]] = {}
        for code, fact in by_code.items():
            pieces = code.split(".")
            above = ".".join(pieces[:-2] if len(pieces) == 5 else pieces[:-1])  # kegiatan codes have two parts more
            parts.setdefault(above, []).append(fact)
        for above, facts in parts.items():
            if above in by_code:
                yield Claim(
                    [by_code[above].fact_id, *(f.fact_id for f in facts)], lambda v: v[0] == sum(v[1:]), sum=True
                )


def _formulas(table: MeantTable) -> Iterator[Claim]:
    numbered: dict[str, list[int]] = {}
    for c in table.columns:
        if c.number and (label := re.match(r"\s*\(?(\d+)", c.number)):
            numbered.setdefault(label[1], []).append(c.index)
    cells = {(f.row_no, f.column_no): f for f in table.facts if f.value is not None and f.part == 0}
    by_index = {c.index: c for c in table.columns}
    values = {f.fact_id: f.value for f in cells.values() if f.value is not None}
    for c in table.columns:
        terms = re.fullmatch(r"\s*\(?\d+\)?\s*=\s*\(?([\d\s+/]+)\)?(?:\s*[*x]\s*100)?\s*", c.number or "")
        if not terms:
            continue
        labels = re.findall(r"\d+", terms[1])
        for quantity in ("anggaran", "kinerja"):
            same = [[i for i in numbered.get(x, []) if by_index[i].quantity == quantity] for x in labels]
            if not all(len(s) == 1 for s in same) or ("/" not in terms[1] and quantity != c.quantity):
                continue
            claims = []
            for (row, index), result in cells.items():
                inputs = [cells.get((row, s[0])) for s in same]
                if index == c.index and all(inputs):
                    ids = [result.fact_id, *(f.fact_id for f in inputs if f is not None)]
                    how = _percent(result.decimals or 0) if "/" in terms[1] else lambda v: v[0] == sum(v[1:])
                    claims.append(Claim(ids, how))
            held = sum(claim.holds([values[i] for i in claim.facts]) for claim in claims)
            if held > 0.6 * len(claims):  # else the header is wrong, or the numbers bind elsewhere
                yield from claims
                break


def _percent(decimals: int) -> Callable[[Sequence[Decimal]], bool]:
    def holds(v: Sequence[Decimal]) -> bool:
        return bool(v[2]) and abs(v[1] / v[2] * 100 - v[0]) <= Decimal("0.5").scaleb(-decimals)

    return holds


def _equal(tables: Sequence[MeantTable]) -> Iterator[Claim]:
    seen: dict[tuple[object, ...], list[Fact]] = {}
    for fact in (f for t in tables for f in t.facts if f.code and f.value is not None):
        named = "" if _plain_money(fact) else re.sub(r"\W+", " ", (fact.indicator or "").lower())
        key = (fact.code, fact.level, named, fact.quantity, fact.role, fact.year, fact.period, fact.account)
        seen.setdefault(key, []).append(fact)
    for facts in seen.values():
        for other in facts[1:]:
            if other.table_id != facts[0].table_id:
                yield Claim([facts[0].fact_id, other.fact_id], lambda v: v[0] == v[1])


# --- spoiling --------------------------------------------------------------------------------------------------------


def spoil(book: Book, chance: random.Random) -> list[Spoiling]:
    """One to five cells of a document, spoiled in one way."""
    kind = chance.choice(CELLS)
    facts = [f for t in book.tables for f in t.facts if f.value and f.fact_id not in book.conflicts and f.quantity]
    if kind in DIGITS:
        chosen = chance.sample(facts, min(chance.randint(1, 5), len(facts)))
        made = [Spoiling(kind, f.fact_id, _digits(f, kind, chance)) for f in chosen]
    else:
        made = _cells(book, kind, chance.choice(facts), chance)
    old = {f.fact_id: f.value for f in facts}
    return [s for s in made if s.value is None or s.value != old.get(s.fact_id)][:5]


def _digits(fact: Fact, kind: str, chance: random.Random) -> Decimal:
    assert fact.value is not None
    places = fact.decimals or 0
    digits = str(abs(int(fact.value.scaleb(places))))
    i = chance.randrange(len(digits))
    if kind == "exchanged":
        i = min(i, max(len(digits) - 2, 0))
        digits = digits[:i] + digits[i : i + 2][::-1] + digits[i + 2 :]
    elif kind == "changed":
        digits = digits[:i] + chance.choice([d for d in "0123456789" if d != digits[i]]) + digits[i + 1 :]
    elif kind == "dropped":
        digits = digits[:i] + digits[i + 1 :]
    else:
        digits = digits[:i] + digits[i] + digits[i:]
    return Decimal(int(digits or "0")).scaleb(-places) * (-1 if fact.value < 0 else 1)


def _cells(book: Book, kind: str, fact: Fact, chance: random.Random) -> list[Spoiling]:
    table = next(t for t in book.tables if t.table_id == fact.table_id)
    if kind == "lost row":
        return [Spoiling(kind, f.fact_id, None) for f in table.facts if f.row_no == fact.row_no]
    column = [f for f in table.facts if f.column_no == fact.column_no and f.value is not None]
    at = column.index(fact)
    if kind == "swapped":
        pair = column[at : at + 2]
        return (
            [Spoiling(kind, a.fact_id, b.value) for a, b in zip(pair, pair[::-1], strict=True)] if len(pair) > 1 else []
        )
    piece = column[at : at + chance.randint(2, 5)]
    return [Spoiling(kind, a.fact_id, b.value) for a, b in zip(piece[1:], piece, strict=False)]


def classes(book: Book, spoilings: Sequence[Spoiling]) -> dict[str, str]:
    """The class of each spoiled fact, all spoilings taken together."""
    changed = {s.fact_id: s.value for s in spoilings}
    values = {f.fact_id: f.value for t in book.tables for f in t.facts if f.value is not None}
    found = dict.fromkeys(changed, "invisible")
    for claim in book.claims:
        touched = [i for i in claim.facts if i in changed]
        if not touched:
            continue
        numbers = [changed.get(i, values[i]) for i in claim.facts]
        known = [n for n in numbers if n is not None]
        lost = len(known) < len(numbers)
        if lost and not (claim.sum and numbers[0] is not None and len(known) > 1):
            continue  # with its row the claim is gone
        broken = not claim.holds(known)
        for i in touched:
            if broken:
                found[i] = "pinned"
            elif found[i] == "invisible" and len(touched) == 1:
                found[i] = "covered"
    return found


def spoiled(book: Book, spoilings: Sequence[Spoiling]) -> list[MeantTable]:
    """The document's tables with the spoilings in them."""
    changed = {s.fact_id: s for s in spoilings}
    tables = []
    for table in book.tables:
        lost = {f.row_no for f in table.facts if f.fact_id in changed and changed[f.fact_id].value is None}
        facts = []
        for fact in table.facts:
            if fact.row_no in lost:
                continue
            twin = copy.copy(fact)
            twin.status = "unverified"
            if fact.fact_id in changed:
                twin.value = changed[fact.fact_id].value
                twin.raw = f"{twin.value:f}"
            facts.append(twin)
        made = copy.copy(table)
        made.facts, made.rows = facts, [r for r in table.rows if r.row_no not in lost]
        tables.append(made)
    return tables


# --- counting --------------------------------------------------------------------------------------------------------


def run(book: Book, spoilings: Sequence[Spoiling], counts: Counter[str], examples: list[str]) -> None:
    """Checks the spoiled document and adds to the counts."""
    tables = spoiled(book, spoilings)
    findings = check_document(tables, book.lines)
    facts = {f.fact_id: f for t in tables for f in t.facts}
    right = {f.fact_id: f.value for t in book.tables for f in t.facts}
    fails = [c for c in findings.checks if c.verdict == "fails" and c.check_id not in book.failing]
    named = {i for c in fails for i in c.fact_ids}
    proposed = {p for c in fails if (p := proposal_of(c.suggestion)) is not None}
    for s, label in zip(spoilings, classes(book, spoilings).values(), strict=True):
        counts[f"{label} spoiled"] += 1
        fact = facts.get(s.fact_id)
        if fact is None:  # its row is lost: noticed where anything fails
            counts[f"{label} detected"] += bool(fails)
            continue
        counts[f"{label} detected"] += fact.status == "conflict" or s.fact_id in named
        counts[f"{label} suggested"] += (s.fact_id, right[s.fact_id]) in proposed
        if fact.status in ("verified", "repaired"):
            counts[f"{label} silent verified"] += 1
            examples.append(f"SILENT {_example(label, s, book, fact, right[s.fact_id])}")
        elif label == "pinned" and fact.status != "conflict" and s.fact_id not in named:
            examples.append(f"missed {_example(label, s, book, fact, right[s.fact_id])}")
        if fact.status == "unverified" and fact.confidence >= 0.9:
            counts[f"{label} silent unverified"] += 1
    touched = {s.fact_id for s in spoilings}
    counts["untouched"] += len(facts)
    alarmed = {i for i, f in facts.items() if f.status == "conflict" and i not in touched | book.conflicts}
    beside = {i for c in fails if touched & set(c.fact_ids) for i in c.fact_ids}
    counts["false alarms"] += len(alarmed)
    counts["beside"] += len(alarmed & beside)


def _example(label: str, s: Spoiling, book: Book, fact: Fact, right: Decimal | None) -> str:
    place = f"{fact.table_kind} row {fact.row_no}, {fact.column_label[-40:]}"
    return f"{label} {s.kind}: {book.name[:30]} {place}: {fact.raw} for {right}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("data/raw"))
    parser.add_argument("--count", type=int, default=1000, help="cells to spoil")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", type=int, default=20, help="silent and missed spoilings to print")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    shelf = [book for book in books(arguments.folder) if book.claims]
    counts: Counter[str] = Counter()
    examples: list[str] = []
    while sum(counts[f"{label} spoiled"] for label in CLASSES) < arguments.count and shelf:
        book = chance.choice(shelf)
        spoilings = spoil(book, chance)
        if spoilings:
            run(book, spoilings, counts, examples)
    report(counts, examples, arguments.show)
    if arguments.json:
        arguments.json.write_text(json.dumps(counts, indent=1, sort_keys=True))


def report(counts: Counter[str], examples: Sequence[str], show: int) -> None:
    columns = ("spoiled", "detected", "suggested", "silent verified", "silent unverified")
    print("class".ljust(10), *(c.rjust(18) for c in columns))
    for label in CLASSES:
        total = counts[f"{label} spoiled"] or 1
        cells = (f"{counts[f'{label} {c}']} ({counts[f'{label} {c}'] / total:.1%})" for c in columns)
        print(label.ljust(10), *(c.rjust(18) for c in cells))
    share = counts["false alarms"] / max(counts["untouched"], 1)
    print(f"false alarms: {counts['false alarms']} of {counts['untouched']} untouched facts ({share:.3%})", end="; ")
    print(f"{counts['beside']} of them stand in one failing check with a spoiled number")
    for example in sorted(examples)[:show]:
        print(" ", example)


if __name__ == "__main__":
    main()
