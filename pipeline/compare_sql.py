"""The questions that a comparison asks the store. Codes stand in the text, so that DuckDB reads nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Within:
    """What a comparison is narrowed to; empty means all. Everything becomes literal text: DuckDB carries literals, not
    parameters, down to the facts, which makes an answer over millions of facts ten times as fast.
    """

    years: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    like: str | None = None
    level: str | None = None
    role: str | None = None

    def text(self, year: str = '"year"') -> str:
        """A condition over the columns of the views; `year` is the one that holds the year."""
        parts = []
        if self.years:
            parts.append(f"{year} in ({', '.join(str(int(one)) for one in self.years)})")
        if self.regions:
            parts.append(f"region_code in ({quoted(self.regions)})")
        if self.provinces:
            either = " or ".join(f"starts_with(region_code, {quoted([one])})" for one in self.provinces)
            parts.append(f"({either})")
        if self.like:
            parts.append(f"agency ilike {quoted([f'%{self.like}%'])}")
        return " and ".join(parts) or "true"

    @property
    def levels(self) -> str:
        return f"({quoted([self.level])})" if self.level else _LEVELS


def quoted(texts: Sequence[str]) -> str:
    """Texts as literals of SQL."""
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts) or "NULL"


_KEYS = 'region_code, place, agency_key, "year", level, code_generic'
_LEVELS = "('urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan')"
_PAGU = """
select *, coalesce(region_code, document_id) as place from pagu
    where code_generic in ({codes}) and level in {levels} and {within}
"""
_ONE_ROLE = """
select *, coalesce(region_code, document_id) as place, value as pagu, role as pagu_role
    from comparable
    where code_generic in ({codes}) and level in {levels} and {within} and role = {role}
      and quantity = 'anggaran' and unit = 'Rupiah' and account is null
      and period = 'tahun' and value is not null
    qualify row_number() over (
        partition by region_code, document_id, agency_key, "year", level, code_generic order by indicator is not null
    ) = 1
"""

_LINES = """
with found as materialized (
    select *, coalesce(region_code, document_id) as place from comparable
    where code_generic in ({codes}) and account is null and level in {levels} and "year" is not null and {within}
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


def lines_query(codes: Sequence[str], within: Within) -> str:
    """One row an agency, year and code."""
    keys = [part.strip() for part in _KEYS.split(",")]
    role = quoted([within.role]) if within.role else ""
    common = {"codes": quoted(codes), "levels": within.levels, "within": within.text()}
    return _LINES.format(
        keys=_KEYS,
        money=(_ONE_ROLE if role else _PAGU).format(role=role, **common),
        goal_roles=f"({role})" if role else "('target', 'kebutuhan', 'rancangan_awal', 'target_renstra')",
        or_role=f"or role = {role}" if role else "",
        **common,
        **{f"of_{table}": ", ".join(f"{table}.{key}" for key in keys) for table in "amsg"},
    )


def having_query(codes: Sequence[str], within: Within) -> str:
    """Documents, twins once, that print the codes within the filters."""
    return f"""
        select distinct document_id from main.facts
        where code_generic in ({quoted(codes)}) and level in {within.levels} and {within.text()}
          and document_id not in (select document_id from documents where duplicate_of is not null)
    """


def asked_query(within: Within) -> str:
    """The documents that could have it: those of the years, regions and agencies asked for."""
    return f"""
        select document_id, document, region_code, region, agency, fiscal_year as "year" from documents
        where duplicate_of is null and status in ('ok', 'partial') and {within.text("fiscal_year")}
        order by region_code nulls last, document, document_id
    """


ITEM = """
select code_generic, level, name, count(distinct document_id) as documents from base.facts
where code_generic like $pattern and level in ('urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan')
group by all
"""


def places_query(codes: Sequence[str], within: Within) -> str:
    """In which table each amount of the codes stands."""
    years = f'and "year" in ({", ".join(map(str, within.years))})' if within.years else ""
    return f"""
        select fact_id, table_id from base.facts
        where code_generic in ({quoted(codes)}) and quantity = 'anggaran' and unit = 'Rupiah' {years}
    """


PARTS = """
select f.document_id, f.table_id, f.level, f.code_generic, f.role, f."year", f.value, f.row_no
from base.facts f semi join (select unnest($tables) as table_id) t on t.table_id = f.table_id
where f.level in ('perangkat_daerah', 'total', 'program') and f.quantity = 'anggaran' and f.unit = 'Rupiah'
  and f.account is null and f.period = 'tahun' and f.value is not null
"""
