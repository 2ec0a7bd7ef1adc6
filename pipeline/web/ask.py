"""The SQL box: two questions at once, each in a process of its own, so that none can hold or harm the pages."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.query import query
from pipeline.store import StoreError
from pipeline.tabular import plain, plain_json

SECONDS = 10.0
MEBIBYTES = 512
ROWS = 1000
_places = threading.Semaphore(2)  # questions at once


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer's columns and first `ROWS` rows (JSON values), or one sentence about what is wrong."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    cut: bool = False
    error: str | None = None

    @property
    def shown(self) -> list[list[Any]]:
        """The rows for a page: lists and records as JSON texts."""
        return [[plain(value) if isinstance(value, list | dict) else value for value in row] for row in self.rows]


def ask(store: Path, sql: str) -> Asked:
    """Answer one SELECT within the limits."""
    if not _places.acquire(timeout=SECONDS):
        return Asked(error="other queries are running: try again in a moment")
    try:
        answer = query(store, sql, seconds=SECONDS, mebibytes=MEBIBYTES, rows=ROWS + 1)
    except StoreError as error:
        said = " ".join(str(error).split())
        return Asked(error=re.sub(r" or raise --[a-z-]+$", "", said))  # a browser has no options
    finally:
        _places.release()
    rows = [[plain_json(value) for value in row] for row in answer.rows[:ROWS]]
    return Asked(answer.columns, json.loads(json.dumps(rows, ensure_ascii=False, default=str)), len(answer.rows) > ROWS)
