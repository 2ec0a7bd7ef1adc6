"""Fonts that lie: what they spoil, they spoil alike wherever it stands, so that agreement proves less, or nothing.

A font that shows another digit than it says spoils the same digit everywhere: two tables that agree then prove nothing.

A sum, a product or a percentage does not survive a digit that is lost or exchanged wherever it stands; the equality of
two tables does. Found by changing single bytes of reports: `88,30` came out as `8,30` in both tables; and where a font
had lost the widths of its letters, `100 %` came out as `01%` in both blocks of a table.

A font whose letters have lost their meaning altogether gives `" # " ;` for words and `4` for `50`: where a page is full
of signs that no report prints, no number of it is called proved, however well its formulas agree.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from extractors.tables import Box, Reading
from pipeline.facts import Fact, Harvest, Problem

EQUALITIES = ("cross_table", "document_pair")
IN_A_CELL = ("overprinted", "private_use")  # what a font does to some cells; each of them is told with its place

SIGNS = '"!#$&*<>?@[\\]^`{|}~'
GARBLED = (
    0.02  # of a page's characters: reports have 0.011 at most (of 25 real ones), pages of a spoiled font 0.025 and more
)
FEWEST = 8  # signs
ERRORS = re.compile(
    r"#{3,}|#(?:REF!|DIV/0!|N/A|VALUE!|NAME\?|NUM!|NULL!)"
)  # a spreadsheet prints them: they tell no font


def distrust_garbled(harvest: Harvest) -> None:
    """No number of a page without sense is verified, and a problem says so. Pages that a scanner made are left alone."""
    pages = garbled_pages(harvest.reading)
    spoiled = {f.fact_id: f for table in harvest.tables for f in table.facts if f.page in pages}
    for check in harvest.checks:
        check.pins = [pinned for pinned in check.pins if pinned not in spoiled]
    for fact in spoiled.values():
        if fact.status in ("verified", "repaired"):
            fact.status = "unverified"
    text = "the letters of this page make no sense (a font has lost their meaning): read it from the page itself"
    harvest.problems.extend(Problem(page, None, None, "garbled_text", "warn", "", text) for page in sorted(pages))


def garbled_pages(reading: Reading) -> set[int]:
    drawn = {page.page for page in reading.pages if not page.kind.startswith("scan")}
    texts: dict[int, list[str]] = {page: [] for page in drawn}
    for line in reading.lines:
        if line.page in texts:
            texts[line.page].append(line.text)
    for cell in (cell for table in reading.tables for cell in table.cells):
        if cell.page in texts:
            texts[cell.page].append(cell.text)
    signed = [found for found in texts.items() if sum(map("\n".join(found[1]).count, SIGNS)) >= FEWEST]
    pages = ((page, ERRORS.sub("", "".join(" ".join(found).split()))) for page, found in signed)
    return {page for page, text in pages if sum(map(text.count, SIGNS)) >= max(FEWEST, GARBLED * len(text))}


def distrust_equalities(harvest: Harvest) -> None:
    """A number that is verified by equalities alone becomes unverified where the font may have spoiled its equal too.

    In the whole document where the reading met a lying font, else in the cells that it doubts.
    """
    troubles = harvest.reading.troubles
    facts = {fact.fact_id: fact for table in harvest.tables for fact in table.facts}
    if any(trouble.kind == "lying_font" for trouble in troubles):
        _distrust(harvest, facts, set(facts))
        return
    places = {(t.page, _rounded(t.bbox)) for t in troubles if t.kind in IN_A_CELL and t.bbox is not None}
    if places:
        _distrust(harvest, facts, {i for i, fact in facts.items() if (fact.page, _rounded(fact.bbox)) in places})


def _rounded(box: Box) -> tuple[int, ...]:
    return tuple(round(number) for number in box)


def _distrust(harvest: Harvest, facts: dict[str, Fact], spoiled: Collection[str]) -> None:
    proved: set[str] = set()
    for check in harvest.checks:
        if check.kind in EQUALITIES:
            check.pins = [pinned for pinned in check.pins if pinned not in spoiled]
        elif check.verdict == "holds":
            proved.update(check.pins)
    for identity in spoiled:
        if facts[identity].status == "verified" and identity not in proved:
            facts[identity].status = "unverified"
