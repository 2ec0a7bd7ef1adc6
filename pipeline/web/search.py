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
select indicator, lower(indicator) as lower, count(distinct document_id) as documents, any_value(fact_id) as fact_id
from base.facts where indicator is not null group by 1, 2 order by documents desc, indicator limit 200000
"""


def _documents(reader: Reader, words: list[str]) -> list[Record]:
    found = reader.kept("document names", lambda: reader.records(_DOCUMENTS))
    return [row for row in found if all(word in row["lower"] for word in words)][:LIMIT]


_DOCUMENTS = """
select document_id, document, region, agency, doc_type, fiscal_year,
       lower(concat_ws(' ', document, title, region, agency, doc_type, fiscal_year)) as lower
from base.documents order by ingested_at desc, document
"""
