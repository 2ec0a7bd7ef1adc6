"""Bring the base tables of a generation to what the catalogue wants, from the Parquet files of the harvests.

Bulk goes by set operations alone: one statement reads the files of up to `BATCH` documents.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.catalogue import Catalogue, Known, Wanted
from pipeline.generations import harvests_root
from pipeline.given import give, those
from pipeline.harvests import meaning_folder, reading_folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BY_DOCUMENT = ("documents", "sources", "tables", "cells", "rows", "facts", "checks", "problems", "lines")
BATCH = 2000  # documents loaded by one statement


@dataclass(frozen=True, slots=True)
class Content:
    """What a generation should hold: documents, and one row a document and place (id, address, file, when it came)."""

    documents: list[Wanted]
    sources: list[tuple[str, str, str, str]]


def content(catalogue: Catalogue) -> Content:
    places = [
        (document_id, source.uri, source.file or source.path, source.fetched_at)
        for source in catalogue.sources()
        for document_id in sorted({source.document_id, source.found})
    ]
    return Content(catalogue.wanted(), places)


def plan(connection: DuckDBPyConnection, wanted: Sequence[Wanted]) -> list[str]:
    """Make the temporary tables `wanted`, `touched` (to be loaded) and `gone` (to be removed); the ids of `touched`."""
    texts: dict[str, list[str | None]] = {
        "document_id": [d.document_id for d in wanted], "document": [d.name for d in wanted],
        "status": [d.status for d in wanted], "error": [d.error for d in wanted],
        "reading_version": [d.reading or "none" for d in wanted],
        "meaning_version": [d.meaning or f"none-{d.tried}-{d.status}" for d in wanted],
    }  # fmt: skip
    times, facts = [d.ingested_at for d in wanted], [d.facts for d in wanted]
    columns = {name: ("varchar", values) for name, values in texts.items()}
    give(connection, "wanted", {**columns, "ingested_at": ("timestamp", times), "facts": ("bigint", facts)})
    connection.execute(
        """
        create temp table touched as select document_id from wanted
            anti join base.documents using (document_id, meaning_version, reading_version);
        create temp table gone as select document_id from base.documents anti join wanted using (document_id);
        """
    )
    return [row[0] for row in connection.execute("from touched order by document_id").fetchall()]


def load(
    connection: DuckDBPyConnection, folder: Path, catalogue: Catalogue, asked: Content, touched: list[str]
) -> None:
    """Replace what the touched documents hold, remove what is gone, and bring documents and sources up to date."""
    query = "select document_id from base.documents where document_id in (from touched union all from gone)"
    held = those(connection, query)
    for table in BY_DOCUMENT[2:]:
        connection.execute(f"delete from base.{table} where {held}")
    for start in range(0, len(touched), BATCH):
        known = [catalogue.document(one) for one in touched[start : start + BATCH]]
        documents = [one for one in known if one is not None]
        _load_documents(connection, documents)
        harvested = [one for one in documents if one.meaning is not None and one.reading is not None]
        if harvested:
            _load_harvests(connection, harvest_files(folder, harvested))
        set_down(connection)
    _update_documents(connection)
    _load_sources(connection, asked.sources)


def set_down(connection: DuckDBPyConnection) -> None:
    """Commits what stands, and goes on. One transaction would hold every replaced temporary table until its end: some 300
    MiB for each million facts. The file is linked only when it is whole, so nobody sees half a build.
    """
    connection.execute("commit")
    connection.execute("begin")


def _empty(connection: DuckDBPyConnection, table: str) -> bool:
    return connection.execute(f"select 1 from {table} limit 1").fetchone() is None


# -- documents and their places ---------------------------------------------------------------------------------------


_TYPED_DOCUMENTS = """
create or replace temp table typed as
select
    document_id, w.document, about->>'title' as title, about->>'doc_type' as doc_type,
    about->>'edition' as edition, (about->>'fiscal_year')::integer as fiscal_year, about->>'region_code' as region_code,
    about->>'region' as region, about->>'agency' as agency, about->>'agency_key' as agency_key,
    coalesce((about->'agency_bidang')::varchar[], []) as agency_bidang, about->>'nomenclature' as nomenclature,
    about->>'issued_on' as issued_on, (about->>'pages')::integer as pages,
    (about->>'pages_scanned')::integer as pages_scanned, w.status, w.error, w.ingested_at, w.reading_version,
    w.meaning_version, signature
from (select * replace (about::json as about) from about_json) join wanted w using (document_id)
"""
_NUMBERED = """
create or replace temp table numbered as
select t.*, coalesce(d.document_no, (select coalesce(max(document_no), 0) from base.documents)
                                    + row_number() over (partition by d.document_no is null order by document_id)
                    )::integer as document_no
from typed t left join (select document_id, document_no from base.documents) d using (document_id);
delete from base.documents where document_id in (select document_id from numbered);
insert into base.documents by name from numbered order by document_id;
drop table numbered; drop table typed; drop table about_json;
"""
_UPDATE = """
delete from base.documents where document_id in (from gone);
update base.documents d set document = w.document, status = w.status, error = w.error, ingested_at = w.ingested_at
from wanted w where w.document_id = d.document_id and (d.document, d.status, d.error, d.ingested_at)
    is distinct from (w.document, w.status, w.error, w.ingested_at);
"""


def _load_documents(connection: DuckDBPyConnection, documents: Sequence[Known]) -> None:
    """A document whose last attempt failed keeps what was read of it before; without that it has only a name."""
    spoken: list[dict[str, Any]] = [
        known.about or {"doc_type": "other", "pages": 0, "pages_scanned": 0} for known in documents
    ]
    columns: dict[str, list[str | None]] = {
        "document_id": [known.document_id for known in documents], "about": [json.dumps(one) for one in spoken],
        "signature": [one.get("signature") for one in spoken],
    }  # fmt: skip
    give(connection, "about_json", {name: ("varchar", values) for name, values in columns.items()})
    connection.execute(_TYPED_DOCUMENTS)
    connection.execute(_NUMBERED)


def _update_documents(connection: DuckDBPyConnection) -> None:
    connection.execute(_UPDATE)


def _load_sources(connection: DuckDBPyConnection, sources: Sequence[tuple[str, ...]]) -> None:
    names = ("document_id", "source_uri", "path", "fetched_at")
    columns = {name: ("varchar", [source[place] for source in sources]) for place, name in enumerate(names)}
    give(connection, "places", columns | {"fetched_at": ("timestamp", columns["fetched_at"][1])})
    connection.execute(
        """
        create temp table places_new as from places except all from base.sources;
        create temp table places_old as from base.sources except all from places;
        """
    )
    if not _empty(connection, "places_old"):
        connection.execute("delete from base.sources; insert into base.sources from places")
    else:
        connection.execute("insert into base.sources from places_new")
    connection.execute("drop table places; drop table places_new; drop table places_old")


# -- harvests ---------------------------------------------------------------------------------------------------------


def harvest_files(folder: Path, documents: Sequence[Known]) -> Callable[[str, str], str]:
    """What gives the rows of a layer's file (`meaning`, `facts`) over all the documents, as SQL."""
    root = harvests_root(folder)
    layers = {
        "reading": [reading_folder(root, d.document_id, str(d.reading)) for d in documents],
        "meaning": [meaning_folder(root, d.document_id, str(d.meaning)) for d in documents],
    }

    def files(layer: str, name: str) -> str:
        quoted = ("'" + str(folder / f"{name}.parquet").replace("'", "''") + "'" for folder in layers[layer])
        return f"read_parquet([{', '.join(quoted)}])"

    return files


def _load_harvests(connection: DuckDBPyConnection, files: Callable[[str, str], str]) -> None:
    boxed = "* replace (bbox::double[4] as bbox)"
    for name in ("facts", "checks", "problems"):
        connection.execute(f"insert into base.{name} by name select {boxed} from {files('meaning', name)}")
    connection.execute(f"insert into base.rows by name from {files('meaning', 'rows')}")
    connection.execute(f"insert into base.lines by name select {boxed} from {files('reading', 'lines')}")
    connection.execute(f"create temp table read as from {files('reading', 'tables')}")
    connection.execute(
        f"""
        create temp table meant as
        select m.* exclude (n_rows), coalesce(m.n_rows, r.n_rows) as n_rows, r.n_columns, r.method
        from {files("meaning", "tables")} m left join read r using (document_id, table_no)
        """
    )
    connection.execute(_CELLS.format(cells=files("reading", "cells")))
    connection.execute(_TABLES)
    connection.execute("drop table meant; drop table read; drop table placed")


# One frame may hold several tables, so a cell's table is found by its row; cells of no table with meaning (titles
# inside a frame, grids that were not chosen) stay under a table of their own that is marked unused.
_CELLS = """
create temp table placed as
with body as (select document_id, table_id, unnest(grid_rows) as grid_row, unnest(row_nos) as row_no from meant)
select
    c.document_id, coalesce(m.table_id, left(c.document_id, 12) || '-unused-' || c.table_no) as table_id, b.row_no,
    c."row" - coalesce(m.first_row, 0) as grid_row, c."column" as column_no, c.rowspan, c.colspan, c.page,
    c.bbox::double[4] as bbox, c."text", c.confidence, b.row_no is null and m.table_id is not null as is_header,
    c.method, c.others, c.table_no, m.table_id is not null as used
from {cells} c
left join meant m on m.document_id = c.document_id and m.table_no = c.table_no
    and c."row" >= m.first_row and c."row" < m.first_row + m.n_rows
left join body b on b.document_id = c.document_id and b.table_id = m.table_id and b.grid_row = c."row" - m.first_row
order by c.document_id, c.table_no, c."row", c."column";
insert into base.cells by name select * exclude (table_no, used) from placed;
"""
_TABLES = """
insert into base.tables by name
with pages as (
    select document_id, table_id, table_no, used, min(page) as page_first, max(page) as page_last,
           max(grid_row + rowspan)::integer as n_rows, max(column_no + colspan)::integer as n_columns,
           any_value(method) as method
    from placed group by all
)
select m.table_id, m.document_id, m.table_no, m.table_kind, m.caption, p.page_first, p.page_last, m.method, m.n_rows,
       m.n_columns, m.header::json as header, true as used
from meant m left join pages p using (document_id, table_id)
union all by name
select p.table_id, p.document_id, p.table_no, p.page_first, p.page_last, p.method, p.n_rows, p.n_columns, false as used
from pages p where not p.used
order by document_id, table_no, table_id
"""
