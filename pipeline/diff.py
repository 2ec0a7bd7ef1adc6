"""What differs between two generations: facts added, removed and changed, document by document.

A fact is the same fact where its identity is the same. What is left over is matched by its meaning: within the same
document (an engine that moves a box by a point renames no number for the reader) and between a report and the edition
that took its place at the same address.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store import StoreError, generation_path, generations

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHANGES = ("removed", "changed", "added")
LISTED = (
    "change", "document", "page", "code", "name", "indicator", "role", "year", "period", "old_value", "new_value",
    "unit",
)  # fmt: skip

# Documents that are not word for word the same on both sides, and which one took the place of which.
_PAIRS = """
create or replace temp table pairs as
with gone as (from {old}.documents anti join {new}.documents using (document_id)),
     come as (from {new}.documents anti join {old}.documents using (document_id)),
     replaced as (
        select o.document_id as old_id, min(n.document_id) as new_id
        from {old}.sources o join {new}.sources n on n.source_uri = o.source_uri
        where o.document_id in (select document_id from gone) and n.document_id in (select document_id from come)
        group by 1
        qualify row_number() over (partition by min(n.document_id) order by o.document_id) = 1
     )
select o.document_id as pair, o.document_id as old_id, n.document_id as new_id
from {old}.documents o join {new}.documents n using (document_id)
where (o.meaning_version, o.reading_version) is distinct from (n.meaning_version, n.reading_version)
union all
select g.document_id, g.document_id, r.new_id from gone g left join replaced r on r.old_id = g.document_id
union all
select c.document_id, null, c.document_id from come c where c.document_id not in (select new_id from replaced)
"""

_SIDE = """
create or replace temp table {side}_facts as
select
    p.pair, f.fact_id, d.document, f.document_id, f.page, f.row_no, f.part, f.table_kind, f.level,
    f.code, f.name, f.indicator, f.role, f."year", f.period, f.unit, f.value, f.value_text,
    hash(row(f.table_kind, f.level, coalesce(f.code_generic, f.code, lower(f.name_raw)), f.account, f.indicator,
             f.role, f.quantity, f."year", f.period)) as meaning,
    row(f.value, f.value_text, f.unit, f.role, f.quantity, f."year", f.period, f.code) as says
from {schema}.facts f
join pairs p on p.{side}_id = f.document_id
join {schema}.documents d on d.document_id = f.document_id
"""

# First by identity; then what is left by its meaning, the n-th with the n-th.
_MATCHED = """
create or replace temp table matched as
with same as (
    select o.fact_id as old_fact, n.fact_id as new_fact from old_facts o join new_facts n using (pair, fact_id)
),
left_old as (
    select *, row_number() over (partition by pair, meaning order by page, row_no, part, fact_id) as nth
    from old_facts where fact_id not in (select old_fact from same)
),
left_new as (
    select *, row_number() over (partition by pair, meaning order by page, row_no, part, fact_id) as nth
    from new_facts where fact_id not in (select new_fact from same)
)
from same
union all
select o.fact_id, n.fact_id from left_old o join left_new n using (pair, meaning, nth)
"""

_CHANGES = """
create or replace temp table changes as
select
    case when n.fact_id is null then 'removed' when o.fact_id is null then 'added' else 'changed' end as change,
    coalesce(n.document, o.document) as document, coalesce(n.document_id, o.document_id) as document_id,
    o.fact_id as old_fact_id, n.fact_id as new_fact_id,
    coalesce(n.page, o.page) as page, coalesce(n.row_no, o.row_no) as row_no,
    coalesce(n.code, o.code) as code, coalesce(n.name, o.name) as name, coalesce(n.indicator, o.indicator) as indicator,
    coalesce(n.role, o.role) as role, coalesce(n."year", o."year") as "year", coalesce(n.period, o.period) as period,
    coalesce(o.value::varchar, o.value_text) as old_value, coalesce(n.value::varchar, n.value_text) as new_value,
    coalesce(n.unit, o.unit) as unit
from old_facts o
full join matched m on m.old_fact = o.fact_id
full join new_facts n on n.fact_id = m.new_fact
where o.says is distinct from n.says
"""


@dataclass(frozen=True, slots=True)
class Diff:
    """`totals`: facts by change. `by_document`: document, removed, changed, added. `changes`: rows of LISTED."""

    totals: dict[str, int]
    by_document: list[tuple[str, int, int, int]]
    changes: list[tuple[Any, ...]]


def diff(folder: Path, old: int, new: int, rows: int | None = None) -> Diff:
    """What `new` says otherwise than `old`; at most `rows` single changes. Raises StoreError for one not kept."""
    import duckdb

    kept = generations(folder)
    for generation in (old, new):
        if generation not in kept:
            listed = ", ".join(map(str, kept)) or "none"
            raise StoreError(f"generation {generation} is not kept in {folder}: there are {listed}")
    with duckdb.connect(str(generation_path(folder, new)), read_only=True) as connection:
        with attached(connection, generation_path(folder, old)):
            compare(connection, "last.base", "base")
        by_document = connection.execute(
            """select document, count(*) filter (change = 'removed'), count(*) filter (change = 'changed'),
                      count(*) filter (change = 'added')
               from changes group by document_id, document order by document"""
        ).fetchall()
        order = "order by list_position(['changed', 'removed', 'added'], change), document, page, row_no, role"
        limit = "" if rows is None else f"limit {rows:d}"
        found = connection.execute(f"select {', '.join(LISTED)} from changes {order} {limit}").fetchall()
        return Diff(totals(connection), by_document, found)


@contextmanager
def attached(connection: DuckDBPyConnection, path: Path, name: str = "last") -> Iterator[None]:
    """A generation beside the one that is open, read-only."""
    quoted = str(path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as {name} (read_only)")
    try:
        yield
    finally:
        connection.execute(f"detach {name}")


def compare(connection: DuckDBPyConnection, old: str, new: str) -> None:
    """Fill the temporary table `changes` from two schemas that hold facts, documents and sources."""
    connection.execute(_PAIRS.format(old=old, new=new))
    connection.execute(_SIDE.format(side="old", schema=old))
    connection.execute(_SIDE.format(side="new", schema=new))
    connection.execute(_MATCHED)
    connection.execute(_CHANGES)


def totals(connection: DuckDBPyConnection) -> dict[str, int]:
    """Facts by kind of change, from the table that `compare` has filled."""
    counted = dict(connection.execute("select change, count(*) from changes group by 1").fetchall())
    return {change: int(counted.get(change, 0)) for change in CHANGES}
