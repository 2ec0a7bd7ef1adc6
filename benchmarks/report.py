"""One long mixed report: clock, processor seconds and memory of an ingest into an empty store, with one worker and with two.

    python benchmarks/report.py [--pages 300] [--workers 1 2] [--runs 3] [--save]

The report is put together of the samples of data/raw and of generated documents (`benchmarks.generate`, seed 1), once with one
page that is the picture of a scanner (200 dpi) and once without. Prints a table: the best run of each; `--save` writes the
section `report` of docs/benchmarks.md. Start-up and publish are in all figures of an ingest; the parts are measured in one
process without them.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.results import markdown, write_section  # noqa: E402
from benchmarks.scale import Memory, generate, in_turn  # noqa: E402

PARTS = """
import sys, tempfile, time
from pathlib import Path
begin = time.process_time()
from extractors import read as pages
from extractors.witnesses import call_witnesses
from pipeline import harvests
from pipeline.meaning import mean
path, spent, scanned, real = Path(sys.argv[1]), [time.process_time() - begin], [0.0], pages._read_scanned
def timed(*given):
    start = time.process_time()
    result = real(*given)
    scanned[0] += time.process_time() - start if result else 0.0
    return result
pages._read_scanned = timed
def part(does):
    start = time.process_time()
    result = does()
    spent.append(time.process_time() - start)
    return result
reading = part(lambda: pages.read_pdf(path))
reading = part(lambda: call_witnesses(path, reading))
harvest = part(lambda: mean(reading, "0" * 64, path.name))
with tempfile.TemporaryDirectory() as folder:
    root, key = Path(folder), harvests.reading_key()
    part(lambda: (harvests.write_reading(root, "0" * 64, reading),
                  harvests.write_meaning(root, harvest, key, harvests.meaning_key(path.name, {}))))
print(*spent, scanned[0])
"""  # in a process of its own: imports and memory are those of one child


@dataclass(frozen=True, slots=True)
class Run:
    """One ingest. `mebibytes`: the peak of its processes together; `scanned`: pages of the report that are pictures."""

    scanned: int
    workers: int
    seconds: float
    processor_seconds: float
    mebibytes: float


def mixed_report(path: Path, pages: int, scratch: Path, scanned: int = 1) -> Path:
    """A report of so many pages, the last but one hundred of them the picture of a page of prose, or none of them."""
    import pikepdf

    whole = pikepdf.new()
    for page in _pages(scratch):
        if len(whole.pages) == pages:
            break
        whole.pages.append(page)
    if not scanned:
        whole.save(path)
        return path
    with pikepdf.open(_scanned(scratch)) as picture:
        whole.pages.insert(max(0, pages - 100), picture.pages[0])
        del whole.pages[pages:]
        whole.save(path)
    return path


def _pages(scratch: Path) -> Iterator[pikepdf.Page]:
    """The pages of the samples, then those of generated documents."""
    import pikepdf

    samples = sorted((ROOT / "data" / "raw").glob("*.pdf"))
    for file in [*samples, *in_turn(generate(scratch / "generated", 90, 1))]:
        yield from pikepdf.open(file).pages


def _scanned(scratch: Path) -> Path:
    """The page with the most prose of the first sample, as an office scanner saves it."""
    from benchmarks.ocr import as_pdf, spoiled, truth_and_picture
    from extractors.read import read_pdf

    sample = min((ROOT / "data" / "raw").glob("*.pdf"))
    reading = read_pdf(sample)
    prose = [page.page for page in reading.pages if page.kind == "prose"]
    number = max(prose, key=lambda page: sum(len(line.text) for line in reading.lines if line.page == page))
    made = scratch / "scan.pdf"
    made.write_bytes(as_pdf(spoiled(truth_and_picture(sample, number, 200)[1], "office, 200 dpi", 1)))
    return made


def ingest(report: Path, scanned: int, workers: int, folder: Path) -> Run:
    store = folder / "store"
    shutil.rmtree(store, ignore_errors=True)
    command = [sys.executable, "-m", "pipeline.cli", "ingest", str(report), "--store", str(store)]
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with Memory() as memory:
        subprocess.run([*command, "--workers", str(workers)], check=True, cwd=ROOT, capture_output=True)
        seconds = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(scanned, workers, seconds, spent, memory.peak)


def parts(report: Path) -> dict[str, float]:
    """Processor seconds of the parts, in one process."""
    run = subprocess.run(
        [sys.executable, "-c", PARTS, str(report)], check=True, cwd=ROOT, capture_output=True, text=True
    )
    start, read, witnesses, meaning, written, scanned = map(float, run.stdout.split())
    return {"start": start, "pages": read - scanned, "the scanned page": scanned, "witnesses": witnesses,
            "meaning and checks": meaning, "harvest written": written}  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--pages", type=int, default=300)
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--save", action="store_true")
    said = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        best = []
        for scanned in (0, 1):
            report = mixed_report(folder / f"mixed-{scanned}.pdf", said.pages, folder, scanned)
            for workers in said.workers:
                runs = [ingest(report, scanned, workers, folder) for _ in range(said.runs)]
                best.append(min(runs, key=lambda run: run.seconds))
        spent = parts(report)
    head = ["scanned pages", "workers", "seconds", "processor s", "memory, MiB"]
    text = markdown(head, [[r.scanned, r.workers, r.seconds, r.processor_seconds, f"{r.mebibytes:.0f}"] for r in best])
    text += "\n\n" + markdown(["part", "processor s"], [[name, seconds] for name, seconds in spent.items()])
    print(text)
    if said.save:
        note = f"`python benchmarks/report.py`: {said.pages} pages; the best of {said.runs} runs; the parts with a scanned page."
        write_section("report", "One long report", f"{text}\n\n{note}", ["duckdb", "pypdfium2", "rapidocr"])


if __name__ == "__main__":
    main()
