"""document_pair: the same region, agency, code, role and year in two documents of a store.

A plan and the accounts that look back on it, a draft and its final form, an edition and the one that replaces it. That
documents differ is worth knowing and proves nothing: the checks pin no fact, and no fact becomes a conflict by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.comparable import named, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SQL_FILE = Path(__file__).with_name("pairs.sql")


def pair_documents(connection: DuckDBPyConnection, regions: Sequence[str] | None = None) -> int:
    """Makes the document_pair rows of `base.checks` anew from `base.facts` and `base.documents`; how many there are.

    To be called after the harvests are loaded and twins are marked; `regions` are the codes of those whose pairs are
    made anew (None: all). Raises duckdb.Error.
    """
    within = "true"
    if regions is not None:
        within = f"region_code in ({quoted(regions)})"
    found = connection.execute(f"select document_id from base.documents where {within}").fetchall()
    documents = (
        named([row[0] for row in found]) or f"document_id in (select document_id from base.documents where {within})"
    )
    connection.execute(f"delete from base.checks where kind = 'document_pair' and {documents if regions else 'true'}")
    spoken = f"f.{documents}" if regions else within
    connection.execute(SQL_FILE.read_text(encoding="utf-8").replace("/* within */ true", spoken))
    row = connection.execute("select count(*) from base.checks where kind = 'document_pair'").fetchone()
    return 0 if row is None else int(row[0])
