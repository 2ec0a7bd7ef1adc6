"""Every number checked by what the document itself claims."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extractors.tables import Line
from pipeline.checks.across import cross_tables
from pipeline.checks.blame import assign_blame
from pipeline.checks.codes import code_names, missing_rows
from pipeline.checks.formulas import row_formulas
from pipeline.checks.gaps import gap_problems
from pipeline.checks.grid import Grid
from pipeline.checks.percent import capped_percents, percents_of
from pipeline.checks.prose_percent import prose_percents
from pipeline.checks.relations import Relation, grouped, number, settle_rounding
from pipeline.checks.status import set_statuses
from pipeline.checks.sums import hierarchy_sums, tell_added_percents
from pipeline.checks.tree import ORDER
from pipeline.checks.words import claimed_counts, prose_relations
from pipeline.facts import Check, Fact, MeantTable, Problem

__all__ = ["Findings", "check_document"]

#: A printed formula that fails on more than half of this many rows is a wrong claim.
ROWS_TO_REFUTE = 4
SIX = Decimal("0.000001")


@dataclass(slots=True)
class Findings:
    """The checks of a document, and the notes that are no checks."""

    checks: list[Check] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def check_document(tables: list[MeantTable], lines: list[Line]) -> Findings:
    """Tests every claim that a document makes of its own numbers and sets `status` on the facts in place."""
    relations: list[Relation] = []
    grids = [Grid(table) for table in tables]
    for place, table in enumerate(tables):
        after = tables[place + 1] if place + 1 < len(tables) else None
        before = tables[place - 1] if place else None
        begun = before is not None and continues(before, table)
        relations += _table_relations(grids[place], begun, after is not None and continues(table, after))
    relations += cross_tables(tables)
    relations += prose_relations(tables, lines) + prose_percents(lines)
    refuted = _refute(relations)
    settle_rounding(relations)
    for relation in relations:
        relation.find_pins()
    assign_blame(relations, grids)
    set_statuses((fact for table in tables for fact in table.facts), relations)
    findings = Findings([as_check(r) for r in relations if r.verdict != "void"])
    findings.checks += [_header_claim(members) for members in refuted]
    findings.checks += [check for table in tables for check in _refuted_units(table)]
    findings.checks += claimed_counts(grids, lines) + code_names(grids)
    findings.problems += [*missing_rows(tables), *gap_problems(relations)]
    findings.problems += [_capped(facts) for facts in capped_percents(relations).values()]
    return findings


def continues(table: MeantTable, after: MeantTable) -> bool:
    """Whether the next table goes on with this one: the same quantity columns, and rows that begin below the top."""
    first = next((row for row in after.rows if row.level in ORDER), None)
    top = min((ORDER.index(row.level) for row in table.rows if row.level in ORDER), default=0)
    if first is None or ORDER.index(first.level) <= top:
        return False
    meanings = [[(c.role, c.quantity, c.year) for c in t.columns if c.kind == "quantity"] for t in (table, after)]
    return meanings[0] == meanings[1]


def _table_relations(grid: Grid, begun: bool, goes_on: bool) -> list[Relation]:
    table = grid.table
    formulas = row_formulas(table, grid)
    explained = {
        int(group[2])
        for group, members in grouped(formulas).items()
        if sum(r.verdict == "holds" for r in members) > 0.5 * sum(r.tells() for r in members)
    }
    inferred = percents_of(table, grid, explained)
    tell_added_percents(table, grid, formulas + inferred)
    return formulas + inferred + hierarchy_sums(table, grid, begun, goes_on)


def _refute(relations: Sequence[Relation]) -> list[list[Relation]]:
    """Marks formulas that fail on most rows of their column as wrong claims: they prove nothing and blame nobody."""
    refuted: list[list[Relation]] = []
    for members in grouped([r for r in relations if r.kind == "row_formula" and r.printed]).values():
        told = [r for r in members if r.tells()]
        if len(told) >= ROWS_TO_REFUTE and sum(r.verdict == "fails" for r in told) > len(told) / 2:
            refuted.append(members)
            for r in members:
                r.trusted = False
    return refuted


def as_check(relation: Relation) -> Check:
    """The record of a judged relation."""
    facts = relation.facts
    place = relation.result or (facts[0] if facts else None)
    difference = None
    if relation.expected is not None and relation.found is not None:
        difference = (relation.found - relation.expected).quantize(SIX)
    return Check(
        check_id=_identity(relation),
        table_id=relation.table_id,
        kind=relation.kind,
        subject=relation.subject,
        fact_ids=relation.fact_ids,
        pins=list(relation.pins),
        page=relation.page if relation.page is not None else (place.page if place is not None else None),
        bbox=relation.bbox if relation.bbox is not None else (place.bbox if place is not None else None),
        claim=relation.claim,
        expected=relation.expected.quantize(SIX) if relation.expected is not None else None,
        found=relation.found,
        difference=difference,
        verdict=relation.verdict,
        suggestion=relation.suggestion,
        explanation=_sentence(relation),
    )


def _identity(relation: Relation) -> str:
    """Stable over versions: from the table, the kind and the cells, never from a value."""
    key = "|".join((relation.table_id or "", relation.kind, *sorted(relation.fact_ids), relation.claim or ""))
    return hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()[:16]


def _sentence(relation: Relation) -> str:
    what = f"{relation.subject}: {relation.claim}"
    if relation.verdict == "holds":
        return f"{what} holds: {number(relation.found)}."
    text = f"{what} gives {number(relation.expected)}, but {number(relation.found)} is printed"
    return "; ".join(part for part in (text, relation.remark, relation.gap, relation.because) if part) + "."


def _header_claim(members: Sequence[Relation]) -> Check:
    """One finding for a formula that the numbers of its column refute."""
    first = next(r for r in members if r.verdict == "fails")
    fails = sum(r.verdict == "fails" for r in members)
    ids = [r.result.fact_id for r in members if r.result is not None and r.verdict == "fails"]
    check = as_check(first)
    told = sum(r.tells() for r in members)
    return Check(
        check_id=hashlib.sha1(f"header|{first.table_id}|{first.claim}".encode(), usedforsecurity=False).hexdigest()[
            :16
        ],
        table_id=first.table_id,
        kind="header_claim",
        subject=first.claim or "",
        fact_ids=ids,
        pins=[],
        page=check.page,
        bbox=check.bbox,
        claim=first.claim,
        expected=None,
        found=None,
        difference=None,
        verdict="fails",
        suggestion=None,
        explanation=f"The header claims {first.claim}, but {fails} of the {told} rows with numbers do not follow it.",
    )


def _refuted_units(table: MeantTable) -> list[Check]:
    """A unit in the header (`Rp.000`) that the numbers of its column deny."""
    out: list[Check] = []
    for column in table.columns:
        if column.claimed_multiplier is None or column.claimed_multiplier == column.multiplier:
            continue
        facts = [f for f in table.facts if f.column_no == column.index]
        key = f"unit|{table.table_id}|{column.index}"
        units = number(column.claimed_multiplier)
        text = f"The header `{column.label}` claims units of {units} rupiah; the amounts do not."
        first = facts[0] if facts else None
        out.append(
            Check(
                check_id=hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()[:16],
                table_id=table.table_id,
                kind="header_claim",
                subject=column.label,
                fact_ids=[f.fact_id for f in facts],
                pins=[],
                page=first.page if first is not None else None,
                bbox=first.bbox if first is not None else None,
                claim=column.label,
                expected=column.multiplier,
                found=column.claimed_multiplier,
                difference=None,
                verdict="fails",
                suggestion=None,
                explanation=text,
            )
        )
    return out


def _capped(facts: Sequence[Fact]) -> Problem:
    """One note for a column that prints 100 where more was reached."""
    first = facts[0]
    return Problem(
        page=first.page,
        table_id=first.table_id,
        bbox=first.bbox,
        kind="capped_percent",
        severity="note",
        text=first.raw,
        explanation=f"{len(facts)} percentage(s) of {first.column_label} are printed as 100 although more was reached.",
    )
