"""Search over names of programs and activities, indicators and documents."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.names import Found, Item, by_name, items
from pipeline.web.reader import Reader, Record

LIMIT = 25


@dataclass(frozen=True, slots=True)
class Results:
    items: list[Found]
    indicators: list[Record]
    documents: list[Record]


def known_items(reader: Reader) -> dict[str, Item]:
    """`names.items` of the published generation; made once a generation."""
    return reader.kept("items", lambda: items(reader.cursor()))


def search(reader: Reader, text: str) -> Results:
    """What is named like `text`. Programs and activities may be misspelt; of the others every word must be there."""
    words = [word.lower() for word in text.split()][:8]
    return Results(
        by_name(known_items(reader), text, limit=LIMIT), _indicators(reader, words), _documents(reader, words)
    )


def _indicators(reader: Reader, words: list[str]) -> list[Record]:
    found = reader.kept("indicators", lambda: reader.records(_INDICATORS))
    hits = [row for row in found if all(word in row["lower"] for word in words)]
    return hits[:LIMIT]


_INDICATORS = """
select indicator, lower(indicator) as lower, documents, fact_id
from base.indicator_names order by documents desc, indicator limit 200000
"""


def _documents(reader: Reader, words: list[str]) -> list[Record]:
    found = reader.kept("document names", lambda: reader.records(_DOCUMENTS))
    return [row for row in found if all(word in row["lower"] for word in words)][:LIMIT]


_DOCUMENTS = """
select document_id, document, region, agency, doc_type, fiscal_year,
       lower(concat_ws(' ', document, title, region, agency, doc_type, fiscal_year)) as lower
from base.documents order by ingested_at desc, document
"""


def indicator(reader: Reader, name: str) -> list[Record]:
    """Targets and results of one indicator, a row an agency, item and year, each with where it stands."""
    return reader.records(_INDICATOR, {"name": name})


_INDICATOR = """
with chosen as (select * from indicators where indicator = $name
           and coalesce(target, realisasi, tingkat_realisasi) is not null or indicator = $name and target_text is not null),
places as (
    select fact_id, page, document from comparable where indicator = $name
)
select region, region_code, agency, c.year, level, code, name, target, target_text, target_role, unit, realisasi,
       realisasi_unit, tingkat_realisasi, status, p.document, p.page, p.fact_id
from chosen c left join places p on p.fact_id = c.fact_ids[1]
order by region_code nulls last, agency, c.year, code, p.fact_id limit 5001
"""
