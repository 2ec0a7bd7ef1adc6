"""Harvests to a published DuckDB generation.

    generations.py    the files, the pointer, the lock            loading.py    harvests -> base tables
    derived.py        what is kept so that questions are fast     history.py    what is no longer said
    soundness.py      what is checked before the pointer moves    schema.sql    tables and views

Readers open through the pointer and never wait: a generation is built in a file of its own, closed without a write-ahead
log, and only then linked. This is the only module that opens DuckDB for writing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.catalogue import Catalogue, now
from pipeline.corrections import FAILED_STATES, FILE, Correction, lay_over, read_corrections
from pipeline.derived import COUNTED, NAMES, count, derive, remember, worth_all
from pipeline.generations import (
    KEEP,
    POINTER,
    Locked,
    copy,
    damaged,
    generation_path,
    generations,
    harvests_root,
    last_generation,
    published_path,
    reading,
    release,
    schema_of,
    sweep,
    take_spare,
    unbuilt,
    unreadable,
    writing,
)
from pipeline.history import keep_history
from pipeline.loading import BY_DOCUMENT, Content, content, load, plan
from pipeline.soundness import VIEWS, Held, check, hold
from pipeline.store_error import StoreError
from pipeline.twins import mark_twins

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = [
    "CONTRACT_VERSION", "KEEP", "POINTER", "SCHEMA_FILE", "SCHEMA_VERSION", "VIEWS", "Held", "Locked", "Published",
    "StoreError", "failed_corrections", "generation_path", "generations", "harvests_root", "last_generation",
    "logical_hash", "prepare", "publish", "published_path", "reading", "record", "schema_columns", "schema_hash", "writing",
]  # fmt: skip

CONTRACT_VERSION = 1
SCHEMA_VERSION = 3
SCHEMA_FILE = Path(__file__).with_name("schema.sql")
FEW = 200_000  # facts: of a smaller store the statements are so short that a second thread only waits for the first
_NOTHING_HELD = {"held": "", "held_why": ""}


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


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to build: `base` is the generation whose file is built on (None: an empty one), `gate` a share of facts."""

    generation: int
    last: int | None
    base: int | None
    gate: float | None


def prepare() -> None:
    """Load what a publish needs and no document has a part in: for the time in which documents are read. It changes nothing."""
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute(SCHEMA_FILE.read_text(encoding="utf-8"))
    schema_hash()


def publish(
    folder: Path, *, full: bool = False, gate: float | None = None, accept: bool = False, whole: bool = False
) -> Published:
    """Build the next generation from the catalogue and the harvests, check it, and move the pointer to it.

    Without `full` an earlier generation is built on and only new, changed and removed documents are touched; the result
    is the same. Nothing is published when nothing has changed. The caller holds `writing(folder)`.

    A generation that was damaged on the disk stands in the way of all but `full`, which takes the history from the newest
    whole one before it.

    `gate`: the share of the last generation's facts (0 to 1) that may vanish or change; more raises Held and leaves the
    last generation published. What was held once is held until it is accepted, whichever command publishes next.
    `whole`: read the new generation whole before it is published, since a damaged block of the file that it is built on
    would go on from generation to generation where nothing reads it.
    """
    catalogue = Catalogue(folder)
    try:
        asked, corrections = content(catalogue), read_corrections(folder)
        wanted = _identity(asked, corrections)
        last = last_generation(folder)
        if not full and last is not None and catalogue.state("published") == f"{last}:{wanted}":
            if schema_of(generation_path(folder, last)) is None:
                raise StoreError(unreadable(generation_path(folder, last), "it is cut or changed"))
            catalogue.set_state(_NOTHING_HELD)
            return Published(last, generation_path(folder, last), len(asked.documents), -1, 0, 0, new=False)
        held = catalogue.state("held")
        limit = None if accept else gate if gate is not None else float(held) if held else None
        build = partial(_build, folder, catalogue, asked, corrections, full, limit, whole)
        try:
            published = _without_spoilt_spare(build, folder, last)
        except Held as error:
            catalogue.set_state({"held": str(limit), "held_why": str(error)})
            raise
        except StoreError as error:
            if last is None or not damaged(generation_path(folder, last)):
                raise
            if not full:
                raise StoreError(unreadable(generation_path(folder, last), error.__cause__ or error)) from error
            older = (n for n in reversed(generations(folder)) if n < last and not damaged(generation_path(folder, n)))
            published = build(next(older, None))
            generation_path(folder, last).unlink(missing_ok=True)
        catalogue.set_state({"published": f"{published.generation}:{wanted}", **_NOTHING_HELD})
        return published
    finally:
        catalogue.close()


def _identity(asked: Content, corrections: list[Correction]) -> str:
    total = sha256(schema_hash().encode())
    said = [(one.document_id, one.name, one.reading, one.meaning, one.status, one.error) for one in asked.documents]
    total.update(json.dumps([said, asked.sources]).encode())
    if corrections:
        total.update(repr(corrections).encode())
    return total.hexdigest()


@cache
def schema_hash() -> str:
    """Of the schema, and of the version of DuckDB: hashes of rows that a generation keeps are DuckDB's own."""
    import duckdb

    return sha256(SCHEMA_FILE.read_bytes() + duckdb.__version__.encode()).hexdigest()


class _Spoilt(StoreError):
    """What was built on an earlier generation's file holds, or met, a damaged block of it."""


def _without_spoilt_spare(build: Callable[[int | None], Published], folder: Path, last: int | None) -> Published:
    """Build; where the spare file was damaged, which is gone then, on a copy of the last generation."""
    try:
        return build(last)
    except _Spoilt:
        if last is None or damaged(generation_path(folder, last)):
            raise
        return build(last)


def _build(
    folder: Path,
    catalogue: Catalogue,
    asked: Content,
    corrections: list[Correction],
    full: bool,
    gate: float | None,
    whole: bool,
    last: int | None,
) -> Published:
    """Raises _Spoilt where the file that was built on is to blame."""
    import duckdb

    generation = max([0, *generations(folder)]) + 1
    sweep(folder)
    building = folder / f".building-{generation}.duckdb"
    try:
        base = None if full or last is None else _base(folder, building, last)
        connection = _opened(folder, building)
        try:
            built = _Plan(generation, last, base, gate)
            facts, changed, removed = _fill(connection, folder, catalogue, asked, corrections, built)
        finally:
            connection.close()
        if whole and base is not None and damaged(building):
            raise _Spoilt(f"generation {generation} was not published: a block of the file it was built on is damaged")
    except duckdb.Error as error:
        sweep(folder)
        kind = _Spoilt if "Corrupt database" in str(error) else StoreError
        raise kind(unbuilt(folder, generation, error)) from error
    except (StoreError, OSError):
        sweep(folder)
        raise
    final = release(folder, building, generation)
    return Published(generation, final, len(asked.documents), facts, changed, removed, new=True)


def _base(folder: Path, building: Path, last: int) -> int | None:
    """Make the file to build on: a spare generation, else a copy of the last one. None where an empty one is needed."""
    import duckdb

    if schema_of(generation_path(folder, last)) != schema_hash():
        return None
    if not take_spare(folder, building, schema_hash()):
        copy(generation_path(folder, last), building)
    with duckdb.connect(str(building), read_only=True) as connection:
        row = connection.execute("select generation from store_info").fetchone()
    return None if row is None else int(row[0])


def _opened(folder: Path, building: Path) -> DuckDBPyConnection:
    """The file that is built in, without a write-ahead log and without waiting for the disk at each step: nobody opens it
    before `release` has synced it whole, and what is left of an interrupted build is thrown away.
    """
    import duckdb

    connection = duckdb.connect(":memory:", config={"temp_directory": str(folder / ".spill"), "fsync_mode": "NONE"})
    try:
        quoted = str(building).replace("'", "''")
        connection.execute(f"attach '{quoted}' as building (recovery_mode no_wal_writes); use building")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _fill(
    connection: DuckDBPyConnection,
    folder: Path,
    catalogue: Catalogue,
    asked: Content,
    corrections: list[Correction],
    plan_: _Plan,
) -> tuple[int, int, int]:
    """Everything that happens inside the file. Returns facts, documents changed and documents removed."""
    threads = 1 if sum(document.facts for document in asked.documents) < FEW else 2
    connection.execute(
        f"set preserve_insertion_order = true; set threads = {threads}; set memory_limit = '{_memory()}MiB'"
    )
    if plan_.base is None:
        connection.execute(SCHEMA_FILE.read_text(encoding="utf-8"))
    connection.execute("begin")
    touched = plan(connection, asked.documents)
    everything = plan_.base is None or worth_all(len(touched), len(asked.documents))
    if not everything:
        remember(connection)
    load(connection, folder, catalogue, asked, touched)
    count(connection, everything)
    mark_twins(connection)
    lay_over(connection, corrections)
    derive(connection, folder, everything)
    connection.execute("delete from store_info")
    about = [CONTRACT_VERSION, SCHEMA_VERSION, plan_.generation, now(), schema_hash()]
    connection.execute("insert into store_info values (?, ?, ?, ?::timestamp, ?)", about)
    connection.execute("commit")
    changed, removed = len(touched), 0
    if plan_.last is not None:
        changed, removed = _beside_last(connection, folder, plan_, changed)
    facts = check(connection, folder, everything)
    connection.execute("checkpoint building")
    return facts, changed, removed


def _memory() -> int:
    """MiB that a build may use before it spills to disk: half of the machine's."""
    return max(1024, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**21)


def _beside_last(connection: DuckDBPyConnection, folder: Path, plan_: _Plan, loaded: int) -> tuple[int, int]:
    """What needs the last generation beside the new one: history, the gate, and how many documents differ."""
    assert plan_.last is not None
    quoted = str(generation_path(folder, plan_.last)).replace("'", "''")
    connection.execute(f"attach '{quoted}' as last (read_only)")
    try:
        connection.execute("begin")
        keep_history(connection, plan_.last, plan_.base)
        connection.execute("commit")
        new, other, gone = connection.execute(_DIFFERING).fetchone() or (0, 0, 0)
        if plan_.gate is not None:
            hold(connection, plan_.gate)
    finally:
        connection.execute("detach last")
    return loaded if plan_.base is None else int(new) + int(other), int(gone)


_DIFFERING = """
select count(*) filter (o.document_id is null),
       count(*) filter (n.document_id is not null and o.document_id is not null
                        and (o.meaning_version, o.reading_version) <> (n.meaning_version, n.reading_version)),
       count(*) filter (n.document_id is null)
from (select document_id, meaning_version, reading_version from base.documents) n
full join (select document_id, meaning_version, reading_version from last.base.documents) o
    on o.document_id = n.document_id
"""


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
    own = {"documents": "* exclude (ingested_at, document_no)", "sources": "* exclude (fetched_at)"}
    tables = {f"base.{table}": own.get(table, "*") for table in (*BY_DOCUMENT, "corrections", *COUNTED, *NAMES)}
    with reading(folder) as connection:
        for table, columns in (tables | {"comparable": "*", "pagu": "*"}).items():
            query = f"select count(*), sum(hash(t)::hugeint) from (select {columns} from {table}) t"
            total.update(f"{table}{connection.execute(query).fetchone()}".encode())
    return total.hexdigest()


def record(folder: Path) -> dict[str, Any]:
    """What the published generation says of itself."""
    with reading(folder) as connection:
        names = ("contract_version", "schema_version", "generation", "published_at")
        row = connection.execute(f"select {', '.join(names)} from store_info").fetchone()
    return dict(zip(names, row or (), strict=False))
