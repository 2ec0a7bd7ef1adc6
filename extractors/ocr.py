"""Recognisers of text: the picture of one printed line in, its text and how sure it is out.

Two readers stand behind one small interface: the recogniser of PP-OCRv6 (the model lies in the `rapidocr` wheel and is
run by onnxruntime; optional extra `ocr`) and the `tesseract` program (a system package), line by line. Never a whole
page: on ruled tables both lose a third of the cells that way. Both work offline, and neither is imported before it is
wanted.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .ocr_text import fold, has_no_plain_form

Gray = npt.NDArray[np.uint8]

THREADS_VARIABLE = (
    "LUMBUNG_OCR_THREADS"  # documents are read in parallel processes: one thread each unless told otherwise
)
HEIGHT = 48  # px, the height that the recogniser was trained on
STRIDE = 8  # px of width for one step of its output
LONGEST = 2400  # px; a longer line is squeezed
REMEDY = "install the extra: pip install 'lumbung[ocr]'"


class OcrUnavailable(RuntimeError):
    """The recogniser is not installed; the message says what to install."""


@dataclass(frozen=True, slots=True)
class LineReading:
    """The text of one line; `confidence` (0..1) is that of its weakest character, `typical` the mean over all, `steps`
    where each character stands (0..1 of the picture's width; empty where the reader does not tell)."""

    text: str
    confidence: float
    typical: float = 0.0
    steps: tuple[float, ...] = ()


class Recogniser(Protocol):
    """Reads pictures of single lines: 8 bit gray, dark on light, one line each."""

    name: str

    def read(self, lines: Sequence[Gray]) -> list[LineReading]:
        """One reading for each picture, in the same order."""
        ...


def threads(wanted: int | None = None) -> int:
    """`wanted`, else LUMBUNG_OCR_THREADS, else 1."""
    if wanted is not None:
        return max(1, wanted)
    given = os.environ.get(THREADS_VARIABLE, "")
    return max(1, int(given)) if given.isdigit() else 1


# ------------------------------------------------------------------------------------------------ PP-OCRv6


def model_path() -> Path | None:
    """The recogniser's model in the installed wheel, or None. Finds the package without importing it."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        return None
    models = sorted(Path(spec.origin).parent.joinpath("models").glob("*rec*.onnx"))
    return models[-1] if models else None


def _alphabet(characters: Sequence[str]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """The output classes that can be printed here: (their numbers, their ASCII letters), blank first.

    The model knows 18,708 characters, most of them Chinese; only those that fold to one ASCII character may come out.
    """
    classes, letters = [0], [""]
    for number, character in enumerate([*characters, " "], start=1):
        plain = "" if has_no_plain_form(character) else fold(character)
        if len(plain) == 1 and 32 <= ord(plain) < 127:
            classes.append(number)
            letters.append(plain)
    return np.array(classes), letters


class PaddleRecogniser:
    """PP-OCRv6's recogniser by onnxruntime on the CPU. One picture at a time: on one thread batches were 15-25 % slower
    (measured), and padding changes what is read."""

    name = "rapidocr"

    def __init__(self, model: Path, n_threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # the arena would keep the widest line's memory for ever
        options.log_severity_level = 4
        self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        characters = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._classes, self._letters = _alphabet(characters)

    def read(self, lines: Sequence[Gray]) -> list[LineReading]:
        """Readings of `lines`, one each."""
        return [self._read_one(line) for line in lines]

    def _read_one(self, line: Gray) -> LineReading:
        if line.size == 0 or min(line.shape) < 2:
            return LineReading("", 0.0)
        output = self._session.run(None, {self._input: _as_input(line)})[0][0]
        probabilities = output[:, self._classes]
        best = probabilities.argmax(axis=1)
        return self._decode(best, probabilities[np.arange(len(best)), best])

    def _decode(self, best: npt.NDArray[np.int64], sure: npt.NDArray[np.float32]) -> LineReading:
        """CTC: runs of one class are one character, class 0 is none."""
        text, scores, steps, before = [], [], [], 0
        for step, number in enumerate(best):
            if number and number != before:
                text.append(self._letters[number])
                steps.append((step + 0.5) / len(best))
                scores.append(float(sure[step]))
            before = int(number)
        mean = sum(scores) / len(scores) if scores else 0.0
        return LineReading("".join(text), min(scores, default=0.0), mean, tuple(steps))


def _as_input(line: Gray) -> npt.NDArray[np.float32]:
    """(1, 3, 48, width) in -1..1."""
    import cv2

    height, width = line.shape
    wide = int(np.clip(round(width * HEIGHT / height), 2 * STRIDE, LONGEST))
    way = cv2.INTER_AREA if height > 2 * HEIGHT else cv2.INTER_LINEAR
    resized = cv2.resize(line, (wide, HEIGHT), interpolation=way).astype(np.float32)
    padded = np.full((HEIGHT, -(-wide // STRIDE) * STRIDE), float(line.max()), np.float32)
    padded[:, :wide] = resized
    scaled = padded / 127.5 - 1.0
    return np.broadcast_to(scaled, (1, 3, *scaled.shape)).copy()


@lru_cache(maxsize=2)
def _paddle(n_threads: int) -> PaddleRecogniser:
    model = model_path()
    if model is None or find_spec("onnxruntime") is None or find_spec("cv2") is None:
        raise OcrUnavailable(f"no text recogniser is installed; {REMEDY}")
    return PaddleRecogniser(model, n_threads)


def recogniser(n_threads: int | None = None) -> Recogniser:
    """The recogniser, loaded once a process (0.3 s). Raises OcrUnavailable."""
    return _paddle(threads(n_threads))


# ------------------------------------------------------------------------------------------------ Tesseract


@lru_cache(maxsize=1)
def _ended_with_us() -> tuple[str, ...]:
    """What stands before a command that the kernel shall end when this process is killed (util-linux); else nothing.

    A process that is stopped at a limit has no chance to end the program that it waits for.
    """
    program = shutil.which("setpriv")
    command = () if program is None else (program, "--pdeathsig", "KILL")
    try:
        return command if command and subprocess.run([*command, "true"], capture_output=True).returncode == 0 else ()
    except OSError:
        return ()


class TesseractRecogniser:
    """The `tesseract` program, one process for all lines given (`--psm 7` on a list of pictures)."""

    name = "tesseract"

    def __init__(self, program: str, languages: str, n_threads: int = 1, seconds: float = 300.0) -> None:
        self._command = [*_ended_with_us(), program, "lines.txt", "out", "-l", languages, "--psm", "7", "tsv"]
        self._environment = {**os.environ, "OMP_THREAD_LIMIT": str(n_threads)}
        self._seconds = seconds

    def read(self, lines: Sequence[Gray]) -> list[LineReading]:
        """Readings of `lines`; all empty where the program fails."""
        import cv2

        if not lines:
            return []
        with tempfile.TemporaryDirectory(prefix="lumbung-ocr-") as folder:
            names = []
            for number, line in enumerate(lines):
                name = Path(folder, f"{number}.png")
                cv2.imwrite(str(name), _enlarged(line))
                names.append(str(name))
            Path(folder, "lines.txt").write_text("\n".join(names) + "\n")
            try:
                subprocess.run(
                    self._command,
                    cwd=folder,
                    env=self._environment,
                    capture_output=True,
                    timeout=self._seconds,
                    check=True,
                )
                return _from_tsv(Path(folder, "out.tsv"), len(lines))
            except (OSError, subprocess.SubprocessError):
                return [LineReading("", 0.0)] * len(lines)


def _enlarged(line: Gray) -> Gray:
    """At least 40 px high, with a white border: Tesseract drops letters that touch the picture's edge."""
    import cv2

    if not line.size:
        return np.full((40, 40), 255, np.uint8)
    scale = max(1, -(-40 // line.shape[0]))
    large = cv2.resize(line, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) if scale > 1 else line
    return np.pad(large, 10, constant_values=int(line.max(initial=0)))


def _from_tsv(path: Path, count: int) -> list[LineReading]:
    words: list[list[tuple[str, float]]] = [[] for _ in range(count)]
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            page = int(row["page_num"]) - 1
            if row["level"] == "5" and 0 <= page < count and (row["text"] or "").strip():
                words[page].append((row["text"].strip(), float(row["conf"]) / 100))
    return [
        LineReading(" ".join(fold(word) for word, _ in line), max(0.0, min((sure for _, sure in line), default=0.0)))
        for line in words
    ]


@lru_cache(maxsize=1)
def _tesseract_languages(program: str) -> frozenset[str]:
    try:
        shown = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(shown.stdout.split())


@lru_cache(maxsize=1)
def tesseract_version() -> str:
    """The installed Tesseract and the languages it is used with (`5.3.0 ind+eng`); `absent` where it is not used."""
    program = shutil.which("tesseract")
    known = [one for one in ("ind", "eng") if program and one in _tesseract_languages(program)]
    if program is None or not known:
        return "absent"
    try:
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "absent"
    return f"{(shown.stdout or shown.stderr).split()[1]} {'+'.join(known)}"


def second_recogniser(n_threads: int | None = None) -> Recogniser | None:
    """Tesseract with Indonesian and English where they are installed, else None."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    known = [language for language in ("ind", "eng") if language in _tesseract_languages(program)]
    return TesseractRecogniser(program, "+".join(known), threads(n_threads)) if known else None
