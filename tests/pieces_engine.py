"""The stand-in engine of `tests.fakes` for documents that are read in pieces; `do` says what becomes of the second piece."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from extractors.errors import Damaged
from extractors.tables import Reading
from pipeline.facts import Harvest
from tests import fakes
from tests.fakes import read

__all__ = ["count_pages", "join", "likely_pictures", "mean", "prepare", "read", "read_piece", "write_piece"]


@dataclass
class FakePiece:
    text: str
    later: list[int] = field(default_factory=list)


def count_pages(path: Path, password: str | None) -> int:
    return 48


def likely_pictures(path: Path, password: str | None) -> list[int]:
    return []


prepared: list[int] = []


def prepare() -> None:
    prepared.append(os.getpid())


def read_piece(
    path: Path, pages: range, password: str | None, witness: str, after: Path | None, pictures: bool
) -> FakePiece:
    said = json.loads(path.read_bytes().split(b"\n")[1])["document"].get("title", "")
    if pages.start > 1 and said == "crash":
        os._exit(9)
    if pages.start > 1 and said == "sleep":
        time.sleep(60)
    if pages.start == 37 and said == "slow":
        time.sleep(1.5)
    if pages.start > 1 and said == "damaged":
        raise Damaged("the second half is missing")
    if said == "pictures" and not pictures and pages.start > 1:
        return FakePiece(f"{pages.start}-{pages.stop - 1}", [pages.start + 1, pages.start + 2, pages.stop - 1])
    return FakePiece(f"{pages.start}-{pages.stop - 1}" + (f" after {after.stem}" if after else ""))


def write_piece(piece: FakePiece, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(piece.text)


def mean(reading: Reading, document_id: str, file_name: str, said: dict[str, str]) -> Harvest:
    harvest = fakes.mean(reading, document_id, file_name, said)
    if harvest.document.title == "slow":
        harvest.document.title = "prepared" if prepared else "not prepared"
    return harvest


def join(path: Path, files: Sequence[Path], password: str | None, witness: str) -> Reading:
    held = [file.read_text() for file in files]
    assert held[:4] == ["1-12", "13-24", "25-36", "37-48"]
    reading = read(path, password)
    reading.metadata = {"joined": "yes", "pictures": ", ".join(sorted(held[4:]))}
    return reading
