"""A process that answers one question and ends: what no interrupt and no setting of DuckDB stops, the kernel does.

Run as `python -m pipeline.answering PARENT` (the number of the process that asks); the question comes as JSON on standard
input, the answer goes pickled to standard output. DuckDB looks at an interrupt only between chunks of rows, and one call of
a function on one value (`repeat`, `levenshtein`, `regexp_replace`) may take minutes and gigabytes that its memory limit does
not count. So the time limit is an alarm that ends the process, and the memory limit one of the process (setitimer(2),
setrlimit(2)).
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.child import end_with
from pipeline.damage import is_damage
from pipeline.sql_types import NOT_IN_PYTHON, holds, told

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEBIBYTE = 1024 * 1024
HEADROOM = 256  # MiB beside DuckDB's own limit: stacks of threads, the rows of the answer


def main() -> None:
    """Read the question, answer it, end. Exits by SIGALRM where the time is over."""
    asked = json.loads(sys.stdin.buffer.read())
    end_with(int(sys.argv[1]))
    import duckdb

    try:
        with duckdb.connect(asked["path"], read_only=True, config=asked["config"]) as db:
            _limit(asked["seconds"], asked["mebibytes"])
            said = _answer(db, asked["sql"], asked["rows"])
    except MemoryError:
        said = {"memory": True}
    except (duckdb.Error, RuntimeError) as error:
        if is_damage(error, statement_of_ours=False):
            said = {"damaged": True}
        elif isinstance(error, duckdb.OutOfMemoryException) or "bad_alloc" in str(error):
            said = {"memory": True}
        else:
            said = {"error": str(error)}
    signal.setitimer(signal.ITIMER_REAL, 0)
    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with os.fdopen(1, "wb") as out:
        pickle.dump(said, out, protocol=pickle.HIGHEST_PROTOCOL)
        out.flush()
        os._exit(0)


def _limit(seconds: float, mebibytes: int) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    most = _data() + (mebibytes + HEADROOM) * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_DATA, (most, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _data() -> int:
    """Bytes of private data that this process has now; 0 where the kernel does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[5])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * resource.getpagesize()


def _answer(db: DuckDBPyConnection, sql: str, rows: int | None) -> dict[str, Any]:
    import duckdb

    statements = db.extract_statements(sql)
    if len(statements) != 1:
        return {"error": "give exactly one statement"}
    kind = statements[0].type
    if kind == duckdb.StatementType.MULTI:  # DuckDB makes a type of the values first, which it may not here
        example = "pivot facts on role in ('target', 'anggaran') using count(*) group by document"
        return {"error": f"PIVOT is answered where its values are named: {example}"}
    if kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.RELATION):
        return {"error": f"only SELECT is answered here, no {kind.name}; to change what is stored, ingest documents"}
    if kind == duckdb.StatementType.SELECT and holds(answer := db.sql(sql), NOT_IN_PYTHON):
        answer = told(answer, NOT_IN_PYTHON)
        return {"columns": answer.columns, "rows": (answer if rows is None else answer.limit(rows)).fetchall()}
    db.execute(statements[0])
    columns = [column[0] for column in db.description or []]
    return {"columns": columns, "rows": db.fetchall() if rows is None else db.fetchmany(rows)}


if __name__ == "__main__":
    main()
