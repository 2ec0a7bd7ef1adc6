"""Where a fact stands: document, page, cell, and a picture of the page with the cell marked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.ledger import raw_file
from pipeline.store import StoreError, reading

if TYPE_CHECKING:
    from PIL import Image

SCALE = 2.0  # pixels a point
MOST_PIXELS = 6000.0  # a side: a page may be as large as a field
MARGIN = (150.0, 70.0)  # points shown left and right of the cell, above and below it


@dataclass(frozen=True, slots=True)
class Shown:
    """A fact, the text of its cell, the checks that involve it, and the files that hold its document."""

    fact: dict[str, Any]
    checks: list[dict[str, Any]]
    paths: list[Path]


def find(store: Path, fact_id: str) -> Shown:
    """Raises StoreError where the store has no such fact; the first characters are enough where they are unique."""
    with reading(store) as connection:
        query = "select * from facts where starts_with(fact_id, $1) order by fact_id = $1 desc, fact_id limit 2"
        facts = _records(connection.execute(query, [fact_id]))
        if not facts:
            raise StoreError(
                f'no fact `{fact_id}` in the store: `lumbung query "select fact_id, ... from facts"` finds ids'
            )
        if len(facts) == 2 and facts[0]["fact_id"] != fact_id:
            raise StoreError(f"`{fact_id}` begins several facts: give more of it")
        fact = facts[0]
        checks = _records(
            connection.execute(
                "select kind, verdict, explanation, suggestion from checks "
                "where document_id = $1 and list_contains(fact_ids, $2) order by verdict, check_id",
                [fact["document_id"], fact["fact_id"]],
            )
        )
        rows = connection.execute(
            "select path from document_sources where document_id = $1 and path is not null order by path",
            [fact["document_id"]],
        ).fetchall()
    kept = raw_file(store / "raw", fact["document_id"])  # of a store that was moved to another folder
    paths = [Path(row[0]) for row in rows]
    return Shown(fact, checks, [*paths, *([kept] if kept.exists() and kept not in paths else [])])


def _records(cursor: Any) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def original(shown: Shown) -> Path:
    """The document's file, by content: a file that has changed since is not it. Raises StoreError where it is gone."""
    for path in shown.paths:
        if path.is_file():
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == shown.fact["document_id"]:
                    return path
    places = ", ".join(map(str, shown.paths)) or "no known place"
    raise StoreError(f"the original is gone or has changed ({places}): ingest it again from where it stands now")


def picture(
    path: Path, page: int, bbox: tuple[float, ...], out: Path, password: str | None = None, whole: bool = False
) -> None:
    """Write a PNG of the page around `bbox` (points, origin top left, as displayed) with the cell in a red frame."""
    image = marked(path, page, bbox, password, whole)
    unfinished = out.with_name(f".{out.name}.unfinished")
    image.save(unfinished, format="PNG")
    unfinished.replace(out)


def marked(
    path: Path, page: int, bbox: tuple[float, ...], password: str | None = None, whole: bool = False
) -> Image.Image:
    """The picture that `picture` writes. Raises StoreError where the file cannot be opened."""
    import pypdfium2 as pdfium
    from PIL import ImageDraw

    try:
        document = pdfium.PdfDocument(path, password=password)
    except pdfium.PdfiumError as error:
        raise StoreError(f"the original cannot be opened ({error}): give --password if it has one") from error
    try:
        sheet = document[page - 1]
        scale = min(SCALE, MOST_PIXELS / max(*sheet.get_size(), 1.0))
        image: Image.Image = sheet.render(scale=scale).to_pil().convert("RGB")
    finally:
        document.close()
    x0, top, x1, bottom = (value * scale for value in bbox)
    ImageDraw.Draw(image).rectangle((x0 - 3, top - 3, x1 + 3, bottom + 3), outline=(210, 20, 20), width=3)
    if not whole:
        wide, high = (value * scale for value in MARGIN)
        frame = (x0 - wide, top - high, x1 + wide, bottom + high)
        image = image.crop(
            (
                max(0, int(frame[0])),
                max(0, int(frame[1])),
                min(image.width, int(frame[2])),
                min(image.height, int(frame[3])),
            )
        )
    return image
