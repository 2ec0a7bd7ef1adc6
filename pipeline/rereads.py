"""Cells read again on request: a check fails on them, or a look-alike is unproved. Each answer is one more reading, kept.

    harvests/<sha256>/reread-<key>/readings.json    the key is that of the reading and of what was asked

Born-digital cells are read by a second text engine; cells of scans by the recogniser from a finer picture, where one is
installed. An answer is a witness when the meaning is made again (`pipeline.second_readings`): with the arithmetic of the
document it repairs a number, against the first reading it doubts one. The key of the meaning names the answers that it
was made with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from extractors.tables import Box, SecondReading
from pipeline.facts import Harvest
from pipeline.layers import Layer

#: Problems whose cell is asked for again; the second kind only its picture can settle: text engines repeat the file.
BY_ANY, BY_PICTURE = (
    ("lookalike", "readings_disagree", "small_digits"),
    ("lying_font", "overprinted", "private_use", "cut_off"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """A cell to be read again. `method`: how it was read first; `why`: one sentence."""

    page: int
    bbox: Box
    method: str
    why: str
    picture: bool = False  # only the picture of the cell can settle it

    @property
    def by_picture(self) -> bool:
        return self.picture or self.method.startswith("scan:")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a second reader says of a request; `reading` None: it could not be read again, `why_not` says why."""

    request: Request
    reading: SecondReading | None
    why_not: str = ""


def wanted(harvest: Harvest) -> list[Request]:
    """The cells of a harvest that should be read again, in reading order."""
    methods = {
        (cell.page, tuple(round(x) for x in cell.bbox)): cell.method
        for table in harvest.reading.tables
        for cell in table.cells
    }

    def method(page: int, bbox: Box) -> str:
        return methods.get((page, tuple(round(x) for x in bbox)), "")

    found: dict[tuple[int, Box], Request] = {}
    for table in harvest.tables:
        for fact in table.facts:
            if fact.status == "conflict":
                why = f"`{fact.raw}` contradicts the document"
                found.setdefault(
                    (fact.page, fact.bbox), Request(fact.page, fact.bbox, method(fact.page, fact.bbox), why)
                )
    for problem in harvest.problems:
        if problem.kind in BY_ANY + BY_PICTURE and problem.page is not None and problem.bbox is not None:
            place = (problem.page, problem.bbox)
            picture = problem.kind in BY_PICTURE
            if picture or place not in found:
                found[place] = Request(*place, method(*place), problem.explanation, picture)
    return sorted(found.values(), key=lambda one: (one.page, one.bbox[1], one.bbox[0]))


def answers(path: Path, requests: Sequence[Request], password: str | None = None) -> list[Answer]:
    """Reads each place again. Never raises for a reader that is missing or fails: the answer says so."""
    plain = [one for one in requests if not one.by_picture]
    scans = [one for one in requests if one.by_picture]
    return [*_by_text(path, plain, password), *_by_picture(path, scans, password)]


def _by_text(path: Path, requests: Sequence[Request], password: str | None) -> list[Answer]:
    from extractors.witness_engines import plumber
    from extractors.witnesses import HIGHEST, read_box

    if not requests:
        return []
    try:
        pages = plumber(path, password, sorted({one.page for one in requests}))
    except Exception as error:  # an engine may stumble over anything in a file that another one reads
        return [Answer(one, None, f"the second engine failed ({type(error).__name__})") for one in requests]
    return [
        Answer(one, SecondReading(read_box(pages[one.page], one.bbox), "plumber", HIGHEST))
        if one.page in pages
        else Answer(one, None, "the second engine takes too long with this page")
        for one in requests
    ]


def _by_picture(path: Path, requests: Sequence[Request], password: str | None) -> list[Answer]:
    from extractors.ocr import OcrUnavailable
    from extractors.pages import open_pdf
    from extractors.scanned import reread

    if not requests:
        return []
    done: list[Answer] = []
    with open_pdf(path, password) as document:
        for one in requests:
            page = document[one.page - 1]
            try:
                done.append(Answer(one, reread(page, one.page, one.bbox)))
            except OcrUnavailable as error:
                done.append(Answer(one, None, str(error)))
            finally:
                page.close()
    return done


def keep(root: Path, document_id: str, reading: str, found: Sequence[Answer]) -> Path:
    """Writes the answers as one more layer of the document; the same questions to the same reading give the same name."""
    asked = json.dumps([asdict(one.request) for one in found], ensure_ascii=False)
    key = hashlib.sha256(f"{reading}|{asked}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    final = root / document_id / f"reread-{key}"
    if not final.exists():
        with Layer(root, final) as layer:
            layer.json("readings", {"reading": reading, "answers": [asdict(one) for one in found]})
    return final


def kept(root: Path, document_id: str, reading: str) -> dict[tuple[int, Box], list[SecondReading]]:
    """All answers that stand for a reading of a document, by place."""
    found: dict[tuple[int, Box], list[SecondReading]] = {}
    for folder in sorted((root / document_id).glob("reread-*")):
        about: Mapping[str, object] = json.loads((folder / "readings.json").read_text(encoding="utf-8"))
        if about["reading"] != reading:
            continue
        for answer in about["answers"]:  # type: ignore[attr-defined]
            if answer["reading"] is not None:
                x0, top, x1, bottom = answer["request"]["bbox"]
                place = (answer["request"]["page"], (x0, top, x1, bottom))
                found.setdefault(place, []).append(SecondReading(**answer["reading"]))
    return found


def answers_key(root: Path, document_id: str, reading: str) -> str:
    """The names of all answers that stand for a reading; empty where there are none."""
    folders = sorted((root / document_id).glob("reread-*"))
    about = [(folder.name, json.loads((folder / "readings.json").read_text(encoding="utf-8"))) for folder in folders]
    return " ".join(name for name, one in about if one["reading"] == reading)
