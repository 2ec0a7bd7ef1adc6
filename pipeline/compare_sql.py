"""The questions that a comparison asks the store. Codes stand in the text, so that DuckDB reads nothing else."""

from __future__ import annotations

from collections.abc import Sequence

_WITHIN = """
    (len($years) = 0 or list_contains($years, "year"))
    and (len($regions) = 0 or list_contains($regions, region_code))
    and (len($provinces) = 0 or list_contains($provinces, region_code[:2]))
    and ($like is null or agency ilike $like)
"""
_KEYS = 'region_code, place, agency_key, "year", level, code_generic'
_LEVELS = "('urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan')"
_PAGU = "select *, coalesce(region_code, document_id) as place from pagu where code_generic in ({codes})"
_ONE_ROLE = """
select *, coalesce(region_code, document_id) as place, value as pagu, role as pagu_role
    from comparable
    where code_generic in ({codes}) and role = $role and quantity = 'anggaran' and unit = 'Rupiah' and account is null
      and period = 'tahun' and value is not null
    qualify row_number() over (
        partition by region_code, document_id, agency_key, "year", level, code_generic order by indicator is not null
    ) = 1
"""

_LINES = """
with found as (
    select *, coalesce(region_code, document_id) as place from comparable
    where code_generic in ({codes}) and account is null and level in {levels}
      and ($level is null or level = $level) and "year" is not null and {within}
),
agencies as (
    select {keys}, any_value(region order by fact_id) as region, any_value(agency order by fact_id) as agency,
           any_value(code order by fact_id) as code, any_value(name order by fact_id) as name
    from found
    where role in ('anggaran_perubahan', 'anggaran', 'target', 'kebutuhan', 'rancangan_awal', 'target_renstra',
                   'realisasi') {or_role}
    group by all
),
spent as (
    select {keys}, arg_min({{'value': value, 'status': status, 'n_values': n_values, 'document': document, 'page': page,
                            'fact_id': fact_id, 'document_id': document_id}}, indicator is not null) as best
    from found
    where role = 'realisasi' and quantity = 'anggaran' and unit = 'Rupiah' and period = 'tahun' and value is not null
    group by all
),
goals as (
    select {keys}, list({{'role': role, 'value': value, 'text': value_text, 'unit': unit, 'status': status,
                          'document': document, 'page': page, 'fact_id': fact_id, 'document_id': document_id}}
                        order by page, fact_id) as all_goals
    from found
    where quantity = 'kinerja' and period = 'tahun' and role in {goal_roles}
    group by all
),
money as ({money})
select a.*, m.pagu, m.pagu_role, m.status as pagu_status, m.n_values, m.document, m.page, m.fact_id, m.document_id,
       s.best as spent, g.all_goals as goals
from agencies a
left join money m on ({of_m}) is not distinct from ({of_a})
left join spent s on ({of_s}) is not distinct from ({of_a})
left join goals g on ({of_g}) is not distinct from ({of_a})
where m.pagu is not null or s.best is not null or g.all_goals is not null
order by a.region_code nulls last, a.agency_key, a."year", a.code_generic
"""


def lines_query(codes: Sequence[str], role: str | None) -> str:
    """One row an agency, year and code. Values: codes' filters, and `role` where one is given."""
    quoted = _quoted(codes)
    keys = [part.strip() for part in _KEYS.split(",")]
    return _LINES.format(
        codes=quoted, levels=_LEVELS, within=_WITHIN, keys=_KEYS,
        money=(_ONE_ROLE if role else _PAGU).format(codes=quoted),
        goal_roles="($role)" if role else "('target', 'kebutuhan', 'rancangan_awal', 'target_renstra')",
        or_role="or role = $role" if role else "",
        **{f"of_{table}": ", ".join(f"{table}.{key}" for key in keys) for table in "amsg"},
    )  # fmt: skip


def having_query(codes: Sequence[str]) -> str:
    """Documents, twins once, that print the codes within the filters."""
    return f"""
        select distinct document_id from main.facts
        where code_generic in ({_quoted(codes)}) and level in {_LEVELS} and ($level is null or level = $level)
          and document_id not in (select document_id from documents where duplicate_of is not null) and {_WITHIN}
    """


ASKED = f"""
select document_id, document, region_code, region, agency, fiscal_year as "year" from documents
where duplicate_of is null and status in ('ok', 'partial')
  and {_WITHIN.replace('"year"', "fiscal_year")}
order by region_code nulls last, document, document_id
"""

ITEM = """
select code_generic, level, name, count(distinct document_id) as documents from base.facts
where code_generic like $pattern and level in ('urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan')
group by all
"""

PARTS = """
select f.document_id, f.table_id, f.level, f.code_generic, f.role, f."year", f.value, f.row_no
from base.facts f semi join (select unnest($tables) as table_id) t on t.table_id = f.table_id
where f.level in ('perangkat_daerah', 'total', 'program') and f.quantity = 'anggaran' and f.unit = 'Rupiah'
  and f.account is null and f.period = 'tahun' and f.value is not null
"""


def _quoted(codes: Sequence[str]) -> str:
    return ", ".join("'" + code.replace("'", "''") + "'" for code in codes) or "NULL"
