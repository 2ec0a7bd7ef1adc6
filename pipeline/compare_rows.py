"""The rows of a comparison, put together from what DuckDB gives: items, their budgets, the documents they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.compare_sql import KEYS, Within, asked_query, items_query, money_query
from pipeline.tabular import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]
_TAKEN = ("pagu", "pagu_role", "n_values", "total", "total_added")
_NONE: Row = dict.fromkeys((*_TAKEN, "status"))


class Asked(NamedTuple):
    """A document that was asked for; `has` says whether it prints the codes. Thousands for a country and a year."""

    region_code: str | None
    region: str | None
    agency: str | None
    year: int | None
    document: str
    has: bool
    document_no: int
    document_id: str


def rows_within(connection: DuckDBPyConnection, codes: Sequence[str], within: Within) -> tuple[list[Row], list[Asked]]:
    """One row an agency, year and code, with its region, document, page and fact, in order; and the documents asked for."""
    asked = [Asked._make(row) for row in connection.execute(asked_query(codes, within)).fetchall()]
    money: dict[tuple[Any, ...], list[Row]] = {}
    for row in records(connection, money_query(codes, within)):
        money.setdefault(_key(row), []).append(row)
    items = records(connection, items_query(codes, within))
    return list(_joined(items, money, {one.document_no: one for one in asked})), asked


def _joined(
    items: Sequence[Row], money: Mapping[tuple[Any, ...], list[Row]], documents: Mapping[int, Asked]
) -> Iterator[Row]:
    for item in items:
        for budget in money.get(_key(item), [_NONE]):
            goals = item["goals"] or []
            first = next((one for one in (budget, item["spent"], *goals) if one and one.get("fact_id")), None)
            if first is None:
                continue  # neither money nor a target
            document = documents[first["document_no"]]
            yield {
                **item, **{name: budget[name] for name in _TAKEN}, "pagu_status": budget["status"],
                "region": documents[item["of_document"]].region, "document": document.document,
                "document_id": document.document_id, "page": first["page"], "fact_id": first["fact_id"],
            }  # fmt: skip


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[key] for key in KEYS)
