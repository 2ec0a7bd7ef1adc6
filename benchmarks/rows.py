"""How many self-checking rows of a folder of PDFs come out whole: `python benchmarks/rows.py FOLDER`.

The folder holds PDFs and `rows.csv` (document, page, family, numbers joined by `|`): rows whose printed arithmetic
must hold, so that no gold was made by hand. Where `score_rows.py` stands in the folder it does the scoring; else the
share of rows whose numbers all stand in cells of their own in one row is computed here. Prints a table by family and
writes JSON (and the cells as CSV) to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from extractors.read import read_pdf
from extractors.tables import Reading

RESULTS = Path(__file__).parent / "results"
COLUMNS = ("document", "page", "table_id", "row_no", "column_no", "text", "method")


def cell_rows(document: str, reading: Reading) -> Iterator[tuple[str, int, str, int, int, str, str]]:
    """One line for each cell with text: document, page, table, row, column, text, method."""
    for number, table in enumerate(reading.tables):
        for cell in table.cells:
            if cell.text:
                yield document, cell.page, f"t{number:03d}", cell.row, cell.column, cell.text, cell.method


def read_folder(folder: Path, wanted: frozenset[str] | None, out: Path) -> dict[str, float]:
    """Writes the cells of the PDFs to `out`; seconds by document."""
    seconds: dict[str, float] = {}
    with out.open("w", newline="", encoding="utf8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for path in sorted(folder.glob("*.pdf")):
            if wanted is not None and path.name not in wanted:
                continue
            start = time.perf_counter()
            writer.writerows(cell_rows(path.name, read_pdf(path)))
            seconds[path.name] = round(time.perf_counter() - start, 3)
    return seconds


def digits(text: str) -> str:
    """The digits of a number without grouping, decimals of zeros and sign: enough to compare printed with wanted."""
    plain = re.sub(r"\s", "", text)
    plain = re.sub(r"[.,](?:00?|-)\)?$", "", plain)
    return re.sub(r"\D", "", plain)


def found_share(rows: Path, cells: Path) -> dict[str, Any]:
    """Own scoring: a row counts where one output row of the page holds all its numbers, each in a cell of its own."""
    pages: dict[tuple[str, str], dict[tuple[str, str], Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    with cells.open(encoding="utf8", newline="") as stream:
        for cell in csv.DictReader(stream):
            key = cell["document"], cell["page"]
            pages[key][cell["table_id"], cell["row_no"]][digits(cell["text"])] += 1
    families: dict[str, Counter[str]] = defaultdict(Counter)
    with rows.open(encoding="utf8", newline="") as stream:
        for row in csv.DictReader(stream):
            wanted = Counter(digits(number) for number in row["numbers"].split("|"))
            here = pages.get((row["document"], row["page"]), {})
            families[row["family"]]["rows"] += 1
            families[row["family"]]["found"] += any(not wanted - have for have in here.values())
    shares = [count["found"] / count["rows"] for count in families.values()]
    return {"families": dict(families), "macro_found": round(sum(shares) / max(1, len(shares)), 4)}


def score(folder: Path, rows: Path, cells: Path, detail: Path) -> dict[str, Any]:
    """The folder's own score script where it has one, else `found_share`."""
    script = folder / "score_rows.py"
    if not script.exists():
        return found_share(rows, cells)
    command = [sys.executable, str(script), "--rows", str(rows), "--cells", str(cells), "--detail", str(detail)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def show(result: dict[str, Any]) -> None:
    kinds = [key for key in next(iter(result["families"].values())) if key not in ("rows", "found")]
    print(f"{'family':24} {'rows':>6} {'found':>7}  " + " ".join(f"{kind:>9}" for kind in kinds))
    for family, count in sorted(result["families"].items(), key=lambda item: (item[0] == "ALL", item[0])):
        share = count["found"] / count["rows"]
        print(f"{family:24} {count['rows']:6} {share:7.3f}  " + " ".join(f"{count[kind]:9}" for kind in kinds))
    print(f"mean over families found: {result['macro_found']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=Path, help="default: FOLDER/rows.csv")
    options = parser.parse_args()
    rows: Path = options.rows or options.folder / "rows.csv"
    with rows.open(encoding="utf8", newline="") as stream:
        wanted = frozenset(row["document"] for row in csv.DictReader(stream))
    RESULTS.mkdir(exist_ok=True)
    cells = RESULTS / "rows-cells.csv"
    seconds = read_folder(options.folder, wanted, cells)
    result = score(options.folder, rows, cells, RESULTS / "rows-detail.csv")
    result["seconds"] = seconds
    show(result)
    print(f"read in {sum(seconds.values()):.1f} s")
    (RESULTS / "rows.json").write_text(json.dumps(result, indent=1, sort_keys=True), encoding="utf8")


if __name__ == "__main__":
    main()
