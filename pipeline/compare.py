"""One item of the nomenclature over agencies and years: planned, budgeted, spent; each number with its page.

The rules that keep a comparison honest stand here: a share is of the agency's total in the same table and role; growth
is over the year directly before and within one role; a budget is divided by targets only where their units agree; what
has no value is listed as a gap and never ranked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.compare_lines import Gap, Line, line_of
from pipeline.compare_rows import rows_within
from pipeline.compare_sql import ITEM, Within
from pipeline.compare_sums import ADDED, PRINTED, Total, per_unit, with_growth, with_shares
from pipeline.names import LEVELS, Found, Item, by_name, clear_choice, items, near
from pipeline.store import StoreError, reading
from pipeline.tabular import bare, indonesian, records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CODE = re.compile(r"^(X|\d)(\.(XX|\d{2})(\.\d{2}(\.(\d|\*)\.\d{2}(\.\d{2,4})?)?)?)?$")


class Unclear(StoreError):
    """Several names fit, or none, or no document has the code; `choices` are the nearest."""

    def __init__(self, text: str, choices: list[Found]) -> None:
        lines = "; ".join(f"{one.item.code} {one.item.name}" for one in choices)
        super().__init__(text + (f": {lines}" if lines else ""))
        self.choices = choices


@dataclass(frozen=True, slots=True)
class Wish:
    """What to compare. `what` is a code or a name; empty tuples and None mean all.

    `regions` and `provinces` are Kemendagri codes, `role` replaces pagu and target by that role's, `like` is a text
    that the agency's name must hold (`%` and `_` as in SQL).
    """

    what: str
    years: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    level: str | None = None
    role: str | None = None
    like: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`documents_with` of `documents` (those of the years and regions asked for) have the item."""

    item: Item
    choices: list[Found]
    lines: list[Line]
    gaps: list[Gap]
    documents_with: int
    documents: int
    notes: list[str]

    @property
    def said(self) -> str:
        return f"{self.documents_with} of {self.documents} documents have it"


ROLES = ("anggaran_perubahan", "anggaran", "target", "kebutuhan", "rancangan_awal", "target_renstra", "prakiraan_maju",
         "proyeksi")  # fmt: skip
Columns = tuple[list[str], list[list[Any]]]


def compare(store: Path, wish: Wish) -> Comparison:
    """Compare over the published store. Raises Unclear for a name that fits several items or none, StoreError else."""
    with reading(store) as connection:
        return compare_on(connection, wish)


def compare_on(connection: DuckDBPyConnection, wish: Wish, known: dict[str, Item] | None = None) -> Comparison:
    """As `compare`, over an open connection; `known` are the `names.items` of it where they are at hand."""
    _refuse_unknown(connection, wish)
    item, choices = find(connection, wish, known)
    within = Within(wish.years, wish.regions, wish.provinces, wish.like, wish.level, wish.role)
    rows, asked = rows_within(connection, item.generics, within)
    totals = {row["fact_id"]: Total(row["total"], ADDED if row["total_added"] else PRINTED) for row in rows
              if row["total"] is not None}  # fmt: skip
    lines = with_growth(with_shares([line_of(row) for row in rows], totals))
    lines, note = per_unit(lines)
    gaps = asked.gaps + _unheld(wish, asked.regions)
    return Comparison(item, choices, lines, gaps, asked.having, asked.documents, [note] if note else [])


def _refuse_unknown(connection: DuckDBPyConnection, wish: Wish) -> None:
    """Raises StoreError, with the nearest ones, for a level, role, region or province that there is not."""
    if wish.level is not None and wish.level not in LEVELS:
        raise StoreError(f"no level `{wish.level}` to compare: there are {', '.join(LEVELS)}")
    if wish.role is not None and wish.role not in ROLES:
        raise StoreError(f"no role `{wish.role}` to compare: there are {', '.join(ROLES)}")
    from normalizers.regions import all_regions

    official = {region.code for region in all_regions()}
    if unknown := [code for code in (*wish.regions, *wish.provinces) if code not in official]:
        rows = connection.execute(
            "select distinct region_code from base.documents where region_code is not null"
        ).fetchall()
        held = official | {row[0] for row in rows} | {row[0][:2] for row in rows}
        for code in unknown:
            if code not in held:
                raise StoreError(_no_region(code, province=code in wish.provinces))


def _no_region(text: str, province: bool) -> str:
    """One line: what is no region, and the nearest ones by code or by name."""
    from rapidfuzz import fuzz, process

    from normalizers.regions import all_regions

    pool = [region for region in all_regions() if not province or region.kind == "provinsi"]
    digits = text.replace(".", "").isdigit()
    names = [region.code if digits else region.name.casefold() for region in pool]
    found = process.extract(text if digits else text.casefold(), names, scorer=fuzz.WRatio, limit=5, score_cutoff=40)
    nearest = "; ".join(f"{pool[place].code} {pool[place].name}" for _, _, place in found)
    what = "province" if province else "region"
    return f"no {what} has the code `{text}`" + (
        f", the nearest are {nearest}" if nearest else ": write one like 17.01"
    )


def find(connection: DuckDBPyConnection, wish: Wish, known: dict[str, Item] | None = None) -> tuple[Item, list[Found]]:
    """The item that is meant, and for a name the others that it might have meant."""
    code = generic(wish.what)
    if code is not None:
        held = (known.get(code) if known is not None else None) or _by_code(connection, code)
        if not held.generics:
            choices = near(known if known is not None else items(connection), code)
            raise Unclear(f"no document has {code}" + (", the nearest are" if choices else ""), choices)
        return held, []
    if not re.search(r"[^\W\d_]{3}", wish.what):
        raise StoreError(f"`{wish.what}` is no code and no name: write X.XX.01.2.06, 'X.XX.01.*.06' or some words")
    found = by_name(known if known is not None else items(connection), wish.what, wish.level)
    item = clear_choice(found)
    if item is not None:
        return item, found[1:6]
    if not found:
        raise Unclear(f"no document has a program or activity named like `{wish.what}`", [])
    raise Unclear(f"`{wish.what}` may be one of these, give its code", found)


def _by_code(connection: DuckDBPyConnection, code: str) -> Item:
    rows = records(connection, ITEM, {"pattern": code.replace("*", "_")})
    best = max(rows, key=lambda row: (row["documents"], row["name"] or ""), default=None)
    level = {1: "urusan", 2: "bidang_urusan", 3: "program", 5: "kegiatan"}.get(code.count(".") + 1, "sub_kegiatan")
    generics = tuple(sorted({row["code_generic"] for row in rows}))
    name = " ".join((best["name"] or "").split()) if best else ""
    return Item(code, level, name, generics, sum(row["documents"] for row in rows))


def generic(what: str) -> str | None:
    """A code as `code_generic` or `code_comparable` has it; None for what is no code. An agency's own `5.03.01.2.06`
    means the same as `X.XX.01.2.06`.
    """
    text = re.sub(r"\s+", "", what).strip(".").upper()
    text = re.sub(r"^X\.X\.", "X.XX.", text).replace("XX.XX.", "X.XX.")
    if not _CODE.match(text):
        return None
    head, _, last = text.rpartition(".")
    if head.count(".") == 4 and len(last) < 4:
        text = f"{head}.{last.zfill(4)}"
    return re.sub(r"^\d\.\d{2}\.01(?=\.|$)", "X.XX.01", text)


def _unheld(wish: Wish, held: set[str | None]) -> list[Gap]:
    """Regions named by the user of which there is no document."""
    from normalizers.regions import by_code

    missing = [(code, by_code(code)) for code in wish.regions if code not in held]
    return [
        Gap(code, region.name if region else None, None, None, None, "no document in the store")
        for code, region in missing
    ]


def ranked(lines: list[Line]) -> list[tuple[int | None, Line]]:
    """Lines by pagu, the largest first, each with its rank; lines without a pagu come last and have none."""
    order = sorted(lines, key=lambda line: (line.pagu is None, -(line.pagu or 0), line.region_code or "~"))
    return [(number if line.pagu is not None else None, line) for number, line in enumerate(order, start=1)]


COLUMNS = ("region", "agency", "code", "name", "target", "pagu", "realisasi", "status", "document", "page")
COMPUTED = ("share", "growth", "per_unit")


def table(found: Comparison, *, years: bool, rank: bool = False) -> Columns:
    """Columns and rows for people: money grouped by dots, a note where values differ; what is empty throughout is left
    out.
    """
    computed = [name for name in COMPUTED if any(getattr(line, name) is not None for line in found.lines)]
    names = [*COLUMNS[:3], *(["year"] if years else []), *COLUMNS[3:7], *computed, *COLUMNS[7:]]
    if len({line.name for line in found.lines}) == 1:
        names.remove("name")  # it stands above the table
    rows = []
    for number, line in ranked(found.lines) if rank else ((None, line) for line in found.lines):
        values = line._asdict()
        for name in ("pagu", "realisasi", "per_unit"):
            values[name] = None if values[name] is None else indonesian(values[name])
        for name in ("share", "growth"):
            values[name] = None if values[name] is None else indonesian(values[name]) + " %"
        if line.values_found > 1:
            values["status"] += f" ({line.values_found} values)"
        rows.append([*([number] if rank else []), *(values[name] for name in names)])
    return ["rank", *names] if rank else names, rows


def typed_table(found: Comparison) -> Columns:
    """Columns and rows for files: every field, numbers as numbers, gaps as rows of their own with `gap` saying why."""
    names = list(Line._fields)
    rows: list[list[Any]] = [[*line, None] for line in found.lines]
    for gap in found.gaps:
        said = {"region": gap.region, "region_code": gap.region_code, "agency": gap.agency, "year": gap.year,
                "document": gap.document}  # fmt: skip
        rows.append([*(said.get(name) for name in names), gap.why])
    return [*names, "gap"], rows


def as_json(found: Comparison) -> dict[str, Any]:
    """For machines; money as a number of rupiah."""
    lines = []
    for line in found.lines:
        record = line._asdict()
        for name, value in record.items():
            if isinstance(value, Decimal):
                record[name] = int(value) if value == value.to_integral_value() else float(bare(value))
        lines.append(record)
    choices = [{"code": c.item.code, "name": c.item.name, "score": round(c.score, 1)} for c in found.choices]
    return {
        "code": found.item.code, "level": found.item.level, "name": found.item.name, "choices": choices,
        "documents_with": found.documents_with, "documents": found.documents, "notes": found.notes, "lines": lines,
        "gaps": [gap._asdict() for gap in found.gaps],
    }  # fmt: skip
