"""`comparable` and `pagu` made from the facts, a part of the store at a time (docs/store.md tells the rules).

Most groups hold a single fact, and choosing among structs and lists is slow, so those take a shorter way: a fact whose
group has a hash of its own is alone in its group for certain; the others are grouped by what they say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.given import named

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS = ("comparable_rows", "pagu_rows")
_ITEM = 'region_code, place, agency_key, "year", level, code_generic, item, head'
_GROUP = f"{_ITEM}, indicator, account, role, quantity, period"
_SAME_ITEM = " and ".join(f"m.{key.strip()} is not distinct from p.{key.strip()}" for key in _ITEM.split(","))
_PREFERENCE = """{
    'document': document_rank(doc_type, edition, fiscal_year, "year"), 'older': -coalesce(fiscal_year, 0),
    'document_id': document_id, 'table': table_rank(table_kind), 'page': page, 'row': row_no, 'part': part,
    'fact_id': fact_id
}"""

_PLACED = f"""
create or replace temp table placed as
select *, hash(row({_ITEM})) as item_hash, hash(row({_GROUP})) as group_hash,
       case when quantity = 'anggaran' and unit = 'Rupiah' and account is null and period = 'tahun' and value is not null
            then pagu_rank(role) end as pagu_rank
from base.comparable_facts where {{within}}
"""

# Among several facts: money before percentages of money, then by the order of preference.
_COMPARABLE = f"""
create or replace temp table many as select group_hash from placed group by 1 having count(*) > 1;
create or replace temp table made as
with chosen as (
    select {_GROUP}, item_hash,
        arg_min(
            {{'agency': agency, 'agency_bidang': agency_bidang, 'code': code, 'code_comparable': code_comparable,
              'name': name, 'value': value, 'value_text': value_text, 'unit': unit, 'fact_id': fact_id,
              'document_no': document_no, 'table_id': table_id, 'table_kind': table_kind, 'page': page, 'raw': raw}},
            {{'is_share': is_share, 'preference': {_PREFERENCE}}}
        ) as best,
        bool_and(is_share) as only_shares,
        list({{'says': coalesce(value::varchar, value_text), 'rank': status_rank(status), 'fact_id': fact_id,
               'document_no': document_no, 'is_share': is_share}} order by is_share, {_PREFERENCE}) as found
    from placed semi join many using (group_hash)
    group by all
),
weighed as (
    select *, list_filter(found, lambda x: only_shares or not x.is_share) as same_kind,
           list_sort(list_distinct(list_transform(found, lambda x: x.document_no))) as documents
    from chosen
)
select
    {_GROUP}, item_hash, best.*, status_of(list_max(list_transform(same_kind, lambda x: x.rank))) as status,
    len(list_distinct(list_transform(same_kind, lambda x: x.says)))::integer as n_values,
    case when len(same_kind) > 1 then list_transform(same_kind, lambda x: x.fact_id) end as more_facts,
    case when len(documents) > 1 then documents end as more_documents
from weighed
union all by name
select {_GROUP}, item_hash, agency, agency_bidang, code, code_comparable, name, value, value_text, unit, fact_id,
       document_no, table_id, table_kind, page, raw, status,
       (value is not null or value_text is not null)::integer as n_values
from placed anti join many using (group_hash)
"""

# The first role present, and among its facts the preferred one. Items that share a hash keep all their roles until the end.
_PAGU = f"""
create or replace temp table first_role as
    select item_hash, min(best) as best, count(*) > 1 as shared
    from (select {_ITEM}, item_hash, min(pagu_rank) as best from placed where pagu_rank is not null group by all)
    group by 1;
create or replace temp table money as
    select p.* from placed p join first_role f using (item_hash) where p.pagu_rank = f.best or (f.shared and p.pagu_rank > 0);
create or replace temp table many as select item_hash from money group by 1 having count(*) > 1;
create or replace temp table made_pagu as
with chosen as (
    select {_ITEM}, item_hash,
        arg_min(
            {{'agency': agency, 'agency_bidang': agency_bidang, 'code': code, 'code_comparable': code_comparable,
              'name': name, 'pagu': value, 'pagu_role': role, 'fact_id': fact_id, 'document_no': document_no,
              'table_id': table_id, 'page': page}},
            {{'role': pagu_rank, 'preference': {_PREFERENCE}}}
        ) as best,
        list({{'role': role, 'value': value, 'rank': status_rank(status), 'fact_id': fact_id}}
             order by pagu_rank, {_PREFERENCE}) as found
    from money semi join many using (item_hash) group by all
),
weighed as (select *, list_filter(found, lambda x: x.role = best.pagu_role) as same_role from chosen)
select
    {_ITEM}, item_hash, best.*, status_of(list_max(list_transform(same_role, lambda x: x.rank))) as status,
    len(list_distinct(list_transform(same_role, lambda x: x.value)))::integer as n_values,
    case when len(same_role) > 1 then list_transform(same_role, lambda x: x.fact_id) end as more_facts
from weighed
union all by name
select {_ITEM}, item_hash, agency, agency_bidang, code, code_comparable, name, value as pagu, role as pagu_role, fact_id,
       document_no, table_id, page, status, 1::integer as n_values
from money anti join many using (item_hash)
"""

# `total`: an agency's whole budget in one table, role and year: a printed one that its programs add up to, else the sum
# of the programs, else the largest printed one.
_TOTALS = """
create or replace temp table totals as
with parts as (
    select table_id, role, "year", level, value, row_no, fact_id,
           case when level = 'program' then coalesce(code_generic, 'row ' || row_no) end as program
    from base.facts
    where level in ('perangkat_daerah', 'total', 'program') and quantity = 'anggaran' and unit = 'Rupiah'
      and account is null and period = 'tahun' and value is not null and "year" is not null
      and {documents}
),
programs as (
    select table_id, role, "year", sum(value)::decimal(24,6) as added
    from (
        select table_id, role, "year", arg_min(value, {'row': row_no, 'fact': fact_id}) as value
        from parts where program is not null group by table_id, role, "year", program
    ) group by all
),
printed as (select table_id, role, "year", list(value) as found from parts where program is null group by all)
select table_id, role, "year",
       added is not null and not coalesce(list_contains(found, added), false) as total_added,
       case when added is null then list_max(found) else added end as total
from programs full join printed using (table_id, role, "year")
"""
_CODES = """
create or replace temp table codes as
select code, code_key(code) as code_key
from (select distinct coalesce(code_comparable, code_generic) as code from placed) where code is not null
"""
IN_ORDER = 'code_key, "year", region_code, agency_key, code_generic, level, fact_id'
_KEEP_COMPARABLE = f"""
insert into {{into}}.comparable_rows by name
select m.* exclude (place, table_id, item_hash), p.pagu, p.pagu_role, k.code_key, t.total, t.total_added
from made m
left join codes k on k.code = coalesce(m.code_comparable, m.code_generic)
left join made_pagu p on p.item_hash = m.item_hash and {_SAME_ITEM}
left join totals t on t.table_id = m.table_id and t.role = m.role and t."year" = m."year"
    and m.quantity = 'anggaran' and m.unit = 'Rupiah' and m.account is null
order by {IN_ORDER}
"""
_KEEP_PAGU = f"""
insert into {{into}}.pagu_rows by name
select m.* exclude (place, table_id, item_hash), k.code_key, t.total, t.total_added
from made_pagu m
left join codes k on k.code = coalesce(m.code_comparable, m.code_generic)
left join totals t on t.table_id = m.table_id and t.role = m.pagu_role and t."year" = m."year"
order by {IN_ORDER}
"""
_SCRATCH = ("placed", "many", "made", "first_role", "money", "made_pagu", "totals", "codes")


def add_comparable(connection: DuckDBPyConnection, within: str, into: str = "base") -> None:
    """Add the rows of `comparable_rows` and `pagu_rows` for the facts `within` to the tables of that name in `into`.

    `within`: a condition over region_code, agency_key, place and document_id that holds whole groups, in literal text.
    """
    connection.execute(_PLACED.replace("{within}", within))
    ids = [row[0] for row in connection.execute("select distinct document_id from placed").fetchall()]
    documents = named(ids, "select document_id from placed")
    for step in (_COMPARABLE, _PAGU, _TOTALS.replace("{documents}", documents), _CODES):
        connection.execute(step)
    for keep in (_KEEP_COMPARABLE, _KEEP_PAGU):
        connection.execute(keep.replace("{into}", into))
    for table in _SCRATCH:
        connection.execute(f"drop table {table}")
