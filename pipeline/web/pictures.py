"""Pictures of pages, made by PDFium in a child process with limits and kept for the next visitor.

PDFs come from strangers: no PDF is opened in the process that answers requests.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from pipeline.ledger import raw_file
from pipeline.store import StoreError
from pipeline.web.reader import Reader

SECONDS = 30.0
MEBIBYTES = 2048
PAGES_KEPT = 500
SCALE = 2.0  # pixels a point
MARGIN = (220.0, 60.0)  # points shown left and right of a cell, above and below it


class NoPicture(StoreError):
    """One sentence: why there is no picture of the page."""


class Pictures:
    """Pages as PNG files in a folder of our own that ends with the explorer."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._folder = tempfile.TemporaryDirectory(prefix="lumbung-pages-")
        self._children = threading.Semaphore(2)
        self._locks: dict[str, threading.Lock] = {}
        self._known: dict[str, tuple[Path, int, int]] = {}  # document: file, size and time of it when it was hashed

    def page(self, document_id: str, page: int) -> Path:
        """A PNG of the page as displayed, `SCALE` pixels a point. Raises NoPicture."""
        target = Path(self._folder.name) / f"{document_id}-{page}.png"
        with self._locks.setdefault(target.name, threading.Lock()), self._children:
            if not target.exists():  # the picture and its size are asked for at the same time
                self._render(self.original(document_id), page, target)
                self._forget_old()
        return target

    def crop(self, document_id: str, page: int, box: tuple[float, ...]) -> bytes:
        """A PNG of the part of a page around a box (points, origin top left), the box in a red frame."""
        from PIL import Image, ImageDraw

        drawn = self.page(document_id, page)
        with Image.open(drawn) as picture:
            image = picture.convert("RGB")
        scale = image.width / points(drawn)[0]
        x0, top, x1, bottom = (side * scale for side in box)
        ImageDraw.Draw(image).rectangle((x0 - 2, top - 2, x1 + 2, bottom + 2), outline=(210, 20, 20), width=3)
        wide, high = (side * scale for side in MARGIN)
        left, right = max(0, int(x0 - wide)), min(image.width, int(x1 + wide))
        upper, lower = max(0, int(top - high)), min(image.height, int(bottom + high))
        out = io.BytesIO()
        image.crop((left, upper, right, lower)).quantize(64).save(out, format="PNG")
        return out.getvalue()

    def original(self, document_id: str) -> Path:
        """The document's file, by content: one that has changed since is not it. Raises NoPicture where it is gone."""
        known = self._known.get(document_id)
        if known is not None and _state(known[0]) == known[1:]:
            return known[0]
        rows = self._reader.records(
            "select path from document_sources where document_id = $1 and path is not null order by path", [document_id]
        )
        kept = raw_file(self._reader.store / "raw", document_id)  # of a store that was moved to another folder
        for path in [*(Path(row["path"]) for row in rows), kept]:
            state = _state(path)
            if state is None:
                continue
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == document_id:
                    self._known[document_id] = (path, *state)
                    return path
        raise NoPicture("the original file is gone or has changed: ingest it again from where it stands now")

    def _render(self, path: Path, page: int, target: Path) -> None:
        what = [str(path), str(page), str(target), str(SCALE), str(os.getpid())]
        command = [sys.executable, "-m", "pipeline.web.picture_child", *what]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as late:
            raise NoPicture(f"page {page} could not be drawn within {SECONDS:.0f} seconds") from late
        if run.returncode != 0:
            said = run.stderr.strip().splitlines()[-1:] or ["the drawing process ended"]
            raise NoPicture(f"page {page} cannot be drawn: {said[0][:200]}")

    def _forget_old(self) -> None:
        files = sorted(Path(self._folder.name).glob("*.png"), key=lambda file: file.stat().st_mtime)
        for file in files[:-PAGES_KEPT]:
            file.unlink(missing_ok=True)

    def close(self) -> None:
        self._folder.cleanup()


def points(picture: Path) -> tuple[float, float]:
    """Width and height of the drawn page in points, as displayed: what its drawing wrote into the picture."""
    with picture.open("rb") as file:
        head = file.read(4096)
    width, height = struct.unpack(">II", head[16:24])
    mark = head.find(b"tEXtpoints\0")
    if mark < 0:
        return width / SCALE, height / SCALE
    length = struct.unpack(">I", head[mark - 4 : mark])[0]
    wide, high = head[mark + 11 : mark + 4 + length].split()
    return float(wide), float(high)


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if path.is_file() else None
