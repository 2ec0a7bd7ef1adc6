"""A font that lies spoils the same digit everywhere: two tables that agree then prove nothing.

A sum, a product or a percentage does not survive a digit that is lost or exchanged wherever it stands; the equality of
two tables does. Found by changing single bytes of reports: `88,30` came out as `8,30` in both tables; and where a font
had lost the widths of its letters, `100 %` came out as `01%` in both blocks of a table.
"""

from __future__ import annotations

from collections.abc import Collection

from extractors.tables import Box
from pipeline.facts import Fact, Harvest

EQUALITIES = ("cross_table", "document_pair")
IN_A_CELL = ("overprinted", "private_use")  # what a font does to some cells; each of them is told with its place


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
