"""Harvests to a published DuckDB generation.

    lumbung-<n>.duckdb     one generation: complete, checked, never changed
    lumbung.duckdb         a symbolic link to the newest one, moved by rename
    catalogue.sqlite       which documents the next generation holds
    harvests/              what it is built from

Readers open through the link and never wait: a generation is built in a file of its own, closed without a write-ahead
log, and only then linked. This is the only module that opens DuckDB for writing.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.catalogue import Catalogue, Known, now
from pipeline.checks.pairs import pair_documents
from pipeline.corrections import FAILED_STATES, FILE, Correction, lay_over, read_corrections
from pipeline.harvests import meaning_folder, reading_folder
from pipeline.layers import sync_folder
from pipeline.store_error import StoreError as StoreError  # part of this module for those who use the store
from pipeline.twins import mark_twins

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CONTRACT_VERSION = 1
SCHEMA_VERSION = 1
KEEP = 3
POINTER = "lumbung.duckdb"
SCHEMA_FILE = Path(__file__).with_name("schema.sql")
VIEWS = (
    "facts", "documents", "document_sources", "tables", "cells", "checks", "problems", "corrections", "facts_history",
    "comparable", "pagu", "budget_tree", "indicators",
)  # fmt: skip
BY_DOCUMENT = ("documents", "sources", "tables", "cells", "rows", "facts", "checks", "problems", "lines")
BATCH = 2000  # documents loaded by one statement


class Held(StoreError):
    """A generation that is whole, but differs so much from the last one that a person should look first."""


class Locked(StoreError):
    """Another process is writing this store."""


@dataclass(frozen=True, slots=True)
class Published:
    """A generation and what went into it. `changed` counts documents loaded anew, `removed` those taken out."""

    generation: int
    path: Path
    documents: int
    facts: int
    changed: int
    removed: int
    new: bool  # False: the store already held exactly this


# -- folders --------------------------------------------------------------------------


def harvests_root(folder: Path) -> Path:
    return folder / "harvests"


def generation_path(folder: Path, generation: int) -> Path:
    return folder / f"lumbung-{generation}.duckdb"


def generations(folder: Path) -> list[int]:
    """Numbers of the generations that stand in the folder, oldest first."""
    found = (path.stem.removeprefix("lumbung-") for path in folder.glob("lumbung-*.duckdb"))
    return sorted(int(number) for number in found if number.isdigit())


def published_path(folder: Path) -> Path:
    """The file of the published generation. Raises StoreError where nothing was published yet."""
    pointer = folder / POINTER
    if not pointer.exists():
        raise StoreError(
            f"nothing is published in {folder}: run `lumbung ingest PATHS` first, or name the store with --store"
        )
    return pointer.resolve()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The one writer of this store. Raises Locked, at once, when another process is writing."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        with suppress(OSError):
            holder = (folder / ".writer").read_text().strip()
            raise Locked(f"{folder} is being written by process {holder}: try again when it has ended") from None
        raise Locked(f"{folder} is being written by another process: try again when it has ended") from None
    try:
        command = " ".join(["lumbung", *sys.argv[1:2]])
        (folder / ".writer").write_text(f"{os.getpid()} ({command} on {platform.node()}, since {now()} UTC)")
        yield
    finally:
        lock.release()


@contextmanager
def reading(folder: Path) -> Iterator[DuckDBPyConnection]:
    """A read-only connection to the published generation, for statements of our own."""
    import duckdb

    connection = duckdb.connect(str(published_path(folder)), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


# -- publish --------------------------------------------------------------------------


def publish(folder: Path, *, full: bool = False, gate: float | None = None, accept: bool = False) -> Published:
    """Build the next generation from the catalogue and the harvests, check it, and move the pointer to it.

    Without `full` the last generation is copied and only new, changed and removed documents are touched; the result is
    the same. Nothing is published when nothing has changed. The caller holds `writing(folder)`.

    `gate`: the share of the last generation's facts (0 to 1) that may vanish or change; more raises Held and leaves the
    last generation published. What was held once is held until it is accepted, whichever command publishes next.
    """
    catalogue = Catalogue(folder)
    try:
        known = catalogue.documents()
        sources = _places(catalogue)
        corrections = read_corrections(folder)
        inputs = [_identity(known, sources), _schema_hash(), *([repr(corrections)] if corrections else [])]
        wanted = sha256(json.dumps(inputs).encode()).hexdigest()
        last = last_generation(folder)
        if not full and last is not None and catalogue.state("published") == f"{last}:{wanted}":
            return Published(last, generation_path(folder, last), len(known), -1, 0, 0, new=False)
        held = catalogue.state("held")
        limit = None if accept else gate if gate is not None else float(held) if held else None
        try:
            published = _build(folder, known, sources, corrections, None if full else last, last, limit)
        except Held:
            catalogue.set_state({"held": str(limit)})
            raise
        catalogue.set_state({"published": f"{published.generation}:{wanted}", "held": ""})
        return published
    finally:
        catalogue.close()


def _places(catalogue: Catalogue) -> list[tuple[str, str, str, str]]:
    """One row a document and place: document_id, address, file, when it came."""
    return [
        (document_id, source.uri, source.file or source.path, source.fetched_at)
        for source in catalogue.sources()
        for document_id in sorted({source.document_id, source.found})
    ]


def _identity(known: Sequence[Known], sources: Sequence[tuple[str, ...]]) -> list[Any]:
    return [[d.document_id, d.name, d.reading, d.meaning, d.status, d.error] for d in known] + [
        list(s) for s in sources
    ]


def _schema_hash() -> str:
    return sha256(SCHEMA_FILE.read_bytes()).hexdigest()


def last_generation(folder: Path) -> int | None:
    """The number of the published generation; None where nothing is published."""
    pointer = folder / POINTER
    number = pointer.resolve().stem.removeprefix("lumbung-") if pointer.exists() else ""
    return int(number) if number.isdigit() else None


def _build(
    folder: Path,
    known: Sequence[Known],
    sources: Sequence[tuple[str, ...]],
    corrections: Sequence[Correction],
    base: int | None,
    last: int | None,
    gate: float | None,
) -> Published:
    import duckdb

    generation = max([0, *generations(folder)]) + 1
    _sweep(folder)
    building = folder / f".building-{generation}.duckdb"
    try:
        if base is not None and _schema_of(generation_path(folder, base)) != _schema_hash():
            base = None
        if base is not None:
            _copy(generation_path(folder, base), building)
        connection = duckdb.connect(str(building), config={"temp_directory": str(folder / ".spill")})
        try:
            connection.execute("set preserve_insertion_order = true; set threads = 2")
            if base is None:
                connection.execute(SCHEMA_FILE.read_text(encoding="utf-8"))
            changed, removed = _load(connection, folder, known, sources, generation, last)
            lay_over(connection, corrections)
            counts = _check(connection, folder, known)
            if gate is not None and last is not None:
                _hold(connection, generation_path(folder, last), gate)
            connection.execute("checkpoint")
        finally:
            connection.close()
    except duckdb.Error as error:
        _sweep(folder)
        raise StoreError(f"generation {generation} could not be built and was not published: {error}") from error
    except (StoreError, OSError):
        _sweep(folder)
        raise
    final = _release(folder, building, generation)
    return Published(generation, final, len(known), counts, changed, removed, new=True)


def _sweep(folder: Path) -> None:
    """Take away what an interrupted or refused build has left; the next write tells of a disk that refuses this."""
    for leftover in folder.glob(".building-*"):
        with suppress(OSError):
            leftover.unlink()


def _schema_of(path: Path) -> str | None:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("select schema_hash from store_info").fetchone()
    return None if row is None else row[0]


def _copy(source: Path, target: Path) -> None:
    import shutil

    shutil.copyfile(source, target)
    target.chmod(0o644)


def _load(
    connection: DuckDBPyConnection,
    folder: Path,
    known: Sequence[Known],
    sources: Sequence[tuple[str, ...]],
    generation: int,
    last: int | None,
) -> tuple[int, int]:
    """Bring the base tables to what the catalogue wants. Returns how many documents changed and were removed."""
    import pyarrow as pa

    rows = [_document_row(document) for document in known]
    shape = pa.schema([(name, pa.string()) for name in _DOCUMENT_COLUMNS])
    connection.register("wanted_json", pa.Table.from_pylist(rows, schema=shape))
    connection.execute("create temp table wanted as " + _TYPED_DOCUMENTS)
    connection.unregister("wanted_json")
    connection.execute("begin")
    connection.execute(
        "create temp table touched as select document_id from wanted "
        "anti join base.documents using (document_id, meaning_version, reading_version)"
    )
    connection.execute(
        "create temp table gone as select document_id from base.documents anti join wanted using (document_id)"
    )
    changed, removed = _count(connection, "touched"), _count(connection, "gone")
    for table in BY_DOCUMENT[2:]:
        connection.execute(f"delete from base.{table} where document_id in (from touched union all from gone)")
    connection.execute("delete from base.documents; insert into base.documents by name from wanted")
    connection.execute("delete from base.sources")
    if sources:
        names = ("document_id", "source_uri", "path", "fetched_at")
        columns = {name: list(column) for name, column in zip(names, zip(*sources, strict=True), strict=True)}
        connection.register("places", pa.table(columns))
        connection.execute(
            "insert into base.sources by name select * replace (fetched_at::timestamp as fetched_at) from places"
        )
        connection.unregister("places")
    touched = {row[0] for row in connection.execute("from touched").fetchall()}
    harvested = [d for d in known if d.document_id in touched and d.meaning is not None and d.reading is not None]
    for start in range(0, len(harvested), BATCH):
        _load_harvests(connection, folder, harvested[start : start + BATCH])
    mark_twins(connection)
    pair_documents(connection)
    connection.execute("delete from store_info")
    about = [CONTRACT_VERSION, SCHEMA_VERSION, generation, now(), _schema_hash()]
    connection.execute("insert into store_info values (?, ?, ?, ?::timestamp, ?)", about)
    connection.execute("commit")
    if last is not None:
        _keep_history(connection, generation_path(folder, last), last)
    return changed, removed


_DOCUMENT_COLUMNS = ("document_id", "about", "status", "error", "ingested_at", "reading", "meaning", "signature")
_TYPED_DOCUMENTS = """
select
    document_id, about->>'document' as document, about->>'title' as title, about->>'doc_type' as doc_type,
    about->>'edition' as edition, (about->>'fiscal_year')::integer as fiscal_year, about->>'region_code' as region_code,
    about->>'region' as region, about->>'agency' as agency, about->>'agency_key' as agency_key,
    coalesce((about->'agency_bidang')::varchar[], []) as agency_bidang, about->>'nomenclature' as nomenclature,
    about->>'issued_on' as issued_on, (about->>'pages')::integer as pages,
    (about->>'pages_scanned')::integer as pages_scanned, status, error, ingested_at::timestamp as ingested_at,
    reading as reading_version, meaning as meaning_version, signature
from (select * replace (about::json as about) from wanted_json)
"""


def _document_row(known: Known) -> dict[str, str | None]:
    """A document whose last attempt failed keeps what was read of it before; without that it has only a name."""
    about = known.about or {"document": known.name, "doc_type": "other", "pages": 0, "pages_scanned": 0}
    read = known.meaning is not None
    return {
        "document_id": known.document_id,
        "about": json.dumps(about | {"document": known.name}),
        "status": about.get("status", known.status) if read else known.status,
        "error": about.get("error", known.error) if read else known.error,
        "ingested_at": known.ingested_at,
        "reading": known.reading or "none",
        "meaning": known.meaning or f"none-{known.tried}-{known.status}",
        "signature": about.get("signature"),
    }


def _load_harvests(connection: DuckDBPyConnection, folder: Path, documents: Sequence[Known]) -> None:
    root = harvests_root(folder)
    readings = [reading_folder(root, d.document_id, str(d.reading)) for d in documents]
    meanings = [meaning_folder(root, d.document_id, str(d.meaning)) for d in documents]

    def files(folders: Sequence[Path], name: str) -> str:
        quoted = ", ".join("'" + str(folder / f"{name}.parquet").replace("'", "''") + "'" for folder in folders)
        return f"read_parquet([{quoted}])"

    for name in ("facts", "checks", "problems"):
        boxed = "* replace (bbox::double[4] as bbox)"
        connection.execute(f"insert into base.{name} by name select {boxed} from {files(meanings, name)}")
    connection.execute(f"insert into base.rows by name from {files(meanings, 'rows')}")
    boxed = "* replace (bbox::double[4] as bbox)"
    connection.execute(f"insert into base.lines by name select {boxed} from {files(readings, 'lines')}")
    connection.execute(f"create temp table read as from {files(readings, 'tables')}")
    connection.execute(
        f"""
        create temp table meant as
        select m.* exclude (n_rows), coalesce(m.n_rows, r.n_rows) as n_rows, r.n_columns, r.method
        from {files(meanings, "tables")} m left join read r using (document_id, table_no)
        """
    )
    connection.execute(_CELLS.format(cells=files(readings, "cells")))
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


def _keep_history(connection: DuckDBPyConnection, last_path: Path, last: int) -> None:
    """What the last generation published and this one does not, or no longer says so, stays queryable."""
    quoted = str(last_path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as last (read_only)")
    try:
        parts = ("value", "value_text", "unit", "raw", "role", "quantity", '"year"', "period", "code", "status")
        says = {side: f"row({', '.join(f'{side}.{part}' for part in parts)})" for side in ("f", "n")}
        connection.execute(
            f"""
            begin;
            delete from base.history;
            insert into base.history by name from last.base.history;
            insert into base.history by name
            select f.*, d.document, d.meaning_version, {last} as last_generation
            from (select document_id, fact_id, table_id, page, bbox, code, name, indicator, role, quantity, "year",
                         period, value, value_text, unit, raw, status from last.base.facts) f
            join last.base.documents d using (document_id)
            where not exists (
                from base.facts n where n.fact_id = f.fact_id and {says["n"]} is not distinct from {says["f"]}
            );
            commit;
            """
        )
    finally:
        connection.execute("detach last")


def _count(connection: DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return 0 if row is None else int(row[0])


# -- checks before the pointer moves --------------------------------------------------------------------------


def _check(connection: DuckDBPyConnection, folder: Path, known: Sequence[Known]) -> int:
    """Refuse a generation that is not whole. Returns the number of facts."""
    for view in VIEWS:
        connection.execute(f"select * from {view} limit 0")
    held = dict(connection.execute("select document_id, count(*) from base.facts group by 1").fetchall())
    for document in known:
        expected = document.summary.get("facts", 0) if document.meaning is not None else 0
        if held.get(document.document_id, 0) != expected:
            raise StoreError(
                f"{document.name}: {held.get(document.document_id, 0)} facts arrived in the store and {expected} were "
                f"harvested; nothing was published. Remove {harvests_root(folder) / document.document_id} "
                "and ingest it again"
            )
    tests = {
        "facts of no table": "select count(*) from base.facts anti join base.tables using (document_id, table_id)",
        "facts of no document": "select count(*) from base.facts anti join base.documents using (document_id)",
        "facts with one identity": "select count(*) - count(distinct fact_id) from base.facts",
        "tables with one identity": "select count(*) - count(distinct table_id) from base.tables",
        "documents with one identity": "select count(*) - count(distinct document_id) from base.documents",
    }
    for what, query in tests.items():
        row = connection.execute(query).fetchone()
        if row is None or row[0] != 0:
            raise StoreError(f"{row and row[0]} {what}: nothing was published; `lumbung publish --full` builds it anew")
    return sum(held.values())


def _hold(connection: DuckDBPyConnection, last_path: Path, limit: float) -> None:
    """Raises Held where more than `limit` of the last generation's facts would vanish or say something else."""
    from pipeline.diff import attached, compare, totals

    with attached(connection, last_path):
        compare(connection, "last.base", "base")
        total = totals(connection)
        facts = _count(connection, "last.base.facts")
        worst = connection.execute(
            "select document, count(*) from changes where change <> 'added' group by 1 order by 2 desc, 1 limit 3"
        ).fetchall()
    share = (total["removed"] + total["changed"]) / facts if facts else 0.0
    if share > limit:
        named = ", ".join(f"{name} ({count})" for name, count in worst)
        raise Held(
            f"held, nothing was published: {total['removed']} facts would vanish and {total['changed']} change, "
            f"{share:.0%} of {facts} (the gate is {limit:.0%}), most in {named}. "
            "`lumbung refresh --accept` publishes them"
        )


def _release(folder: Path, building: Path, generation: int) -> Path:
    """Give the finished file its name and move the pointer; both by rename, both synced."""
    log = building.with_name(building.name + ".wal")
    if log.exists():
        raise StoreError(f"generation {generation} has a write-ahead log left and was not published; run it again")
    with building.open("rb") as file:
        os.fsync(file.fileno())
    building.chmod(0o444)  # a client that opens it for writing would leave a log beside it
    final = generation_path(folder, generation)
    building.rename(final)
    pointer, fresh = folder / POINTER, folder / f".pointer-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(final.name)
    (folder / f"{POINTER}.wal").unlink(missing_ok=True)
    fresh.replace(pointer)
    sync_folder(folder)
    for old in generations(folder)[:-KEEP]:
        generation_path(folder, old).unlink(missing_ok=True)
    return final


def failed_corrections(folder: Path) -> list[str]:
    """Why corrections are not applied in the published generation, one sentence each."""
    if not (folder / FILE).exists():
        return []
    with reading(folder) as connection:
        query = f"select explanation from corrections where state in {FAILED_STATES} order by correction_id"
        return [row[0] for row in connection.execute(query).fetchall()]


def schema_columns() -> dict[str, list[tuple[str, str]]]:
    """view -> names and types of its columns, from an empty database with the schema of this version."""
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute(SCHEMA_FILE.read_text(encoding="utf-8"))
        described = {view: connection.execute(f"describe from {view}").fetchall() for view in VIEWS}
    return {view: [(name, kind) for name, kind, *_ in rows] for view, rows in described.items()}


def logical_hash(folder: Path) -> str:
    """A hash of what the published generation says, whatever the order of its rows or the way it was built."""
    total = sha256()
    with reading(folder) as connection:
        for table in (*BY_DOCUMENT, "corrections"):
            columns = "* exclude (ingested_at)" if table == "documents" else "*"
            columns = "* exclude (fetched_at)" if table == "sources" else columns
            query = f"select count(*), sum(hash(t)::hugeint) from (select {columns} from base.{table}) t"
            total.update(f"{table}{connection.execute(query).fetchone()}".encode())
    return total.hexdigest()


def record(folder: Path) -> dict[str, Any]:
    """What the published generation says of itself."""
    with reading(folder) as connection:
        names = ("contract_version", "schema_version", "generation", "published_at")
        row = connection.execute(f"select {', '.join(names)} from store_info").fetchone()
    return dict(zip(names, row or (), strict=False))
