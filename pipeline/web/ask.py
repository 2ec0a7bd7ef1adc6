"""The SQL box: each question in a child process, so that no question can hold or harm the pages."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECONDS = 10.0
MEBIBYTES = 512
ROWS = 1000
_one_at_a_time = threading.Semaphore(2)


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer's columns and first `ROWS` rows (JSON values), or one sentence about what is wrong."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    cut: bool = False
    error: str | None = None


def ask(store: Path, sql: str) -> Asked:
    """Answer one SELECT within the limits."""
    if not _one_at_a_time.acquire(timeout=SECONDS):
        return Asked(error="other queries are running: try again in a moment")
    try:
        command = [sys.executable, "-m", "pipeline.web.ask", str(store), str(SECONDS)]
        run = subprocess.run(
            command, input=sql, capture_output=True, text=True, timeout=SECONDS + 5, check=False, encoding="utf-8"
        )
    except subprocess.TimeoutExpired:
        return Asked(error=f"the query was stopped after {SECONDS:g} seconds: ask for less")
    finally:
        _one_at_a_time.release()
    if run.returncode != 0:
        return Asked(error="the query ended its process: ask for less")
    return Asked(**json.loads(run.stdout))


def main() -> None:
    """The child: the question on standard input, the answer as JSON on standard output."""
    from pipeline.query import QueryError, query
    from pipeline.store import StoreError
    from pipeline.tabular import plain_json

    try:
        answer = query(
            Path(sys.argv[1]), sys.stdin.read(), seconds=float(sys.argv[2]), mebibytes=MEBIBYTES, rows=ROWS + 1
        )
    except (QueryError, StoreError) as error:
        said: dict[str, Any] = {"error": " ".join(str(error).split())}
    else:
        rows = [[plain_json(value) for value in row] for row in answer.rows[:ROWS]]
        said = {"columns": answer.columns, "rows": rows, "cut": len(answer.rows) > ROWS}
    print(json.dumps(said, ensure_ascii=False, default=str))


if __name__ == "__main__":
    main()
