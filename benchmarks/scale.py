"""How the cost of reading grows with documents and workers, on this machine and on a Dask cluster of this machine.

    python benchmarks/scale.py [--counts 10 100] [--workers 1 2] [--how local dask] [--seed 1] [--save | --write]

Generates documents (`benchmarks.generate`), ingests each count of them with one worker, and the smallest and the largest but
one with each number of workers, local and Dask (`--how`). Prints a table and the estimate for a year's 4 million pages;
`--save` writes benchmarks/results/scale.json, docs/benchmarks.md and the estimate in docs/scale.md.

A long measurement may be done in several sittings: what benchmarks/results/scale.json holds of other counts and numbers of
workers is shown beside the new runs, as long as it was measured with the same versions of reading and meaning and gave the
same stores.

A local run of n workers has n processors, a cluster all of them. Processor seconds are those of all processes together.
Efficiency is documents a second and worker over those of one worker: by the clock, which a busy machine spoils, and by
processor seconds, which leave out waiting.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import pypdfium2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.results import markdown, write_section  # noqa: E402
from extractors.version import READING_VERSION  # noqa: E402
from pipeline.store import logical_hash, published_path, reading  # noqa: E402
from pipeline.version import MEANING_VERSION  # noqa: E402

FILE = ROOT / "benchmarks" / "results" / "scale.json"
YEAR = 4_000_000  # pages of 514 kabupaten and kota with some 30 agencies each, several reports a year
CORES = (1, 16, 256)


@dataclass(frozen=True, slots=True)
class Run:
    """One ingest into an empty store. Memory is the peak of all its processes together, shared pages counted once."""

    how: str
    workers: int
    documents: int
    pages: int
    facts: int
    seconds: float
    processor_seconds: float
    mebibytes: float
    store_mebibytes: float
    said: str  # logical hash
    versions: str = ""  # of reading and meaning
    measured: str = ""  # the day


def generate(folder: Path, count: int, seed: int) -> Path:
    """`count` documents of all kinds in turn; made once."""
    if len(list(folder.glob("*.pdf"))) < count:
        command = [sys.executable, "-m", "benchmarks.generate", str(folder), "--count", str(count), "--seed", str(seed)]
        subprocess.run(command, check=True, cwd=ROOT)
    return folder


def in_turn(folder: Path) -> list[Path]:
    """Its documents in the order in which they were made, so that every count of them has all kinds."""
    return sorted(folder.glob("*.pdf"), key=lambda path: int(path.stem.rpartition("-")[2]))


def pages_in(files: list[Path]) -> int:
    total = 0
    for file in files:
        document = pypdfium2.PdfDocument(file)
        total += len(document)
        document.close()
    return total


class Memory:
    """The largest memory of all descendants of this process together, looked at twice a second."""

    def __enter__(self) -> Memory:
        self.peak, self._over = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            self.peak = max(self.peak, sum(_proportional(pid) for pid in _below(os.getpid())) / 1024)


def _below(root: int) -> Iterator[int]:
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        with suppress(OSError):
            for pid in map(int, task.read_text().split()):
                yield pid
                yield from _below(pid)


def _proportional(pid: int) -> int:
    """KiB, memory that several processes share divided among them."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return 0


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """The address of a Dask scheduler with so many worker processes of one thread each."""
    file = folder / "scheduler.json"
    common = ["--no-dashboard", "--scheduler-file", str(file)]
    commands = [["scheduler", "--host", "127.0.0.1", "--port", "0", *common],
                ["worker", "--nworkers", str(workers), "--nthreads", "1", "--local-directory", str(folder), *common]]  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen([sys.executable, "-m", "dask", *words], cwd=ROOT, **quiet) for words in commands]  # type: ignore[call-overload]
    try:
        while not file.exists():
            time.sleep(0.1)
        address: str = json.loads(file.read_text())["address"]
        from distributed import Client

        with Client(address) as client:
            client.wait_for_workers(workers, timeout=120)
        yield address
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def ingest(files: list[Path], folder: Path, how: str, workers: int, pages: int) -> Run:
    """Ingest into an empty store and measure; the cluster's start and end count as processor time, not by the clock."""
    store = folder / f"{how}-{workers}-{len(files)}"
    listed = folder / "in"
    listed.mkdir(exist_ok=True)
    for old in listed.iterdir():
        old.unlink()
    for file in files:
        (listed / file.name).symlink_to(file)
    command = [sys.executable, "-m", "pipeline.cli", "ingest", str(listed), "--store", str(store)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Memory() as memory:
        if how == "dask":
            with tempfile.TemporaryDirectory() as scratch, cluster(Path(scratch), workers) as address:
                begin = time.perf_counter()
                _run([*command, "--scheduler", address])
                seconds = time.perf_counter() - begin
        else:
            begin = time.perf_counter()
            _run([*command, "--workers", str(workers)], cores=workers)
            seconds = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with reading(store) as connection:
        facts = (connection.execute("select count(*) from facts").fetchone() or (0,))[0]
    size = published_path(store).stat().st_size / 2**20
    said, versions = logical_hash(store), f"{READING_VERSION}, {MEANING_VERSION}"
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return Run(how, workers, len(files), pages, facts, seconds, spent, memory.peak, size, said, versions, today)


def merged(new: list[Run], file: Path) -> list[Run]:
    """The runs of `file` that no new one replaces or contradicts, and the new ones."""
    old = [Run(**row) for row in json.loads(file.read_text())] if file.exists() else []
    done = {(run.how, run.workers, run.documents) for run in new}
    said = {run.documents: (run.versions, run.said) for run in new}
    versions = {run.versions for run in new}
    kept = [
        run
        for run in old
        if (run.how, run.workers, run.documents) not in done
        and run.versions in versions
        and said.get(run.documents, (run.versions, run.said)) == (run.versions, run.said)
    ]
    return sorted([*kept, *new], key=lambda run: (run.documents, run.how != "local", run.workers))


def _run(command: list[str], cores: int | None = None) -> None:
    """`cores`: so many processors and no more, so that publishing does not use one that no worker had."""
    allowed = sorted(os.sched_getaffinity(0))
    few = None if cores is None else lambda: os.sched_setaffinity(0, allowed[:cores])
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=few)
    if run.returncode not in (0, 1):  # 1: some documents failed, which is told in the store
        raise SystemExit(run.stderr[-2000:])


def keep(runs: list[Run], file: Path) -> None:
    """Writes them beside those of `file` that still count."""
    file.write_text(json.dumps([asdict(run) for run in merged(runs, file)], indent=1) + "\n")


def table(runs: list[Run]) -> str:
    head = ["run", "workers", "documents", "pages", "facts", "seconds", "processor s", "ms a page", "documents a minute",
            "efficiency, clock", "efficiency, processor", "memory, MiB"]  # fmt: skip
    rows = []
    for run in runs:
        one = next((r for r in runs if r.workers == 1 and r.documents == run.documents and r.how == "local"), None)
        if one is None:  # nothing to set it beside
            continue
        rows.append([
            run.how, run.workers, run.documents, run.pages, run.facts, f"{run.seconds:.0f}", f"{run.processor_seconds:.0f}",
            f"{1000 * run.processor_seconds / run.pages:.0f}", f"{60 * run.documents / run.seconds:.0f}",
            one.seconds / run.seconds / run.workers, one.processor_seconds / run.processor_seconds, f"{run.mebibytes:.0f}",
        ])  # fmt: skip
    return markdown(head, rows)


def estimate(runs: list[Run]) -> str:
    """What a year's pages would take: from the processor time of a page in the largest run, start-up left out by the
    difference to the smallest one."""
    local = _of(runs, "local", 1)
    page, kept = _page(local), 1.0
    for how, workers in _comparable(runs):
        some = _of(runs, how, workers)
        kept = min(kept, _page([run for run in local if run.documents <= some[-1].documents]) / _page(some))
    small, large = local[0], local[-1]
    rows = [
        [cores, f"{_time(YEAR * page / cores)}", f"{_time(YEAR * page / cores / (kept if cores > 1 else 1))}"]
        for cores in CORES
    ]
    text = markdown(["cores", "4 million pages, nothing lost", "with what was lost here"], rows)
    return (
        f"A page of the generated documents takes {1000 * page:.0f} ms of one core, all in all: reading, meaning, checks, "
        f"harvest and its share of the publish (from {small.documents} to {large.documents} documents of "
        f"{large.pages / large.documents:.1f} pages). A page more costs at most {1 / kept:.2f} times as much with "
        f"more workers or Dask. So a year's 4 million pages would take, by multiplication:\n\n{text}\n\n"
        "This is for born-digital table pages: a page of prose takes less, a scanned page some seconds for its text "
        "recognition alone. It leaves out the network and the disks of the cluster."
    )


def _comparable(runs: list[Run]) -> list[tuple[str, int]]:
    """What was measured for two counts of documents, at least, with no more workers than cores."""
    cores = os.cpu_count() or 1
    every = {(run.how, run.workers) for run in runs if run.workers <= cores} - {("local", 1)}
    return [(how, workers) for how, workers in sorted(every) if len(_of(runs, how, workers)) > 1]


def _of(runs: list[Run], how: str, workers: int) -> list[Run]:
    return sorted((run for run in runs if (run.how, run.workers) == (how, workers)), key=lambda run: run.documents)


def _page(runs: list[Run]) -> float:
    """Processor seconds of one page more."""
    return (runs[-1].processor_seconds - runs[0].processor_seconds) / (runs[-1].pages - runs[0].pages)


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds < 2 * 3600 else (
        f"{seconds / 3600:.1f} hours" if seconds < 3 * 86400 else f"{seconds / 86400:.1f} days"
    )  # fmt: skip


def show(runs: list[Run], save: bool) -> None:
    """Prints the table and the estimate, and writes them into the pages."""
    alike = {run.documents: {r.said for r in runs if r.documents == run.documents} for run in runs}
    assert all(len(said) == 1 for said in alike.values()), "runs of the same documents differ"
    if len({run.documents for run in runs if (run.how, run.workers) == ("local", 1)}) < 2:
        return print(table(runs), "\n\nno estimate: it wants two counts of documents")
    print(table(runs), "\n\n" + estimate(runs))
    if save:
        note = (
            "`python benchmarks/scale.py`. It ends with an error where two runs of the same documents give other stores. "
            "Processor seconds are those of all processes together, a cluster's start and end among them; the clock counts "
            "what else the machine did. A local run of n workers has n processors. "
            f"More workers than cores ({os.cpu_count()}) only show that they cost little."
        )
        days = sorted({run.measured for run in runs})
        note += f" Measured on {' and '.join(days)}." if len(days) > 1 else ""
        packages = ["duckdb", "distributed", "pypdfium2"]
        write_section("scale", "Documents and workers", f"{table(runs)}\n\n{note}", packages)
        write_section("estimate", "A year's reports", estimate(runs), packages, ROOT / "docs" / "scale.md")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--counts", type=int, nargs="+", default=[10, 40])
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options.add_argument("--how", choices=("local", "dask"), nargs="+", default=["local", "dask"])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--pdfs", type=Path, help="folder to generate into, or to use again")
    options.add_argument("--save", action="store_true")
    options.add_argument("--write", action="store_true", help="measure nothing: write the pages from what was saved")
    said = options.parse_args()
    if said.write:
        return show([Run(**row) for row in json.loads(FILE.read_text())], True)
    counts, runs = sorted(said.counts), []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        made = in_turn(generate(said.pdfs or folder / "pdf", counts[-1], said.seed))
        middle = counts[max(0, len(counts) - 2)]
        plan = [("local", 1, count) for count in counts]
        plan += [(how, workers, count) for how in said.how for workers in said.workers for count in (counts[0], middle)]
        for how, workers, count in sorted(dict.fromkeys(plan), key=lambda run: run[2]):
            runs.append(ingest(made[:count], folder, how, workers, pages_in(made[:count])))
            print(runs[-1], flush=True)
            if said.save:
                keep(runs, FILE)
    if said.save:
        runs = merged(runs, FILE)
    show(runs, said.save)


if __name__ == "__main__":
    main()
