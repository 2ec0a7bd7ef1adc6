"""Hostile files, and samples with bytes changed."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import time
from pathlib import Path
from typing import Any

from benchmarks import hostile
from benchmarks import mutations as changed
from benchmarks.fault_plan import SAMPLES, Plan, Result, part, show
from pipeline.crowd import processor_seconds
from pipeline.ingest import Settings, Watch, ingest
from pipeline.store import reading

PEAK_MEBIBYTES = 1536
SECONDS = 60  # by the clock, from one document's end to the next one's
SLOW = 10


@part
def hostile_files(plan: Plan, result: Result) -> None:
    """Every kind of hostile file: classified within the limits, the parent lives, the good one is published."""
    made = hostile.write_all(plan.folder / "in", plan.times(10))
    good = shutil.copy(next(SAMPLES.glob("rkt*.pdf")), plan.folder / "in" / "good.pdf")
    _ingest_strangers(plan, result, [*made, Path(good)])
    with reading(plan.folder / "store") as connection:
        row = connection.execute("select count(*) from facts where document = 'good.pdf'").fetchone()
    if not row or not row[0]:
        result.failures.append("the good document is not published")
    result.figures["kinds"] = len(hostile.KINDS)


@part
def mutations(plan: Plan, result: Result) -> None:
    """Samples with bytes changed: no crash of the run, and no verified value that the page does not print."""
    tally = changed.run(sorted(SAMPLES.glob("*.pdf")), plan.folder, 0, plan.times(2000))
    result.tried, result.failures = tally.documents, tally.wrong
    result.figures = {"verified_values": dict(tally.counts), "statuses": dict(tally.statuses)}


class _Times(Watch):
    """How long each document took by the clock, and what its child took of a processor; slow ones are told at once."""

    def __init__(self, result: Result) -> None:
        self.result, self.times = result, list[tuple[float, float, str, str]]()

    def begin(self, total: int) -> None:
        self.last, self.total = self._now(), total

    def step(self, document: Any) -> None:
        now = self._now()
        clock, processor = (round(b - a, 1) for a, b in zip(self.last, now, strict=True))
        self.last = now
        self.times.append((clock, processor, document.name, document.status))
        if clock > SLOW:
            print(f"{clock:6.1f} s, {processor:5.1f} of the processor: {document.name} {document.status}", flush=True)
        self.result.tried = len(self.times)
        show(self.result, f"{document.name}, of {self.total}")

    def _now(self) -> tuple[float, float]:
        """The clock, and the seconds of a processor of all children, those that live and those that have ended."""
        own = time.process_time()
        return time.monotonic(), processor_seconds(os.getpid()) - own


def _ingest_strangers(plan: Plan, result: Result, files: list[Path]) -> None:
    watch = _Times(result)
    summary = ingest([str(file) for file in files], Settings(plan.folder / "store", workers=1), None, watch)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    statuses: dict[str, int] = {}
    for document in summary.outcomes:
        statuses[document.status] = statuses.get(document.status, 0) + 1
    result.tried = len(files)
    classified = {d.name for d in summary.outcomes}
    missing = [f.name for f in files if f.name not in classified]
    contents = {hashlib.sha256(file.read_bytes()).digest() for file in files}
    if len(summary.outcomes) != len(contents):  # equal bytes are one document
        result.failures.append(f"{len(contents)} files, {len(summary.outcomes)} classified; not: {missing[:5]}")
    slow = [entry for entry in watch.times if entry[0] > SECONDS]
    if slow:
        result.failures.append(f"{len(slow)} longer than {SECONDS} s by the clock: {sorted(slow)[-5:]}")
    if peak > PEAK_MEBIBYTES:
        result.failures.append(f"a child used {peak:.0f} MiB")
    result.figures = {
        "statuses": statuses, "peak_child_mebibytes": round(peak), "slowest": sorted(watch.times)[-5:],
        "classified": len(summary.outcomes), "different_bytes": len(contents),
    }  # fmt: skip
