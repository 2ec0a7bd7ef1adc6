"""CPU milliseconds a page by kind of page: the whole way (reading, meaning, checks, harvest written), reading alone, PDFium's
bare reading, pdfplumber and camelot, in the same run.

    python benchmarks/speed.py                    # sixty pages of each kind, median of 5 runs
    python benchmarks/speed.py --pages 1000       # every page of that kind
    python benchmarks/speed.py --kinds ruled prose --skip camelot

Ruled, prose and scanned pages come from data/raw (scans are its ruled pages drawn at 200 dpi), open ones are drawn from seed 1
(needs the extra `bench`). The engines take turns; each is warmed up first. Prints a table, writes
benchmarks/results/speed.json and the section `speed` of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import hashlib
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.results import markdown, write_section  # noqa: E402
from pipeline.worker import collect_rarely  # noqa: E402

KINDS = ("ruled", "open", "prose", "scan")
ENGINES = ("whole way", "reading", "PDFium", "pdfplumber", "camelot", "OCR")
LEFT_OUT = {"scan": {"pdfplumber", "camelot", "PDFium"}, "prose": {"camelot"}, "open": {"camelot"}}
SCAN_PAGES = 1
OWN = ("whole way", "reading")
ONCE = ("camelot",)  # engines that take too long to be run often
DPI = 200


def whole_way(path: Path) -> None:
    """As a child of `ingest` does it, without a second engine's reading."""
    from extractors.read import read_pdf
    from pipeline import harvests
    from pipeline.meaning import mean

    identity = hashlib.sha256(path.read_bytes()).hexdigest()
    reading = read_pdf(path)
    with tempfile.TemporaryDirectory() as folder:
        harvests.write_reading(Path(folder), identity, reading)
        key = harvests.meaning_key(path.name, {})
        harvests.write_meaning(Path(folder), mean(reading, identity, path.name), harvests.reading_key(), key)


def reading(path: Path) -> None:
    from extractors.read import read_pdf

    read_pdf(path)


def bare_pdfium(path: Path) -> None:
    """The text, the box of every character, and the box and segments of every drawing object, through pypdfium2's binding."""
    import pypdfium2 as pdfium
    import pypdfium2.raw as raw

    box, four = raw.FS_RECTF(), [ctypes.c_float() for _ in range(4)]
    document = pdfium.PdfDocument(path)
    for index in range(len(document)):
        page = raw.FPDF_LoadPage(document.raw, index)
        text = raw.FPDFText_LoadPage(page)
        count = raw.FPDFText_CountChars(text)
        raw.FPDFText_GetText(text, 0, count, (ctypes.c_ushort * (2 * count + 2))())
        for i in range(count):
            raw.FPDFText_GetLooseCharBox(text, i, box)
        for i in range(raw.FPDFPage_CountObjects(page)):
            item = raw.FPDFPage_GetObject(page, i)
            raw.FPDFPageObj_GetBounds(item, *four)
            if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_PATH:
                for j in range(raw.FPDFPath_CountSegments(item)):
                    raw.FPDFPathSegment_GetPoint(raw.FPDFPath_GetPathSegment(item, j), four[0], four[1])
        raw.FPDFText_ClosePage(text)
        raw.FPDF_ClosePage(page)
    document.close()


def plumber(path: Path) -> None:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            page.extract_tables()
            page.close()


def camelot_lattice(path: Path) -> None:
    import camelot

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = getattr(camelot, "read_pdf")  # noqa: B009  (camelot does not export it to type checkers)
        read(str(path), flavor="lattice", split_text=True, pages="all", suppress_stdout=True)


class Recognising:
    """The CPU time that recognisers take within a reading."""

    def __init__(self) -> None:
        from extractors import ocr

        self.seconds = 0.0
        for name in ("PaddleRecogniser", "TesseractRecogniser"):
            kind = getattr(ocr, name, None)
            if kind is not None:
                kind.read = self._timed(kind.read)

    def _timed(self, read: Callable[..., object]) -> Callable[..., object]:
        def timed(*arguments: object, **named: object) -> object:
            start = _now()
            try:
                return read(*arguments, **named)
            finally:
                self.seconds += _now() - start

        return timed


RUN: dict[str, Callable[[Path], None]] = {
    "whole way": whole_way,
    "reading": reading,
    "PDFium": bare_pdfium,
    "pdfplumber": plumber,
    "camelot": camelot_lattice,
}


def _now() -> float:
    """CPU seconds of this process and of the children that have ended."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


# -- pages --------------------------------------------------------------------------


def documents(folder: Path, kinds: Sequence[str], most: int) -> dict[str, tuple[Path, int]]:
    """For each kind one PDF of at most so many pages, spread over all that there are, and their number."""
    from extractors.read import read_pdf

    files = sorted((ROOT / "data" / "raw").glob("*.pdf"))
    pages = [(file, info.page, info.kind) for file in files for info in read_pdf(file).pages]
    made: dict[str, tuple[Path, int]] = {}
    for kind in kinds:
        path = folder / f"{kind}.pdf"
        if kind == "open":
            opened = _open_pages(folder)
            chosen = [(file, page) for file in opened for page in range(2, len(read_pdf(file).pages) + 1)]
        else:
            chosen = [
                (file, page) for file, page, is_kind in pages if is_kind == ("prose" if kind == "prose" else "ruled")
            ]
        chosen = _runs(chosen, min(most, SCAN_PAGES) if kind == "scan" else most)
        (_draw if kind == "scan" else _gather)(chosen, path)
        made[kind] = path, len(chosen)
    return made


def _runs(pages: list[tuple[Path, int]], most: int) -> list[tuple[Path, int]]:
    """At most so many, as many of each document, and those in a row: as they stand in reports."""
    of: dict[Path, list[tuple[Path, int]]] = {}
    for page in pages:
        of.setdefault(page[0], []).append(page)
    chosen: list[tuple[Path, int]] = []
    for left, own in zip(range(len(of), 0, -1), sorted(of.values(), key=len), strict=True):
        chosen += own[: max(1, (most - len(chosen)) // left)]
    return chosen[:most]


def _open_pages(folder: Path) -> list[Path]:
    """Documents of seed 1 to 4 whose tables have neither rules nor colours."""
    from dataclasses import replace

    from benchmarks.generate.documents import document
    from benchmarks.generate.paper import Paper

    class Open(Paper):
        def _rules(self, *_: object) -> None:
            return

    made = []
    for seed, kind in enumerate(("tc29", "tc33", "sipd", "lra"), start=1):
        doc, look = document(kind, seed)
        made.append(folder / f"{kind}.pdf")
        Open(made[-1], replace(look, rotated=False, shaded=False)).draw(doc)
    return made


def _gather(pages: Sequence[tuple[Path, int]], path: Path) -> None:
    import pypdfium2 as pdfium

    whole = pdfium.PdfDocument.new()
    for file in dict.fromkeys(file for file, _ in pages):
        with pdfium.PdfDocument(file) as document:  # all at once, so that they share their fonts as in the report
            whole.import_pages(document, [number - 1 for own, number in pages if own == file])
    whole.save(path)
    whole.close()


def _draw(pages: Sequence[tuple[Path, int]], path: Path) -> None:
    import pypdfium2 as pdfium

    pictures = []
    for file, number in pages:
        with pdfium.PdfDocument(file) as document:
            pictures.append(document[number - 1].render(scale=DPI / 72, grayscale=True).to_pil())
    pictures[0].save(path, save_all=True, append_images=pictures[1:], resolution=DPI)


# -- measuring --------------------------------------------------------------------------


@contextmanager
def collector(engine: str) -> Iterator[None]:
    """Garbage is collected as whoever uses the engine has it: rarely in a child of ours that reads, else as Python does."""
    gc.collect()
    thresholds = gc.get_threshold()
    if engine in OWN:
        collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def measure(path: Path, pages: int, engines: Sequence[str], repeat: int) -> dict[str, float]:
    """Median CPU milliseconds a page of each engine; they take turns."""
    spent: dict[str, list[float]] = {engine: [] for engine in engines}
    clock = Recognising() if "OCR" in engines else None
    run = [engine for engine in engines if engine in RUN]
    for turn in range(-1, repeat):
        for engine in run if turn < 1 else [engine for engine in run if engine not in ONCE]:
            if turn < 0 and engine in ONCE:
                continue
            before = clock.seconds if clock else 0.0
            with collector(engine):
                start = _now()
                RUN[engine](path)
                seconds = _now() - start
            if turn >= 0:  # the first turn is for warming up
                spent[engine].append(seconds / pages * 1000)
                if clock and engine == "reading":
                    spent["OCR"].append((clock.seconds - before) / pages * 1000)
    return {engine: statistics.median(times) for engine, times in spent.items() if times}


def report(rows: dict[str, tuple[int, dict[str, float]]], repeat: int) -> str:
    """Markdown: milliseconds, and in brackets how many times the whole way."""
    lines = []
    for kind, (pages, spent) in rows.items():
        own = spent["whole way"]
        cells = [
            f"{spent[e]:.2f}" + ("" if e == "whole way" else f" ({spent[e] / own:.1f}x)") if e in spent else ""
            for e in ENGINES
        ]
        lines.append([f"{kind} ({pages} pages)", *cells])
    table = markdown(["kind of page", *(f"{engine}, ms" for engine in ENGINES)], lines)
    return (
        f"`python benchmarks/speed.py`: CPU milliseconds a page, median of {repeat} runs in one process; in brackets how many "
        "times the whole way (reading, meaning, checks, harvest written). PDFium: text, the box of every character and every "
        "drawing object and their segments, through pypdfium2's binding. pdfplumber: `extract_tables`. camelot: lattice. OCR: "
        "the share of the recognisers in reading. camelot and scans: one run. Garbage is collected as users of each "
        "have it: in the whole way as in a child that reads, else as Python does by itself."
        f"\n\n{table}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU milliseconds a page by kind of page and engine")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=KINDS)
    parser.add_argument("--pages", type=int, default=60, help="pages of each kind (scans: one)")
    parser.add_argument("--skip", nargs="*", default=[], choices=ENGINES[1:])
    parser.add_argument("--repeat", type=int, default=5, help="runs of each; the median counts")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "speed.json")
    given = parser.parse_args()
    rows: dict[str, tuple[int, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, (path, pages) in documents(Path(folder), given.kinds, given.pages).items():
            left_out = {*given.skip, *LEFT_OUT.get(kind, ())} | (set() if kind == "scan" else {"OCR"})
            engines = [engine for engine in ENGINES if engine not in left_out]
            repeat = 1 if kind == "scan" else given.repeat  # a scanned page takes seconds
            rows[kind] = pages, measure(path, pages, engines, repeat)
            print(kind, pages, {engine: round(spent, 2) for engine, spent in rows[kind][1].items()}, flush=True)
    text = report(rows, given.repeat)
    print(text)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    told = {kind: {"pages": pages, "milliseconds": spent} for kind, (pages, spent) in rows.items()}
    about = {"python": platform.python_version(), "machine": platform.machine(), "repeat": given.repeat, "kinds": told}
    given.out.write_text(json.dumps(about, indent=1) + "\n")
    packages = ("pypdfium2", "numpy", "pdfplumber", "camelot-py", "rapidocr")
    write_section("speed", "Speed by kind of page", text, packages)


if __name__ == "__main__":
    main()
