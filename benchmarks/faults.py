"""Spoils numbers inside PDFs, reads the spoiled files from the beginning, and counts what the checks notice.

    python -m benchmarks.faults [FOLDER ...] [--made 48] [--count 1000] [--seed 1]

FOLDER holds PDFs (default data/raw); `--made` documents of benchmarks.generate are added. Each run retypes one to five
cells of one document in its content stream: two digits exchanged, a digit changed, dropped or doubled, a group of three
lost or added, O for 0 or I for 1, two neighbours of a column swapped, a piece of a column shifted by one row, the text
of a row taken away. The spoiled file then goes the whole way, read_pdf and mean. Cells that are in conflict in the
unspoiled document (its known faults) are left alone. Each spoiling is classed beforehand by this benchmark's own claims
(own_claims.py), which share nothing with the pipeline's checks:

pinned     a claim that held is broken by the spoiling
covered    the cell stands in a claim, but the claim goes on holding (a percentage of large amounts)
invisible  nothing in the document says anything of the cell, or the spoilings cancel out (siblings swapped)

Prints for each class and kind: spoiled cells, detected (in conflict, named by a check or problem that is new, or read
right in spite of it), suggested rightly, SILENT verified, SILENT unverified (confidence 0.9 or more), lost (no number
and no word of it), and false alarms on untouched facts.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.own_claims import Claim, classes, own_claims
from benchmarks.retype import Typist
from benchmarks.spoilings import KINDS, Spoiling, changes, spoil
from extractors.read import read_pdf
from pipeline.checks.blame import proposal_of
from pipeline.facts import Check, Fact, Harvest, Problem
from pipeline.meaning import mean

CLASSES = ("pinned", "covered", "invisible")
SURE = 0.9
RESULTS = Path(__file__).parent / "results"
IDENTITY = "0" * 64


@dataclass(slots=True)
class Book:
    """A document with what is known of it unspoiled."""

    harvest: Harvest
    typist: Typist
    facts: dict[str, Fact]
    claims: list[Claim]
    barred: set[str]  # cells of its known faults
    failing: set[str]
    problems: set[tuple[object, ...]]


# --- documents -------------------------------------------------------------------------------------------------------


def book(path: Path) -> Book:
    harvest = mean(read_pdf(path), IDENTITY, path.name)
    facts = {f.fact_id: f for t in harvest.tables for f in t.facts}
    failing = {c.check_id for c in harvest.checks if c.verdict == "fails"}
    barred = {f.fact_id for f in facts.values() if f.status == "conflict"}
    problems = {_of_problem(p) for p in harvest.problems}
    return Book(harvest, Typist(path), facts, list(own_claims(harvest.tables)), barred, failing, problems)


def made_documents(count: int, seed: int, folder: Path) -> Iterator[Path]:
    """Made-up documents whose money trees are consistent."""
    from benchmarks.generate.__main__ import write  # needs reportlab and fpdf2
    from benchmarks.generate.documents import KINDS as FORMS
    from benchmarks.generate.documents import document

    forms = list(FORMS)
    for number in range(count):
        yield write(*document(forms[number % len(forms)], seed * 1000 + number), folder)


def _of_problem(problem: Problem) -> tuple[object, ...]:
    return problem.page, problem.kind, problem.text, problem.bbox


# --- one run ---------------------------------------------------------------------------------------------------------


def reread(book: Book, spoilings: Sequence[Spoiling], folder: Path) -> Harvest:
    """The spoiled document, read from its first byte."""
    path = folder / book.typist.path.name
    path.write_bytes(book.typist.retyped(list(changes(spoilings))))
    return mean(read_pdf(path), IDENTITY, path.name)


def count_run(book: Book, spoilings: Sequence[Spoiling], harvest: Harvest) -> tuple[Counter[str], list[str]]:
    """The counts of one spoiled document, and a line for each spoiling that got through."""
    counts: Counter[str] = Counter()
    told: list[str] = []
    here = [s for s in spoilings if s.fact_id]
    values = {i: f.value for i, f in book.facts.items() if f.value is not None}
    labels = classes(book.claims, values, {s.fact_id: s.value for s in here if s.value != values[s.fact_id]})
    found = {f.fact_id: f for t in harvest.tables for f in t.facts}
    fails = [c for c in harvest.checks if c.verdict == "fails" and c.check_id not in book.failing]
    news = [p for p in harvest.problems if _of_problem(p) not in book.problems]
    for s in here:
        was = book.facts[s.fact_id]
        label = labels.get(s.fact_id, "pinned" if any(s.fact_id in c.facts for c in book.claims) else "invisible")
        outcome = set(_outcome(was, _place(was, found), fails, news, s))
        for name in ("spoiled", *outcome):
            counts[f"{label}|{name}"] += 1
            counts[f"{label} {s.kind}|{name}"] += 1
        if (label == "pinned" and "detected" not in outcome) or "silent verified" in outcome:
            now = _place(was, found)
            said = f"{now.value} {now.status}" if now is not None else "nothing"
            name = "SILENT" if "silent verified" in outcome else "missed"
            told.append(
                f"{name} {label} {s.kind}: {book.typist.path.stem[:30]} {was.table_kind} page {was.page} row {was.row_no}, "
                f"{was.column_label[-30:]!r}: {s.text!r} for {was.raw!r} gives {said}"
            )
    touched = {s.fact_id for s in here}
    counts.update(_alarms(book, found, fails, touched))
    return counts, told


def _outcome(
    was: Fact, now: Fact | None, fails: Sequence[Check], news: Sequence[Problem], s: Spoiling
) -> Iterable[str]:
    named = any(was.fact_id in c.fact_ids or (now is not None and now.fact_id in c.fact_ids) for c in fails)
    complained = any(p.page == was.page and p.bbox is not None and _meets(p.bbox, was.bbox) for p in news)
    if now is None or now.value is None:
        lost = s.kind == "lost row"  # noticed where anything fails at all
        gap = any(p.table_id == was.table_id and p.kind == "missing_row" for p in news)
        yield "detected" if named or complained or (lost and (fails or gap)) else "lost"
        return
    if now.value == was.value:
        yield "detected"
        if s.kind == "look-alike":
            yield "suggested"
        return
    conflict = now.status == "conflict"
    if conflict or named or complained:
        yield "detected"
    proposed = {p for c in fails if (p := proposal_of(c.suggestion)) is not None}
    if (now.fact_id, was.value) in proposed:
        yield "suggested"
    if now.status in ("verified", "repaired"):
        yield "silent verified"
    if now.status == "unverified" and now.confidence >= SURE:
        yield "silent unverified"


def _alarms(book: Book, found: dict[str, Fact], fails: Sequence[Check], touched: set[str]) -> dict[str, int]:
    """Untouched facts in conflict now; `beside` are those that stand in a check or an own claim with a spoiled number."""
    alarmed = {i for i, f in found.items() if f.status == "conflict" and i not in touched | book.barred}
    beside = {i for c in fails if touched & set(c.fact_ids) for i in c.fact_ids}
    beside |= {i for c in book.claims if touched & set(c.facts) for i in c.facts}
    return {"untouched": len(found) - len(touched), "false alarms": len(alarmed), "beside": len(alarmed & beside)}


def _place(was: Fact, found: dict[str, Fact]) -> Fact | None:
    """The fact of the same cell; where the text moved the edge of its box, the one that stands there."""
    if was.fact_id in found:
        return found[was.fact_id]
    near = [f for f in found.values() if f.page == was.page and f.part == was.part and _meets(f.bbox, was.bbox)]
    return next((f for f in near if f.column_label == was.column_label), None)


def _meets(a: Sequence[float], b: Sequence[float]) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1


# --- the whole -------------------------------------------------------------------------------------------------------


def run(paths: Sequence[Path], count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Spoils `count` cells of the documents, in turn, and counts."""
    chance = random.Random(seed)
    shelf = [b for path in paths if (b := book(path)).facts]
    counts: Counter[str] = Counter()
    told: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(count * 20):
            if sum(counts[f"{label}|spoiled"] for label in CLASSES) >= count or not shelf:
                break
            chosen = shelf[turn % len(shelf)]
            spoilings = spoil(chosen.harvest, chosen.typist, chosen.barred, chance)
            if spoilings:
                more, lines = count_run(chosen, spoilings, reread(chosen, spoilings, Path(folder)))
                counts.update(more)
                counts["documents"] += 1
                told += lines
    return counts, told


def report(counts: Counter[str], told: Sequence[str], show: int) -> None:
    columns = ("spoiled", "detected", "suggested", "silent verified", "silent unverified", "lost")
    print(" " * 22, *(c.rjust(17) for c in columns))
    for label in (*CLASSES, *(f"{label} {kind}" for label in CLASSES for kind in KINDS)):
        total = counts[f"{label}|spoiled"]
        cells = (f"{counts[f'{label}|{c}']} ({counts[f'{label}|{c}'] / max(total, 1):.1%})" for c in columns)
        if total:
            print(label.ljust(22), *(c.rjust(17) for c in cells))
    untouched, alarms, beside = max(counts["untouched"], 1), counts["false alarms"], counts["beside"]
    print(f"false alarms: {alarms} of {untouched} untouched facts ({alarms / untouched:.3%})", end="; ")
    print(f"in one failing check with a spoiled number {beside} ({beside / untouched:.3%})", end=", ")
    print(f"others {alarms - beside} ({(alarms - beside) / untouched:.3%}); {counts['documents']} spoiled documents")
    left = counts["pinned|spoiled"] - counts["pinned lost row|spoiled"]
    print(f"suggested rightly of the pinned with a number left: {counts['pinned|suggested']} of {left}", end=" ")
    print(f"({counts['pinned|suggested'] / max(left, 1):.1%})")
    for line in sorted(told)[:show]:
        print(" ", line)


def as_record(counts: Counter[str]) -> dict[str, dict[str, int] | int]:
    """The counts as JSON holds them: by class, and by class and kind."""
    out: dict[str, dict[str, int] | int] = {}
    for key, number in sorted(counts.items()):
        label, _, name = key.rpartition("|")
        if not label:
            out[name] = number
        elif isinstance(inner := out.setdefault(label, {}), dict):
            inner[name] = number
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("data/raw")])
    parser.add_argument("--made", type=int, default=48, help="generated documents to add")
    parser.add_argument("--count", type=int, default=1000, help="cells to spoil")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20, help="silent and missed spoilings to print")
    options = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        paths = [path for each in options.folders for path in sorted(each.glob("*.pdf"))]
        paths += made_documents(options.made, options.seed, Path(folder))
        counts, told = run(paths, options.count, options.seed)
    report(counts, told, options.show)
    print(f"{time.perf_counter() - start:.0f} s")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "faults.json").write_text(json.dumps(as_record(counts), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
