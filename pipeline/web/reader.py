"""One locked-down connection to the published generation, shared by all requests and renewed when a new one appears."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.query import locked_down
from pipeline.store import published_path
from pipeline.tabular import records

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from duckdb import DuckDBPyConnection

T = TypeVar("T")
Record = dict[str, Any]


class Reader:
    """Answers from the newest generation. What costs more than a moment is kept until the next generation."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._open: AbstractContextManager[DuckDBPyConnection] | None = None
        self._connection: DuckDBPyConnection | None = None
        self._kept: dict[str, Any] = {}

    def cursor(self) -> DuckDBPyConnection:
        """A connection of the calling thread's own. Raises StoreError where nothing is published."""
        path = published_path(self.store)
        with self._lock:
            if path != self._path or self._connection is None:
                self._close()
                self._open = locked_down(self.store)
                self._connection = self._open.__enter__()
                self._path, self._kept = path, {}
            return self._connection.cursor()

    def records(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Record]:
        """The rows as dictionaries."""
        cursor = self.cursor()
        try:
            return records(cursor, sql, values)
        finally:
            cursor.close()

    def one(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Record | None:
        found = self.records(sql, values)
        return found[0] if found else None

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """`make()` once a generation: a generation never changes."""
        self.cursor().close()
        kept = self._kept
        if name not in kept:
            kept[name] = make()
        found: T = kept[name]
        return found

    def close(self) -> None:
        with self._lock:
            self._close()
            self._path = None

    def _close(self) -> None:
        if self._open is not None:
            self._open.__exit__(None, None, None)
        self._open = self._connection = None
