"""Whole exports: Parquet in folders by province and year, workbooks of several views, and a Data Package v2.

The package follows https://datapackage.org (version 2.0): CSV files with table schemas, units, sources and a note on
the licence; `frictionless validate datapackage.json` passes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.dictionary import meaning, said
from pipeline.export import ORDER, XLSX_ROWS, complete, safe_columns, write_sheets
from pipeline.progress import Part, Watch, silent
from pipeline.store import CONTRACT_VERSION, VIEWS, StoreError, reading, record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
PACKAGED = ("documents", "comparable", "pagu", "budget_tree", "indicators", "facts", "checks", "problems")
HIVE = "case when region_code is null then 'unknown' else region_code[:2] end as province"
RUPIAH = ("pagu", "children_sum")
LICENCE = (
    "The numbers are facts published by Indonesian regional governments in documents that the law makes public "
    "(UU 14/2008). Lumbung claims no right in them; name the documents as the source. The nomenclature lists behind "
    "`name` have terms of their own: see normalizers/reference/SOURCES.md of the project."
)
TYPES = {
    "VARCHAR": "string", "INTEGER": "integer", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean",
    "TIMESTAMP": "datetime", "JSON": "string",
}  # fmt: skip


def export_hive(store: Path, view: str, out: Path, watch: Watch = silent) -> int:
    """Write a view as Parquet files in folders `province=17/year=2024` and return the number of rows.

    The year is the quantity's, for documents their fiscal year. Raises StoreError for a view without region or year.
    """
    _known(view)
    with reading(store) as connection, _folder(out) as unfinished:
        columns = [row[0] for row in connection.execute(f"describe from {view}").fetchall()]
        year = next((name for name in ("year", "fiscal_year") if name in columns), None)
        if year is None or "region_code" not in columns:
            raise StoreError(f"{view} has no region and year to make folders of: export it as one Parquet file")
        shown = "* exclude (year)" if year == "year" else "*"
        made = f"coalesce({year}::varchar, 'unknown') as year"
        with watch(Part(f"writing {view}", connection)):
            connection.execute(
                f"copy (select {shown}, {HIVE}, {made} from {view} order by province, year) to '{_quoted(unfinished)}' "
                "(format parquet, compression zstd, partition_by (province, year), overwrite_or_ignore)"
            )
        return _count(connection, view)


def export_workbook(store: Path, views: Sequence[str], out: Path, watch: Watch = silent) -> int:
    """Write several views to one workbook, a sheet each, and return the number of rows."""
    for view in views:
        _known(view)
    with reading(store) as connection, complete(out) as unfinished:
        counts = {view: _count(connection, view) for view in views}
        for view, count in counts.items():
            if count > XLSX_ROWS:
                raise StoreError(f"{view} has {count} rows and a sheet holds {XLSX_ROWS}: export csv or parquet")
        sheets = {}
        part = Part(f"writing {', '.join(views)}", total=sum(counts.values()))
        for view in views:
            cursor = connection.cursor().execute(f"from {view}{_order(view)}")
            names = [column[0] for column in cursor.description or []]
            sheets[view] = (names, _counted(_rows(cursor), part))
        with watch(part):
            write_sheets(unfinished, sheets)
        return sum(counts.values())


def export_package(store: Path, out: Path, watch: Watch = silent) -> int:
    """Write a Data Package v2 to a folder and return the number of rows in it."""
    about = record(store)
    total, resources = 0, []
    with reading(store) as connection, _folder(out) as unfinished:
        unfinished.mkdir(parents=True)
        for view in PACKAGED:
            file = unfinished / f"{view}.csv"
            columns = safe_columns(connection, view)
            query = f"select {columns} from {view}{_order(view)}"
            with watch(Part(f"writing {view}", connection)):
                connection.execute(f"copy ({query}) to '{_quoted(file)}' (format csv, header)")
            total += _count(connection, view)
            resources.append(_resource(connection, view, file))
        package = {
            "$schema": PROFILE,
            "name": "lumbung",
            "title": "Numbers of Indonesian local government reports",
            "description": f"Generation {about['generation']} of a Lumbung store.\n\n{LICENCE}",
            "version": f"{CONTRACT_VERSION}.{about['generation']}",
            "created": f"{about['published_at'].isoformat()}Z",
            "sources": _sources(connection),
            "resources": resources,
        }
        text = json.dumps(package, ensure_ascii=False, indent=2)
        (unfinished / "datapackage.json").write_text(text + "\n", encoding="utf-8")
    return total


def _counted(rows: Iterator[Any], part: Part) -> Iterator[Any]:
    for row in rows:
        part.done += 1
        yield row


def _resource(connection: DuckDBPyConnection, view: str, file: Path) -> dict[str, Any]:
    described = connection.execute(f"describe from {view}").fetchall()
    schema: dict[str, Any] = {
        "fields": [_field(view, name, kind) for name, kind, *_ in described],
        "missingValues": [""],
    }
    if view in ("documents", "facts", "checks"):
        schema["primaryKey"] = [{"documents": "document_id", "facts": "fact_id", "checks": "check_id"}[view]]
    return {
        "name": view.replace("_", "-"),
        "type": "table",
        "path": file.name,
        "description": said()["views"][view],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.stat().st_size,
        "schema": schema,
    }


def _field(view: str, name: str, kind: str) -> dict[str, Any]:
    if kind.endswith("]"):
        shape = "array"
    elif kind.startswith("DECIMAL"):
        shape = "number"
    else:
        shape = TYPES.get(kind, "string")
    field: dict[str, Any] = {"name": name, "type": shape, "description": meaning(view, name)}
    if name in RUPIAH or (view == "budget_tree" and name == "difference"):
        field["unit"] = "Rupiah"
    elif name in ("share_of_parent", "tingkat_realisasi"):
        field["unit"] = "Persen"
    elif name in ("value", "value_accepted", "target"):
        field["unitField"] = "unit"
    elif name == "realisasi":
        field["unitField"] = "realisasi_unit"
    elif name == "bbox":
        field["unit"] = "PDF point"
    if shape == "datetime":
        field["format"] = "%Y-%m-%d %H:%M:%S"
    return field


def _sources(connection: DuckDBPyConnection) -> list[dict[str, str]]:
    """Documents with their public addresses; files of this machine are named without their folders."""
    rows = connection.execute(
        "select d.document, min(s.source_uri) filter (s.source_uri like 'http%') from documents d "
        "left join document_sources s using (document_id) group by all order by all limit 10000"
    ).fetchall()
    return [{"title": name, **({"path": uri} if uri else {})} for name, uri in rows]


def _rows(cursor: Any) -> Iterator[Sequence[Any]]:
    while some := cursor.fetchmany(5000):
        yield from some


@contextmanager
def _folder(out: Path) -> Iterator[Path]:
    """A folder that appears complete or not at all, in place of the one that stood there."""
    out = out.absolute()
    if not out.parent.is_dir():
        raise StoreError(f"{out.parent} is no folder: make it first")
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not _ours(out))):
        raise StoreError(f"{out} is there and no export of ours: name another place")
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        yield unfinished
        shutil.rmtree(out, ignore_errors=True)
        unfinished.replace(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _ours(folder: Path) -> bool:
    names = [path.name for path in folder.iterdir()]
    return "datapackage.json" in names or all(name.startswith("province=") for name in names)


def _known(view: str) -> None:
    if view not in VIEWS:
        raise StoreError(f"no view `{view}`: there are {', '.join(VIEWS)}")


def _order(view: str) -> str:
    return f" order by {ORDER[view]}" if view in ORDER else ""


def _count(connection: DuckDBPyConnection, view: str) -> int:
    row = connection.execute(f"select count(*) from {view}").fetchone()
    return 0 if row is None else int(row[0])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
