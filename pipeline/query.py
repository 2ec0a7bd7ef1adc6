"""SQL by strangers: read-only, no files, no network, no extensions, locked settings, limits on memory and time.

DuckDB has no privileges inside a process: a read-only connection still reads and writes files of the machine unless
external access is switched off and the settings are locked (https://duckdb.org/docs/operations_manual/securing_duckdb).
"""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.generations import told_if_damaged, unreadable
from pipeline.store import StoreError, published_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SECONDS = 60.0
MEBIBYTES = 2048
START_SECONDS = 60.0  # for the process to start, on a slow disk
KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


# What tells of the machine (paths, settings), and what runs SQL that is put together from texts. A name cannot be spelt
# otherwise in SQL: there are no escapes in names.
_TELLING = re.compile(
    r"\b(duckdb_(?!(tables|views|columns|types|schemas|functions|keywords|constraints|indexes|sequences)\b)\w+"
    r"|pragma_(?!(table_info|version|show)\b)\w+|current_setting|pg_settings|database_list|which_secret|user_agent"
    r'|query_table|json_execute_serialized_sql|query(?="?(\s|/\*.*?\*/|--[^\n]*\n)*\())',
    re.IGNORECASE | re.DOTALL,
)


class QueryError(StoreError):
    """One sentence: what is wrong with the query."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Names of the columns, and the rows as Python values (Decimal, date, list ...); what Python cannot hold is text."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


@contextmanager
def locked_down(store: Path, mebibytes: int = MEBIBYTES) -> Iterator[DuckDBPyConnection]:
    """A connection to the published generation that can do nothing but answer."""
    import duckdb

    path = published_path(store)
    with told_if_damaged(path):
        connection = duckdb.connect(str(path), read_only=True, config=_config(mebibytes))
    try:
        yield connection
    finally:
        connection.close()


def _config(mebibytes: int) -> dict[str, Any]:
    return {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": f"{mebibytes}MiB",
        "temp_directory": "",
        "max_temp_directory_size": "0KiB",
        "threads": 2,
        "home_directory": "/",  # these two tell of the machine
        "secret_directory": "/",
        "lock_configuration": True,
    }


def query(
    store: Path, sql: str, *, seconds: float = SECONDS, mebibytes: int = MEBIBYTES, rows: int | None = None
) -> Answer:
    """Answer one SELECT (or DESCRIBE, SHOW, EXPLAIN), in a process of its own that ends when a limit is reached.

    Raises QueryError when it is refused, wrong, or over a limit; StoreError where nothing is published.
    """
    telling = _TELLING.search(sql)
    if telling is not None:
        raise QueryError(f"`{telling[0]}` tells of the machine, or runs SQL made of texts: it is not answered here")
    path = published_path(store)
    asked = {"path": str(path.absolute()), "sql": sql, "rows": rows, "seconds": seconds,
             "mebibytes": mebibytes, "config": _config(mebibytes)}  # fmt: skip
    over = f"the query was stopped after {seconds:g} seconds: ask for less or raise --timeout"
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pipeline.answering", str(os.getpid())], input=json.dumps(asked).encode(), env=_environment(),
            stdout=subprocess.PIPE, stderr=None if os.environ.get("LUMBUNG_DEBUG") else subprocess.DEVNULL,
            timeout=seconds + START_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise QueryError(over) from error
    if run.returncode == -signal.SIGALRM:
        raise QueryError(over)
    if run.returncode > 0:
        raise QueryError(
            f"the process that answers queries failed (exit code {run.returncode}): no fault of the query; "
            "LUMBUNG_DEBUG=1 shows what it says"
        )
    said: dict[str, Any] = _Values(io.BytesIO(run.stdout)).load() if run.returncode == 0 else {"memory": True}
    if "memory" in said:
        raise QueryError(f"the query needs more than {mebibytes} MiB: ask for less or raise --memory-limit")
    if "damaged" in said:
        raise QueryError(unreadable(path, "it is cut or changed"))
    if "error" in said:
        raise QueryError(one_line(said["error"]))
    return Answer(said["columns"], said["rows"])


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


class _Values(pickle.Unpickler):
    """Only values that DuckDB gives come back."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("decimal", "datetime", "uuid") and name[0].isalpha():
            return super().find_class(module, name)
        raise QueryError(f"an answer cannot hold {module}.{name}")


def one_line(error: Exception | str) -> str:
    """What DuckDB says, without the piece of SQL."""
    text = [line.strip() for line in str(error).partition("Traceback (most")[0].splitlines() if line.strip()]
    kept = [line for line in text if not line.startswith(("LINE", "^"))]
    return " ".join(kept)[:500]
