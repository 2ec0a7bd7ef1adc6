"""SQL by strangers: read-only, no files, no network, no extensions, locked settings, limits on memory and time.

DuckDB has no privileges inside a process: a read-only connection still reads and writes files of the machine unless
external access is switched off and the settings are locked (https://duckdb.org/docs/operations_manual/securing_duckdb).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store import StoreError, published_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SECONDS = 60.0
MEBIBYTES = 2048


class QueryError(StoreError):
    """One sentence: what is wrong with the query."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Names of the columns, and the rows as Python values (Decimal, date, list ...)."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


@contextmanager
def locked_down(store: Path, mebibytes: int = MEBIBYTES) -> Iterator[DuckDBPyConnection]:
    """A connection to the published generation that can do nothing but answer."""
    import duckdb

    settings: dict[str, Any] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": f"{mebibytes}MiB",
        "temp_directory": "",
        "max_temp_directory_size": "0KiB",
        "threads": 2,
        "lock_configuration": True,
    }
    connection = duckdb.connect(str(published_path(store)), read_only=True, config=settings)
    try:
        yield connection
    finally:
        connection.close()


def query(
    store: Path, sql: str, *, seconds: float = SECONDS, mebibytes: int = MEBIBYTES, rows: int | None = None
) -> Answer:
    """Answer one SELECT (or DESCRIBE, SHOW, EXPLAIN). Raises QueryError when it is refused, wrong, or over a limit."""
    import duckdb

    with locked_down(store, mebibytes) as connection:
        _only_one_question(connection, sql)
        timer = threading.Timer(seconds, connection.interrupt)
        timer.start()
        try:
            connection.execute(sql)
            columns = [column[0] for column in connection.description or []]
            found = connection.fetchall() if rows is None else connection.fetchmany(rows)
        except duckdb.InterruptException as error:
            raise QueryError(
                f"the query was stopped after {seconds:g} seconds: ask for less or raise --timeout"
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise QueryError(
                f"the query needs more than {mebibytes} MiB: ask for less or raise --memory-limit"
            ) from error
        except duckdb.Error as error:
            raise QueryError(one_line(error)) from error
        finally:
            timer.cancel()
    return Answer(columns, found)


def _only_one_question(connection: DuckDBPyConnection, sql: str) -> None:
    import duckdb

    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(one_line(error)) from error
    if len(statements) != 1:
        raise QueryError("give exactly one statement")
    kind = statements[0].type
    allowed = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.RELATION)
    if kind not in allowed:
        raise QueryError(f"only SELECT is answered here, no {kind.name}; to change what is stored, ingest documents")


def one_line(error: Exception) -> str:
    """What DuckDB says, without the piece of SQL."""
    text = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = [line for line in text if not line.startswith(("LINE", "^"))]
    return " ".join(kept)[:500]
