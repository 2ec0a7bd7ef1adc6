"""A child that reads one document at a time, under limits, and leaves the result on disk.

Run as `python -m pipeline.worker ENGINE`; ENGINE is a module with `read(path, password)` and
`mean(reading, document_id, file_name, said)`. Jobs come as JSON lines on standard input, one short JSON line goes back
for each. What a library prints goes to standard error, so that it cannot be mistaken for a result.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any


def main(engine: str, limit_bytes: int) -> None:
    """Take jobs until standard input ends."""
    _die_with_parent()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    module = importlib.import_module(engine)
    if limit_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        job = json.loads(line)
        _limit_cpu(job["cpu_seconds"])
        with tempfile.TemporaryDirectory(prefix="lumbung-") as scratch:
            tempfile.tempdir = scratch
            answer = work(module, job)
            tempfile.tempdir = None
        print(json.dumps(answer), file=answers)


def work(engine: ModuleType, job: dict[str, Any]) -> dict[str, Any]:
    """Make the layers that are missing. The answer names them, or says why there are none (`status`, `error`)."""
    from pipeline import harvests

    root, document_id = Path(job["root"]), job["document_id"]
    try:
        reading_folder = harvests.reading_folder(root, document_id, job["reading"])
        if reading_folder.exists():
            reading = harvests.read_reading(reading_folder)
        elif job["path"] is None:
            return {"status": "damaged", "error": "no reading is stored: ingest the file again"}
        else:
            reading = engine.read(Path(job["path"]), job["password"])
            harvests.write_reading(root, document_id, reading, job["reading"])
        harvest = engine.mean(reading, document_id, job["name"], job["said"])
        harvests.write_meaning(root, harvest, job["reading"], job["meaning"])
        return {"status": harvest.document.status, "error": harvest.document.error, "made": True}
    except MemoryError:
        return {"status": "limit_memory", "error": job["memory_error"], "spent": True}
    except OSError as error:
        if error.errno is not None and not hasattr(error, "status"):
            return {"fatal": f"{type(error).__name__}: {error}"}
        return _failure(error)
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> dict[str, Any]:
    """An engine says with `status` and one sentence why a document cannot be read; anything else is a fault of ours."""
    status = getattr(error, "status", None)
    if isinstance(status, str):
        return {"status": status, "error": " ".join(str(error).split())}
    import traceback

    traceback.print_exc()
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    return {
        "status": "damaged",
        "error": f"reading failed ({type(error).__name__} in {place}: {' '.join(str(error).split())[:200]})",
    }


def _limit_cpu(seconds: float) -> None:
    """CPU time adds up over the documents of a child, so the limit moves on with each one."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + seconds) + 1, hard))


def _die_with_parent() -> None:
    """On Linux the kernel ends this child when its parent is gone, whatever it is doing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() == 1:
            raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
