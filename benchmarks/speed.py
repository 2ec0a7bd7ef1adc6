"""Milliseconds a page: the whole way (reading, meaning, checks, harvest written), our reading alone, pdfplumber's extract_tables
and camelot's lattice on the same pages in the same run. Each engine is warmed up on the first file before it is timed.

    python benchmarks/speed.py                       # data/raw, every page
    python benchmarks/speed.py FILE... --pages 6-9   # some files, some pages
    python benchmarks/speed.py --skip camelot --repeat 3

Prints one line a document and writes benchmarks/results/speed.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ENGINES = ("lumbung", "reading", "pdfplumber", "camelot")


def with_lumbung(path: Path, pages: list[int]) -> int:
    from extractors.read import read_pdf
    from pipeline import harvests
    from pipeline.meaning import mean

    identity = hashlib.sha256(path.read_bytes()).hexdigest()
    reading = read_pdf(path, pages=range(pages[0], pages[-1] + 1))
    with tempfile.TemporaryDirectory() as folder:
        harvests.write_reading(Path(folder), identity, reading)
        key = harvests.meaning_key(path.name, {})
        harvests.write_meaning(Path(folder), mean(reading, identity, path.name), harvests.reading_key(), key)
    return len(reading.tables)


def with_reading(path: Path, pages: list[int]) -> int:
    from extractors.read import read_pdf

    return len(read_pdf(path, pages=range(pages[0], pages[-1] + 1)).tables)


def with_pdfplumber(path: Path, pages: list[int]) -> int:
    import pdfplumber

    count = 0
    with pdfplumber.open(path) as pdf:
        for number in pages:
            page = pdf.pages[number - 1]
            count += len(page.extract_tables())
            page.close()
    return count


def with_camelot(path: Path, pages: list[int]) -> int:
    import camelot

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = f"{pages[0]}-{pages[-1]}"
        read = getattr(camelot, "read_pdf")  # noqa: B009  (camelot does not export it to type checkers)
        return len(read(str(path), flavor="lattice", split_text=True, pages=wanted, suppress_stdout=True))


RUN: dict[str, Callable[[Path, list[int]], int]] = {
    "lumbung": with_lumbung,
    "reading": with_reading,
    "pdfplumber": with_pdfplumber,
    "camelot": with_camelot,
}


def measure(engine: str, path: Path, pages: list[int], repeat: int) -> tuple[float, int]:
    """(best milliseconds a page, tables found)."""
    best, tables = float("inf"), 0
    for _ in range(repeat):
        start = time.perf_counter()
        tables = RUN[engine](path, pages)
        best = min(best, time.perf_counter() - start)
    return best / len(pages) * 1000, tables


def pages_of(path: Path, wanted: str | None) -> list[int]:
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(path)
    count = len(document)
    document.close()
    if wanted is None:
        return list(range(1, count + 1))
    first, _, last = wanted.partition("-")
    return list(range(int(first), min(count, int(last or first)) + 1))


def files_of(given: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in given or [ROOT / "data" / "raw"]:
        found.extend(sorted(path.glob("*.pdf")) if path.is_dir() else [path])
    return found


def compare(path: Path, pages: list[int], engines: list[str], repeat: int) -> dict[str, object]:
    row: dict[str, object] = {"document": path.name, "pages": len(pages)}
    for engine in engines:
        row[engine], row[f"{engine}_tables"] = measure(engine, path, pages, repeat)
    return row


def show(row: dict[str, object], engines: list[str]) -> None:
    own = row.get("lumbung")
    cells = [f"{row['document']!s:55.55} {row['pages']:>5}"]
    for engine in engines:
        spent = row[engine]
        assert isinstance(spent, float)
        ratio = f" ({spent / own:5.1f}x)" if isinstance(own, float) and engine != "lumbung" else ""
        cells.append(f"{spent:9.2f}{ratio}")
    print("  ".join(cells), flush=True)


def total(rows: list[dict[str, object]], engines: list[str]) -> dict[str, object]:
    pages = sum(int(str(row["pages"])) for row in rows)
    result: dict[str, object] = {"document": "all pages together", "pages": pages}
    for engine in engines:
        result[engine] = sum(float(str(row[engine])) * int(str(row["pages"])) for row in rows) / pages
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description="Milliseconds a page by document and engine")
    parser.add_argument("files", nargs="*", type=Path, help="files or folders (default: data/raw)")
    parser.add_argument("--pages", help="one page or a range, 6 or 6-9 (default: all)")
    parser.add_argument("--skip", nargs="*", default=[], choices=ENGINES[1:])
    parser.add_argument("--repeat", type=int, default=1, help="runs of each, the best counts")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "speed.json")
    given = parser.parse_args()
    engines = [engine for engine in ENGINES if engine not in given.skip]
    print(f"{'document':55} {'pages':>5}  " + "  ".join(f"{engine + ' ms':>9}" for engine in engines))
    rows = []
    files = files_of(given.files)
    for engine in engines:
        RUN[engine](files[0], pages_of(files[0], given.pages)[:6])
    for path in files:
        rows.append(compare(path, pages_of(path, given.pages), engines, given.repeat))
        show(rows[-1], engines)
    rows.append(total(rows, engines))
    show(rows[-1], engines)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    report = {"python": platform.python_version(), "machine": platform.machine(), "rows": rows}
    given.out.write_text(json.dumps(report, indent=1) + "\n")
    print(f"written to {given.out}")


if __name__ == "__main__":
    main()
