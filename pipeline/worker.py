"""A child that reads one document at a time, under limits, and leaves the result on disk.

Run as `python -m pipeline.worker ENGINE LIMIT PARENT` (bytes; the number of the process that asks). ENGINE is a module with
`read(path, password)` and `mean(reading, document_id, file_name, said)`, and, where it can share a document, `count_pages`,
`read_piece`, `write_piece`, `join` and `prepare` (called in one child while others read pieces). Jobs come as JSON
lines on standard input, one short JSON line goes back for each. What a library prints goes to standard error, so that it
cannot be mistaken for a result.
"""

from __future__ import annotations

import errno
import gc
import hashlib
import importlib
import json
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from extractors.tables import Reading

from pipeline.child import end_with
from pipeline.layers import without_pandas


def main(engine: str, limit_bytes: int, parent: int) -> None:
    """Take jobs until standard input ends."""
    end_with(parent)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    without_pandas()
    module = importlib.import_module(engine)
    collect_rarely()
    if limit_bytes:
        _limit_memory(limit_bytes)
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


def collect_rarely() -> None:
    """What is loaded stays; records hold no cycles, so that looking for them often finds nothing."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 10)


def work(engine: ModuleType, job: dict[str, Any]) -> dict[str, Any]:
    """Make the layers that are missing. The answer names them, or says why there are none (`status`, `error`)."""
    from pipeline import harvests, rereads
    from pipeline.second_readings import with_answers

    root, document_id = Path(job["root"]), job["document_id"]
    try:
        if "prepare" in job:
            engine.prepare()
            return {"prepared": True}
        reading_folder = harvests.reading_folder(root, document_id, job["reading"])
        if reading_folder.exists():
            reading = harvests.read_reading(reading_folder)
        elif job["path"] is None:
            return {"status": "damaged", "error": "no reading is stored: ingest the file again"}
        elif "share" in job and (pages := _pages_to_share(engine, job)):
            return {"pages": pages, "pictures": engine.likely_pictures(Path(job["path"]), job["password"])}
        elif "first" in job:
            return {"piece": True, "later": _read_piece(engine, job)}
        else:
            reading = _read(engine, job)
            _is_still(Path(job["path"]), document_id)
            if job.get("layer") != "meaning":
                with _to_disk(root, document_id):
                    harvests.write_reading(root, document_id, reading, job["reading"])
        if job.get("layer") == "reading":
            return {"status": "ok", "error": None, "made": True}
        answers = rereads.answers_key(root, document_id, job["reading"])
        reading = with_answers(reading, rereads.kept(root, document_id, job["reading"]))
        harvest = engine.mean(reading, document_id, job["name"], job["said"])
        basis = harvests.meaning_basis(job["name"], job["said"], job["reading"], answers)
        with _to_disk(root, document_id):
            harvests.write_meaning(root, harvest, job["reading"], job["meaning"], basis)
        return {"status": harvest.document.status, "error": harvest.document.error, "made": True}
    except _DiskError as error:
        return {"fatal": str(error)}
    except Exception as error:
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return {"status": "limit_memory", "error": job["memory_error"], "spent": True}
        return _failure(error, root / document_id)


def _read(engine: ModuleType, job: dict[str, Any]) -> Reading:
    """The whole document, from its pieces where there are such."""
    from pipeline import harvests

    witness = harvests.witness_of(job["reading"])
    if "pieces" in job:
        return engine.join(Path(job["path"]), [Path(file) for file in job["pieces"]], job["password"], witness)  # type: ignore[no-any-return]
    options = {} if witness == "auto" else {"witness": witness}
    return engine.read(Path(job["path"]), job["password"], **options)  # type: ignore[no-any-return]


class _Changed(Exception):
    """Other bytes stand in the file now than those that the document is named by: what was read may be either's."""

    status = "damaged"


def _is_still(path: Path, document_id: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != document_id:
            raise _Changed(f"{path.name} was changed before it was read to its end: the next run reads it again")


def _pages_to_share(engine: ModuleType, job: dict[str, Any]) -> int:
    """How many pages a document has that is worth sharing; 0 for others, and where the engine reads no pieces."""
    count = getattr(engine, "count_pages", None)
    if count is None:
        return 0
    pages = int(count(Path(job["path"]), job["password"]))
    fewest, pictures = job["share"]["pictures"]
    return pages if pages >= job["share"]["from"] or fewest <= pages <= pictures else 0


def _read_piece(engine: ModuleType, job: dict[str, Any]) -> list[int]:
    """Writes a piece; gives the pages of it that are pictures and were left out."""
    from pipeline import harvests

    pages, witness = range(job["first"], job["last"] + 1), harvests.witness_of(job["reading"])
    after = Path(job["after"]) if "after" in job else None
    piece = engine.read_piece(Path(job["path"]), pages, job["password"], witness, after, job["pictures"])
    with _to_disk():
        engine.write_piece(piece, Path(job["out"]))
    return list(piece.later)


class _DiskError(Exception):
    """The disk refuses harvests: no other document would fare better, so the run stops."""


@contextmanager
def _to_disk(root: Path | None = None, document_id: str = "") -> Iterator[None]:
    """An error that concerns the folder of this document alone is left as it is: the others can be written."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise
        if root is not None and _concerns(error, root / document_id) and _takes_folders(root):
            raise
        raise _DiskError(f"{type(error).__name__}: {error}") from error


def _concerns(error: Exception, folder: Path) -> bool:
    names = [name for name in (getattr(error, "filename", None), getattr(error, "filename2", None)) if name]
    return any(Path(os.fsdecode(name)).is_relative_to(folder) for name in names)


def _takes_folders(root: Path) -> bool:
    try:
        os.rmdir(tempfile.mkdtemp(dir=root, prefix=".probe-"))
    except OSError:
        return False
    return True


def _failure(error: Exception, folder: Path) -> dict[str, Any]:
    """An engine says with `status` and one sentence why a document cannot be read; its `folder` of harvests may belong
    to another user; anything else is a fault of ours."""
    if isinstance(error, OSError) and error.strerror and _concerns(error, folder):
        todo = f"remove {folder} or give it to the user who runs this, then run it again with --retry-failed"
        return {"status": "damaged", "error": f"its harvest cannot be kept ({error.strerror}): {todo}"}
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


MAPPED = 128 * 1024 * 1024  # the libraries' code, which is resident but not data
RESERVED = 512 * 1024 * 1024  # address space that libraries may reserve without using it


def _limit_memory(limit_bytes: int) -> None:
    """The kernel refuses memory beyond `limit_bytes`, measured as data and not as address space.

    A warm child has mapped some 300 MiB of code and stacks and uses half of it, so a limit on address space alone
    refuses documents that need little. RLIMIT_DATA counts private writable pages (Linux 4.7 and later, setrlimit(2));
    with the mapped libraries they bound what is resident. RLIMIT_AS stands behind it for shared mappings.
    """
    import pyarrow as pa
    import pyarrow.parquet

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    data = max(limit_bytes - MAPPED, MAPPED)
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    resource.setrlimit(resource.RLIMIT_AS, (limit_bytes + RESERVED, limit_bytes + RESERVED))


def _limit_cpu(seconds: float) -> None:
    """CPU time adds up over the documents of a child, so the limit moves on with each one."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + seconds) + 1, hard))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
