"""document_pair: the same region, agency, code, role and year in two documents of a store.

A plan and the accounts that look back on it, a draft and its final form, an edition and the one that replaces it. That
documents differ is worth knowing and proves nothing: the checks pin no fact, and no fact becomes a conflict by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.comparable import among

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SQL_FILE = Path(__file__).with_name("pairs.sql")
_KEY = "agency_key_of(f.agency, f.agency_key, d.agency_key)"


def pair_documents(
    connection: DuckDBPyConnection, documents: str = "true", agencies: Sequence[str | None] | None = None
) -> int:
    """Makes the document_pair rows of `base.checks` anew from `base.facts` and `base.documents`; how many there are.

    To be called after the harvests are loaded and twins are marked. `documents`: a condition over `document_id` that holds
    whole regions or, with `agencies` (keys; None: no agency is known), all documents that speak of those in them: then their
    pairs alone are made anew. Conditions are literal text. Raises duckdb.Error.
    """
    key = "true" if agencies is None else among(_KEY, agencies)
    spoken = "true" if documents == "true" else f"f.{documents}"
    old = f"kind = 'document_pair' and {documents}"
    if agencies is not None:
        old += f""" and fact_ids[1] in (select f.fact_id from base.facts f join base.documents d using (document_id)
                                        where {spoken} and {key})"""
    connection.execute(f"delete from base.checks where {old}")
    query = (
        SQL_FILE.read_text(encoding="utf-8").replace("/* within */ true", spoken).replace("/* agencies */ true", key)
    )
    connection.execute(query)
    row = connection.execute("select count(*) from base.checks where kind = 'document_pair'").fetchone()
    return 0 if row is None else int(row[0])
