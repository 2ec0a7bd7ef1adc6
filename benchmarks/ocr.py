"""Scans: table pages of the samples printed, spoiled and read again, cell by cell against the born-digital page.

    python benchmarks/ocr.py                      # one page, three kinds of scan (a minute)
    python benchmarks/ocr.py --full               # five pages, every kind of scan
    python benchmarks/ocr.py --full --no-second   # without the second recogniser

The spoiling is simulated with a fixed seed: resolution, skew, blur, noise, JPEG, faint and broken rules, curl, a
stamp, ink of the other side shining through, pages on their side or head. Beside it stands plain Tesseract on the
whole page (amounts found anywhere). Prints one line a kind of scan and writes benchmarks/results/ocr.json.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.results import markdown, write_section  # noqa: E402
from extractors.lattice import Grid  # noqa: E402
from extractors.ocr import LineReading, Recogniser  # noqa: E402
from extractors.ocr_text import skeleton  # noqa: E402
from extractors.pages import open_pdf, read_page  # noqa: E402
from extractors.ruled import find_grids  # noqa: E402
from extractors.scanned import Readers, read_scan, readers  # noqa: E402

Gray = npt.NDArray[np.uint8]
RAW = ROOT / "data" / "raw"
PAGES = (
    ("renja-2024-bkpsdm-bengkulu-selatan.pdf", 8),
    ("renja-2024-bkpsdmd-tanjung-jabung-barat.pdf", 20),
    ("renja-2024-bkpsdm-pasuruan.pdf", 9),
    ("lkjip-2024-bkd-provinsi-bengkulu.pdf", 5),
    ("rkt-2024-bkpsdm-way-kanan.pdf", 13),
)
SURE = 0.9


@dataclass
class Scan:
    """A picture at work: `gray`, its resolution, and the dice."""

    gray: Gray
    dpi: float
    dice: np.random.Generator


@dataclass
class Score:
    """Counts over the non-empty cells of the born-digital tables; `numbers` are cells with a digit."""

    cells: int = 0
    cells_exact: int = 0
    numbers: int = 0
    found: int = 0
    exact: int = 0
    sure: int = 0
    sure_wrong: int = 0
    grids_right: int = 0
    grids: int = 0
    seconds: float = 0.0
    cpu: float = 0.0  # seconds of this process and of its children
    ocr_cpu: float = 0.0  # of it in the recognisers
    pages: int = 0
    plain_found: int = 0
    plain_seconds: float = 0.0
    wrong: list[dict[str, object]] = field(default_factory=list)


def cpu_seconds() -> float:
    """Of this process and of the programs that it ran."""
    own, run = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + run.ru_utime + run.ru_stime


@dataclass
class Timed:
    """A recogniser whose processor time is counted."""

    inner: Recogniser
    cpu: float = 0.0

    name: str = ""

    def __post_init__(self) -> None:
        self.name = self.inner.name

    def read(self, lines: Sequence[Gray]) -> list[LineReading]:
        start = cpu_seconds()
        readings = self.inner.read(lines)
        self.cpu += cpu_seconds() - start
        return readings


# ---------------------------------------------------------------------------------------------- spoiling


def skew(scan: Scan, degrees: float) -> None:
    high, wide = scan.gray.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1)
    scan.gray = np.asarray(cv2.warpAffine(scan.gray, turn, (wide, high), borderValue=255), np.uint8)


def dirt(scan: Scan, noise: float, blur: float, jpeg: int) -> None:
    if blur:
        scan.gray = np.asarray(cv2.GaussianBlur(scan.gray, (0, 0), blur), np.uint8)
    shade = 1 - 0.08 * np.linspace(0, 1, scan.gray.shape[1])[None, :] ** 3
    noisy = scan.gray * shade + scan.dice.normal(0, noise, scan.gray.shape)
    scan.gray = np.clip(noisy, 0, 255).astype(np.uint8)
    for _ in range(40):
        y, x = (int(scan.dice.integers(0, size)) for size in scan.gray.shape)
        cv2.circle(scan.gray, (x, y), int(scan.dice.integers(1, 3)), 40, -1)
    packed = cv2.imencode(".jpg", scan.gray, [cv2.IMWRITE_JPEG_QUALITY, jpeg])[1]
    scan.gray = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


def pale(scan: Scan) -> None:
    """Worn toner: paler print, rules nearly gone and broken."""
    gray = 255 - (255 - scan.gray.astype(np.float32)) * 0.55
    length = round(0.6 * scan.dpi)
    for shape in ((1, length), (length, 1)):
        rule = cv2.morphologyEx(255 - scan.gray, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) > 60
        gray[rule] = 255 - (255 - gray[rule]) * 0.5
        for _ in range(60):
            y, x = (int(scan.dice.integers(0, size)) for size in gray.shape)
            part = slice(max(0, y - 5), y + 6), slice(max(0, x - 5), x + 6)
            gray[part][rule[part]] = 255
    scan.gray = gray.clip(0, 255).astype(np.uint8)


def curl(scan: Scan) -> None:
    """The page's edge bent upwards by 6 points."""
    high, wide = scan.gray.shape
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    lift = (6 * scan.dpi / 72) * (x / wide) ** 3
    bent = cv2.remap(scan.gray, x, (y + lift).astype(np.float32), cv2.INTER_LINEAR, borderValue=255)
    scan.gray = np.asarray(bent, np.uint8)


def stamp(scan: Scan) -> None:
    """A round stamp in mid grey over the table."""
    high, wide = scan.gray.shape
    layer = np.full_like(scan.gray, 255)
    unit = scan.dpi / 72
    middle = (int(wide * scan.dice.uniform(0.4, 0.7)), int(high * scan.dice.uniform(0.4, 0.6)))
    for radius in (40, 36, 22):
        cv2.circle(layer, middle, int(radius * unit), 150, max(1, int(1.2 * unit)), cv2.LINE_AA)
    place = (middle[0] - int(20 * unit), middle[1])
    cv2.putText(layer, "DINAS", place, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * unit, 150, max(1, int(unit)))
    scan.gray = np.minimum(scan.gray, layer)


def shine_through(scan: Scan) -> None:
    back = cv2.GaussianBlur(np.ascontiguousarray(scan.gray[:, ::-1]), (0, 0), 2)
    scan.gray = np.minimum(scan.gray, (255 - (255 - back.astype(np.float32)) * 0.16).astype(np.uint8))


def turn(scan: Scan, quarters: int) -> None:
    scan.gray = np.ascontiguousarray(np.rot90(scan.gray, quarters))


#: name -> (dpi, the spoiling in order)
KINDS: dict[str, tuple[float, list[Callable[[Scan], None]]]] = {
    "office, 200 dpi": (200, [lambda s: skew(s, 0.6), lambda s: dirt(s, 6, 0.6, 60)]),
    "poor, 150 dpi": (150, [lambda s: skew(s, -1.2), lambda s: dirt(s, 10, 0.7, 45)]),
    "fine, 300 dpi, 2 degrees": (300, [lambda s: skew(s, 2.0), lambda s: dirt(s, 8, 1.0, 50)]),
    "pale, broken rules": (200, [pale, lambda s: skew(s, -0.4), lambda s: dirt(s, 7, 0.6, 50)]),
    "curled edge": (200, [curl, lambda s: skew(s, 0.5), lambda s: dirt(s, 6, 0.6, 60)]),
    "stamp": (200, [stamp, lambda s: skew(s, 0.3), lambda s: dirt(s, 6, 0.6, 60)]),
    "shining through": (200, [shine_through, lambda s: skew(s, -0.8), lambda s: dirt(s, 6, 0.6, 60)]),
    "on its head": (200, [lambda s: skew(s, 0.7), lambda s: dirt(s, 6, 0.6, 60), lambda s: turn(s, 2)]),
    "on its side": (200, [lambda s: skew(s, -0.7), lambda s: dirt(s, 6, 0.6, 60), lambda s: turn(s, 1)]),
}
SHORT = ("office, 200 dpi", "poor, 150 dpi", "on its head")


# ---------------------------------------------------------------------------------------------- measuring


def truth_and_picture(path: Path, number: int, dpi: float) -> tuple[list[Grid], Gray]:
    with open_pdf(path) as document:
        grids = find_grids(read_page(document, number)).grids
        page = document[number - 1]
        bitmap = page.render(scale=dpi / 72, grayscale=True)
        gray = np.array(bitmap.to_numpy(), np.uint8)
        page.close()
    return grids, gray if gray.ndim == 2 else gray[..., 0]


def spoiled(gray: Gray, kind: str, seed: int) -> Scan:
    dpi, steps = KINDS[kind]
    scan = Scan(gray, dpi, np.random.default_rng(seed))
    for step in steps:
        step(scan)
    return scan


def as_pdf(scan: Scan) -> bytes:
    """A page that is nothing but the picture, as an office scanner saves it."""
    stream = io.BytesIO()
    Image.fromarray(scan.gray).save(stream, "PDF", resolution=scan.dpi, quality=90)
    return stream.getvalue()


def compare(truth: list[Grid], read: list[Grid], score: Score, where: str) -> None:
    score.grids += len(truth)
    score.grids_right += sum(
        (a.n_rows, a.n_columns) == (b.n_rows, b.n_columns) for a, b in zip(truth, read, strict=False)
    )
    for i, grid in enumerate(truth):
        got = {(cell.row, cell.column): cell for cell in read[i].cells} if i < len(read) else {}
        for cell in grid.cells:
            want = skeleton(cell.text)
            if not want:
                continue
            answer = got.get((cell.row, cell.column))
            right = answer is not None and skeleton(answer.text) == want
            score.cells += 1
            score.cells_exact += right
            if not any(c.isdigit() for c in want):
                continue
            score.numbers += 1
            score.found += answer is not None and bool(answer.text)
            score.exact += right
            sure = answer is not None and answer.confidence >= SURE
            score.sure += sure
            score.sure_wrong += sure and not right
            if not right:
                said = (answer.text, answer.confidence) if answer else (None, None)
                score.wrong.append({"where": where, "printed": cell.text, "read": said[0], "confidence": said[1]})


def plain_tesseract(gray: Gray, truth: list[Grid], score: Score) -> None:
    """Tesseract on the whole page: which of the printed amounts stand anywhere in its text."""
    wanted = Counter(skeleton(c.text) for g in truth for c in g.cells if any(d.isdigit() for d in c.text))
    with tempfile.TemporaryDirectory() as folder:
        name = str(Path(folder, "page.png"))
        cv2.imwrite(name, gray)
        start = cpu_seconds()
        command = ["tesseract", name, "-", "-l", "ind+eng", "--psm", "3"]
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        text = subprocess.run(command, capture_output=True, text=True, check=False, env=environment).stdout
        score.plain_seconds += cpu_seconds() - start
    seen = Counter(text.split())
    score.plain_found += sum(min(n, seen[number]) for number, n in wanted.items())


def measure(kind: str, pages: list[tuple[str, int]], using: Readers, plain: bool) -> Score:
    score = Score()
    for seed, (name, number) in enumerate(pages):
        truth, gray = truth_and_picture(RAW / name, number, KINDS[kind][0])
        scan = spoiled(gray, kind, seed)
        with pdfium.PdfDocument(as_pdf(scan)) as document:
            timed = [Timed(using.main), *([Timed(using.second)] if using.second else [])]
            start, before = time.perf_counter(), cpu_seconds()
            read = read_scan(document[0], 1, None, Readers(timed[0], timed[1] if len(timed) > 1 else None))
            score.seconds += time.perf_counter() - start
            score.cpu += cpu_seconds() - before
            score.ocr_cpu += sum(one.cpu for one in timed)
        score.pages += 1
        compare(truth, read.grids, score, f"{name} page {number}")
        if plain:
            plain_tesseract(scan.gray, truth, score)
    return score


def show(kind: str, score: Score) -> None:
    share = 100 / max(1, score.numbers)
    plain = (
        f"{score.plain_found * share:6.1f} %  {score.plain_seconds / score.pages:5.1f} s" if score.plain_seconds else ""
    )
    print(
        f"{kind:26} {score.grids_right:3}/{score.grids:<3} {100 * score.cells_exact / max(1, score.cells):6.1f} %"
        f" {score.numbers:6} {score.found * share:6.1f} % {score.exact * share:6.1f} % {score.sure * share:6.1f} %"
        f" {score.sure_wrong:6}  {score.cpu / score.pages:5.1f} s {score.cpu / max(score.ocr_cpu, 1e-9):5.2f} x  {plain}",
        flush=True,
    )


def in_markdown(measured: dict[str, Score]) -> str:
    head = ("kind of scan", "pages", "numbers", "exact %", "sure %", "sure and wrong", "CPU s/page", "times its OCR",
            "plain Tesseract: found %", "CPU s/page")  # fmt: skip
    rows = []
    for kind, one in measured.items():
        share, pages = 100 / max(1, one.numbers), max(1, one.pages)
        rows.append(
            (kind, one.pages, one.numbers, one.exact * share, one.sure * share, one.sure_wrong, one.cpu / pages,
             one.cpu / max(one.ocr_cpu, 1e-9), one.plain_found * share, one.plain_seconds / pages)
        )  # fmt: skip
    note = "Pages of the samples printed and spoiled (`python benchmarks/ocr.py`); sure: confidence of 0.9 or more."
    return f"{markdown(head, rows)}\n\n{note}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy and time of reading simulated scans")
    parser.add_argument("--full", action="store_true", help="all pages and kinds of scan")
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), help="only this kind of scan")
    parser.add_argument("--no-second", action="store_true", help="without the second recogniser")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "ocr.json")
    given = parser.parse_args()
    using = readers(given.threads, second=not given.no_second)
    pages = list(PAGES if given.full or given.kind else PAGES[1:2])
    kinds = given.kind or (list(KINDS) if given.full else list(SHORT))
    print(
        f"readers: {using.main.name}, {using.second.name if using.second else 'no second'}; {given.threads} thread(s)"
    )
    print(f"{'scan':26} {'grids':7} {'cells':>8} {'numbers':>6} {'found':>8} {'exact':>8} {'sure':>8} {'wrong':>6}")
    rows, measured = {}, {}
    for kind in kinds:
        score = measure(kind, pages, using, plain=shutil.which("tesseract") is not None)
        show(kind, score)
        rows[kind], measured[kind] = vars(score), score
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"wrong: sure (confidence {SURE} or more) and not what is printed; memory at most {memory:.0f} MB")
    write_section("scans", "Scans", in_markdown(measured), ["rapidocr", "onnxruntime", "opencv-python-headless"])
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps({"kinds": rows, "memory_mb": round(memory)}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
