"""Blame of several cells at once: a piece of a column that moved by a row, two slips that stand in one check.

Sought only for failures that no single cell explains. Nothing here proves a number: a proposal stays a proposal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.checks.proposals import Blame, Proposal
from pipeline.checks.relations import Relation
from pipeline.checks.slips import CHANGED
from pipeline.facts import Fact

#: Cells with their right numbers; None where nothing tells it.
Changes = list[tuple[Fact, Decimal | None]]
#: Longest piece of a column that is taken to have moved (rows).
PIECE = 6
#: More open failures than this are a document of another kind, not slips.
MOST_OPEN = 40


def moved(blame: Blame, relation: Relation) -> Changes | None:
    """The cells of a column piece whose numbers stand one row off, with their right numbers; None where none moved.

    It begins where a number is repeated; the number at its end is lost and follows from a check at best. All checks
    around the piece then hold, two failing ones or more among them.
    """
    for fact in relation.facts:
        column = blame.column_of(fact)
        for cells in (column, column[::-1]):
            at = next((i for i, f in enumerate(cells) if f is fact), -1)
            for begin in range(max(at - PIECE, 0) + 1, at + 1) if at > 0 else ():
                if not cells[begin].value or cells[begin].value != cells[begin - 1].value:
                    continue
                if len(blame.failing_around(cells[begin : begin + PIECE])) < 2:
                    continue
                for end in reversed(range(max(begin + 1, at), min(begin + PIECE, len(cells)))):
                    piece = (cells[begin].fact_id, cells[end].fact_id)
                    if piece in blame.unmoved:
                        continue
                    if (found := _restored(blame, cells[begin : end + 1])) is not None:
                        return found
                    blame.unmoved.add(piece)
    return None


def _restored(blame: Blame, piece: Sequence[Fact]) -> Changes | None:
    printed = [f.value for f in piece]
    if len(blame.failing_around(piece)) < 2 or any(f.fact_id in blame.mended for f in piece):
        return None
    around = {id(r): r for f in piece for r in blame.around.get(f.fact_id, [])}
    last = piece[-1]
    try:
        for fact, value in zip(piece, printed[1:], strict=False):
            fact.value = value
        broken = [r for r in around.values() if not r.within(*r.values())]
        lost = next((v for r in broken if (v := blame.solved(r, last)) is not None), None)
        if lost is None:
            unmended = {id(r) for r in broken}
            mended = sum(blame.fails(r) and id(r) not in unmended for r in around.values())
            if mended < 2 or not all(r.shape == "quotient" and last.fact_id in r.fact_ids for r in broken):
                return None
        elif lost == printed[-1]:
            return None
        else:
            last.value = lost
            if not all(r.within(*r.values()) for r in around.values()):
                return None
        values = [f.value for f in piece[:-1]] + [lost]
        return [(f, v) for f, v, old in zip(piece, values, printed, strict=True) if v != old]
    finally:
        for fact, value in zip(piece, printed, strict=True):
            fact.value = value


def two_slips(blame: Blame, relation: Relation) -> Changes | None:
    """Two cells of which each is a plain slip and that together mend two failures, the one standing in both."""
    found: dict[frozenset[tuple[str, Decimal | None]], tuple[int, Changes]] = {}
    for rank, changes in _pairs(blame, relation):
        key = frozenset((fact.fact_id, value) for fact, value in changes)
        found[key] = max(found.get(key, (0, changes)), (rank, changes), key=lambda one: one[0])
    ranked = sorted(found.values(), key=lambda one: one[0], reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 2):
        return None
    return ranked[0][1]


def _pairs(blame: Blame, relation: Relation) -> Iterator[tuple[int, Changes]]:
    alone = max((p.evidence for p in blame.explain(relation) if blame.plain_slip(p)), default=0)
    for fact in {f.fact_id: f for f in relation.facts}.values():
        if fact.fact_id in blame.mended:
            continue
        for first in blame.slips_of(relation, fact):
            left = [r for r in blame.around[fact.fact_id] if not r.holds_with(fact.fact_id, first.value or Decimal(0))]
            if len(left) != 1 or left[0] is relation or not blame.fails(left[0]):
                continue
            apart = alone and max((p.evidence for p in blame.explain(left[0]) if blame.plain_slip(p)), default=0)
            for second in _after(blame, first, left[0]):
                rank = first.evidence + second.evidence
                if not apart or rank - alone - apart >= 2:  # two cells that have nothing to do with each other
                    yield rank, [(p.fact, p.value) for p in (first, second)]


def _after(blame: Blame, first: Proposal, relation: Relation) -> list[Proposal]:
    """The plain slips that explain a failure as if the first proposal were printed."""
    printed, first.fact.value = first.fact.value, first.value
    try:
        found = blame.explain(relation)
    finally:
        first.fact.value = printed
    return [p for p in found if p.fact is not first.fact and p.evidence >= CHANGED and blame.plain_slip(p)]
