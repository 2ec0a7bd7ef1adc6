"""Hostile files, and samples with bytes changed."""

from __future__ import annotations

import hashlib
import resource
import shutil
import time
from pathlib import Path
from typing import Any

from benchmarks import hostile
from benchmarks import mutations as changed
from benchmarks.fault_plan import SAMPLES, Plan, Result, part
from pipeline.ingest import Settings, Watch, ingest
from pipeline.store import reading

PEAK_MEBIBYTES = 1536


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


def _ingest_strangers(plan: Plan, result: Result, files: list[Path]) -> None:
    slowest: list[tuple[float, str]] = []

    class Times(Watch):
        def begin(self, total: int) -> None:
            self.last = time.monotonic()

        def step(self, document: Any) -> None:
            now = time.monotonic()
            slowest.append((round(now - self.last, 1), document.name))
            self.last = now

    summary = ingest([str(file) for file in files], Settings(plan.folder / "store", workers=1), None, Times())
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
    slow = [entry for entry in slowest if entry[0] > 62]
    if slow:
        result.failures.append(f"longer than 60 s: {slow[:5]}")
    if peak > PEAK_MEBIBYTES:
        result.failures.append(f"a child used {peak:.0f} MiB")
    result.figures = {"statuses": statuses, "peak_child_mebibytes": round(peak), "slowest": sorted(slowest)[-3:]}
