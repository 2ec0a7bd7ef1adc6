"""What the first page and the list of documents show."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.coverage import coverage_on
from pipeline.names import Item
from pipeline.web.reader import Reader, Record

TILES = Path(__file__).parent / "data" / "tiles.csv"
STATUSES = ("verified", "repaired", "unverified", "conflict")
NEWEST = 10
A_PAGE = 50


@cache
def tiles() -> dict[str, tuple[str, int, int]]:
    """Province -> label, column and row of its tile; the order on the page is roughly that on the map."""
    with TILES.open(encoding="utf-8", newline="") as file:
        return {row["code"]: (row["label"], int(row["column"]), int(row["row"])) for row in csv.DictReader(file)}


def home(reader: Reader) -> Record:
    """The figures of the published generation; made once a generation."""
    return reader.kept("home", lambda: _home(reader))


def _home(reader: Reader) -> Record:
    found = coverage_on(reader.cursor())
    counts = reader.one(_STATUSES) or {}
    facts = sum(counts.values())
    info = reader.one("select generation, published_at from store_info") or {}
    good = counts.get("verified", 0) + counts.get("repaired", 0)
    return {
        "generation": info.get("generation"),
        "published_at": str(info.get("published_at", ""))[:16],
        "documents": sum(one.documents for one in found.held),
        "facts": facts,
        "share_verified": 100 * good / facts if facts else None,
        "regions_held": found.regions_held + found.provinces_held,
        "regions": found.regions + len(found.provinces),
        "tiles": [_tile(province) for province in found.provinces],
        "statuses": [
            {
                "status": status,
                "n": counts.get(status, 0),
                "percent": round(100 * counts.get(status, 0) / max(facts, 1), 3),
            }
            for status in STATUSES
        ],
        "newest": documents(reader, limit=NEWEST),
    }


def _tile(province: Any) -> Record:
    label, column, row = tiles()[province.code]
    share = (province.regions_held + (province.own > 0)) / (province.regions + 1)
    shade = 0 if province.documents == 0 else 1 + sum(share >= step for step in (0.15, 0.4, 0.75))
    return {
        "code": province.code, "name": province.name, "label": label, "column": column, "row": row, "shade": shade,
        "documents": province.documents, "regions_held": province.regions_held, "regions": province.regions,
    }  # fmt: skip


_STATUSES = (
    f"select {', '.join(f'coalesce(sum({one}), 0)::bigint as {one}' for one in STATUSES)} from base.document_counts"
)
_DOCUMENTS = """
with chosen as (
    select * from documents
    where ($province is null or starts_with(region_code, $province)) and ($year is null or fiscal_year = $year)
      and ($kind is null or doc_type = $kind)
    order by ingested_at desc, document, document_id limit $limit offset $offset
)
select document_id, document, title, doc_type, fiscal_year, region_code, region, agency, status, error, pages,
       ingested_at, duplicate_of, coalesce(facts, 0) as facts, coalesce(verified + repaired, 0) as verified,
       coalesce(conflict, 0) as conflict
from chosen left join base.document_counts using (document_id)
order by ingested_at desc, document, document_id
"""


def documents(
    reader: Reader, province: str | None = None, year: int | None = None, limit: int = A_PAGE, offset: int = 0,
    kind: str | None = None,
) -> list[Record]:  # fmt: skip
    """Documents, the newest first, with the counts of their facts."""
    wanted = {"province": province, "year": year, "kind": kind, "limit": limit, "offset": offset}
    return reader.records(_DOCUMENTS, wanted)


def years(reader: Reader) -> list[int]:
    """Fiscal years of the documents, the newest first."""
    query = "select distinct fiscal_year as year from base.documents where fiscal_year is not null order by 1 desc"
    return reader.kept("years", lambda: [row["year"] for row in reader.records(query)])


def places(reader: Reader) -> list[str]:
    """Names of the regions that have a document."""
    query = "select distinct region from base.documents where region is not null order by region"
    return reader.kept("places", lambda: [row["region"] for row in reader.records(query)])


def kinds(reader: Reader) -> list[str]:
    """Kinds of documents that there are."""
    query = "select distinct doc_type from base.documents where doc_type is not null order by doc_type"
    return reader.kept("kinds", lambda: [row["doc_type"] for row in reader.records(query)])


def starts(items: dict[str, Item]) -> list[Item]:
    """A few things to compare: what most documents print, from the program down to the sub kegiatan."""
    chosen: list[Item] = []
    for level, n in (("program", 1), ("kegiatan", 3), ("sub_kegiatan", 1)):
        pool = [item for item in items.values() if item.level == level and item.name and item.documents > 1]
        chosen += sorted(pool, key=lambda item: (-item.documents, item.code))[:n]
    return chosen
