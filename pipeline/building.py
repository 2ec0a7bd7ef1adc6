"""One generation, from an empty file or an earlier one to a finished file that is checked and named.

A generation is built in a file of its own, closed without a write-ahead log, and only then linked. This is the only module
that opens DuckDB for writing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.catalogue import Catalogue, now
from pipeline.corrections import Correction, lay_over
from pipeline.derived import count, derive, remember, worth_all
from pipeline.generations import (
    copy,
    damaged,
    generation_path,
    generations,
    release,
    schema_of,
    sweep,
    take_spare,
    unbuilt,
)
from pipeline.history import keep_history
from pipeline.loading import Content, load, plan
from pipeline.soundness import check, hold
from pipeline.store_error import StoreError
from pipeline.twins import mark_twins

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CONTRACT_VERSION = 1
SCHEMA_VERSION = 3
SCHEMA_FILE = Path(__file__).with_name("schema.sql")
FEW = 200_000  # facts: of a smaller store the statements are so short that a second thread only waits for the first


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


@cache
def schema_hash() -> str:
    """Of the schema, and of the version of DuckDB: hashes of rows that a generation keeps are DuckDB's own."""
    import duckdb

    return sha256(SCHEMA_FILE.read_bytes() + duckdb.__version__.encode()).hexdigest()


class _Spoilt(StoreError):
    """What was built on an earlier generation's file holds, or met, a damaged block of it."""


def without_spoilt_spare(build: Callable[[int | None], Published], folder: Path, last: int | None) -> Published:
    """Build; where the spare file was damaged, which is gone then, on a copy of the last generation."""
    try:
        return build(last)
    except _Spoilt:
        if last is None or damaged(generation_path(folder, last)):
            raise
        return build(last)


def build(
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
