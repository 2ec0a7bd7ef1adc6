"""Where scanned pages enter the reading: which pages are pictures, and their grids and lines beside those of other
pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .lattice import Grid
from .ocr_text import skeleton
from .pages import Chars, PageContent
from .scanned import Readers, ScannedPage, read_scan
from .stitch import PagePart
from .tables import Line, Table, Trouble
from .triage import PICTURE, covered_share

WHOLE = 0.85  # a picture over this share of the page may hold the text that also stands as characters
SEEN = 0.6  # share of the characters that the picture must show too
SCANS = ("scan", "scan_with_text")


def scan_kind(page: Any, content: PageContent) -> str | None:
    """`scan`, `scan_with_text`, or None for a page that is read from its characters. `page` is a pypdfium2 page.

    Text over or under a whole-page picture that shows the same text is a text layer, visible or not.
    """
    pictures = covered_share(content.images, content.width, content.height)
    visible = len(content.chars)
    if pictures >= PICTURE and len(content.hidden) > visible:
        return "scan_with_text"
    if not visible:
        return "scan" if pictures > 0.1 and not len(content.hidden) else None
    if pictures >= PICTURE and visible < 20:
        return "scan"
    if pictures >= WHOLE and not len(content.horizontal) + len(content.vertical) and _shown(page, content):
        return "scan_with_text"
    return None


def _shown(page: Any, content: PageContent) -> bool:
    """Whether the page's largest picture is dark where the characters stand."""
    import pypdfium2.raw as raw

    best = max(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4), key=_area, default=None)
    if best is None or content.rotation:
        return False
    left, bottom, right, top = best.get_bounds()
    gray = np.asarray(best.get_bitmap(render=False).to_pil().convert("L"))
    box = content.chars.box[:: max(1, len(content.chars) // 300)]
    scale = np.array([gray.shape[1] / max(1.0, right - left), gray.shape[0] / max(1.0, top - bottom)] * 2)
    offset = np.array([left, content.height - top] * 2)
    pixels = ((box - offset) * scale).astype(int)
    dark = 0
    for x0, y0, x1, y1 in pixels:
        part = gray[max(0, y0) : y1 + 1, max(0, x0) : x1 + 1]
        dark += bool(part.size) and int(part.min()) < int(np.median(part)) - 40
    return dark >= SEEN * len(pixels)


def _area(item: Any) -> float:
    left, bottom, right, top = item.get_bounds()
    return float((right - left) * (top - bottom))


@dataclass(slots=True)
class ScanPart:
    """A scanned page for the reading: its part for stitching (as it reads, upright), its lines as displayed, its
    troubles."""

    part: PagePart
    lines: list[Line]
    troubles: list[Trouble]
    flags: tuple[str, ...]
    open_above: bool = False  # no rules close a table: one of the page before may go on


def read_scan_part(
    page: Any, content: PageContent, using: Readers | None = None, earlier: Grid | None = None
) -> ScanPart:
    """Reads a scanned page; its text layer is a second reader. Never raises for a missing recogniser: a Trouble says
    so."""
    layer = content.hidden if len(content.hidden) >= len(content.chars) else content.chars
    read = read_scan(page, content.page, layer, using, earlier)
    flags = tuple(name for name, on in (("turned", read.turned), ("skewed", abs(read.skew) > 0.3)) if on)
    height = content.width if read.turned % 2 else content.height
    if read.missing:
        return ScanPart(PagePart(content.page, height, [], []), [], read.troubles, flags)
    part = PagePart(content.page, height, read.grids, read.upright_lines)
    return ScanPart(part, read.lines, [*read.troubles, *_troubles(content.page, read, layer)], flags, read.open_above)


def _troubles(page: int, read: ScannedPage, layer: Chars) -> list[Trouble]:
    cells = [cell for grid in read.grids for cell in grid.cells]
    differ = [cell for cell in cells if any(skeleton(one.text) != skeleton(cell.text) for one in cell.others)]
    unsure = sum(cell.confidence < 0.9 for cell in cells)
    kind, source = ("scan_with_text", "a picture with a text layer") if len(layer) else ("scan", "a picture")
    text = f"the page is {source} and was recognised: {len(differ)} of {len(cells)} cells were read in several ways"
    troubles = [Trouble(page, kind, text)]
    if unsure:
        text = f"{unsure} cells of this scanned page have no second reading that agrees: compare them with the page"
        troubles.append(Trouble(page, "unsure_reading", text, "warn"))
    return troubles


def boxes_as_displayed(tables: list[Table], turned: frozenset[int] = frozenset()) -> list[Table]:
    """Tables of scans, and of pages that were `turned` for reading, with the box of their first page's part as the page
    is displayed (stitching sees pages upright)."""
    result = []
    for table in tables:
        if table.cells and (table.cells[0].method.startswith("scan:") or table.pages[0] in turned):
            box = np.array([cell.bbox for cell in table.cells if cell.page == table.pages[0]])
            low, high = box.min(axis=0), box.max(axis=0)
            table = replace(table, bbox=(float(low[0]), float(low[1]), float(high[2]), float(high[3])))
        result.append(table)
    return result
