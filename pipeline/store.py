"""Harvests to a published DuckDB generation.

    generations.py    the files, the pointer, the lock            building.py   one generation, from an empty file to a named one
    loading.py        harvests -> base tables                     derived.py    what is kept so that questions are fast
    history.py        what is no longer said                      soundness.py  what is checked before the pointer moves
    schema.sql        tables and views

Readers open through the pointer and never wait.
"""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.building import (
    CONTRACT_VERSION,
    SCHEMA_FILE,
    SCHEMA_VERSION,
    Published,
    build,
    schema_hash,
    without_spoilt_spare,
)
from pipeline.catalogue import Catalogue
from pipeline.corrections import FAILED_STATES, FILE, Correction, read_corrections
from pipeline.derived import COUNTED, NAMES
from pipeline.generations import (
    KEEP,
    POINTER,
    Locked,
    damaged,
    generation_path,
    generations,
    harvests_root,
    last_generation,
    published_path,
    reading,
    schema_of,
    unreadable,
    writing,
)
from pipeline.loading import BY_DOCUMENT, Content, content
from pipeline.soundness import VIEWS, Held
from pipeline.store_error import StoreError

__all__ = [
    "CONTRACT_VERSION", "KEEP", "POINTER", "SCHEMA_FILE", "SCHEMA_VERSION", "VIEWS", "Held", "Locked", "Published",
    "StoreError", "failed_corrections", "generation_path", "generations", "harvests_root", "last_generation",
    "logical_hash", "prepare", "publish", "published_path", "reading", "record", "schema_columns", "schema_hash", "writing",
]  # fmt: skip

_NOTHING_HELD = {"held": "", "held_why": ""}


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
        built = partial(build, folder, catalogue, asked, corrections, full, limit, whole)
        try:
            published = without_spoilt_spare(built, folder, last)
        except Held as error:
            catalogue.set_state({"held": str(limit), "held_why": str(error)})
            raise
        except StoreError as error:
            if last is None or not damaged(generation_path(folder, last)):
                raise
            if not full:
                raise StoreError(unreadable(generation_path(folder, last), error.__cause__ or error)) from error
            older = (n for n in reversed(generations(folder)) if n < last and not damaged(generation_path(folder, n)))
            published = built(next(older, None))
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
