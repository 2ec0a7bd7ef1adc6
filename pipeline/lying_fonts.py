"""A font that lies spoils the same digit everywhere: two tables that agree then prove nothing.

A sum, a product or a percentage does not survive a digit that is lost or exchanged wherever it stands; the equality of
two tables does. Found by changing single bytes of reports: `88,30` came out as `8,30` in both tables.
"""

from __future__ import annotations

from pipeline.facts import Harvest

EQUALITIES = ("cross_table", "document_pair")


def distrust_equalities(harvest: Harvest) -> None:
    """Where the reading met a lying font, a number that is verified by equalities alone becomes unverified."""
    if not any(trouble.kind == "lying_font" for trouble in harvest.reading.troubles):
        return
    proved: set[str] = set()
    for check in harvest.checks:
        if check.kind in EQUALITIES:
            check.pins = []
        elif check.verdict == "holds":
            proved.update(check.pins)
    for table in harvest.tables:
        for fact in table.facts:
            if fact.status == "verified" and fact.fact_id not in proved:
                fact.status = "unverified"
