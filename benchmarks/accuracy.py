"""How many of the expected facts come out right: `python -m benchmarks.accuracy FOLDER` (PDFs, each with `*.facts.csv`).

Facts are matched by content, never by identity: first those that agree in everything, then in ever less; what a matched
pair still differs in is counted by attribute. `right` is value, role, quantity, year and account right, over all expected.
Prints a table by form (the folder's `documents.csv` tells it, else the document) and writes JSON to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from extractors.read import read_pdf
from pipeline.facts import Harvest
from pipeline.meaning import mean

RESULTS = Path(__file__).parent / "results"
ATTRIBUTES = (
    "value",
    "role",
    "quantity",
    "year",
    "period",
    "unit",
    "code",
    "level",
    "account",
    "indicator",
    "name",
    "kind",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One fact, expected or found, in comparable spelling."""

    order: int
    value: str
    role: str
    quantity: str
    year: str
    period: str
    unit: str
    code: str
    level: str
    account: str
    indicator: str
    name: str
    kind: str
    label: str
    status: str = ""


def plain(text: str | None) -> str:
    """Letters and digits only, lower case: spelling without breaks, blanks and marks."""
    return re.sub(r"[^a-z0-9]+", "", (text or "").lower())


def number(value: str | Decimal | None) -> str:
    return "" if value in (None, "") else format(round(Decimal(value), 4).normalize() + 0, "f")


def code(text: str | None) -> str:
    """The last part without leading zeros: two and four digits name the same sub kegiatan."""
    parts = (text or "").split(".")
    return ".".join([*parts[:-1], parts[-1].lstrip("0")]) if len(parts) > 5 else text or ""


def expected(path: Path) -> list[Item]:
    """The records of a `*.facts.csv`."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            Item(i, number(r["value"]) or plain(r["value_text"]) or r["value_text"], r["role"], r["quantity"], r["year"],
                 r["period"] or "tahun", r["unit"].lower(), code(r["code"]), r["level"], r["account"], plain(r["indicator"]),
                 plain(r["name_raw"]), r["table_kind"], plain(r["column_label"]))
            for i, r in enumerate(csv.DictReader(stream))
        ]  # fmt: skip


def found(harvest: Harvest) -> list[Item]:
    """The facts of a harvest."""
    facts = [f for table in harvest.tables for f in table.facts]
    return [
        Item(i, number(f.value) or plain(f.value_text) or f.value_text or "", f.role, f.quantity, str(f.year or ""), f.period,
             (f.unit or "").lower(), code(f.code), f.level, f.account or "", plain(f.indicator), plain(f.name_raw), f.table_kind,
             plain(f.column_label), f.status)
        for i, f in enumerate(facts)
    ]  # fmt: skip


Key = Callable[[Item], tuple[str, ...]]
PASSES: tuple[Key, ...] = (
    lambda x: (x.label, x.name, x.indicator, x.role, x.quantity, x.year, x.period, x.account, x.value),
    lambda x: (x.name, x.indicator, x.role, x.quantity, x.year, x.period, x.account, x.value),
    lambda x: (x.label, x.name, x.value),
    lambda x: (x.name, x.role, x.quantity, x.year, x.value),
    lambda x: (x.indicator, x.role, x.quantity, x.year, x.value),
    lambda x: (x.name, x.quantity, x.value),
    lambda x: (x.label, x.value),
    lambda x: (x.quantity, x.value, x.role, x.year),
    lambda x: (x.value,) if len(x.value) > 5 else (x.value, x.name or str(x.order)),
    lambda x: (x.label, x.name, x.indicator, x.role, x.quantity, x.year, x.period, x.account),
)


def match(gold: list[Item], got: list[Item]) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """(pairs, missing, extra)."""
    pairs = []
    for key in PASSES:
        left: dict[tuple[str, ...], list[Item]] = defaultdict(list)
        for item in got:
            left[key(item)].append(item)
        missing = []
        for item in gold:
            if candidates := left.get(key(item)):
                pairs.append((item, candidates.pop(0)))
            else:
                missing.append(item)
        taken = {b.order for _, b in pairs}
        gold, got = missing, [item for item in got if item.order not in taken]
    return pairs, gold, got


def differences(a: Item, b: Item) -> list[str]:
    """Attributes in which a found fact is not what was expected; codes and levels of indicator rows are not compared."""
    wrong = [name for name in ATTRIBUTES if getattr(a, name) != getattr(b, name)]
    if "name" in wrong and not a.name:
        wrong.remove("name")
    if "indicator" in wrong and (not a.indicator or a.indicator in b.indicator):
        wrong.remove("indicator")
    if "code" in wrong and a.level == "indikator":
        wrong.remove("code")
    return wrong


def score(pdf: Path, facts: Path) -> tuple[Counter[str], list[tuple[str, Item | None, Item | None]], Harvest]:
    """Counts (gold, found, matched, right, one for each wrong attribute, silent) and every difference."""
    start = time.perf_counter()
    harvest = mean(read_pdf(pdf), "0" * 64, pdf.name)
    seconds = time.perf_counter() - start
    gold, got = expected(facts), found(harvest)
    pairs, missing, extra = match(gold, got)
    count: Counter[str] = Counter(gold=len(gold), found=len(got), matched=len(pairs), ms=round(seconds * 1000))
    detail: list[tuple[str, Item | None, Item | None]] = []
    for a, b in pairs:
        wrong = differences(a, b)
        count.update(wrong)
        count["right"] += not {"value", "role", "quantity", "year", "account"} & set(wrong)
        count["silent"] += "value" in wrong and b.status in ("verified", "unverified")
        detail += [(name, a, b) for name in wrong]
    detail += [("missing", a, None) for a in missing] + [("extra", None, b) for b in extra]
    count["missing"], count["extra"] = len(missing), len(extra)
    return count, detail, harvest


def forms_of(folder: Path) -> dict[str, dict[str, str]]:
    """The records of `documents.csv` by file name; empty where there is none."""
    path = folder / "documents.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {r["document"]: r for r in csv.DictReader(stream)}


def about(harvest: Harvest, record: dict[str, str]) -> list[str]:
    """What of the document itself (kind, year, region, agency) is not as expected."""
    d = harvest.document
    have = {
        "doc_type": d.doc_type,
        "fiscal_year": str(d.fiscal_year or ""),
        "region_code": d.region_code or "",
        "agency": d.agency or "",
    }
    return [f"{k}: {have[k]!r}, not {record[k]!r}" for k in have if k in record and plain(have[k]) != plain(record[k])]


def show(by_form: dict[str, Counter[str]]) -> None:
    print(
        f"{'form':22} {'gold':>6} {'recall':>7} {'prec.':>7} {'right':>7}  wrong: "
        + " ".join(f"{a:>8}" for a in ATTRIBUTES)
    )
    total: Counter[str] = Counter()
    for count in by_form.values():
        total.update(count)
    for form, c in [*sorted(by_form.items()), ("ALL", total)]:
        gold, got = c["gold"] or 1, c["found"] or 1
        shares = f"{c['matched'] / gold:7.4f} {c['matched'] / got:7.4f} {c['right'] / gold:7.4f}"
        print(f"{form:22} {c['gold']:6} {shares}         " + " ".join(f"{c[a]:8}" for a in ATTRIBUTES))


def run(folder: Path, facts: Path, detail_path: Path | None) -> dict[str, Counter[str]]:
    """Scores each PDF of a folder that has expected facts."""
    records = forms_of(folder)
    by_form: dict[str, Counter[str]] = defaultdict(Counter)
    lines: list[list[Any]] = []
    for pdf in sorted(folder.glob("*.pdf")):
        wanted = facts / f"{pdf.stem}.facts.csv"
        if not wanted.exists():
            continue
        record = records.get(pdf.name, {})
        count, detail, harvest = score(pdf, wanted)
        by_form[record.get("form", pdf.stem)].update(count)
        lines += [[pdf.name, "document", text] for text in about(harvest, record)]
        lines += [[pdf.name, *_line(*d)] for d in detail]
    if detail_path is not None:
        _write(detail_path, lines)
    return by_form


def _line(what: str, a: Item | None, b: Item | None) -> Iterable[Any]:
    one = a or b
    assert one is not None
    got = getattr(b, what, "") if b is not None else ""
    want = getattr(a, what, "") if a is not None else ""
    return [
        what,
        want,
        got,
        one.role,
        one.quantity,
        one.year,
        one.period,
        one.value,
        one.level,
        one.name[:40],
        one.indicator[:40],
        one.label[-60:],
    ]


def _write(path: Path, lines: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--facts", type=Path, help="folder of the expected facts; default: FOLDER")
    parser.add_argument("--detail", type=Path, help="every difference, as CSV")
    options = parser.parse_args()
    by_form = run(options.folder, options.facts or options.folder, options.detail)
    show(by_form)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "accuracy.json").write_text(json.dumps(by_form, indent=1, sort_keys=True), encoding="utf-8")


if __name__ == "__main__":
    main()
