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

from pipeline.generations import told_if_damaged
from pipeline.store import StoreError, generation_path, generations

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHANGES = ("removed", "changed", "added")
LISTED = (
    "change", "document", "page", "code", "name", "indicator", "role", "year", "period", "old_value", "new_value",
    "unit",
)  # fmt: skip

# Documents whose facts may differ, and which one took the place of which. A document that has no facts (it could not be
# read, and another one is served from its place) neither vanishes nor comes, and stands in nobody's way.
_PAIRS = """
create or replace temp table pairs as
with differing as (
        select document_id from {old}.documents o full join {new}.documents n using (document_id)
        where (o.meaning_version, o.reading_version) is distinct from (n.meaning_version, n.reading_version)
     ),
     before as (select document_id, count(*) as facts from {old}.facts semi join differing using (document_id) group by 1),
     after as (select document_id, count(*) as facts from {new}.facts semi join differing using (document_id) group by 1),
     gone as (from before anti join after using (document_id)),
     come as (from after anti join before using (document_id)),
     places as (
        select g.document_id as old_id, c.document_id as new_id, count(*) as places, abs(g.facts - c.facts) as unlike
        from gone g join {old}.sources o on o.document_id = g.document_id
        join {new}.sources n using (source_uri) join come c on c.document_id = n.document_id
        group by all
     ),
     first_choice as (
        from places qualify row_number() over (partition by old_id order by places desc, unlike, new_id) = 1
     ),
     replaced as (
        from first_choice qualify row_number() over (partition by new_id order by places desc, unlike, old_id) = 1
     )
select document_id as pair, document_id as old_id, document_id as new_id from before semi join after using (document_id)
union all
select g.document_id, g.document_id, r.new_id from gone g left join replaced r on r.old_id = g.document_id
union all
select document_id, null, document_id from come where document_id not in (select new_id from replaced)
"""

_SIDE = """
create or replace temp table {side}_facts as
select
    p.pair, f.fact_id, d.document, f.document_id, f.page, f.row_no, f.part, f.table_kind, f.level,
    [round(x) for x in f.bbox] as box, f.code, f.name, f.indicator, f.role, f."year", f.period, f.unit, f.value, f.value_text,
    hash(row(f.table_kind, f.level, coalesce(f.code_generic, f.code, lower(f.name_raw)), f.account, f.indicator,
             f.role, f.quantity, f."year", f.period)) as meaning,
    row(f.value, f.value_text, f.unit, f.role, f.quantity, f."year", f.period, f.code) as says
from {schema}.facts f
join pairs p on p.{side}_id = f.document_id
join {schema}.documents d on d.document_id = f.document_id
"""

# First by identity. What is left over is matched by its meaning, in this order: what says the same (so that of three equal
# rows of which one has gone the others are unchanged), what stands at the same place, and then the n-th with the n-th.
_MATCHED = """
create or replace temp table matched as
select o.fact_id as old_fact, n.fact_id as new_fact from old_facts o join new_facts n using (pair, fact_id)
"""
_ALIKE = ("meaning, says", "meaning, page, box, part", "meaning")
_MATCHED_NEXT = """
insert into matched
with left_old as (
    select *, row_number() over (partition by pair, {alike} order by page, row_no, part, fact_id) as nth
    from old_facts anti join matched on old_fact = fact_id
),
left_new as (
    select *, row_number() over (partition by pair, {alike} order by page, row_no, part, fact_id) as nth
    from new_facts anti join matched on new_fact = fact_id
)
select o.fact_id, n.fact_id from left_old o join left_new n using (pair, {alike}, nth)
"""

_CHANGES = """
create or replace temp macro bare(x) as rtrim(rtrim(x::varchar, '0'), '.');
create or replace temp table changes as
select
    case when n.fact_id is null then 'removed' when o.fact_id is null then 'added' else 'changed' end as change,
    coalesce(n.document, o.document) as document, coalesce(n.document_id, o.document_id) as document_id,
    o.fact_id as old_fact_id, n.fact_id as new_fact_id,
    coalesce(n.page, o.page) as page, coalesce(n.row_no, o.row_no) as row_no,
    coalesce(n.code, o.code) as code, coalesce(n.name, o.name) as name, coalesce(n.indicator, o.indicator) as indicator,
    coalesce(n.role, o.role) as role, coalesce(n."year", o."year") as "year", coalesce(n.period, o.period) as period,
    coalesce(bare(o.value), o.value_text) as old_value, coalesce(bare(n.value), n.value_text) as new_value,
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
            raise StoreError(
                f"generation {generation} is not kept in {folder}: there are {listed}; facts_history tells what earlier "
                "ones said"
            )
    if old == new:
        raise StoreError(f"both are generation {old}: name two of {', '.join(map(str, kept))}")
    path = generation_path(folder, new)
    with told_if_damaged(path), duckdb.connect(str(path), read_only=True) as connection:
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
    for alike in _ALIKE:
        connection.execute(_MATCHED_NEXT.format(alike=alike))
    connection.execute(_CHANGES)


def totals(connection: DuckDBPyConnection) -> dict[str, int]:
    """Facts by kind of change, from the table that `compare` has filled."""
    counted = dict(connection.execute("select change, count(*) from changes group by 1").fetchall())
    return {change: int(counted.get(change, 0)) for change in CHANGES}
