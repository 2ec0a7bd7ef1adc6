"""Blame: which single cell, and which other value of it, would make every check around it hold.

The printed value stays the value; what is found here is a proposal. Where several cells explain a failure equally well
none is proposed and all are named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from pipeline.checks.grid import Grid
from pipeline.checks.proposals import LEFT_OUT, NEIGHBOUR, RATIO_KEPT, Blame, Proposal, plausible, telling
from pipeline.checks.relations import Relation, number, plain
from pipeline.checks.several import MOST_OPEN, Changes, moved, two_slips
from pipeline.checks.slips import CHANGED
from pipeline.facts import Fact


def assign_blame(relations: Sequence[Relation], grids: Sequence[Grid]) -> None:
    """Sets `culprit`, `suggestion` and `because` on the failing relations.

    The best supported proposal is accepted first, and the rest explained as if it were printed: of two errors in one
    table each then has only its own failures to explain.
    """
    blame = Blame(relations, grids)
    open_ones = {id(r): r for r in relations if r.verdict == "fails" and r.trusted and not r.gap}
    known: dict[int, list[Proposal]] = {}
    try:
        for relation in list(open_ones.values()):
            _exchange(blame, open_ones, relation)
            if id(relation) in open_ones and (changes := moved(blame, relation)) is not None:
                _accept_all(blame, open_ones, changes)
        _explain_one_by_one(blame, open_ones, known)
        for relation in list(open_ones.values())[:MOST_OPEN]:
            if id(relation) in open_ones and (changes := two_slips(blame, relation)) is not None:
                _accept_all(blame, open_ones, changes)
                known.clear()
        _explain_one_by_one(blame, open_ones, known)
        for key, relation in open_ones.items():
            relation.because = _tie(known.get(key, []))
            relation.suspected = [p.fact.fact_id for p in known.get(key, []) if plausible(p)]
    finally:
        blame.restore()


def _explain_one_by_one(blame: Blame, open_ones: dict[int, Relation], known: dict[int, list[Proposal]]) -> None:
    """Accepts the best supported proposal for a single cell until none is left that is plain."""
    order = {key: -place for place, key in enumerate(open_ones)}
    unexplained = Counter(i for r in open_ones.values() for i in r.fact_ids)
    while open_ones:
        for key, relation in open_ones.items():
            if key not in known:
                known[key] = blame.explain(relation)
        choices = [
            (p.rank, key, p)
            for key, r in open_ones.items()
            if (found := known[key]) and (p := _choose(r, found, unexplained)) is not None
        ]
        if not choices:
            break
        _, key, chosen = max(choices, key=lambda c: (c[0], order[c[1]]))
        before = list(open_ones.items())
        _settle(blame, open_ones, known, open_ones[key], chosen)
        for key, relation in before:
            if key not in open_ones:
                unexplained.subtract(relation.fact_ids)


def _exchange(blame: Blame, open_ones: dict[int, Relation], relation: Relation) -> None:
    """Accepts that two neighbours changed places, where that mends several failures at once."""
    pair = blame.exchange(relation) if id(relation) in open_ones else None
    if pair is None:
        return
    _accept_all(blame, open_ones, [(f, o.value) for f, o in (pair, pair[::-1])])


def _accept_all(blame: Blame, open_ones: dict[int, Relation], changes: Changes) -> None:
    """Accepts that several cells are wrong; a check that holds several of them names one that no other check names."""
    named: set[str] = set()
    together = [fact.fact_id for fact, _ in changes]
    failing = {id(r): r for i in together for r in blame.around.get(i, []) if blame.fails(r)}
    for relation in sorted(failing.values(), key=lambda r: len(set(together) & set(r.fact_ids))):
        mine = [(fact, value) for fact, value in changes if fact.fact_id in relation.fact_ids]
        fact, value = next((c for c in mine if c[0].fact_id not in named), mine[0])
        named.add(fact.fact_id)
        fixes = sum(fact.fact_id in r.fact_ids for r in failing.values())
        if value is None:
            relation.culprit, relation.because = (
                fact.fact_id,
                "numbers of this column stand one row off; this one is lost",
            )
        else:
            _accept(relation, Proposal(fact, value, fixes, NEIGHBOUR))
        relation.partners = [other.fact_id for other, _ in mine if other is not fact]
        open_ones.pop(id(relation), None)
    for fact, value in changes:
        if value is not None:
            blame.mend(fact, value)
    for relation in failing.values():
        blame.failing.discard(id(relation))


def _settle(
    blame: Blame, open_ones: dict[int, Relation], known: dict[int, list[Proposal]], relation: Relation, chosen: Proposal
) -> None:
    """Accepts a proposal for every failure that it mends, and forgets what was found before it was known."""
    fact_id = chosen.fact.fact_id
    mended = [relation]
    if chosen.value is not None:
        around = [*blame.around.get(fact_id, []), *(blame.wrong_claims.get(fact_id, []) if chosen.fixes > 1 else [])]
        mended = [r for r in around if blame.fails(r) and r.holds_with(fact_id, chosen.value)]
    for r in mended:
        # A rate is coarse: with a changed digit it comes out by chance more easily than with two exchanged ones.
        others = [o for o in mended if o.shape != "quotient" or chosen.evidence >= LEFT_OUT]
        _accept(r, chosen, alone=not any(_apart(r, other, fact_id) for other in others))
        open_ones.pop(id(r), None)
    if chosen.value is None:
        return
    near = {id(r) for fact in _near(blame, chosen.fact) for r in blame.around.get(fact, [])}
    blame.mend(chosen.fact, chosen.value)
    for key in near:
        known.pop(key, None)


def _near(blame: Blame, fact: Fact) -> set[str]:
    """The facts that stand in a relation with a fact."""
    around = [*blame.around.get(fact.fact_id, []), *blame.wrong_claims.get(fact.fact_id, [])]
    return {i for r in around for i in r.fact_ids}


def _choose(relation: Relation, proposals: list[Proposal], unexplained: Mapping[str, int]) -> Proposal | None:
    """The proposal to accept; None where none is plain. `unexplained` counts the open failures that a fact stands in."""
    best = proposals[0]
    alone = len(proposals) == 1 or proposals[1].rank < best.rank
    if best.fixes > 1 and alone:
        return best
    if best.fixes > 1 and len(proposals) > 1 and proposals[1].rank == best.rank:
        return None
    result = relation.result
    if relation.shape == "quotient" and result is not None:
        if any(unexplained[f.fact_id] > 1 for f in relation.inputs):
            return None  # a lone quotient suspects its result; this one is not alone
        return next((p for p in proposals if p.fact.fact_id == result.fact_id and p.value is not None), None)
    # One failure alone: the slip must be plain, and no other cell's nearly as likely.
    runner_up = proposals[1].evidence if len(proposals) > 1 else 0
    return best if best.evidence > NEIGHBOUR and best.evidence - runner_up >= 2 else None


def _apart(relation: Relation, other: Relation, fact_id: str) -> bool:
    """Whether another relation tells the value of a cell without leaning on anything else of this one."""
    return other is not relation and set(relation.fact_ids) & set(other.fact_ids) == {fact_id}


def _accept(relation: Relation, proposal: Proposal, alone: bool = True) -> None:
    """`alone`: no other failure, of other cells, tells the same value."""
    relation.culprit = proposal.fact.fact_id
    # One part of two left out leaves a part that repeats the whole: that may be the wrong one just as well.
    repeats = proposal.value is None and len(relation.inputs) < 3
    exact = proposal.value is None or relation.exactly(*relation.values(proposal.fact.fact_id, proposal.value))
    if relation.shape == "sum" and relation.trusted and exact and not repeats and _proves(proposal, alone):
        # The rest of the sum is proved by the value that another source gives the culprit.
        relation.proved = [i for i in relation.fact_ids if i != relation.culprit]
    printed = " ".join(proposal.fact.raw.split()) or number(proposal.fact.value)
    if proposal.value is None:
        relation.suggestion = f"leave out {proposal.fact.fact_id}"
        relation.because = f"without {printed} (row {proposal.fact.row_no}) the sum holds"
        return
    relation.suggestion = f"{proposal.fact.fact_id}: {plain(proposal.value)}"
    more = f" and {proposal.fixes - 1} more failing check(s) with it" if proposal.fixes > 1 else ""
    relation.because = f"with {number(proposal.value)} instead of {printed} this check holds{more}"


def _proves(proposal: Proposal, alone: bool) -> bool:
    """Whether the proposed value is so sure that it proves the other numbers of its sum.

    A plain slip is not: of two digits exchanged in two cells each, a third cell may look like the culprit.
    """
    value = proposal.value if proposal.value is not None else proposal.fact.value
    if proposal.evidence == RATIO_KEPT:
        return True
    if value is None or not telling(value):
        return False
    return proposal.value is None or (not alone and proposal.evidence >= CHANGED)


def _tie(proposals: list[Proposal]) -> str:
    top = proposals[0] if proposals else None
    tied = [p for p in proposals if top and p.fixes == top.fixes and p.evidence > top.evidence - 2]
    named = "; ".join(
        f"{number(p.value)} for {number(p.fact.value)} (row {p.fact.row_no})" for p in tied[:4] if p.value is not None
    )
    return f"several cells explain it equally well: {named}" if len(tied) > 1 and named else ""


def proposal_of(suggestion: str | None) -> tuple[str, Decimal] | None:
    """(fact_id, value) that a check's suggestion proposes; None where it proposes no value."""
    if not suggestion or ": " not in suggestion:
        return None
    fact_id, _, value = suggestion.rpartition(": ")
    return fact_id, Decimal(value)
