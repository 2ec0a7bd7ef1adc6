"""The rows of a comparison, put together from what DuckDB gives: items, their budgets, the documents they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pipeline.compare_lines import TARGETS, Gap, Row
from pipeline.compare_sql import (
    KEYS,
    Said,
    Within,
    documents_query,
    items_query,
    money_query,
    numbered_query,
    printing_query,
)
from pipeline.tabular import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TAKEN = ("pagu", "pagu_role", "n_values", "total", "total_added")
_NONE: Row = dict.fromkeys((*_TAKEN, "status", "fact_id"))
_key = itemgetter(*KEYS)
_NAMES = ("agency", "code", "name")
_ORDER = ("region_code", "agency_key", "year", "code_generic", "place", "level")


@dataclass(frozen=True, slots=True)
class Asked:
    """The documents that were asked for: how many, how many of them have the codes, and the others as gaps."""

    documents: int
    having: int
    gaps: list[Gap]
    regions: set[str | None]


Document = tuple[str | None, str | None, str | None, int | None, str, int, str]  # of documents_query


def rows_within(connection: DuckDBPyConnection, codes: Sequence[str], within: Within) -> tuple[list[Row], Asked]:
    """One row an agency, year and code, with its region, document, page and fact, in order; and the documents asked for."""
    having = _printing(connection, codes, within, agencies=False)
    liked = _printing(connection, codes, within) if within.like else having
    documents = _documents(connection, liked, within)
    gaps = [Gap(*one[:5], "not in this document") for one in documents if one[5] not in having]
    asked = Asked(len(documents), len(documents) - len(gaps), gaps, {one[0] for one in documents})
    money: dict[tuple[Any, ...], list[Row]] = {}
    for row in records(connection, money_query(codes, within)):
        money.setdefault(_key(row), []).append(row)
    found = connection.execute(items_query(codes, within)).fetchall()
    return list(_joined(_items(found, within), money, {one[5]: one for one in documents if one[5] in having})), asked


def _documents(connection: DuckDBPyConnection, having: set[int], within: Within) -> list[Document]:
    """Those that were asked for, or have the codes, in order. A row's own agency may be spelt unlike its document's, so a
    document that is asked for has the codes whatever agency they stand under.
    """
    documents: list[Document] = connection.execute(documents_query(within)).fetchall()
    if others := having.difference([one[5] for one in documents]):
        documents += connection.execute(numbered_query(others)).fetchall()
        documents.sort(key=lambda one: (one[0] is None, one[0], one[4], one[6]))
    return documents


def _printing(
    connection: DuckDBPyConnection, codes: Sequence[str], within: Within, *, agencies: bool = True
) -> set[int]:
    """The numbers of the documents that print one of the codes."""
    found = connection.execute(printing_query(codes, within, agencies=agencies)).fetchall()
    return {number for first, more in found for number in more or (first,)}


def _items(found: Sequence[tuple[Any, ...]], within: Within) -> list[Row]:
    """One row an agency, year and code of those of `items_query`, in order: what was spent, and targets of performance.

    In Python, since DuckDB takes as long to plan the structs and lists of it as to read the rows.
    """
    goal_roles = (within.role,) if within.role else TARGETS
    items: dict[tuple[Any, ...], Row] = {}
    for one in map(Said._make, found):
        key = one.region_code, one.document_no if one.region_code is None else None, *one[1:5]
        item = items.get(key)
        if item is None:
            item = items[key] = {**dict(zip(KEYS, key, strict=True)), "goals": [], "spent": None, "of_document": one.document_no,
                                 "agency": one.agency, "code": one.code, "name": one.name}  # fmt: skip
        elif item["agency"] is None or item["code"] is None or item["name"] is None:
            item |= {name: getattr(one, name) for name in _NAMES if item[name] is None}
        if one.period == "tahun" and one.quantity == "kinerja" and one.role in goal_roles:
            item["goals"].append(one)
        elif _is_spent(one) and (
            item["spent"] is None or (item["spent"].indicator is not None and one.indicator is None)
        ):
            item["spent"] = one
    for item in items.values():
        item["goals"].sort(key=lambda goal: (goal.page is None, goal.page, goal.fact_id))
    return sorted(items.values(), key=_in_order)


def _is_spent(one: Said) -> bool:
    money = one.quantity == "anggaran" and one.unit == "Rupiah" and one.value is not None
    return money and one.role == "realisasi" and one.period == "tahun"


def _in_order(item: Row) -> tuple[Any, ...]:
    return tuple((item[name] is None, item[name]) for name in _ORDER)


def _joined(
    items: Sequence[Row], money: Mapping[tuple[Any, ...], list[Row]], documents: Mapping[int, Document]
) -> Iterator[Row]:
    for item in items:
        for budget in money.get(_key(item), [_NONE]):
            spoken = item["spent"] or next(iter(item["goals"]), None)
            if budget["fact_id"] is not None:
                number, page, fact_id = budget["document_no"], budget["page"], budget["fact_id"]
            elif spoken is not None:
                number, page, fact_id = spoken.document_no, spoken.page, spoken.fact_id
            else:
                continue  # neither money nor a target
            document = documents[number]
            yield {
                **item, **{name: budget[name] for name in _TAKEN}, "pagu_status": budget["status"],
                "region": documents[item["of_document"]][1], "document": document[4], "document_id": document[6],
                "page": page, "fact_id": fact_id,
            }  # fmt: skip
