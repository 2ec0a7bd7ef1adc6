"""`python -m benchmarks.generate OUT --count 40 --seed 1`: PDFs, each with the facts that it must give beside it."""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path

from benchmarks.generate.documents import KINDS, document
from benchmarks.generate.paper import Look, Paper
from benchmarks.generate.tables import FACT_COLUMNS, Doc

DOCUMENT_COLUMNS = ("document", "form", "doc_type", "fiscal_year", "region_code", "region", "agency")


def write(doc: Doc, look: Look, folder: Path) -> Path:
    """`NAME.pdf` and `NAME.facts.csv`; the PDF's path."""
    path = folder / f"{doc.name}.pdf"
    Paper(path, look).draw(doc)
    with (folder / f"{doc.name}.facts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, FACT_COLUMNS)
        writer.writeheader()
        writer.writerows(doc.facts())
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=len(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", help="comma-separated; default: all, in turn")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    kinds = options.kinds.split(",") if options.kinds else list(KINDS)
    with (options.out / "documents.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(DOCUMENT_COLUMNS)
        for number in range(options.count):
            kind = kinds[number % len(kinds)]
            doc, look = document(kind, options.seed * 1000 + number)
            write(doc, look, options.out)
            writer.writerow(
                [f"{doc.name}.pdf", doc.form, doc.doc_type, doc.year, doc.region_code, doc.region, doc.agency]
            )


if __name__ == "__main__":
    random.seed(0)
    main()
