"""document_pair: the same region, agency, code, role and year in two documents of a store.

A plan and the accounts that look back on it, a draft and its final form, an edition and the one that replaces it. That
documents differ is worth knowing and proves nothing: the checks pin no fact, and no fact becomes a conflict by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.given import among

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SQL_FILE = Path(__file__).with_name("pairs.sql")
_KEY = "agency_key_of(f.agency, f.agency_key, d.agency_key)"


def pair_documents(
    connection: DuckDBPyConnection,
    documents: str = "true",
    agencies: Sequence[str | None] | None = None,
    several: bool = True,
) -> None:
    """Makes the document_pair rows of `base.checks` anew from `base.facts` and `base.documents`.

    To be called after the harvests are loaded and twins are marked. `documents`: a condition over `document_id` that holds
    whole regions or, with `agencies` (keys; None: no agency is known), all documents that speak of those in them: then their
    pairs alone are made anew. Conditions are literal text. `several`: they hold more than one document. Raises duckdb.Error.
    """
    key = "true" if agencies is None else among(_KEY, agencies)
    spoken = "true" if documents == "true" else f"f.{documents}"
    old = f"kind = 'document_pair' and {documents}"
    if agencies is not None:
        old += f""" and fact_ids[1] in (select f.fact_id from base.facts f join base.documents d using (document_id)
                                        where {spoken} and {key})"""
    connection.execute(f"delete from base.checks where {old}")
    if several:
        query = SQL_FILE.read_text(encoding="utf-8").replace("/* within */ true", spoken)
        connection.execute(query.replace("/* agencies */ true", key))
