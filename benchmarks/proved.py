"""How much of the money is proved, and why the rest is not: `python -m benchmarks.proved [FOLDER ...] [--json]`.

FOLDER holds PDFs (default data/raw). Money facts are amounts in rupiah; a relation touches a fact where any check of the
document (a sum, formula, rate, equality or number in words) stands on it, whatever its verdict. Printed for each document:
money facts, those that a relation touches, the share that is verified or repaired of both, and what is left by its reason.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from extractors.read import read_pdf
from pipeline.checks.relations import is_money
from pipeline.facts import Check, Fact, Harvest
from pipeline.meaning import mean

ARITHMETIC = ("row_formula", "hierarchy_sum", "cross_table", "percent_of", "claimed_total")
#: Why a number is not verified, in the order in which the reasons are asked.
REASONS = ("untouched", "in conflict", "zero", "beside a failure", "a rate too coarse", "claims refuted or shaken")


def reason(fact: Fact, checks: Sequence[Check]) -> str:
    """Why a fact is not verified. `checks` are those that stand on it."""
    if not checks:
        return "untouched"
    if fact.status == "conflict":
        return "in conflict"
    if not fact.value:
        return "zero"
    if any(check.verdict == "fails" for check in checks):
        return "beside a failure"
    if not any(fact.fact_id in check.pins for check in checks) and {c.kind for c in checks} <= {
        "percent_of",
        "row_formula",
    }:
        return "a rate too coarse"
    return "claims refuted or shaken"


def shares(harvest: Harvest) -> Counter[str]:
    """The money facts of a harvest, counted: all, touched, verified, and each reason."""
    about: dict[str, list[Check]] = {}
    for check in harvest.checks:
        for fact_id in check.fact_ids if check.kind in ARITHMETIC else ():
            about.setdefault(fact_id, []).append(check)
    counts: Counter[str] = Counter()
    for fact in (f for table in harvest.tables for f in table.facts if is_money(f) and f.value is not None):
        checks = about.get(fact.fact_id, [])
        counts["money"] += 1
        counts["touched"] += bool(checks)
        counts["verified" if fact.status in ("verified", "repaired") else reason(fact, checks)] += 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("data/raw")])
    parser.add_argument("--json", action="store_true", help="one JSON object a document")
    options = parser.parse_args()
    total: Counter[str] = Counter()
    paths = [path for folder in options.folders for path in sorted(folder.glob("*.pdf"))]
    for path in paths:
        counts = shares(mean(read_pdf(path), "0" * 64, path.name))
        total.update(counts)
        print(json.dumps({"document": path.name, **counts}) if options.json else line(path.stem, counts))
    if len(paths) > 1 and not options.json:
        print(line("all", total))


def line(name: str, counts: Counter[str]) -> str:
    """One document in words."""
    money, touched, verified = counts["money"], counts["touched"], counts["verified"]
    left = ", ".join(f"{counts[why]} {why}" for why in REASONS if counts[why])
    of_all, of_touched = verified / max(money, 1), verified / max(touched, 1)
    shares = f"verified {of_all:6.1%} of all {of_touched:6.1%} of touched"
    return f"{name[:40]:40} {money:6} money {touched:6} touched  {shares}; {left}"


if __name__ == "__main__":
    main()
