"""One PDF in, its Reading out: tables, lines, what each page is, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import extract_tb

import pypdfium2 as pdfium

from extractors.again import strays
from extractors.choose import choose
from extractors.doubts import mark, without_watermark
from extractors.glyphs import GlyphWatch
from extractors.lattice import Grid
from extractors.lines import page_lines
from extractors.pages import BadPage, PageContent, open_pdf, read_page
from extractors.ruled import Found, find_grids
from extractors.scan_pages import boxes_as_displayed, read_scan_part, scan_kind
from extractors.spoiled import readable
from extractors.stitch import PagePart, stitch
from extractors.tables import Line, PageInfo, Reading, Trouble
from extractors.triage import page_kind
from extractors.turned import cells_back, lines_back, quarter_of, troubles_back, upright

NOT_READ_YET = {
    "partly_ruled": "rules stand on this page that close no grid: a table may be missing",
    "unruled": "numbers stand in columns without rules: a table may be missing",
    "scan": "the page is a picture: its text has not been read",
    "scan_with_text": "the page has a hidden text layer, which has not been trusted",
    "broken_text": "the characters of this page have no meaning (private-use font): its text has not been read",
}


def read_pdf(path: Path, password: str | None = None, pages: range | None = None) -> Reading:
    """Reads a PDF; `pages` counts from 1 (default: all). Raises NotPdf, EmptyFile, Encrypted, Damaged.

    A page that cannot be read gives a Trouble, and the others go on. The same bytes give the same Reading.
    """
    read: list[PageReading] = []
    with open_pdf(path, password) as document, closing(GlyphWatch()) as watch:
        metadata = metadata_of(document)
        for number in pages if pages is not None else range(1, len(document) + 1):
            if 1 <= number <= len(document):
                read.append(read_number(document, number, watch, last_grid(read[-1]) if read else None))
    return reading_of(read, metadata)


@dataclass(slots=True)
class PageReading:
    """What was read of one page. `open_above`: its lattice holds no table, so that one of the page before may go on."""

    info: PageInfo
    part: PagePart | None
    lines: list[Line]
    troubles: list[Trouble]
    open_above: bool = False


def reading_of(pages: Sequence[PageReading], metadata: dict[str, str]) -> Reading:
    """The Reading of pages in order: their tables joined."""
    reading = Reading(metadata=metadata)
    for page in pages:
        reading.pages.append(page.info)
        reading.lines += page.lines
        reading.troubles += page.troubles
    reading.tables = boxes_as_displayed(
        stitch([page.part for page in pages if page.part is not None]),
        frozenset(page.info.page for page in pages if "turned" in page.info.flags),
    )
    return reading


class PictureLater(Exception):
    """The page is a picture, and pictures were not wanted now."""


def read_number(
    document: pdfium.PdfDocument, number: int, watch: GlyphWatch, before: Grid | None, pictures: bool = True
) -> PageReading:
    """One page of an open document. `before`: the last table read; it counts where it stands on the page before.

    A page that cannot be read is told in a Trouble, also where the fault is ours: it costs no other page. Raises
    PictureLater for a page that is a picture where `pictures` is False, MemoryError and OSError.
    """
    try:
        return _read_number(document, number, watch, before, pictures)
    except BadPage as error:
        return _lost(number, str(error))
    except (PictureLater, MemoryError, OSError):
        raise
    except Exception as error:
        where = extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        said = " ".join(str(error).split())[:120]
        return _lost(number, f"page {number} could not be read ({type(error).__name__} in {place}: {said})")


def _lost(number: int, why: str) -> PageReading:
    trouble = Trouble(number, "damaged_page", f"{why}: other pages were read", "warn")
    return PageReading(PageInfo(number, "empty", 0.0, 0.0, 0, ("damaged",)), None, [], [trouble])


def _read_number(
    document: pdfium.PdfDocument, number: int, watch: GlyphWatch, before: Grid | None, pictures: bool
) -> PageReading:
    content = read_page(document, number, watch)
    earlier = before if before is not None and before.page == number - 1 else None
    watch.drawn |= len(content.images) > 0  # they may be a scan, which is drawn
    return _read_scanned(document, content, earlier, pictures) or _read_content(content, earlier)


def last_grid(page: PageReading) -> Grid | None:
    """The last table of a page."""
    return page.part.grids[-1] if page.part is not None and page.part.grids else None


def _read_scanned(
    document: pdfium.PdfDocument, content: PageContent, earlier: Grid | None, pictures: bool
) -> PageReading | None:
    """As _read_content for a page that is a picture; None for other pages."""
    if not len(content.images):
        return None
    page = document[content.page - 1]
    try:
        kind = scan_kind(page, content)
        if kind is None:
            return None
        if not pictures:
            raise PictureLater
        scan = read_scan_part(page, content, earlier=earlier)
    finally:
        page.close()
    flags = {*content.flags, *scan.flags} - {"hidden_text"}
    return PageReading(_info(content, kind, flags), scan.part, scan.lines, list(scan.troubles), scan.open_above)


def _read_content(content: PageContent, earlier: Grid | None) -> PageReading:
    """Grids and lines of one page. `earlier` is the last table of the page before.

    The part keeps a page that reads sideways upright, for stitching; all boxes of cells, lines and troubles are those of
    the page as displayed.
    """
    chars = readable(content.chars)
    content = without_watermark(content if chars is content.chars else replace(content, chars=chars))
    shown, quarter = content, quarter_of(content)
    if quarter:
        content = upright(content, quarter)
    lattice = find_grids(content)
    lines = page_lines(content.chars.take(~lattice.taken), content.page)
    kind = page_kind(content, lattice, lines)
    found = choose(content, lattice, lines, earlier)
    if found.taken is not lattice.taken:
        lines = page_lines(content.chars.take(~found.taken), content.page)
    flags = set(content.flags)
    if any(grid.doubled for grid in found.grids):
        flags.add("doubled_text")
    if strays(content.chars, found.grids):
        flags.add("strayed_text")
    troubles = _troubles(content, found, kind) + mark(content, found.grids)
    part = PagePart(content.page, content.height, found.grids, lines)
    if quarter:
        cells_back(found.grids, shown, quarter)
        lines, troubles = lines_back(lines, shown, quarter), troubles_back(troubles, shown, quarter)
    return PageReading(_info(shown, kind, flags), part, lines, troubles, not lattice.grids)


def _info(content: PageContent, kind: str, flags: set[str]) -> PageInfo:
    width, height = round(content.width, 2), round(content.height, 2)
    return PageInfo(content.page, kind, width, height, content.rotation, tuple(sorted(flags)))


def _troubles(content: PageContent, found: Found, kind: str) -> list[Trouble]:
    result: list[Trouble] = []
    if kind in NOT_READ_YET and not (kind in ("partly_ruled", "unruled") and found.grids):
        result.append(Trouble(content.page, kind, NOT_READ_YET[kind], "warn"))
    if "hidden_text" in content.flags and kind != "scan_with_text":
        text = f"{len(content.hidden)} characters are invisible or white on white and were kept out of the cells"
        result.append(Trouble(content.page, "hidden_text", text, "warn"))
    if "doubled_text" in content.flags or any(grid.doubled for grid in found.grids):
        text = "characters are printed twice on the same place and were read once"
        result.append(Trouble(content.page, "doubled_text", text))
    overflown = sum(len(grid.overflows) for grid in found.grids)
    if overflown:
        text = f"words run over the rules of {overflown} cells: they stay whole in the cell that holds most of them"
        result.append(Trouble(content.page, "text_over_rules", text))
    cut = sum(grid.rows_cut for grid in found.grids)
    if cut:
        text = f"{cut} rows that no rule parts were told apart by the base lines of their amounts"
        result.append(Trouble(content.page, "rows_without_rules", text))
    if "too_many_objects" in content.flags:
        text = "the page has too many drawing objects: only the first were looked at"
        result.append(Trouble(content.page, "too_many_objects", text, "warn"))
    return result


def metadata_of(document: pdfium.PdfDocument) -> dict[str, str]:
    """What the file says of itself: title, producer, dates."""
    try:
        return {key: value for key, value in document.get_metadata_dict().items() if value}
    except (pdfium.PdfiumError, UnicodeDecodeError):
        return {}
