"""Write and read the reading layer of a document: pages, tables with their cells, lines, troubles."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

from extractors.tables import Cell, PageInfo, Reading, SecondReading, Table, Trouble
from pipeline import keys
from pipeline.layers import Layer, read_columns, read_rows, shapes
from pipeline.records import box_of, columns_of, lines_of, record

SCANS = ("scan", "scan_with_text")  # kinds of pages that are pictures


def write_reading(root: Path, document_id: str, reading: Reading, key: str | None = None) -> Path:
    """Write the reading layer of a document under `root` and return its folder."""
    final = keys.reading_folder(root, document_id, key or keys.reading_key())
    if final.exists():
        return final
    shape = shapes()
    cells = [cell for table in reading.tables for cell in table.cells]
    numbers = [number for number, table in enumerate(reading.tables) for _ in table.cells]
    columns: dict[str, Sequence[Any]] = {"document_id": [document_id] * len(cells), "table_no": numbers}
    for name in shape["cells"].names[2:-1]:
        columns[name] = [*map(attrgetter(name), cells)]
    columns["others"] = [cell.others and [record(other) for other in cell.others] for cell in cells]
    about = {
        "pages": [record(page) for page in reading.pages],
        "troubles": [record(trouble) for trouble in reading.troubles],
        "metadata": reading.metadata,
        "signature": signature(reading),
        "engines": keys.versions(keys.READING_ENGINES),
        "scan_engines": keys.scan_key() if any(page.kind in SCANS for page in reading.pages) else None,
    }
    with Layer(root, final) as layer:
        layer.parquet("cells", shape["cells"], columns)
        layer.parquet("tables", shape["reading_tables"], _reading_tables(document_id, reading))
        layer.parquet("lines", shape["lines"], columns_of(shape["lines"], document_id, reading.lines))
        layer.json("reading", about)
    return final


def _reading_tables(document_id: str, reading: Reading) -> dict[str, Sequence[Any]]:
    columns: dict[str, Sequence[Any]] = {
        "document_id": [document_id] * len(reading.tables),
        "table_no": list(range(len(reading.tables))),
    }
    for name in ("n_rows", "n_columns", "pages", "page_starts", "method", "above", "bbox"):
        columns[name] = [getattr(table, name) for table in reading.tables]
    for name in ("repeated_rows", "shaded_rows"):
        columns[name] = [sorted(getattr(table, name)) for table in reading.tables]
    return columns


def read_reading(folder: Path) -> Reading:
    """The reading that `write_reading` wrote: equal to what was given to it."""
    about = json.loads((folder / "reading.json").read_text(encoding="utf-8"))
    columns = read_columns(folder / "cells.parquet")
    columns["others"] = [
        tuple(SecondReading(**one) for one in others) if others else () for others in columns["others"]
    ]
    cells = map(Cell, *(columns[field.name] for field in fields(Cell)))
    counts = Counter(columns["table_no"])  # the cells of a table stand together, tables in their order
    tables = []
    for row in read_rows(folder / "tables.parquet"):
        del row["document_id"]
        for name in ("pages", "page_starts", "above", "bbox"):
            row[name] = tuple(row[name])
        for name in ("repeated_rows", "shaded_rows"):
            row[name] = frozenset(row[name])
        tables.append(Table(cells=tuple(islice(cells, counts[row.pop("table_no")])), **row))
    return Reading(
        pages=[PageInfo(**page | {"flags": tuple(page["flags"])}) for page in about["pages"]],
        tables=tables,
        lines=lines_of(read_columns(folder / "lines.parquet")),
        troubles=[Trouble(**trouble | {"bbox": box_of(trouble["bbox"])}) for trouble in about["troubles"]],
        metadata=about["metadata"],
    )


def signature(reading: Reading) -> str | None:
    """A hash of all table texts, white space aside: equal for the same report saved twice. None without tables."""
    total = hashlib.sha256()
    filled = False
    for table in reading.tables:
        cells = sorted(table.cells, key=attrgetter("row", "column"))
        texts = ["".join(cell.text.split()) for cell in cells]
        filled = filled or any(texts)
        told = [f"{cell.row},{cell.column},{text}\0" for cell, text in zip(cells, texts, strict=True)]
        total.update("".join(told).encode("utf-8", "surrogatepass"))
    return total.hexdigest() if filled else None
