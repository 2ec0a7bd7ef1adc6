"""Many documents: limits, time and memory."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.fault_plan import FAKES, ROOT, SAMPLES, Plan, Result, lumbung, one_process, part
from pipeline.ingest import Settings, Watch, ingest
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


WORDS = {  # a change of normalizers/forms/units.toml -> the share of the samples that print the word
    "a new spelling that no document prints": ('"dokumn"', '"dokumn", "dokumnt"'),
    "a word that one document in five prints": ("Layanan =", '"Layanan Dasar" ='),
    "a word that all documents print": ("Dokumen =", '"Naskah Dinas" ='),
}


@part
def changed_word(plan: Plan, result: Result) -> None:
    """A changed word in a forms file: meaning is made again without a PDF (they are gone from the disk), in a tenth of the
    time of ingesting, both without publishing. In a copy of the project.
    """
    code, store, source = plan.folder / "code", plan.folder / "store", plan.folder / "in"
    for package in ("pipeline", "extractors", "normalizers"):
        shutil.copytree(ROOT / package, code / package, ignore=shutil.ignore_patterns("__pycache__"))
    samples, count = sorted(SAMPLES.glob("*.pdf")), plan.times(200)
    source.mkdir()
    for n in range(count):
        sample = samples[n % len(samples)]
        (source / f"{n}-{sample.name}").write_bytes(sample.read_bytes() + b"\n%% %d" % n)
    ingesting, _ = _timed(code, "ingest([sys.argv[2]], settings)", store, source)
    shutil.rmtree(source)
    forms = code / "normalizers" / "forms" / "units.toml"
    result.figures = {"ingest_seconds": round(ingesting, 1)}
    for name, (word, other) in WORDS.items():
        forms.write_text(forms.read_text(encoding="utf-8").replace(word, other, 1), encoding="utf-8")
        again, run = _timed(code, "reinterpret(settings)", store)
        result.tried += count
        result.figures[name] = f"{again:.1f} s, {run.stdout.strip()}"
        if run.returncode or again > ingesting / 10:
            result.failures.append(f"{name}: {again:.1f} s; ingesting took {ingesting:.1f} s {run.stderr[-200:]}")


def _timed(code: Path, does: str, *paths: Path) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Seconds of a process of its own that imports the project from `code`; the first path is the store."""
    program = (
        "import sys; from pathlib import Path; from pipeline.ingest import Settings, ingest, reinterpret; "
        f"settings = Settings(Path(sys.argv[1]), publish=False); summary = {does}; print(len(summary.outcomes), 'made'); "
        "sys.exit('; '.join(f'{d.name}: {d.error}' for d in summary.failed[:3]) or 0)"
    )
    start = time.monotonic()
    run = subprocess.run([sys.executable, "-c", program, *map(str, paths)], cwd=code, capture_output=True, text=True)
    return time.monotonic() - start, run
