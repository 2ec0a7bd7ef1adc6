"""Many documents: limits, time and memory."""

from __future__ import annotations

import os
import resource
import shutil
import time
from pathlib import Path
from typing import Any

from benchmarks.fault_plan import FAKES, SAMPLES, Plan, Result, lumbung, one_process, part
from pipeline.ingest import Settings, Watch, ingest, reinterpret
from tests.fakes import fact, pdf


@part
def limits_hold(plan: Plan, result: Result) -> None:
    """The samples, again and again, at the default limit: never a false limit_memory."""
    for n in range(plan.times(20)):
        summary = ingest([str(SAMPLES)], Settings(plan.folder / str(n), workers=2))
        result.tried += 1
        result.failures += [f"{n}: {d.name}: {d.status}" for d in summary.failed]
        shutil.rmtree(plan.folder / str(n))
    result.figures = {"peak_child_mebibytes": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)}


def resident() -> float:
    """MiB of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@part
def unchanged(plan: Plan, result: Result) -> None:
    """1,000 documents known and unchanged: a refresh in under 10 s."""
    count, store = plan.times(1000), plan.folder / "store"
    for n in range(count):
        pdf(plan.folder / "in" / f"{n}.pdf", fact(value=str(n)))
    (plan.folder / "sources.toml").write_text('[[publisher]]\nname = "one"\nfolders = ["in"]\n')
    with one_process():
        ingest([str(plan.folder / "in")], Settings(store, engine=FAKES))
    words = ("refresh", "--sources", plan.folder / "sources.toml", "--engine", FAKES)
    lumbung(store, *words)
    start, before = time.monotonic(), _computing()
    run = lumbung(store, *words)
    wall, seconds = time.monotonic() - start, _computing() - before  # other work on the machine does not count
    result.tried = count
    if run.returncode != 0 or seconds > 10 or f"{count} unchanged" not in run.stdout:
        result.failures.append(f"{seconds:.1f} s, exit {run.returncode}: {run.stdout[-300:]}{run.stderr[-300:]}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    result.figures = {
        "seconds_of_computing": round(seconds, 2),
        "seconds": round(wall, 2),
        "peak_mebibytes": round(peak),
    }


def _computing() -> float:
    """Seconds of CPU that ended children have used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@part
def soak(plan: Plan, result: Result) -> None:
    """200 documents in one run: the parent grows by less than 1 MiB a hundred while it reads."""
    for n in range(plan.times(200)):
        pdf(plan.folder / "in" / f"{n}.pdf", *(fact(value=str(n + m)) for m in range(50)))
    memory: list[float] = []

    class Meter(Watch):
        def step(self, document: Any) -> None:
            memory.append(resident())

    ingest([str(plan.folder / "in")], Settings(plan.folder / "store", engine=FAKES, publish=False), None, Meter())
    begin = len(memory) // 10
    growth = (memory[-1] - memory[begin]) / max(1, len(memory) - begin) * 100
    result.tried = len(memory)
    if growth > 1:
        result.failures.append(f"grows by {growth:.2f} MiB a hundred documents")
    result.figures = {"mebibytes_per_hundred": round(growth, 3), "resident_mebibytes": round(memory[-1])}


@part
def changed_word(plan: Plan, result: Result) -> None:
    """A changed word in a forms file: meaning is made again without a PDF (they are gone from the disk)."""
    from pipeline import keys

    samples, source = sorted(SAMPLES.glob("*.pdf")), plan.folder / "in"
    source.mkdir()
    count = plan.times(200)
    for n in range(count):
        sample = samples[n % len(samples)]
        (source / f"{n}-{sample.name}").write_bytes(sample.read_bytes() + b"\n%% %d" % n)
    store = plan.folder / "store"
    start = time.monotonic()
    ingest([str(source)], Settings(store, publish=False))
    ingesting = time.monotonic() - start
    shutil.rmtree(source)
    truth = keys.reference_hash
    keys.reference_hash = lambda: "changed"  # type: ignore[assignment]
    try:
        start = time.monotonic()
        summary = reinterpret(Settings(store, publish=False))
        again = time.monotonic() - start
    finally:
        keys.reference_hash = truth
    result.tried = len(summary.outcomes)
    result.failures += [f"{d.name}: {d.status} {d.error}" for d in summary.failed]
    if len(summary.outcomes) != count or again > ingesting / 10:
        result.failures.append(f"{len(summary.outcomes)} documents in {again:.1f} s; ingesting took {ingesting:.1f} s")
    result.figures = {"ingest_seconds": round(ingesting, 1), "reinterpret_seconds": round(again, 1)}
