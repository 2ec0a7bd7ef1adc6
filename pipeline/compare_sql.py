"""The questions that a comparison asks the store. Codes stand in the text, so that DuckDB reads nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Within:
    """What a comparison is narrowed to; empty means all. Everything becomes literal text: DuckDB carries literals, not
    parameters, down to the rows, which makes an answer over millions of facts ten times as fast.
    """

    years: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    like: str | None = None
    level: str | None = None
    role: str | None = None

    def text(self, year: str = '"year"', *, agencies: bool = True) -> str:
        """A condition over the columns of the views; `year` is the one that holds the year."""
        parts = []
        if self.years:
            parts.append(f"{year} in ({', '.join(str(int(one)) for one in self.years)})")
        if self.regions:
            parts.append(f"region_code in ({quoted(self.regions)})")
        if self.provinces:
            either = " or ".join(f"starts_with(region_code, {quoted([one])})" for one in self.provinces)
            parts.append(f"({either})")
        if self.like and agencies:
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
_PLACE = "case when region_code is null then document_no end as place"
_PAGU = f"""
select *, {_PLACE} from base.pagu_rows where {{rows}}
"""
_ONE_ROLE = """
select * replace (value as pagu, role as pagu_role) from found
    where role = {role} and quantity = 'anggaran' and unit = 'Rupiah' and period = 'tahun' and value is not null
    qualify row_number() over (
        partition by {keys}, document_no order by indicator is not null, fact_id
    ) = 1
"""

_LINES = """
with found as materialized (
    select *, {place} from base.comparable_rows where {rows} and account is null and "year" is not null
),
agencies as (
    select {keys}, arg_min(document_no, fact_id) as of_document, any_value(agency order by fact_id) as agency,
           any_value(code order by fact_id) as code, any_value(name order by fact_id) as name
    from found
    where role in ('anggaran_perubahan', 'anggaran', 'target', 'kebutuhan', 'rancangan_awal', 'target_renstra',
                   'realisasi') {or_role}
    group by all
),
spent as (
    select {keys}, arg_min({{'value': value, 'status': status, 'n_values': n_values, 'document_no': document_no,
                            'page': page, 'fact_id': fact_id}}, {{'i': indicator is not null, 'f': fact_id}}) as best
    from found
    where role = 'realisasi' and quantity = 'anggaran' and unit = 'Rupiah' and period = 'tahun' and value is not null
    group by all
),
goals as (
    select {keys}, list({{'role': role, 'value': value, 'text': value_text, 'unit': unit, 'status': status,
                          'document_no': document_no, 'page': page, 'fact_id': fact_id}}
                        order by page, fact_id) as all_goals
    from found
    where quantity = 'kinerja' and period = 'tahun' and role in {goal_roles}
    group by all
),
money as ({money})
select a.* exclude (of_document), r.region, m.pagu, m.pagu_role, m.status as pagu_status, m.n_values, m.total,
       m.total_added, s.best as spent, g.all_goals as goals, p.document, p.document_id,
       coalesce(m.page, s.best.page, g.all_goals[1].page) as page,
       coalesce(m.fact_id, s.best.fact_id, g.all_goals[1].fact_id) as fact_id
from agencies a
left join money m on ({of_m}) is not distinct from ({of_a})
left join spent s on ({of_s}) is not distinct from ({of_a})
left join goals g on ({of_g}) is not distinct from ({of_a})
left join base.documents r on r.document_no = a.of_document
left join base.documents p on p.document_no = coalesce(m.document_no, s.best.document_no, g.all_goals[1].document_no)
where m.pagu is not null or s.best is not null or g.all_goals is not null
order by a.region_code nulls last, a.agency_key, a."year", a.code_generic, a.place, a.level
"""


def _rows(codes: Sequence[str], within: Within, *, agencies: bool = True) -> str:
    """A condition over the kept rows; the key of the code tells which parts of the table need not be read."""
    keys = ", ".join(f"code_key({quoted([code])})" for code in codes) or "NULL"
    return (
        f"code_key in ({keys}) and code_generic in ({quoted(codes)}) and level in {within.levels} "
        f"and {within.text(agencies=agencies)}"
    )


def lines_query(codes: Sequence[str], within: Within) -> str:
    """One row an agency, year and code."""
    keys = [part.strip() for part in _KEYS.split(",")]
    role = quoted([within.role]) if within.role else ""
    rows = _rows(codes, within)
    return _LINES.format(
        keys=_KEYS,
        place=_PLACE,
        rows=rows,
        money=(_ONE_ROLE if role else _PAGU).format(role=role, rows=rows, keys=_KEYS),
        goal_roles=f"({role})" if role else "('target', 'kebutuhan', 'rancangan_awal', 'target_renstra')",
        or_role=f"or role = {role}" if role else "",
        **{f"of_{table}": ", ".join(f"{table}.{key}" for key in keys) for table in "amsg"},
    )


def asked_query(codes: Sequence[str], within: Within) -> str:
    """The documents, twins once, that were asked for (of the years, regions and agencies) or have the codes.

    `has`: prints one of them within the filters. A row's own agency may be spelt unlike its document's, so a document
    that is asked for has the codes whatever agency they stand under.
    """
    of_any, of_those = _rows(codes, within, agencies=False), _rows(codes, within)
    printing = (
        "select distinct unnest(coalesce(more_documents, [document_no])) as document_no from base.comparable_rows"
    )
    return f"""
        with having_it as ({printing} where {of_any}),
        liked as ({"from having_it" if of_any == of_those else f"{printing} where {of_those}"}),
        asked as (
            select *, duplicate_of is null and status in ('ok', 'partial') and {within.text("fiscal_year")} as wanted
            from base.documents
        )
        select region_code, region, agency, fiscal_year as "year", document, h.document_no is not null as has
        from asked a left join having_it h using (document_no) left join liked l using (document_no)
        where coalesce(a.wanted, false) or l.document_no is not null
        order by region_code nulls last, document, document_id
    """


ITEM = """
select code_generic, level, name, documents from base.item_names where code_generic like $pattern
"""
