"""What is checked before the pointer moves: a generation is whole, and not unlike the last one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.generations import harvests_root
from pipeline.given import those
from pipeline.store_error import StoreError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VIEWS = (
    "facts", "documents", "document_sources", "tables", "cells", "checks", "problems", "corrections", "facts_history",
    "comparable", "pagu", "budget_tree", "indicators",
)  # fmt: skip

_ARRIVED = """
select w.document_id, w.document, w.facts, coalesce(c.facts, 0) as arrived
from wanted w left join base.document_counts c using (document_id) where w.facts <> coalesce(c.facts, 0) limit 1
"""
# In the documents loaded anew, or in all of them.
_TESTS = {
    "facts of no table": "select count(*) from base.facts anti join base.tables using (document_id, table_id) where {which}",
    "facts of no document": "select count(*) from base.facts anti join base.documents using (document_id) where {which}",
    "facts with one identity": "select count(*) - count(distinct hash(fact_id)) from base.facts where {which}",
    "tables with one identity": "select count(*) - count(distinct table_id) from base.tables",
    "documents with one identity": "select count(*) - count(distinct document_id) from base.documents",
    "documents with one number": "select count(*) - count(distinct document_no) from base.documents",
    "facts not counted": "select (select count(*) from base.facts) - coalesce(sum(facts), 0) from base.document_counts",
}
_SAME_IDENTITY = "select count(*) - count(distinct fact_id) from base.facts where {which}"


class Held(StoreError):
    """A generation that is whole, but differs so much from the last one that a person should look first."""


def check(connection: DuckDBPyConnection, folder: Path, everything: bool) -> int:
    """Refuse a generation that is not whole. Returns the number of facts.

    `wanted` and `touched` are the temporary tables of the load. Without `everything` only what was loaded anew is
    looked at fact by fact: the rest was, when it came.
    """
    for view in VIEWS:
        connection.execute(f"select * from {view} limit 0")
    lost = connection.execute(_ARRIVED).fetchone()
    if lost is not None:
        document_id, name, harvested, arrived = lost
        raise StoreError(
            f"{name}: {arrived} facts arrived in the store and {harvested} were harvested; nothing was published. "
            f"Remove {harvests_root(folder) / document_id} and ingest it again"
        )
    which = "true" if everything else those(connection, "select document_id from touched")
    for what, query in _TESTS.items():
        found = _number(connection, query.format(which=which))
        if found and query.count("hash("):  # two texts may have one hash
            found = _number(connection, _SAME_IDENTITY.format(which=which))
        if found:
            raise StoreError(f"{found} {what}: nothing was published; `lumbung publish --full` builds it anew")
    return _number(connection, "select count(*) from base.facts")


def _number(connection: DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return 0 if row is None else int(row[0])


def hold(connection: DuckDBPyConnection, limit: float) -> None:
    """Raises Held where more than `limit` of the facts of the generation attached as `last` would vanish or change."""
    from pipeline.diff import compare, totals

    compare(connection, "last.base", "base")
    total = totals(connection)
    facts = _number(connection, "select count(*) from last.base.facts")
    worst = connection.execute(
        "select document, count(*) from changes where change <> 'added' group by 1 order by 2 desc, 1 limit 3"
    ).fetchall()
    share = (total["removed"] + total["changed"]) / facts if facts else 0.0
    if share > limit:
        named = ", ".join(f"{name} ({count})" for name, count in worst)
        raise Held(
            f"held, nothing was published: {total['removed']} facts would vanish and {total['changed']} change, "
            f"{share:.0%} of {facts} (the gate is {limit:.0%}), most in {named}. "
            "`lumbung refresh --accept` publishes them"
        )
