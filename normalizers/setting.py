"""What is known around a table when its header is read."""

from __future__ import annotations

from dataclasses import dataclass

PLANS_OF_A_YEAR, PLANS_OF_YEARS = ("renja", "rkpd"), ("renstra", "rpjmd")  # kinds of document


@dataclass(slots=True)
class Setting:
    """Of one table. Years are calendar years."""

    fiscal_year: int | None = None
    plan_years: tuple[int, int] | None = None  # first and last year of the Renstra / RPJMD
    doc_type: str = "other"
    caption: str = ""
    kind: str = "other"
    evaluates: bool = False  # the document is an evaluation: its year is over
    planned_year: int | None = None  # n, where a heading of the table names a year beside `n-1`
    running_year: int | None = None  # the year that a heading of the table names beside `tahun berjalan`
