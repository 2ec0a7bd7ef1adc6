"""Write and read harvest folders.

    harvests/<sha256>/reading-<key>/    cells, tables, lines (Parquet), reading.json
                                        depends on the bytes and the extractors
    harvests/<sha256>/meaning-<key>/    facts, checks, problems, rows, tables (Parquet), document.json
                                        depends on the reading, normalizers, reference data and what the user said

A layer is written to a temporary folder, synced, and renamed into place; it is never edited. When two writers make the
same layer, the first one stays: both hold the same content.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.tables import Cell, Line, PageInfo, Reading, SecondReading, Table, Trouble
from extractors.version import READING_VERSION
from normalizers.asking import Question, answers, hash_of
from normalizers.columns import Column
from normalizers.rows import Row
from pipeline.facts import Check, Document, Fact, Harvest, MeantTable, Problem
from pipeline.layers import Layer, dumps, read_columns, read_packed, read_rows, shapes
from pipeline.version import MEANING_VERSION

if TYPE_CHECKING:
    import pyarrow as pa

READING_ENGINES = (
    "pypdfium2",
    "pdfplumber",
    "pdfminer.six",
    "playa-pdf",
    "camelot-py",
)
SCAN_ENGINES = ("opencv-python-headless", "rapidocr", "onnxruntime")  # and Tesseract, which is no package
SCANS = ("scan", "scan_with_text")  # kinds of pages that are pictures
LAYOUT = 2  # of the files: raise it when a Parquet column is added or means something else
_BY_SCAN_ENGINES = re.compile(r"-s[0-9a-f]{8}$")
MEANING_ENGINES = ("rapidfuzz",)
REFERENCE = Path(__file__).parent.parent / "normalizers"
LARGEST = Decimal(10) ** 18  # DECIMAL(24,6) holds 18 digits before the point
MILLIONTH = Decimal("0.000001")


# -- names of the layers --------------------------------------------------------------------------


@cache
def reading_key(witness: str = "auto") -> str:
    """The version of the extractors and of the engines they stand on, as `<number>-<8 hex digits>`.

    With `-always` or `-never` behind it where the second engine was not called by itself (`witness`).
    """
    key = f"{READING_VERSION}-{_digest([LAYOUT, _versions(READING_ENGINES)], 8)}"
    return key if witness == "auto" else f"{key}-{witness}"


@cache
def scan_key() -> str:
    """The versions of what reads pages that are pictures, as 8 hex digits: no part of the key of other documents."""
    from extractors.ocr import tesseract_version

    return _digest([_versions(SCAN_ENGINES), tesseract_version()], 8)


def reading_key_of(root: Path, document_id: str, witness: str = "auto") -> str:
    """The key under which a document with scanned pages is, or is to be, read with the readers of pictures at hand.

    What other ones read stands under the plain key and stays; `-s<8 hex digits>` is behind the key of the reading anew.
    """
    key = reading_key(witness)
    file = reading_folder(root, document_id, key) / "reading.json"
    by = json.loads(file.read_text(encoding="utf-8")).get("scan_engines") if file.exists() else None
    return key if by in (None, scan_key()) else f"{key}-s{scan_key()}"


def current_key(key: str) -> str:
    """What a reading key would be with the versions on this machine."""
    plain = reading_key(witness_of(key))
    return f"{plain}-s{scan_key()}" if _BY_SCAN_ENGINES.search(key) else plain


def witness_of(key: str) -> str:
    """The `witness` that a reading key was made with."""
    plain = _BY_SCAN_ENGINES.sub("", key)
    return next((mode for mode in ("always", "never") if plain.endswith(f"-{mode}")), "auto")


def meaning_key(file_name: str, said: Mapping[str, str], reading: str | None = None, answers: str = "") -> str:
    """The version of everything that makes meaning of one reading, as `<number>-<12 hex digits>`.

    `answers` names the second readings kept beside it (`rereads.answers_key`); empty where there are none.
    """
    basis = meaning_basis(file_name, said, reading, answers)
    return f"{MEANING_VERSION}-{_digest([basis, forms_hash()], 12)}"


def meaning_basis(file_name: str, said: Mapping[str, str], reading: str | None = None, answers: str = "") -> str:
    """The version of all of that but the words in `forms/`: of those it counts only what a document asks of them."""
    inputs = [
        LAYOUT,
        MEANING_VERSION,
        reading or reading_key(),
        _versions(MEANING_ENGINES),
        reference_hash(),
        file_name,
        sorted(said.items()),
        *([answers] if answers else []),
    ]
    return _digest(inputs, 24)


@cache
def reference_hash() -> str:
    """One hash over the reference lists, by name and content."""
    return _hash_of(REFERENCE / "reference")


@cache
def forms_hash() -> str:
    """One hash over the words of the forms, by name and content."""
    return _hash_of(REFERENCE / "forms")


def _hash_of(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.suffix in {".csv", ".toml", ".json"}):
        total.update(f"{file.relative_to(REFERENCE)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def reading_folder(root: Path, document_id: str, key: str) -> Path:
    return root / document_id / f"reading-{key}"


def meaning_folder(root: Path, document_id: str, key: str) -> Path:
    return root / document_id / f"meaning-{key}"


def _versions(packages: Sequence[str]) -> list[str]:
    return [f"{package} {_version(package)}" for package in packages]


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _digest(value: object, length: int) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:length]


# -- the reading --------------------------------------------------------------------------


def write_reading(root: Path, document_id: str, reading: Reading, key: str | None = None) -> Path:
    """Write the reading layer of a document under `root` and return its folder."""
    final = reading_folder(root, document_id, key or reading_key())
    if final.exists():
        return final
    shape = shapes()
    cells = [cell for table in reading.tables for cell in table.cells]
    numbers = [number for number, table in enumerate(reading.tables) for _ in table.cells]
    columns: dict[str, Sequence[Any]] = {"document_id": [document_id] * len(cells), "table_no": numbers}
    for name in shape["cells"].names[2:-1]:
        columns[name] = [*map(attrgetter(name), cells)]
    columns["others"] = [cell.others and [_record(other) for other in cell.others] for cell in cells]
    about = {
        "pages": [_record(page) for page in reading.pages],
        "troubles": [_record(trouble) for trouble in reading.troubles],
        "metadata": reading.metadata,
        "signature": signature(reading),
        "engines": _versions(READING_ENGINES),
        "scan_engines": scan_key() if any(page.kind in SCANS for page in reading.pages) else None,
    }
    with Layer(root, final) as layer:
        layer.parquet("cells", shape["cells"], columns)
        layer.parquet("tables", shape["reading_tables"], _reading_tables(document_id, reading))
        layer.parquet("lines", shape["lines"], _columns_of(shape["lines"], document_id, reading.lines))
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
    cells: dict[int, list[Cell]] = {}
    columns = read_columns(folder / "cells.parquet")
    columns["others"] = [
        tuple(SecondReading(**one) for one in others) if others else () for others in columns["others"]
    ]
    in_order = zip(*(columns[field.name] for field in fields(Cell)), strict=True)
    for table_no, values in zip(columns["table_no"], in_order, strict=True):
        cells.setdefault(table_no, []).append(Cell(*values))
    tables = []
    for row in read_rows(folder / "tables.parquet"):
        del row["document_id"]
        for name in ("pages", "page_starts", "above", "bbox"):
            row[name] = tuple(row[name])
        for name in ("repeated_rows", "shaded_rows"):
            row[name] = frozenset(row[name])
        tables.append(Table(cells=tuple(cells.get(row.pop("table_no"), ())), **row))
    return Reading(
        pages=[PageInfo(**page | {"flags": tuple(page["flags"])}) for page in about["pages"]],
        tables=tables,
        lines=_lines(read_columns(folder / "lines.parquet")),
        troubles=[Trouble(**trouble | {"bbox": _box(trouble["bbox"])}) for trouble in about["troubles"]],
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


# -- the meaning --------------------------------------------------------------------------


def write_meaning(root: Path, harvest: Harvest, reading: str, key: str, basis: str | None = None) -> Path:
    """Write the meaning layer of a document under `root`; `reading` is the key of the reading it was made from.

    With `basis` (see `meaning_basis`) what it asked of the forms is kept too.
    """
    document_id = harvest.document.document_id
    final = meaning_folder(root, document_id, key)
    if final.exists():
        return final
    shape = shapes()
    facts, troubles = _sound(harvest)
    checks, problems = [_sound_check(check) for check in harvest.checks], [*harvest.problems, *troubles]
    about = {
        "document": asdict(harvest.document),
        "reading": reading,
        "meaning": key,
        "claims": [_record(line) for line in harvest.claims],
        "summary": _summary(harvest, facts, checks, problems),
    }
    rows = [(table.table_id, row) for table in harvest.tables for row in table.rows]
    row_columns = _columns_of(shape["rows"], document_id, [row for _, row in rows], {"table_id": [i for i, _ in rows]})
    with Layer(root, final) as layer:
        layer.parquet("facts", shape["facts"], _columns_of(shape["facts"], document_id, facts))
        layer.parquet("checks", shape["checks"], _columns_of(shape["checks"], document_id, checks))
        layer.parquet("problems", shape["problems"], _columns_of(shape["problems"], document_id, problems))
        layer.parquet("rows", shape["rows"], row_columns)
        layer.parquet("tables", shape["meant_tables"], _meant_tables(document_id, harvest))
        layer.json("document", about)
        if harvest.asked is not None and basis is not None:
            layer.packed("asked", _asked(harvest.asked, basis))
    return final


# -- what it asked of the forms --------------------------------------------------------------------------


def _asked(questions: Iterable[Question], basis: str) -> dict[str, Any]:
    by_function: dict[str, list[tuple[Any, ...]]] = {}
    answered = dict(sorted(answers(questions)))
    for name, arguments in answered.values():
        by_function.setdefault(name, []).append(arguments)
    return {"basis": basis, "answers": hash_of(answered), "questions": by_function}


def would_be_equal(root: Path, document_id: str, key: str, basis: str) -> bool:
    """Whether meaning made now would be that of `key`: nothing but words of forms has changed since (`basis`, see
    `meaning_basis`), and what the document asked of them is answered as it was.

    False also where it is not known: then meaning is made again.
    """
    try:
        kept = read_packed(meaning_folder(root, document_id, key) / "asked.json.gz")
        if kept["basis"] != basis:
            return False
        asked = kept["questions"].items()
        now = answers((name, _tuples(one)) for name, questions in asked for one in questions)
        return bool(hash_of(line for line, _ in now) == kept["answers"])
    except Exception:  # not kept, spoiled, or forms in which a word is no pattern: made in a child, which says so
        return False


def _tuples(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _summary(harvest: Harvest, facts: list[Fact], checks: list[Check], problems: list[Problem]) -> dict[str, int]:
    statuses = Counter(fact.status for fact in facts)
    return {
        "tables": len(harvest.tables),
        "cells": sum(len(table.cells) for table in harvest.reading.tables),
        "facts": len(facts),
        **{status: statuses[status] for status in ("verified", "unverified", "conflict", "repaired")},
        "checks": len(checks),
        "checks_failed": sum(check.verdict == "fails" for check in checks),
        "problems": len(problems),
    }


def _meant_tables(document_id: str, harvest: Harvest) -> dict[str, Sequence[Any]]:
    tables = harvest.tables
    return {
        "document_id": [document_id] * len(tables),
        "table_no": [position if table.table_no is None else table.table_no for position, table in enumerate(tables)],
        "table_id": [table.table_id for table in tables],
        "table_kind": [table.kind for table in tables],
        "caption": [" ".join(table.caption.split()) for table in tables],
        "header": [dumps([_record(column) for column in table.columns]) for table in tables],
        "first_row": [table.first_row for table in tables],
        "n_rows": [table.n_rows for table in tables],
        "header_rows": [sorted(table.header_rows) for table in tables],
        "grid_rows": [list(table.row_numbers) for table in tables],
        "row_nos": [list(table.row_numbers.values()) for table in tables],
    }


def read_harvest(root: Path, document_id: str, key: str) -> Harvest:
    """The harvest of a document, both layers. Raises FileNotFoundError where a layer is missing."""
    folder = meaning_folder(root, document_id, key)
    about = json.loads((folder / "document.json").read_text(encoding="utf-8"))
    facts: dict[str, list[Fact]] = {}
    for row in read_rows(folder / "facts.parquet"):
        fact = Fact(**_only(Fact, row) | {"bbox": tuple(row["bbox"])})
        facts.setdefault(fact.table_id, []).append(fact)
    rows: dict[str, list[Row]] = {}
    for row in read_rows(folder / "rows.parquet"):
        rows.setdefault(row["table_id"], []).append(Row(**_only(Row, row)))
    tables = [
        MeantTable(
            table_id=row["table_id"],
            kind=row["table_kind"],
            caption=row["caption"],
            columns=[_column(column) for column in json.loads(row["header"])],
            rows=rows.get(row["table_id"], []),
            facts=facts.get(row["table_id"], []),
            header_rows=frozenset(row["header_rows"]),
            row_numbers=dict(zip(row["grid_rows"], row["row_nos"], strict=True)),
            table_no=row["table_no"],
            first_row=row["first_row"],
            n_rows=row["n_rows"],
        )
        for row in read_rows(folder / "tables.parquet")
    ]
    return Harvest(
        document=Document(**about["document"]),
        reading=read_reading(reading_folder(root, document_id, about["reading"])),
        tables=tables,
        checks=[Check(**_only(Check, r) | {"bbox": _box(r["bbox"])}) for r in read_rows(folder / "checks.parquet")],
        problems=[
            Problem(**_only(Problem, r) | {"bbox": _box(r["bbox"])}) for r in read_rows(folder / "problems.parquet")
        ],
        claims=[_line(row) for row in about["claims"]],
    )


def read_about(root: Path, document_id: str, meaning: str, reading: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The document record of a harvest (with its reading's signature) and the counts of what it holds."""
    about = json.loads((meaning_folder(root, document_id, meaning) / "document.json").read_text(encoding="utf-8"))
    read = json.loads((reading_folder(root, document_id, reading) / "reading.json").read_text(encoding="utf-8"))
    return about["document"] | {"signature": read["signature"]}, about["summary"]


# -- what the store's types can hold --------------------------------------------------------------------------


def _sound(harvest: Harvest) -> tuple[list[Fact], list[Problem]]:
    """Facts that fit the store; each one that does not becomes a problem row with its text, never a silent loss."""
    kept: dict[str, Fact] = {}
    problems = []
    tables = {table.table_id for table in harvest.tables}
    for fact in (fact for table in harvest.tables for fact in table.facts):
        value = _stored(fact.value)
        if fact.table_id not in tables:
            problems.append(_trouble(fact, "fact_without_table", "its table is not among the document's tables"))
        elif fact.fact_id in kept:
            problems.append(
                _trouble(fact, "duplicate_fact", "two quantities claim the same place; the first one is kept")
            )
        elif fact.value is not None and value is None:
            problems.append(_trouble(fact, "value_out_of_range", "the number has more than 18 digits before the comma"))
        else:
            fact.value = value
            kept[fact.fact_id] = fact
    return list(kept.values()), problems


def _trouble(fact: Fact, kind: str, explanation: str) -> Problem:
    return Problem(fact.page, fact.table_id, fact.bbox, kind, "warn", fact.raw, explanation)


def _sound_check(check: Check) -> Check:
    check.expected, check.found, check.difference = map(_stored, (check.expected, check.found, check.difference))
    return check


def _stored(value: Decimal | None) -> Decimal | None:
    """A number to the millionth; None where the store's type does not hold it."""
    if value is None or not value.is_finite() or not -LARGEST < value < LARGEST:
        return None
    return value.quantize(MILLIONTH, rounding=ROUND_HALF_EVEN)


def _columns_of(
    shape: pa.Schema, document_id: str, records: Sequence[Any], extra: Mapping[str, Sequence[Any]] | None = None
) -> dict[str, Sequence[Any]]:
    given: dict[str, Sequence[Any]] = {"document_id": [document_id] * len(records), **(extra or {})}
    return {name: given[name] if name in given else list(map(attrgetter(name), records)) for name in shape.names}


def _record(value: Any) -> dict[str, Any]:
    """Fields by name. Unlike `asdict` it copies no values: for records that hold no others."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _only(kind: type, row: Mapping[str, Any]) -> dict[str, Any]:
    return {f.name: row[f.name] for f in fields(kind) if f.name in row}


def _box(box: Sequence[float] | None) -> tuple[float, float, float, float] | None:
    return None if box is None else (box[0], box[1], box[2], box[3])


def _lines(columns: Mapping[str, list[Any]]) -> list[Line]:
    return [Line(*values) for values in zip(*(columns[field.name] for field in fields(Line)), strict=True)]


def _line(row: Mapping[str, Any]) -> Line:
    return Line(**_only(Line, row) | {"bbox": tuple(row["bbox"])})


def _column(row: dict[str, Any]) -> Column:
    for name in ("multiplier", "claimed_multiplier"):
        row[name] = None if row[name] is None else Decimal(row[name])
    return Column(**row)
