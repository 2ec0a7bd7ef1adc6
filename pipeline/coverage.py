"""Which region, agency, year and kind of document the store holds, and which regions of the country it lacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normalizers.regions import Region, all_regions
from pipeline.store import StoreError, reading
from pipeline.tabular import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Held:
    """Documents of one region, agency, kind and year (twins counted once), their facts, and what became of them."""

    region_code: str | None
    region: str | None
    agency: str | None
    doc_type: str
    fiscal_year: int | None
    documents: int
    facts: int
    verified: int
    repaired: int  # the reading was wrong and a check or a second reading proves the value now given
    conflict: int


@dataclass(frozen=True, slots=True)
class Province:
    """`regions_held` of the province's `regions` kabupaten and kota have a document; `own` of the province itself."""

    code: str
    name: str
    own: int
    regions_held: int
    regions: int
    documents: int


@dataclass(frozen=True, slots=True)
class Coverage:
    held: list[Held]
    provinces: list[Province]
    lacking: list[Region]

    @property
    def regions_held(self) -> int:
        return sum(province.regions_held for province in self.provinces)

    @property
    def regions(self) -> int:
        return sum(province.regions for province in self.provinces)

    @property
    def provinces_held(self) -> int:
        return sum(province.own > 0 for province in self.provinces)


def coverage(store: Path, year: int | None = None, province: str | None = None) -> Coverage:
    """What the published store holds, of one fiscal year or province where they are given."""
    with reading(store) as connection:
        return coverage_on(connection, year, province)


def coverage_on(connection: DuckDBPyConnection, year: int | None = None, province: str | None = None) -> Coverage:
    """As `coverage`, over an open connection. Raises StoreError for a code that is no province's."""
    provinces = [region for region in all_regions() if region.kind == "provinsi"]
    if province is not None and province not in {region.code for region in provinces}:
        raise StoreError(f"`{province}` is no province: write its two-digit code, like 17")
    rows = records(connection, _HELD, {"year": year, "province": province})
    held = [Held(**row) for row in rows]
    counts: Counter[str] = Counter()
    for one in held:
        if one.region_code:
            counts[one.region_code] += one.documents
    below: dict[str, list[Region]] = defaultdict(list)
    for region in all_regions():
        if region.kind != "provinsi":
            below[region.province_code].append(region)
    shown = [region for region in provinces if province in (None, region.code)]
    lacking = [region for region in all_regions() if province in (None, region.province_code)]
    return Coverage(
        held=held,
        provinces=[_province(region, below[region.code], counts) for region in shown],
        lacking=[region for region in lacking if not counts[region.code]],
    )


def _province(region: Region, below: list[Region], counts: Counter[str]) -> Province:
    return Province(
        region.code,
        region.name,
        counts[region.code],
        sum(counts[part.code] > 0 for part in below),
        len(below),
        counts[region.code] + sum(counts[part.code] for part in below),
    )


_HELD = """
select region_code, region, agency, doc_type, fiscal_year, count(*) as documents,
       coalesce(sum(facts), 0)::bigint as facts, coalesce(sum(verified), 0)::bigint as verified,
       coalesce(sum(repaired), 0)::bigint as repaired, coalesce(sum(conflict), 0)::bigint as conflict
from documents left join base.document_counts using (document_id)
where duplicate_of is null and status in ('ok', 'partial', 'no_tables')
  and ($year is null or fiscal_year = $year) and ($province is null or starts_with(region_code, $province))
group by all
order by region_code nulls last, agency, fiscal_year, doc_type
"""


def rows(found: Coverage, lacking: bool = False) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows to show: what is held, or the regions without a document."""
    if lacking:
        return ["region_code", "region", "kind"], [[r.code, r.name, r.kind] for r in found.lacking]
    names = list(Held.__slots__)
    return names, [[getattr(one, name) for name in names] for one in found.held]


def as_json(found: Coverage) -> dict[str, Any]:
    return {
        "held": [asdict(one) for one in found.held],
        "provinces": [asdict(one) for one in found.provinces],
        "lacking": [{"code": r.code, "name": r.name, "kind": r.kind} for r in found.lacking],
    }
