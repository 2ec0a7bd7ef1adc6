"""Write and read the meaning layer of a document: its rows, facts, checks and problems."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from normalizers.rows import Row
from pipeline import keys
from pipeline.asked import asked_record
from pipeline.facts import Check, Document, Fact, Harvest, MeantTable, Problem
from pipeline.layers import Layer, dumps, read_rows, shapes
from pipeline.reading_layer import read_reading
from pipeline.records import box_of, column_of, columns_of, known_fields, line_of, record

LARGEST = Decimal(10) ** 18  # DECIMAL(24,6) holds 18 digits before the point


def write_meaning(root: Path, harvest: Harvest, reading: str, key: str, basis: str | None = None) -> Path:
    """Write the meaning layer of a document under `root`; `reading` is the key of the reading it was made from.

    With `basis` (see `meaning_basis`) what it asked of the forms is kept too.
    """
    document_id = harvest.document.document_id
    final = keys.meaning_folder(root, document_id, key)
    if final.exists():
        return final
    shape = shapes()
    facts, troubles = _sound(harvest)
    checks, problems = harvest.checks, [*harvest.problems, *troubles]
    about = {
        "document": asdict(harvest.document),
        "reading": reading,
        "meaning": key,
        "claims": [record(line) for line in harvest.claims],
        "summary": _summary(harvest, facts, checks, problems),
    }
    rows = [(table.table_id, row) for table in harvest.tables for row in table.rows]
    row_columns = columns_of(shape["rows"], document_id, [row for _, row in rows], {"table_id": [i for i, _ in rows]})
    with Layer(root, final) as layer:
        layer.parquet("facts", shape["facts"], columns_of(shape["facts"], document_id, facts))
        layer.parquet(
            "checks", shape["checks"], columns_of(shape["checks"], document_id, checks, _sound_checks(checks))
        )
        layer.parquet("problems", shape["problems"], columns_of(shape["problems"], document_id, problems))
        layer.parquet("rows", shape["rows"], row_columns)
        layer.parquet("tables", shape["meant_tables"], _meant_tables(document_id, harvest))
        layer.json("document", about)
        if harvest.asked is not None and basis is not None:
            layer.packed("asked", asked_record(harvest.asked, basis))
    return final


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
        "header": [dumps([record(column) for column in table.columns]) for table in tables],
        "first_row": [table.first_row for table in tables],
        "n_rows": [table.n_rows for table in tables],
        "header_rows": [sorted(table.header_rows) for table in tables],
        "grid_rows": [list(table.row_numbers) for table in tables],
        "row_nos": [list(table.row_numbers.values()) for table in tables],
    }


def read_harvest(root: Path, document_id: str, key: str) -> Harvest:
    """The harvest of a document, both layers. Raises FileNotFoundError where a layer is missing."""
    folder = keys.meaning_folder(root, document_id, key)
    about = json.loads((folder / "document.json").read_text(encoding="utf-8"))
    facts: dict[str, list[Fact]] = {}
    for row in read_rows(folder / "facts.parquet"):
        fact = Fact(**known_fields(Fact, row) | {"bbox": tuple(row["bbox"])})
        facts.setdefault(fact.table_id, []).append(fact)
    rows: dict[str, list[Row]] = {}
    for row in read_rows(folder / "rows.parquet"):
        rows.setdefault(row["table_id"], []).append(Row(**known_fields(Row, row)))
    tables = [
        MeantTable(
            table_id=row["table_id"],
            kind=row["table_kind"],
            caption=row["caption"],
            columns=[column_of(column) for column in json.loads(row["header"])],
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
        reading=read_reading(keys.reading_folder(root, document_id, about["reading"])),
        tables=tables,
        checks=[
            Check(**known_fields(Check, r) | {"bbox": box_of(r["bbox"])}) for r in read_rows(folder / "checks.parquet")
        ],
        problems=[
            Problem(**known_fields(Problem, r) | {"bbox": box_of(r["bbox"])})
            for r in read_rows(folder / "problems.parquet")
        ],
        claims=[line_of(row) for row in about["claims"]],
    )


def read_about(root: Path, document_id: str, meaning: str, reading: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The document record of a harvest (with its reading's signature) and the counts of what it holds."""
    about = json.loads((keys.meaning_folder(root, document_id, meaning) / "document.json").read_text(encoding="utf-8"))
    read = json.loads((keys.reading_folder(root, document_id, reading) / "reading.json").read_text(encoding="utf-8"))
    return about["document"] | {"signature": read["signature"]}, about["summary"]


# -- what the store's types can hold --------------------------------------------------------------------------


def _sound(harvest: Harvest) -> tuple[list[Fact], list[Problem]]:
    """Facts that fit the store; each one that does not becomes a problem row with its text, never a silent loss."""
    facts = [fact for table in harvest.tables for fact in table.facts]
    tables = {table.table_id for table in harvest.tables}
    ids, known = {fact.fact_id for fact in facts}, {fact.table_id for fact in facts} <= tables
    if known and len(ids) == len(facts) and _all_stored([fact.value for fact in facts]):
        return facts, []
    kept: dict[str, Fact] = {}
    problems = []
    for fact in facts:
        if fact.table_id not in tables:
            problems.append(_trouble(fact, "fact_without_table", "its table is not among the document's tables"))
        elif fact.fact_id in kept:
            problems.append(
                _trouble(fact, "duplicate_fact", "two quantities claim the same place; the first one is kept")
            )
        elif fact.value is not None and not _is_stored(fact.value):
            problems.append(_trouble(fact, "value_out_of_range", "the number has more than 18 digits before the comma"))
        else:
            kept[fact.fact_id] = fact
    return list(kept.values()), problems


def _trouble(fact: Fact, kind: str, explanation: str) -> Problem:
    return Problem(fact.page, fact.table_id, fact.bbox, kind, "warn", fact.raw, explanation)


def _sound_checks(checks: Sequence[Check]) -> dict[str, Sequence[Any]]:
    """The numbers of checks, None for those that the store cannot hold."""
    found: dict[str, Sequence[Any]] = {}
    for name in ("expected", "found", "difference"):
        numbers = [getattr(check, name) for check in checks]
        fit = _all_stored(numbers)
        found[name] = numbers if fit else [n if n is not None and _is_stored(n) else None for n in numbers]
    return found


def _all_stored(numbers: Sequence[Decimal | None]) -> bool:
    """Whether the store's type holds all of these, found by looking at the outermost alone."""
    present = [number for number in numbers if number is not None]
    try:
        return not present or (min(present) > -LARGEST and max(present) < LARGEST)
    except InvalidOperation:  # a NaN is less than nothing
        return False


def _is_stored(number: Decimal) -> bool:
    return number.is_finite() and -LARGEST < number < LARGEST
