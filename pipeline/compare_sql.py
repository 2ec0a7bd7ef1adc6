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


KEYS = ("region_code", "place", "agency_key", "year", "level", "code_generic")  # of one agency, year and code
_KEYS = ", ".join(f'"{key}"' for key in KEYS)
_LEVELS = "('urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan')"
_PLACE = "case when region_code is null then document_no end as place"

# Planning a statement takes DuckDB longer than reading these rows: few columns, few clauses, no joins.
_ITEMS = """
select {keys}, arg_min(document_no, fact_id) as of_document, arg_min(agency, fact_id) as agency,
       arg_min(code, fact_id) as code, arg_min(name, fact_id) as name,
       arg_min({{'value': value, 'status': status, 'n_values': n_values, 'document_no': document_no, 'page': page,
                 'fact_id': fact_id}}, {{'i': indicator is not null, 'f': fact_id}})
           filter (role = 'realisasi' and quantity = 'anggaran' and unit = 'Rupiah' and period = 'tahun'
                   and value is not null) as spent,
       list({{'role': role, 'value': value, 'text': value_text, 'unit': unit, 'status': status,
              'document_no': document_no, 'page': page, 'fact_id': fact_id}} order by page, fact_id)
           filter (quantity = 'kinerja' and period = 'tahun' and role in {goal_roles}) as goals
from (select *, {place} from base.comparable_rows where {rows} and account is null and "year" is not null)
where role in ('anggaran_perubahan', 'anggaran', 'target', 'kebutuhan', 'rancangan_awal', 'target_renstra',
               'realisasi') {or_role}
group by all
order by region_code nulls last, agency_key, "year", code_generic, place, level
"""
_MONEY = "pagu_role, status, n_values, total, total_added, document_no, page, fact_id"
_PAGU = """
select {keys}, pagu, {money} from (select *, {place} from base.pagu_rows where {rows}) order by document_no, fact_id
"""
_ONE_ROLE = """
select {keys}, value as pagu, role as {money}
from (select * exclude (pagu_role), {place} from base.comparable_rows where {rows} and account is null and "year" is not null)
where role = {role} and quantity = 'anggaran' and unit = 'Rupiah' and period = 'tahun' and value is not null
qualify row_number() over (partition by {keys}, document_no order by indicator is not null, fact_id) = 1
order by document_no, fact_id
"""


def _rows(codes: Sequence[str], within: Within, *, agencies: bool = True) -> str:
    """A condition over the kept rows; the key of the code tells which parts of the table need not be read."""
    keys = ", ".join(f"code_key({quoted([code])})" for code in codes) or "NULL"
    return (
        f"code_key in ({keys}) and code_generic in ({quoted(codes)}) and level in {within.levels} "
        f"and {within.text(agencies=agencies)}"
    )


def items_query(codes: Sequence[str], within: Within) -> str:
    """One row an agency, year and code that any role speaks of: what was spent, and targets of performance."""
    role = quoted([within.role]) if within.role else ""
    return _ITEMS.format(
        keys=_KEYS,
        place=_PLACE,
        rows=_rows(codes, within),
        goal_roles=f"({role})" if role else "('target', 'kebutuhan', 'rancangan_awal', 'target_renstra')",
        or_role=f"or role = {role}" if role else "",
    )


def money_query(codes: Sequence[str], within: Within) -> str:
    """The budget of each of them: `pagu`, or that of the role asked for (then one row for each document)."""
    query = _ONE_ROLE if within.role else _PAGU
    role = quoted([within.role]) if within.role else ""
    return query.format(keys=_KEYS, money=_MONEY, place=_PLACE, rows=_rows(codes, within), role=role)


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
        select region_code, region, agency, fiscal_year as "year", document, h.document_no is not null as has,
               document_no, document_id
        from asked a left join having_it h using (document_no) left join liked l using (document_no)
        where coalesce(a.wanted, false) or l.document_no is not null
        order by region_code nulls last, document, document_id
    """


ITEM = """
select code_generic, level, name, documents from base.item_names where code_generic like $pattern
"""
