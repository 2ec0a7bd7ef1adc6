"""One item of the nomenclature over agencies: what was planned, budgeted and spent, each with its page."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.store import StoreError, reading
from pipeline.tabular import bare, indonesian

LEVELS = ("urusan", "bidang_urusan", "program", "kegiatan", "sub_kegiatan")
TARGETS = ("target", "kebutuhan", "rancangan_awal", "target_renstra")  # the first one present is shown
_CODE = re.compile(r"^(X|\d)(\.(XX|\d{2})(\.\d{2}(\.(\d|\*)\.\d{2}(\.\d{2,4})?)?)?)?$")


@dataclass(frozen=True, slots=True)
class Line:
    """One agency in one year. `code` is the agency's own; `pagu_role` says which budget `pagu` is; money in rupiah.

    `status` is the worst of the facts shown; `values_found` more than 1 means that documents or tables differ.
    """

    region: str | None
    agency: str | None
    code: str | None
    name: str | None
    year: int | None
    target: str | None
    pagu: Decimal | None
    pagu_role: str | None
    realisasi: Decimal | None
    status: str
    values_found: int
    document: str
    page: int
    fact_id: str
    region_code: str | None
    agency_key: str | None
    code_generic: str | None


def compare(store: Path, code: str, year: int | None = None) -> list[Line]:
    """All agencies that publish an amount or a target for `code`, ordered by region.

    `code` is generic (`X.XX.01.2.06`, `5.03.02.2.01`) or has `*` for the kegiatan's first digit (`X.XX.01.*.06`), so
    that provinces and kabupaten join. An agency's own `5.03.01.2.06` means the same as `X.XX.01.2.06`.
    Raises StoreError for what is no code.
    """
    wanted = _generic(code)
    column = "code_comparable" if "*" in wanted else "code_generic"
    with reading(store) as connection:
        cursor = connection.execute(_QUERY.format(column=column), {"code": wanted, "year": year})
        names = [item[0] for item in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [_line(row) for row in rows]


def _generic(code: str) -> str:
    text = re.sub(r"\s+", "", code).strip(".").upper()
    text = re.sub(r"^X\.X\.", "X.XX.", text).replace("XX.XX.", "X.XX.")
    if not _CODE.match(text):
        raise StoreError(f"`{code}` is no code: write it like X.XX.01.2.06, 5.03.02.2.01 or 'X.XX.01.*.06'")
    head, _, last = text.rpartition(".")
    if head.count(".") == 4 and len(last) < 4:
        text = f"{head}.{last.zfill(4)}"
    return re.sub(r"^\d\.\d{2}\.01(?=\.|$)", "X.XX.01", text)


_QUERY = """
with found as (
    select * from comparable
    where {column} = $code and ($year is null or "year" = $year) and account is null and level in
          ('urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan')
),
agencies as (
    select region_code, agency_key, "year", level, code_generic, coalesce(region_code, document_id) as place,
           any_value(region order by fact_id) as region, any_value(agency order by fact_id) as agency,
           any_value(code order by fact_id) as code, any_value(name order by fact_id) as name
    from found
    where role in ('anggaran_perubahan', 'anggaran', 'target', 'kebutuhan', 'rancangan_awal', 'target_renstra',
                   'realisasi')
      and "year" is not null
    group by all
),
spent as (
    select region_code, agency_key, "year", level, code_generic, coalesce(region_code, document_id) as place,
           arg_min({{'value': value, 'status': status, 'n_values': n_values, 'document': document, 'page': page,
                    'fact_id': fact_id}}, indicator is not null) as best
    from found
    where role = 'realisasi' and quantity = 'anggaran' and unit = 'Rupiah' and period = 'tahun' and value is not null
    group by all
),
goals as (
    select region_code, agency_key, "year", level, code_generic, coalesce(region_code, document_id) as place,
           list({{'role': role, 'value': value, 'text': value_text, 'unit': unit, 'status': status,
                  'document': document, 'page': page, 'fact_id': fact_id}} order by page, fact_id) as all_goals
    from found
    where quantity = 'kinerja' and period = 'tahun'
      and role in ('target', 'kebutuhan', 'rancangan_awal', 'target_renstra')
    group by all
),
money as (select *, coalesce(region_code, document_id) as place from pagu where {column} = $code)
select a.*, m.pagu, m.pagu_role, m.status as pagu_status, m.n_values, m.document, m.page, m.fact_id, s.best as spent,
       g.all_goals as goals
from agencies a
left join money m on (m.region_code, m.place, m.agency_key, m."year", m.level, m.code_generic)
    is not distinct from (a.region_code, a.place, a.agency_key, a."year", a.level, a.code_generic)
left join spent s on (s.region_code, s.place, s.agency_key, s."year", s.level, s.code_generic)
    is not distinct from (a.region_code, a.place, a.agency_key, a."year", a.level, a.code_generic)
left join goals g on (g.region_code, g.place, g.agency_key, g."year", g.level, g.code_generic)
    is not distinct from (a.region_code, a.place, a.agency_key, a."year", a.level, a.code_generic)
where m.pagu is not null or s.best is not null or g.all_goals is not null
order by a.region_code nulls last, a.agency_key, a."year", a.code_generic
"""


def _line(row: dict[str, Any]) -> Line:
    goals = _first_role(row["goals"] or [])
    spent = row["spent"]
    shown = [part for part in ({"status": row["pagu_status"]} if row["pagu_status"] else None, spent, *goals) if part]
    place = row if row["pagu"] is not None else (spent or goals[0])
    found = max(row["n_values"] or 0, spent["n_values"] if spent else 0, 1)
    return Line(
        region=row["region"],
        agency=row["agency"],
        code=row["code"],
        name=row["name"],
        year=row["year"],
        target="; ".join(_goal(goal) for goal in goals) or None,
        pagu=row["pagu"],
        pagu_role=row["pagu_role"],
        realisasi=spent["value"] if spent else None,
        status=max((part["status"] for part in shown), key=_SEVERITY.index),
        values_found=found,
        document=place["document"],
        page=place["page"],
        fact_id=place["fact_id"],
        region_code=row["region_code"],
        agency_key=row["agency_key"],
        code_generic=row["code_generic"],
    )


_SEVERITY = ("verified", "repaired", "unverified", "conflict")


def _first_role(goals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for role in TARGETS:
        of_role = [goal for goal in goals if goal["role"] == role]
        if of_role:
            return of_role
    return []


def _goal(goal: dict[str, Any]) -> str:
    number = goal["text"] if goal["value"] is None else indonesian(goal["value"])
    return " ".join(part for part in (number, goal["unit"]) if part)


COLUMNS = ("region", "agency", "code", "name", "target", "pagu", "realisasi", "status", "document", "page")


def table(lines: list[Line], years: bool) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows for people: money grouped by dots, a note where values differ."""
    names = [*COLUMNS[:3], *(["year"] if years else []), *COLUMNS[3:]]
    rows = []
    for line in lines:
        values = asdict(line)
        for name in ("pagu", "realisasi"):
            values[name] = None if values[name] is None else indonesian(values[name])
        if line.values_found > 1:
            values["status"] += f" ({line.values_found} values)"
        rows.append([values[name] for name in names])
    return names, rows


def as_json(lines: list[Line]) -> list[dict[str, Any]]:
    """Records for machines; money as a number of rupiah."""
    records = []
    for line in lines:
        record = asdict(line)
        for name in ("pagu", "realisasi"):
            value = record[name]
            record[name] = None if value is None else (int(value) if value == int(value) else float(bare(value)))
        records.append(record)
    return records
