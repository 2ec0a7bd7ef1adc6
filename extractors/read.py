"""One PDF in, its Reading out: tables, lines, what each page is, and what could not be read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pypdfium2 as pdfium

from extractors.choose import choose
from extractors.doubts import mark, without_watermark
from extractors.glyphs import GlyphWatch
from extractors.lines import page_lines
from extractors.pages import BadPage, PageContent, open_pdf, read_page
from extractors.ruled import Found, Grid, find_grids
from extractors.scan_pages import boxes_as_displayed, read_scan_part, scan_kind
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
    reading = Reading()
    parts: list[PagePart] = []
    with open_pdf(path, password) as document, closing(GlyphWatch()) as watch:
        reading.metadata = _metadata(document)
        for number in pages if pages is not None else range(1, len(document) + 1):
            if not 1 <= number <= len(document):
                continue
            try:
                content = read_page(document, number, watch)
            except BadPage as error:
                reading.troubles.append(Trouble(number, "damaged_page", f"{error}: other pages were read", "warn"))
                reading.pages.append(PageInfo(number, "empty", 0.0, 0.0, 0, ("damaged",)))
                continue
            before = parts[-1] if parts and parts[-1].page == number - 1 else None
            earlier = before.grids[-1] if before is not None and before.grids else None
            parts.append(_read_scanned(document, content, reading) or _read_content(content, reading, earlier))
    turned = frozenset(info.page for info in reading.pages if "turned" in info.flags)
    reading.tables = boxes_as_displayed(stitch(parts), turned)
    return reading


def _read_scanned(document: pdfium.PdfDocument, content: PageContent, reading: Reading) -> PagePart | None:
    """As _read_content for a page that is a picture; None for other pages."""
    if not len(content.images):
        return None
    page = document[content.page - 1]
    try:
        kind = scan_kind(page, content)
        if kind is None:
            return None
        scan = read_scan_part(page, content)
    finally:
        page.close()
    flags = tuple(sorted({*content.flags, *scan.flags} - {"hidden_text"}))
    width, height = round(content.width, 2), round(content.height, 2)
    reading.pages.append(PageInfo(content.page, kind, width, height, content.rotation, flags))
    reading.lines.extend(scan.lines)
    reading.troubles.extend(scan.troubles)
    return scan.part


def _read_content(content: PageContent, reading: Reading, earlier: Grid | None) -> PagePart:
    """Grids and lines of one page; its PageInfo and Troubles go into the reading.

    `earlier` is the last table of the page before. The part keeps a page that reads sideways upright, for stitching; all
    boxes of cells, lines and troubles are those of the page as displayed.
    """
    content = without_watermark(content)
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
    width, height = round(shown.width, 2), round(shown.height, 2)
    reading.pages.append(PageInfo(content.page, kind, width, height, content.rotation, tuple(sorted(flags))))
    troubles = _troubles(content, found, kind) + mark(content, found.grids)
    part = PagePart(content.page, content.height, found.grids, lines)
    if quarter:
        cells_back(found.grids, shown, quarter)
        lines, troubles = lines_back(lines, shown, quarter), troubles_back(troubles, shown, quarter)
    reading.lines.extend(lines)
    reading.troubles.extend(troubles)
    return part


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


def _metadata(document: pdfium.PdfDocument) -> dict[str, str]:
    try:
        return {key: value for key, value in document.get_metadata_dict().items() if value}
    except (pdfium.PdfiumError, UnicodeDecodeError):
        return {}


def outside_tables(reading: Reading, page: int) -> list[Line]:
    """The lines of one page that stand outside its tables."""
    return [line for line in reading.lines if line.page == page]
