"""Rows that are missing: the other explanation of a sum that falls short.

A wrong number breaks the sums of its own column; a row that is lost breaks those of all its columns at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.checks.relations import Relation, number
from pipeline.facts import Problem

SHORT = "the parts fall short in every column: a row seems to be missing"


def find_gaps(relations: Sequence[Relation]) -> None:
    """Sets `gap` on the failing sums of a table that a missing row explains, and clears it on all others."""
    families: dict[tuple[object, ...], list[Relation]] = {}
    for r in relations:
        r.gap = r.gap if r.verdict == "fails" else ""
        if r.kind == "hierarchy_sum" and r.result is not None and r.tells():
            rows = tuple(sorted({f.row_no for f in r.inputs}))
            families.setdefault((r.result.row_no, r.group[1], rows), []).append(r)
    for members in families.values():
        # Columns that repeat each other (a draft and its final form) would repeat a wrong number too.
        different = {(r.expected, r.found) for r in members}
        if len(different) > 1 and all(r.short for r in members):
            for r in members:
                r.gap = SHORT


def gap_problems(relations: Sequence[Relation]) -> Iterator[Problem]:
    """One note for each item with a row missing below it."""
    told: set[tuple[object, ...]] = set()
    for r in relations:
        place = r.result
        if not r.gap or r.verdict != "fails" or place is None or (r.table_id, place.row_no) in told:
            continue
        told.add((r.table_id, place.row_no))
        text = f"{r.subject}: {number(r.expected)} instead of {number(r.found)}; {r.gap}"
        yield Problem(place.page, r.table_id, place.bbox, "missing_row", "note", place.raw, text)
