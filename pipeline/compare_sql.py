"""The questions that a comparison asks the store. Codes stand in the text, so that DuckDB reads nothing else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from pipeline.given import quoted


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


KEYS = ("region_code", "place", "agency_key", "year", "level", "code_generic")  # of one agency, year and code
_KEYS = ", ".join(f'"{key}"' for key in KEYS)
_LEVELS = "('urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan')"
_PLACE = "case when region_code is null then document_no end as place"

# Planning a statement takes DuckDB longer than reading these rows: few columns, few clauses, no joins.


class Said(NamedTuple):
    """A row of `items_query`. `value` is null for budgets."""

    region_code: str | None
    agency_key: str | None
    year: int
    level: str
    code_generic: str
    document_no: int
    agency: str | None
    code: str | None
    name: str | None
    indicator: str | None
    role: str
    quantity: str
    period: str | None
    value: Decimal | None
    value_text: str | None
    unit: str | None
    status: str
    n_values: int
    page: int | None
    fact_id: str


# Decimals take Python longer than all the rest; those of budgets are in `pagu_rows`.
_VALUE = "case when quantity = 'kinerja' or role = 'realisasi' then value end as value"
_SAID = ", ".join(_VALUE if name == "value" else f'"{name}"' for name in Said._fields)
_ITEMS = """
select {said} from base.comparable_rows
where {rows} and account is null and "year" is not null
  and (role in ('anggaran_perubahan', 'anggaran', 'target', 'kebutuhan', 'rancangan_awal', 'target_renstra',
                'realisasi') {or_role})
order by fact_id
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
    """What stands under the codes in any role, as `Said`, by fact_id."""
    or_role = f"or role = {quoted([within.role])}" if within.role else ""
    return _ITEMS.format(said=_SAID, rows=_rows(codes, within), or_role=or_role)


def money_query(codes: Sequence[str], within: Within) -> str:
    """The budget of each of them: `pagu`, or that of the role asked for (then one row for each document)."""
    query = _ONE_ROLE if within.role else _PAGU
    role = quoted([within.role]) if within.role else ""
    return query.format(keys=_KEYS, money=_MONEY, place=_PLACE, rows=_rows(codes, within), role=role)


def printing_query(codes: Sequence[str], within: Within, *, agencies: bool = True) -> str:
    """The number of the document of each row under the codes, and those of all its documents where there are more."""
    return (
        f"select document_no, more_documents from base.comparable_rows where {_rows(codes, within, agencies=agencies)}"
    )


_DOCUMENTS = "select region_code, region, agency, fiscal_year, document, document_no, document_id from base.documents"


def documents_query(within: Within) -> str:
    """The documents that were asked for (of the years, regions and agencies), twins once, in order."""
    return f"""
        {_DOCUMENTS} where duplicate_of is null and status in ('ok', 'partial') and {within.text("fiscal_year")}
        order by region_code nulls last, document, document_id
    """


def numbered_query(numbers: Collection[int]) -> str:
    """The documents of these numbers, in no order."""
    return f"{_DOCUMENTS} where document_no in ({', '.join(map(str, sorted(numbers)))})"


ITEM = """
select code_generic, level, name, documents from base.item_names where code_generic like $pattern
"""
