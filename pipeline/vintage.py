"""Whether a published generation has what this version asks for: one made by an older version may lack tables or columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.query import locked_down
from pipeline.store import SCHEMA_FILE, StoreError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = "select table_schema, table_name, column_name from information_schema.columns"


def refuse_older(store: Path) -> None:
    """Raises StoreError where the generation lacks something of this version's schema."""
    import duckdb

    with duckdb.connect(":memory:") as empty:
        empty.execute(SCHEMA_FILE.read_text(encoding="utf-8"))
        wanted = _columns(empty)
    with locked_down(store) as connection:
        lacking = wanted - _columns(connection)
    if lacking:
        raise StoreError(
            "the store was published by an older version of lumbung: run `lumbung publish`, then try again"
        )


def _columns(connection: DuckDBPyConnection) -> set[tuple[str, ...]]:
    return {tuple(row) for row in connection.execute(_COLUMNS).fetchall()}
